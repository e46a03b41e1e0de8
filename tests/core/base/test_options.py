"""Fields of scenarios in links and on the command line: numbers without bound, and switches that are on."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, fields
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from core.base.errors import UserError
from core.base.options import Options, option
from core.commands.options import each_once, with_options_of
from core.problems.denoising import DenoisingScenario
from core.problems.digits.problem import DigitsScenario
from core.problems.sensing import SensingScenario
from core.problems.super_resolution import SuperResolutionScenario as Scenario

KINDS: tuple[type[Options], ...] = (
    Scenario,
    DenoisingScenario,
    SensingScenario,
    DigitsScenario,
)
NUMBERS = [
    (kind, field.name)
    for kind in KINDS
    for field in fields(kind)
    if type(field.default) in (int, float) and field.metadata["high"] is not None
]


@pytest.mark.parametrize("text", ["9" * 400, "-" + "9" * 400, "9" * 5000, "1e999", "nan", "inf"])
@pytest.mark.parametrize(("kind", "name"), NUMBERS)
def test_a_number_without_bound_in_a_link_is_one_short_sentence(
    kind: type[Options], name: str, text: str
) -> None:
    with pytest.raises(UserError, match=f"^{name} ") as refused:
        kind.from_query({name: text})
    assert len(str(refused.value)) < 200
    assert kind.readable_part({name: text}) == kind()


@pytest.mark.parametrize(("kind", "name"), NUMBERS)
def test_a_number_that_no_float_can_hold_is_out_of_range(kind: type[Options], name: str) -> None:
    with pytest.raises(UserError, match="must lie between"):
        kind(**{name: 10**400})


@pytest.mark.parametrize("source", ["sample-", "test-", ""])
def test_a_digit_with_an_endless_number_is_one_short_sentence(source: str) -> None:
    with pytest.raises(UserError) as refused:
        DigitsScenario(image=source + "9" * 5000)
    assert len(str(refused.value)) < 250


BY_THE_PAGE = {"image", "checkpoint", "compare", "digit"}
"""Fields whose choice only a page can offer: photos and networks that are there, a pad."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_that_a_control_offers_is_one_of_its_field(kind: type[Options]) -> None:
    controls = kind.controls()
    assert {field.name for field in fields(kind)} - controls.keys() == BY_THE_PAGE & {
        field.name for field in fields(kind)
    }
    for name, control in controls.items():
        default = getattr(kind(), name)
        for value in control.values:
            assert getattr(kind().replace(**{name: value}), name) == value
            assert type(value) is type(default), "keys of rows tell 1 from 1.0"
        labels = [control.said(value) for value in control.values]
        assert len(set(labels)) == len(labels), "the browser knows a value by its label"


def test_a_control_offers_the_choices_of_its_field_by_their_names() -> None:
    control = Scenario.controls()["keep"]
    assert [control.said(value) for value in control.values] == ["iterate of highest loss", "last iterate"]
    assert Scenario.controls()["sigma_g"].values[:2] == (0.0, 0.05)
    assert Scenario.controls()["short_side"].said(0) == "full resolution"


@dataclass(frozen=True)
class Switches(Options):
    """Two switches."""

    command: ClassVar[tuple[str, ...]] = ("try",)

    usual: bool = option(True, "On unless said otherwise.")
    special: bool = option(False, "Off unless said otherwise.")


@pytest.mark.parametrize("usual", [True, False])
@pytest.mark.parametrize("special", [True, False])
def test_a_switch_that_is_on_by_default_is_turned_off_by_the_line_it_gives(
    usual: bool, special: bool
) -> None:
    caught: list[Options] = []

    def catch(scenario: Switches) -> None:
        """Remember them."""
        caught.append(scenario)

    application = typer.Typer()
    application.command()(with_options_of(lambda: (Switches,), lambda given: Switches)(catch))
    asked = Switches(usual, special)
    done = CliRunner().invoke(application, shlex.split(asked.to_command())[1:])
    assert done.exit_code == 0, done.output
    assert caught == [asked] == [Switches.from_query(asked.to_query())]


def test_a_value_given_twice_counts_once_in_the_order_of_the_first() -> None:
    caught: list[tuple[list[str], list[float] | None]] = []

    def catch(names: list[str], level: list[float] | None = None) -> None:
        """Remember them."""
        caught.append((names, level))

    application = typer.Typer()
    application.command()(each_once(catch))
    words = ["b", "a", "b", "--level", "0.5", "--level", "1", "--level", "0.50"]
    assert CliRunner().invoke(application, words).exit_code == 0
    assert CliRunner().invoke(application, ["a"]).exit_code == 0
    assert caught == [(["b", "a"], [0.5, 1.0]), (["a"], None)]
