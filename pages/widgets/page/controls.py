"""Widgets from the declarations of an Options class: one road between widgets, address and its value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st

from core.attacks.terms import STRONGEST, THESIS
from core.base.errors import UserError
from core.base.options import Control, Options, Widget, option
from core.problems.controls import STANDARDISED
from pages.widgets.page import leave
from pages.widgets.page.numbers import both_units, plain

Kind = TypeVar("Kind", bound=Options)

STEP = 0.05
"""Of a slider over a range."""
WIDGETS: Mapping[Widget, Callable[..., Any]] = {
    Widget.SLIDER: st.select_slider,
    Widget.SELECT: st.selectbox,
    Widget.SEGMENTS: partial(st.segmented_control, required=True),
    Widget.PILLS: partial(st.pills, selection_mode="multi"),
}
METRICS = {"psnr": "PSNR", "ssim": "SSIM", "mse": "MSE"}
DEFENCE = Control("Smoothed network")
SWITCH = Control(
    "Attack", Widget.SEGMENTS, names={STRONGEST: "strongest known", THESIS: "as the thesis attacks (f alone)"}
)
STRENGTH = Control("Attack strength ε_rel", Widget.SLIDER, unit=STANDARDISED)


def one_of(
    label: str,
    names: Mapping[Any, str],
    *,
    widget: Widget = Widget.SEGMENTS,
    when: tuple[str, Sequence[Any]] | None = None,
    former: str = "",
    text: str = "",
) -> Any:
    """A field with one of a few values, at first the first; ``names`` are what they are called."""
    control = Control(label, widget, names=names, when=when)
    return option(next(iter(names)), text, control, choices=tuple(names), former=former)


def attack_switch() -> Any:
    """The field of the one switch between the strongest attacks and those of the thesis, in links that are
    older than it the latter."""
    return option(
        STRONGEST,
        "Strongest known: each estimator is attacked as it is deployed, with the strongest attack known. "
        "As the thesis attacks: PGD on each network, on its base network f alone where it is smoothed, which "
        "makes smoothing look better than it is.",
        SWITCH,
        choices=(STRONGEST, THESIS),
        before=THESIS,
    )


def distinct(values: Sequence[Any], said: Callable[[Any], str]) -> Callable[[Any], str]:
    """What values are called, with the value itself where two are called the same: the browser knows a
    choice by its label alone.

    >>> list(map(distinct((1, 2, -2), lambda value: f"level {abs(value)}"), (1, 2, -2)))
    ['level 1', 'level 2 (2)', 'level 2 (-2)']
    """
    count = Counter(map(said, values))
    return lambda value: said(value) if count[said(value)] < 2 else f"{said(value)} ({value})"


KNOWN, DRAWN = "controls.known", "controls.drawn"


def _keys(which: str) -> set[str]:
    found: set[str] = st.session_state.setdefault(which, set())
    return found


@contextmanager
def whole_run() -> Iterator[None]:
    """A run of a page, after which the browser knows what its widgets say.

    Streamlit tells a value that was set in that one run alone, and the browser forgets a widget that is not
    drawn, where the session may still have its value. So every value is told that was set, or whose widget
    was not there, since the last run that came to its end.
    """
    _keys(DRAWN).clear()
    yield
    st.session_state[KNOWN] = set(_keys(DRAWN))


@dataclass(frozen=True)
class Controls(Generic[Kind]):
    """The widgets of one page, which together say a value of a class, and whose links say it too.

    ``controls["eps_rel"]`` is what the widget of a field says, whether it is drawn yet or not; other
    names are widgets that the page has beside those of fields.

    Attributes:
        kind: the class.
        name: stands before the widgets' keys.
        page: the page that shows such values, by the last part of its address.
    """

    kind: type[Kind]
    name: str
    page: str

    def key(self, field: str) -> str:
        """Of a field's widget."""
        return f"{self.name}.{field}"

    def __getitem__(self, field: str) -> Any:
        return st.session_state[self.key(field)]

    def __setitem__(self, field: str, says: Any) -> None:
        st.session_state[self.key(field)] = says
        _keys(KNOWN).discard(self.key(field))

    def let(self, field: str, says: Any) -> None:
        """Let a widget say this where it says something else; one that is drawn already may not be set."""
        if self[field] != says:
            self[field] = says

    # -- from a link to the widgets, and from them to a value ----------------------------------

    def begin(
        self,
        check: Callable[[Kind], tuple[Kind, list[str]]] = lambda value: (value, []),
        beside: Callable[[Kind], Mapping[str, Any]] = lambda value: {},
    ) -> None:
        """Let every widget say something before any is drawn: what a link asks for, or was shown last.

        What of the link could not be used is said. Streamlit forgets widgets that are not drawn, as on
        another page; the value is remembered.

        Args:
            check: makes a link's value usable, with one sentence for each part that cannot be had.
            beside: what the page's other widgets say at a value.
        """
        opened = self.key("shown") not in st.session_state
        if opened:
            value, problems = self._asked()
            self["shown"], more = check(value)
            problems += more
            self["warning"] = " ".join([*problems, "What else the link says is shown."]) if problems else ""
        for field, says in {**vars(self.kind()), **vars(self["shown"]), **beside(self["shown"])}.items():
            if opened or self.key(field) not in st.session_state:
                self[field] = [*says] if isinstance(says, tuple) else says
        if self["warning"]:
            st.warning(plain(self["warning"]), icon=":material/link_off:")

    def _asked(self) -> tuple[Kind, list[str]]:
        query = {name: ",".join(st.query_params.get_all(name)) for name in st.query_params}
        try:
            return self.kind.from_query(query), []
        except UserError as problem:
            return self.kind.readable_part(query), [str(problem)]

    def value(self, **given: Any) -> Kind:
        """What the widgets say; fields without one are given.

        Raises:
            UserError: one sentence, if that cannot be.
        """
        says = {field.name: self[field.name] for field in fields(self.kind)}
        says = {name: tuple(said) if isinstance(said, list) else said for name, said in says.items()}
        self["shown"] = value = self.kind(**{**says, **given})
        return value

    def to_query(self) -> dict[str, str]:
        """The address of what the widgets say, without what means nothing beside the rest of it."""
        controls = self.kind.controls()
        return {
            name: text
            for name, text in self.value().to_query().items()
            if name not in controls or self._means(controls[name])
        }

    def open_at(self, value: Options) -> None:
        """Leave this page for the one that shows such values, at exactly this one."""
        st.session_state.pop(self.key("shown"), None)
        leave.to(self.page, value.to_query())

    # -- widgets -------------------------------------------------------------------------------

    def draw(
        self,
        field: str,
        control: Control | None = None,
        *,
        values: Sequence[Any] | None = None,
        said: Callable[[Any], str] | None = None,
        more: str = "",
        **how: Any,
    ) -> None:
        """Draw one widget.

        Args:
            field: a field, or the name of a widget beside them.
            control: of a widget beside them; a field declares its own.
            values: those offered, where only the page knows.
            said: what values are called, where only the page knows.
            more: ends the help.
            how: goes to the widget, as ``on_change`` or ``width``.
        """
        text = [] if control else [self.kind.explain(field)]
        control = control or self.kind.controls()[field]
        if not self._means(control):
            return
        unit = ""
        if control.unit == STANDARDISED:
            said = said or both_units
            unit = "Beside it stand its grey levels (0–255), RMS."
        key = self.key(field)
        _keys(DRAWN).add(key)
        if key not in _keys(KNOWN):
            st.session_state[key] = st.session_state[key]
        how |= {"key": key, "help": " ".join(filter(None, [*text, more, unit])) or None}
        if control.widget is Widget.TOGGLE:
            st.toggle(control.label, **how)
        elif control.widget is Widget.NUMBER:
            st.number_input(control.label, *map(int, self.kind.limits(field)), **how)
        elif control.widget is Widget.RANGE:
            st.slider(control.label, *map(float, self.kind.limits(field)), step=STEP, **how)
        else:
            said = said or control.said
            offered = self._offered(field, [*(values or control.values)], said)
            said = distinct(offered, said)
            WIDGETS[control.widget](control.label, offered, format_func=said, **how)

    def _means(self, control: Control) -> bool:
        return not control.when or self[control.when[0]] in control.when[1]

    def _offered(self, field: str, values: list[Any], said: Callable[[Any], str]) -> list[Any]:
        """The values, with that of a link among them."""
        now = self[field]
        if not isinstance(now, list) and now not in values:
            values = sorted([*values, now]) if values == sorted(values) else [*values, now]
        # The browser knows a choice by its label: where another widget changed them, it is told again.
        labels = [*map(distinct(values, said), values)]
        if st.session_state.get(f"{self.key(field)}.labels") != labels:
            st.session_state[f"{self.key(field)}.labels"] = labels
            self[field] = now
        return values

    def row(self, *names: str, **how: Mapping[str, Any]) -> None:
        """Draw fields beside each other; ``how`` goes to :meth:`draw`, by field."""
        columns = st.columns(len(names), vertical_alignment="bottom")
        for column, name in zip(columns, names, strict=True):
            with column:
                self.draw(name, **how.get(name, {}))

    def group(self, name: str, icon: str, heading: str = "", **how: Mapping[str, Any]) -> None:
        """Draw the fields of one group behind a heading; ``how`` goes to :meth:`draw`, by field."""
        with st.expander(heading or name, icon=icon):
            self.fields_of(name, **how)

    def fields_of(self, group: str, **how: Mapping[str, Any]) -> None:
        """Draw the fields of one group; ``how`` goes to :meth:`draw`, by field."""
        for field, control in self.kind.controls().items():
            if control.group == group:
                self.draw(field, **how.get(field, {}))

    def keep_among(
        self,
        field: str,
        values: Sequence[Any],
        usual: Any = None,
        said: Callable[[Any], str] = str,
    ) -> None:
        """Let a widget say one of the values that there are.

        Args:
            field: its name.
            values: those there are.
            usual: what stands for another one; by default the nearest.
            said: what values are called, as links once spelled them.
        """
        now = self[field]
        if now in values:
            return
        called = [value for value in values if said(value) == now]
        nearest = usual if usual is not None else min(values, key=lambda value: abs(value - now))
        self[field] = called[0] if called else nearest
