from __future__ import annotations

import json

import pytest

from core.errors import UserError
from core.lab import Lab
from core.progress import finish
from core.run import run
from core.scenario import Scenario
from core.talk import MAX_SCENES, Scene, Talk, thesis


@pytest.fixture
def talk() -> Talk:
    scenes = [Scene(name, "", Scenario(seed=place)) for place, name in enumerate("abc")]
    return Talk("three", tuple(scenes))


def titles(talk: Talk) -> str:
    return "".join(scene.title for scene in talk.scenes)


def test_a_talk_reads_back_what_it_wrote(talk: Talk) -> None:
    looked_at = Scene("d", "note", Scenario(eps_rel=0.05), {"view": "swipe", "a": "truth"}, ("truth", "base"))
    full = talk.with_scene(looked_at)
    assert Talk.from_json(full.to_json()) == full


def test_the_order_changes_as_asked(talk: Talk) -> None:
    assert titles(talk.moved(0, 1)) == "bac"
    assert titles(talk.moved(2, -1)) == "acb"
    assert titles(talk.moved(0, -1)) == "abc"
    assert titles(talk.moved(2, 9)) == "abc"
    assert titles(talk.without(1)) == "ac"
    assert titles(talk) == "abc"


def test_the_talk_that_ships_tells_the_story() -> None:
    shipped = thesis()
    assert len(shipped.scenes) >= 8
    told = " ".join(scene.title for scene in shipped.scenes)
    for figure in ("4.2", "4.3", "A.9", "A.10", "A.11"):
        assert f"Figure {figure}" in told
    assert all(scene.title and scene.note for scene in shipped.scenes)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "not json", '{"format": 1, "title": "t", "scenes": 3}',
        '{"format": 1, "title": "t", "scenes": [3]}',
        '{"format": 1, "title": "t", "scenes": [{"title": "x"}]}',
        '{"format": 1, "title": "t", "scenes": [{"scenario": 5}]}',
    ],
)  # fmt: skip
def test_other_files_are_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(UserError, match="saved on the Present page"):
        Talk.from_json(text)


def test_scenes_out_of_range_and_other_versions_are_refused(talk: Talk) -> None:
    known = json.loads(talk.to_json())
    known["scenes"][0]["scenario"]["eps_rel"] = "99"
    with pytest.raises(UserError, match="eps_rel"):
        Talk.from_json(json.dumps(known))
    with pytest.raises(UserError, match="format 2"):
        Talk.from_json(json.dumps({**known, "format": 2}))


def test_a_talk_is_bounded(talk: Talk) -> None:
    full = Talk("", (talk.scenes[0],) * MAX_SCENES)
    with pytest.raises(UserError, match=str(MAX_SCENES)):
        full.with_scene(talk.scenes[0])
    with pytest.raises(UserError, match=str(MAX_SCENES)):
        Talk.from_json(Talk("", (talk.scenes[0],) * (MAX_SCENES + 1)).to_json())


def test_what_the_shipped_talk_says_of_its_defences_is_so() -> None:
    """Titles and notes that rank a defence, against the outcomes they stand under."""
    lab, scenes = Lab(), {scene.title: scene for scene in thesis().scenes}

    def shown(title: str) -> tuple[float, float, float]:
        """PSNR of smoothing, of adversarial training, and of interpolation."""
        found = finish(run(scenes[title].scenario, lab))
        (adversarial,) = (pair for name, pair in found.networks.items() if "-adv-" in name)
        return found.smoothed.attacked.quality.psnr, adversarial.attacked.quality.psnr, found.interpolation

    smoothed, adversarial, interpolation = shown("Two defences, as the thesis attacks them (Figure 4.2)")
    assert min(smoothed, adversarial) > interpolation, "seems to hold"
    for title in ("Now attack the defence", "A stronger attack (Figure 4.3)", "A weaker attack (Figure A.9)"):
        smoothed, adversarial, interpolation = shown(title)
        assert smoothed < interpolation < adversarial, title
    _, adversarial, interpolation = shown("The strongest one shown (Figure A.10)")
    assert 0 < adversarial - interpolation < 1.5
    smoothed, adversarial, interpolation = shown("A quarter of the resolution (Figure A.11)")
    assert min(smoothed, adversarial) > interpolation
    assert all(
        scene.scenario.attacks_smoothed or "thesis attacks" in scene.title or scene.scenario.attack == "noise"
        for scene in scenes.values()
    )
