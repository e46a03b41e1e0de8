"""Command-line options: those that commands share, with limits; and the fields of scenarios as options."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import Field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import typer

from core.attacks.terms import ATTACKED
from core.base.errors import UserError, existing
from core.base.options import Options, between, within
from core.problems import PROBLEMS
from core.problems.denoising import DenoisingScenario
from core.problems.digits.problem import DigitsScenario
from core.problems.problem import Problem
from core.problems.super_resolution import SuperResolutionScenario

CONTEXT = "context"

RENAMED = {"folder": "checkpoints", "digit": "image", "epsilon": "eps", "n": "samples"}
"""Options by the name that they had before, which is still understood."""


def attack_kind(given: str | None) -> str | None:
    """One of :data:`core.attacks.terms.ATTACKED`, if one is named.

    Raises:
        UserError: for any other.
    """
    return None if given is None else existing("attack of evaluations", given, ATTACKED)


def number(text: str, low: float, high: float, *names: str, panel: str | None = None) -> Any:
    """An option with one or more numbers, and their limits.

    Args:
        text: what it means.
        low: smallest value.
        high: largest value; what is not a number is refused like one beyond it.
        names: of the option, if they are not its argument's.
        panel: heading in the help that it stands under.
    """

    def check(param: typer.CallbackParam, value: Any) -> Any:
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                within(param.opts[0].removeprefix("--").replace("-", "_"), each, low, high)
        return value

    said = f"{text.rstrip('.')} ({between(low, high)})."
    return typer.Option(*names, help=said, callback=check, rich_help_panel=panel)


def like(kind: type[Options], name: str, text: str = "", *names: str) -> Any:
    """An option with the limits of a scenario's field, and its meaning unless ``text`` says another."""
    return number(text or kind.explain(name), *kind.limits(name), *names)


def problem_named(name: str) -> Problem:
    """A problem by its name.

    Raises:
        UserError: if there is none such.
    """
    return PROBLEMS[existing("problem", name, PROBLEMS)]


ProblemName = Annotated[str, typer.Option("--problem", help=f"{', '.join(PROBLEMS)}.")]
AttackKind = Annotated[
    str | None,
    typer.Option("--attack", help=f"{'; '.join(f'{key}: {said}' for key, said in ATTACKED.items())}."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps or auto.")]
Precision = Annotated[str, typer.Option(help="float32, bfloat16 or auto, which measures.")]
Cluster = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler (tcp://…): its workers compute.")
]
Studied = Annotated[
    Path | None,
    typer.Option(help="Folder of photos, e.g. photos_test. Without it: print what the store has."),
]
Threads = Annotated[int, number("CPU threads; 0 leaves it to torch.", 0, 256)]
Memory = Annotated[int, number("MiB that a run on a whole photo may take.", 1024, 1_000_000)]
Folder = Annotated[Path | None, typer.Option("--checkpoints", help="Folder of checkpoints.")]
Results = Annotated[Path | None, typer.Option(help="Folder of results.")]
Limit = Annotated[int | None, number("Only the first photos by file name.", 1, 1_000_000)]
Seed = Annotated[int, like(SuperResolutionScenario, "seed", "Of everything random.")]
SigmaG = Annotated[float, like(SuperResolutionScenario, "sigma_g")]
Samples = Annotated[int, like(SuperResolutionScenario, "samples")]
Steps = Annotated[int, like(SuperResolutionScenario, "attack_steps", "Gradient steps of each attack.")]
Alpha = Annotated[float, like(DigitsScenario, "alpha", "Error probability of each certificate.")]
Draws = Annotated[int, number("Samples S; center smoothing needs about 10,000.", 6, 1_000_000)]
Setting = Annotated[list[float] | None, number("Values of how it is measured: σ_b, m/n, share, blur.", 0, 50)]
Size = Annotated[int | None, like(DenoisingScenario, "size", "Side of the crops in grey.")]


def each_once(command: Callable[..., None]) -> Callable[..., None]:
    """The command, for which a value that an option or argument is given twice counts once."""

    @functools.wraps(command)
    def counted(**given: Any) -> None:
        command(**{n: list(dict.fromkeys(v)) if isinstance(v, list) else v for n, v in given.items()})

    return counted


class _Signature(inspect.Signature):
    """A signature whose parameters are worked out when they are asked for."""

    __slots__ = ("_worked_out",)

    def __init__(self, worked_out: Callable[[], list[inspect.Parameter]]) -> None:
        super().__init__()
        self._worked_out = worked_out

    @property
    def parameters(self) -> MappingProxyType[str, inspect.Parameter]:
        return MappingProxyType({parameter.name: parameter for parameter in self._worked_out()})


def with_options_of(
    kinds: Callable[[], Sequence[type[Options]]], choose: Callable[[dict[str, Any]], type[Options]]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give ``command(scenario, ...)`` one option per field of some kinds of values instead of ``scenario``.

    What not all of them have stands apart in the help.

    Args:
        kinds: asked at every call, for more may be registered later; the first one's defaults are shown for
            what all have.
        choose: says which kind the options that were given mean. Options that this kind does not
            have are refused, in one sentence.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
        context = inspect.Parameter(CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)

        def options() -> list[inspect.Parameter]:
            there = kinds()
            found: dict[str, inspect.Parameter] = {}
            for kind in there:
                hints = get_type_hints(kind)
                for field in fields(kind):
                    apart = any(field.name not in other.__dataclass_fields__ for other in there)
                    found.setdefault(field.name, _parameter(kind, field, hints[field.name], apart))
            return [*found.values()]

        def replaced(**given: Any) -> None:
            asked = given.pop(CONTEXT)
            values = {name: given.pop(name) for name in given.keys() - {each.name for each in own}}
            values = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
            spoken = {n: v for n, v in values.items() if asked.get_parameter_source(n).name != "DEFAULT"}
            kind = choose(spoken)
            foreign = sorted(spoken.keys() - {field.name for field in fields(kind)})
            if foreign:
                flag = foreign[0].replace("_", "-")
                raise UserError(
                    f"--{flag} does not go with this network: see {' '.join(kind.command)} --help."
                )
            command(kind(**spoken), **given)

        replaced.__doc__ = command.__doc__
        replaced.__name__ = command.__name__
        replaced.__signature__ = _Signature(lambda: [context, *options(), *own])  # type: ignore[attr-defined]
        replaced.__annotations__ = {}
        return replaced

    return decorate


def _parameter(kind: type[Options], field: Field[Any], hint: Any, apart: bool) -> inspect.Parameter:
    default: Any = field.default
    repeated = isinstance(default, tuple)
    annotation = list[str] if repeated else hint
    panel = (kind.__doc__ or "").split("\n")[0].rstrip(".") if apart else None
    text, low, high = kind.explain(field.name), field.metadata["low"], field.metadata["high"]
    limited = low is not None and high is not None
    option = (
        number(text, low, high, panel=panel) if limited else typer.Option(help=text, rich_help_panel=panel)
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=list(default) if repeated else default,
        annotation=Annotated[annotation, option],
    )
