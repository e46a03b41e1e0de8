"""Which networks take part where every one is smoothed: one that is certified, and some beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from core.base.options import Control, Widget
from core.problems.names import Identity
from core.problems.scenario import PhotoScenario
from core.reports.titles import OBJECTIVES, short
from core.zoo.metadata import Metadata
from pages.widgets.page import names
from pages.widgets.page.controls import Controls

CHOSEN = Control("Smoothed and certified")
COMPARED = Control("Compared with", Widget.PILLS)
DEFENDED = ("smt-grad", "smt-adv", "smoothing", "adv", "adversarial", "jcb", "ord", "standard", "start")
"""Objectives, the most robust one first."""
BESIDE = (("ord", "standard", "start"), ("adv", "adversarial"))
"""Of each the first that there is stands beside it at first: no defence, and adversarial training."""


def usable(here: Sequence[Metadata]) -> bool:
    """Whether there is anything to show."""
    return bool(here)


def first(usual: PhotoScenario, here: Sequence[Metadata]) -> PhotoScenario:
    """The usual scenario with the most robust network there is, beside an ordinary and an adversarial one; of
    several levels the usual one, or the lowest."""
    factors = {model.name: Identity.parse(model.name).factor for model in here}
    factor = usual.factor if usual.factor in factors.values() else min(factors.values(), default=usual.factor)
    same = [name for name in factors if factors[name] == factor]
    wished = [usual.checkpoint] * (usual.checkpoint in same) + same
    there: dict[str, str] = {}
    for name in wished:
        there.setdefault(Identity.parse(name).objective, name)
    chosen = next((there[each] for each in DEFENDED if each in there), usual.checkpoint)
    wanted = (
        next((there[each] for each in kind if there.get(each, chosen) != chosen), "") for kind in BESIDE
    )
    return usual.replace(checkpoint=chosen, compare=tuple(filter(None, wanted)))


def check(scenario: PhotoScenario, here: Sequence[Metadata]) -> tuple[PhotoScenario, list[str]]:
    """The scenario with networks that are there, and a sentence if some are not."""
    if not {"checkpoint", "compare"} & st.query_params.keys():
        return first(scenario, here), []
    there = {model.name for model in here}
    missing = [name for name in scenario.networks if name not in there]
    if not missing or not here:
        return scenario, []
    said = [names.absent(missing)]
    kept = [name for name in (scenario.checkpoint, *scenario.compare) if name in there]
    if not kept:
        return first(scenario, here), said
    return scenario.replace(checkpoint=kept[0], compare=tuple(kept[1:])), said


def beside(scenario: PhotoScenario) -> dict[str, Any]:
    """What the widgets below say at a scenario."""
    return {"chosen": scenario.checkpoint, "compared": list(scenario.compare)}


def draw_smoothed(controls: Controls[PhotoScenario], here: Sequence[Metadata]) -> None:
    """Choose the network that is smoothed."""
    offered = _offered(controls, here)
    called = {short(name): OBJECTIVES[Identity.parse(name).objective][1] for name in offered}
    several = len({Identity.parse(name).factor for name in offered}) > 1
    controls.draw(
        "chosen", CHOSEN, values=offered, said=_with_factor if several else short,
        more="The network that is smoothed, by the way it was trained. "
        + "; ".join(f"{title}: {what}" for title, what in called.items()),
    )  # fmt: skip


def _with_factor(name: str) -> str:
    """A network among those of other factors; the name of a published one says its own."""
    identity = Identity.parse(name)
    return short(name) if identity.family else f"×{identity.factor}: {short(name)}"


def draw(controls: Controls[PhotoScenario], here: Sequence[Metadata]) -> None:
    """Choose those beside it."""
    offered = _offered(controls, here)
    if others := _others(controls["chosen"], offered):
        controls.draw(
            "compared", COMPARED, values=others, said=short,
            more="Each of these is attacked itself and smoothed too; every one takes its time.",
        )  # fmt: skip


def chosen(
    controls: Controls[PhotoScenario], here: Sequence[Metadata], strength: float | None = None
) -> list[str]:
    """The networks as the widgets have them now, the smoothed one last; the same at any strength."""
    _offered(controls, here)
    smoothed: str = controls["chosen"]
    return [*names.in_order(name for name in controls["compared"] if name != smoothed), smoothed]


def _offered(controls: Controls[PhotoScenario], here: Sequence[Metadata]) -> list[str]:
    """Those that there are; a common start only where it is asked for, or alone.

    After a change of the problem the widgets say networks that were trained the same way for the other one.
    """
    there = names.in_order(model.name for model in here)
    asked = {controls["chosen"], *controls["compared"]}
    offered = [name for name in there if not name.endswith("-start") or name in asked or len(there) == 1]
    same = {name.partition("-")[2]: name for name in offered}
    found, *compared = (
        same.get(name.partition("-")[2], "") for name in (controls["chosen"], *controls["compared"])
    )
    if not found:
        usual = first(controls.kind(), here)
        found, compared = usual.checkpoint, [*usual.compare]
    controls.let("chosen", found)
    controls.let("compared", _others(found, filter(None, compared)))
    return offered


def _others(chosen: str, networks: Iterable[str]) -> list[str]:
    """Those that may stand beside a network: of its factor."""
    factor = Identity.parse(chosen).factor
    return [name for name in networks if name != chosen and Identity.parse(name).factor == factor]
