"""Linear inverse problems in grey: an operator, noise, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from core.base.options import option
from core.pictures.units import GREY_LEVELS, Space
from core.problems import controls
from core.problems.classical import linear, total_variation
from core.problems.names import INVERSE_OBJECTIVES, TRAINED
from core.problems.problem import Network, Observation, Problem
from core.problems.scenario import PhotoScenario

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class LinearScenario(PhotoScenario):
    """What the scenarios of linear inverse problems have in common: levels in grey levels of 255."""

    image: str = option("camera", "Bundled photo by name, or a picture file; taken in grey.")
    size: int = option(
        96, "Side of the crop; the nearest that the problem can measure is taken.", controls.SIZE,
        low=33, high=512,
    )  # fmt: skip
    eps: float = option(
        5.0, "Attack strength: RMS of the perturbation of the signal in grey levels.", controls.EPS,
        low=0, high=255,
    )  # fmt: skip
    sigma: float = option(10.0, "Smoothing noise in grey levels.", controls.SIGMA, low=0, high=255)

    def to_query(self) -> dict[str, str]:
        """Those that a link names; the checkpoint always, for it says the problem."""
        return {"checkpoint": self.checkpoint, **super().to_query()}


class Operator(Protocol):
    """A linear map from signals ``(b, c, h, w)`` to measurements.

    Attributes:
        share: m/n, measured values per value of the signal.
    """

    @property
    def share(self) -> float: ...

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
class Training:
    """How a linear problem's networks are trained, as far as the problem decides it.

    Attributes:
        architecture, network: what :func:`core.networks.build` builds.
        crop: side of the random crops in pixels.
        epsilon: RMS in grey levels of the attacks that networks see where their name says no level, and of
            those that all of them are scored under.
        setting: fields of the scenario that are the same in every step.
        drawn: of a step's seed: fields that are drawn anew.
        start_steps, steps: of the network that the others go on from, and of each of them.
        learning_rate: of the first; the others have 5e-4.
        clip: largest norm of the gradient, longer ones are shortened to it; 0: as they are.
        reduced: what is smaller than published.
    """

    architecture: str = "dpdnn"
    network: Mapping[str, Any] = field(default_factory=lambda: {"widths": (16, 24, 32), "stages": 3})
    crop: int = 64
    epsilon: float = 5.0
    setting: Mapping[str, float] = field(default_factory=dict)
    drawn: Callable[[int], Mapping[str, float]] = lambda seed: {}
    start_steps: int = 1000
    steps: int = 300
    learning_rate: float = 2e-3
    clip: float = 0.0
    reduced: str = ""


@dataclass(frozen=True, kw_only=True)
class LinearInverse(Problem):
    r"""A linear inverse problem in grey, :math:`y = A x + b` (``sun2024``, section 1.1).

    Attack and smoothing noise live in the signal: networks see :math:`A(x + \xi + \delta) + b`. For every
    operator, also where :math:`A A^T \ne I`.

    Attributes:
        operator: of a scenario: A.
        noise: of a scenario: the standard deviation of b in grey levels.
        says: of a scenario: how it measures, in a few words.
        measured: what the linear estimate is called.
        classical: of a scenario: reconstructions without learning by name, each a map of one measurement
            and its operator; they are not attacked.
        training: how its networks are trained.
        multiple: the crop's side is the nearest multiple of it.
    """

    operator: Callable[[Any], Operator]
    says: Callable[[Any], str]
    classical: Callable[[Any], Mapping[str, Network]] = _linear_and_variation
    noise: Callable[[Any], float] = _silent
    measured: str = "Linear estimate"
    training: Training = Training()
    multiple: int = 1
    space: Space = field(default=GREY_LEVELS)
    names: str = rf"(?P<own>{'|'.join(INVERSE_OBJECTIVES)})|{TRAINED}"
    smooths_all: bool = True
    cost: float = 3.0

    def side(self, scenario: Any) -> int:
        side: int = max(1, round(scenario.size / self.multiple)) * self.multiple
        return side

    def observe(self, x: Tensor, scenario: Any, seeds: Sequence[int]) -> Observation:
        from core.base.noise import gaussian

        operator, level = self.operator(scenario), self.noise(scenario)
        if level == 0:
            return Observation(x, x, operator.A, (operator,))
        clean = operator.A(x)
        b = gaussian(clean, seeds).to(clean.dtype) * self.space.noise(level)

        def measure(signal: Tensor) -> Tensor:
            measured = operator.A(signal)
            if len(b) == 1:
                return measured + b
            rounds = -(-len(measured) // len(b))
            return measured + b.repeat(rounds, *[1] * (b.ndim - 1))[: len(measured)]

        return Observation(x, x, measure, (operator,))

    def baselines(self, scenario: Any) -> Mapping[str, Network]:
        """See :class:`Problem`: the operator's linear estimate."""
        return {"linear": linear}

    def references(self, scenario: Any) -> Mapping[str, Network]:
        return self.classical(scenario)

    @property
    def ordinary(self) -> str:
        """See :class:`Problem`; of the objectives of ``sun2024`` the first."""
        return super().ordinary or f"{self.prefix}-ord"

    def titled(self, baseline: str) -> str:
        return self.measured

    def setting(self, scenario: Any) -> str:
        return self.says(scenario)
