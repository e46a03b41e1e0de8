"""``python -m core findings``: the thesis's claims answered from the results store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, Results
from core.commands.reports import print_answers, print_notices


def findings(
    output: Annotated[
        Path | None, typer.Option(help="Write the Markdown to this file, e.g. results/findings.md.")
    ] = None,
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Answer the thesis's claims, with intervals over test photos."""
    from core.base.errors import UserError
    from core.reports.findings.claims import findings as answer
    from core.reports.findings.text import to_markdown
    from core.results.summary import TABLE, notices

    found = answer(results)
    if not found:
        raise UserError(
            "The store does not hold a complete grid of one factor yet: run python -m core evaluate first."
        )
    answers = [
        {"factor": f.factor, "letter": f.claim.letter, "claim": f.claim.text, "answer": f.answer,
         "published": f.published, "evidence": [asdict(line) for line in f.evidence]}
        for f in found
    ]  # fmt: skip
    print_notices(notices(TABLE, "estimator", results))
    print_answers(to_markdown(found), answers, output, as_json=as_json)
