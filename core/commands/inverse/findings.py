"""``python -m core inverse findings``: the paper's claims answered from the results store."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.commands.inverse.evaluate import Results


def findings(
    output: Annotated[
        Path | None,
        typer.Option(help="Write the Markdown to this file, e.g. results/findings_inverse.md."),
    ] = None,
    results: Results = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Answer the paper's claims, with intervals over test pictures."""
    from core.errors import UserError
    from core.files import write_atomically
    from core.findings.inverse import findings as answer
    from core.findings.inverse_text import to_markdown

    found = answer(results)
    if not found:
        raise UserError("The store holds nothing of these problems yet: run python -m core inverse evaluate.")
    if as_json:
        answers = [
            {"problem": f.problem, "letter": f.claim.letter, "claim": f.claim.text, "answer": f.answer,
             "images": f.images, "evidence": [asdict(line) for line in f.evidence]}
            for f in found
        ]  # fmt: skip
        typer.echo(json.dumps(answers, indent=2, ensure_ascii=False))
        return
    if output is not None:
        write_atomically(output, to_markdown(found).encode())
        typer.echo(f"{output} written")
        return
    typer.echo(to_markdown(found))
