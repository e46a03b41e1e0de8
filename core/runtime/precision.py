"""Which precision is the faster one here: measured once per machine, then remembered.

Timings vary with what else a machine does. Processes that each measured for themselves would now
and then choose differently, and the same command would print other figures. So the first to ask
measures while the others wait, and the answer is kept in the user's cache folder, one file for
each processor, device and version of torch. Deleting it has it measured anew.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import torch

from core.base.errors import UserError
from core.base.files import write_atomically

MEASURED = ("float32", "bfloat16")
"""What is chosen from."""

_PROCESSOR = ("model name", "flags", "CPU implementer", "CPU part", "Features")


def processor() -> str:
    """The processor's name and instruction sets, as far as the system tells."""
    try:
        described = (
            Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n")[0].splitlines()
        )
    except OSError:
        described = []
    lines = [line for line in described if line.startswith(_PROCESSOR)]
    return "\n".join([platform.machine(), platform.processor(), *lines])


def folder() -> Path:
    """``robustness-lab`` in the user's cache folder (``XDG_CACHE_HOME``, else ``~/.cache``)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "robustness-lab"


def remembered(device: str, measure: Callable[[], str]) -> str:
    """``float32`` or ``bfloat16``: what was found here before, otherwise what ``measure`` finds now.

    Where the cache folder cannot be used the measurement holds for this process alone.

    Args:
        device: ``cpu``, ``cuda`` or ``mps``.
        measure: times both and names the faster; called at most once.
    """
    from filelock import FileLock

    name = torch.cuda.get_device_name() if device == "cuda" else processor()
    where = f"{device}\n{name}\none thread\n{torch.__version__}"
    digest = blake2b(where.encode(), digest_size=8).hexdigest()
    try:
        kept = folder() / f"precision-{digest}.txt"
        kept.parent.mkdir(parents=True, exist_ok=True)
        turn = FileLock(kept.with_suffix(".lock"), timeout=60).acquire()
    except (OSError, RuntimeError):  # also when the wait is too long; RuntimeError: no home folder
        return measure()
    with turn:
        with suppress(OSError, ValueError):
            before = kept.read_text(encoding="utf-8").strip()
            if before in MEASURED:
                return before
        found = measure()
        with suppress(UserError):
            write_atomically(kept, f"{found}\n".encode())
        return found
