"""``python -m core tables``: evaluations as tables, ours beside the published ones."""

from __future__ import annotations

from typing import Annotated

import typer

from core.commands.options import AsJson, AttackKind, ProblemName, Results, attack_kind, problem_named
from core.commands.reports import print_tables
from core.problems.super_resolution import SUPER_RESOLUTION


def tables(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Of the thesis 4.1 to 4.4, A.1 to A.3, of the paper 1a, 1b, 2, 3, 4a, 4b; all of the "
            "problem's without a name."
        ),
    ] = None,
    problem: ProblemName = SUPER_RESOLUTION.name,
    attack: AttackKind = None,
    listed: Annotated[bool, typer.Option("--list", help="Only name all tables of all documents.")] = False,
    form: Annotated[str, typer.Option("--format", help="markdown, latex or csv.")] = "markdown",
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Print tables from the results store: ours, the published, the difference; best in bold."""
    from core.reports.documents import ALSO, DOCUMENTS, table_named, tables_of

    if listed:
        for document in DOCUMENTS.values():
            for name in document.tables:
                typer.echo(
                    f"{name:<20}{document.called}: {document.build(name, results, document.attacks[0]).title}"
                )
        for name, same in ALSO.items():
            typer.echo(f"{name:<20}is Table {same}")
        return
    solved = problem_named(problem)
    attack = attack_kind(attack)
    named = [table_named(name, results, attack) for name in names or ()]
    found = named or tables_of(solved, results, attack)
    print_tables(found, form, as_json=as_json)
