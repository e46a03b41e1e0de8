"""A talk about somebody's photo: what it says is what its own runs measure."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st

from core.base.progress import finish
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.pictures.images import Photo
from core.problems.scenario import BASE, DEPLOYED
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.export import Curve
from pages.widgets.page.resources import keep_upload, lab
from pages.widgets.scenario import first
from pages.widgets.talk import story, talk_stage

QUICK = Scenario(
    compare=("sr-x2-std", "sr-x2-adv-0.02"), samples=2, attack_steps=2, attack_samples=1, eps_rel=0.03
)


@pytest.fixture
def photo() -> Photo:
    random = np.random.default_rng(1)
    found = Photo.of("mine.png", random.integers(0, 256, (160, 170, 3), np.uint8))
    keep_upload(found)
    return found


def test_every_sentence_of_the_story_is_true_of_its_run(
    photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_resource.clear()
    monkeypatch.setattr(first, "BEGIN", QUICK)
    monkeypatch.setattr(story, "STRENGTHS", 1)
    keep_upload(photo)
    shown = QUICK.replace(image=f"upload-{photo.digest}", crop_x=0.2)
    talk = finish(story.about(photo, shown))
    assert "mine.png" in talk.title
    outcomes: dict[str, Outcome] = {}
    for scene in talk.scenes:
        if scene.figure:
            continue
        assert (scene.scenario.image, scene.scenario.crop_x) == (shown.image, 0.2)
        outcome = finish(run(scene.scenario, lab(), photo))
        outcomes[scene.title] = outcome
        ready = talk_stage.ready(scene, outcome, photo)
        assert ready.panels, scene.title
        assert ("Not attacked" in ready.protocol) == (scene.scenario.eps_rel == 0), ready.protocol
        if not scene.exhibit:
            there = {panel["key"] for row in (ready.payload or {})["rows"] for panel in row["panels"]}
            assert set(scene.panels) == there, scene.title

    def psnr(title: str, clean: bool = False) -> str:
        pair = outcomes[title].networks["sr-x2-std"]
        return f"{(pair.clean if clean else pair.attacked).quality.psnr:.1f}"

    notes = {scene.title: scene.note for scene in talk.scenes}
    title = "A network restores the photo"
    assert notes[title].endswith(f"the standard network {psnr(title, clean=True)} dB.")
    title = "The attack, step by step"
    assert f"from {psnr(title, clean=True)} to {psnr(title)} dB" in notes[title]
    assert notes[title].startswith("2 steps of APGD on each estimator itself")
    attacked, alone = outcomes["Now attack the defence itself"], talk.scenes[5]
    assert (attacked.scenario.attack, attacked.scenario.attack_on) == ("apgd", DEPLOYED)
    assert (alone.scenario.attack, alone.scenario.attack_on) == ("pgd", BASE)
    holds = (
        outcomes[alone.title].chosen.attacked.estimate.quality.psnr >= outcomes[alone.title].without_weights
    )
    assert ("seems to hold" in alone.title) == holds
    assert "nobody has attacked ĝ itself yet" in alone.note
    floor = attacked.without_weights
    below = [name for name, pair in attacked.networks.items() if name in QUICK.compare
             and pair.attacked.quality.psnr < floor]  # fmt: skip
    said = notes["Now attack the defence itself"]
    assert ("standard training" in said.partition("below")[0]) == ("sr-x2-std" in below)
    assert talk.scenes[-2].figure is not None
    assert "for eps in 0 0.03 0.2; do python -m core run --image mine.png" in talk.scenes[-2].figure.command


def test_who_is_best_at_which_strength_is_read_off_the_curves() -> None:
    lines = [Curve("a", [3.0, 1.0, 1.0]), Curve("b", [2.0, 2.0, 0.0]), Curve("c", [1.0, 1.5, 1.2])]
    assert story._best(lines, [0, 0.1, 0.2], "ε") == "Best by PSNR, over ε: a at 0; b at 0.1; c at 0.2."
