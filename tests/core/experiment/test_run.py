"""One run from photo to figures, on untrained networks: the wiring, not the quality."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.attacks.ball import BALLS
from core.base.errors import UserError
from core.base.noise import gaussian
from core.base.progress import Progress, finish
from core.base.seeds import derive
from core.experiment.outcome import Outcome, Perturbation
from core.experiment.prepared import Prepared
from core.experiment.run import Stages, run
from core.networks.denoised import compose
from core.pictures import images, metrics, units
from core.problems.super_resolution import SuperResolution, SuperResolutionScenario, bicubic
from core.runtime.engine import Engine
from core.runtime.session import Lab, Memory
from core.smoothing.estimate import smoothed_estimate
from core.zoo import checkpoints, uploads

SCENARIO = SuperResolutionScenario(
    compare=("sr-x2-std", "sr-x2-adv-0.02"),
    samples=6,
    attack_steps=3,
    attack_samples=4,
    precision="float32",
)


@pytest.fixture
def lab(untrained_folder: Path) -> Lab:
    return Lab(Engine("cpu", "float32"), untrained_folder)


def test_figures_are_those_of_its_pictures_and_parts(lab: Lab) -> None:
    """Every number again, from the parts, without run()."""
    outcome = finish(run(SCENARIO, lab))
    truth = images.crop(images.bundled("astronaut"), short_side=192, x=0.5, y=0.5)
    measurement = SuperResolution(2).measure(truth)
    network, _ = checkpoints.load(SCENARIO.checkpoint, lab.folder)
    e, e_smoothed = outcome.base.perturbation.values, outcome.chosen.perturbation.values
    with torch.no_grad():
        expected = {
            "bilinear": measurement,
            "clean_base": network(measurement),
            "adv_base": network(measurement + e),
        }
    for name, y in (("clean_smoothed", measurement), ("adv_smoothed", measurement + e_smoothed)):
        *_, last = smoothed_estimate(network, y, sigma=0.15, samples=6, seed=0, chunk=1)
        expected[name] = last.estimate
    found = outcome.to_dict()["metrics"]
    for name, standardised in expected.items():
        (quality,) = metrics.quality(units.to_picture(standardised), truth)
        assert found[name]["psnr"] == pytest.approx(quality.psnr, abs=2e-3), name
        assert found[name]["ssim"] == pytest.approx(quality.ssim, abs=1e-4), name


def test_the_object_of_the_design_document(lab: Lab) -> None:
    result = finish(run(SCENARIO, lab)).to_dict()
    assert {"scenario", "device", "precision", "norms", "metrics", "seconds"} <= result.keys()
    assert {"bilinear", "clean_base", "clean_smoothed", "adv_base", "adv_smoothed"} <= result[
        "metrics"
    ].keys()
    for row in result["metrics"].values():
        assert row.keys() == {"mse", "psnr", "ssim"}
    norms = result["norms"]
    assert norms["asked"] == pytest.approx(5.542563, rel=1e-6)
    assert norms["made_on"] == "smoothed"
    assert norms["base"]["made_on"] == SCENARIO.checkpoint
    for reached in (norms["reached"], norms["base"]["reached"]):
        assert 0 < reached <= norms["asked"] * (1 + 1e-5)


def test_the_attack_raises_the_loss_and_beats_noise_of_equal_norm(lab: Lab) -> None:
    attacked = finish(run(SCENARIO, lab))
    noisy = finish(run(SCENARIO.replace(attack="noise"), lab))
    for name in SCENARIO.networks:
        e, noise = attacked.networks[name].perturbation, noisy.networks[name].perturbation
        assert max(e.losses) > e.losses[0]
        assert noise.reached == pytest.approx(noise.asked, rel=1e-4)
        assert noise.made_on == "noise"
        assert attacked.networks[name].attacked.quality.mse > noisy.networks[name].attacked.quality.mse


def test_transfer_uses_one_perturbation_for_all_networks(lab: Lab) -> None:
    outcome = finish(run(SCENARIO.replace(attacked="sr-x2-std"), lab))
    faced = [pair.perturbation for pair in (*outcome.networks.values(), outcome.chosen)]
    assert {e.made_on for e in faced} == {"sr-x2-std"}
    first, *others = (e.values for e in faced)
    assert all(torch.equal(first, other) for other in others)


def test_nothing_is_computed_twice_and_memory_changes_no_number(lab: Lab) -> None:
    first = finish(run(SCENARIO, lab))
    steps = list(run(SCENARIO, lab))
    assert steps == []
    again = finish(run(SCENARIO, lab))
    fresh = finish(run(SCENARIO, Lab(lab.engine, lab.folder)))
    for other in (again, fresh):
        assert other.to_dict()["metrics"] == first.to_dict()["metrics"]


def test_an_attack_that_tries_what_others_found_makes_nothing_twice(
    untrained_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(Engine("cpu", "float32", threads=3), untrained_folder)
    made, attack = [], Prepared._attack

    def noted(self: Prepared, made_on: str) -> Generator[Progress, None, Perturbation]:
        made.append(made_on)
        return attack(self, made_on)

    monkeypatch.setattr(Prepared, "_attack", noted)
    scenario = SCENARIO.replace(attack="strongest", attack_steps=2)
    fractions = [step.fraction for step in run(scenario, lab)]
    assert sorted(made) == sorted({*made})
    assert fractions == sorted(fractions)


def _stages(scenario: SuperResolutionScenario, lab: Lab) -> set[str]:
    return {progress.stage.split()[0] for progress in run(scenario, lab)}


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        ({"sigma_g": 0.3}, {"attacking", "smoothing"}),
        ({"samples": 7}, {"smoothing"}),
        ({"attack_samples": 3}, {"attacking", "smoothing"}),
        ({"attack_on": "base"}, {"smoothing"}),
        ({"attack_on": "base", "sigma_g": 0.3}, {"smoothing"}),
        ({"eps_rel": 0.05}, {"attacking", "smoothing"}),
        ({"crop_x": 0.0}, {"attacking", "smoothing"}),
        ({"seed": 1}, {"attacking", "smoothing"}),
        ({"image": "chelsea"}, {"attacking", "smoothing"}),
    ],
)
def test_a_change_computes_again_what_depends_on_it(
    change: dict[str, object], stages: set[str], lab: Lab
) -> None:
    finish(run(SCENARIO, lab))
    assert _stages(SCENARIO.replace(**change), lab) == stages


def test_progress_comes_at_every_attack_step_and_ends_at_one(lab: Lab) -> None:
    reports: list[Progress] = []
    finish(run(SCENARIO, lab), reports.append)
    attacks = [report for report in reports if report.stage.startswith("attacking")]
    assert len(attacks) == 6 * (SCENARIO.attack_steps + 1)
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)


def test_cancelling_frees_the_device(lab: Lab) -> None:
    work = run(SCENARIO, lab)
    next(work)
    work.close()
    assert isinstance(finish(run(SCENARIO, lab)), Outcome)


def test_two_sessions_take_turns_and_get_their_own_figures(lab: Lab) -> None:
    """Interleaved step by step on one engine, as two browsers do."""
    scenarios = [SCENARIO, SCENARIO.replace(image="coffee", seed=4)]
    alone = [finish(run(s, Lab(lab.engine, lab.folder))).to_dict()["metrics"] for s in scenarios]
    works = [run(s, lab) for s in scenarios]
    outcomes: dict[int, Outcome] = {}
    while len(outcomes) < 2:
        for number, work in enumerate(works):
            if number not in outcomes:
                try:
                    next(work)
                except StopIteration as stop:
                    outcomes[number] = stop.value
    for number, expected in enumerate(alone):
        assert outcomes[number].to_dict()["metrics"] == expected


@pytest.mark.parametrize("attack", ["pgd", "noise"])
def test_box_keeps_the_attacked_measurement_a_picture(attack: str, lab: Lab) -> None:
    scenario = SCENARIO.replace(box=True, eps_rel=0.2, image="moon", attack=attack)
    outcome = finish(run(scenario, lab))
    attacked = units.destandardise(outcome.point + outcome.base.perturbation.values)
    assert attacked.min() >= -1e-5
    assert attacked.max() <= 1 + 1e-5
    for pair in (outcome.base, outcome.chosen.pair):
        assert pair.perturbation.reached <= pair.perturbation.asked * (1 + 1e-5)


@pytest.mark.parametrize("attack", ["pgd", "noise"])
def test_an_attack_in_a_region_changes_nothing_outside_and_its_level_is_over_the_region(
    attack: str, lab: Lab
) -> None:
    inside = (slice(None), slice(None), slice(20, 60), slice(30, 100))
    scenario = SCENARIO.replace(compare=(), attack=attack, samples=2)
    outcome = finish(run(scenario.replace(attack_region="30,20,100,60"), lab))
    pairs = (*outcome.networks.values(), outcome.chosen.pair, *outcome.baselines.values())
    assert outcome.dimension == 3 * 40 * 70
    for pair in pairs:
        e = pair.perturbation.values.clone()
        rms = e[inside].double().square().mean().sqrt().item()
        assert rms == pytest.approx(SCENARIO.eps_rel, rel=1e-3)
        e[inside] = 0
        assert not e.any()
    whole = finish(run(scenario, lab))
    assert whole.base.perturbation.values[..., 0, :].any(), "nothing remembered of the region"


def test_in_l_infinity_every_value_moves_by_at_most_the_level(lab: Lab) -> None:
    outcome = finish(run(SCENARIO.replace(compare=(), norm="linf", samples=2), lab))
    e = outcome.base.perturbation
    assert e.values.abs().max().item() == pytest.approx(SCENARIO.eps_rel, rel=1e-5)
    assert e.reached == pytest.approx(e.asked, rel=1e-5)
    assert outcome.to_dict()["norms"]["norm"] == "L∞"
    assert e.values.square().mean().sqrt() > 0.7 * SCENARIO.eps_rel


def test_no_attack_at_zero_strength(lab: Lab) -> None:
    outcome = finish(run(SCENARIO.replace(eps_rel=0.0), lab))
    assert outcome.base.perturbation.reached == 0.0
    assert outcome.base.attacked.quality == outcome.base.clean.quality
    assert outcome.chosen.attacked.estimate.quality == outcome.chosen.clean.estimate.quality


def test_norm_is_checked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    free = replace(BALLS["l2"], project=lambda perturbation, radius: perturbation)
    monkeypatch.setitem(BALLS, "l2", free)
    with pytest.raises(AssertionError, match="exceeds"):
        finish(run(SCENARIO.replace(attack_steps=8), lab))


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    memory = Memory(limit=100)
    for number in range(5):
        memory.put(number, str(number), 30)
        memory.get(0)
    assert memory.bytes <= 100
    assert memory.get(0) == "0"
    assert memory.get(1) is None
    memory.put(0, "new", 40)
    assert memory.get(0) == "new"
    assert memory.bytes <= 100


@pytest.mark.parametrize("attack", ["apgd", "pgd", "fgm"])
def test_every_attack_raises_its_own_objective_inside_the_ball(lab: Lab, attack: str) -> None:
    outcome = finish(run(SCENARIO.replace(attack=attack, attack_steps=4), lab))
    for pair in (*outcome.networks.values(), outcome.chosen.pair):
        e = pair.perturbation
        assert len(e.losses) == (2 if attack == "fgm" else 5)
        assert e.reached <= e.asked * (1 + 1e-5)
        assert max(e.losses) > e.losses[0]


def test_what_is_deployed_is_attacked_and_the_thesis_attacks_f_alone(lab: Lab) -> None:
    """The objective of the attack on ĝ is the error of a mean of draws, that on a network of one output."""
    outcome = finish(run(SCENARIO, lab))
    thesis = finish(run(SCENARIO.replace(attack_on="base"), lab))
    for name in (*SCENARIO.networks,):
        ours, theirs = outcome.networks[name].perturbation, thesis.networks[name].perturbation
        assert ours.made_on == theirs.made_on == name
        assert torch.equal(ours.values, theirs.values)
    assert thesis.chosen.perturbation is thesis.base.perturbation
    e = outcome.chosen.perturbation
    assert e.made_on == "smoothed"
    network, _ = checkpoints.load(SCENARIO.checkpoint, lab.folder)
    truth = images.crop(images.bundled("astronaut"), short_side=192, x=0.5, y=0.5)
    measurement, total = SuperResolution(2).measure(truth), torch.zeros_like(truth)
    with torch.no_grad():
        for place in range(4):
            seed = derive(derive(SCENARIO.seed, "attack noise"), "smoothing", place)
            total += network(measurement + SCENARIO.sigma_g * gaussian(measurement, [seed]))
    error = (total / 4 - units.standardise(truth)).square().mean().item()
    assert e.losses[0] == pytest.approx(error, rel=1e-4)


def test_more_samples_are_another_attack_and_without_noise_f_is_deployed(lab: Lab) -> None:
    few = finish(run(SCENARIO.replace(attack_samples=2), lab)).chosen.perturbation.values
    more = finish(run(SCENARIO.replace(attack_samples=3), lab)).chosen.perturbation.values
    assert not torch.equal(few, more)
    without = finish(run(SCENARIO.replace(sigma_g=0.0), lab))
    assert without.chosen.perturbation.made_on == SCENARIO.checkpoint
    assert without.chosen.attacked.estimate.quality == without.base.attacked.quality


def test_a_run_does_not_depend_on_the_number_of_workers(untrained_folder: Path) -> None:
    found = [
        finish(run(SCENARIO, Lab(Engine("cpu", "float32", threads=threads), untrained_folder)))
        for threads in (1, 2, 3)
    ]
    for other in found[1:]:
        assert other.to_dict()["metrics"] == found[0].to_dict()["metrics"]
        assert torch.equal(other.chosen.perturbation.values, found[0].chosen.perturbation.values)


def test_the_median_is_of_the_same_draws_as_the_mean(lab: Lab) -> None:
    scenario = SCENARIO.replace(samples=9, average="median")
    estimates = {a: finish(run(scenario.replace(average=a), lab)).chosen.clean for a in ("mean", "median")}
    assert np.array_equal(estimates["mean"].draws.discrepancies, estimates["median"].draws.discrepancies)
    stages = Stages(scenario, lab, images.open_photo(scenario.image))
    outputs = torch.cat([stages.draw(scenario.checkpoint, stages.point, number) for number in range(9)])
    expected = units.to_picture(outputs).median(0).values
    found = estimates["median"].estimate.picture[0]
    assert (found - expected).abs().max() < 1 / 255, "within one of the bins"
    assert (estimates["mean"].estimate.picture - estimates["median"].estimate.picture).abs().max() > 1e-3
    assert SCENARIO.key() == SCENARIO.replace(average="mean").key() != scenario.key()


def test_the_median_is_attacked_as_it_is_deployed(lab: Lab) -> None:
    """On the attack's own draws it is worse for the median than the attack on the mean."""
    scenario = SCENARIO.replace(average="median", eps_rel=0.2)
    found = {a: finish(run(scenario.replace(average=a), lab)).chosen.perturbation for a in ("mean", "median")}
    stages = Stages(scenario, lab, images.open_photo(scenario.image))
    objective = stages.objective(found["median"].made_on)
    mean, median = (objective.value(stages.point + found[a].values).item() for a in ("mean", "median"))
    assert median > mean


def test_smoothing_gives_linear_estimators_back_up_to_the_noise_of_the_draws(lab: Lab) -> None:
    """ĝ − f = Q δ̄ has variance σ² ‖Q‖² / (k d): 1 for the identity, a trace for the bicubic map M ⊗ M."""
    outcome = finish(run(SCENARIO.replace(samples=40, sigma_g=0.3, attack_steps=1), lab))
    gains = {"bilinear": 1.0, "bicubic": torch.trace(bicubic(torch.eye(160)[None, None], 2)[0, 0]) / 160}
    for name, gain in gains.items():
        apart = outcome.averaged[name].picture - outcome.baselines[name].attacked.picture
        expected = 0.3 / 40**0.5 * float(gain) * np.array(units.PHOTO_STD)
        assert apart.square().mean((0, 2, 3)).sqrt().numpy() == pytest.approx(expected, rel=0.05)
    assert outcome.to_dict()["metrics"]["bicubic_smoothed"] == outcome.averaged["bicubic"].quality.to_dict()


def test_a_network_behind_an_untrained_denoiser_runs_as_itself(
    untrained_folder: Path, tmp_path: Path
) -> None:
    """A fresh denoiser is the identity, so f∘D, read from its one file, is f: attacked, and smoothed."""
    folder = tmp_path / "checkpoints"
    shutil.copytree(untrained_folder, folder)
    standard, metadata = checkpoints.load("sr-x2-std", folder)
    shape = {"widths": [4, 8]}
    composed = compose(standard, shape)
    of_composed = {"name": "sr-x2-ds-0.20", "objective": "denoised", "level": 0.2, "denoiser": shape}
    checkpoints.save(composed, replace(metadata, **of_composed), folder)
    assert checkpoints.describe(folder / "sr-x2-ds-0.20.safetensors").denoiser == shape
    scenario = SCENARIO.replace(checkpoint="sr-x2-ds-0.20", compare=("sr-x2-std",), attack_on="base")
    outcome = finish(run(scenario, Lab(Engine("cpu", "float32"), folder)))
    alone, behind = (outcome.networks[name] for name in ("sr-x2-std", "sr-x2-ds-0.20"))
    for one, other in ((alone.clean, behind.clean), (alone.attacked, behind.attacked)):
        assert other.quality.psnr == pytest.approx(one.quality.psnr, abs=1e-3)
    assert outcome.chosen.perturbation.made_on == "sr-x2-ds-0.20"
    with pytest.raises(UserError, match="behind a denoiser"):
        uploads.add((folder / "sr-x2-ds-0.20.safetensors").read_bytes(), "mine")
