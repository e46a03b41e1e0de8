"""What to use at one strength of attack, by one measure: a sentence, from per-photo rows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.attacks.terms import STRONGEST, THESIS
from core.problems.problem import Problem
from core.reports import titles
from core.reports.findings.panel import Panel, difference

UNITS = {"psnr": " dB", "ssim": "", "mse": ""}
DIGITS = {"psnr": 2, "ssim": 3, "mse": 5}


@dataclass(frozen=True)
class Rival:
    """The best of its kind, and how much less than the very best it has.

    Attributes:
        kind: an objective, or what the problem calls its estimators without weights.
        estimator: its name.
        words: what it is, in words.
        sigma: its smoothing noise.
        value: mean of the measure.
        less, low, high: of the best estimator's measure less this one's, paired over photos, with its
            interval; for ``mse`` the other way round, so that more is better.
    """

    kind: str
    estimator: str
    words: str
    sigma: float
    value: float
    less: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Answer:
    """The best estimator and the best of every other kind, best first, over the same photos."""

    metric: str
    eps: float
    images: int
    best: Rival
    others: tuple[Rival, ...]

    def sentence(self, problem: Problem, attacks: str = STRONGEST) -> str:
        """The answer in words, which name the attack; in brackets 95 % intervals over photos.

        Args:
            problem: whose rows.
            attacks: of :data:`core.attacks.terms.ATTACKED`: how they were made.
        """
        digits, unit = DIGITS[self.metric], UNITS[self.metric]
        more = "less" if self.metric == "mse" else "more"
        aim = ", which aims at the squared error and not at SSIM" * (self.metric == "ssim")
        parts = []
        for rival in self.others:
            limits = f" [{rival.low:+.{digits}f}, {rival.high:+.{digits}f}]" if self.images > 1 else ""
            clear = "" if rival.low > 0 else " (which may be chance)"
            parts.append(f"{rival.less:.{digits}f}{unit}{limits} {more} than {rival.words}{clear}")
        return (
            f"At {titles.symbol(problem.eps)} {self.eps:g}, by {self.metric.upper()} and under "
            f"{_ATTACK[attacks]}{aim}, **{self.best.words}** is best: "
            f"{self.best.value:.{digits}f}{unit} over {self.images} photo{'s' * (self.images > 1)}, "
            f"{'; '.join(parts)}."
        )


_ATTACK = {
    STRONGEST: "the strongest attack known on each estimator",
    THESIS: "attacks that leave smoothing itself alone (PGD on f)",
}


def _words(problem: Problem, row: pd.Series) -> str:
    """An estimator in words, with the levels that say which."""
    kind, name = row["objective"], row["estimator"]
    noise = f"{titles.symbol(problem.sigma)} {row['sigma']:g}"
    if problem.smooths_all:
        trained = titles.OBJECTIVES.get(kind)
        called = (
            f"{trained[1]} ({titles.short(name)})" if trained else titles.estimator(problem, name).lower()
        )
        return f"{called} smoothed with {noise}" if row["sigma"] else called
    words = {
        "smoothing": f"randomized smoothing (σ_f {row['level']:g}, {noise})",
        "adversarial": f"adversarial training ({titles.symbol(problem.eps)} {row['level']:g})",
        "denoised": f"standard training behind a denoiser of noise {row['level']:g}",
        "standard": "standard training",
    }
    return words.get(str(kind), f"{name} interpolation")


def answer(problem: Problem, rows: pd.DataFrame, metric: str, eps: float) -> Answer | None:
    """What is best at one strength of attack.

    Args:
        problem: whose rows.
        rows: per photo, of one setting, each estimator as it is deployed.
        metric: ``psnr``, ``ssim`` or ``mse``.
        eps: attack strength.

    Returns:
        None where fewer than two kinds of estimators were scored on the same photos.
    """
    sign = -1 if metric == "mse" else 1
    at = rows[rows["eps"] == eps]
    frame = Panel(problem, 0, at).frame(metric, "estimator")
    frame = sign * frame.dropna(axis=1)
    once = at[at["estimator"].isin(frame.columns)].drop_duplicates("estimator").set_index("estimator")
    means = frame.mean()
    best_of = means.groupby(once["objective"]).idxmax()
    names = means[best_of].sort_values(ascending=False).index
    if len(names) < 2:
        return None
    found = []
    for name in names:
        row = once.loc[name]
        row = pd.Series({**row.to_dict(), "estimator": name})
        less = difference(frame, names[0], name)
        found.append(
            Rival(row["objective"], name, _words(problem, row), row["sigma"], sign * means[name], *less)
        )
    return Answer(metric, eps, len(frame), found[0], tuple(found[1:]))


def elsewise(found: Answer, other: Answer | None) -> str:
    """That another measure has another best estimator, in a sentence; nothing where it has the same."""
    if other is None or other.best.estimator == found.best.estimator:
        return ""
    value = f"{other.best.value:.{DIGITS[other.metric]}f}{UNITS[other.metric]}"
    aim = ", at which these attacks do not aim," * (other.metric == "ssim")
    return f" By {other.metric.upper()}{aim} it would be **{other.best.words}** with {value}."
