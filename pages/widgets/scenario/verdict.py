"""What a run shows, in one sentence computed from its figures: which attack, who falls below what costs no
training, and who stays above it by how much."""

from __future__ import annotations

from core.attacks.registry import ATTACKS
from core.experiment.outcome import Outcome
from core.problems.scenario import BASE, SELF, SMOOTHED, PhotoScenario, smoothed_name
from pages.widgets.page import names
from pages.widgets.scenario.outcome_panels import Shown, shown


def judged(outcome: Outcome) -> list[Shown]:
    """Who is compared: the networks, the smoothed estimate, and the best estimator without weights.

    The base network that is smoothed is no defence of its own: it stands only where it has no company.
    """
    s = outcome.scenario
    wanted = {*s.compare, smoothed_name(s, s.checkpoint)} if s.compare else {s.checkpoint, SMOOTHED}
    *estimators, without = shown(outcome)
    chosen = [each for each in estimators if each.who in wanted]
    chosen.sort(key=lambda each: each.who == SMOOTHED)
    return [*chosen, without]


def on_f_alone(scenario: PhotoScenario) -> bool:
    """Whether the smoothed estimate faces only what was made on its base network."""
    own = scenario.attacked == SELF and scenario.attack_on == BASE and not ATTACKS[scenario.attack].blind
    return own and scenario.sigma_level > 0 and scenario.eps_level > 0


def sentence(outcome: Outcome) -> str:
    """The verdict; every number is that of the attack which it names."""
    s = outcome.scenario
    *estimators, without = judged(outcome)
    floor = without.pair.attacked.quality.psnr
    below = [_within(each) for each in estimators if each.pair.attacked.quality.psnr < floor]
    if on_f_alone(s):
        if "smoothing" in below:
            return f"{attack(s)}: {_falls(below, s)}, and **nobody has attacked ĝ itself yet**."
        parts = [_falls(below, s) or f"nobody falls below {s.problem.without_weights}"]
        parts.append("smoothing seems to hold — **but nobody has attacked ĝ itself yet**")
        return f"{attack(s)}: {'; '.join(parts)}."
    above = [(_within(each), f"{each.pair.attacked.quality.psnr - floor:.1f}") for each in estimators
             if each.pair.attacked.quality.psnr >= floor]  # fmt: skip
    parts = [_falls(below, s)] * bool(below)
    if above:
        keeps = "keeps" if len(above) == 1 else "keep"
        parts.append(
            f"{_joined([name for name, _ in above])} {keeps} **{_joined([over for _, over in above])} dB** "
            f"above {'it' if below else s.problem.without_weights}"
        )
    return f"{attack(s)}: {'; '.join(parts)}."


def _falls(below: list[str], scenario: PhotoScenario) -> str:
    falls = "falls" if len(below) == 1 else "fall"
    return f"{_joined(below)} {falls} **below {scenario.problem.without_weights}**" if below else ""


def attack(scenario: PhotoScenario) -> str:
    """Which attack, and on whom."""
    if scenario.eps_level == 0:
        return "Without an attack"
    return f"{_whom(scenario)}{', inside a region' * bool(scenario.attack_region)}"


def _whom(scenario: PhotoScenario) -> str:
    known = ATTACKS[scenario.attack]
    if known.blind:
        return known.title
    if scenario.attacked != SELF:
        return f"{known.title} on {_lower(names.of(scenario)[scenario.attacked].title)} for all"
    return f"{known.title} on {'f alone' if on_f_alone(scenario) else 'each estimator itself'}"


def _within(each: Shown) -> str:
    """An estimator inside a sentence."""
    return "smoothing" if each.who == SMOOTHED else _lower(each.name.title)


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _joined(words: list[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
