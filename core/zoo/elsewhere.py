"""Networks of one's own for the small picture, whatever their architecture.

Two ways: weights in a ``.safetensors`` file whose architecture the package ``spandrel`` recognises, and any
``nn.Module`` of a running program (:func:`register`). The module itself is attacked: spandrel's own call runs
without gradients and clamps. Every network is tried before it is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from core.base.errors import UserError
from core.base.files import digest
from core.pictures.images import SIZE
from core.problems.names import OWN, Identity
from core.problems.small_picture import SMALL_PICTURE
from core.zoo.metadata import ElsewhereMetadata
from core.zoo.published import INSTALL

if TYPE_CHECKING:
    from torch import Tensor, nn

TRIED = 24
"""Side of the picture that a network is tried on, in pixels."""

MAX_FLOPS = 20e9
"""Most floating-point operations of one answer of 160x160 pixels; the shipped U-Net takes 0.6e9."""

REGISTERED: dict[str, tuple[nn.Module, ElsewhereMetadata]] = {}
"""Modules of this process by name: see :func:`register`."""


def register(word: str, network: nn.Module, *, factor: int, multiple: int = 1) -> str:
    """Let a module of one's own stand in the problem of the small picture, as long as this process runs.

    Args:
        word: what to call it: up to twenty small letters and digits.
        network: from pictures ``(b, 3, h, w)`` in [0, 1] to ``(b, 3, factor h, factor w)``, differentiable,
            each as it would be alone; it is put in eval mode.
        factor: of super-resolution, from 2 to 8.
        multiple: of the sides that it takes, in pixels; others are padded.

    Returns:
        Its name here, for scenarios: ``lr-x2-own-word``.

    Raises:
        UserError: one sentence, if the word is none, or the network fails, is too dear or has no gradient.

    >>> from torch import nn
    >>> register("plain", nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2)), factor=2)
    'lr-x2-own-plain'
    """
    from core.networks.padded import Padded

    name = f"{SMALL_PICTURE.prefix}-x{factor}{OWN}{word}"
    if Identity.read(name) is None:
        raise UserError(
            f"“{word}” at factor {factor} cannot be a network's name: take up to twenty small letters and "
            "digits, and a factor from 2 to 8."
        )
    ready = Padded(network.eval(), factor, multiple)
    check(ready, factor, name)
    REGISTERED[name] = ready, describe(name, ready, f"{type(network).__name__}, of this process")
    return name


def describe(name: str, network: nn.Module, architecture: str) -> ElsewhereMetadata:
    """What is known of a network from outside.

    The digest is that of its weights; a file's takes its place.
    """
    from safetensors.torch import save

    state = {key: each.contiguous().clone() for key, each in network.state_dict().items()}
    return ElsewhereMetadata(
        name=name,
        architecture=architecture,
        date=date.today().isoformat(),
        digest=digest(save(state)),
        factor=Identity.parse(name).factor,
        parameters=sum(each.numel() for each in network.parameters()),
        source="added here",
        author="its owner",
        licence="its owner's",
    )


def recognised(weights: Mapping[str, Tensor], called: str) -> tuple[nn.Module, int, str]:
    """The network that weights are of, ready for pictures of any size; its factor; its architecture's name.

    Args:
        weights: as in the file.
        called: the file's name, for messages.

    Raises:
        UserError: one sentence, if they are of none that can stand here, or spandrel is missing.
    """
    from core.networks.padded import Padded

    loader = _loader(called)
    try:
        found = loader.load_from_state_dict(
            {key: each.float() if each.is_floating_point() else each for key, each in weights.items()}
        )
    except Exception as error:  # whatever an architecture makes of weights that are not its own
        raise UserError(
            f"{called} carries no metadata of ours, and its weights are of no architecture that spandrel "
            "recognises: add the network from Python, with core.zoo.register."
        ) from error
    name = found.architecture.name
    if (found.input_channels, found.output_channels) != (3, 3):
        raise UserError(
            f"{called} is a {name} that takes {found.input_channels} channels and gives "
            f"{found.output_channels}: networks from 3 to 3 can be added here."
        )
    if not 2 <= found.scale <= 8:
        raise UserError(
            f"{called} is a {name} of factor {found.scale}: networks of factors 2 to 8 can be added here."
        )
    need = found.size_requirements
    module = Padded(found.model.eval(), found.scale, need.multiple_of, need.minimum, need.square)
    return module, found.scale, name


_declared: list[Any] = []


def _loader(called: str) -> Any:
    try:
        _torchvision()
        from spandrel import ModelLoader
    except ImportError as error:
        raise UserError(
            f"{called} carries no metadata of ours; other architectures are recognised by spandrel, which is "
            f"missing here: {INSTALL}"
        ) from error
    return ModelLoader()


def _torchvision() -> None:
    """Load torchvision, of which spandrel uses the Python part alone, also beside torch's build for CPUs.

    The compiled part on the package index asks for torch's CUDA libraries; torchvision then stumbles over
    two of its own operators, which are declared here without doing anything.
    """
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        if not _declared:
            library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
            for operator in ("nms", "qnms"):
                library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            _declared.append(library)  # what is declared goes with it


def check(network: nn.Module, factor: int, called: str) -> None:
    """Try a network: shape, finite values, gradients, and what an answer costs.

    Raises:
        UserError: one sentence.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    require_finite(network.state_dict(), called)
    picture = torch.rand(1, 3, TRIED, TRIED, generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    try:
        with torch.enable_grad(), FlopCounterMode(display=False) as counter:
            large: Tensor = network(picture)
        cost = counter.get_total_flops() * (SIZE / factor / TRIED) ** 2
        shape, finite = tuple(large.shape), bool(torch.isfinite(large).all())
        gradient = torch.zeros_like(picture)
        if large.requires_grad:
            (gradient,) = torch.autograd.grad(large.square().sum(), picture, materialize_grads=True)
    except Exception as error:  # whatever the module's own code raises
        raise UserError(
            f"{called} fails on a picture of {TRIED}×{TRIED} pixels: give one from (b, 3, h, w) to "
            f"(b, 3, {factor} h, {factor} w) in float32."
        ) from error
    if shape != (1, 3, factor * TRIED, factor * TRIED) or not finite:
        raise UserError(
            f"{called} answers {TRIED}×{TRIED} pixels with {' × '.join(map(str, shape))} values"
            f"{'' if finite else ' that are not finite'}: it must give {factor} times as many each way."
        )
    if not (torch.isfinite(gradient).all() and gradient.any()):
        raise UserError(
            f"{called} has no gradient by its input, so no attack can say anything of it: build it without "
            "steps that stop gradients, such as rounding or detach."
        )
    require_cheap(cost, called)


def require_finite(weights: Mapping[str, Tensor], called: str) -> None:
    """Raise a UserError if a weight is not a finite number."""
    import torch

    if not all(torch.isfinite(each).all() for each in weights.values()):
        raise UserError(f"{called} has weights that are not finite: its training diverged, train it again.")


def require_cheap(operations: float, called: str) -> None:
    """Raise a UserError if an answer takes more than :data:`MAX_FLOPS`."""
    if operations > MAX_FLOPS:
        raise UserError(
            f"{called} takes {operations / 1e9:.0f} billion operations for a picture: networks of at most "
            f"{MAX_FLOPS / 1e9:.0f} billion can be added here."
        )
