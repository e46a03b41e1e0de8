"""What runs and evaluations start from: grey crops, settings, networks ready to run."""

from __future__ import annotations

import numpy as np
from PIL import Image
from torch import Tensor

from core.experiment.inverse.scenario import InverseScenario
from core.pictures import images
from core.problems.reconstruction import LinearEstimate, Reconstruction, Setting
from core.runtime.engine import Estimator
from core.runtime.session import Lab
from core.zoo import registry
from core.zoo.names import DenoisingIdentity

LINEAR = "linear"
"""The estimator without weights."""

WIDER = 3
"""How many times as many channels these networks have at full resolution as the U-Net, for which an
engine's chunk is meant: larger chunks were measured to take 1.3 times as long a picture."""


def setting_of(scenario: InverseScenario) -> Setting:
    """How the scenario measures."""
    noise = scenario.sigma_b if scenario.problem == DenoisingIdentity.problem else 0.0
    return Setting(scenario.problem, noise, scenario.ratio)


def grey_crop(photo: images.Photo, scenario: InverseScenario) -> Tensor:
    """x: the crop of the photo in grey (luma), ``(1, 1, h, w)`` in [0, 1].

    Raises:
        UserError: if the photo is smaller than the crop.
    """
    grey = np.asarray(Image.fromarray(photo.pixels).convert("L"))
    layered = images.Photo(photo.name, np.repeat(grey[..., None], 3, axis=2), photo.digest)
    cut = images.crop(
        layered,
        short_side=scenario.short_side,
        x=scenario.crop_x,
        y=scenario.crop_y,
        size=scenario.side,
    )
    return cut[:, :1]


def prepared(lab: Lab, name: str, setting: Setting, precision: str) -> tuple[Estimator, str]:
    """A network behind the setting's operator, ready to run, and its digest; remembered.

    :data:`LINEAR` names the operator's linear estimate, which has no digest.

    Raises:
        UserError: see :func:`core.zoo.registry.load`.
    """
    if name == LINEAR:
        return lab.engine.prepare(Reconstruction(LinearEstimate(), setting.operator), "float32"), ""
    digest = registry.describe(name, lab.folder).digest
    operator = setting.operator
    key = ("inverse network", digest, operator, precision)
    found: Estimator | None = lab.memory.get(key)
    if found is None:
        network, _ = registry.load(name, lab.folder, lab.engine.device)
        found = lab.engine.prepare(Reconstruction(network, operator), precision)
        lab.memory.put(key, found, 3 * registry.locate(name, lab.folder).stat().st_size)
    return found, digest


def chunk_of(lab: Lab, side: int) -> int:
    """Pictures of this side in a forward call."""
    return max(1, lab.engine.chunk * 160 * 160 // (WIDER * side**2))
