"""Write what is worked out in README and docs: ``python -m docs.generate``; ``--check`` only compares."""

from __future__ import annotations

import sys

from core.base.files import write_atomically
from docs.generate.blocks import ROOT, current, stale


def main() -> int:
    """Write or compare; 1 if something was to be written and only compared."""
    if "--check" in sys.argv[1:]:
        found = stale()
        for path, lines in found.items():
            print(f"{path.relative_to(ROOT)} says something else than the store:\n{lines}")
        return bool(found)
    for path, text in current().items():
        write_atomically(path, text.encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
