"""Trained networks on disk: one ``.safetensors`` file each, float16 weights, metadata inside.

Names say what a network is: ``sr-x2-std``, ``sr-x2-rs-0.10`` (smoothing, sigma_f = 0.10),
``sr-x4-adv-0.05`` (adversarial, eps_rel = 0.05); ``-literal`` at the end marks the thesis's
form without the global skip. No pickle is ever read.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.files import write_atomically

if TYPE_CHECKING:
    from torch import nn

FOLDER = Path(os.environ.get("LAB_CHECKPOINTS") or Path(__file__).resolve().parent.parent / "checkpoints")
"""Where networks are looked for; the environment variable ``LAB_CHECKPOINTS`` moves it."""

FORMAT = 1
OBJECTIVES = {"std": "standard", "rs": "smoothing", "adv": "adversarial"}
_NAME = re.compile(r"sr-x(?P<factor>[24])-(?P<kind>std|rs|adv)(-(?P<level>\d+\.\d\d))?(?P<literal>-literal)?")


@dataclass(frozen=True)
class Identity:
    """What a checkpoint's name says: the problem, how it was trained, and how strongly.

    Attributes:
        factor: super-resolution factor.
        objective: ``standard``, ``smoothing`` or ``adversarial``.
        level: sigma_f or eps_rel in standardised units; 0 for standard training.
        residual: whether the U-Net has the global skip.
    """

    factor: int
    objective: str
    level: float
    residual: bool = True

    @classmethod
    def parse(cls, name: str) -> Identity:
        """Read a name such as ``sr-x2-rs-0.10``.

        Raises:
            UserError: if the name does not follow the pattern.
        """
        match = _NAME.fullmatch(name)
        if match is None or (match["kind"] == "std") != (match["level"] is None):
            raise UserError(
                f"“{name}” is not a network's name: write sr-x2-std, sr-x2-rs-0.10 or sr-x2-adv-0.02."
            )
        return cls(
            factor=int(match["factor"]),
            objective=OBJECTIVES[match["kind"]],
            level=float(match["level"] or 0.0),
            residual=match["literal"] is None,
        )

    @property
    def name(self) -> str:
        """The name that :meth:`parse` reads."""
        kind = {objective: short for short, objective in OBJECTIVES.items()}[self.objective]
        level = "" if self.objective == "standard" else f"-{self.level:.2f}"
        return f"sr-x{self.factor}-{kind}{level}{'' if self.residual else '-literal'}"


@dataclass(frozen=True)
class Metadata:
    """Everything a checkpoint says about itself; stored as JSON in the file's header.

    ``images_seen`` counts 160x160 images' worth of pixels. ``val_psnr`` (dB) and ``val_ssim``
    are means over the validation photos' clean measurements; ``val_level_psnr`` and
    ``val_level_ssim`` are the same at the network's own level (noisy inputs for smoothing,
    attacked ones for adversarial training).
    """

    name: str
    problem: str
    factor: int
    objective: str
    level: float
    architecture: str
    residual: bool
    widths: tuple[int, ...]
    images_seen: int
    steps: int
    started_from: str
    recipe: dict[str, Any]
    data: str
    data_digest: str
    seed: int
    val_psnr: float
    val_ssim: float
    val_level_psnr: float
    val_level_ssim: float
    trained_on: str
    date: str
    digest: str = ""
    format: int = FORMAT

    @property
    def identity(self) -> Identity:
        """Factor, objective, level and form as one value."""
        return Identity(self.factor, self.objective, self.level, self.residual)


def save(network: nn.Module, metadata: Metadata, folder: Path | None = None) -> Path:
    """Write ``<folder>/<name>.safetensors``: float16 weights, all of the metadata.

    The file appears whole or not at all.

    Raises:
        ValueError: if a weight is not finite in float16.
        UserError: if the disk is full or the folder cannot be written.
    """
    import torch
    from safetensors.torch import save as serialise

    tensors = {}
    for key, tensor in network.state_dict().items():
        stored = tensor.detach().cpu().contiguous()
        if stored.is_floating_point():
            stored = stored.half()
            if not torch.isfinite(stored).all():
                raise ValueError(f"{metadata.name}: {key} has values beyond float16")
        tensors[key] = stored
    header = {"metadata": json.dumps({**asdict(metadata), "digest": ""})}
    path = (folder or FOLDER) / f"{metadata.name}.safetensors"
    write_atomically(path, serialise(tensors, header))
    return path


def describe(path: Path) -> Metadata:
    """Read a checkpoint's metadata without its weights; ``digest`` is filled in.

    Raises:
        UserError: if the file is missing, truncated, renamed or not one of ours.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise UserError(
            f"There is no network “{path.stem}” in {path.parent}: see python -m core models."
        ) from error
    return _describe(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _describe(path: Path, _modified: int, _size: int) -> Metadata:
    from safetensors import SafetensorError, safe_open

    try:
        # safetensors checks here that the header and the file's length agree.
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
        known = json.loads(header["metadata"])
        known["widths"] = tuple(known["widths"])
        names = {field.name for field in fields(Metadata)}
        metadata = Metadata(**{key: value for key, value in known.items() if key in names})
        identity = metadata.identity.name
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"{path.name} is damaged or not a safetensors file: copy it again or delete it."
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{path.name} carries no metadata of ours: add networks made by python -m core train."
        ) from error
    if metadata.format != FORMAT:
        raise UserError(
            f"{path.name} has format {metadata.format}, this version reads {FORMAT}: update the app."
        )
    if path.stem != metadata.name or metadata.name != identity:
        raise UserError(f"{path.name} says inside that it is {metadata.name} ({identity}): rename it back.")
    return replace(metadata, digest=digest_of(path))


def digest_of(path: Path) -> str:
    """First 16 hexadecimal digits of the file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def load(name: str, folder: Path | None = None) -> tuple[nn.Module, Metadata]:
    """Load a network in eval mode with float32 weights, and its metadata.

    Raises:
        UserError: if the file is missing, damaged, renamed or of another architecture.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from core.networks import build

    path = (folder or FOLDER) / f"{name}.safetensors"
    metadata = describe(path)
    network = build(metadata.architecture, residual=metadata.residual, widths=metadata.widths)
    try:
        network.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError, OSError) as error:
        raise UserError(
            f"{path.name} does not hold the weights of a {metadata.architecture}: copy it again or delete it."
        ) from error
    return network.float().eval(), metadata


def find(folder: Path | None = None, *, weights: bool = False) -> tuple[list[Metadata], list[str]]:
    """All readable checkpoints, sorted, and one sentence for each file that is not readable.

    Args:
        folder: where to look.
        weights: also check that the weights fit the architecture (loads torch); a file that
            has not changed is checked once.
    """
    good: list[Metadata] = []
    bad: list[str] = []
    for path in sorted((folder or FOLDER).glob("*.safetensors")):
        if path.name.startswith("."):
            continue
        try:
            metadata = describe(path)
            if weights:
                _check_weights(metadata.name, path.parent, metadata.digest)
            good.append(metadata)
        except UserError as error:
            bad.append(str(error))
    order = list(OBJECTIVES.values())
    good.sort(key=lambda m: (m.problem, m.factor, not m.residual, order.index(m.objective), m.level))
    return good, bad


@lru_cache(maxsize=256)
def _check_weights(name: str, folder: Path, _digest: str) -> None:
    load(name, folder)
