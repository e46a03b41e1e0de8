"""``python -m core certify``: what can be guaranteed for one photo, and what attacks reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.base.errors import UserError
from core.commands.laboratory import drive, laboratory, reported
from core.commands.options import (
    Alpha,
    AsJson,
    Device,
    Folder,
    Precision,
    Results,
    Seed,
    number,
)
from core.commands.reports import print_json, print_notices

if TYPE_CHECKING:
    from core.evaluation.studies.case import Case
    from core.evaluation.studies.certificates import Certified, Plan
    from core.runtime.session import Lab

SHOWN = ("certificate", "letter", "is_certificate", "bounded", "unit", "alpha", "simultaneous")
PER_RADIUS = (
    "ratio", "epsilon", "eps_rel", "grey_levels", "bound", "width", "clean", "measured", "measured_attack",
)  # fmt: skip
REFUTATION = (
    "reading", "attack", "epsilon", "eps_rel", "ratio", "claimed", "median", "low", "high", "exceeded",
)  # fmt: skip


def certify(
    image: Annotated[str, typer.Option(help="Bundled photo by name, or a picture file.")] = "astronaut",
    checkpoint: Annotated[str, typer.Option(help="The network that is smoothed.")] = "sr-x2-rs-0.40",
    data: Annotated[
        Path | None,
        typer.Option(help="Of digits: the folder of the MNIST files, whose test digits are taken."),
    ] = None,
    limit: Annotated[int, number("Of digits: how many certified ones to attack.", 1, 1000)] = 60,
    restarts: Annotated[int, number("Of digits: starts of each attack.", 1, 100)] = 5,
    results: Results = None,
    sigma: Annotated[
        float | None,
        number("Smoothing noise. Default: what the network was trained with, or else usual.", 0.001, 255),
    ] = None,
    samples: Annotated[
        int | None,
        number("Samples S; center smoothing needs about 10,000, which digits' votes are.", 6, 10**6),
    ] = None,
    alpha: Alpha = 0.001,
    attack: Annotated[bool, typer.Option(help="Also attack, at some of the radii.")] = True,
    attack_steps: Annotated[int | None, number("Of each attack: 10, on digits 100.", 1, 1000)] = None,
    seed: Seed = 0,
    precision: Precision = "auto",
    device: Device = "auto",
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Certify one photo over a grid of radii, with measured errors under attack beside the bounds.

    Of digits, where each has one radius, those of the store are attacked inside it; kill it at any time, the
    same line continues.
    """
    from core.evaluation.studies.case import make_case
    from core.evaluation.studies.certificates import Plan, certify_photo
    from core.evaluation.throughput import throughput
    from core.pictures import images
    from core.problems import problem_of
    from core.problems.scenario import PhotoScenario

    problem = problem_of(checkpoint)
    if problem.classes:
        lab, steps = laboratory(device, precision, 0, folder), attack_steps or 100
        _attack_certified(
            lab, checkpoint, data, results,
            wanted=limit, n=samples or 10_000, steps=steps, restarts=restarts, seed=seed,
        )  # fmt: skip
        return
    noise = problem.identity(checkpoint).level if sigma is None else sigma
    given: dict[str, Any] = {"image": image, "checkpoint": checkpoint, "seed": seed, "precision": precision}
    scenario = problem.scenario_at(**given, **({problem.sigma: noise} if noise else {}))
    assert isinstance(scenario, PhotoScenario)
    lab = laboratory(device, "auto", 0, folder)
    photo = images.open_photo(image)
    case = lab.engine.do(lambda: make_case(lab, photo, scenario))
    count, steps = samples or 1000, attack_steps or 10
    plan = Plan.of_one_photo(count, alpha=alpha, attack=attack, steps=steps, seed=seed)
    walk = lab.engine.drive(certify_photo(case, plan))
    result = reported(walk, quiet=as_json)
    rates = lab.engine.do(
        lambda: throughput(
            case.base, case.measurement, sigma=case.sigma_g, samples=50, chunk=lab.engine.chunk, seed=seed
        )
    )
    answer = _answer(case, plan, result, rates)
    if as_json:
        print_json(answer)
    else:
        _print(answer)


def _attack_certified(
    lab: Lab, checkpoint: str, data: Path | None, results: Path | None, *, seed: int, **how: int
) -> None:
    """PGD against the smoothed classifier in the ball of each digit's certified radius: none may flip."""
    from core.evaluation.digit_plan import DigitsPlan
    from core.evaluation.driver import carry_out
    from core.evaluation.jobs import targets
    from core.evaluation.local import Local
    from core.problems import problem_of
    from core.problems.digits import data as mnist
    from core.results.store import RESULTS, Store
    from core.results.summary import notices

    if data is None:
        raise UserError("Name the folder of the four MNIST files with --data.")
    digits, here, root = mnist.evaluation(data), Local(lab), results or RESULTS
    found = targets(problem_of(checkpoint), [checkpoint], lab.folder)
    plan = DigitsPlan(found, digits, here.device, here.precision, seed)
    jobs = plan.challenged(Store("digits_certificates", root), **how)
    store = Store(jobs[0].table.name, root)
    drive(carry_out(jobs, digits, store, here), "digit")
    print_notices(notices(store.table, "network", root))


def _answer(case: Case, plan: Plan, result: Certified, rates: dict[str, float]) -> dict[str, Any]:
    """JSON-ready; a bound that does not exist is null."""
    from core.certificates.registry import BOUNDS
    from core.results.summary import noticed

    table = json.loads(result.rows.to_json(orient="records"))  # infinite and nan become null
    grouped: dict[str, dict[str, Any]] = {}
    for row in table:
        entry = grouped.setdefault(row["certificate"], {n: row[n] for n in SHOWN} | {"radii": []})
        entry["radii"].append({name: row[name] for name in PER_RADIUS})
    for name, entry in grouped.items():
        entry["guarantee"] = BOUNDS[name].guarantee
    refuted = json.loads(result.falsification.to_json(orient="records"))
    return {
        "image": case.image[0],
        "photo_digest": case.image[1],
        "checkpoint": case.checkpoint,
        "checkpoint_digest": case.digests[case.checkpoint],
        "device": case.device,
        "precision": case.precision,
        "sigma": case.sigma,
        "sigma_grey_levels": case.problem.space.grey_levels(case.sigma),
        "dimension": case.dimension,
        "norm": "L2",
        "units": case.problem.space.unit,
        "samples": plan.samples,
        "pilot": plan.pilot,
        "alpha": plan.alpha,
        "seed": plan.seed,
        "certificates": list(grouped.values()),
        "notices": noticed(result.rows, "checkpoint"),
        "falsification": [{name: row[name] for name in REFUTATION} for row in refuted],
        "forwards_per_second": {
            "with_statistics": result.draws.forwards_per_second,
            "sampling": rates["engine"],
            "one_at_a_time": rates["plain"],
            "ratio": rates["ratio"],
        },
    }


def _print(answer: dict[str, Any]) -> None:
    rates = answer["forwards_per_second"]
    typer.echo(
        f"{answer['image']}, {answer['checkpoint']}, σ = {answer['sigma']:g} "
        f"({answer['sigma_grey_levels']:.1f} grey levels), S = {answer['samples']}, "
        f"d = {answer['dimension']}, seed = {answer['seed']}, {answer['device']} {answer['precision']}"
    )
    for entry in answer["certificates"]:
        alpha = entry["alpha"]
        sure = "" if alpha is None else f", α = {alpha:.3g} {'in all' if entry['simultaneous'] else 'each'}"
        typer.echo(f"\n{entry['letter']}  {entry['bounded']} ({entry['unit'].upper()}{sure})")
        typer.echo(f"   {entry['guarantee']}")
        typer.echo(
            f"   {'ε (L2)':>9}{'ε_rel':>10}{'grey levels':>13}{'ε/σ':>8}"
            f"{'bound':>11}{'attacked':>11}{'clean':>11}"
        )
        for row in entry["radii"]:
            bound = "none" if row["bound"] is None else f"{row['bound']:.6f}"
            reached = "" if row["measured"] is None else f"{row['measured']:.6f}"
            typer.echo(
                f"   {row['epsilon']:>9.4f}{row['eps_rel']:>10.5f}{row['grey_levels']:>13.3f}"
                f"{row['ratio']:>8.2f}{bound:>11}{reached:>11}{row['clean']:>11.6f}"
            )
    refuted = [row for row in answer["falsification"] if row["exceeded"]]
    if answer["falsification"]:
        typer.echo(
            f"\nThe published number is exceeded by {len(refuted)} of {len(answer['falsification'])} "
            "attacks inside its ball:"
        )
    for row in refuted:
        typer.echo(
            f"   c {row['reading']:<7}ε_rel = {row['eps_rel']:.5f}  said ≤ {row['claimed']:.6f}, "
            f"measured {row['median']:.6f} [{row['low']:.6f}, {row['high']:.6f}] ({row['attack']})"
        )
    for notice in answer["notices"]:
        typer.echo(f"\n{notice}")
    typer.echo(
        f"\nsampling {rates['sampling']:.0f} forwards/s "
        f"({rates['with_statistics']:.0f} with all statistics), "
        f"one at a time {rates['one_at_a_time']:.0f} forwards/s: {rates['ratio']:.1f}×"
    )
