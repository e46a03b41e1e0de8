"""What to train: the recipe of every network by its name, of any level."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.base.errors import UserError
from core.problems import PROBLEMS
from core.problems.denoising import DENOISING
from core.problems.digits.problem import DIGITS as DIGITS_PROBLEM
from core.problems.digits.problem import SIGMAS as DIGIT_SIGMAS
from core.problems.linear import LinearInverse
from core.problems.names import ELSEWHERE, INVERSE_OBJECTIVES, Identity
from core.problems.sensing import COMPRESSED_SENSING
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import EPS_REL, FACTORS, SIGMA_F, SUPER_RESOLUTION
from core.training.recipe import Recipe

STRONG_ENOUGH = {2: 0.20, 4: 0.30}
"""From this sigma_f on networks of a factor learn to remove the noise without having seen more first."""
FIRST_SIGMA_F = 0.30

CPU_IMAGES = {"standard": 120_000, "smoothing": 40_000, "denoised": 12_000, "adversarial": 40_000}
GPU_IMAGES = {"standard": 1_200_000} | dict.fromkeys(("smoothing", "denoised", "adversarial"), 1_000_000)

OBJECTIVES = INVERSE_OBJECTIVES[1:]
"""The five of the paper that are compared."""

DIGIT_RADII = {"sign": 0.2, "l2": 1.5}

THESIS = tuple(
    SUPER_RESOLUTION.called(objective, factor=factor, level=level)
    for factor in FACTORS
    for objective, levels in (("standard", (0.0,)), ("smoothing", SIGMA_F), ("adversarial", EPS_REL))
    for level in levels
)
PAPER = tuple(
    problem.called(objective)
    for problem in (DENOISING, COMPRESSED_SENSING)
    for objective in INVERSE_OBJECTIVES
)
DIGITS = (
    DIGITS_PROBLEM.called("standard"),
    *(DIGITS_PROBLEM.called("adversarial", attack=attack) for attack in DIGIT_RADII),
    *(DIGITS_PROBLEM.called("smoothing", level=sigma) for sigma in DIGIT_SIGMAS),
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
    return _RECIPES.get(identity.problem, _linear)(identity, gpu)


def _super_resolution(identity: Identity, gpu: bool) -> Recipe:
    """On the CPU the smoothing and adversarial networks start from the standard one of their
    factor, because the budget is small; on a GPU each starts from random weights and sees
    ten times as much. Smoothing networks start with fresh weights at full resolution: the
    standard network's pass the noise on, and training from them stays for hundreds or
    thousands of steps where one or two of three colour directions are still noisy. The lowest
    noise does not drive fresh weights over it either, so those networks first see more of it.
    A denoiser is a U-Net of the same shape that starts from random weights, before the
    standard network as it is.
    """
    from core.networks.unet import FINEST, WIDTHS  # torch, which tables and findings do without

    if identity.tag:
        raise UserError(f"{identity.name} came from outside: train {replace(identity, tag='').name}.")
    smoothing, denoised = identity.objective == "smoothing", identity.objective == "denoised"
    early = identity.to_smooth and identity.level < STRONG_ENOUGH[identity.factor]
    shared: dict[str, Any] = {
        "architecture": "unet",
        "network": {"residual": identity.residual, "widths": WIDTHS},
        "level": identity.level,
        "setting": {"factor": identity.factor},
        **({"first": 0.08, "first_level": FIRST_SIGMA_F} if early else {}),
    }
    standard = replace(identity, objective="standard", level=0.0).name
    if denoised:
        shared["network"]["denoiser"] = {"widths": WIDTHS}
        shared["start"] = standard
    if gpu:
        return Recipe(identity, GPU_IMAGES[identity.objective], crop=160, batch=128, **shared)
    if identity.objective != "standard":
        shared["start"] = standard
    if identity.objective != "adversarial":
        shared["learning_rate"] = 2e-3
    return Recipe(identity, CPU_IMAGES[identity.objective], fresh=FINEST if smoothing else (), **shared)


def _small_picture(identity: Identity, gpu: bool) -> Recipe:
    """That of the network of super-resolution which stands there."""
    if identity.objective == ELSEWHERE:
        raise UserError(f"{identity.name} was trained elsewhere: choose a network that is trained here.")
    return _super_resolution(replace(identity, problem=SUPER_RESOLUTION.name), gpu)


def _linear(identity: Identity, gpu: bool) -> Recipe:
    """The start, or the standard network, is trained from random weights. The others go on from it with
    the same number of images and the same learning rates; so does ``ord``.
    """
    problem, objective = PROBLEMS[identity.problem], identity.objective
    assert isinstance(problem, LinearInverse)
    facts, batch = problem.training, 16
    own = objective in INVERSE_OBJECTIVES
    first = objective in ("start", "standard")
    steps = facts.start_steps if first else facts.steps
    start = replace(identity, objective="start" if own else "standard", level=0.0)
    told = {"adv": facts.epsilon, "smt-adv": facts.epsilon, "smt-grad": 10.0}
    return Recipe(
        identity,
        steps * batch * facts.crop**2 // 160**2,
        architecture=facts.architecture,
        network=dict(facts.network),
        setting=dict(facts.setting),
        crop=facts.crop,
        clip=facts.clip,
        batch=batch,
        learning_rate=facts.learning_rate if first else 5e-4,
        start="" if first else start.name,
        level=identity.level or told.get(objective, 0.0),
        attack_steps=2 if objective == "smt-adv" else 3,
        sigma=10.0,
    )


def _digits(identity: Identity, gpu: bool) -> Recipe:
    """Ten passes over the 60,000 digits, eight of the network that is attacked in four steps, one of the
    denoiser before the standard network, a small U-Net."""
    from core.networks.digit_cnn import SIDE, WIDTHS

    adversarial, denoised = identity.objective == "adversarial", identity.objective == "denoised"
    images = 480_000 if identity.attack == "l2" else 60_000 if denoised else 600_000
    before = {"denoiser": {"channels": 1, "widths": (8, 16, 32)}} if denoised else {}
    return Recipe(
        identity,
        images,
        architecture="digit_cnn",
        network={"widths": WIDTHS, **before},
        start=DIGITS_PROBLEM.called("standard") if denoised else "",
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


_RECIPES: dict[str, Callable[[Identity, bool], Recipe]] = {
    SUPER_RESOLUTION.name: _super_resolution,
    SMALL_PICTURE.name: _small_picture,
    DIGITS_PROBLEM.name: _digits,
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
    plan = recipe(replace(Identity.parse(name), tag="").name)
    words = ["python", "-m", "core", "train", plan.identity.name, "--data", "DIR"]
    images = trained.get("images")
    if isinstance(images, int) and images != plan.images:
        words += ["--images", str(images)]
    return shlex.join(words)
