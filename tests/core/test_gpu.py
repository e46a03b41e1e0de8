"""What a GPU works out is what the CPU does in float32, with the same noise. Without a GPU: skipped."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from core.base import noise
from core.base.progress import finish
from core.experiment.run import run
from core.pictures.images import bundled
from core.problems import PROBLEMS
from core.problems.scenario import Scenario
from core.runtime.engine import Engine
from core.runtime.session import Lab

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU for torch"),
]

DRAWN_BY = (
    "core.attacks.ball", "core.attacks.spsa", "core.attacks.search", "core.smoothing.stream",
    "core.problems.linear",
)  # fmt: skip
VIEWS = [("super_resolution", attack) for attack in ("apgd", "pgd", "fgm", "noise", "spsa", "strongest")]
VIEWS += [(name, "apgd") for name in ("denoising", "compressed_sensing", "inpainting", "deblurring")]


@pytest.fixture
def drawn_on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise has the same values on every device."""
    original = noise.gaussian

    def gaussian(like: Tensor, seeds: Sequence[int]) -> Tensor:
        return original(like.cpu(), seeds).to(like.device)

    for module in DRAWN_BY:
        monkeypatch.setattr(f"{module}.gaussian", gaussian, raising=False)


def _scenario(problem: str, attack: str) -> Scenario:
    kind = PROBLEMS[problem].scenario
    return kind().replace(attack=attack, attack_steps=5, samples=8, precision="float32")


@pytest.mark.parametrize(("problem", "attack"), VIEWS)
@pytest.mark.usefixtures("drawn_on_the_cpu")
def test_figures_are_those_of_the_cpu(problem: str, attack: str) -> None:
    scenario, photo = _scenario(problem, attack), bundled("camera")
    found = [
        finish(run(scenario, Lab(Engine(device, "float32")), photo)).to_dict()["metrics"]
        for device in ("cpu", "cuda")
    ]
    for name, figures in found[0].items():
        assert found[1][name]["psnr"] == pytest.approx(figures["psnr"], abs=1e-3), name


@pytest.mark.usefixtures("drawn_on_the_cpu")
def test_certificates_are_those_of_the_cpu() -> None:
    scenario, photo = _scenario("denoising", "pgd"), bundled("camera")
    bounds = [
        finish(run(scenario, Lab(Engine(device, "float32")), photo)).chosen.attacked.bound
        for device in ("cpu", "cuda")
    ]
    assert bounds[1] == pytest.approx(bounds[0], rel=1e-3)
