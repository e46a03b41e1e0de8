"""The findings as a Markdown file."""

from __future__ import annotations

import numpy as np

from core.reports.findings.claims import Evidence, Finding
from core.results import summary as results


def to_markdown(found: list[Finding]) -> str:
    """The findings file."""
    grids = {finding.factor: finding for finding in found}.values()
    images = results.span(grid.images for grid in grids)
    attack = results.attack_words(grid.attack for grid in grids)
    draws = results.said(grid.draws for grid in grids)
    lines = [
        "# Findings",
        "",
        f"**Here {results.on_f_alone()}** (`python -m core study attacks`).",
        "",
        "Written by `python -m core findings` from the results store: "
        f"{images} test photos, {attack}; smoothing networks smoothed (k = {draws}) with the σ_g chosen on "
        "validation photos. Differences are paired over photos, with 95 % bootstrap "
        "intervals; “~” marks a line whose interval contains its threshold. “Thesis” applies the same "
        "rule to the published tables, which have no intervals and compare with ours in order, not in "
        "decibels.",
    ]
    for factor in sorted({finding.factor for finding in found}):
        mine = [finding for finding in found if finding.factor == factor]
        lines += ["", f"## ×{factor}", "", "| claim | ours | thesis |", "|---|---|---|"]
        for f in mine:
            lines.append(f"| ({f.claim.letter}) {f.claim.text} | **{f.answer}** | {f.published} |")
        for f in mine:
            lines += ["", f"### ×{factor} ({f.claim.letter}): {f.answer}", ""]
            lines += [f"- {_line(line)}" for line in f.evidence]
            if f.published_evidence:
                lines += [
                    "",
                    "Thesis: " + "; ".join(_line(line, brief=True) for line in f.published_evidence),
                ]
    return "\n".join(lines) + "\n"


def _line(line: Evidence, *, brief: bool = False) -> str:
    sign = "+" if line.unit or "less" in line.text else ""
    digits = 2 if line.unit or not sign else 4
    text = f"{line.text}: {line.value:{sign}.{digits}f}{line.unit}"
    if not np.isnan(line.low):
        text += f" [{line.low:{sign}.{digits}f}, {line.high:{sign}.{digits}f}]"
    if brief:
        return text
    return f"{'yes' if line.supports else 'no '} {' ' if line.clear else '~'} {text}"
