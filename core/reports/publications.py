"""The figures of the publications, drawn again with matplotlib: ours, and published numbers where there are.

Those of numbers are of the results store, those of pictures of runs on bundled photos. A figure's ``note``
says what is smaller or other than in its document, or why it cannot be drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.base.errors import UserError, existing
from core.base.progress import finish
from core.evaluation.studies import strength
from core.pictures import images, render
from core.pictures.images import SIZE
from core.problems.digits.problem import DigitsScenario
from core.problems.linear import LinearInverse
from core.problems.scenario import BASE, SMOOTHED, PhotoScenario
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolution, SuperResolutionScenario
from core.reports.export import Picture, panels
from core.reports.figures import families
from core.reports.figures.tradeoff import TITLES
from core.reports.tables import thesis
from core.reports.tables.paper import PARTS
from core.reports.titles import FIVE
from core.results.evaluations import load
from core.results.published import published
from core.results.store import RESULTS, Store

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from torch import Tensor

    from core.experiment.outcome import Estimate, Outcome
    from core.runtime.session import Lab

PHOTOS = ("astronaut", "chelsea", "coffee")
GREY_PHOTO = "camera"
SAMPLES, SIDE, STEPS = 15, 96, PhotoScenario.attack_steps
"""Draws, side of the pictures, and steps of the attack in figures of the paper."""
THEIRS = {"S": "50", "steps": "100 or 150"}
"""What the paper has of them (``sun2024``, section 4)."""

Draw = Callable[[Path | None, Callable[[], "Lab"]], "Figure"]
"""Of a folder of results, and of networks and engine for those who ask."""


@dataclass(frozen=True)
class Drawn:
    """A figure of a document.

    Attributes:
        name: its number; of others than the thesis with the document before it.
        title: what it shows there.
        note: what is smaller or other here, or why it is not drawn.
        draw: None if it cannot be.
    """

    name: str
    title: str
    note: str
    draw: Draw | None = None


def drawn(name: str, root: Path | None, lab: Callable[[], Lab]) -> Figure:
    """Draw one of :data:`FIGURES`.

    Args:
        name: which one.
        root: folder of results.
        lab: networks and engine, asked for those of pictures only.

    Raises:
        UserError: if there is none such, it cannot be drawn, or the store has nothing of it.
    """
    figure = FIGURES[existing("figure", name, FIGURES)]
    if figure.draw is None:
        raise UserError(f"Figure {figure.name} is not drawn here. {figure.note}")
    return figure.draw(root, lab)


# -- figures of numbers -----------------------------------------------------------------------------------


def _axes(rows: int, columns: int) -> tuple[Figure, np.ndarray]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * columns, 2.9 * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _line(axes: Axes, x: Iterable[float], rows: pd.DataFrame, metric: str, colour: str, label: str) -> None:
    y = rows[metric]
    bars = np.abs([y - rows[f"{metric}_low"], rows[f"{metric}_high"] - y])
    axes.errorbar(
        [*x], y, bars, color=colour, label=label, marker="o", markersize=3, linewidth=1.2, capsize=2
    )


def _strength(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    rows = Store("attacks", root or RESULTS).read()
    rows = rows[rows["checkpoint"] == "sr-x2-rs-0.40"] if len(rows) else rows
    if rows.empty:
        raise UserError("No attacks on ĝ are stored: python -m core study attacks --data DIR makes them.")
    curve = strength.curve(rows)
    figure, ((left, right),) = _axes(1, 2)
    lines = {"f": "Vanilla PGD, on f", "smoothed": "RS PGD, on ĝ", "strongest": "strongest known"}
    for line, label in lines.items():
        part = curve[(curve["line"] == line) & (curve["eps_rel"] <= 0.2)]
        for count, of_count in part.groupby("attack_samples"):
            more = f", M = {count:g}" if line == "smoothed" else ""
            for axes, metric in ((left, "psnr"), (right, "ssim")):
                look = families.ATTACKS.get(line) or families.on_smoothed(int(count))
                _line(axes, of_count["eps_rel"], of_count, metric, look.colour, label + more)
    for axes, metric in ((left, "psnr"), (right, "ssim")):
        axes.set(xlabel="ε_rel", ylabel=TITLES[metric])
    left.legend(fontsize=6)
    figure.suptitle("σ_f = σ_g = 0.4", fontsize=9)
    return figure


def _noise(factor: int, level: float, root: Path | None, lab: Callable[[], Lab]) -> Figure:
    name = SUPER_RESOLUTION.called("smoothing", factor=factor, level=level)
    rows = load(SUPER_RESOLUTION, "validation", root)
    rows = rows[rows["estimator"] == name] if len(rows) else rows
    if rows.empty:
        raise UserError(f"The store has no {name}: python -m core evaluate {name} --data DIR.")
    theirs = published(SUPER_RESOLUTION, {2: "A.2", 4: "A.3"}[factor])
    best = theirs[theirs["level"] == level].set_index("eps")["sigma"]
    figure, ((left, right),) = _axes(1, 2)
    for place, (eps, part) in enumerate(rows.groupby("eps")):
        part, colour = part.sort_values("sigma"), f"C{place}"
        for axes, metric in ((left, "psnr"), (right, "ssim")):
            _line(axes, part["sigma"], part, metric, colour, f"ε_rel {eps:g}")
        best_here = part.loc[part["ssim"].idxmax()]
        right.plot(best_here["sigma"], best_here["ssim"], "*", color=colour, markersize=11)
        theirs_best = part[part["sigma"] == best.get(eps)]
        right.plot(
            theirs_best["sigma"], theirs_best["ssim"], "o", color=colour, fillstyle="none", markersize=9
        )
    for axes, metric in ((left, "psnr"), (right, "ssim")):
        axes.set(xlabel="σ_g", ylabel=TITLES[metric])
    right.legend(fontsize=6)
    figure.suptitle(
        f"×{factor}, σ_f = {level:g}; stars: our best σ_g; circles: the published best", fontsize=9
    )
    return figure


def _setting(problem: LinearInverse, value: float) -> str:
    return problem.setting(problem.at(value)).partition(",")[0]


def _certificates(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    cases = [(p, p.grid.settings[0], eps) for p in PARTS.values() for eps in p.grid.epses if eps > 0]
    figure, axes = _axes(2, len(cases))
    for column, (problem, setting, eps) in enumerate(cases):
        rows = load(problem, "test", root)
        rows = rows[(rows[problem.apart] == setting) & (rows["eps"] == eps) & rows["samples"].isin((1, 50))]
        theirs = published(problem, "4")
        theirs = theirs[(theirs["eps"] == eps) & (theirs["samples"] == 50)]
        for objective, called in FIVE.items():
            colour, part = (
                families.FIVE[objective][0],
                rows[rows["objective"] == objective].sort_values("sigma"),
            )
            said = theirs[theirs["objective"] == objective]
            for row, metric in enumerate(("as_published", "psnr_published")):
                shown = part[part["sigma"] > 0] if row == 0 else part
                _line(axes[row, column], shown["sigma"], shown, metric, colour, called)
                axes[row, column].plot(
                    said["sigma"], said[metric], "o", color=colour, fillstyle="none", markersize=8
                )
        axes[0, column].set_title(f"{_setting(problem, setting)}, ε = {eps:g}", fontsize=8)
        axes[0, column].set_yscale("log")
        axes[1, column].set_xlabel("σ")
    axes[0, 0].set_ylabel("discrepancy as published\n(mixed units, not a bound)")
    axes[1, 0].set_ylabel(TITLES["psnr_published"])
    axes[0, 0].legend(fontsize=6)
    figure.suptitle("Lines: ours, 95 % intervals; circles: the paper's Table 4", fontsize=9)
    return figure


# -- figures of pictures ----------------------------------------------------------------------------------


def _picture(estimate: Estimate, title: str) -> Picture:
    quality = estimate.quality
    return Picture(render.pixels(estimate.picture), title, f"{quality.psnr:.2f} dB / {quality.ssim:.3f}")


def _plain(picture: Tensor, title: str) -> Picture:
    return Picture(render.pixels(picture), title)


def _run(scenario: PhotoScenario, lab: Lab) -> Outcome:
    from core.experiment.run import run

    return finish(run(scenario, lab))


def _compared(case: tuple[int, float, float, float], root: Path | None, lab: Callable[[], Lab]) -> Figure:
    """Adversarial training beside smoothing, as the thesis attacks: PGD, f alone where it is smoothed."""
    factor, eps, sigma_f, sigma_g = case
    called = partial(SUPER_RESOLUTION.called, factor=factor)
    adversarial, smoothed = called("adversarial", level=eps), called("smoothing", level=sigma_f)
    rows = []
    for photo in PHOTOS:
        outcome = _run(
            SuperResolutionScenario(
                image=photo, checkpoint=smoothed, compare=(adversarial,), eps_rel=eps, sigma_g=sigma_g,
                attack="pgd", attack_on=BASE, keep="final",
            ),
            lab(),
        )  # fmt: skip
        rows.append([
            _picture(outcome.baselines["bilinear"].clean, f"(a) measurement, ×{factor}"),
            _plain(outcome.received[adversarial], "(b) attacked, adversarial"),
            _picture(outcome.networks[adversarial].attacked, f"(c) adversarial, ε_rel {eps:g}"),
            _plain(outcome.received[SMOOTHED], "(d) attacked, f"),
            _picture(outcome.chosen.attacked.estimate, f"(e) smoothed, σ_f {sigma_f:g}, σ_g {sigma_g:g}"),
            _plain(outcome.truth, "(f) truth"),
        ])  # fmt: skip
    return panels(rows, _as_published(factor, eps, sigma_f))


def _as_published(factor: int, eps: float, sigma_f: float) -> str:
    """The published means that belong to such pictures."""
    names = [name for name, (of, epses) in thesis.QUALITY.items() if of == factor and eps in epses]
    rows = published(SUPER_RESOLUTION, *names)
    said = []
    for objective, level in (("adversarial", eps), ("smoothing", sigma_f)):
        row = rows[(rows["eps"] == eps) & (rows["objective"] == objective) & (rows["level"] == level)].iloc[0]
        said.append(f"{objective} {row['psnr']:.2f} dB / {row['ssim']:.3f}")
    return f"ε_rel = {eps:g}; published means over 3,923 photos: {', '.join(said)}"


def _standard(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    rows = []
    for photo in PHOTOS:
        outcome = _run(SuperResolutionScenario(image=photo, compare=("sr-x2-std",), eps_rel=0.02,
                                                 attack="pgd", attack_on=BASE, samples=1), lab())  # fmt: skip
        found = outcome.networks["sr-x2-std"]
        rows.append([
            _picture(outcome.baselines["bilinear"].clean, "(a) measurement"),
            _picture(found.clean, "(b) standard"),
            _plain(outcome.received["sr-x2-std"], "(c) attacked, ε_rel 0.02"),
            _picture(found.attacked, "(d) standard, attacked"),
        ])  # fmt: skip
    return panels(rows)


def _pairs(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    rows = []
    for photo in PHOTOS:
        truth = images.crop(images.bundled(photo), short_side=192, x=0.5, y=0.5, size=SIZE)
        low = {factor: SuperResolution(factor).A(truth).clamp(0, 1) for factor in (2, 4)}
        rows.append(
            [_plain(truth, "truth"), *(_plain(y, f"measured, ×{factor}") for factor, y in low.items())]
        )
    return panels(rows)


def _digit(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    from core.experiment.run import run

    outcome = finish(run(DigitsScenario(attack="sign", eps=0.2, samples=100), lab()))
    standard = outcome.answers[0]
    clean, attacked = outcome.picture[0, 0].numpy(), standard.picture
    shown = [
        (clean, f"“{standard.before}” with {standard.clean.max():.1%}"),
        (0.5 + (attacked - clean) / 2, "one signed step, ε = 0.2"),
        (attacked, f"“{standard.after}” with {standard.attacked.max():.1%}"),
    ]
    return panels([[Picture(_grey(values), title) for values, title in shown]])


def _grey(values: np.ndarray) -> np.ndarray:
    pixels: np.ndarray = (np.repeat(values.clip(0, 1)[..., None], 3, 2) * 255).round().astype(np.uint8)
    return pixels


Case = tuple[LinearInverse, float, float, float]
"""A problem, its setting, ε and σ."""


def _estimations(cases: tuple[Case, ...], root: Path | None, lab: Callable[[], Lab]) -> Figure:
    """Attacked estimates of the five objectives above the median draws of their smoothed ones."""
    rows = []
    for problem, setting, eps, sigma in cases:
        called = {problem.called(objective): title for objective, title in FIVE.items()}
        *others, last = called
        outcome = _run(
            problem.scenario_at(
                setting, image=GREY_PHOTO, checkpoint=last, compare=tuple(others), eps=eps, sigma=sigma,
                samples=SAMPLES, size=SIDE, attack="pgd", attack_steps=STEPS, attack_on=BASE,
            ),
            lab(),
        )  # fmt: skip
        said = f"{_setting(problem, setting)}, ε {eps:g}"
        measured = next(iter(outcome.baselines.values()))
        rows.append([
            _plain(outcome.truth, "truth"),
            _picture(outcome.networks[others[0]].clean, "Vanilla: Ord, not attacked"),
            *(_picture(outcome.networks[name].attacked, f"{title}, σ 0") for name, title in called.items()),
        ])  # fmt: skip
        rows.append([
            _picture(measured.clean, said),
            _picture(measured.attacked, "attacked"),
            *(
                _picture(outcome.smoothed[name].attacked.median, f"{title}, σ {sigma:g}")
                for name, title in called.items()
            ),
        ])  # fmt: skip
    return panels(rows)


# -- diagrams ---------------------------------------------------------------------------------------------


def _unet(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    """Features of every step, by the network itself: it is run on a picture without memory."""
    import torch
    from matplotlib.figure import Figure

    from core.networks.unet import DoubleConv, UNet

    seen: list[tuple[str, int, int]] = []

    def keep(name: str) -> Callable[..., None]:
        return lambda module, given, made: seen.append((name, made.shape[1], made.shape[2]))

    with torch.device("meta"), torch.no_grad():
        network = UNet().eval()
        for name, module in network.named_modules():
            if isinstance(module, DoubleConv) or module is network.head:
                module.register_forward_hook(keep(name))
        network(torch.zeros(1, 3, SIZE, SIZE))
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.add_subplot()
    steps = [("input", 3, SIZE), *seen]
    for x, (name, channels, side) in enumerate(steps):
        height, wide = side / SIZE, 0.12 + 0.12 * np.log2(channels) / 2
        colour = families.SMOOTHING[3 if name.startswith("down") else 1]
        axes.bar(x, height, wide, bottom=-height / 2, color=colour)
        axes.text(x, height / 2 + 0.03, f"{channels}\n{side}²", ha="center", va="bottom", fontsize=7)
        axes.text(x, -0.62, name.partition(".")[0], ha="center", fontsize=7)
    depth = sum(name.startswith("down") for name, *_ in steps)
    for level in range(1, depth):
        axes.annotate("", (2 * depth - level, -0.5 + 0.03 * level), (level, -0.5 + 0.03 * level),
                      arrowprops={"arrowstyle": "->", "color": "#888", "lw": 0.8})  # fmt: skip
    axes.set(ylim=(-0.7, 0.75), xlim=(-0.7, len(steps) - 0.3))
    axes.set_axis_off()
    count = sum(parameter.numel() for parameter in network.parameters())
    figure.suptitle(
        f"U-Net: channels and side after each step; arrows: features that are joined; {count:,} parameters. "
        "Not in the thesis: the measurement is added to the output", fontsize=8,
    )  # fmt: skip
    return figure


def _srcnn(root: Path | None, lab: Callable[[], Lab]) -> Figure:
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(7, 2.6), layout="constrained")
    axes = figure.add_subplot()
    layers = {
        "low-resolution\npicture": 3,
        "n₁ = 64\nfeature maps": 64,
        "n₂ = 32\nfeature maps": 32,
        "output": 3,
    }
    for x, (name, channels) in enumerate(layers.items()):
        for sheet in range(min(channels, 12), 0, -1):
            place = (3 * x + 0.06 * sheet, 0.04 * sheet)
            axes.add_patch(Rectangle(place, 1.1, 1.0, facecolor=families.SMOOTHING[0], edgecolor="#33566b"))
        axes.text(3 * x + 0.6, -0.15, name, ha="center", va="top", fontsize=7)
    steps = ("9×9 conv, ReLU:\npatches", "1×1 conv, ReLU:\nmapping", "5×5 conv:\nreconstruction")
    for x, words in enumerate(steps):
        axes.annotate("", (3 * x + 2.95, 0.5), (3 * x + 1.9, 0.5), arrowprops={"arrowstyle": "->"})
        axes.text(3 * x + 2.4, 0.56, words, ha="center", va="bottom", fontsize=6)
    axes.set(xlim=(-0.2, 11), ylim=(-0.6, 1.7))
    axes.set_axis_off()
    return figure


# -- the list ---------------------------------------------------------------------------------------------

_BUNDLED = (
    f"Ours: {len(PHOTOS)} bundled photos, our networks; the pictures of the document are of Mini-ImageNet, "
    "which is not ours to bring."
)
_ONE = (
    f"Ours: {SIDE} pixels of one bundled photo ({GREY_PHOTO}), S = {SAMPLES} of {THEIRS['S']}, PGD of "
    f"{STEPS} steps in place of {THEIRS['steps']}; the pictures of the paper are of data sets that are not "
    "ours to bring."
)
_VALIDATION = "Ours: validation photos, our networks, 95 % intervals; the thesis has its test set and none."
_A3 = "Ours: σ_f = σ_g = 0.4 instead of {}, 20 photos of 1,000; M, 10 in the thesis, as in the legend."


def _all() -> Iterator[Drawn]:
    yield Drawn("1.1", "An example and its adversarial perturbation, classified",
                "Ours: a digit and our classifier; panda and network are of another paper.",
                _digit)  # fmt: skip
    yield Drawn("3.1", "Low-resolution pictures and their counterparts", _BUNDLED, _pairs)
    yield Drawn("3.2", "The SRCNN architecture", "As the thesis describes it, which does not use it.", _srcnn)
    yield Drawn("4.1", "The U-Net for super-resolution", "Ours adds the measurement to the output.", _unet)
    panels_of = {
        "4.2": (2, 0.02, 0.1, 0.15), "4.3": (2, 0.05, 0.4, 0.4), "A.9": (2, 0.01, 0.1, 0.15),
        "A.10": (2, 0.1, 0.4, 0.5), "A.11": (4, 0.01, 0.3, 0.4),
    }  # fmt: skip
    for name, case in panels_of.items():
        title = f"Adversarial training and smoothing under attack, ×{case[0]}, ε_rel {case[1]:g}"
        yield Drawn(name, title, _BUNDLED, partial(_compared, case))
    for name, sigma in {"A.1": "0.2", "A.2": "0.5"}.items():
        yield Drawn(name, f"Attacks on f and on ĝ, σ_f = σ_g = {sigma}", _A3.format(sigma), _strength)
    for place, (factor, level) in enumerate(product((2, 4), (0.2, 0.5, 1.0)), start=3):
        title = f"Quality over σ_g, ×{factor}, σ_f = {level:g}"
        yield Drawn(f"A.{place}", title, _VALIDATION, partial(_noise, factor, level))
    yield Drawn("slides-2", "Standard training, clean and attacked", _BUNDLED, _standard)
    yield Drawn("paper-1", "Certified discrepancy and PSNR over σ",
                "Ours: the settings that are evaluated with every σ (σ_b = 10, m/n = 0.1), 95 % intervals in "
                "place of half a standard deviation.", _certificates)  # fmt: skip
    dn, cs = PARTS.values()
    for name, title, cases in (
        ("2", "Estimates from perturbed measurements", ((dn, 2.0, 11.0, 14.0), (cs, 0.1, 5.0, 21.0))),
        ("3", "More of denoising", ((dn, 5.0, 9.0, 14.0),)),
        ("4", "More of compressed sensing", ((cs, 0.1, 3.0, 14.0), (cs, 0.2, 4.0, 14.0))),
    ):
        yield Drawn(f"paper-{name}", title, _ONE, partial(_estimations, cases))


ALSO = {
    "slides-1": "1.1", "slides-3": "4.2", "slides-4": "4.2", "slides-5": "A.10",
    "readme-teaser": "4.2", "readme-sr_attack": "slides-2", "readme-unet_sr": "4.1",
}  # fmt: skip
"""Figures of the slides and of the README of the thesis's code that another one is."""

_OWN = {figure.name: figure for figure in _all()}
FIGURES = _OWN | {name: _OWN[same] for name, same in ALSO.items()}
"""All of them by what ``core figures`` calls them."""
