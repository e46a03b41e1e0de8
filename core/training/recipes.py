"""What to train: the recipe of every network by its name, of any level."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.base.errors import UserError
from core.training.recipe import Recipe
from core.zoo.names import (
    INVERSE_OBJECTIVES,
    CompressedSensingIdentity,
    DenoisingIdentity,
    DigitsIdentity,
    Identity,
    InverseIdentity,
    SuperResolutionIdentity,
)

SIGMA_F = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 1.00)
EPS_REL = (0.01, 0.02, 0.05, 0.10, 0.20)
FACTORS = (2, 4)
STRONG_ENOUGH = {2: 0.20, 4: 0.30}
"""From this sigma_f on networks of a factor learn to remove the noise without having seen more first."""
FIRST_SIGMA_F = 0.30

CPU_IMAGES = {"standard": 120_000, "smoothing": 40_000, "adversarial": 40_000}
GPU_IMAGES = {"standard": 1_200_000, "smoothing": 1_000_000, "adversarial": 1_000_000}

OBJECTIVES = INVERSE_OBJECTIVES[1:]
"""The five of the paper that are compared."""

START_STEPS = {"dn": 4000, "cs": 5000}
STEPS = 600
"""Steps of the optimiser: of the common start, and of each of the five that go on from it."""

DIGIT_SIGMAS = (0.25, 0.50, 1.00)
DIGIT_RADII = {"sign": 0.2, "l2": 1.5}

REDUCED = {
    DenoisingIdentity.problem: "3 of 6 stages; channels 24-32-48-48-48 of 64; crops of 64 pixels in "
    "batches of 16 of 40 in batches of 32; S = 3 of 15; PGD-3 of 100 steps",
    CompressedSensingIdentity.problem: "8 of 20 phases; 24 of 32 channels; crops of 66 pixels in batches "
    "of 16 of 64; S = 3 of 15; PGD-3 of 150 steps",
}
"""What is smaller than in the paper (appendix B), besides the number of steps."""

THESIS = tuple(
    SuperResolutionIdentity(factor=factor, objective=objective, level=level).name
    for factor in FACTORS
    for objective, levels in (("standard", (0.0,)), ("smoothing", SIGMA_F), ("adversarial", EPS_REL))
    for level in levels
)
PAPER = tuple(
    kind(objective=objective).name
    for kind in (DenoisingIdentity, CompressedSensingIdentity)
    for objective in INVERSE_OBJECTIVES
)
DIGITS = (
    DigitsIdentity(objective="standard").name,
    *(DigitsIdentity(objective="adversarial", attack=attack).name for attack in DIGIT_RADII),
    *(DigitsIdentity(objective="smoothing", level=sigma).name for sigma in DIGIT_SIGMAS),
)
GROUPS = {"all": THESIS, "paper": PAPER, "digits": DIGITS}
"""The shipped networks by the word that stands for them: the thesis's 26, the paper's ten with their
two starts, the six of digits."""


def recipe(name: str, *, gpu: bool = False) -> Recipe:
    """The recipe of a network by its name, shipped or of another level.

    Args:
        name: of the network.
        gpu: whether there is one, and so time to see more images.

    Raises:
        UserError: if it is no network's name, or one that came from outside.
    """
    identity = Identity.parse(name)
    return _RECIPES[identity.problem](identity, gpu)


def _super_resolution(identity: SuperResolutionIdentity, gpu: bool) -> Recipe:
    """On the CPU the smoothing and adversarial networks start from the standard one of their
    factor, because the budget is small; on a GPU each starts from random weights and sees
    ten times as much. Smoothing networks start with fresh weights at full resolution: the
    standard network's pass the noise on, and training from them stays for hundreds or
    thousands of steps where one or two of three colour directions are still noisy. The lowest
    noise does not drive fresh weights over it either, so those networks first see more of it.
    """
    from core.networks.unet import FINEST, WIDTHS  # torch, which tables and findings do without

    if identity.tag:
        raise UserError(f"{identity.name} came from outside: train {replace(identity, tag='').name}.")
    smoothing = identity.objective == "smoothing"
    early = smoothing and identity.level < STRONG_ENOUGH[identity.factor]
    shared: dict[str, Any] = {
        "architecture": "unet",
        "network": {"residual": identity.residual, "widths": WIDTHS},
        "level": identity.level,
        "setting": {"factor": identity.factor},
        **({"first": 0.08, "first_level": FIRST_SIGMA_F} if early else {}),
    }
    if gpu:
        return Recipe(identity, GPU_IMAGES[identity.objective], crop=160, batch=128, **shared)
    if identity.objective != "standard":
        shared["start"] = replace(identity, objective="standard", level=0.0).name
    if identity.objective != "adversarial":
        shared["learning_rate"] = 2e-3
    return Recipe(identity, CPU_IMAGES[identity.objective], fresh=FINEST if smoothing else (), **shared)


_INVERSE: dict[str, dict[str, Any]] = {
    DenoisingIdentity.prefix: {
        "crop": 64,
        "setting": {"sigma_b": 15.0},
        "architecture": "dpdnn",
        "network": {"widths": (24, 32, 48, 48, 48), "stages": 3},
    },
    CompressedSensingIdentity.prefix: {
        "crop": 66,
        "clip": 0.02,
        "architecture": "ista_net_plus",
        "network": {"width": 24, "phases": 8},
    },
}
_EPSILON = {DenoisingIdentity.prefix: 5.0, CompressedSensingIdentity.prefix: 2.0}


def _inverse(identity: InverseIdentity, gpu: bool) -> Recipe:
    """The start is trained from random weights. Each of the five goes on from it with the same
    number of images and the same learning rates; so does ``ord``.
    """
    prefix, objective = identity.prefix, identity.objective
    shared, epsilon = _INVERSE[prefix], _EPSILON[prefix]
    first, batch = objective == "start", 16
    steps = START_STEPS[prefix] if first else STEPS
    return Recipe(
        identity,
        steps * batch * shared["crop"] ** 2 // 160**2,
        batch=batch,
        # At 2e-3 the unrolled phases of compressed sensing diverged.
        learning_rate={"dn": 2e-3, "cs": 1e-3}[prefix] if first else 5e-4,
        start="" if first else replace(identity, objective="start").name,
        level={"adv": epsilon, "smt-adv": epsilon, "smt-grad": 10.0}.get(objective, 0.0),
        attack_steps=2 if objective == "smt-adv" else 3,
        sigma=10.0,
        **shared,
    )


def _digits(identity: DigitsIdentity, gpu: bool) -> Recipe:
    """Ten passes over the 60,000 digits, eight of the network that is attacked in four steps."""
    from core.networks.digit_cnn import SIDE, WIDTHS

    adversarial = identity.objective == "adversarial"
    return Recipe(
        identity,
        480_000 if identity.attack == "l2" else 600_000,
        architecture="digit_cnn",
        network={"widths": WIDTHS},
        level=DIGIT_RADII[identity.attack] if adversarial else identity.level,
        setting={"shift": 2},
        side=SIDE,
        crop=SIDE,
        batch=128,
        learning_rate=2e-3,
        warmup=0.1,
        first=0.1,
        attack=identity.attack or "l2",
        attack_steps=4,
    )


_RECIPES: dict[str, Callable[[Any, bool], Recipe]] = {
    SuperResolutionIdentity.problem: _super_resolution,
    DenoisingIdentity.problem: _inverse,
    CompressedSensingIdentity.problem: _inverse,
    DigitsIdentity.problem: _digits,
}


def with_starts(wanted: list[Recipe], there: set[str], *, gpu: bool = False) -> list[Recipe]:
    """What to train in order: what is wanted, each after its start where that is not there yet."""
    names = {plan.identity.name for plan in wanted}
    missing = dict.fromkeys(plan.start for plan in wanted if plan.start and plan.start not in names | there)
    plans = [*(recipe(name, gpu=gpu) for name in missing), *wanted]
    return sorted(plans, key=lambda plan: bool(plan.start))


def command(name: str, trained: Mapping[str, Any]) -> str:
    """The shell line that trains a network like this one.

    Args:
        name: of the network; what marks it as not shipped is left out.
        trained: the recipe in its metadata; ``images`` is named where it is not the CPU's.
    """
    identity = Identity.parse(name)
    if isinstance(identity, SuperResolutionIdentity):
        identity = replace(identity, tag="")
    words = ["python", "-m", "core", "train", identity.name, "--data", "DIR"]
    images = trained.get("images")
    if isinstance(images, int) and images != recipe(identity.name).images:
        words += ["--images", str(images)]
    return shlex.join(words)
