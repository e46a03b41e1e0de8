r"""Attack, smooth and certify any network: ``from core import attack, smooth, certify``.

The network f is any ``nn.Module`` or function of a batch, image by image; modules are run in eval mode. It
sees a plain tensor ``(b, ...)``, which is attacked and made noisy itself; or what a problem of
:data:`core.problems.PROBLEMS` measures of pictures ``(b, c, h, w)`` in [0, 1]. Attack and noise then live in
the problem's space, as in ``python -m core run`` with the same seed, and f is given :math:`A z + b`, and the
operator if it takes two arguments.

Of a plain tensor ``eps`` and ``sigma`` are in its own units, ``eps`` the norm of a whole image; of a problem
both are levels, RMS per value, in the unit of its space; of digits ``eps`` is the radius.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.attacks.ball import BALLS
from core.attacks.losses import CROSS_ENTROPY, SQUARED_ERROR, Loss
from core.attacks.objectives import BaseError, Objective
from core.attacks.registry import ATTACKS
from core.attacks.terms import NORMS, Terms
from core.base.errors import UserError, existing
from core.base.progress import finish
from core.base.seeds import derive, derive_many
from core.certificates.classification import ESTIMATION, SELECTION, Certificate, certificate, count_votes
from core.certificates.confidence import largest_ratio
from core.certificates.discrepancy import percentile_bounds
from core.pictures.units import PIXEL_VALUES, Space
from core.problems import PROBLEMS
from core.problems.problem import Estimator, Network, Observation, Problem
from core.smoothing import estimate
from core.smoothing.error import SmoothedError
from core.smoothing.estimate import AVERAGES, Average
from core.smoothing.statistics import First, Mapped, require_numbers
from core.smoothing.stream import accumulate

Errors = Callable[[Tensor, Tensor], Tensor]
"""An own loss: outputs ``(b, ...)`` and target to ``(b,)``, one number an image."""

CHUNK = 64
"""Copies of images that a network is handed at once; more where the batch is larger."""

CHOOSING = 100
"""Votes that name the class that the others certify."""


@dataclass(frozen=True)
class Attacked:
    """What :func:`attack` found, image by image.

    Attributes:
        perturbation: e, of the shape of what is attacked: x, or the problem's point.
        point: what is attacked, with e.
        before, after: ``(b,)`` loss without and with e; of a smoothed network under noise that the attack has
            not seen.
        reached: ``(b,)`` norm of e.
        notices: a sentence per image that figures of it must be shown with, mostly empty: see
            :mod:`core.attacks.search`.
    """

    perturbation: Tensor
    point: Tensor
    before: Tensor
    after: Tensor
    reached: Tensor
    notices: tuple[str, ...]


@dataclass(frozen=True)
class Bounds:
    """What :func:`certify` says of outputs, image by image.

    Attributes:
        bounds: ``(b,)`` certified loss of one noisy output, ``inf`` where there is none.
        medians: ``(b,)`` median loss of the noisy outputs that were drawn, without an attack.
        reach: largest ``eps`` that so many samples can certify.
        says: what is guaranteed.
    """

    bounds: Tensor
    medians: Tensor
    reach: float
    says: str


@dataclass(frozen=True)
class Radii:
    """What :func:`certify` says of classes, image by image.

    Attributes:
        radii: ``(b,)`` within which the smoothed classifier gives the label; 0 where it is not certified to.
        certificates: what is known of its answers, right or wrong.
        says: what is guaranteed.
    """

    radii: Tensor
    certificates: tuple[Certificate, ...]
    says: str


def attack(
    network: Network,
    x: Tensor,
    target: Tensor | None = None,
    *,
    eps: float,
    norm: str = "l2",
    method: str = "apgd",
    steps: int = 10,
    loss: Errors | None = None,
    sigma: float = 0.0,
    samples: int = 8,
    average: Average = "mean",
    seed: int = 0,
    box: tuple[float, float] | None = None,
    problem: Problem | str | None = None,
    **options: Any,
) -> Attacked:
    r"""Perturb each image within :math:`\|e\| \le` ``eps`` so that the network's loss grows.

    >>> import torch; from core import attack
    >>> network = torch.nn.Conv2d(1, 1, 3, padding=1)
    >>> x = torch.rand(2, 1, 16, 16)
    >>> found = attack(network, x, x, eps=0.5)
    >>> bool((found.after > found.before).all()), round(found.reached.max().item(), 3)
    (True, 0.5)
    >>> largest = lambda outputs, target: (outputs - target).flatten(1).abs().amax(1)
    >>> found = attack(network, x, x, eps=0.1, norm="linf", loss=largest, box=(0, 1))
    >>> found = attack(lambda y: y, x, eps=5, problem="inpainting", share=0.3)

    Args:
        network: f.
        x: a plain tensor ``(b, ...)``, or pictures with a problem.
        target: what the loss compares outputs with: tensors of the outputs' shape (with a problem pictures,
            by default x), or whole numbers, the labels of a classifier with outputs ``(b, classes)``. Without
            one it is f(x), and the attack starts at a random point: how far can outputs be moved? With digits
            it is the class that f answers.
        eps: radius, or level.
        norm: of :data:`core.attacks.terms.NORMS`.
        method: of :data:`core.attacks.registry.ATTACKS`.
        steps: of the attack.
        loss: an own one; by default the mean squared error, with labels the cross entropy.
        sigma: the smoothed network itself is attacked: the mean of outputs (with labels and no own loss of
            probabilities) under this noise.
        samples: draws of that noise in a step.
        average: ``mean``, or ``median``: of each value of the outputs; not with labels.
        seed: of everything random.
        box: limits that attacked points are kept in; x must lie inside. With a problem, of pictures.
        problem: one, or its name.
        options: fields of its scenario.

    Raises:
        UserError: one sentence, if something does not go together.
    """
    chosen = ATTACKS[existing("method", method, ATTACKS)]
    existing("norm", norm, NORMS)
    existing("average", average, AVERAGES)
    _at_least(0, eps=eps, steps=steps, sigma=sigma)
    _at_least(1, samples=samples)
    with _seen(network, x, problem, seed, options) as seen:
        point, wanted = seen.point, seen.wanted(target)
        measure = _measure(loss, wanted, seen.still)

        def objective(seed: int) -> Objective:
            if sigma == 0:
                return BaseError(seen.estimator, wanted, measure)
            noise, chunk = seen.space.noise(sigma), max(CHUNK, len(point))
            return SmoothedError(
                seen.estimator, wanted, noise, samples,
                seed=seed, chunk=chunk, loss=measure, average=average,
            )  # fmt: skip

        radius = seen.radius(eps, norm)
        # Where outputs are compared with themselves, the loss has no slope at e = 0.
        own = target is None and problem is None
        start = BALLS[norm].draw(point, radius, derive_many(seed, "start", len(point))) if own else None
        terms = Terms(radius, norm, steps, chosen.seeds(seed, len(point)), box=seen.limits(box), start=start)
        last = chosen.end(objective(derive(seed, "attack noise")), point, terms)
        deployed = objective(seed)
        attacked = point + last.kept
        return Attacked(
            seen.shaped(last.kept),
            seen.shaped(attacked),
            deployed.value(point),
            deployed.value(attacked),
            BALLS[norm].norms(last.kept),
            last.notices or ("",) * len(point),
        )


def smooth(
    network: Network,
    x: Tensor,
    *,
    sigma: float,
    samples: int = 50,
    average: Average = "mean",
    box: tuple[float, float] = (0, 1),
    seed: int = 0,
    problem: Problem | str | None = None,
    **options: Any,
) -> Tensor:
    r"""The smoothed network: the average of its outputs under noise on its input.

    >>> import torch; from core import smooth
    >>> x = torch.rand(2, 1, 16, 16)
    >>> outputs = smooth(torch.nn.Conv2d(1, 3, 3), x, sigma=0.1, samples=20)
    >>> outputs.shape
    torch.Size([2, 3, 14, 14])
    >>> pictures = smooth(lambda y: y, x, sigma=10, problem="inpainting", share=0.3)
    >>> pictures.shape, bool((pictures <= 1).all())
    (torch.Size([2, 1, 16, 16]), True)

    Args:
        network, x, problem, options: see :func:`attack`.
        sigma: standard deviation of the noise; 0 gives the outputs themselves.
        samples: draws.
        average: ``mean``, or ``median``: of each value, clamped to the ``box``, to 1/255 of its width.
        box: limits of outputs for the median; with a problem those of pictures hold.
        seed: of the draws.

    Returns:
        ``(b, ...)`` outputs; with a problem pictures in [0, 1].

    Raises:
        UserError: one sentence, if something does not go together.
    """
    existing("average", average, AVERAGES)
    _at_least(0, sigma=sigma)
    _at_least(1, samples=samples)
    with _seen(network, x, problem, seed, options) as seen:
        low, high = (torch.full_like(seen.still[:1], each) for each in ((0, 1) if seen.restores else box))
        found = estimate.smooth(
            seen.estimator, seen.point, sigma=seen.space.noise(sigma), samples=samples, seed=seed,
            chunk=max(CHUNK, len(x)), average=average, box=(seen.encode(low), seen.encode(high)),
        )  # fmt: skip
        return seen.output(found)


def certify(
    network: Network,
    x: Tensor,
    target: Tensor | None = None,
    *,
    sigma: float,
    eps: float | None = None,
    loss: Errors | None = None,
    samples: int = 1000,
    alpha: float = 0.001,
    seed: int = 0,
    problem: Problem | str | None = None,
    **options: Any,
) -> Bounds | Radii:
    r"""What no perturbation in the L2 ball can do to the network under noise.

    >>> import torch; from core import certify
    >>> x = torch.rand(2, 1, 16, 16)
    >>> found = certify(torch.nn.Conv2d(1, 1, 3, padding=1), x, sigma=0.5, eps=0.25)
    >>> bool((found.bounds > found.medians).all())
    True
    >>> classifier = lambda x: torch.stack([x.flatten(1).sum(1) - 100, 0 * x.flatten(1).sum(1)], 1)
    >>> certify(classifier, x, torch.tensor([0, 1]), sigma=0.5).radii > 0
    tensor([ True, False])

    **Without labels** (:class:`Bounds`; percentile smoothing, ``chiang2020``, Lemma 2): with probability at
    least 1 − ``alpha`` over the draws, for every e with :math:`\|e\|_2 \le` ``eps``, *one* noisy output
    :math:`f(x + e + \delta)` has a loss to the reference of at most ``bounds`` with probability at least one
    half. It says nothing of outputs without noise, nor of their average. The reference is ``target`` or f(x).

    **With labels** (:class:`Radii`; ``cohen2019``, theorem 1): with probability at least 1 − ``alpha`` over
    the draws, the class that f gives most often under noise is the label for every e with
    :math:`\|e\|_2 <` ``radii``. It says nothing of f without noise.

    Either holds for each image by itself, and for a number of samples chosen beforehand.

    Args:
        network, x, target, loss, problem, options: see :func:`attack`; with a problem losses are of pictures
            in [0, 1].
        sigma: standard deviation of the noise.
        eps: radius or level that outputs are certified at; radii of labels are found, they need none.
        samples: draws.
        alpha: probability, at most, that the statement of one image is wrong.
        seed: of the draws.

    Raises:
        UserError: one sentence, if something does not go together.
    """
    _at_least(0, sigma=sigma)
    _at_least(1, samples=samples)
    if sigma == 0 or not 0 < alpha < 1:
        raise UserError("A certificate needs noise and an error probability: sigma > 0 and 0 < alpha < 1.")
    with _seen(network, x, problem, seed, options) as seen:
        noise, chunk = seen.space.noise(sigma), max(CHUNK, len(x))
        if target is not None and loss is None and not target.is_floating_point():
            _measure(None, target, seen.still)
            return _radii(seen, target, noise, samples, alpha, seed, chunk)
        if eps is None:
            raise UserError("Say at which eps to certify; labels, whose radii are found, are whole numbers.")
        _at_least(0, eps=eps)
        reference = seen.output(seen.still) if target is None else target
        measure = _measure(loss, reference, seen.output(seen.still))

        def errors(outputs: Tensor) -> Tensor:
            flat = seen.output(outputs.flatten(0, 1))
            beside = reference.repeat_interleave(outputs.shape[1], 0)
            return require_numbers(measure.errors(flat, beside).view(outputs.shape[:2]))

        kept = First(samples)
        finish(accumulate(
            seen.estimator, seen.point, [Mapped(errors, kept)],
            sigma=noise, samples=samples, seed=seed, chunk=chunk,
        ))  # fmt: skip
    losses = kept.draws.double().cpu().numpy()
    radius = seen.radius(eps, "l2")
    return Bounds(
        torch.tensor([float(percentile_bounds(each, [radius / noise], alpha=alpha)[0]) for each in losses]),
        torch.from_numpy(losses).median(1).values,
        noise * largest_ratio(samples, alpha) / seen.radius(1.0, "l2"),
        f"With probability at least {1 - alpha:g}: under every perturbation of L2 norm up to {radius:g}, one "
        f"output with noise of σ = {noise:g} has at most this loss with probability at least ½.",
    )


def _radii(
    seen: _Seen, labels: Tensor, noise: float, samples: int, alpha: float, seed: int, chunk: int
) -> Radii:
    choice, votes = (
        count_votes(
            seen.estimator, seen.point, sigma=noise, samples=count, seed=seed, stream=stream, chunk=chunk
        )
        for stream, count in ((SELECTION, CHOOSING), (ESTIMATION, samples))
    )
    found = tuple(
        certificate(int(one.argmax()), all_, sigma=noise, alpha=alpha)
        for one, all_ in zip(choice, votes, strict=True)
    )
    labelled = zip(found, labels.tolist(), strict=True)
    radii = [each.radius if each.answer == label else 0.0 for each, label in labelled]
    return Radii(
        torch.tensor(radii, dtype=torch.float64),
        found,
        f"With probability at least {1 - alpha:g}: under every perturbation of L2 norm below the radius, the "
        f"class of most outputs with noise of σ = {noise:g} is the label.",
    )


@dataclass(frozen=True)
class _Seen:
    """A network before a batch, in the form that the kernel takes: points of four axes.

    Attributes:
        estimator: f, as a function of points.
        observation: the batch.
        shape: of one image as it was handed over.
        problem: whose it is, if it is one's.
        still: outputs at the points, without attack and noise.
    """

    estimator: Estimator
    observation: Observation
    shape: torch.Size
    problem: Problem | None
    still: Tensor

    @property
    def point(self) -> Tensor:
        return self.observation.point

    @property
    def space(self) -> Space:
        return self.problem.space if self.problem else PIXEL_VALUES

    def radius(self, eps: float, norm: str) -> float:
        """``eps`` as a radius."""
        return self.problem.radius(eps, self.point[0].numel(), norm) if self.problem else eps

    @property
    def restores(self) -> Problem | None:
        """The problem, if its outputs are pictures."""
        return None if self.problem is None or self.problem.classes else self.problem

    def wanted(self, target: Tensor | None) -> Tensor:
        """The target, in the units of outputs."""
        if target is None and self.problem and self.problem.classes:
            return self.still.argmax(1)
        if target is None:
            return self.observation.target if self.problem else self.still
        return self.encode(target) if target.is_floating_point() else target

    def encode(self, values: Tensor) -> Tensor:
        """A caller's values, in the units of points and outputs."""
        return self.space.encode(values) if self.problem else values

    def output(self, outputs: Tensor) -> Tensor:
        """Outputs as a caller gets them."""
        return self.space.picture(outputs) if self.restores else outputs

    def shaped(self, points: Tensor) -> Tensor:
        """Points as a caller knows them."""
        return points.reshape(-1, *self.shape)

    def limits(self, box: tuple[float, float] | None) -> tuple[Tensor, Tensor] | None:
        """The box, in the units of points."""
        if box is None:
            return None
        low, high = (self.encode(torch.full_like(self.point, each)) for each in box)
        if ((self.point < low) | (self.point > high)).any():
            raise UserError(
                f"Some values lie outside the box from {box[0]:g} to {box[1]:g}: choose a larger one."
            )
        return low, high


@contextmanager
def _seen(
    network: Network, x: Tensor, problem: Problem | str | None, seed: int, options: Mapping[str, Any]
) -> Iterator[_Seen]:
    """The network before the batch, in eval mode."""
    if not x.is_floating_point() or x.ndim < 2 or len(x) == 0 or not x.isfinite().all():
        raise UserError("x must be a batch (b, ...) of finite floating-point numbers.")
    if problem is None:
        if options:
            raise UserError(f"{next(iter(options))} means something only with a problem: name one.")
        point = x if x.ndim == 4 else x.reshape(len(x), 1, 1, -1)
        seen = Observation(point, x, lambda points: points.reshape(-1, *x.shape[1:]))
        found, shape = None, x.shape[1:]
    else:
        found = problem if isinstance(problem, Problem) else PROBLEMS[existing("problem", problem, PROBLEMS)]
        seen = _measured(found, x, seed, options)
        shape = seen.point.shape[1:]
    modes = [(each, each.training) for each in network.modules()] if isinstance(network, nn.Module) else []
    if isinstance(network, nn.Module):
        network.eval()
    try:
        estimator = seen.wrap(_with_context(network, len(seen.context)))
        with torch.no_grad():
            still = estimator(seen.point)
        yield _Seen(estimator, seen, shape, found, still)
    finally:
        for each, mode in modes:
            each.training = mode


def _measured(problem: Problem, x: Tensor, seed: int, options: Mapping[str, Any]) -> Observation:
    """Pictures as a problem measures them; the noise of the first is that of a run with this seed."""
    channels = len(problem.space.shift)
    if x.ndim != 4 or x.shape[1] != channels or x.min() < 0 or x.max() > 1:
        raise UserError(f"{problem.title} measures pictures (b, {channels}, h, w) in [0, 1].")
    foreign = options.keys() - problem.scenario.__dataclass_fields__.keys()
    if foreign:
        raise UserError(f"{problem.title} has no field {min(foreign)}: see python -m core run --help.")
    scenario = problem.scenario(seed=seed, **options)
    try:
        seen = problem.observe(x, scenario, derive_many(seed, "measurement", len(x)))
        seen.measure(seen.point)
    except ValueError as error:
        raise UserError(f"{problem.title} cannot measure these pictures: {error}.") from error
    return seen


def _with_context(network: Network, context: int) -> Network:
    """The network as a function of what is measured and of the problem's context, if it takes that."""
    called = network.forward if isinstance(network, nn.Module) else network
    try:
        inspect.signature(called).bind(None, *[None] * context)
    except TypeError:
        return lambda measured, *_: network(measured)
    return network


def _measure(loss: Errors | None, target: Tensor, outputs: Tensor) -> Loss:
    """The loss, which must give one number an image."""
    labels = not target.is_floating_point()
    if loss is None and not labels and target.shape != outputs.shape:
        raise UserError(
            f"The network gives {tuple(outputs.shape)}, the target is {tuple(target.shape)}: give one of "
            "that shape, or an own loss."
        )
    if loss is None and labels and (outputs.ndim != 2 or target.shape != outputs.shape[:1]):
        raise UserError("Labels are whole numbers (b,), of a classifier that answers (b, classes).")
    found = Loss(loss) if loss else CROSS_ENTROPY if labels else SQUARED_ERROR
    with torch.no_grad():
        shape = found.errors(outputs, target).shape
    if shape != outputs.shape[:1]:
        raise UserError(
            f"The loss gives {tuple(shape)} for {len(outputs)} images: let it give one number an image."
        )
    return found


def _at_least(low: float, **values: float) -> None:
    for name, value in values.items():
        if not low <= value < math.inf:
            raise UserError(f"{name} is {value}: it must be a number from {low:g} on.")
