from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.base.errors import UserError
from core.base.progress import finish
from core.experiment.run import run
from core.pictures import images
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.reports.talk import MAX_FIGURE, MAX_SCENES, Figure, OwnPhoto, Scene, Talk, thesis
from core.runtime.session import Lab


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


def test_an_own_photo_travels_with_the_talk(talk: Talk) -> None:
    """Its crop is in the file, small, and every crop of it is the very same picture."""
    random = np.random.default_rng(0)
    smooth = np.asarray(Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8)).resize((400, 300)))
    photo = images.Photo.of("mine.jpg", smooth)
    scenario = Scenario(image="upload-0", short_side=200, crop_x=0.2, crop_y=0.7)
    text = talk.with_scene(Scene("mine", "", scenario, photo=OwnPhoto.of(photo, scenario))).to_json()
    assert len(text) < len(talk.to_json()) + 60_000
    read = Talk.from_json(text)
    assert read.to_json() == text
    kept = read.scenes[-1].photo
    assert kept is not None
    assert kept.name == "mine.jpg"
    where = {"short_side": 200, "x": 0.2, "y": 0.7}
    assert torch.equal(images.crop(kept.open(), **where), images.crop(photo, **where))


def test_a_file_of_the_first_format_keeps_its_meaning() -> None:
    """Pinned as such files were written before there were figures, the Lab's exhibit and remarks."""
    buffer = io.BytesIO()
    Image.new("RGB", (160, 160), "red").save(buffer, "WEBP", lossless=True)
    crop = base64.b64encode(buffer.getvalue()).decode()
    query = {"compare": "sr-x2-std", "eps_rel": "0.05", "image": "upload-0123456789abcdef"}
    one = {
        "title": "t", "note": "n", "scenario": query, "view": {"view": "swipe", "a": "base", "step": "3"},
        "panels": ["truth", "base"], "photo": {"name": "mine.png", "crop": crop},
    }  # fmt: skip
    bare = {"title": "", "note": "", "scenario": {}, "view": {}, "panels": []}
    first, second = Talk.from_json(json.dumps({"format": 1, "title": "T", "scenes": [one, bare]})).scenes
    # Without the fields a link means PGD on f alone, as when the file was written.
    meant = Scenario(
        compare=("sr-x2-std",), eps_rel=0.05, image="upload-0123456789abcdef", attack="pgd", attack_on="base",
        attack_samples=16,
    )  # fmt: skip
    assert first.scenario == meant
    photo = OwnPhoto("mine.png", buffer.getvalue())
    assert first == Scene("t", "n", meant, one["view"], ("truth", "base"), photo)  # type: ignore[arg-type]
    assert second == Scene("", "", Scenario())
    assert (first.exhibit, first.figure, first.remarks) == (False, None, "")


def png(side: int = 3) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, 2), "blue").save(buffer, "PNG")
    return buffer.getvalue()


def test_figures_the_labs_exhibit_and_remarks_read_back(talk: Talk) -> None:
    shown = Scene("d", "", Scenario(), exhibit=True, remarks="breathe")
    chart = Scene("e", "note", Scenario(), figure=Figure(png(), "python -m core curves"))
    full = talk.with_scene(shown).with_scene(chart)
    read = Talk.from_json(full.to_json())
    assert read == full
    assert read.scenes[-1].figure is not None
    assert read.scenes[-1].figure.open().size == (3, 2)


@pytest.mark.parametrize(
    "figure", [3, {}, {"png": 5}, {"png": "é"}, {"png": "AAAA"},
               {"png": base64.b64encode(png(MAX_FIGURE + 1)).decode()}]
)  # fmt: skip
def test_a_figure_that_is_none_is_refused(talk: Talk, figure: object) -> None:
    known = json.loads(talk.to_json())
    known["scenes"][1] = {"title": "chart", "figure": figure}
    with pytest.raises(UserError, match=r"not a scene of ours|figure of this scene"):
        Talk.from_json(json.dumps(known))


@pytest.mark.parametrize(
    "photo", [3, [], {}, {"name": "x"}, {"name": "x", "crop": 5}, {"name": "x", "crop": "é"}]
)
def test_a_photo_that_is_none_is_refused(talk: Talk, photo: object) -> None:
    known = json.loads(talk.to_json())
    known["scenes"][1]["photo"] = photo
    with pytest.raises(UserError, match="saved on the Talk page"):
        Talk.from_json(json.dumps(known))


def test_a_photo_of_another_size_is_refused_when_it_is_opened() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (200, 160)).save(buffer, "WEBP")
    for content in (b"", b"no picture", buffer.getvalue()):
        with pytest.raises(UserError, match=r"mine\.jpg"):
            OwnPhoto("mine.jpg", content).open()


def test_the_order_changes_as_asked(talk: Talk) -> None:
    assert titles(talk.moved(0, 1)) == "bac"
    assert titles(talk.moved(2, 0)) == "cab"
    assert titles(talk.moved(0, -1)) == "abc"
    assert titles(talk.moved(1, 9)) == "acb"
    assert titles(talk.without({1})) == "ac"
    assert titles(talk.without({0, 2})) == "b"
    assert titles(talk.with_changed(1, title="B")) == "aBc"
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
        '{"format": 1, "title": "\\ud800", "scenes": []}', "[" * 100_000, b"\xff\xfe\xff", b"\xff" * 9,
    ],
)  # fmt: skip
def test_other_files_are_refused_with_one_sentence(text: str | bytes) -> None:
    with pytest.raises(UserError, match="saved on the Talk page"):
        Talk.from_json(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["image", "seed", "checkpoint", "view", "name", "crop", "png"]), inner
        )
    ),
    max_leaves=9,
)
scenes = st.dictionaries(st.sampled_from(["title", "scenario", "view", "panels", "photo", "figure"]), values)


@given(st.fixed_dictionaries({"format": st.just(1), "title": values, "scenes": st.lists(scenes) | values}))
def test_whatever_a_file_says_there_is_a_talk_or_one_sentence(known: object) -> None:
    said = ""
    try:
        Talk.from_json(json.dumps(known))
    except UserError as error:
        said = str(error)
    assert "\n" not in said


def test_a_file_may_begin_with_a_byte_order_mark(talk: Talk) -> None:
    assert Talk.from_json(talk.to_json().encode("utf-8-sig")) == talk


def test_scenes_out_of_range_and_other_versions_are_refused(talk: Talk) -> None:
    known = json.loads(talk.to_json())
    known["scenes"][0]["scenario"]["eps_rel"] = "99"
    with pytest.raises(UserError, match="eps_rel"):
        Talk.from_json(json.dumps(known))
    with pytest.raises(UserError, match="format 3"):
        Talk.from_json(json.dumps({**known, "format": 3}))


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
        smoothed = found.chosen.attacked.estimate
        return smoothed.quality.psnr, adversarial.attacked.quality.psnr, found.without_weights

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
