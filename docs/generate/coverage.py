"""What the five documents have, where it is here, and what of it is smaller or cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from core.attacks.terms import STRONGEST, THESIS
from core.evaluation.jobs import STEPS
from core.problems.denoising import DENOISING
from core.problems.linear import LinearInverse
from core.problems.sensing import COMPRESSED_SENSING
from core.problems.super_resolution import EPS_REL, SIGMA_F, SIGMA_GS, SUPER_RESOLUTION
from core.reports import documents
from core.reports.publications import ALSO, FIGURES, THEIRS
from core.results import evaluations
from core.results.store import Store
from core.training.recipes import recipe
from core.zoo import registry
from docs.generate.markdown import table_head, table_row

CORE = "python -m core"
THESIS_IMAGES = 34_745


@dataclass(frozen=True)
class Item:
    """One thing of a document.

    Attributes:
        what: its number or name there, and what it is.
        code: where it is, as ``module:name`` below ``core``; empty where it is no code.
        page: of the app.
        command: that shows or makes it.
        less: what is smaller or other here, by how much; empty if nothing is.
        cannot: why it is not here; empty if it is.
    """

    what: str
    code: str = ""
    page: str = ""
    command: str = ""
    less: str = ""
    cannot: str = ""

    @property
    def state(self) -> str:
        """``whole``, ``partly: …`` or ``no: …``."""
        if self.cannot:
            return f"no: {self.cannot}"
        return f"partly: {self.less}" if self.less else "whole"


def items() -> dict[str, list[Item]]:
    """All items by document."""
    return {
        "The thesis: equations": [*_thesis_equations()],
        "The thesis: tables and figures": [*_printed(documents.DOCUMENTS["patsatzi2023"], "")],
        "The thesis: settings": [*_thesis_settings()],
        "The thesis's slides and README": [*_slides()],
        "The paper: equations and algorithms": [*_paper_equations()],
        "The paper: tables and figures": [*_printed(documents.DOCUMENTS["sun2024"], "paper-")],
        "The paper: settings": [*_paper_settings()],
        "The page on digits": [*_digits()],
    }


# -- the thesis -------------------------------------------------------------------------------------------

_TRAIN, _RUN = f"{CORE} train sr-x2-{{}} --data DIR", f"{CORE} run --checkpoint sr-x2-rs-0.10"


def _thesis_equations() -> Iterator[Item]:
    yield Item("1.1, A.1: y = A(x) + z", "problems.problem:Observation", "Lab", _RUN)
    digits = f"{CORE} run --checkpoint digits-rs-0.50"
    yield Item(
        "2.1 to 2.3: the smoothed classifier, by votes",
        "certificates.classification:predict",
        "Digits",
        digits,
    )
    yield Item("2.4: R from p_A and p_B", "certificates.classification:Certificate", "Digits", digits)
    yield Item("2.5 to 2.7, A.2 to A.8: the smoothed estimate ĝ", "smoothing.estimate:smooth", "Lab", _RUN)
    yield Item(
        "2.8: denoised smoothing, f∘D",
        "networks.denoised:Denoised",
        "Lab, Digits",
        f"{CORE} run --checkpoint sr-x2-ds-0.20",
        less=(
            f"×2 and digits, each with one denoiser, of {recipe('sr-x2-ds-0.20').images:,} images and "
            f"{recipe('digits-ds-0.50').images:,} digits"
        ),
    )
    yield Item("4.1: standard training", "training.objectives:Standard", "Models", _TRAIN.format("std"))
    yield Item(
        "4.2: training with noise σ_f", "training.objectives:Noisy", "Models", _TRAIN.format("rs-0.10")
    )
    yield Item("4.3: ĝ with σ_g, chosen", "results.evaluations:choose", "Findings", f"{CORE} tables A.2")
    yield Item("4.4: ε = √d ε_rel", "pictures.units:radius", "Lab", _RUN)
    yield Item(
        "4.5, A.14: adversarial training",
        "training.objectives:Adversarial",
        "Models",
        _TRAIN.format("adv-0.02"),
    )
    yield Item(
        "A.9 to A.13: smoothing gives linear estimators back", "experiment.outcome:Outcome", "Lab", _RUN
    )
    yield Item(
        "A.15: projected gradient descent", "attacks.pgd:pgd", "Lab", f"{_RUN} --attack pgd --attack-on base"
    )
    yield Item("A.16, A.17: MSE, PSNR", "pictures.metrics:psnr", "Lab", _RUN)
    yield Item(
        "A.18: SSIM",
        "pictures.metrics:ssim",
        "Lab",
        _RUN,
        less=(
            "means over Gaussian windows, as the field and its libraries have it; the formula printed "
            "has no windows"
        ),
    )


def _printed(document: documents.Document, prefix: str) -> Iterator[Item]:
    """Tables and figures of a document, as their commands name them, with what these say of themselves."""
    alike = f" --attack {THESIS}" * (len(document.attacks) > 1)
    for name in document.tables:
        table = document.build(name, None, THESIS)
        of_ours = table.cells["ours"].notna().mean()
        missing = f"; {1 - of_ours:.0%} of its cells are not evaluated" if of_ours < 1 else ""
        yield Item(
            f"Table {name}: {table.title.partition(';')[0]}",
            "",
            "Tables",
            f"{CORE} tables {name}{alike}",
            less=f"{table.notes[0].rstrip('.')}{missing}",
        )
    for name, figure in FIGURES.items():
        if name not in ALSO and name.startswith(prefix or ("1", "3", "4", "A")):
            yield Item(
                f"Figure {name.removeprefix(prefix)}: {figure.title}",
                "",
                "Tables",
                f"{CORE} figures {name}",
                less=figure.note.rstrip("."),
            )


def _share(images: int) -> str:
    return f"{images:,} of {50 * THESIS_IMAGES:,} images a network ({images / (50 * THESIS_IMAGES):.1%})"


def _thesis_settings() -> Iterator[Item]:
    std, rs, adv = (registry.describe(f"sr-x2-{name}") for name in ("std", "rs-0.10", "adv-0.02"))
    plan = recipe(std.name)
    yield Item(
        "Mini-ImageNet-1000: 34,745 and 3,923 photos",
        cannot="not ours to bring; photos of other sets stand in its place (model card)",
    )
    photos = evaluations.per_image(SUPER_RESOLUTION, "test", attacks=THESIS)
    strong = evaluations.per_image(SUPER_RESOLUTION, "test", attacks=STRONGEST)
    yield Item(
        "evaluated on 3,923 test photos",
        "",
        "Findings",
        f"{CORE} evaluate --data DIR",
        less=(
            f"{_count(photos)} test photos as the thesis attacks, {_count(strong)} under the strongest "
            "attack; the command takes any folder"
        ),
    )
    yield Item(
        "160×160 crops, factors 2 and 4, bilinear with standardising",
        "problems.super_resolution:SuperResolution",
        "Lab",
        _RUN,
    )
    yield Item(
        "U-Net 8-16-32-64-128, 3×3, batch norm, ReLU",
        "networks.unet:UNet",
        "Models",
        f"{CORE} figures 4.1",
        less=(
            "leaky ReLU, and the measurement is added to the output; the form without that is trained "
            "by names that end in -literal, and no weights of it are shipped"
        ),
    )
    yield Item(
        "50 epochs, batch 128, Adam, 1e-4",
        "training.recipe:Recipe",
        "Models",
        _TRAIN.format("std"),
        less=(
            f"standard {_share(std.images_seen)}, with noise {_share(rs.images_seen)}, on attacks "
            f"{_share(adv.images_seen)}; batch {plan.batch} of {plan.crop} pixels, {plan.learning_rate:g} "
            "with a cosine"
        ),
    )
    yield Item(f"σ_f in {_set(SIGMA_F)}", "problems.super_resolution:SIGMA_F", "Lab", f"{CORE} models")
    yield Item(
        f"training ε_rel in {_set(EPS_REL)}; PGD-5, ε/2, random start",
        "problems.super_resolution:EPS_REL",
        "Lab",
        f"{CORE} models",
    )
    yield Item(
        "test attack: PGD-10, ε/4, random start, last iterate",
        "attacks.pgd:pgd",
        "Lab",
        f"{_RUN} --attack pgd --attack-on base --keep final",
    )
    yield Item("k = 50 draws", "smoothing.estimate:smooth", "Lab", f"{_RUN} --samples 50")
    yield Item(
        f"σ_g in {len(SIGMA_GS)} values, by SSIM",
        "problems.super_resolution:SIGMA_GS",
        "Findings",
        f"{CORE} curves --network sr-x2-rs-0.10",
        less="chosen on validation photos, not on those that are reported",
    )
    yield Item(
        "A.3: attacks on ĝ with k = 10, PGD-10, on 1,000 photos",
        "evaluation.studies.strength:curve",
        "Findings",
        f"{CORE} study attacks",
        less=(
            f"{Store('attacks').read(['image'])['image'].nunique()} photos of 1,000; beyond the thesis: "
            f"M up to 64, {STEPS[STRONGEST]} steps, several starts"
        ),
    )


def _slides() -> Iterator[Item]:
    yield Item("slides, eqs 1 to 8", "smoothing.estimate:smooth", "Lab", _RUN)
    yield Item(
        "slides, eqs 9, 10: ε and PGD", "attacks.pgd:pgd", "Lab", f"{_RUN} --attack pgd --attack-on base"
    )
    yield Item(
        "slides, eq. 11: the radius",
        "certificates.classification:Certificate",
        "Digits",
        f"{CORE} run --checkpoint digits-rs-0.50",
    )
    for name, same in documents.ALSO.items():
        yield Item(
            f"{name.replace('-', ', Table ')}", "", "Tables", f"{CORE} tables {name}", less=f"as Table {same}"
        )
    for name in (*ALSO, "slides-2"):
        yield Item(
            f"{name.replace('-', ', figure ')}",
            "",
            "Tables",
            f"{CORE} figures {name}",
            less=FIGURES[name].note.rstrip("."),
        )
    yield Item(
        "README, table_results: small attacks",
        "",
        "Tables",
        f"{CORE} tables 4.1",
        less="a picture of a part of Tables 4.1 and 4.2",
    )
    yield Item("notebooks: presentation", "reports.talk:Talk", "Talk", f"{CORE} figures slides-2")


# -- the paper --------------------------------------------------------------------------------------------


def _paper_equations() -> Iterator[Item]:
    run = f"{CORE} run --checkpoint dn-smt-grad"
    yield Item("1: normalised MSE", "attacks.losses:SQUARED_ERROR", "Lab", run)
    yield Item(
        "2: adversarial training",
        "training.objectives:Adversarial",
        "Models",
        f"{CORE} train dn-adv --data DIR",
    )
    yield Item(
        "3, 4: Jacobian regularisation",
        "training.jacobian:spectral_norms",
        "Models",
        f"{CORE} train dn-jcb --data DIR",
        less=(
            f"the maximum over {recipe('dn-jcb').jacobians} pictures of a batch, "
            f"{recipe('dn-jcb').iterations} power iterations; β = {recipe('dn-jcb').beta:g} is not tuned"
        ),
    )
    yield Item("5: mean smoothing", "smoothing.estimate:smooth", "Lab", run)
    yield Item(
        "6, 14, Definition 3.1: the smoothed discrepancy", "smoothing.statistics:Discrepancies", "Lab", run
    )
    yield Item(
        "7, 11 to 13, 15 to 17, Corollary 3.2: the certificate",
        "certificates.discrepancy:percentile_bounds",
        "Guarantees",
        f"{CORE} certify --checkpoint dn-smt-grad",
        less="sound: one unit for ε and σ, and c fixed; the printed form is beside it by its own name",
    )
    yield Item(
        "8, 9, Algorithm 1: Smt-Adv",
        "training.objectives:SmoothedAdversarial",
        "Models",
        f"{CORE} train dn-smt-adv --data DIR",
        less=(
            f"S = {recipe('dn-smt-adv').samples} of 15, PGD-{recipe('dn-smt-adv').attack_steps} of 100 "
            "and 150 steps"
        ),
    )
    yield Item(
        "10, Algorithm 2: Smt-Grad",
        "training.objectives:SmoothedGradient",
        "Models",
        f"{CORE} train dn-smt-grad --data DIR",
        less=f"S = {recipe('dn-smt-grad').samples} of 15",
    )
    yield Item(
        "Algorithms 3, 4: median and “certified” draw",
        "certificates.published:as_published_mixed_units_not_a_bound",
        "Guarantees",
        f"{CORE} study certificates",
        less=(
            "as printed only under a name that says that its units are mixed; the loop of Algorithm 4 "
            "as printed does not run, its purpose is kept"
        ),
    )


def _paper_settings() -> Iterator[Item]:
    for problem, called, data in (
        (DENOISING, "DPDNN: six stages of 64 channels; 100 epochs, batch 32, 5e-4", "DIV2K, BSD68"),
        (
            COMPRESSED_SENSING,
            "ISTA-Net++: twenty phases; 100 epochs, batch 64, 1e-4",
            "Train400, Set11, ImageNet",
        ),
    ):
        yield from _paper_problem(problem, called, data)
    yield Item(
        "σ_tr in 1, 5, 10 (Table 1)",
        "problems.denoising:DENOISING",
        "Tables",
        f"{CORE} tables 1a",
        less="10 of the three: the others are not trained",
    )
    yield Item(
        "T_step = 6", "training.objectives:SmoothedGradient", "Models", f"{CORE} train dn-smt-grad --data DIR"
    )
    yield Item(
        "confidence c = 0.99",
        "certificates.discrepancy:percentile_bounds",
        "Guarantees",
        f"{CORE} run --checkpoint dn-smt-grad --alpha 0.01",
    )
    yield Item(
        "β by another paper's algorithm",
        "training.objectives:Jacobian",
        "Models",
        f"{CORE} train dn-jcb --data DIR",
        less=f"β = {recipe('dn-jcb').beta:g}, not tuned",
    )


def _paper_problem(problem: LinearInverse, called: str, data: str) -> Iterator[Item]:
    start, own = (recipe(problem.called(objective)) for objective in ("start", "smt-grad"))
    network = f"{CORE} train {problem.called('ord')} --data DIR"
    yield Item(
        called,
        f"networks.{'dpdnn:DPDNN' if problem is DENOISING else 'ista_net:ISTANetPlus'}",
        "Models",
        network,
        less=(
            f"{problem.training.reduced}; {start.steps:,} steps of the common start and {own.steps:,} "
            "of each objective"
        ),
    )
    rows = evaluations.per_image(problem, "test")
    yield Item(
        f"data: {data}",
        "",
        "Findings",
        f"{CORE} evaluate --problem {problem.name} --data DIR",
        less=(
            f"evaluated on {_count(rows)} pictures of {', '.join(rows['dataset'].unique())}, centre "
            f"crops of {problem.side(problem.scenario())} pixels; data sets that are not ours to bring "
            "are left out"
        ),
    )
    grid = problem.grid
    yield Item(
        f"{problem.title}: tests over ε, σ and {problem.own[0]}",
        f"problems.{'denoising:DENOISING' if problem is DENOISING else 'sensing:COMPRESSED_SENSING'}",
        "Findings",
        f"{CORE} curves --problem {problem.name}",
        less=(
            f"{_set(grid.settings)}; ε {_set(grid.epses)}; σ {_set(grid.sigmas)}; S = {THEIRS['S']}; PGD of "
            f"{STEPS[THESIS]} steps of ε/4, which reach the radius, in place of {THEIRS['steps']} raw ones"
        ),
    )


# -- digits -----------------------------------------------------------------------------------------------


def _digits() -> Iterator[Item]:
    evaluate = f"{CORE} evaluate --problem digits --data DIR"
    yield Item(
        "the gradient attack, one signed step",
        "attacks.fgm:FGM",
        "Digits",
        f"{CORE} run --checkpoint digits-rs-0.50 --attack sign",
    )
    yield Item(
        "adversarial training (main_adv_training.py)",
        "training.objectives:SignedStep",
        "Digits",
        f"{CORE} train digits-adv-sign --data DIR",
    )
    yield Item(
        "standard training (main_training.py)",
        "training.objectives:Standard",
        "Digits",
        f"{CORE} train digits-std --data DIR",
    )
    yield Item(
        "smoothing (main_random_smoothing.py)",
        "training.objectives:Noisy",
        "Digits",
        f"{CORE} train digits-rs-0.50 --data DIR",
    )
    yield Item(
        "r = σ Φ⁻¹(p_A); certify",
        "certificates.classification:certify",
        "Digits",
        f"{CORE} run --checkpoint digits-rs-0.50",
    )
    yield Item(
        "predict",
        "certificates.classification:predict",
        "Digits",
        f"{CORE} run --checkpoint digits-rs-0.50 --json",
    )
    yield Item(
        "comparison (main_compare.py)", "reports.digits:build", "Digits", f"{CORE} tables digits-certified"
    )
    yield Item(
        "accuracy, clean and under ℓ2 and ℓ∞ attacks",
        "reports.digits:accuracy_under_attack",
        "Digits",
        evaluate,
        less=f"{Store('digits_attacks').read(['number'])['number'].nunique()} of 10,000 test digits",
    )
    yield Item(
        "ConvNN: two convolutions, batch norm, one linear layer",
        "networks.digit_cnn:DigitCNN",
        "Digits",
        f"{CORE} models",
    )


def _count(rows: pd.DataFrame) -> int:
    return int(rows["image"].nunique()) if len(rows) else 0


def _set(values: tuple[float, ...]) -> str:
    return "{" + ", ".join(f"{value:g}" for value in values) + "}"


def coverage() -> str:
    """How much there is of all, and the thesis, as the block of ``docs/coverage.md``."""
    states = [item.state.partition(":")[0] for of in items().values() for item in of]
    counted = ", ".join(f"{states.count(state)} {state}" for state in ("whole", "partly", "no"))
    return f"{len(states)} rows in all: {counted}.\n\n" + _tables(thesis=True)


def coverage_of_others() -> str:
    """The other documents, as the block of ``docs/coverage-others.md``."""
    return _tables(thesis=False)


def _tables(thesis: bool) -> str:
    lines = []
    for title, of in items().items():
        if title.startswith("The thesis:") == thesis:
            lines += [f"## {title}", "", *table_head("what", "here", "page", "code", "command")]
            lines += [table_row(i.what, i.state, i.page, _code(i.code), _code(i.command)) for i in of] + [""]
    return "\n".join(lines)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
