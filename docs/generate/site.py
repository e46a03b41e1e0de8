"""Hooks of the site (``mkdocs.yml``): what Markdown on its own needs and a site does not."""

from __future__ import annotations

import re
from typing import Any

FILES = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")
MARKS = re.compile(r"^<!-- (?:generated: [\w-]+|end) -->$\n?", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Without links to files of the code, and with lists as parts of their own below the marks of blocks."""
    return MARKS.sub("\n", FILES.sub(r"\1", markdown))
