"""The panels of one run of denoising or compressed sensing: inputs, reconstructions, errors, single draws."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Estimate, Outcome
from core.pictures import render
from core.pictures.regions import Region
from pages.widgets.page import figures_text
from pages.widgets.page.names import Name
from pages.widgets.page.numbers import signed
from pages.widgets.scenario import inverse_names
from pages.widgets.scenario.outcome_panels import reaches
from pages.widgets.viewer.viewer_data import Panel, Row


@dataclass(frozen=True)
class _Shown:
    """An estimator: its key in links, its name, its clean and its attacked reconstruction."""

    key: str
    name: Name
    clean: Estimate
    attacked: Estimate


def pair(outcome: Outcome) -> tuple[str, str]:
    """Keys of what the viewer compares at first: the least defended base, and the chosen one smoothed."""
    s = outcome.scenario
    first, *_ = inverse_names.in_order(s.networks)
    return _key(first), f"{_key(s.checkpoint)}-smoothed"


def _key(network: str) -> str:
    """A network in links: how it was trained."""
    return network.partition("-")[2]


def rows(outcome: Outcome, called: dict[str, Name], region: Region | None = None) -> list[Row]:
    """All rows, the story first.

    Args:
        outcome: what to show.
        called: the base networks' names, see :mod:`pages.widgets.scenario.inverse_names`.
        region: where to score the pictures too.
    """
    return _Rows(outcome, called, region if region and reaches(region, outcome.truth) else None).all()


class _Rows:
    def __init__(self, outcome: Outcome, called: dict[str, Name], region: Region | None) -> None:
        self.outcome, self.called, self.region = outcome, called, region
        self.shown = []
        for network in inverse_names.in_order(outcome.networks):
            found, averaged = outcome.networks[network], outcome.smoothed[network].pair
            key = _key(network)
            smoothed = inverse_names.smoothed(outcome.scenario, network)
            self.shown += [
                _Shown(key, called[network], found.clean, found.attacked),
                _Shown(f"{key}-smoothed", smoothed, averaged.clean, averaged.attacked),
            ]

    def all(self) -> list[Row]:
        return [
            ("What is measured", self.inputs()),
            ("What the networks make of it, attacked", [self.attacked(each) for each in self.shown]),
            ("Error of the pictures above, in grey levels", [self.error(each) for each in self.shown]),
            ("What they make of it, not attacked", [self.clean(each) for each in self.shown]),
            ("One noisy reconstruction, attacked: the draw of median discrepancy", self.draws()),
        ]

    def inputs(self) -> list[Panel]:
        outcome, s = self.outcome, self.outcome.scenario
        e = outcome.base.perturbation
        factor = render.amplification_of(e.values)
        side = outcome.truth.shape[-1]
        linear = outcome.baselines["linear"].clean
        problem = inverse_names.problems()[s.problem.name]
        direct = problem.measured == "Measurement"
        attacked = outcome.received[s.checkpoint]
        blind = ATTACKS.get(e.made_on)
        made_on = blind.title if blind else f"made on: {inverse_names.short(e.made_on)}"
        return [
            Panel(
                title="Ground truth x",
                png=render.png(render.pixels(outcome.truth)),
                alt=f"The photo's {side}×{side} crop in grey",
                key="truth",
                levels=f"{side}×{side} pixels, grey",
            ),
            Panel(
                title="Measurement y" if direct else "Linear estimate of y",
                png=render.png(render.pixels(linear.picture)),
                alt="The crop with noise" if direct else "The crop as far as the measured values say it",
                key="measurement",
                levels=problem.setting(s),
                figure=f"{linear.quality.psnr:.2f} dB · SSIM {linear.quality.ssim:.3f}",
                inside=self.inside(linear.picture),
            ),
            Panel(
                title="Attacked measurement y + ξ" if direct else "Attacked signal x + ξ",
                png=render.png(render.pixels(attacked)),
                alt="The signal with the perturbation added",
                key="signal-attacked",
                levels=f"ε {s.eps_level:g} grey levels RMS",
                note=made_on,
                inside=self.inside(attacked),
            ),
            Panel(
                title=f"Perturbation ξ, ×{factor}",
                png=render.png(render.amplified(e.values, factor)),
                alt=f"The perturbation, amplified {factor} times around mid-grey",
                key="perturbation",
                levels=f"‖ξ‖₂ = {e.reached:.4f}",
                note=f"shown ×{factor} around mid-grey",
                inside=figures_text.rms_grey_levels(self.region.crop(e.values), "RMS") if self.region else "",
            ),
        ]

    def attacked(self, shown: _Shown) -> Panel:
        after, before = shown.attacked.quality, shown.clean.quality
        change = signed(after.psnr - before.psnr, 2), signed(after.ssim - before.ssim, 3)
        return Panel(
            title=shown.name.title,
            png=render.png(render.pixels(shown.attacked.picture)),
            alt=f"{shown.name.full}, attacked: {after.psnr:.2f} dB",
            key=shown.key,
            figure=figures_text.whole(after),
            note=f"{change[0]} dB, SSIM {change[1]} to clean",
            levels=shown.name.levels,
            tone="bad" if after.psnr < before.psnr else "good",
            inside=self.inside(shown.attacked.picture),
        )

    def clean(self, shown: _Shown) -> Panel:
        quality = shown.clean.quality
        return Panel(
            title=shown.name.title,
            png=render.png(render.pixels(shown.clean.picture)),
            alt=f"{shown.name.full}, not attacked: {quality.psnr:.2f} dB",
            key=f"{shown.key}-clean",
            levels=shown.name.levels,
            figure=figures_text.whole(quality),
            inside=self.inside(shown.clean.picture),
        )

    def error(self, shown: _Shown) -> Panel:
        error = (shown.attacked.picture - self.outcome.truth).abs()
        return Panel(
            title=shown.name.title,
            png=render.png(render.error_map(shown.attacked.picture, self.outcome.truth)),
            alt=f"Error map: {shown.name.full}, attacked",
            key=f"{shown.key}-error",
            levels=shown.name.levels,
            figure=figures_text.grey_levels(error, "mean"),
            inside=figures_text.grey_levels(self.region.crop(error), "mean") if self.region else "",
            scale=f"{render.ERROR_LIMIT:g}+",
        )

    def draws(self) -> list[Panel]:
        panels = []
        for network in inverse_names.in_order(self.outcome.networks):
            name, drawn = self.called[network], self.outcome.smoothed[network].attacked
            panels.append(
                Panel(
                    title=f"{name.title}, one draw",
                    png=render.png(render.pixels(drawn.median.picture)),
                    alt=f"{name.full}: one noisy reconstruction, {drawn.median.quality.psnr:.2f} dB",
                    key=f"{_key(network)}-draw",
                    levels=f"discrepancy {inverse_names.root(drawn.draws.median):.2f} grey levels",
                    figure=figures_text.whole(drawn.median.quality),
                    inside=self.inside(drawn.median.picture),
                )
            )
        return panels

    def inside(self, picture: Tensor) -> str:
        return figures_text.inside(picture, self.outcome.truth, self.region)
