"""The thesis's story told with somebody's photo: every sentence is computed from the run it stands under."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from core.attacks.registry import ATTACKS
from core.base.progress import Progress
from core.experiment.outcome import Outcome, Pair
from core.experiment.run import run
from core.pictures.images import Photo
from core.pictures.units import grey_levels
from core.problems.scenario import BASE, DEPLOYED, PhotoScenario
from core.reports.export import Curve, curves
from core.reports.talk import Figure, Scene, Talk
from pages.widgets.page import names
from pages.widgets.page.resources import lab
from pages.widgets.page.session_talk import named
from pages.widgets.scenario import first, verdict

STRENGTHS = 5
"""Strengths of the curve, beside the scenario's own."""


def about(photo: Photo, shown: PhotoScenario) -> Generator[Progress, None, Talk]:
    """A talk about a photo, with the networks and the strength that the app opens with.

    Args:
        photo: what the talk is about.
        shown: which crop of it.
    """
    crop = {name: getattr(shown, name) for name in ("image", "short_side", "crop_x", "crop_y")}
    deployed = first.BEGIN.replace(attack="apgd", attack_on=DEPLOYED, **crop)
    attacked = yield from run(deployed, lab(), photo)
    alone = yield from run(deployed.replace(attack="pgd", attack_on=BASE), lab(), photo)
    noisy = yield from run(deployed.replace(attack="noise"), lab(), photo)
    clean = yield from run(deployed.replace(eps_rel=0.0), lab(), photo)
    chart = yield from over_strengths(deployed, photo)
    standard = attacked.networks[deployed.compare[0]]
    interpolated = max(pair.clean.quality.psnr for pair in clean.baselines.values())
    attack, swipe = verdict.attack(deployed), ("standard-clean", "standard")
    on_stage = {"view": "swipe", "a": "standard", "b": "smoothed"}
    scenes = (
        Scene(
            "A network restores the photo",
            f"Measured at half its resolution. Interpolation gives back {interpolated:.1f} dB, "
            f"the standard network {standard.clean.quality.psnr:.1f} dB.",
            clean.scenario, panels=("truth", "measurement", "standard-clean"),
        ),
        Scene(
            "A small perturbation",
            f"{grey_levels(deployed.eps_rel):.1f} of 255 grey levels (RMS), found by {attack}.",
            deployed, {"view": "flicker", "a": "measurement", "b": "attacked"}, ("measurement", "attacked"),
        ),
        Scene(
            _broken(standard, attacked),
            f"{attack}: {_from_to(standard)}; interpolation keeps {attacked.without_weights:.1f} dB.",
            deployed, {"view": "swipe", "a": swipe[0], "b": swipe[1]}, swipe,
        ),
        Scene(
            "The attack, step by step",
            f"{deployed.attack_steps} steps of {attack}: standard training {_from_to(standard)}.",
            deployed, {**on_stage, "step": "0"}, exhibit=True,
        ),
        Scene(
            "Noise of the same size",
            _noise(noisy.networks[deployed.compare[0]], standard, ATTACKS[deployed.attack].title),
            noisy.scenario, panels=("attacked", "standard", "adversarial", "smoothed"),
        ),
        Scene(
            f"As the thesis attacks: smoothing {'seems to hold' if _holds(alone) else 'falls even so'}",
            _said(alone), alone.scenario, on_stage, exhibit=True,
        ),
        Scene("Now attack the defence itself", _said(attacked), deployed, on_stage, exhibit=True),
        chart,
        Scene(
            "What it costs",
            "Without an attack: " + ", ".join(
                f"{each.name.title} {each.pair.clean.quality.psnr:.1f} dB" for each in verdict.judged(clean)
            ) + ".",
            clean.scenario, panels=("truth", "standard-clean", "adversarial-clean", "smoothed-clean"),
        ),
    )  # fmt: skip
    return Talk(f"What attacks do to {photo.name}", scenes)


def over_strengths(scenario: PhotoScenario, photo: Photo) -> Generator[Progress, None, Scene]:
    """A scene with the PSNR of each estimator over the strength of a scenario's attack."""
    problem = scenario.problem
    offered = [float(value) for value in scenario.controls()[problem.eps].values]
    spread = {offered[round(step * (len(offered) - 1) / STRENGTHS)] for step in range(STRENGTHS + 1)}
    strengths = sorted({*spread, scenario.eps_level})
    judged = []
    for strength in strengths:
        outcome = yield from run(scenario.replace(**{problem.eps: strength}), lab(), photo)
        judged.append(verdict.judged(outcome))
    lines = [
        Curve(
            each.name.title,
            [shown[place].pair.attacked.quality.psnr for shown in judged],
            dashed=each is judged[0][-1],
        )
        for place, each in enumerate(judged[0])
    ]
    symbol = names.strength(scenario).partition(" ")[0]
    attack = verdict.attack(scenario.replace(**{problem.eps: strengths[-1]}))
    png = curves(lines, strengths, f"strength of the attack, {symbol}", "PSNR, dB")
    return Scene(
        "The stronger the attack",
        f"{photo.name}: {attack}. {_best(lines, strengths, symbol)}",
        scenario, figure=Figure(png, _command(scenario, photo, strengths)),
    )  # fmt: skip


def _best(lines: Sequence[Curve], strengths: Sequence[float], symbol: str) -> str:
    """Who has the highest PSNR at which strengths."""
    winners = [max(lines, key=lambda line: line.values[place]).name for place in range(len(strengths))]
    parts = []
    for name in dict.fromkeys(winners):
        at = ", ".join(
            f"{strength:g}" for strength, winner in zip(strengths, winners, strict=True) if winner == name
        )
        parts.append(f"{name} at {at}")
    return f"Best by PSNR, over {symbol}: {'; '.join(parts)}."


def _command(scenario: PhotoScenario, photo: Photo, strengths: Sequence[float]) -> str:
    flag = f"--{scenario.problem.eps.replace('_', '-')}"
    one = named(scenario, photo).to_command()
    return f"for eps in {' '.join(f'{each:g}' for each in strengths)}; do {one} {flag} $eps; done"


def _said(outcome: Outcome) -> str:
    return verdict.sentence(outcome).replace("**", "")


def _holds(outcome: Outcome) -> bool:
    return outcome.chosen.pair.attacked.quality.psnr >= outcome.without_weights


def _broken(standard: Pair, outcome: Outcome) -> str:
    if standard.attacked.quality.psnr < outcome.without_weights:
        return "The standard network falls below interpolation"
    return f"The attack takes {_lost(standard):.1f} dB from the standard network"


def _lost(pair: Pair) -> float:
    return max(0.0, pair.clean.quality.psnr - pair.attacked.quality.psnr)


def _from_to(pair: Pair) -> str:
    return f"from {pair.clean.quality.psnr:.1f} to {pair.attacked.quality.psnr:.1f} dB"


def _noise(noise: Pair, attack: Pair, how: str) -> str:
    why = ": the direction counts, not the size" if 2 * _lost(noise) < _lost(attack) else ""
    return (
        f"Gaussian noise of equal norm takes {_lost(noise):.1f} dB from the standard network, {how} takes "
        f"{_lost(attack):.1f} dB{why}."
    )
