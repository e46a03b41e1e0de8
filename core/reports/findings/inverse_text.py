"""The paper's findings as a Markdown file."""

from __future__ import annotations

import numpy as np

from core.reports.findings.claims import Evidence
from core.reports.findings.inverse import SAMPLES, Finding
from core.results.summary import attack_words


def to_markdown(found: list[Finding]) -> str:
    """The findings as a Markdown file."""
    lines = [
        "# Findings: denoising and compressed sensing",
        "",
        "Written by `python -m core findings --problem denoising` from the results store. "
        f"Attack: {attack_words(finding.attack for finding in found)}; "
        f"S = {SAMPLES} unless said otherwise; differences paired over pictures with 95 % bootstrap "
        "intervals; “~” marks a line whose interval contains its threshold.",
    ]
    for problem in dict.fromkeys(finding.problem for finding in found):
        mine = [finding for finding in found if finding.problem == problem]
        lines += ["", f"## {problem.replace('_', ' ').capitalize()} ({mine[0].images} pictures)", "",
                  "| claim | ours |", "|---|---|"]  # fmt: skip
        lines += [f"| ({f.claim.letter}) {f.claim.text} | **{f.answer}** |" for f in mine]
        for f in mine:
            lines += ["", f"### ({f.claim.letter}) {f.answer}", ""]
            lines += [f"- {_line(line)}" for line in f.evidence]
    return "\n".join(lines) + "\n"


def _line(line: Evidence) -> str:
    sign = "" if "grey" in line.unit else "+"
    text = f"{line.text}: {line.value:{sign}.2f}{line.unit}"
    if not np.isnan(line.low):
        text += f" [{line.low:{sign}.2f}, {line.high:{sign}.2f}]"
    return f"{'yes' if line.supports else 'no '} {' ' if line.clear else '~'} {text}"
