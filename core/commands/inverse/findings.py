"""``python -m core inverse findings``: the paper's claims answered from the results store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.options import AsJson, Results
from core.commands.reports import print_answers, print_notices


def findings(
    output: Annotated[
        Path | None,
        typer.Option(help="Write the Markdown to this file, e.g. results/findings_inverse.md."),
    ] = None,
    results: Results = None,
    as_json: AsJson = False,
) -> None:
    """Answer the paper's claims, with intervals over test pictures."""
    from core.base.errors import UserError
    from core.reports.findings.inverse import findings as answer
    from core.reports.findings.inverse_text import to_markdown
    from core.results.inverse import TABLE
    from core.results.summary import notices

    found = answer(results)
    if not found:
        raise UserError("The store holds nothing of these problems yet: run python -m core inverse evaluate.")
    answers = [
        {"problem": f.problem, "letter": f.claim.letter, "claim": f.claim.text, "answer": f.answer,
         "images": f.images, "evidence": [asdict(line) for line in f.evidence]}
        for f in found
    ]  # fmt: skip
    print_notices(notices(TABLE, "network", results))
    print_answers(to_markdown(found), answers, output, as_json=as_json)
