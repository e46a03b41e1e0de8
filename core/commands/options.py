"""Command-line options from declarations (:mod:`core.options`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Annotated, Any, get_type_hints

import typer

from core.errors import UserError
from core.options import Options

CONTEXT = "context"


def with_options(kind: type[Options]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give ``command(scenario, ...)`` one option per field of ``kind`` instead of ``scenario``."""
    return with_options_of((kind,), lambda given: kind)


def with_options_of(
    kinds: tuple[type[Options], ...], choose: Callable[[dict[str, Any]], type[Options]]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same for several kinds of values, which share the names of some fields.

    Args:
        kinds: the first one's defaults are shown for what all have.
        choose: says which kind the options that were given mean. Options that this kind does not
            have are refused, in one sentence.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
        declared: dict[str, tuple[type[Options], Field[Any]]] = {}
        for kind in kinds:
            for field in fields(kind):
                declared.setdefault(field.name, (kind, field))
        options = [_parameter(kind, field, len(kinds) > 1) for kind, field in declared.values()]
        context = inspect.Parameter(CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)

        def replaced(**given: Any) -> None:
            asked = given.pop(CONTEXT)
            values = {name: given.pop(name) for name in declared}
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
        replaced.__signature__ = inspect.Signature([context, *options, *own])  # type: ignore[attr-defined]
        replaced.__annotations__ = {p.name: p.annotation for p in (context, *options, *own)}
        return replaced

    return decorate


def _parameter(kind: type[Options], field: Field[Any], grouped: bool) -> inspect.Parameter:
    default: Any = field.default
    repeated = isinstance(default, tuple)
    annotation = list[str] if repeated else get_type_hints(kind)[field.name]
    panel = (kind.__doc__ or "").split("\n")[0].rstrip(".") if grouped else None
    option = typer.Option(help=field.metadata["help"], rich_help_panel=panel)
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=list(default) if repeated else default,
        annotation=Annotated[annotation, option],
    )
