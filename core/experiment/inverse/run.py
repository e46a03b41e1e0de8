"""One scenario of denoising or compressed sensing: ``run(scenario, lab)`` returns an InverseOutcome.

The way of the data: photo, grey crop x, signal z (measurement noise inside), perturbation ξ,
reconstruction h(z + ξ), draws h(z + ξ + δ), metrics and discrepancies. As in :mod:`core.experiment.run`, what
a part depends on is its key in the lab's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from core.attacks import ball
from core.attacks.registry import ATTACKS
from core.base.progress import Meter, Progress
from core.base.seeds import derive
from core.certificates import reconstructions as smoothed
from core.experiment.inverse.attack import walk
from core.experiment.inverse.outcome import InverseOutcome, NetworkOutcome, Smoothing
from core.experiment.inverse.preparation import LINEAR, chunk_of, grey_crop, prepared, setting_of
from core.experiment.inverse.scenario import InverseScenario
from core.experiment.outcome import Estimate, Pair, Perturbation
from core.pictures import images, metrics
from core.pictures.units import GREY
from core.runtime.engine import Estimator
from core.runtime.session import Lab


def run(
    scenario: InverseScenario, lab: Lab, photo: images.Photo | None = None
) -> Generator[Progress, None, InverseOutcome]:
    """Compute a scenario, yielding before every attack step and every chunk of samples.

    Closing the generator cancels the run; what was finished stays in the lab's memory. Drive it
    to its end with :func:`core.base.progress.finish`.

    Args:
        scenario: what to compute.
        lab: device, networks and memory.
        photo: the photo itself, if it is not one that ``scenario.image`` can open.

    Raises:
        UserError: if the photo or a checkpoint cannot be used.
    """
    return (yield from lab.engine.drive(_compute(scenario, lab, photo)))


def _compute(
    scenario: InverseScenario, lab: Lab, photo: images.Photo | None
) -> Generator[Progress, None, InverseOutcome]:
    return (yield from _Stages(scenario, lab, photo or images.open_photo(scenario.image)).outcome())


class _Stages:
    """The stages of one run; built and used on the engine's thread."""

    def __init__(self, scenario: InverseScenario, lab: Lab, photo: images.Photo) -> None:
        self.scenario, self.lab, self.photo = scenario, lab, photo
        self.attack = ATTACKS[scenario.attack]
        self.steps = self.attack.taken(scenario.attack_steps) + 1
        self.precision = lab.engine.resolve(scenario.precision)
        self.setting = setting_of(scenario)
        self.truth = grey_crop(photo, scenario)
        self.target = self.truth.to(lab.engine.device)
        self.signal = self.setting.measured(self.target, [derive(scenario.seed, "measurement")])
        self.estimators: dict[str, Estimator] = {}
        self.digests: dict[str, str] = {}
        for name in (*scenario.networks, LINEAR):
            self.estimators[name], self.digests[name] = prepared(lab, name, self.setting, self.precision)
        self.scene = (
            "inverse", photo.digest, scenario.short_side, scenario.crop_x, scenario.crop_y, scenario.side,
            self.setting, scenario.seed, lab.engine.device, self.precision,
        )  # fmt: skip
        self.meter = Meter(
            len(self.estimators) * self.steps + len(scenario.networks) * 2 * scenario.samples / 3
        )

    def outcome(self) -> Generator[Progress, None, InverseOutcome]:
        """Everything of the scenario."""
        networks = {}
        with self.meter.timing("total"):
            for name in self.scenario.networks:
                pair = yield from self._pair(name)
                received = self.signal + pair.perturbation.values.to(self.signal)
                clean = yield from self._smoothing(name, self.signal, ())
                attacked = yield from self._smoothing(name, received, self._attack_key(name))
                published = self._draw(
                    name, received, attacked.draws, attacked.as_published, self._attack_key(name)
                )
                networks[name] = NetworkOutcome(pair, clean, attacked, published)
            baseline = yield from self._pair(LINEAR)
        return InverseOutcome(
            scenario=self.scenario,
            photo_digest=self.photo.digest,
            device=self.lab.engine.device,
            precision=self.precision,
            truth=self.truth,
            signal=self.signal.cpu(),
            networks=networks,
            baseline=baseline,
            digests={name: self.digests[name] for name in self.scenario.networks},
            seconds=self.meter.seconds,
        )

    # -- stages ----------------------------------------------------------------------------

    def _attack_key(self, name: str) -> tuple[object, ...]:
        s = self.scenario
        maker = s.attack if self.attack.blind else (name, self.digests[name])
        return ("ξ", maker, *self.scene, s.attack, s.eps, s.attack_steps, s.keep)

    def _pair(self, name: str) -> Generator[Progress, None, Pair]:
        key = ("pair", (name, self.digests[name]), *self._attack_key(name))
        found: Pair | None = self.lab.memory.get(key)
        if found is not None:
            self.meter.advance(self.steps)
            return found
        losses = []
        steps = walk(self.scenario, self.estimators[name].fast, self.signal, self.target)
        for iterate in self.meter.stepping("attack", steps):
            self.meter.advance(1)
            yield self.meter.progress(f"attacking {name}{' without gradients' * bool(iterate.notices)}")
            losses.append(iterate.loss.item())
        blind = self.attack.blind
        made = Perturbation(
            made_on=self.attack.key if blind else name,
            values=iterate.kept.cpu(),
            asked=self.scenario.radius,
            reached=ball.norms(iterate.kept).item(),
            losses=() if blind else tuple(losses),
            notice=iterate.notice(),
        )
        exact = self.estimators[name].exact
        clean = self._estimate(
            name, ("clean", name, self.digests[name], *self.scene), lambda: exact(self.signal)
        )
        with torch.no_grad():
            found = Pair(clean, self._scored(exact(self.signal + iterate.kept), name), made)
        self.lab.memory.put(key, found, 2 * self.truth.nbytes)
        return found

    def _smoothing(
        self, name: str, received: Tensor, input_key: tuple[object, ...]
    ) -> Generator[Progress, None, Smoothing]:
        """The draws, remembered without ε and α, and what is worked out of them for this ε and α."""
        s = self.scenario
        key = self._draws_key(name, input_key)
        found: tuple[smoothed.Draws, Estimate] | None = self.lab.memory.get(key)
        if found is None:
            draws = yield from self._drawn(name, received)
            found = draws, self._scored(draws.mean, name)
            self.lab.memory.put(key, found, 2 * self.truth.nbytes + draws.discrepancies.nbytes)
        else:
            self.meter.advance(s.samples / 3)
        draws, mean = found
        median = self._draw(name, received, draws, draws.median, input_key)
        assert median is not None
        return Smoothing(
            draws=draws,
            mean=mean,
            median=median,
            bound=draws.bounds([s.certificate_ratio], s.alpha)[0],
            as_published=draws.as_published(s.eps, s.alpha),
        )

    def _draws_key(self, name: str, input_key: tuple[object, ...]) -> tuple[object, ...]:
        """All that the draws around an input depend on."""
        s = self.scenario
        return ("draws", self.digests[name], *self.scene, s.sigma, s.samples, *input_key)

    def _drawn(self, name: str, received: Tensor) -> Generator[Progress, None, smoothed.Draws]:
        s, estimator = self.scenario, self.estimators[name]
        with torch.no_grad():
            reference = estimator.exact(received)
        drawing = smoothed.draw(
            # Without noise there is one forward, which can be exact.
            estimator.fast if s.sigma > 0 else estimator.exact,
            received,
            reference,
            sigma=s.sigma / GREY,
            samples=s.samples,
            seed=s.seed,
            chunk=chunk_of(self.lab, s.side),
        )
        before = 0
        for draws in self.meter.stepping("smoothing", drawing):
            self.meter.advance((draws.samples - before) / 3)
            before = draws.samples
            yield self.meter.progress(f"smoothing {name}")
        return draws

    def _draw(
        self, name: str, received: Tensor, draws: smoothed.Draws, value: float, input_key: tuple[object, ...]
    ) -> Estimate | None:
        """The draw that has this discrepancy, as a scored picture; None where there is none."""
        number = draws.place(value)
        if number is None:
            return None
        fast, seed = self.estimators[name].fast, self.scenario.seed
        return self._estimate(
            name,
            (*self._draws_key(name, input_key), number),
            lambda: smoothed.again(fast, received, number, sigma=draws.sigma, seed=seed),
        )

    def _estimate(self, name: str, key: tuple[object, ...], compute: Callable[[], Tensor]) -> Estimate:
        found: Estimate | None = self.lab.memory.get(key)
        if found is None:
            with torch.no_grad():
                found = self._scored(compute(), name)
            self.lab.memory.put(key, found, found.picture.nbytes)
        return found

    def _scored(self, output: Tensor, name: str) -> Estimate:
        picture = output.float().clamp(0.0, 1.0).cpu()
        return Estimate(picture, metrics.quality(picture, self.truth, name)[0])
