"""Which published document an evaluation is held against: its tables, and answers to its claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.attacks.terms import STRONGEST, THESIS
from core.base.errors import UserError
from core.problems.problem import Problem
from core.reports import digits
from core.reports.findings import paper as paper_findings
from core.reports.findings import thesis as thesis_findings
from core.reports.findings.text import Finding
from core.reports.tables import evaluated, paper, thesis
from core.reports.tables.table import Table
from core.results import evaluations


@dataclass(frozen=True)
class Document:
    """One document with its numbers and claims.

    Attributes:
        called: what pages call it.
        tables: their names.
        curves: those of quality over attack strength.
        about: those about a problem.
        build: a table by its name, of a folder of results, under a kind of attack.
        findings: answered claims, of a folder of results; none if it does not hold enough.
        to_markdown: findings as a file.
        attacks: kinds of attack that its tables can be made of, of :data:`core.attacks.terms.ATTACKED`.
    """

    called: str
    tables: tuple[str, ...]
    curves: tuple[str, ...]
    about: Callable[[Problem], tuple[str, ...]]
    build: Callable[[str, Path | None, str], Table]
    findings: Callable[[Path | None], list[Finding]]
    to_markdown: Callable[[list[Finding]], str]
    attacks: tuple[str, ...] = (THESIS,)


DOCUMENTS = {
    "patsatzi2023": Document(
        "the thesis", thesis.NAMES, tuple(thesis.QUALITY), lambda problem: thesis.NAMES, thesis.build,
        thesis_findings.findings, thesis_findings.to_markdown, (STRONGEST, THESIS),
    ),
    "sun2024": Document(
        "the paper", paper.NAMES, (), paper.about, paper.build,
        paper_findings.findings, paper_findings.to_markdown,
    ),
    "digits-page": Document(
        "the digits' page", tuple(digits.TABLES), (), lambda problem: tuple(digits.TABLES), digits.build,
        digits.findings, digits.to_markdown,
    ),
}  # fmt: skip
"""By their keys in ``docs/references.bib``, which problems name."""


ALSO = {"slides-1": "4.1", "slides-2": "4.2"}
"""Tables of the thesis's slides that are its own; the README's picture of a table is of the same two."""


def document_of(problem: Problem) -> Document:
    """The document that made claims about a problem.

    Raises:
        UserError: if there is none.
    """
    if problem.document not in DOCUMENTS:
        raise UserError(
            f"No claims about {problem.title.lower()} were published: python -m core tables --problem "
            f"{problem.name} prints what was evaluated."
        )
    return DOCUMENTS[problem.document]


def table_named(name: str, root: Path | None = None, attacks: str | None = None) -> Table:
    """A table of any document.

    Args:
        name: of the table.
        root: folder of results.
        attacks: of :data:`core.attacks.terms.ATTACKED`; by default the first that its document is made of.

    Raises:
        UserError: if there is none such.
    """
    name = ALSO.get(name, name)
    for document in DOCUMENTS.values():
        if name in document.tables:
            if attacks is not None and attacks not in document.attacks:
                raise UserError(
                    f"Table {name} is of the attacks of its document: write --attack {document.attacks[0]}, "
                    "or leave its name out for all that was evaluated under the strongest."
                )
            return document.build(name, root, attacks or document.attacks[0])
    known = ", ".join(name for document in DOCUMENTS.values() for name in document.tables)
    raise UserError(f"There is no Table {name}: choose one of {known}.")


def tables_of(problem: Problem, root: Path | None = None, attacks: str | None = None) -> list[Table]:
    """All tables about a problem: its document's, or one for each setting that was evaluated.

    Args:
        problem: that was evaluated.
        root: folder of results.
        attacks: see :func:`table_named`; without a document the strongest, if it was evaluated.

    Raises:
        UserError: if nothing was evaluated of a problem without a document.
    """
    document = DOCUMENTS.get(problem.document)
    if problem.classes and attacks not in (None, THESIS):
        raise UserError(f"{problem.title} have tables of their own kinds of attack: leave --attack out.")
    if document and (attacks is None or attacks in document.attacks):
        return [document.build(name, root, attacks or document.attacks[0]) for name in document.tables]
    return evaluated.build(problem, root, attacks or evaluations.strongest_of(problem, root))
