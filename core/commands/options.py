"""Command-line options from a declaration (:mod:`core.options`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any, get_type_hints

import typer

from core.options import Options


def with_options(kind: type[Options]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give ``command(scenario, ...)`` one option per field of ``kind`` instead of ``scenario``."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(kind)
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
        options = []
        repeated = {field.name for field in fields(kind) if isinstance(field.default, tuple)}
        for field in fields(kind):
            default: Any = field.default
            default = list(default) if field.name in repeated else default
            annotation = list[str] if field.name in repeated else hints[field.name]
            options.append(
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=default,
                    annotation=Annotated[annotation, typer.Option(help=field.metadata["help"])],
                )
            )

        def replaced(**given: Any) -> None:
            values = {field.name: given.pop(field.name) for field in fields(kind)}
            values |= {name: tuple(values[name]) for name in repeated}
            command(kind(**values), **given)

        replaced.__doc__ = command.__doc__
        replaced.__name__ = command.__name__
        replaced.__signature__ = inspect.Signature([*options, *own])  # type: ignore[attr-defined]
        replaced.__annotations__ = {p.name: p.annotation for p in (*options, *own)}
        return replaced

    return decorate
