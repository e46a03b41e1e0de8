"""The films against the outcome they explain, and against the parts themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.base.noise import gaussian
from core.base.progress import finish
from core.base.seeds import derive
from core.experiment.run import run
from core.experiment.traces import AttackFilm, attack_film, average_film
from core.pictures import metrics, units
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import checkpoints

SCENARIO = Scenario(
    compare=("sr-x2-std",), samples=12, attack_steps=4, attack_samples=3, attack="pgd", precision="float32"
)


@pytest.fixture(scope="module")
def lab(untrained_folder: Path) -> Lab:
    return Lab(Engine("cpu", "float32"), untrained_folder)


@pytest.mark.parametrize("keep", ["best", "final"])
@pytest.mark.parametrize("attacked", ["self", "sr-x2-std"])
def test_the_attack_ends_in_the_outcome(lab: Lab, keep: str, attacked: str) -> None:
    scenario = SCENARIO.replace(keep=keep, attacked=attacked)
    outcome = finish(run(scenario, lab))
    film: AttackFilm = finish(attack_film(scenario, "sr-x2-rs-0.10", lab))
    pair = outcome.networks["sr-x2-rs-0.10"]
    assert film.losses == pair.perturbation.losses
    assert film.made_on == pair.perturbation.made_on
    assert [frame.step for frame in film.frames] == [0, 1, 2, 3, 4]
    final = film.frames[film.result]
    assert torch.equal(final.perturbation, pair.perturbation.values)
    assert torch.equal(final.output.picture, pair.attacked.picture)
    assert film.result == (4 if keep == "final" else film.losses.index(max(film.losses)))


def test_every_frame_is_what_the_network_makes_of_its_measurement(lab: Lab) -> None:
    film: AttackFilm = finish(attack_film(SCENARIO, "sr-x2-std", lab))
    network, _ = checkpoints.load("sr-x2-std", lab.folder)
    outcome = finish(run(SCENARIO, lab))
    for frame in film.frames:
        attacked = outcome.point + frame.perturbation
        torch.testing.assert_close(frame.measurement, units.to_picture(attacked))
        with torch.no_grad():
            output = network(attacked)
        expected = (output - units.standardise(outcome.truth)).square().mean().item()
        assert frame.loss == pytest.approx(expected, rel=1e-4)
        assert frame.norm == pytest.approx(frame.perturbation.double().norm().item(), rel=1e-5)
        (quality,) = metrics.quality(units.to_picture(output), outcome.truth)
        assert frame.output.quality.psnr == pytest.approx(quality.psnr, abs=1e-3)


@pytest.mark.parametrize("attack_on", ["deployed", "base"])
def test_the_attack_that_the_smoothed_estimate_faces(lab: Lab, attack_on: str) -> None:
    """Its frames are smoothed estimates, up to the outcome's, whoever the perturbation was made on."""
    scenario = SCENARIO.replace(attack_on=attack_on)
    outcome = finish(run(scenario, lab))
    film: AttackFilm = finish(attack_film(scenario, "smoothed", lab))
    assert film.made_on == ("smoothed" if attack_on == "deployed" else "sr-x2-rs-0.10")
    final = film.frames[film.result]
    assert torch.equal(final.perturbation, outcome.chosen.perturbation.values)
    assert torch.equal(final.output.picture, outcome.chosen.attacked.estimate.picture)
    assert film.frames[0].output.quality.psnr > final.output.quality.psnr


def test_a_long_attack_keeps_few_frames_and_its_result(lab: Lab) -> None:
    scenario = SCENARIO.replace(attack_steps=101, eps_rel=0.01)
    film: AttackFilm = finish(attack_film(scenario, "sr-x2-std", lab))
    assert len(film.losses) == 102
    steps = [frame.step for frame in film.frames]
    assert steps == sorted({*range(0, 102, 10), 101, film.result})
    assert film.losses[film.result] == max(film.losses)


def test_noise_has_one_frame(lab: Lab) -> None:
    film: AttackFilm = finish(attack_film(SCENARIO.replace(attack="noise"), "sr-x2-std", lab))
    assert film.made_on == "noise"
    assert [frame.step for frame in film.frames] == [0]


def test_the_average_grows_into_the_outcome(lab: Lab) -> None:
    outcome = finish(run(SCENARIO, lab))
    frames = finish(average_film(SCENARIO, lab))
    assert [frame.count for frame in frames] == [1, 2, 5, 10, 12]
    last = frames[-1].estimate.picture
    torch.testing.assert_close(last, outcome.chosen.attacked.estimate.picture, atol=1e-5, rtol=0)
    # The second frame again, from its two samples.
    network, _ = checkpoints.load(SCENARIO.checkpoint, lab.folder)
    attacked = outcome.point + outcome.chosen.perturbation.values
    noise = gaussian(attacked, [derive(0, "smoothing", j) for j in range(2)])
    with torch.no_grad():
        outputs = torch.cat([network(attacked + SCENARIO.sigma_g * delta) for delta in noise])
    expected = units.to_picture(outputs.mean(0, keepdim=True))
    torch.testing.assert_close(frames[1].estimate.picture, expected, atol=1e-4, rtol=0)


def test_a_film_is_made_once(lab: Lab) -> None:
    assert finish(average_film(SCENARIO, lab)) is finish(average_film(SCENARIO, lab))
    first = finish(attack_film(SCENARIO, "sr-x2-std", lab))
    assert first.frames is finish(attack_film(SCENARIO, "sr-x2-std", lab)).frames


def test_a_network_that_takes_no_part(lab: Lab) -> None:
    with pytest.raises(ValueError, match="takes no part"):
        finish(attack_film(SCENARIO, "sr-x2-adv-0.02", lab))
