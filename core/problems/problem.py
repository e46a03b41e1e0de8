"""What a problem is: how a photo is measured, and what networks, attacks and smoothing are given of it.

A problem is one file of this folder and one line of :data:`core.problems.PROBLEMS`; the command line, the
pages, training, evaluation and certificates ask that registry and nobody asks for a problem's name.

Files of problems load torch only when something is measured: the command line's help and the pages of
stored results read the declarations alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.pictures import images
from core.pictures.units import GREY_LEVELS, Space
from core.problems.classical import linear, total_variation

if TYPE_CHECKING:
    from torch import Tensor

    from core.problems.scenario import Scenario

Network = Callable[..., Any]
"""Maps what is measured ``(b, ...)``, and the problem's context, to outputs ``(b, ...)``, image by image."""

Estimator = Callable[[Any], Any]
"""Maps points ``(b, c, h, w)`` to outputs; attacks, smoothing and certificates know nothing else."""


def _unchanged(point: Tensor) -> Tensor:
    return point


@dataclass(frozen=True)
class Observation:
    r"""A batch, ready to attack, to smooth and to certify.

    Attack and noise are added to ``point``; a network f sees :math:`A z + b` of a point z, with the
    operator A and the noise b of this one measurement.

    Attributes:
        point: ``(b, c, h, w)`` in the problem's space: a measurement, a signal or a digit.
        target: what errors are taken to, in the space of the outputs.
        measure: maps points to what networks are given; with a measurement noise b for one image it takes
            points ``(n, c, h, w)`` of that image.
        context: further arguments of a network, such as the operator.
    """

    point: Tensor
    target: Tensor
    measure: Callable[[Tensor], Tensor] = _unchanged
    context: tuple[Any, ...] = ()

    def wrap(self, network: Network) -> Estimator:
        r"""The network as an estimator of a point, :math:`z \mapsto f(A z + b, A)`."""
        if self.measure is _unchanged and not self.context:
            return network
        return lambda point: network(self.measure(point), *self.context)


@dataclass(frozen=True, kw_only=True)
class Problem(ABC):
    """One inverse problem.

    Attributes:
        name: in the store and in networks' metadata.
        title: for people.
        prefix: what the names of its networks begin with.
        scenario: its kind of scenario: the common fields and its own.
        space: where attack and smoothing noise live.
        eps, sigma: the scenario's fields that say how strong the attack and the smoothing noise are.
        without_weights: what its estimators without weights are called together.
        smooths_all: whether a run smooths every network of the scenario, or only its ``checkpoint``.
        published: whether the published certificate of mixed units is shown beside the others.
        cost: how many times as much memory its networks take per pixel as the U-Net does.
    """

    name: str
    title: str
    prefix: str
    scenario: type[Scenario]
    space: Space
    eps: str = "eps"
    sigma: str = "sigma"
    without_weights: str = "the linear estimate"
    smooths_all: bool = False
    published: bool = False
    cost: float = 1.0

    @abstractmethod
    def sample(self, photo: images.Photo, scenario: Any) -> Tensor:
        """X ``(1, c, h, w)`` in [0, 1]: what the scenario cuts of a photo.

        Raises:
            UserError: if the photo is smaller than the crop.
        """

    @abstractmethod
    def observe(self, x: Tensor, scenario: Any, seeds: Sequence[int]) -> Observation:
        """Measure ``(b, c, h, w)`` pictures; the noise of each comes from its own seed."""

    @abstractmethod
    def baselines(self, scenario: Any) -> Mapping[str, Network]:
        """Estimators without weights by name, which are attacked as networks are; the best one last."""

    @abstractmethod
    def setting(self, scenario: Any) -> str:
        """How the scenario measures, in a few words: ``×2``, ``σ_b = 15``."""

    def shown(self, observation: Observation, point: Tensor) -> Tensor:
        """What is measured of points, as pictures ``(b, c, h, w)``; the points where it is none."""
        measured = observation.measure(point)
        return self.space.picture(measured if measured.shape == point.shape else point)


class Operator(Protocol):
    """A linear map from signals ``(b, c, h, w)`` to measurements.

    Attributes:
        share: m/n, measured values per value of the signal.
    """

    @property
    def share(self) -> float: ...  # noqa: D102

    def A(self, signal: Tensor) -> Tensor:
        """Measure a signal."""

    def adjoint(self, measurement: Tensor) -> Tensor:
        r"""Back to the shape of the signal: :math:`\langle A x, y\rangle = \langle x, A^T y\rangle`."""

    def linear_estimate(self, measurement: Tensor) -> Tensor:
        """A linear estimate of the signal that agrees with the measurement, to start from."""


def _silent(scenario: Any) -> float:
    return 0.0


def _linear_and_variation(scenario: Any) -> Mapping[str, Network]:
    return {"linear": linear, "tv": total_variation}


@dataclass(frozen=True, kw_only=True)
class LinearInverse(Problem):
    r"""A linear inverse problem in grey, :math:`y = A x + b` (``sun2024``, section 1.1).

    Attack and smoothing noise live in the signal: networks see :math:`A(x + \xi + \delta) + b`. For every
    operator, also where :math:`A A^T \ne I`.

    Attributes:
        operator: of a scenario: A.
        noise: of a scenario: the standard deviation of b in grey levels.
        says: of a scenario: how it measures, in a few words.
        classical: of a scenario: reconstructions without learning by name, each a map of one measurement
            and its operator; they are not attacked.
        multiple: the crop's side is the nearest multiple of it.
    """

    operator: Callable[[Any], Operator]
    says: Callable[[Any], str]
    classical: Callable[[Any], Mapping[str, Network]] = _linear_and_variation
    noise: Callable[[Any], float] = _silent
    multiple: int = 1
    space: Space = field(default=GREY_LEVELS)
    smooths_all: bool = True
    published: bool = True
    cost: float = 3.0

    def side(self, scenario: Any) -> int:
        """Side of the crop in pixels."""
        side: int = max(1, round(scenario.size / self.multiple)) * self.multiple
        return side

    def sample(self, photo: images.Photo, scenario: Any) -> Tensor:
        """See :class:`Problem`; luma ``(1, 1, h, w)``."""
        return images.grey_crop(
            photo,
            short_side=scenario.short_side,
            x=scenario.crop_x,
            y=scenario.crop_y,
            size=self.side(scenario),
        )

    def observe(self, x: Tensor, scenario: Any, seeds: Sequence[int]) -> Observation:
        """See :class:`Problem`."""
        from core.base.noise import gaussian

        operator, level = self.operator(scenario), self.noise(scenario)
        if level == 0:
            return Observation(x, x, operator.A, (operator,))
        clean = operator.A(x)
        b = gaussian(clean, seeds).to(clean.dtype) * self.space.noise(level)
        return Observation(x, x, lambda signal: operator.A(signal) + b, (operator,))

    def baselines(self, scenario: Any) -> Mapping[str, Network]:
        """See :class:`Problem`: the operator's linear estimate."""
        return {"linear": linear}

    def setting(self, scenario: Any) -> str:
        """See :class:`Problem`."""
        return self.says(scenario)

