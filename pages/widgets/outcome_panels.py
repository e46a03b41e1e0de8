"""The panels of one outcome: inputs, attacked outputs, their errors, clean outputs, spread."""

from __future__ import annotations

from core import render, units
from core.outcome import Estimate, Outcome
from pages.widgets.numbers import signed
from pages.widgets.panels import Panel

Row = tuple[str, list[Panel]]


def rows(outcome: Outcome, titles: dict[str, str]) -> list[Row]:
    """All rows, the story first.

    Args:
        outcome: what to show.
        titles: what to call each network, by name; ``smoothed`` for the smoothed estimate.
    """
    shown = [(titles[name], pair.clean, pair.attacked) for name, pair in outcome.networks.items()]
    shown.append((titles["smoothed"], outcome.clean_smoothed.estimate, outcome.attacked_smoothed.estimate))
    return [
        ("What the networks get", _inputs(outcome, titles)),
        ("What they make of it, attacked", [_output(*entry) for entry in shown]),
        (
            "Error of the pictures above, in grey levels",
            [_error(title, attacked, outcome) for title, _, attacked in shown],
        ),
        ("What they make of it, not attacked", [_clean_output(title, clean) for title, clean, _ in shown]),
        (
            f"Spread of the {outcome.scenario.samples} predictions: standard deviation in grey levels",
            _spreads(outcome),
        ),
    ]


def _inputs(outcome: Outcome, titles: dict[str, str]) -> list[Panel]:
    scenario = outcome.scenario
    e = outcome.base.perturbation
    factor = render.amplification(e.values)
    bilinear = outcome.baselines["bilinear"].clean.quality
    maker = "Gaussian noise" if e.made_on == "noise" else f"made on: {titles[e.made_on]}"
    return [
        Panel(
            "Ground truth x",
            render.png(render.pixels(outcome.truth)),
            "The photo's 160×160 crop",
            "160×160 pixels",
        ),
        Panel(
            "Measurement y",
            render.png(render.pixels(units.to_picture(outcome.measurement))),
            f"The photo shrunk {scenario.factor} times and enlarged bilinearly",
            f"÷{scenario.factor}, enlarged bilinearly",
            f"{bilinear.psnr:.2f} dB · SSIM {bilinear.ssim:.3f}",
        ),
        Panel(
            "Attacked measurement y + e",
            render.png(render.pixels(outcome.attacked_measurement(scenario.checkpoint))),
            "The measurement with the perturbation added",
            f"ε_rel {scenario.eps_rel:g} = {units.grey_levels(scenario.eps_rel):.1f} grey levels RMS",
            maker,
        ),
        Panel(
            f"Perturbation e, ×{factor}",
            render.png(render.perturbation_picture(e.values, factor)),
            f"The perturbation, amplified {factor} times around mid-grey",
            f"‖e‖₂ = {e.reached:.4f}",
            f"shown ×{factor} around mid-grey",
        ),
    ]


def _output(title: str, clean: Estimate, attacked: Estimate) -> Panel:
    after, before = attacked.quality, clean.quality
    return Panel(
        title,
        render.png(render.pixels(attacked.picture)),
        f"{title}, attacked: {after.psnr:.2f} dB",
        f"{after.psnr:.2f} dB · SSIM {after.ssim:.3f} · MSE {after.mse:.4f}",
        f"{signed(after.psnr - before.psnr, 2)} dB, SSIM {signed(after.ssim - before.ssim, 3)} to clean",
        "bad" if after.psnr < before.psnr else "good",
    )


def _clean_output(title: str, clean: Estimate) -> Panel:
    quality = clean.quality
    return Panel(
        title,
        render.png(render.pixels(clean.picture)),
        f"{title}, not attacked: {quality.psnr:.2f} dB",
        f"{quality.psnr:.2f} dB · SSIM {quality.ssim:.3f} · MSE {quality.mse:.4f}",
    )


def _error(title: str, attacked: Estimate, outcome: Outcome) -> Panel:
    return Panel(
        title,
        render.png(render.error_map(attacked.picture, outcome.truth)),
        f"Error map: {title}, attacked",
        scale=f"{render.ERROR_LIMIT:g}+",
    )


def _spreads(outcome: Outcome) -> list[Panel]:
    samples = outcome.scenario.samples
    shown = {"attacked": outcome.attacked_smoothed, "not attacked": outcome.clean_smoothed}
    return [
        Panel(
            f"One prediction f(y + δ), {how}",
            render.png(render.spread_map(smoothed.deviation)),
            f"Standard deviation map of one prediction, {how}",
            f"of their average ĝ: ÷√{samples} = ÷{samples**0.5:.1f}",
            scale=f"{render.SPREAD_LIMIT:g}+",
        )
        for how, smoothed in shown.items()
    ]
