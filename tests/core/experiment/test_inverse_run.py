"""One run from photo to figures, on untrained networks: the wiring, not the quality."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import structural_similarity
from torch import Tensor
from typer.testing import CliRunner

from core.base.errors import UserError
from core.base.noise import gaussian
from core.base.progress import Progress, finish
from core.base.seeds import derive
from core.commands import application
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.experiment.traces import attack_film
from core.pictures import images
from core.problems.denoising import DenoisingScenario
from core.problems.problem import Network
from core.problems.scenario import SMOOTHED, Scenario, smoothed_name
from core.problems.sensing import SensingScenario
from core.runtime.engine import Engine, Estimator
from core.runtime.session import Lab
from core.zoo import checkpoints

ON_F = {"attack": "pgd", "attack_on": "base", "samples": 7, "attack_steps": 3, "precision": "float32"}
DN = DenoisingScenario(checkpoint="dn-ord", size=64, **ON_F)
CS = SensingScenario(checkpoint="cs-ord", size=66, eps=2.0, **ON_F)
BOTH = pytest.mark.parametrize("scenario", [DN, CS], ids=["dn", "cs"])


@BOTH
def test_figures_are_those_of_its_parts(scenario: Scenario, inverse_lab: Lab) -> None:
    """Every number again, without run(): NumPy and scikit-image on the network's outputs."""
    outcome = finish(run(scenario, inverse_lab))
    grey = Image.fromarray(images.resized(images.bundled("camera"), 192)).convert("L")
    side = {"dn": 64, "cs": 66}[scenario.checkpoint[:2]]
    corner = round(0.5 * (192 - side))
    x = np.asarray(grey, dtype=np.float64)[corner : corner + side, corner : corner + side] / 255
    np.testing.assert_allclose(outcome.truth[0, 0].numpy(), x, atol=1e-6)
    network, _ = checkpoints.load(scenario.checkpoint, inverse_lab.folder)
    seeds = [derive(0, "measurement")]
    observation = scenario.problem.observe(outcome.truth, scenario, seeds)
    h, z, xi = observation.wrap(network), outcome.point, outcome.chosen.perturbation.values
    noise = [gaussian(z, [derive(0, "smoothing", j)]) * scenario.sigma_level / 255 for j in range(7)]
    with torch.no_grad():
        outputs = [h(z + xi + one)[0, 0].double().numpy() for one in noise]
        base, clean = h(z + xi)[0, 0].double().numpy(), h(z)[0, 0].double().numpy()
    discrepancies = [((o.clip(0, 1) - base.clip(0, 1)) ** 2).mean() for o in outputs]
    order = np.argsort(discrepancies)
    expected = {
        "clean_base": clean, "adv_base": base, "adv_smoothed": np.mean(outputs, axis=0),
        "adv_median": outputs[order[3]],
    }  # fmt: skip
    found = outcome.to_dict()
    for name, picture in expected.items():
        picture = picture.clip(0, 1)
        row = found["metrics"][name]
        assert row["psnr"] == pytest.approx(-10 * np.log10(((picture - x) ** 2).mean()), abs=2e-3), name
        similarity = structural_similarity(
            picture, x, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
        assert row["ssim"] == pytest.approx(similarity, abs=1e-4), name
    np.testing.assert_allclose(outcome.chosen.attacked.draws.discrepancies, discrepancies, rtol=1e-3)
    assert found["discrepancy"]["attacked"]["median"] == pytest.approx(discrepancies[order[3]], rel=1e-3)
    json.dumps(found, allow_nan=False)


@BOTH
def test_the_attack_reaches_its_radius_and_raises_the_error(scenario: Scenario, inverse_lab: Lab) -> None:
    outcome = finish(run(scenario.replace(compare=(scenario.checkpoint[:2] + "-adv",)), inverse_lab))
    assert len(outcome.networks) == 2
    for found in outcome.networks.values():
        e = found.perturbation
        assert e.reached == pytest.approx(outcome.truth.shape[-1] * scenario.eps_level / 255, rel=1e-4)
        assert e.losses[-1] > e.losses[0]
        assert found.attacked.quality.psnr < found.clean.quality.psnr
    noise = finish(run(scenario.replace(attack="noise"), inverse_lab))
    assert noise.chosen.perturbation.made_on == "noise"
    assert noise.base.attacked.quality.psnr > outcome.base.attacked.quality.psnr


def test_without_attack_and_smoothing_everything_is_the_base_estimate(inverse_lab: Lab) -> None:
    found = finish(run(DN.replace(eps=0.0, sigma=0.0), inverse_lab)).to_dict()
    figures = found["metrics"]
    assert figures["clean_base"] == figures["adv_base"] == figures["adv_smoothed"] == figures["adv_median"]
    assert found["discrepancy"]["clean"] == {
        "median": 0.0,
        "certified": 0.0,
        "as_published_mixed_units_not_a_bound": 0.0,
    }


def test_large_ratios_have_no_certificate_and_small_ones_have(inverse_lab: Lab) -> None:
    scenario = DN.replace(samples=50)
    large = finish(run(scenario, inverse_lab))
    assert large.chosen.attacked.bound == math.inf
    assert large.to_dict()["discrepancy"]["attacked"]["certified"] is None
    small = finish(run(scenario.replace(eps=0.9 * large.certifiable), inverse_lab))
    assert small.chosen.attacked.draws.median <= small.chosen.attacked.bound < math.inf
    beyond = finish(run(scenario.replace(eps=1.01 * large.certifiable), inverse_lab))
    assert beyond.chosen.attacked.bound == math.inf


def test_moving_one_slider_keeps_the_rest(inverse_lab: Lab) -> None:
    finish(run(DN, inverse_lab))
    assert list(run(DN, inverse_lab)) == []
    moved = [step.stage for step in run(DN.replace(sigma=3.0), inverse_lab)]
    assert moved
    assert not [stage for stage in moved if stage.startswith("attacking")]


@pytest.mark.parametrize("attack", ["apgd", "noise"])
def test_what_is_remembered_of_a_network_has_the_name_that_it_has_here(attack: str, inverse_lab: Lab) -> None:
    """The same perturbation is of ĝ here, and of a network beside it there."""
    of_ord = DN.replace(compare=("dn-adv",), attack=attack, attack_on="deployed", attack_samples=1)
    for scenario in (of_ord, of_ord.replace(checkpoint="dn-adv", compare=("dn-ord",))):
        outcome, smoothed = finish(run(scenario, inverse_lab)), "noise" if attack == "noise" else SMOOTHED
        film = finish(attack_film(scenario, SMOOTHED, inverse_lab))
        assert (film.network, film.made_on) == (SMOOTHED, smoothed)
        for name, found in outcome.smoothed.items():
            expected = attack if attack == "noise" else smoothed_name(scenario, name)
            assert found.perturbation.made_on == expected


class CountingEngine(Engine):
    """Counts the pictures that its estimators are asked for, attack steps included."""

    pictures = 0

    def behind(self, estimator: Estimator, wrap: Callable[[Network], Network]) -> Estimator:
        made = super().behind(estimator, wrap)

        def counted(estimator: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
            def call(signals: Tensor) -> Tensor:
                self.pictures += len(signals)
                return estimator(signals)

            return call

        return Estimator(counted(made.exact), counted(made.fast))


def _counted(scenario: Scenario, lab: Lab) -> tuple[dict[str, Any], int]:
    """The numbers of a run, and the pictures that it took."""
    assert isinstance(lab.engine, CountingEngine)
    before = lab.engine.pictures
    found = finish(run(scenario, lab)).to_dict()
    del found["seconds"]
    return found, lab.engine.pictures - before


@BOTH
def test_another_attack_strength_or_confidence_draws_no_sample_of_before_again(
    scenario: Scenario, inverse_folder: Path
) -> None:
    scenario = scenario.replace(compare=(scenario.checkpoint[:2] + "-adv",), samples=20, alpha=0.05)
    engine = CountingEngine("cpu", "float32", threads=1)
    lab = Lab(engine, inverse_folder)
    _counted(scenario, lab)
    stronger = scenario.replace(eps=2 * scenario.eps_level)
    found, taken = _counted(stronger, lab)
    expected, taken_anew = _counted(stronger, Lab(engine, inverse_folder))
    assert found == expected
    # Of each network: S draws around the clean signal, their reference, their median, and the clean
    # estimate; and that of the linear estimate.
    assert taken_anew - taken == 2 * (scenario.samples + 3) + 1

    surer = stronger.replace(alpha=0.01)
    found, taken = _counted(surer, lab)
    expected, _ = _counted(surer, Lab(engine, inverse_folder))
    assert found == expected
    # The draw that the published algorithm returns may be another one: its picture was not kept.
    assert taken <= 2


def test_results_do_not_depend_on_the_chunk(inverse_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = finish(run(DN, inverse_lab)).chosen.attacked
    monkeypatch.setattr(Engine, "chunk_for", lambda engine, point, cost: 2)
    parts = finish(run(DN, Lab(inverse_lab.engine, inverse_lab.folder))).chosen.attacked
    np.testing.assert_allclose(parts.draws.discrepancies, whole.draws.discrepancies, rtol=1e-5)
    assert parts.median.quality.psnr == pytest.approx(whole.median.quality.psnr, abs=1e-4)


def test_progress_ends_at_one_and_closing_cancels(inverse_lab: Lab) -> None:
    reports: list[Progress] = []
    outcome: Outcome = finish(run(DN, inverse_lab), reports.append)
    assert outcome.dimension == 64 * 64
    fractions = [report.fraction for report in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.9
    walk = run(DN.replace(seed=5), inverse_lab)
    next(walk)
    walk.close()


def test_a_photo_that_is_too_small_is_refused(inverse_lab: Lab) -> None:
    with pytest.raises(UserError, match="take less"):
        finish(
            run(
                DN.replace(size=256, short_side=0),
                inverse_lab,
                images.Photo.of("x", np.zeros((200, 200, 3), np.uint8)),
            )
        )


def _run(folder: Path, *words: str) -> str:
    line = ["run", "--checkpoints", str(folder), "--samples", "5", "--attack-steps", "2", "--json", *words]
    result = CliRunner().invoke(application, line, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_one_command_runs_every_problem(inverse_folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "grey.tif"
    Image.fromarray(images.bundled("camera").pixels).convert("L").save(picture)
    words = ["--image", str(picture), "--eps", "3", "--sigma", "4", "--seed", "1", "--size", "66"]
    for name, own in (("dn-adv", ["--sigma-b", "5"]), ("cs-adv", ["--ratio", "0.4"])):
        found = json.loads(_run(inverse_folder, "--checkpoint", name, *words, *own))
        assert found["scenario"]["checkpoint"] == name
        assert found["scenario"]["eps"] == 3
        assert found["norms"]["reached"] == pytest.approx(found["norms"]["asked"], rel=1e-3)


@pytest.mark.parametrize(
    ("words", "flag"),
    [(["--checkpoint", "dn-ord", "--eps-rel", "0.1"], "--eps-rel"), (["--sigma", "3"], "--sigma")],
)
def test_options_of_another_problem_are_refused(words: list[str], flag: str) -> None:
    with pytest.raises(UserError, match=f"{flag} does not go"):
        CliRunner().invoke(application, ["run", *words], catch_exceptions=False)
