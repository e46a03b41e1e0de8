"""``python -m core study budget``: whether the strongest attack has converged."""

from __future__ import annotations

from contextlib import closing

import typer

from core.commands.laboratory import drive, executor_of
from core.commands.options import AsJson, Cluster, Device, Folder, Limit, Precision, Results, Studied, Threads
from core.commands.reports import print_json


def budget(
    data: Studied = None,
    limit: Limit = 6,
    precision: Precision = "auto",
    device: Device = "auto",
    threads: Threads = 0,
    cluster: Cluster = None,
    results: Results = None,
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Attack photos that no evaluation has seen with less, and with ten times, the strongest attack's budget.

    Prints mean PSNR by ``attack_steps``, and how much more the largest budget takes than that of an
    evaluation. Kill it at any time: the same line continues. Table: attack_budget.
    """
    from core.attacks.terms import STRONGEST
    from core.evaluation.budget import BUDGETS, EPS_REL, TABLE, photos_apart, study, table
    from core.evaluation.jobs import STEPS
    from core.results.store import RESULTS, Store

    store = Store(TABLE, results or RESULTS)
    if data is not None:
        photos = photos_apart(data, limit or 6)
        with closing(executor_of(cluster, device, precision, threads, folder)) as executor:
            drive(study(photos, store, executor, folder), "forward", quiet=as_json)
    rows = store.read()
    found = table(rows) if len(rows) else rows
    if as_json:
        print_json(found.to_dict("records"))
        return
    if found.empty:
        typer.echo("The store has no study of budgets: name a folder of photos with --data.")
        return
    steps = [steps for steps in BUDGETS if steps in found]
    typer.echo(
        f"PSNR (dB) at ε_rel = {EPS_REL:g} by attack_steps, means over {found['images'].max()} photos; "
        f"an evaluation takes {STEPS[STRONGEST]}"
    )
    typer.echo(f"{'':<16}{'σ_g':>6}" + "".join(f"{each:>9}" for each in steps) + "     more")
    for row in found.to_dict("records"):
        figures = "".join(f"{row[each]:>9.3f}" for each in steps)
        sigma = f"{row['sigma_g']:g}" if row["sigma_g"] else "–"
        typer.echo(f"{row['estimator']:<16}{sigma:>6}{figures}{row['more']:>+9.3f}")
