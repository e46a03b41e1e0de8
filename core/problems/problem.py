"""What a problem is: how a photo is measured, and what networks, attacks and smoothing are given of it.

A problem is one file of this folder and one line of :data:`core.problems.PROBLEMS`; the command line, the
pages, training, evaluation and certificates ask that registry and nobody asks for a problem's name.

Files of problems load torch only when something is measured: the command line's help and the pages of
stored results read the declarations alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from core.base.errors import UserError
from core.pictures import images
from core.pictures.units import Space
from core.problems.grid import Grid
from core.problems.names import FAMILY, PREFIXES, TRAINED, Identity, Names

if TYPE_CHECKING:
    from torch import Tensor

    from core.attacks.losses import Loss
    from core.attacks.objectives import Objective
    from core.pictures.metrics import Quality
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
        measure: maps points ``(n, c, h, w)`` to what networks are given; they are of the observed images in
            their order, after the last one from the first again.
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
        names, examples: how they go on, and some: see :class:`core.problems.names.Names`.
        families: what the names of published networks begin with instead, which somebody else trained for it.
        scenario: its kind of scenario: the common fields and its own.
        space: where attack and smoothing noise live.
        eps, sigma: the scenario's fields that say how strong the attack and the smoothing noise are.
        without_weights: what its estimators without weights are called together.
        smooths_all: whether a run smooths every network of the scenario, or only its ``checkpoint``.
        published: whether ``sun2024`` has results of it: its certificate of mixed units stands beside ours.
        classes: how many a network chooses among, by scores ``(b, classes)``; 0: it answers with pictures.
        figures: what :meth:`scores` finds, as fields of metadata end.
        document: that has numbers of it, by its key in ``docs/references.bib``; empty if there is none.
        cost: how many times as much memory its networks take per pixel as the U-Net does.
        own: the scenario's fields that say how it measures, the most telling one first; what follows from the
            checkpoint among them.
        trained_in: the space of its networks' levels of training, if that is another.
        table: of the results store, for its evaluations.
        grid: what these compute.
    """

    name: str
    title: str
    prefix: str
    scenario: type[Scenario]
    space: Space
    names: str = TRAINED
    examples: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    eps: str = "eps"
    sigma: str = "sigma"
    without_weights: str = "the linear estimate"
    smooths_all: bool = False
    published: bool = False
    classes: int = 0
    figures: tuple[str, ...] = ("psnr", "ssim")
    document: str = ""
    cost: float = 1.0
    own: tuple[str, ...] = ()
    trained_in: Space | None = None
    table: str = "evaluations"
    grid: Grid = field(default_factory=Grid)

    def __post_init__(self) -> None:
        self.scenario.problem = self
        patterns = {self.prefix: self.names, **dict.fromkeys(self.families, FAMILY)}
        for prefix, pattern in patterns.items():
            PREFIXES[prefix] = Names(self.name, pattern, self.examples)

    def identity(self, network: str) -> Identity:
        """What the name of one of its networks says.

        Raises:
            UserError: if it is no such name.
        """
        return Identity.parse(network, self.name)

    def called(self, objective: str, **said: Any) -> str:
        """The name of its network that was trained like this; ``said`` are fields of an ``Identity``."""
        return Identity(problem=self.name, objective=objective, **said).name

    @property
    def loss(self) -> Loss:
        """What attacks climb and training lowers."""
        from core.attacks.losses import SQUARED_ERROR

        return SQUARED_ERROR

    def error(self, estimator: Estimator, observation: Observation) -> Objective:
        """The loss of an estimator at points, as attacks climb it."""
        from core.attacks.objectives import BaseError

        return BaseError(estimator, observation.target, self.loss)

    def scores(self, outputs: Tensor, target: Tensor) -> Tensor:
        """How good outputs ``(b, ...)`` are: ``figures`` of each, ``(figures, b)``; PSNR in dB and SSIM."""
        import torch

        from core.pictures import metrics

        estimate, truth = (self.space.picture(values) for values in (outputs, target))
        return torch.stack([metrics.psnr(estimate, truth), metrics.ssim(estimate, truth)])

    def quality(self, picture: Tensor, truth: Tensor, scenario: Any, whose: str) -> Quality:
        """The figures of a picture ``(1, c, h, w)`` against the truth, see
        :func:`core.pictures.metrics.quality`."""
        from core.pictures import metrics

        return metrics.quality(picture, truth, whose)[0]

    def radius(self, level: float, dimension: int, norm: str = "l2") -> float:
        """Of an attack of this strength on so many values, in its norm and in the space's values: in L2 the
        level is the RMS of the perturbation, in L∞ the most that a value moves."""
        return self.space.radius(level, dimension) if norm == "l2" else self.space.noise(level)

    def open(self, scenario: Any) -> Any:
        """The photo that a scenario names, for :meth:`sample`.

        Raises:
            UserError: if there is none such, or it cannot be read.
        """
        return images.open_photo(scenario.image)

    def side(self, scenario: Any) -> int:
        """Side of the crop that :meth:`sample` cuts, in pixels."""
        return images.SIZE

    def sample(self, photo: Any, scenario: Any) -> Tensor:
        """X ``(1, c, h, w)`` in [0, 1]: what the scenario cuts of a photo, luma where there is one channel.

        Raises:
            UserError: if the photo is smaller than the crop.
        """
        cut = images.crop if len(self.space.shift) > 1 else images.grey_crop
        return cut(
            photo,
            short_side=scenario.short_side,
            x=scenario.crop_x,
            y=scenario.crop_y,
            size=self.side(scenario),
        )

    @abstractmethod
    def observe(self, x: Tensor, scenario: Any, seeds: Sequence[int]) -> Observation:
        """Measure ``(b, c, h, w)`` pictures; the noise of each comes from its own seed."""

    @abstractmethod
    def baselines(self, scenario: Any) -> Mapping[str, Network]:
        """Estimators without weights by name, which are attacked as networks are; the best one last."""

    def references(self, scenario: Any) -> Mapping[str, Network]:
        """Reconstructions without learning to hold networks against, which are not attacked."""
        return self.baselines(scenario)

    @abstractmethod
    def setting(self, scenario: Any) -> str:
        """How the scenario measures, in a few words: ``×2``, ``σ_b = 15``."""

    @property
    def apart(self) -> str:
        """The column of its evaluations that tells one setting from another."""
        return self.own[0] if self.own else "setting"

    def at(self, setting: float) -> Scenario:
        """A scenario in a setting: a value of the column :attr:`apart`."""
        found: Scenario = self.scenario_at(setting)
        return found

    @property
    def ordinary(self) -> str:
        """Its network without a defence, which others stand beside; empty if none is known."""
        return next(iter(self.grid.beside), "")

    def titled(self, baseline: str) -> str:
        """What an estimator without weights is called."""
        return baseline

    def company(self, estimator: str, setting: float, eps: float) -> dict[str, Any]:
        """The fields of a scenario that shows an estimator in a setting: who takes part, and the setting.

        Args:
            estimator: a network, or one without weights.
            setting: value of the column :attr:`apart`.
            eps: attack strength.
        """
        weightless = estimator in self.baselines(self.scenario())
        network = self.scenario().checkpoint if weightless else estimator
        beside = tuple(name for name in (self.ordinary,) if name and name != network)
        return {"checkpoint": network, "compare": beside, **dict.fromkeys(self.own[:1], setting)}

    def scenario_at(self, setting: float | None = None, **given: Any) -> Any:
        """A scenario with these fields, and this value of its most telling one.

        Raises:
            UserError: if scenarios of this problem have no such field, or it is out of range.
        """
        there = {declared.name for declared in fields(self.scenario)}
        given |= {} if setting is None else {next(iter(there.intersection(self.own[:1])), "setting"): setting}
        foreign = sorted(given.keys() - there)
        if foreign:
            raise UserError(f"{self.title} has no {foreign[0]}: leave --{foreign[0]} out.")
        return self.scenario(**given)

    def shown(self, observation: Observation, point: Tensor) -> Tensor:
        """What is measured of points, as pictures ``(b, c, h, w)``; the points where it is none."""
        measured = observation.measure(point)
        return self.space.picture(measured if measured.shape == point.shape else point)
