"""The panels of one outcome: inputs, attacked outputs, their errors, clean outputs, spread."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Estimate, Outcome
from core.pictures import render
from core.pictures.regions import Region
from core.problems.scenario import SMOOTHED
from core.problems.super_resolution import SUPER_RESOLUTION
from pages.widgets.page import figures_text
from pages.widgets.page.names import Name, level
from pages.widgets.page.numbers import signed
from pages.widgets.viewer.viewer_data import Panel, Row

PAIR = ("standard", "smoothed")
"""What the viewer compares at first: the broken output and the repaired one."""


def rows(outcome: Outcome, called: dict[str, Name], region: Region | None = None) -> list[Row]:
    """All rows, the story first.

    Args:
        outcome: what to show.
        called: the networks' names, see :mod:`pages.widgets.page.names`.
        region: where to score the pictures too.
    """
    return _Rows(outcome, called, region if region and reaches(region, outcome.truth) else None).all()


def reaches(region: Region, picture: Tensor) -> bool:
    """Whether the region holds a pixel of the picture ``(..., h, w)``."""
    return region.top < picture.shape[-2] and region.left < picture.shape[-1]


def keys(networks: Iterable[str]) -> dict[str, str]:
    """The networks' names in links: the same for all levels, so that a slider keeps the picked panel; only
    a second one of a kind adds its level."""
    found: dict[str, str] = {}
    for network in networks:
        identity = SUPER_RESOLUTION.identity(network)
        key = {"smoothing": "base"}.get(identity.objective, identity.objective)
        key += "-literal" * (not identity.residual) + f"-{identity.tag}" * bool(identity.tag)
        found[network] = f"{key}-{identity.level:g}" if key in found.values() else key
    return found


class _Rows:
    def __init__(self, outcome: Outcome, called: dict[str, Name], region: Region | None) -> None:
        self.outcome, self.called, self.region = outcome, called, region
        key = keys(outcome.networks)
        self.shown = [
            (key[name], called[name], pair.clean, pair.attacked) for name, pair in outcome.networks.items()
        ]
        smoothed = outcome.chosen.pair
        self.shown.append((SMOOTHED, called[SMOOTHED], smoothed.clean, smoothed.attacked))

    def all(self) -> list[Row]:
        samples = self.outcome.scenario.samples
        return [
            ("What the networks get", self.inputs()),
            ("What they make of it, attacked", [self.output(*entry) for entry in self.shown]),
            ("Error of the pictures above, in grey levels", [self.error(*entry) for entry in self.shown]),
            ("What they make of it, not attacked", [self.clean_output(*entry) for entry in self.shown]),
            (
                f"Spread of the {samples} predictions: standard deviation in grey levels",
                self.spreads(),
            ),
        ]

    def inputs(self) -> list[Panel]:
        outcome, scenario = self.outcome, self.outcome.scenario
        e = outcome.chosen.perturbation
        factor = render.amplification(e.values)
        measurement, attacked = outcome.measured, outcome.received[SMOOTHED]
        bilinear = outcome.baselines["bilinear"].clean.quality
        maker = self.maker(e.made_on)
        height, width = outcome.truth.shape[-2:]
        return [
            Panel(
                title="Ground truth x",
                png=render.png(render.pixels(outcome.truth)),
                alt=f"The photo's {width}×{height} crop",
                key="truth",
                levels=f"{width}×{height} pixels",
            ),
            Panel(
                title="Measurement y",
                png=render.png(render.pixels(measurement)),
                alt=f"The photo shrunk {scenario.factor} times and enlarged bilinearly",
                key="measurement",
                levels=f"÷{scenario.factor}, enlarged bilinearly",
                figure=f"{bilinear.psnr:.2f} dB · SSIM {bilinear.ssim:.3f}",
                inside=self.inside(measurement),
            ),
            Panel(
                title="Attacked measurement y + e",
                png=render.png(render.pixels(attacked)),
                alt="The measurement with the perturbation added",
                key="attacked",
                levels=level("ε_rel", scenario.eps_level),
                note=maker,
                inside=self.inside(attacked),
            ),
            Panel(
                title=f"Perturbation e, ×{factor}",
                png=render.png(render.perturbation_picture(e.values, factor)),
                alt=f"The perturbation, amplified {factor} times around mid-grey",
                key="perturbation",
                levels=f"‖e‖₂ = {e.reached:.4f}",
                note=f"shown ×{factor} around mid-grey",
                inside=self.rms(render.in_picture_units(e.values), "RMS"),
            ),
        ]

    def maker(self, made_on: str) -> str:
        """What the perturbation was made on, in words."""
        if made_on in ATTACKS:
            return ATTACKS[made_on].title
        return f"made on: {self.called[made_on].title}"

    def output(self, key: str, name: Name, clean: Estimate, attacked: Estimate) -> Panel:
        after, before = attacked.quality, clean.quality
        change = signed(after.psnr - before.psnr, 2), signed(after.ssim - before.ssim, 3)
        return Panel(
            title=name.title,
            png=render.png(render.pixels(attacked.picture)),
            alt=f"{name.full}, attacked: {after.psnr:.2f} dB",
            key=key,
            figure=figures_text.whole(after),
            note=f"{change[0]} dB, SSIM {change[1]} to clean",
            levels=name.levels,
            tone="bad" if after.psnr < before.psnr else "good",
            inside=self.inside(attacked.picture),
        )

    def clean_output(self, key: str, name: Name, clean: Estimate, attacked: Estimate) -> Panel:
        return Panel(
            title=name.title,
            png=render.png(render.pixels(clean.picture)),
            alt=f"{name.full}, not attacked: {clean.quality.psnr:.2f} dB",
            key=f"{key}-clean",
            levels=name.levels,
            figure=figures_text.whole(clean.quality),
            inside=self.inside(clean.picture),
        )

    def error(self, key: str, name: Name, clean: Estimate, attacked: Estimate) -> Panel:
        error = (attacked.picture - self.outcome.truth).abs()
        return Panel(
            title=name.title,
            png=render.png(render.error_map(attacked.picture, self.outcome.truth)),
            alt=f"Error map: {name.full}, attacked",
            key=f"{key}-error",
            levels=name.levels,
            figure=figures_text.grey_levels(error, "mean"),
            inside=self.mean(error, "mean"),
            scale=f"{render.ERROR_LIMIT:g}+",
        )

    def spreads(self) -> list[Panel]:
        outcome = self.outcome
        samples = outcome.scenario.samples
        shown = {
            "attacked": ("spread", outcome.chosen.attacked),
            "not attacked": ("spread-clean", outcome.chosen.clean),
        }
        return [
            Panel(
                title=f"One prediction f(y + δ), {how}",
                png=render.png(render.spread_map(smoothed.deviation)),
                alt=f"Standard deviation map of one prediction, {how}",
                key=key,
                levels=f"of their average ĝ: ÷√{samples} = ÷{samples**0.5:.1f}",
                figure=figures_text.rms_grey_levels(smoothed.deviation, "RMS"),
                inside=self.rms(smoothed.deviation, "RMS"),
                scale=f"{render.SPREAD_LIMIT:g}+",
            )
            for how, (key, smoothed) in shown.items()
        ]

    # -- inside the region -----------------------------------------------------------------

    def inside(self, picture: Tensor) -> str:
        return figures_text.inside(picture, self.outcome.truth, self.region)

    def mean(self, values: Tensor, words: str) -> str:
        return figures_text.grey_levels(self.region.crop(values), words) if self.region else ""

    def rms(self, values: Tensor, words: str) -> str:
        return figures_text.rms_grey_levels(self.region.crop(values), words) if self.region else ""
