"""Our JavaScript as the single module that a component or an exported file takes.

Joining needs Python alone, since all modules are written one way: ``import { a, b } from "./x.js";`` and
``export`` before a declaration, at the start of a line. So these words are left out, and every module is
put behind those that it imports. ``make lint`` checks them as the modules that they are.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_IMPORT = re.compile(r'^import \{(?:\s*\w+,)*\s*\w+,?\s*\} from "(\.{1,2}/[\w/]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) \w)", re.MULTILINE)
_DECLARED = re.compile(r"^(?:async )?(?:function|class|const|let) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export)\b(?! default).*", re.MULTILINE)


def bundle(entry: Path) -> str:
    """A module with all that it imports; only its ``export default``, if it has one, is still an export.

    Raises:
        ValueError: if modules import each other, two of them declare one name, or a line imports or
            exports in another way.
    """
    parts: dict[Path, str] = {}

    def add(path: Path, importers: tuple[Path, ...]) -> None:
        if path in importers:
            raise ValueError(f"{path.name} imports itself, by way of {importers[-1].name}")
        if path in parts:
            return
        text = path.read_text(encoding="utf-8")
        for name in _IMPORT.findall(text):
            add((path.parent / name).resolve(), (*importers, path))
        parts[path] = _EXPORT.sub("", _IMPORT.sub("", text))

    add(entry.resolve(), ())
    script = "\n".join(parts.values())
    if other := _OTHER.search(script):
        raise ValueError(f"{entry.name} needs a line that cannot be joined: {other.group()}")
    if twice := [name for name, count in Counter(_DECLARED.findall(script)).items() if count > 1]:
        raise ValueError(f"{entry.name} joins modules that both declare {', '.join(twice)}")
    return script
