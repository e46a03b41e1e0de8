"""Networks that people add to a running server: validated, named by content, bounded in number.

Only safetensors files are taken: in the format of :mod:`core.zoo.checkpoints`, or with weights that
:mod:`core.zoo.elsewhere` recognises. Such a file is a JSON header and plain numbers, so nothing in it can
run code; everything it claims is checked here: size, header, architecture and shapes, cost, finite numbers.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UserError, refusals_explained
from core.base.files import digest, write_atomically
from core.problems.names import OWN
from core.problems.small_picture import SMALL_PICTURE
from core.zoo import checkpoints, elsewhere
from core.zoo.metadata import Metadata, SuperResolutionMetadata

if TYPE_CHECKING:
    from torch import Tensor, nn

MAX_BYTES = 16 * 2**20
"""Largest file taken; the shipped U-Net has one MiB."""

MAX_NETWORKS = 20
"""Networks that one server keeps."""

MAX_LEVELS, MAX_WIDTH = 6, 1024
DTYPES = {"F16", "BF16", "F32", "I64"}


@cache
def _temporary() -> Path:
    """Where added networks lie if no folder is named for them."""
    with refusals_explained():
        return Path(tempfile.gettempdir()) / f"robustness-lab-{os.getpid()}-{secrets.token_hex(4)}"


def folder() -> Path:
    """Where added networks lie: ``LAB_UPLOADS``, else a folder that goes when the process ends.

    Raises:
        UserError: if ``LAB_UPLOADS`` is the folder of the shipped networks, or inside it.
    """
    named = os.environ.get("LAB_UPLOADS")
    if not named:
        return _temporary()
    shipped = checkpoints.FOLDER.resolve()
    if Path(named).resolve().is_relative_to(shipped):
        raise UserError("LAB_UPLOADS lies in the checkpoints folder: name a folder of its own.")
    return Path(named)


def add(content: bytes, called: str) -> Metadata:
    """Check a network's file and keep it under a name of its own.

    Args:
        content: the file.
        called: the file's name, for messages only.

    Returns:
        Its metadata, with the name it has here: see :func:`core.zoo.checkpoints.own_name`.

    Raises:
        UserError: one sentence, if the file cannot be taken.
    """
    if len(content) > MAX_BYTES:
        raise UserError(
            f"{called} has {len(content) / 2**20:.1f} MiB: networks of at most {MAX_BYTES // 2**20} MiB can "
            "be added here."
        )
    with refusals_explained(Path(called)), tempfile.TemporaryDirectory() as place:
        path = Path(place) / "network.safetensors"
        path.write_bytes(content)
        if "metadata" not in checkpoints.header(path, content, called):
            return _recognised(content, called)
        metadata = checkpoints.read(path, called)
        _check_network(path, metadata, called)
    for shipped in checkpoints.FOLDER.glob(f"{metadata.name}.safetensors"):
        if checkpoints.digest_of(shipped) == metadata.digest:
            raise UserError(f"{called} is {metadata.name}, which is here already: choose it in the table.")
    return _keep(content, checkpoints.own_name(metadata), called)


def _recognised(content: bytes, called: str) -> Metadata:
    """Keep a network that says nothing about itself, with what is known of it in the header."""
    from safetensors.torch import load, save

    weights = load(content)
    elsewhere.require_finite(weights, called)
    network, factor, architecture = elsewhere.recognised(weights, called)
    elsewhere.check(network, factor, called)
    name = f"{SMALL_PICTURE.prefix}-x{factor}{OWN}{digest(content)[:8]}"
    said = elsewhere.describe(name, network, architecture)
    return _keep(save(weights, checkpoints.in_header(said)), name, called)


def _keep(content: bytes, name: str, called: str) -> Metadata:
    target = folder() / f"{name}.safetensors"
    if not target.exists():
        if len([*folder().glob("*.safetensors")]) >= MAX_NETWORKS:
            raise UserError(
                f"This server keeps {MAX_NETWORKS} added networks and has no room for {called}: remove one "
                "that you added, or ask whoever runs the server to."
            )
        prepare()
        write_atomically(target, content)
    return checkpoints.describe(target)


def remove(name: str) -> None:
    """Forget an added network; one that is not there is no trouble."""
    if name in {path.stem for path in folder().glob("*.safetensors")}:
        (folder() / f"{name}.safetensors").unlink(missing_ok=True)


def prepare() -> None:
    """Make the folder that goes when the process ends, if none is named."""
    place = folder()
    if not os.environ.get("LAB_UPLOADS") and not place.exists():
        with refusals_explained(place):
            place.mkdir(mode=0o700)
        atexit.register(shutil.rmtree, place, ignore_errors=True)


def _check_network(path: Path, metadata: Metadata, called: str) -> None:
    import torch
    from safetensors.torch import load_file

    unet = metadata.architecture == "unet" and not metadata.denoiser
    if not isinstance(metadata, SuperResolutionMetadata) or not unet:
        denoised = " behind a denoiser" * bool(metadata.denoiser)
        raise UserError(
            f"{called} is a {metadata.architecture}{denoised} for {metadata.problem.replace('_', ' ')}: only "
            "U-Nets for super-resolution can be added here."
        )
    network = _skeleton(metadata, called)
    _check_tensors(path, network, called)
    weights = load_file(path)
    elsewhere.require_finite(weights, called)
    answer = _answer(network, weights)
    if not torch.isfinite(answer).all():
        raise UserError(f"{called} answers a measurement with values that are not finite: train it again.")


def _skeleton(metadata: SuperResolutionMetadata, called: str) -> nn.Module:
    """The architecture without memory for weights, if its cost is bearable."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from core.networks import build

    widths = metadata.widths
    if not 2 <= len(widths) <= MAX_LEVELS or not all(0 < width <= MAX_WIDTH for width in widths):
        raise UserError(
            f"{called} says it has channels {widths}: between 2 and {MAX_LEVELS} levels of at most "
            f"{MAX_WIDTH} channels can be added here."
        )
    with torch.device("meta"), FlopCounterMode(display=False) as counter, torch.no_grad():
        network = build(metadata.architecture, **metadata.shape).eval()
        network(torch.zeros(1, 3, 160, 160))
    elsewhere.require_cheap(counter.get_total_flops(), called)
    return network


def _check_tensors(path: Path, network: nn.Module, called: str) -> None:
    """Names, shapes and number formats, before any weight is read."""
    from safetensors import safe_open

    expected = {key: list(tensor.shape) for key, tensor in network.state_dict().items()}
    with safe_open(path, framework="numpy") as file:
        slices = {key: file.get_slice(key) for key in file.keys()}  # noqa: SIM118
        found = {key: each.get_shape() for key, each in slices.items()}
        formats = {each.get_dtype() for each in slices.values()}
    if found != expected or not formats <= DTYPES:
        raise UserError(
            f"{called} does not hold the weights of the U-Net that it describes: save it again with "
            "python -m core train."
        )


def _answer(network: nn.Module, weights: dict[str, Tensor]) -> Tensor:
    import torch

    ready = network.to_empty(device="cpu")
    ready.load_state_dict(weights)
    with torch.no_grad():
        answer: Tensor = ready.float().eval()(
            torch.randn(1, 3, 160, 160, generator=torch.Generator().manual_seed(0))
        )
    return answer
