"""Which blocks and files of README and docs are worked out, and what they say now.

A block stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``; NAME is a function of
:mod:`docs.generate.coverage`, :mod:`docs.generate.figures`, :mod:`docs.generate.others` or
:mod:`docs.generate.reference`. Files of
:data:`FILES` are written whole.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from core.reports.findings import paper, thesis
from docs.generate import coverage, figures, others, reference

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """README and every page of the docs that people write."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def filled(text: str) -> str:
    """A page with its blocks as they are now.

    Raises:
        KeyError: if nothing makes a block of this name.
    """
    return BLOCK.sub(lambda found: f"{found[1]}{made(found[2])}\n{found[3]}", text)


def made(name: str) -> str:
    """What one block says now."""
    function = name.replace("-", "_")
    for module in (coverage, figures, others, reference):
        if not function.startswith("_") and callable(getattr(module, function, None)):
            return str(getattr(module, function)()).rstrip()
    raise KeyError(name)


FILES: Mapping[str, Callable[[], str]] = {
    "results/findings.md": lambda: thesis.to_markdown(figures.thesis_findings()),
    "results/findings_inverse.md": lambda: paper.to_markdown(others.paper_findings()),
    **{f"docs/commands/{name}.md": page for name, page in reference.COMMANDS.items()},
}
"""What is written whole: findings as their commands write them, and a page for each command."""


def current() -> dict[Path, str]:
    """Every file that this writes, with its content as it is to be."""
    written = {path: filled(path.read_text(encoding="utf-8")) for path in pages()}
    return written | {ROOT / name: make() for name, make in FILES.items()}


def stale() -> dict[Path, str]:
    """Files that say something else than the store, with the difference."""
    found = {}
    for path, text in current().items():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if before != text:
            lines = difflib.unified_diff(
                before.splitlines(), text.splitlines(), "written", "now", lineterm=""
            )
            found[path] = "\n".join(lines)
    return found
