"""``python -m core findings``: claims of the thesis and of the paper answered from the results store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, ProblemName, Results, problem_named
from core.commands.reports import print_answers, print_notices
from core.problems.super_resolution import SUPER_RESOLUTION


def findings(
    problem: ProblemName = SUPER_RESOLUTION.name,
    output: Annotated[
        Path | None, typer.Option(help="Write the Markdown to this file, e.g. results/findings.md.")
    ] = None,
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Answer the claims that were published about a problem, with intervals over test photos."""
    from core.base.errors import UserError
    from core.reports.documents import document_of
    from core.results.evaluations import notices

    solved = problem_named(problem)
    document = document_of(solved)
    found = document.findings(results)
    if not found:
        raise UserError(
            "The store does not hold a complete grid yet: run python -m core evaluate --problem "
            f"{problem} --data DIR first."
        )
    print_notices(notices(solved, results))
    answers = [finding.to_dict() for finding in found]
    print_answers(document.to_markdown(found), answers, output, as_json=as_json)
