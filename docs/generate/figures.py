"""The figures of README and docs, from the results store and the networks' own metadata, as Markdown.

Each function is a block of :mod:`docs.generate`, called by its name with dashes. What names an attack takes
the name from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

import pandas as pd

from core.attacks.terms import HEADINGS, STRONGEST, THESIS
from core.base import references
from core.evaluation.studies.beside import beside, interpolations
from core.evaluation.studies.reading import certificate_summary, certified_range, falsification_summary
from core.evaluation.studies.strength import finding
from core.pictures.units import grey_levels
from core.problems.super_resolution import FACTORS, SUPER_RESOLUTION
from core.reports.answer import Answer, answer
from core.reports.findings import thesis
from core.reports.findings.panel import Panel
from core.results import store as results
from core.results.evaluations import chosen, per_image, table_of
from core.results.store import Store
from core.results.summary import attack_words, deployed, of_the_grid, on_f_alone
from docs.generate.markdown import table_head, table_row

KINDS = {
    "standard": "standard training",
    "smoothing": "randomized smoothing",
    "adversarial": "adversarial training",
    "interpolation": "interpolation",
}
"""What is compared, by objective: the best of each kind counts."""

EVALUATE = "python -m core evaluate --attack strongest --data photos_test"


thesis_findings = cache(thesis.findings)


# -- README -----------------------------------------------------------------------------------------------


def publications() -> str:
    """The thesis and the paper, and where the others are."""
    known = references.references()
    lines = [
        f"- **{name}** (`{key}`): {', '.join(_person(one) for one in known[key].authors)}, "
        f"[{known[key].title}]({known[key].url}), {known[key].where}, {known[key].year}."
        for name, key in (("The thesis", references.THESIS), ("The paper", references.PAPER))
    ]
    others = len(known) - len(lines)
    lines.append(f"- {others} more, which both build on: [docs/references.bib](docs/references.bib).")
    return "\n".join(lines)


def _person(author: str) -> str:
    return " ".join(reversed(author.split(", ")))


def best() -> str:
    """Which kind is best at which strength of attack at the smaller factor, in decibels."""
    factor = FACTORS[0]
    attacks, panel = _strongest(factor)
    if panel is None:
        return _missing(THESIS)
    means = panel.rows.groupby(["eps", "objective", "estimator"])["psnr"].mean()
    table = means.groupby(["eps", "objective"]).max().unstack()[list(KINDS)].loc[lambda t: t.index > 0]
    words = attack_words(panel.rows["attack"])
    lines = [
        f"**Under {words} ({panel.images} test photos), the best network of each kind; best of all by PSNR: "
        f"{_runs(panel, table.index)}.**",
        *([] if attacks == STRONGEST else ["", _thesis_only()]),
        "",
        *table_head(f"×{factor}: ε_rel (grey levels)", *(f"{name}, dB" for name in KINDS.values())),
    ]
    for eps, row in table.iterrows():
        cells = [f"**{value:.2f}**" if value == row.max() else f"{value:.2f}" for value in row]
        lines.append(table_row(f"{eps:g} ({grey_levels(float(eps)):.1f})", *cells))
    return "\n".join([*lines, "", f"`python -m core curves --factor {factor}`"])


def _runs(panel: Panel, strengths: Iterable[float]) -> str:
    """From which strength to which each kind is best, in words."""
    found = (answer(SUPER_RESOLUTION, panel.rows, "psnr", eps) for eps in strengths)
    best = [(_leading(one), one.eps) for one in found if one]
    parts = []
    for kind, run in groupby(best, key=lambda pair: pair[0]):
        ends = [f"{eps:g}" for _, eps in run]
        parts.append(f"{kind} at ε_rel = {' to '.join(dict.fromkeys((ends[0], ends[-1])))}")
    return ", ".join(parts)


def _leading(found: Answer) -> str:
    """The best kind, and those that may be as good by chance."""
    rivals = [found.best, *(rival for rival in found.others if rival.low <= 0)]
    return " or ".join(KINDS[rival.kind] for rival in rivals)


def _strongest(factor: int) -> tuple[str, Panel | None]:
    """The whole grid of a factor under the strongest attack that it was evaluated under."""
    strongest = thesis.measured(factor, attacks=STRONGEST)
    return (STRONGEST, strongest) if strongest else (THESIS, thesis.measured(factor))


def _said(attacks: str, panel: Panel) -> str:
    """Under which attack, over how many photos; and that it is not the strongest, where it is not."""
    where = f"Means over {panel.images} test photos under {attack_words(panel.rows['attack'])}"
    if attacks == STRONGEST:
        return f"{where}; smoothed with the σ_g chosen on validation photos under the same."
    return f"{where}. {_thesis_only()}"


def _thesis_only() -> str:
    """That a figure is of the thesis's protocol, what that hides, and what to run."""
    return f"That is the thesis's protocol: {on_f_alone(SUPER_RESOLUTION.name)}. {_missing(STRONGEST)}"


def _missing(attacks: str) -> str:
    name = table_of(SUPER_RESOLUTION, attacks).name
    line = EVALUATE if attacks == STRONGEST else EVALUATE.replace(STRONGEST, THESIS)
    return f"(The store has no complete grid of `{name}`: `{line}` makes it.)"


def strength() -> str:
    """How much more than the thesis's attack the strongest takes from the smoothed estimate."""
    parts = []
    for checkpoint, rows in _studied("attacks"):
        found = finding(rows)
        found = found[found["eps_rel"] <= max(SUPER_RESOLUTION.grid.epses)]
        worst = found.loc[found["gap"].idxmax()]
        parts.append(
            f"up to {worst['gap']:.1f} dB [{worst['gap_low']:.1f}, {worst['gap_high']:.1f}] more of "
            f"{checkpoint} (at ε_rel = {worst['eps_rel']:g})"
        )
        images, least = int(found["images"].max()), found["share"].min()
    if not parts:
        return _unstudied("attacks")
    return (
        "**The thesis attacked too weakly.** Its finding that attacks on the smoothed ĝ are weaker than "
        "attacks on the base network f does not survive: the strongest attack found on ĝ takes "
        f"{' and '.join(parts)}, and is at least as strong on {least:.0%} of {images} photos at every "
        "strength. "
        "`python -m core study attacks`."
    )


def refuted() -> str:
    """What the published certificate is worth, and how far sound ones reach."""
    parts, reaches, exceeded, tried = [], [], 0, 0
    for checkpoint, rows in _studied("falsification"):
        table = falsification_summary(rows)
        fixed = table[table["reading"] == "fixed"]
        parts.append(
            f"{fixed['refuted'].sum()} of {fixed['images'].sum()} trials ({checkpoint}), by up to "
            f"{fixed['factor'].max():.1f} times"
        )
    for _, rows in _studied("certificates"):
        sound = rows[rows["certificate"] != "as_published"]
        reaches.append(certified_range(sound)["reach_grey_levels"].max())
        inside = sound[sound["bound"].notna() & sound["measured"].notna() & (sound["bound"] < float("inf"))]
        exceeded, tried = exceeded + int((inside["measured"] > inside["bound"]).sum()), tried + len(inside)
    if not parts or not reaches:
        return _unstudied("certificates")
    return (
        "**The number published as a certificate bounds nothing.** It mixes units: an attack inside its ball "
        f"exceeds it in {' and '.join(parts)}. Sound certificates of 160×160 "
        f"pictures end at {max(reaches):.2f} grey levels; {exceeded} of {tried} attacks inside them measured "
        "above their bound. "
        "`python -m core study certificates`."
    )


# -- results of super-resolution ---------------------------------------------------------------------------


def answers() -> str:
    """What is best at every strength, by PSNR and by SSIM, with intervals."""
    lines = []
    for factor in FACTORS:
        attacks, panel = _strongest(factor)
        if panel is None:
            continue
        lines += [f"### ×{factor}", "", _said(attacks, panel), ""]
        rows = per_image(SUPER_RESOLUTION, "test", attacks=attacks)
        rows = of_the_grid(rows[rows["factor"] == factor])
        for metric in ("psnr", "ssim"):
            used = deployed(rows, chosen(SUPER_RESOLUTION, attacks=attacks, metric=metric))
            found = [answer(SUPER_RESOLUTION, used, metric, eps) for eps in panel.strengths]
            lines += [f"- {one.sentence(SUPER_RESOLUTION, attacks)}" for one in found if one]
        lines.append("")
    return "\n".join(lines).strip() or _missing(THESIS)


def claims() -> str:
    """The thesis's claims: answers under each attack, and in its own tables."""
    found = thesis_findings()
    if not found:
        return _missing(THESIS)
    keys = list(dict.fromkeys((f.about["factor"], f.attacks) for f in found))
    heads = [f"×{factor}, {HEADINGS[attacks]}" for factor, attacks in keys]
    published = [f"×{factor}, published" for factor in FACTORS]
    lines = table_head("claim", *heads, *published)
    for claim in thesis.CLAIMS:
        mine = {(f.about["factor"], f.attacks): f for f in found if f.claim is claim}
        theirs = {f.about["factor"]: f.published for f in mine.values()}
        cells = [f"**{mine[key].answer}**" for key in keys]
        lines.append(
            table_row(f"({claim.letter}) {claim.text}", *cells, *(theirs.get(n, "–") for n in FACTORS))
        )
    ways = {f.attacks: f.attack for f in found}
    said = "; ".join(f"“{HEADINGS[key]}”: {attack_words([word])}" for key, word in ways.items())
    missing = "" if STRONGEST in ways else f" {_missing(STRONGEST)}"
    return "\n".join(
        [
            f"{said}. Where it is the thesis's attack, {on_f_alone(SUPER_RESOLUTION.name)}.{missing}",
            "",
            *lines,
        ]
    )


def strengths() -> str:
    """The thesis's attack on f against the strongest found on ĝ, at every strength."""
    lines = []
    for checkpoint, rows in _studied("attacks"):
        table = finding(rows)
        table = table[table["eps_rel"] <= max(SUPER_RESOLUTION.grid.epses)]
        sigma = rows["sigma_g"].iloc[0]
        lines += ["", f"{checkpoint}, σ_g = {sigma:g}, {int(table['images'].max())} test photos:", ""]
        lines += table_head(
            "ε_rel (grey levels)", "thesis's attack on f", "strongest takes", "at least as strong on"
        )
        for line in table.itertuples():
            lines.append(
                table_row(
                    f"{line.eps_rel:g} ({line.grey_levels:.1f})",
                    f"{line.thesis:.2f} dB",
                    f"{line.gap:.2f} dB more [{line.gap_low:.2f}, {line.gap_high:.2f}]",
                    f"{line.share:.0%}",
                )
            )
    return "\n".join(lines).strip() or _unstudied("attacks")


def company() -> str:
    """Each under the strongest attack that this study tried on it."""
    lines = []
    for checkpoint, rows in _studied("attacks"):
        table = beside(rows, interpolations(rows, results.RESULTS))
        if table.empty:
            continue
        lines += [
            "",
            f"smoothed {checkpoint}:",
            "",
            *table_head("ε_rel", "beside", "PSNR", "ĝ's", "ĝ less it"),
        ]
        lines += [
            table_row(
                f"{line.eps_rel:g}", line.estimator, f"{line.psnr:.2f} dB", f"{line.smoothed:.2f} dB",
                f"{line.gap:+.2f} dB [{line.gap_low:+.2f}, {line.gap_high:+.2f}]",
            )
            for line in table.itertuples()
        ]  # fmt: skip
    return "\n".join(lines).strip() or _unstudied("attacks")


def certified() -> str:
    """How far each certificate reaches, and what attacks measured against it."""
    lines = []
    for checkpoint, rows in _studied("certificates"):
        reach = certified_range(rows).set_index("certificate")
        attacked = certificate_summary(rows[rows["measured"].notna() & (rows["bound"] < float("inf"))])
        tried = attacked.groupby("certificate")[["exceeded", "images"]].sum()
        draws, alpha = (int(rows["samples"].iloc[0]), float(rows["alpha"].max()))
        lines += ["", f"{checkpoint}, S = {draws:,}, α = {alpha:g}:", ""]
        lines += table_head("certificate", "reaches ε_rel", "grey levels", "attacks above it")
        for name, line in reach.iterrows():
            above = (
                f"{tried.loc[name, 'exceeded']} of {tried.loc[name, 'images']}"
                if name in tried.index
                else "–"
            )
            said = (
                "published (mixed units, no bound)" if name == "as_published" else str(name).replace("_", " ")
            )
            lines.append(
                table_row(said, f"{line['reach_rel']:.4f}", f"{line['reach_grey_levels']:.2f}", above)
            )
    return "\n".join(lines).strip() or _unstudied("certificates")


def falsified() -> str:
    """The published number against attacks inside its ball."""
    lines = table_head("network", "reading", "ε_rel", "exceeded on", "claimed", "attacked median")
    for checkpoint, rows in _studied("falsification"):
        for line in falsification_summary(rows).itertuples():
            lines.append(
                table_row(
                    checkpoint, f"c {line.reading}", f"{line.eps_rel:.4f}",
                    f"{line.refuted} of {line.images}", f"{line.claimed:.6f}",
                    f"{line.median:.6f} ({line.factor:.2f}×)",
                )
            )  # fmt: skip
    return "\n".join(lines) if len(lines) > 2 else _unstudied("certificates")


def _studied(table: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of a study, network by network."""
    rows = Store(table).read()
    for checkpoint in sorted(rows["checkpoint"].unique()) if len(rows) else ():
        yield checkpoint, rows[rows["checkpoint"] == checkpoint]


def _unstudied(study: str) -> str:
    return f"(The store has no such study: `python -m core study {study} --data photos_test` makes it.)"
