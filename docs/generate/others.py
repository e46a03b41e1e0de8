"""Figures of the paper's problems, of those without published numbers, of digits, and of the networks.

Blocks of :mod:`docs.generate`, like those of :mod:`docs.generate.figures`.
"""

from __future__ import annotations

from functools import cache

from core.problems import PROBLEMS
from core.reports import digits as reports
from core.reports.findings import paper
from core.reports.findings.panel import Panel, difference
from core.reports.findings.text import Evidence
from core.results import summary
from core.results.evaluations import per_image
from core.results.summary import attack_words
from core.zoo import checkpoints
from docs.generate.figures import KINDS
from docs.generate.markdown import table_head, table_row

paper_findings = cache(paper.findings)


def paper_claims() -> str:
    """The paper's claims for each of its problems."""
    found = paper_findings()
    if not found:
        return "(The store has no such evaluation: `python -m core evaluate --problem denoising` makes it.)"
    problems = list(dict.fromkeys(f.of for f in found))
    lines = table_head("claim of the paper", *problems)
    for claim in paper.CLAIMS:
        answers = {f.of: f.answer for f in found if f.claim is claim}
        lines.append(
            table_row(f"({claim.letter}) {claim.text}", *(answers.get(name, "–") for name in problems))
        )
    images = summary.span({f.images for f in found})
    said = f"{attack_words(f.attack for f in found)}; {images} pictures for each problem."
    return "\n".join([f"Attack: {said}", "", *lines])


def other_problems() -> str:
    """Problems without published numbers: networks beside the linear estimate at the strongest attack."""
    lines = []
    for problem in PROBLEMS.values():
        if problem.document or problem.table != "evaluations":
            continue
        rows = per_image(problem, "test")
        if rows.empty:
            continue
        eps = float(rows["eps"].max())
        rows = rows[rows["eps"] == eps]
        setting = rows["setting"].iloc[0]
        rows = rows[rows["setting"] == setting]
        plain = Panel(problem, 0, rows[rows["sigma"] == 0]).frame("psnr", "estimator")
        trivial = rows.loc[~rows["objective"].isin(KINDS.keys()), "estimator"].iloc[0]
        gains = [difference(plain, name, trivial) for name in plain.columns if name != trivial]
        over = rows.groupby(["estimator", "sigma"])["psnr"].mean().unstack()
        moved = over.sub(over[0.0], axis=0).abs().max().max()
        lines.append(
            f"- **{problem.title}**, {setting}, ε = {eps:g} {problem.space.unit}, "
            f"{attack_words(rows['attack'])}, {len(plain)} pictures of {summary.said(rows['dataset'])}: "
            f"{plain.shape[1] - 1} networks are "
            f"{min(g[0] for g in gains):+.2f} to {max(g[0] for g in gains):+.2f} dB from "
            f"{problem.titled(trivial)} ({plain[trivial].mean():.2f} dB); smoothing moves each by at most "
            f"{moved:.2f} dB (`python -m core tables --problem {problem.name}`)."
        )
    return "\n".join(lines)


def digits() -> str:
    """The digits' claims, and what one network keeps under attacks that it was not trained against."""
    found = reports.findings()
    if not found:
        return "(The store has none of it: `python -m core evaluate --problem digits --data DIR` makes it.)"
    lines = table_head("claim", "answer", "evidence")
    for one in found:
        evidence = "; ".join(_said(line) for line in one.evidence)
        lines.append(table_row(one.claim.text, f"**{one.answer}**", evidence))
    under = reports.accuracy_under_attack(reports.load()[0])
    mine = under[(under["network"] == "digits-adv-sign") & under["epsilon"].between(0.199, 0.201)]
    worst = ", ".join(f"{row.attack} {row.accuracy:.1%}" for row in mine.itertuples())
    lines += [
        "",
        f"digits-adv-sign at ε = 0.2, by attack: {worst}: part of its defence is of that one attack.",
    ]
    return "\n".join(lines)


def _said(line: Evidence) -> str:
    """A share with its interval, or a count, which has none."""
    if line.low != line.low:
        return f"{line.value:.0f} {line.text}"
    return f"{line.value:.1%} [{line.low:.1%}, {line.high:.1%}] ({line.text})"


def models() -> str:
    """Every shipped network with what it saw and scored."""
    lines = table_head("network", "images seen", "validation, clean and at its own level")
    good, _ = checkpoints.find()
    return "\n".join([*lines, *(table_row(m.name, f"{m.images_seen:,}", m.scores) for m in good)])


def training() -> str:
    """What the networks' metadata says of their training."""
    good, _ = checkpoints.find()
    lines = []
    for problem in dict.fromkeys(m.problem for m in good):
        mine = [m for m in good if m.problem == problem]
        steps = {m.name: m.recipe["attack_steps"] for m in mine if "adv" in m.objective}
        counts = {n: [name for name in steps if steps[name] == n] for n in steps.values()}
        attacks = "; ".join(f"PGD-{n} for {', '.join(names)}" for n, names in counts.items())
        reduced = dict.fromkeys(getattr(m, "reduced", "") for m in mine)
        facts = [
            f"{len(mine)} networks on {' or '.join(dict.fromkeys(m.data for m in mine))}",
            f"attacks in training: {attacks}" if attacks else "",
            *(f"smaller than published: {text}" for text in reduced if text),
        ]
        lines.append(f"- **{problem.replace('_', ' ')}**: {'; '.join(filter(None, facts))}.")
    return "\n".join(lines)
