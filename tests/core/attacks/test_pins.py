"""What each attack found before there was a registry of them: starts, draws and steps stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.attacks.losses import CROSS_ENTROPY
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.evaluation.digits import perturb
from core.evaluation.studies.attempts import Attempt, carry_out
from core.evaluation.studies.case import Case
from core.pictures import units
from core.runtime.engine import Estimator
from core.training.objectives import Adversarial
from core.training.observation import Observation

SHAPE, RADIUS, STEPS, SEED = (2, 3, 4, 4), 0.7, 5, 3
BOX = torch.full((), -2.0), torch.full((), 2.0)


def _network(outputs: int = 48) -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Flatten(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, outputs)
    return nn.Sequential(*layers).eval().requires_grad_(False)


NETWORK = _network()
SCORES = _network(10)


def estimator(y: Tensor) -> Tensor:
    """A linear map, a ReLU, a linear map."""
    return y + NETWORK(y).view_as(y)


class Corrected(nn.Module):
    def forward(self, y: Tensor) -> Tensor:
        return estimator(y)


def _scene() -> tuple[Tensor, Tensor]:
    y = torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))
    return y, y + 0.1


def _error() -> tuple[BaseError, Tensor]:
    y, x = _scene()
    return BaseError(estimator, x), y


def _found(key: str, radius: float, **terms: Any) -> Tensor:
    (objective, y), attack = _error(), ATTACKS[key]
    seeds = attack.seeds(SEED, len(y))
    return attack.end(objective, y, Terms(radius, steps=STEPS, seeds=seeds, **terms)).kept


def _digits(kind: str, radius: float) -> Tensor:
    pictures = _scene()[0].view(2, 1, 4, 12).sigmoid()
    objective = BaseError(SCORES, torch.tensor([1, 2]), CROSS_ENTROPY)
    return perturb(objective, pictures, kind, radius, steps=STEPS, seeds=[5, 6]).kept


def _trained() -> Tensor:
    y, x = _scene()
    return Adversarial(0.1, STEPS).inputs(Corrected(), Observation(y, x), SEED) - y


def _attempted(attempt: Attempt) -> Tensor:
    truth = _scene()[0][:1].sigmoid()
    case = Case(
        image=("photo.png", "0123"), checkpoint="sr-x2-rs-0.10", digests={"sr-x2-rs-0.10": "aa"},
        estimators={"sr-x2-rs-0.10": Estimator(estimator, estimator)}, truth=truth,
        target=units.standardise(truth), measurement=units.standardise(0.9 * truth + 0.05), sigma_g=0.2,
        chunk=8, device="cpu", precision="float32",
    )  # fmt: skip
    *_, last = carry_out(attempt, case, 0.05, SEED)
    return last.kept


FOUND: dict[str, Callable[[], Tensor]] = {
    "apgd l2": lambda: _found("apgd", RADIUS),
    "apgd l2 box": lambda: _found("apgd", RADIUS, box=BOX),
    "pgd l2": lambda: _found("pgd", RADIUS),
    "pgd l2 final box": lambda: _found("pgd", RADIUS, keep="final", box=BOX),
    "pgd linf": lambda: _found("pgd", 0.1, norm="linf"),
    "fgm l2": lambda: _found("fgm", RADIUS),
    "fgm linf": lambda: _found("fgm", 0.1, norm="linf"),
    "noise l2": lambda: _found("noise", RADIUS),
    "digits sign": lambda: _digits("sign", 0.1),
    "digits linf": lambda: _digits("linf", 0.1),
    "digits l2": lambda: _digits("l2", 0.5),
    "training": _trained,
    "attempt noise": lambda: _attempted(Attempt("noise")),
    "attempt fgm": lambda: _attempted(Attempt("fgm", "f", start="zero", steps=1)),
    "attempt pgd": lambda: _attempted(Attempt("pgd", "f", start="random 1", steps=STEPS, keep="final")),
    "attempt apgd": lambda: _attempted(Attempt("apgd", "smoothed", 2, "fixed", "random 1", STEPS)),
    "attempt spsa": lambda: _attempted(Attempt("spsa", "smoothed", 2, "fixed", "random 1", STEPS)),
    "attempt box": lambda: _attempted(Attempt("apgd", "f", start="zero", steps=STEPS, box=True)),
}

PINS: dict[str, tuple[float, ...]] = {
    "apgd l2": (
        -0.0369947, -0.0751219, -0.0653519, 0.0831212, -0.1233799, 0.0325359, -0.0471422, -0.0602413,
    ),
    "apgd l2 box": (
        -0.0265538, -0.0698375, 0.2268904, 0.0700109, -0.0570433, 0.0157521, -0.0152250, -0.0306495,
    ),
    "pgd l2": (
        -0.0560796, -0.1435634, -0.0864732, 0.0253413, -0.0241053, 0.1108906, -0.0258869, 0.0520343,
    ),
    "pgd l2 final box": (
        -0.0385029, -0.1134251, 0.2340826, 0.0295784, -0.0283257, 0.0100483, -0.0081596, -0.0131506,
    ),
    "pgd linf": (
        -0.0635797, 0.0130328, -0.0096864, -0.0036963, -0.0443066, 0.1000000, 0.0331960, -0.1000000,
    ),
    "fgm l2": (
        -0.0449058, -0.0900149, -0.0561119, 0.0898611, -0.1306659, 0.0360619, -0.0413953, -0.0708035,
    ),
    "fgm linf": (
        -0.1000000, -0.1000000, -0.1000000, 0.1000000, -0.1000000, 0.1000000, -0.1000000, -0.1000000,
    ),
    "noise l2": (
        0.0854873, 0.0153700, -0.0579155, 0.0097651, 0.0965408, 0.1635651, -0.0239037, -0.0409726,
    ),
    "digits sign": (
        0.1000000, 0.1000000, 0.1000000, 0.1000000, 0.1000000, 0.1000000, -0.1000000, 0.1000000,
    ),
    "digits linf": (
        0.1000000, 0.0818678, 0.0554651, 0.1000000, -0.0030689, 0.0710346, -0.0505173, 0.1000000,
    ),
    "digits l2": (
        0.1053143, 0.0200810, 0.0404161, -0.0604514, -0.0125625, -0.0272642, -0.0591671, 0.0389756,
    ),
    "training": (
        -0.1022942, -0.1141349, -0.1018691, 0.1039062, -0.1014309, 0.0426521, -0.0754435, -0.1228380,
    ),
    "attempt noise": (
        0.0423052, 0.0076062, -0.0286607, 0.0048325,
    ),
    "attempt fgm": (
        0.0321118, -0.0499254, 0.0297824, 0.0668369,
    ),
    "attempt pgd": (
        0.0257379, -0.0561343, -0.0043025, 0.0703149,
    ),
    "attempt apgd": (
        0.0220905, -0.0274782, 0.0633660, 0.0325768,
    ),
    "attempt spsa": (
        0.0250665, -0.0713139, -0.0066699, 0.0434639,
    ),
    "attempt box": (
        0.0340178, -0.0411187, 0.0230762, 0.0630733,
    ),
}  # fmt: skip
"""Every thirteenth value."""


@pytest.mark.parametrize("name", FOUND)
def test_the_perturbation_is_what_it_was(name: str) -> None:
    found = FOUND[name]().flatten()[::13].tolist()
    assert found == pytest.approx(PINS[name], abs=1e-6)
