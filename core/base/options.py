"""Frozen values whose fields are declared once, with meaning and limits, and have many forms.

From one declaration come the command line's options, the page's widgets, the URL's query
parameters, the key in the results store and JSON: see :class:`core.problems.scenario.Scenario`.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, asdict, dataclass, field, fields, replace
from enum import StrEnum, auto
from typing import Any, ClassVar, Self

from core.base.errors import UserError, shortened

APPROXIMATELY = " ≈ "
"""Between a level and what it is in another unit."""


class Widget(StrEnum):
    """What a page draws for a person to choose a value with."""

    SLIDER = auto()
    """Over listed values."""
    RANGE = auto()
    """A slider over all values between the limits."""
    SELECT = auto()
    SEGMENTS = auto()
    PILLS = auto()
    """Any number of the values."""
    NUMBER = auto()
    TOGGLE = auto()


@dataclass(frozen=True)
class Control:
    """How a person chooses a value; plain data, from which a page draws a widget.

    Attributes:
        label: what stands beside the widget, with the symbol of the formulas.
        widget: its kind.
        values: those offered, in their order; by default the field's choices.
        names: what values are called, where that is not how they are written; a function, where more may
            be registered later.
        formerly: values by what links called them once, where that is not how they are called now.
        form: how all others are written, a format string.
        unit: ``standardised`` levels are shown with their grey levels beside them.
        group: heading that the widget stands under; without one a page places it.
        when: another field, and its values at which this one means something.
    """

    label: str
    widget: Widget = Widget.SELECT
    values: Sequence[Any] = ()
    names: Mapping[Any, str] | Callable[[], Mapping[Any, str]] = field(default_factory=dict)
    formerly: Mapping[str, str] = field(default_factory=dict)
    form: str = "{}"
    unit: str = ""
    group: str = ""
    when: tuple[str, Sequence[Any]] | None = None

    def said(self, value: Any) -> str:
        """A value in words.

        >>> Control("Field of view", names={0: "full resolution"}, form="photo at {} px").said(160)
        'photo at 160 px'
        """
        names = self.names() if callable(self.names) else self.names
        return names[value] if value in names else self.form.format(value)


def option(
    default: Any,
    text: str | Callable[[], str],
    control: Control | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[Any, ...] | Callable[[], tuple[Any, ...]] = (),
    before: Any = None,
    former: str = "",
) -> Any:
    """A field with its default, its meaning in one sentence, its control, and its limits or choices.

    Meaning and choices can be functions, where more choices may be registered later. ``before`` is what a
    link or a talk means that does not name the field, where that is another value than today's default:
    links are older than defaults. ``former`` are the field's names in links that are older than the present
    one, parted by spaces.
    """
    declared = {"help": text, "low": low, "high": high, "choices": choices, "control": control}
    declared["former"] = former
    return field(default=default, metadata={**declared, "unnamed": default if before is None else before})


def key_of(values: Mapping[str, Any]) -> str:
    """16 hexadecimal digits over named values, whatever their order: the key of a row or a scenario."""
    canonical = json.dumps(dict(values), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def between(low: float, high: float) -> str:
    """Limits in words.

    >>> between(0.5, 1000)
    'between 0.5 and 1,000'
    """
    first, last = (f"{limit:,}" if isinstance(limit, int) else f"{limit:g}" for limit in (low, high))
    return f"between {first} and {last}"


def within(name: str, value: float, low: float | None, high: float | None) -> None:
    """Check a number against its limits, if it has any; what is not a number lies outside.

    Raises:
        UserError: one sentence with the limits.
    """
    if low is not None and high is not None and not low <= value <= high:
        raise UserError(f"{name} is {shortened(value, 20)}: it must lie {between(low, high)}.")


def whole(text: str) -> int | None:
    """A whole number of at most nine digits; None for any other text.

    >>> whole("17"), whole("-1"), whole("9" * 400)
    (17, None, None)
    """
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _says(query: Mapping[str, str], declared: Field[Any]) -> bool:
    """Whether a link says a field: an empty text says no value, unless there may be none of several."""
    return bool(query.get(declared.name)) or (declared.name in query and isinstance(declared.default, tuple))


@dataclass(frozen=True)
class Options:
    """Base of such values; a subclass declares its fields with :func:`option`.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    command: ClassVar[tuple[str, ...]] = ()
    """Words of the shell line that takes these options, before them."""
    always: ClassVar[tuple[str, ...]] = ()
    """Fields that the shell line names even at their default."""

    def __post_init__(self) -> None:
        for declared in fields(self):
            value, choices = getattr(self, declared.name), self.choices(declared.name)
            if choices and value not in choices:
                raise UserError(
                    f"{declared.name} is “{shortened(value)}”: choose one of {', '.join(map(str, choices))}."
                )
            within(declared.name, value, declared.metadata["low"], declared.metadata["high"])

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed (and checked)."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """All fields, JSON-ready."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    def decisive(self) -> dict[str, Any]:
        """The fields that decide the result: all of them, unless a subclass knows better."""
        return self.to_dict()

    def key(self) -> str:
        """Key in the results store: 16 hexadecimal digits over all fields that decide the result."""
        return key_of(self.decisive())

    def to_query(self) -> dict[str, str]:
        """URL query parameters: the fields that differ from what a link means without them."""
        return {
            declared.name: _to_text(getattr(self, declared.name))
            for declared in fields(self)
            if getattr(self, declared.name) != declared.metadata["unnamed"]
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Self:
        """The value that a URL says; parameters that are not fields are ignored.

        Without any field it is the default.

        Raises:
            UserError: if a value cannot be read or is out of range.
        """
        former = {name: o.name for o in fields(cls) for name in o.metadata["former"].split()}
        query = {former.get(name, name): text for name, text in query.items()}
        if not any(_says(query, declared) for declared in fields(cls)):
            return cls()
        return cls(
            **{
                o.name: _from_text(cls, o, query[o.name]) if o.name in query else o.metadata["unnamed"]
                for o in fields(cls)
            }
        )

    @classmethod
    def readable_part(cls, query: Mapping[str, str]) -> Self:
        """What a URL says in those parameters that can be read together, in their order."""
        kept: dict[str, str] = {}
        for name, value in query.items():
            try:
                cls.from_query({**kept, name: value})
            except UserError:
                continue
            kept[name] = value
        return cls.from_query(kept)

    def to_command(self) -> str:
        """The shell line that computes this value's numbers."""
        words = [*self.command]
        declared = {o.name: o for o in fields(self)}
        for name in (*self.always, *(name for name in declared if name not in self.always)):
            value = getattr(self, name)
            if name not in self.always and value == declared[name].default:
                continue
            flag = f"--{name.replace('_', '-')}"
            if isinstance(value, bool):
                words.append(flag if value else f"--no-{flag.removeprefix('--')}")
            elif isinstance(value, tuple):
                words += [word for item in value for word in (flag, item)]
            else:
                words += [flag, _to_text(value)]
        return shlex.join(words)

    @classmethod
    def limits(cls, name: str) -> tuple[float, float]:
        """Lowest and highest value of a numeric field."""
        metadata = cls._declared(name).metadata
        return metadata["low"], metadata["high"]

    @classmethod
    def choices(cls, name: str) -> tuple[Any, ...]:
        """The values to choose a field from, as they are now; none if it is not a matter of choice."""
        declared = cls._declared(name).metadata["choices"]
        found: tuple[Any, ...] = declared() if callable(declared) else declared
        return found

    @classmethod
    def explain(cls, name: str) -> str:
        """What a field means, in one sentence."""
        text: str | Callable[[], str] = cls._declared(name).metadata["help"]
        return text() if callable(text) else text

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """How a person chooses each field that declares it, with the values offered in the field's type."""
        found = {}
        for declared in fields(cls):
            control: Control | None = declared.metadata["control"]
            if control:
                written: Any = str if isinstance(declared.default, tuple) else type(declared.default)
                values = control.values or cls.choices(declared.name)
                found[declared.name] = replace(control, values=tuple(map(written, values)))
        return found

    @classmethod
    def _declared(cls, name: str) -> Field[Any]:
        return next(declared for declared in fields(cls) if declared.name == name)


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _from_text(owner: type[Options], declared: Field[Any], text: str) -> Any:
    default: Any = declared.default
    control = owner.controls().get(declared.name)
    if control:  # links once spelled values as pages do
        said = {control.said(value): _to_text(value) for value in control.values}
        text = {**said, **control.formerly}.get(text, text)
        text = text.partition(APPROXIMATELY)[0] if control.unit else text
    try:
        if isinstance(default, bool):
            return {"0": False, "1": True, "false": False, "true": True}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part for part in text.split(",") if part)
        return type(default)(text)
    except (KeyError, ValueError) as error:
        where = f": see {' '.join(owner.command)} --help" if owner.command else ""
        raise UserError(f"{declared.name} cannot be “{shortened(text)}”{where}.") from error
