"""The panels of one outcome of any problem: inputs, attacked outputs, their errors, clean outputs, spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from torch import Tensor
from torch.nn.functional import interpolate

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Outcome, Pair
from core.pictures import metrics, render
from core.pictures.regions import Region
from core.problems.linear import LinearInverse
from core.problems.names import Identity
from core.problems.scenario import PhotoScenario, smoothed_name
from core.reports.titles import LEMMA
from core.runtime.engine import PLAIN
from pages.widgets.page import figures_text, names
from pages.widgets.page.names import Name
from pages.widgets.page.numbers import signed
from pages.widgets.viewer.viewer_data import Panel, Row

WITHOUT = "trivial"
"""Key of the best estimator without weights."""


@dataclass(frozen=True)
class Shown:
    """An estimator: what a perturbation made on it is called, its key in links, its name and estimates."""

    who: str
    key: str
    name: Name
    pair: Pair


def shown(outcome: Outcome) -> list[Shown]:
    """The estimators in the order of the rows, the best one without weights last."""
    scenario, called, key = outcome.scenario, names.of(outcome.scenario), keys(outcome.scenario)
    found: dict[str, Pair] = {}
    for network in names.networks(scenario):
        found[network] = outcome.networks[network]
        if network in outcome.smoothed:
            found[smoothed_name(scenario, network)] = outcome.smoothed[network].pair
    best = max(outcome.baselines, key=lambda name: outcome.baselines[name].attacked.quality.psnr)
    found[best] = outcome.baselines[best]
    return [Shown(who, key.get(who, WITHOUT), called[who], pair) for who, pair in found.items()]


def keys(scenario: PhotoScenario) -> dict[str, str]:
    """Networks and smoothed estimates to their names in links.

    They are the same for all levels, so that a slider keeps the picked panel; only a second one of a kind
    adds its level.
    """
    found: dict[str, str] = {}
    for network in scenario.networks:
        identity = Identity.parse(network)
        key = network.partition("-")[2]
        if not scenario.problem.smooths_all:
            key = {"smoothing": "base"}.get(identity.objective, identity.objective)
            key += "-literal" * (not identity.residual) + f"-{identity.tag}" * bool(identity.tag)
        found[network] = f"{key}-{identity.level:g}" if key in found.values() else key
    all_are = scenario.problem.smooths_all
    smoothed = {
        smoothed_name(scenario, name): f"{found[name]}-smoothed" if all_are else "smoothed"
        for name in scenario.smoothed
    }
    return found | smoothed


def pair(scenario: PhotoScenario) -> tuple[str, str]:
    """Keys of what is compared at first: the least defended network, and the smoothed estimate."""
    key = keys(scenario)
    return key[names.networks(scenario)[0]], key[smoothed_name(scenario, scenario.checkpoint)]


def rows(outcome: Outcome, region: Region | None = None, selected: str = "", flip: bool = False) -> list[Row]:
    """All rows, the story first.

    Args:
        outcome: what to show.
        region: where to score the pictures too.
        selected: key of the estimator whose perturbation is shown; by default of the smoothed one.
        flip: whether with maps of the perceived difference.
    """
    made = _Rows(outcome, region if region and reaches(region, outcome.truth) else None, selected)
    found = made.all()[: 3 if large(outcome) else None]
    if flip:
        maps = [made.flip(each) for each in made.shown]
        found.insert(3, ("Perceived difference of the pictures above (FLIP)", maps))
    return found


def large(outcome: Outcome) -> bool:
    """Whether pictures are so large that a page sends only the most important ones."""
    return outcome.truth[0, 0].numel() > PLAIN


def reaches(region: Region, picture: Tensor) -> bool:
    """Whether the region holds a pixel of the picture ``(..., h, w)``."""
    return region.top < picture.shape[-2] and region.left < picture.shape[-1]


class _Rows:
    def __init__(self, outcome: Outcome, region: Region | None, selected: str) -> None:
        self.outcome, self.region, self.shown = outcome, region, shown(outcome)
        by_key = {each.key: each for each in self.shown}
        self.selected = by_key.get(selected) or by_key[pair(outcome.scenario)[1]]

    def all(self) -> list[Row]:
        return [
            ("What the networks get", self.inputs()),
            ("What they make of it, attacked", [self.attacked(each) for each in self.shown]),
            ("Error of the pictures above, in grey levels", [self.error(each) for each in self.shown]),
            ("What they make of it, not attacked", [self.clean(each) for each in self.shown]),
            (
                "Single draws of the smoothed estimate, and their spread",
                [*self.draws(), *self.spreads(), self.averaged()],
            ),
        ]

    def inputs(self) -> list[Panel]:
        outcome, s = self.outcome, self.outcome.scenario
        e = self.selected.pair.perturbation
        values = interpolate(s.problem.space.spread(e.values), outcome.truth.shape[-2:])  # pixel by pixel
        factor = render.amplification(values)
        height, width = outcome.truth.shape[-2:]
        maker = f"made on: {names.of(s)[e.made_on].full}" if e.made_on not in ATTACKS else ""
        direct = not isinstance(s.problem, LinearInverse) or s.problem.measured == "Measurement"
        measured = next(iter(outcome.baselines.values())).clean
        return [
            self.panel("Ground truth x", outcome.truth, "truth", f"The photo's {width}×{height} crop",
                       levels=f"{width}×{height} pixels"),
            self.panel("Measurement y" if direct else "Linear estimate of y", measured.picture, "measurement",
                       "What is measured of the crop",
                       levels=s.problem.setting(s), figure=figures_text.whole(measured.quality)),
            self.panel("Attacked y + e" if direct else "Attacked signal x + e",
                       outcome.received[self.selected.who], "attacked", "With the perturbation added",
                       levels=names.strength(s), note=maker or ATTACKS[e.made_on].title),
            Panel(
                title=f"Perturbation e, ×{factor}",
                png=render.png(render.amplified(values, factor)),
                alt=f"The perturbation, amplified {factor} times around mid-grey",
                key="perturbation",
                levels=names.length(s, e.reached),
                note=f"shown ×{factor} around mid-grey",
                inside=self.rms(values, "RMS"),
            ),
        ]  # fmt: skip

    def panel(self, title: str, picture: Tensor, key: str, alt: str, **words: str) -> Panel:
        made = Panel(title, render.png(render.pixels(picture)), alt, key)
        inside = "" if key == "truth" else figures_text.inside(picture, self.outcome.truth, self.region)
        return replace(made, inside=inside, **words)  # type: ignore[arg-type]

    def attacked(self, shown: Shown) -> Panel:
        after, before = shown.pair.attacked.quality, shown.pair.clean.quality
        change = signed(after.psnr - before.psnr, 2), signed(after.ssim - before.ssim, 3)
        return self.panel(
            shown.name.title, shown.pair.attacked.picture, shown.key,
            f"{shown.name.full}, attacked: {after.psnr:.2f} dB", figure=figures_text.whole(after),
            note=f"{change[0]} dB, SSIM {change[1]} to clean", levels=shown.name.levels,
            tone="bad" if after.psnr < before.psnr else "good",
        )  # fmt: skip

    def clean(self, shown: Shown) -> Panel:
        quality = shown.pair.clean.quality
        return self.panel(
            shown.name.title, shown.pair.clean.picture, f"{shown.key}-clean",
            f"{shown.name.full}, not attacked: {quality.psnr:.2f} dB", levels=shown.name.levels,
            figure=figures_text.whole(quality),
        )  # fmt: skip

    def error(self, shown: Shown) -> Panel:
        error = (shown.pair.attacked.picture - self.outcome.truth).abs()
        return Panel(
            title=shown.name.title,
            png=render.png(render.error_map(shown.pair.attacked.picture, self.outcome.truth)),
            alt=f"Error map: {shown.name.full}, attacked",
            key=f"{shown.key}-error",
            levels=shown.name.levels,
            figure=figures_text.grey_levels(error, "mean"),
            inside=figures_text.grey_levels(self.region.crop(error), "mean") if self.region else "",
            scale=f"{render.ERROR_LIMIT:g}+",
        )

    def flip(self, shown: Shown) -> Panel:
        difference = metrics.flip(shown.pair.attacked.picture, self.outcome.truth)
        inside = self.region.crop(difference).mean() if self.region else None
        return Panel(
            title=shown.name.title,
            png=render.png(render.flip_map(difference)),
            alt=f"Map of the perceived difference: {shown.name.full}, attacked",
            key=f"{shown.key}-flip",
            levels=shown.name.levels,
            figure=f"FLIP {difference.mean():.3f}",
            inside="" if inside is None else f"FLIP {inside:.3f}",
            scale=f"{render.FLIP_LIMIT:g}+",
        )

    def draws(self) -> Iterable[Panel]:
        key, called = keys(self.outcome.scenario), names.of(self.outcome.scenario)
        for network, found in self.outcome.smoothed.items():
            drawn = found.attacked
            yield self.panel(
                f"{called[network].title}, one draw", drawn.median.picture, f"{key[network]}-draw",
                f"{called[network].full}: the noisy reconstruction of median discrepancy, "
                f"{drawn.median.quality.psnr:.2f} dB",
                levels=f"discrepancy {names.root(drawn.draws.median):.2f} grey levels",
                figure=figures_text.whole(drawn.median.quality),
            )  # fmt: skip

    def spreads(self) -> Iterable[Panel]:
        chosen, samples = self.outcome.chosen, self.outcome.scenario.samples
        pairs = (("attacked", "spread", chosen.attacked), ("not attacked", "spread-clean", chosen.clean))
        for how, key, smoothed in pairs:
            yield Panel(
                title=f"Spread of a draw, {how}",
                png=render.png(render.spread_map(smoothed.deviation)),
                alt=f"Standard deviation map of one prediction, {how}",
                key=key,
                levels=f"of their average ĝ: ÷√{samples} = ÷{samples**0.5:.1f}",
                figure=figures_text.rms_grey_levels(smoothed.deviation, "RMS"),
                inside=self.rms(smoothed.deviation, "RMS"),
                scale=f"{render.SPREAD_LIMIT:g}+",
            )

    def averaged(self) -> Panel:
        """The best estimator without weights smoothed as well, which is linear."""
        best = self.shown[-1]
        found = self.outcome.averaged[best.who]
        return self.panel(
            f"Smoothed {best.name.title[0].lower()}{best.name.title[1:]}", found.picture, "trivial-smoothed",
            f"{best.name.full}, attacked and smoothed: {found.quality.psnr:.2f} dB",
            levels=f"without smoothing {best.pair.attacked.quality.psnr:.2f} dB", note=LEMMA,
            figure=figures_text.whole(found.quality),
        )  # fmt: skip

    def rms(self, values: Tensor, words: str) -> str:
        return figures_text.rms_grey_levels(self.region.crop(values), words) if self.region else ""
