"""What the store says about the digit networks: shares with intervals, tables, and answered claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.attacks import registry
from core.attacks.terms import NORMS, THESIS
from core.certificates.confidence import clopper_pearson_lower, clopper_pearson_upper
from core.problems.digits.problem import KINDS
from core.reports.findings import text
from core.reports.findings.text import Claim, Evidence, Finding
from core.reports.tables.table import Table, joined
from core.results.store import Store
from core.results.summary import notices, span

ATTACKS, CERTIFICATES, CHALLENGES = "digits_attacks", "digits_certificates", "digits_challenges"

STEP = 0.05
"""Distance between the radii at which certified accuracy is given."""


def load(root: Path | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Per-digit rows of attacks and of certificates; empty frames if nothing was evaluated."""
    return _read(ATTACKS, root), _read(CERTIFICATES, root)


def _read(table: str, root: Path | None) -> pd.DataFrame:
    return (Store(table, root) if root else Store(table)).read()


def proportion(successes: np.ndarray, trials: np.ndarray, confidence: float = 0.95) -> tuple[np.ndarray, ...]:
    """Shares and their exact (Clopper–Pearson) two-sided intervals, elementwise."""
    tail = (1 - confidence) / 2
    low, high = (limit(successes, trials, tail) for limit in (clopper_pearson_lower, clopper_pearson_upper))
    return successes / trials, low, high


def accuracy_under_attack(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of digits answered rightly, with a 95 % interval over digits.

    Returns:
        ``network``, ``attack``, ``epsilon``, ``digits``, ``accuracy``, ``low``, ``high``. The clean
        accuracy stands at radius 0 of every attack.
    """
    by = ["network", "attack", "epsilon"]
    if rows.empty:
        return _of_counts(pd.DataFrame(columns=[*by, "sum", "size"]))
    attacked = rows[rows["attack"] != "clean"]
    clean = rows[rows["attack"] == "clean"]
    rows = pd.concat([attacked, *(clean.assign(attack=kind) for kind in attacked["attack"].unique())])
    return _of_counts(rows.groupby(by)["correct"].agg(["sum", "size"]).reset_index())


def certified_accuracy(rows: pd.DataFrame, radii: Sequence[float] | None = None) -> pd.DataFrame:
    """Share of digits whose right class is certified at a radius or more; abstentions count as errors.

    Returns:
        ``network``, ``sigma``, ``radius``, ``digits``, ``accuracy``, ``low``, ``high``.
    """
    if radii is None:
        largest = float(rows["radius"].max()) if len(rows) else 0.0
        radii = np.arange(0, largest + 2 * STEP, STEP).round(4).tolist()
    by = ["network", "sigma"]
    counts = [
        (*group, at, (part["correct"] & (part["radius"] >= at)).sum(), len(part))
        for group, part in (rows.groupby(by) if len(rows) else ())
        for at in radii
    ]
    return _of_counts(pd.DataFrame(counts, columns=[*by, "radius", "sum", "size"]))


def _of_counts(table: pd.DataFrame) -> pd.DataFrame:
    share, low, high = proportion(table.pop("sum").to_numpy(float), table["size"].to_numpy(float))
    return table.assign(digits=table.pop("size"), accuracy=share, low=low, high=high)


# -- tables -------------------------------------------------------------------------------------

CERTIFIED = "digits-certified"
TABLES = {
    **{
        f"digits-{kind}": f"Digits: accuracy under attack, {registry.ATTACKS[attack].title}, {NORMS[norm]}"
        for kind, (attack, norm) in KINDS.items()
    },
    CERTIFIED: "Digits: certified accuracy",
}
"""Titles of the tables by their names: one for each kind of attack, and the certificates'."""


def build(name: str, root: Path | None = None, attacks: str = THESIS) -> Table:
    """A table of :data:`TABLES`."""
    under, certificates = load(root)
    if name == CERTIFIED:
        shares, told = certified_accuracy(certificates, [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0]), []
        row, column = "{network} smoothed, σ = {sigma:g}", "R ≥ {radius:g}"
    else:
        shares, told = accuracy_under_attack(under), notices(ATTACKS, "network", root)
        shares = shares[shares["attack"] == name.removeprefix("digits-")]
        row, column = "{network}", "ε = {epsilon:g}"
    records, by = shares.to_dict("records"), [*shares.columns[:3]]
    ours = shares.rename(columns={"low": "accuracy_low", "high": "accuracy_high"}).assign(
        row=[row.format(**each) for each in records], column=[column.format(**each) for each in records]
    )
    cells = joined(ours, ours.iloc[:0], [*by, "row", "column"], {"accuracy": "accuracy"})
    note = f"Of {span(shares['digits'])} test digits; radii and σ in pixel values."
    return Table(name, TABLES[name], cells, (note, *told))


# -- claims -------------------------------------------------------------------------------------


Held = Mapping[str, pd.DataFrame]
"""What the store has of each kind: shares under attack, certified shares, rows of challenges."""


def _share(held: Held, table: str, where: Mapping[str, Any], asked: float, above: bool) -> list[Evidence]:
    """The accuracy of the row that ``where`` names, which is to be at least, or below, what is asked."""
    rows = held[table]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    said = f"accuracy, {'at least' if above else 'below'} {asked:g} asked"
    return [
        Evidence(said, row.accuracy, row.low, row.high, asked, "", (row.accuracy >= asked) == above)
        for row in rows.itertuples()
    ]


def _unbroken(held: Held) -> list[Evidence]:
    rows, nan = held["challenged"], float("nan")
    if not len(rows):
        return []
    flipped, attacks = int((rows["flipped"] > 0).sum()), f"{rows['restarts'].sum()} attacks of PGD"
    said = f"flipped of {len(rows)} digits, by {attacks}-{rows['steps'].min()} on the smoothed classifier"
    return [Evidence(said, flipped, nan, nan, 0.5, "", flipped == 0)]


def _said(evidence: tuple[Evidence, ...]) -> str:
    return "not evaluated yet" if not evidence else "yes" if evidence[0].supports else "no"


def _claims() -> Iterator[tuple[str, Callable[[Held], list[Evidence]]]]:
    def share(*what: Any) -> Callable[[Held], list[Evidence]]:
        return lambda held: _share(held, *what)

    standard, signed = {"network": "digits-std"}, {"attack": "sign", "epsilon": 0.2}
    clean = {**standard, "attack": "sign", "epsilon": 0.0}
    yield "digits-std, clean", share("attacked", clean, 0.985, True)
    yield "digits-std, one signed step of ε = 0.2", share("attacked", standard | signed, 0.5, False)
    trained = {"network": "digits-adv-sign", **signed}
    yield "digits-adv-sign, one signed step of ε = 0.2", share("attacked", trained, 0.85, True)
    smoothed = {"network": "digits-rs-0.50", "sigma": 0.5}
    claim = "digits-rs-0.50 smoothed with σ = 0.5, certified at radius 0.5"
    yield claim, share("certified", smoothed, 0.8, True)
    yield "no attack inside the certified radius flips a digit", _unbroken


CLAIMS = tuple(Claim(letter, *each, _said) for letter, each in zip("abcde", _claims(), strict=True))
"""What is claimed of the digit networks."""


def findings(root: Path | None = None) -> list[Finding]:
    """The claims, each with its figure from the store; none if nothing was evaluated."""
    return answers(*load(root), _read(CHALLENGES, root))


def answers(attacks: pd.DataFrame, certificates: pd.DataFrame, challenges: pd.DataFrame) -> list[Finding]:
    """The same from rows in hand."""
    if not (len(attacks) or len(certificates)):
        return []
    held = {
        "attacked": accuracy_under_attack(attacks),
        "certified": certified_accuracy(certificates, [0.5]),
        "challenged": challenges,
    }
    found = [(claim, tuple(claim.gather(held))) for claim in CLAIMS]
    digits = len({*attacks.get("number", ()), *certificates.get("number", ())})
    return [
        Finding(claim, "Digits", {"problem": "digits"}, digits, "", claim.answer(evidence), evidence)
        for claim, evidence in found
    ]


def to_markdown(found: list[Finding]) -> str:
    """Findings as a file."""
    note = "Shares of test digits with exact 95 % intervals; radii and σ in pixel values."
    return text.to_markdown("Findings: digits", note, found=found)
