"""One scenario of the digits page, on the shipped networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core.smoothing.stream
from core.base.errors import UserError
from core.base.progress import finish
from core.certificates.classification import ABSTAIN, certify
from core.experiment.answers import Answered
from core.experiment.run import run
from core.problems.digits import data, drawing
from core.problems.digits.problem import DIGITS, SIGMAS, DigitsScenario
from core.problems.digits.samples import SAMPLES
from core.runtime.engine import Engine
from core.runtime.session import Lab

scenarios = st.builds(
    DigitsScenario,
    image=st.sampled_from(["sample-0", "test-17", "drawn-" + drawing.encode(SAMPLES[4])]),
    sigma=st.sampled_from(SIGMAS),
    attack=st.sampled_from(["sign", "linf", "l2"]),
    eps=st.sampled_from([0.0, 0.15, 2.5]),
    samples=st.integers(10, 5000),
    alpha=st.sampled_from([0.001, 0.05]),
    seed=st.integers(0, 9),
)


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Lab(Engine("cpu", "bfloat16"))


def known(scenario: DigitsScenario, lab: Lab) -> list[Answered]:
    """What a run's reports show."""
    return [report.known for report in run(scenario, lab) if report.known is not None]


@settings(deadline=None, max_examples=25)
@given(scenarios)
def test_a_scenario_survives_the_url(scenario: DigitsScenario) -> None:
    assert DigitsScenario.from_query(scenario.to_query()) == scenario


@settings(deadline=None, max_examples=25)
@given(scenarios)
def test_a_scenario_survives_the_command_line(scenario: DigitsScenario) -> None:
    import shlex

    import typer
    from typer.testing import CliRunner

    from core.commands.options import with_options_of

    caught: list[DigitsScenario] = []
    application = typer.Typer()
    application.command()(
        with_options_of(lambda: (DigitsScenario,), lambda given: DigitsScenario)(
            lambda scenario: caught.append(scenario)
        )
    )
    words = shlex.split(scenario.to_command())
    assert words[:4] == ["python", "-m", "core", "run"]
    result = CliRunner().invoke(application, words[4:])
    assert result.exit_code == 0, result.output
    assert caught == [scenario]


@pytest.mark.parametrize(
    "fields",
    [
        {"image": "sample-10"},
        {"image": "test-10000"},
        {"image": "drawn-!"},
        {"image": "/etc/passwd"},
        {"sigma": 0.3},
        {"attack": "carlini"},
        {"eps": -1.0},
        {"eps": float("nan")},
        {"alpha": 0.0},
        {"samples": 0},
    ],
)
def test_what_makes_no_sense_gets_one_sentence(fields: dict[str, object]) -> None:
    with pytest.raises(UserError) as caught:
        DigitsScenario(**fields)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_run_tells_the_story_of_the_page(lab: Lab) -> None:
    reports = known(DigitsScenario(eps=1.0), lab)
    first, last = reports[0], reports[-1]
    # The answers come first, before a single vote is counted.
    assert len(first.answers) == 2
    assert first.certificate is None
    counts = [int(r.certificate.votes.sum()) for r in reports if r.certificate is not None]
    assert counts == sorted(counts)
    assert counts[-1] == 1000
    assert last.finished
    standard, adversarial = last.answers
    assert (standard.before, adversarial.before, adversarial.after) == (3, 3, 3)
    assert standard.flipped
    assert last.smoothed is not None
    assert last.certificate is not None
    assert last.certificate.radius > 1.0
    assert not last.smoothed.flipped, "inside the certified radius"
    for answer in (standard, adversarial, last.smoothed):
        assert answer.length <= 1.0 * (1 + 1e-5)
        assert answer.picture.min() >= 0
        assert answer.picture.max() <= 1
        assert answer.clean.sum() == pytest.approx(1, abs=1e-5)


def test_the_certificate_is_certifys_with_the_networks_noise(lab: Lab) -> None:
    scenario = DigitsScenario(image="sample-8", sigma=0.25, samples=500, seed=4)
    outcome = finish(run(scenario, lab))
    picture = DIGITS.open(scenario).pictures
    assert outcome.label == 8
    network, _ = lab.network("digits-rs-0.25", "auto")
    *_, expected = lab.engine.do(
        lambda: list(certify(network.fast, picture, sigma=0.25, n=500, seed=4, chunk=33))
    )
    assert outcome.certificate is not None
    assert (outcome.certificate.votes == expected.votes).all()
    assert outcome.certificate.radius == expected.radius


def test_the_plane_agrees_with_the_network_at_its_middle_and_its_end(lab: Lab) -> None:
    outcome = finish(run(DigitsScenario(eps=1.5, samples=100), lab))
    plane = outcome.plane
    assert plane is not None
    side = len(plane.standard)
    assert plane.standard[side // 2, side // 2] == outcome.answers[0].before
    a, b = plane.ends[0]
    assert np.hypot(a, b) == pytest.approx(outcome.answers[0].length, rel=1e-4)
    column, row = (round((at + plane.reach) / (2 * plane.reach) * (side - 1)) for at in (a, b))
    assert plane.standard[row, column] == outcome.answers[0].after
    assert outcome.smoothed is not None
    assert np.hypot(*plane.ends[1]) == pytest.approx(outcome.smoothed.length, rel=1e-4)


def test_without_an_attack_nothing_changes(lab: Lab) -> None:
    outcome = finish(run(DigitsScenario(eps=0.0, samples=100), lab))
    assert outcome.finished
    assert outcome.smoothed is not None
    for answer in (*outcome.answers, outcome.smoothed):
        assert not answer.flipped
        assert answer.length == 0


def test_noise_alone_abstains(lab: Lab) -> None:
    """A single point in the middle of the pad is no digit: too few votes agree, or few are certain."""
    scenario = DigitsScenario(image="drawn-gIA", sigma=1.0, samples=20, n0=5, alpha=1e-9)
    found = finish(run(scenario, lab)).certificate
    assert found is not None
    assert found.abstained
    assert found.radius == 0


def test_a_test_digit_needs_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "FOLDER", None)
    with pytest.raises(UserError, match="LAB_MNIST"):
        DIGITS.open(DigitsScenario(image="test-3"))


def test_closing_a_run_early_leaves_the_engine_usable(lab: Lab) -> None:
    work = run(DigitsScenario(image="sample-1", samples=100_000), lab)
    next(work)
    work.close()
    assert lab.engine.do(lambda: torch.ones(1).item()) == 1


def test_a_scenario_that_was_computed_is_remembered_whole(lab: Lab) -> None:
    scenario = DigitsScenario(image="sample-4", samples=200)
    first = known(scenario, lab)
    again = known(scenario, lab)
    assert len(first) > 2
    assert len(again) == 1
    assert again[0] is first[-1]
    assert again[0].plane is not None
    assert len(known(scenario.replace(seed=1), lab)) > 1


SCRIBBLE = "drawn-" + drawing.encode(SAMPLES[0] + SAMPLES[4])
"""A zero over a four: the votes are nearly even."""


def test_the_plane_of_a_scribble_does_not_contradict_the_answer(lab: Lab) -> None:
    """Where the votes are nearly even, a map of few votes a point is undecided around the digit."""
    for seed in range(8):
        outcome = finish(run(DigitsScenario(image=SCRIBBLE, sigma=0.25, samples=200, n0=9, seed=seed), lab))
        assert outcome.plane is not None
        assert outcome.smoothed is not None
        assert outcome.certificate is not None
        assert outcome.smoothed.before == outcome.certificate.candidate
        middle = len(outcome.plane.smoothed) // 2
        assert outcome.plane.smoothed[middle, middle] in (ABSTAIN, outcome.smoothed.before)


def test_other_votes_before_attack_the_answer_that_they_name(lab: Lab) -> None:
    """The smoothed classifier's attack leads away from the class that the first n₀ votes name."""
    scenarios = [DigitsScenario(image=SCRIBBLE, sigma=0.25, samples=20, n0=n0) for n0 in (1, 20)]
    answers = [finish(run(scenario, lab)) for scenario in scenarios]
    assert len({found.certificate.candidate for found in answers if found.certificate}) > 1
    for scenario, found in zip(scenarios, answers, strict=True):
        alone = finish(run(scenario, Lab(lab.engine)))
        assert found.smoothed is not None
        assert alone.smoothed is not None
        np.testing.assert_array_equal(found.smoothed.picture, alone.smoothed.picture)


def test_another_confidence_counts_no_vote_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it attack; the map stays as long as its reach does, which the longer attack decides here."""
    scenario = DigitsScenario(image="sample-7", sigma=0.5, samples=300, eps=3.0)
    other = scenario.replace(alpha=0.2)
    alone = finish(run(other, Lab(lab.engine)))
    before = finish(run(scenario, lab)).certificate
    monkeypatch.setattr(core.smoothing.stream, "gaussian", None)
    found = finish(run(other, lab))
    assert before is not None
    for outcome in (found, alone):
        assert outcome.certificate is not None
        assert outcome.plane is not None
        assert outcome.smoothed is not None
        assert outcome.certificate.p_lower > before.p_lower
    np.testing.assert_equal(*(vars(outcome.certificate) for outcome in (found, alone)))
    np.testing.assert_equal(*(outcome.smoothed.attacked for outcome in (found, alone)))
    np.testing.assert_equal(*(outcome.plane.smoothed for outcome in (found, alone)))
