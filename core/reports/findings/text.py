"""Claims, the evidence that answers them, and all of it as a Markdown file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.attacks.terms import HEADINGS, THESIS


@dataclass(frozen=True)
class Evidence:
    """One line behind an answer: a value with its 95 % interval (nan if it has none), the
    threshold it is held against, and whether it supports the claim."""

    text: str
    value: float
    low: float
    high: float
    threshold: float
    unit: str
    supports: bool

    @property
    def clear(self) -> bool:
        """Whether the whole interval lies on the value's side of the threshold."""
        return not (np.isnan(self.low) or self.low <= self.threshold <= self.high)


@dataclass(frozen=True)
class Claim:
    """A statement to be answered.

    Attributes:
        letter: in the order of the document.
        text: what is claimed.
        gather: evidence from what was evaluated.
        answer: the evidence in a word or two.
    """

    letter: str
    text: str
    gather: Callable[[Any], Iterable[Evidence]]
    answer: Callable[[tuple[Evidence, ...]], str]


@dataclass(frozen=True)
class Finding:
    """One claim answered for one part of what was evaluated.

    Attributes:
        of: the part, in a word.
        about: the same for JSON.
        images: how many photos the evidence is from, at least.
        attack, draws: how its rows were made.
        published, published_evidence: the same rule applied to published tables, if there are any.
        attacks: of :data:`core.attacks.terms.ATTACKED`.
    """

    claim: Claim
    of: str
    about: dict[str, Any]
    images: int
    attack: str
    answer: str
    evidence: tuple[Evidence, ...]
    draws: str = ""
    published: str = ""
    published_evidence: tuple[Evidence, ...] = ()
    attacks: str = THESIS

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            **self.about,
            "letter": self.claim.letter,
            "claim": self.claim.text,
            "attacks": self.attacks,
            "answer": self.answer,
            "images": self.images,
            **({"published": self.published} if self.published else {}),
            "evidence": [asdict(line) for line in self.evidence],
        }


def to_markdown(title: str, *paragraphs: str, found: Iterable[Finding]) -> str:
    """Findings as a Markdown file, below a title and what is said of all of them."""
    parts: dict[str, dict[str, list[Finding]]] = {}
    for finding in found:
        parts.setdefault(finding.of, {}).setdefault(finding.claim.letter, []).append(finding)
    lines = [f"# {title}", *(line for text in paragraphs for line in ("", text))]
    for of, claims in parts.items():
        columns = {f.attacks: HEADINGS[f.attacks] for mine in claims.values() for f in mine}
        theirs = any(f.published for mine in claims.values() for f in mine)
        heads = [*(columns.values() if len(columns) > 1 else ["ours"]), *(["published"] if theirs else [])]
        lines += ["", f"## {of}", "", f"| claim | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
        for mine in claims.values():
            answers = {f.attacks: f.answer for f in mine}
            cells = [f"**{answers.get(key, '–')}**" for key in columns]
            cells += [mine[0].published] if theirs else []
            lines.append(f"| ({mine[0].claim.letter}) {mine[0].claim.text} | {' | '.join(cells)} |")
        for mine in claims.values():
            for f in mine:
                way = f", {HEADINGS[f.attacks]}" if len(columns) > 1 else ""
                lines += ["", f"### {of} ({f.claim.letter}){way}: {f.answer}", ""]
                lines += [f"- {_line(line)}" for line in f.evidence]
            if mine[0].published_evidence:
                lines += ["", "Published: " + "; ".join(_text(line) for line in mine[0].published_evidence)]
    return "\n".join(lines) + "\n"


def _text(line: Evidence) -> str:
    sign = "+" if (line.unit or "less" in line.text) and "grey" not in line.unit else ""
    digits = 2 if line.unit or not sign else 4
    text = f"{line.text}: {line.value:{sign}.{digits}f}{line.unit}"
    if not np.isnan(line.low):
        text += f" [{line.low:{sign}.{digits}f}, {line.high:{sign}.{digits}f}]"
    return text


def _line(line: Evidence) -> str:
    return f"{'yes' if line.supports else 'no '} {' ' if line.clear else '~'} {_text(line)}"
