"""Tables 1, 2 and 4 of the paper: ours, published, and the difference."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from core.attacks.terms import THESIS
from core.problems import PROBLEMS
from core.problems.linear import LinearInverse
from core.problems.problem import Problem
from core.reports.tables.table import Table, joined, labels
from core.reports.titles import FIVE
from core.results.evaluations import load, notices
from core.results.published import FOLDER, published
from core.results.store import RESULTS
from core.results.summary import attack_words, span

DOCUMENT = "sun2024"
PARTS = dict(
    zip(
        "ab",
        (p for p in PROBLEMS.values() if isinstance(p, LinearInverse) and p.document == DOCUMENT),
        strict=False,
    )
)
"""The letters of the problems in the names of Tables 1 and 4."""

NAMES = ("1a", "1b", "2", "3", "4a", "4b")

COMPARED = (
    "Published: whole 256×256 pictures, larger networks, longer training, another attack; ε there is an "
    "L2 norm of pictures in [0, 1], which on 256×256 pixels is that many grey levels RMS. Compare orders, "
    "not decibels."
)
MIXED = (
    "The discrepancy is the published algorithm's, with ε/σ in mixed units: not a bound. Sound ones: "
    "python -m core curves --problem denoising."
)
SECONDS = "seconds_per_batch.csv"
"""Ours of Table 3, in the folder of results: ``problem``, ``objective``, ``batch``, ``seconds``."""

MEDIAN = {"psnr": "psnr_median", "discrepancy": "median"}
DISCREPANCY = {"psnr": "psnr_published", "discrepancy": "as_published"}


def about(problem: Problem) -> tuple[str, ...]:
    """Names of the tables about a problem."""
    (letter,) = (letter for letter, part in PARTS.items() if part is problem)
    return (f"1{letter}", "2", "3", f"4{letter}")


def build(name: str, root: Path | None = None, attacks: str = THESIS) -> Table:
    """One table, by its name, from the store and the published numbers; needs neither pictures nor torch."""
    assert attacks == THESIS
    if name == "3":
        return _seconds(root or RESULTS)
    if name == "2":
        table = _medians(root)
    else:
        table = (_trade_off if name[0] == "1" else _samples)(name, PARTS[name[1]], root)
    return table.noting(notices(PARTS["a"], root))


def _at(problem: Problem, places: Iterable[dict[str, Any]], root: Path | None) -> pd.DataFrame:
    """Our means at the places of a published table, with the fewest samples where a place names none."""
    wanted = pd.DataFrame(places)
    found = load(problem, "test", root).merge(wanted)
    return found.drop_duplicates(["objective", "dataset", *wanted.columns])


def _labelled(table: pd.DataFrame, column: list[str]) -> pd.DataFrame:
    """With the row of each objective, and in its place."""
    place = table["objective"].map({objective: n for n, objective in enumerate(FIVE)})
    return table.assign(place=place, row=table["objective"].map(FIVE), column=column)


def _trade_off(name: str, problem: LinearInverse, root: Path | None) -> Table:
    points = problem.grid.tables["1"]
    setting = {problem.apart: points[0].setting}
    places = [{**setting, "eps": 0.0, "sigma": 0.0}]
    places += [{**setting, "eps": p.eps, "sigma": sigma} for p in points for sigma in (0.0, p.sigma)]
    ours, theirs = _at(problem, places, root), published(problem, "1")
    theirs = theirs[~theirs["level"].isin((1.0, 5.0))]
    radii = dict(zip(("0", "low", "mid", "high"), (0.0, *(p.eps for p in points)), strict=True))
    theirs = theirs.assign(eps=theirs["radius"].map(radii))
    mine, said = (
        _labelled(table, labels("ε = {:g}, σ = {:g}", table["eps"], table["sigma"]))
        for table in (ours, theirs)
    )
    notes = (
        _counted(ours),
        "Ours with σ > 0: the draw that the published algorithm returns, as in the paper. Training noise "
        "σ_tr = 10 grey levels. The paper does not print its three radii; ours are in the columns.",
        COMPARED,
    )
    cells = joined(mine, said, ["place", "row", "eps", "sigma", "column"], {"psnr": "psnr_published"})
    return Table(
        name, f"PSNR clean, attacked and smoothed, {_where(problem, points[0].setting, theirs)}", cells, notes
    )


def _medians(root: Path | None) -> Table:
    sides: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    counted = []
    for problem in PARTS.values():
        points = problem.grid.tables["2"]
        places = [
            {problem.apart: p.setting, "eps": p.eps, "sigma": p.sigma, "estimator": p.network} for p in points
        ]
        counted.append(load(problem, "test", root))
        theirs = published(problem, "2")
        rows = [
            f"{FIVE[row.objective]}: {_said(problem, getattr(row, problem.apart))}, ε = {row.eps:g}, "
            f"σ = {row.sigma:g} ({row.dataset})"
            for row in theirs.itertuples()
        ]
        theirs = theirs.assign(place=theirs.index, row=rows)
        on = ["objective", problem.apart, "eps", "sigma"]
        ours = _at(problem, places, root).merge(theirs[[*on, "place", "row"]], on=on)
        sides.append((ours, theirs))
    mine, said = map(pd.concat, zip(*sides, strict=True))
    parts = [
        joined(
            mine.assign(column=column),
            said.assign(column=column),
            ["place", "row", "column"],
            shown,
            best=False,
        )
        for column, shown in (("median", MEDIAN), ("as published", DISCREPANCY))
    ]
    order = {row: place for place, row in said["row"].items()}
    cells = pd.concat(parts).sort_values("row", key=lambda row: row.map(order), kind="stable")
    notes = (
        _counted(pd.concat(counted)),
        MIXED,
        "DIV2K and ImageNet are not evaluated here: ours beside them are of the pictures of the other rows.",
        COMPARED,
    )
    return Table(
        "2", "The median draw beside the published “certified” one", cells.reset_index(drop=True), notes
    )


def _samples(name: str, problem: LinearInverse, root: Path | None) -> Table:
    (point,) = problem.grid.tables["4"]
    about = {problem.apart: point.setting, "eps": point.eps, "sigma": point.sigma}
    ours = _at(problem, [{**about, "samples": samples} for samples in point.samples], root)
    mine, said = (
        _labelled(table, labels("S = {:g}", table["samples"])) for table in (ours, published(problem, "4"))
    )
    return Table(
        name,
        f"Numbers of samples, ε = {point.eps:g}, σ = {point.sigma:g}, {_where(problem, point.setting, said)}",
        joined(mine, said, ["place", "row", "samples", "column"], DISCREPANCY),
        (_counted(ours), MIXED, COMPARED),
    )


def _seconds(root: Path) -> Table:
    theirs = pd.read_csv(FOLDER / "paper_table3_seconds_per_batch.csv").melt(["task", "batch"])
    task = dict(zip(theirs["task"].unique(), PARTS.values(), strict=True))
    title = {called: objective for objective, called in FIVE.items()}
    theirs = theirs.assign(
        problem=[task[name].name for name in theirs["task"]], objective=theirs["variable"].map(title)
    ).rename(columns={"value": "seconds"})
    path = root / SECONDS
    ours = pd.read_csv(path) if path.exists() else theirs.iloc[:0]
    mine, said = (
        _labelled(_ratios(table), [PROBLEMS[n].title for n in table["problem"]]) for table in (ours, theirs)
    )
    notes = (
        "Seconds of a batch over those of Ord on the same machine. Ours: python -m core bench --training, "
        "one thread of a CPU; "
        + "; ".join(f"{p.title.lower()} {p.training.reduced}" for p in PARTS.values())
        + ".",
        "Published: one RTX 3090, S = 15.",
    )
    cells = joined(mine, said, ["place", "row", "column"], {"ratio": "ratio"}, best=False)
    return Table("3", "Time of a training batch, as a multiple of ordinary training's", cells, notes)


def _ratios(seconds: pd.DataFrame) -> pd.DataFrame:
    ordinary = seconds[seconds["objective"] == "ord"].set_index("problem")["seconds"]
    return seconds.assign(ratio=seconds["seconds"] / seconds["problem"].map(ordinary).astype(float))


def _said(problem: Problem, setting: float) -> str:
    return problem.setting(problem.scenario_at(float(setting)))


def _where(problem: LinearInverse, setting: float, published: pd.DataFrame) -> str:
    side, (dataset,) = problem.side(problem.scenario()), published["dataset"].unique()
    return f"{_said(problem, setting).split(', ')[0]}, centre {side}×{side} of {dataset}"


def _counted(ours: pd.DataFrame) -> str:
    return f"Ours: means over {span(ours['images'])} test pictures, {attack_words(ours['attack'])}."
