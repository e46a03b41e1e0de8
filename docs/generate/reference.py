"""Pages of the command line and of the Python interface, from the code itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import typer

import core
from core.commands import application

PROGRAM = "python -m core"


def _commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name, command in group.commands.items():
        words = f"{path} {name}".strip()
        if hasattr(command, "commands"):
            yield from _commands(command, words)
        else:
            yield words, command


def _page(words: str, command: Any) -> str:
    """One command: what it does, its arguments and options."""
    context = typer.Context(command, info_name=f"{PROGRAM} {words}")
    lines = [f"# {words}", "", inspect.cleandoc(command.help or ""), "", "```"]
    lines += [" ".join([context.info_name or "", *command.collect_usage_pieces(context)]), "```"]
    heads: list[str] = []
    for parameter in command.get_params(context):
        if parameter.name == "help":
            continue
        if not heads:
            heads = ["", "| | meaning | default |", "|---|---|---|"]
            lines += heads
        option = parameter.param_type_name == "option"
        name = ", ".join(parameter.opts) if option else (parameter.name or "").upper()
        lines.append(f"| `{name}` | {_cell(getattr(parameter, 'help', ''))} | {_default(parameter)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").replace("|", "\\|")


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or value == [] or callable(value):
        return ""
    if isinstance(value, bool):
        return "on" if value else ""
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else f"{value}"
    return f"`{text}`" if text else ""


_ALL = dict(_commands(typer.main.get_command(application)))

COMMANDS: Mapping[str, Callable[[], str]] = {
    words.replace(" ", "-"): partial(_page, words, command) for words, command in _ALL.items()
}
"""Pages by file name."""


def commands() -> str:
    """Every command in a line, with its page."""
    lines = ["| command | what it does |", "|---|---|"]
    for words, command in _ALL.items():
        first = inspect.cleandoc(command.help or "").split("\n\n")[0]
        lines.append(f"| [`{PROGRAM} {words}`](commands/{words.replace(' ', '-')}.md) | {_cell(first)} |")
    return "\n".join(lines)


def interface() -> str:
    """The functions for networks of one's own, with their docstrings."""
    parts = []
    for name in core.__all__:
        function = getattr(core, name)
        text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", inspect.cleandoc(function.__doc__ or ""))
        for written, read in _FORMULAS.items():
            text = text.replace(written, read)
        parts.append(
            f"## {name}\n\n```python\n{_signature(function)}\n```\n\n{_examples(text.replace('``', '`'))}"
        )
    return "\n\n".join(parts)


_FORMULAS = {r"\|": "‖", r"\le": "≤", r"\delta": "δ", "_2": "₂"}
"""What docstrings have as formulas, for a page that has none."""


def _signature(function: Callable[..., Any]) -> str:
    """Its parameters, one a line."""
    found = inspect.signature(function)
    lines: list[str] = []
    apart = False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not apart:
            lines, apart = [*lines, "*"], True
        lines.append(
            str(parameter).replace("'", "")
            if parameter.default in (None, parameter.empty)
            else re.sub(r"'([^']*)'(?= =)", r"\1", str(parameter))
        )
    inside = "".join(f"    {line},\n" for line in lines)
    return f"{function.__name__}(\n{inside}) -> {found.return_annotation!s}"


def _examples(text: str) -> str:
    """A docstring with its examples and lists of arguments as blocks of code."""
    found = []
    for block in text.split("\n\n"):
        code = block.startswith((">>>", "Args:", "Returns:", "Raises:"))
        found.append(f"```\n{block}\n```" if code else block)
    return "\n\n".join(found)
