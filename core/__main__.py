"""The command line: ``python -m core``. Each command lives in :mod:`core.commands`."""

from __future__ import annotations

from core.commands import main

if __name__ == "__main__":
    main()
