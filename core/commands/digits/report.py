"""``python -m core digits report``: what the store says about the digit networks."""

from __future__ import annotations

import typer

from core.commands.options import AsJson
from core.commands.reports import print_json, print_notices


def report(
    as_json: AsJson = False,
) -> None:
    """The claims with their figures, yes or no, and accuracy under attack and certified accuracy."""
    from core.evaluation.digits.challenge import TABLE
    from core.evaluation.digits.evaluation import ATTACKS
    from core.reports import digits as results
    from core.results.summary import notices

    attacks, certificates = results.load()
    claims = results.findings(attacks, certificates)
    under = results.accuracy_under_attack(attacks)
    certified = results.certified_accuracy(certificates, [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])
    challenged = results.challenge_summary()
    for table in (ATTACKS, TABLE):
        print_notices(notices(table, "network"))
    if as_json:
        answer = {
            "findings": claims,
            "challenge": challenged,
            "attacks": under.to_dict("records"),
            "certified": certified.to_dict("records"),
        }
        print_json(answer)
        return
    for claim in claims:
        wanted = f"asked {'at least' if claim['above'] else 'below'} {claim['asked']:.1%}"
        if claim["accuracy"] is None:
            typer.echo(f"NO   {claim['claim']}: not evaluated yet; {wanted}")
            continue
        short = "" if claim["holds"] else f"; missed by {abs(claim['accuracy'] - claim['asked']):.1%}"
        typer.echo(
            f"{'yes' if claim['holds'] else 'NO':<5}{claim['claim']}: {claim['accuracy']:.1%} "
            f"[{claim['low']:.1%}, {claim['high']:.1%}] of {claim['digits']} digits, {wanted}{short}"
        )
    if challenged["digits"]:
        typer.echo(
            f"{'NO' if challenged['flipped'] else 'yes':<5}no attack inside the certified radius flips a "
            f"digit: {challenged['flipped']} of {challenged['digits']} digits flipped "
            f"({challenged['attacks']} attacks of PGD-{challenged['steps']})"
        )
    if len(under):
        typer.echo("\naccuracy under attack")
        typer.echo(
            under.pivot(index=["attack", "epsilon"], columns="network", values="accuracy").to_string(
                float_format="{:.3f}".format
            )
        )
    if len(certified):
        typer.echo("\ncertified accuracy")
        typer.echo(
            certified.pivot(
                index=["network", "sigma", "digits"], columns="radius", values="accuracy"
            ).to_string(float_format="{:.3f}".format)
        )
