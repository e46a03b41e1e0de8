"""The Lab through Streamlit's AppTest: controls, URL, figures, bad input."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.run import run
from core.networks.denoised import compose
from core.pictures import images
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.results.store import Store
from core.runtime.session import Lab
from core.zoo import checkpoints
from pages.widgets.page import names
from pages.widgets.page.resources import lab
from pages.widgets.page.view_state import ViewState
from pages.widgets.scenario import exhibit
from tests.conftest import untrained_checkpoint
from tests.pages import apps
from tests.pages.apps import calm, in_link
from tests.pages.conftest import Networks

opened = partial(apps.opened, "live_lab.py")
COMPARE = ("sr-x2-std", "sr-x2-adv-0.02")
QUICK = {"samples": "5", "attack_steps": "2", "attack_samples": "1"}
"""What a link says of a view that is soon there."""


def link_query(app: AppTest) -> Scenario:
    return Scenario.from_query(in_link(app))


def view_of(app: AppTest) -> dict[str, str]:
    return {name: value for name, value in in_link(app).items() if name not in Scenario().to_dict()}


def command_of(app: AppTest) -> str:
    return next(code.value for code in app.code if code.value.startswith("python -m core run"))


def said(app: AppTest) -> str:
    """The verdict."""
    return next(text.value for text in app.markdown if re.match(r"[^|]+: [^|]+ [kfn]", text.value))


def cells(app: AppTest) -> list[str]:
    return [str(value).strip("*") for value in app.table[0].value.to_numpy().flatten()]


def test_it_works_at_once_and_explains_itself() -> None:
    app = calm(opened())
    assert "APGD on each estimator itself: standard training falls **below interpolation**" in said(app)
    assert link_query(app).attack_on == "deployed"
    assert any("on the smoothed one with 8 draws" in text.value for text in app.caption)
    for widget in (*app.select_slider, *app.slider, *app.selectbox):
        assert widget.help, widget.label
    assert "grey levels" in app.select_slider(key="lab.eps_rel").help


def test_the_page_shows_the_numbers_of_the_command() -> None:
    scenario = Scenario(
        compare=COMPARE, eps_rel=0.035, sigma_g=0.2, samples=10, attack_steps=2, attack_samples=2, seed=3,
        precision="float32",
    )  # fmt: skip
    app = calm(opened(**scenario.to_query()))
    assert link_query(app) == scenario
    assert command_of(app) == scenario.to_command()
    outcome = finish(run(scenario, Lab()))
    shown = cells(app)
    qualities = [pair.attacked.quality for pair in outcome.networks.values()]
    qualities += [outcome.chosen.clean.estimate.quality, outcome.chosen.attacked.estimate.quality]
    for quality in qualities:
        assert f"{quality.psnr:.2f} dB" in shown
        assert f"{quality.ssim:.4f}" in shown


def test_moving_a_slider_changes_figures_link_and_command() -> None:
    app = calm(opened(**QUICK))
    before = cells(app)
    app.select_slider(key="lab.eps_rel").set_value(0.1).run()
    calm(app)
    assert link_query(app).eps_rel == 0.1
    assert "--eps-rel 0.1" in command_of(app)
    assert cells(app) != before


@pytest.mark.parametrize(
    ("kind", "key", "value", "field"),
    [
        ("selectbox", "image", "chelsea", "image"),
        ("selectbox", "attack", "noise", "attack"),
        ("selectbox", "attacked", "sr-x2-std", "attacked"),
        ("selectbox", "samples", 2, "samples"),
        ("selectbox", "attack_steps", 1, "attack_steps"),
        ("selectbox", "keep", "final", "keep"),
        ("selectbox", "precision", "float32", "precision"),
        ("selectbox", "short_side", 0, "short_side"),
        ("slider", "crop_x", 1.0, "crop_x"),
        ("select_slider", "sigma_g", 0.0, "sigma_g"),
        ("number_input", "seed", 7, "seed"),
        ("toggle", "box", True, "box"),
    ],
)
def test_every_control_reaches_the_scenario(kind: str, key: str, value: object, field: str) -> None:
    app = opened(**QUICK)
    getattr(app, kind)(key=f"lab.{key}").set_value(value).run()
    assert getattr(link_query(calm(app)), field) == value


def test_training_noise_and_adversarial_level_choose_networks() -> None:
    app = opened(**QUICK)
    app.select_slider(key="lab.sigma_f").set_value(0.4)
    app.selectbox(key="lab.adversarial").set_value(0.1).run()
    scenario = link_query(calm(app))
    assert scenario.checkpoint == "sr-x2-rs-0.40"
    assert scenario.compare == ("sr-x2-std", "sr-x2-adv-0.10")


def test_the_adversarial_network_follows_the_attack_unless_one_is_chosen() -> None:
    app = opened(**Scenario(samples=2, attack_steps=1).to_query())
    slider = app.select_slider(key="lab.eps_rel")
    assert link_query(calm(slider.set_value(0.1).run())).compare[1] == "sr-x2-adv-0.10"
    app.selectbox(key="lab.adversarial").set_value(0.02).run()
    slider.set_value(0.05).run()
    assert link_query(calm(app)).compare[1] == "sr-x2-adv-0.02"
    pinned = Scenario(compare=("sr-x2-std", "sr-x2-adv-0.20"), eps_rel=0.05, samples=2, attack_steps=1)
    app = calm(opened(**pinned.to_query()))
    assert link_query(app) == pinned, "a link's network stays"


def test_the_thesis_is_one_switch_away_and_says_so() -> None:
    app = opened(**Scenario(compare=COMPARE, samples=5, attack_steps=2).to_query())
    assert "each estimator itself" in said(calm(app))
    app.segmented_control(key="lab.attack_on").set_value("base").run()
    scenario = link_query(calm(app))
    assert (scenario.attack, scenario.attack_on) == ("pgd", "base")
    assert "--attack-on base" in command_of(app)
    assert said(app).startswith("PGD on f alone: ")
    assert "**but nobody has attacked ĝ itself yet**" in said(app)
    assert any("not the strongest attack on it" in text.value for text in app.caption)


def test_smoothing_that_falls_to_an_attack_on_f_alone_is_no_surprise_that_holds() -> None:
    scenario = Scenario(compare=COMPARE, samples=2, sigma_g=0.05, eps_rel=0.2, attack="pgd", attack_on="base")
    verdict = said(calm(opened(**scenario.to_query())))
    assert "smoothing fall **below interpolation**, and **nobody has attacked ĝ itself yet**." in verdict


def test_the_verdict_is_computed_from_what_was_run() -> None:
    """Whoever is below interpolation is said to be, and nobody else; the others' distance is said."""
    still = calm(opened(**Scenario(compare=COMPARE, samples=5, eps_rel=0.0, attack_steps=1).to_query()))
    assert said(still).startswith("Without an attack: ")
    assert "below interpolation" not in said(still)
    scenario = Scenario(compare=COMPARE, samples=10, eps_rel=0.03, attack_steps=5)
    app = calm(opened(**scenario.to_query()))
    outcome = finish(run(scenario, Lab()))
    called = ("standard training", "adversarial training", "smoothing")
    pairs = [outcome.networks[COMPARE[0]], outcome.networks[COMPARE[1]], outcome.chosen.pair]
    below, above = said(app).split(" **below interpolation**; ")
    for name, pair in zip(called, pairs, strict=True):
        over = pair.attacked.quality.psnr - outcome.without_weights
        assert (name in below) == (over < 0)
        assert (name in above) == (over >= 0)
        assert over < 0 or f"{over:.1f}" in above


def test_it_opens_with_the_story_and_the_next_step_is_the_attack_on_the_defence() -> None:
    app = calm(apps.opened("home.py"))
    assert link_query(app).attack_on == "base"
    assert "nobody has attacked ĝ itself yet" in said(app)
    app.segmented_control(key="lab.attack_on").set_value("deployed").run()
    assert "standard training and smoothing fall **below interpolation**" in said(calm(app))


def test_odd_values_of_a_link_are_kept() -> None:
    scenario = Scenario(compare=COMPARE, eps_rel=0.0123, sigma_g=0.07, samples=3, attack_steps=1, crop_x=0.37)
    assert link_query(calm(opened(**scenario.to_query()))) == scenario


@pytest.mark.parametrize(
    "query",
    [
        {"eps_rel": "a lot"},
        {"eps_rel": "7"},
        {"eps_rel": "![](http://example.org/x.png)"},
        {"checkpoint": "sr-x2-rs-9.99"},
        {"checkpoint": "sr-x2-std"},
        {"image": "/etc/passwd"},
        {"image": "upload-0123456789abcdef"},
    ],
)
def test_a_link_that_cannot_be_opened_says_why_and_the_page_works(query: dict[str, str]) -> None:
    app = calm(opened(**QUICK, **query, sigma_g="0.3"))
    assert "What else the link says is shown." in app.warning[0].value
    assert "![](" not in app.warning[0].value
    assert link_query(app).image == "astronaut"
    assert link_query(app).sigma_g == 0.3
    assert app.table


def test_the_view_stays_in_the_link_and_leaves_the_scenario_alone() -> None:
    view = {"view": "swipe", "a": "truth", "b": "base", "region": "20,30,60,80", "zoom": "2.5,0.4,0.6"}
    app = calm(opened(**QUICK, **view))
    assert view_of(app) == view
    thesis = Scenario(
        compare=COMPARE, samples=5, attack_steps=2, attack_samples=1, attack="pgd", attack_on="base"
    )
    assert link_query(app) == thesis, "an old link"
    app.select_slider(key="lab.eps_rel").set_value(0.1).run()
    assert view_of(calm(app)) == view
    link = next(code.value for code in app.code if "region=" in code.value)
    assert "region=20,30,60,80" in link
    assert "eps_rel=0.1" in link
    assert "region" not in command_of(app)


def test_the_attack_can_be_kept_in_the_region_that_is_drawn() -> None:
    app = calm(opened(samples="2", attack_steps="2", region="20,30,60,80"))
    assert "inside a region" not in said(app)
    where = app.selectbox(key="lab.attack_region")
    where.select("20,30,60,80").run()
    app = calm(app)
    assert "inside a region" in said(app)
    assert link_query(app).attack_region == "20,30,60,80"
    assert "--attack-region 20,30,60,80" in command_of(app)
    assert any("d = 6,000 values inside the region" in caption.value for caption in app.caption)


def test_flip_stands_beside_the_other_figures_if_it_is_asked_for() -> None:
    pytest.importorskip("flip_evaluator", reason="needs requirements-optional.txt")
    app = calm(opened(samples="2", attack_steps="1"))
    assert "FLIP clean" not in app.table[0].value
    app.toggle(key="lab.flip").set_value(True).run()
    app = calm(app)
    assert (app.table[0].value["attacked   "].str.strip("*").astype(float) > 0).all()


@pytest.mark.parametrize(
    ("tab", "attack"),
    [
        ("attack:standard", "noise"),
        ("attack:base", "smoothed"),
        ("attack:base", "fgm"),
        ("attack:base", "pgd"),
        ("average", "pgd"),
        ("attack:nobody", "pgd"),
    ],
)
def test_every_tab_opens_from_a_link(tab: str, attack: str) -> None:
    app = calm(
        opened(samples="2", attack_steps="1", attack=attack, tab=tab, region="150,150,400,400", step="1")
    )
    assert app.table


def test_a_region_outside_the_picture_scores_nothing() -> None:
    outside = {"region": "500,500,600,600"}
    app = calm(opened(samples="2", attack_steps="1", **outside))
    assert view_of(app) == {**outside, "view": "swipe"}, "the link is kept as it came"
    assert app.table


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_upload_is_shown_linked_and_survives_a_bad_one() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (180, 200, 3), dtype=np.uint8)
    app = opened(samples="2", attack_steps="1")
    app.file_uploader[0].upload("mine.png", _png(pixels), "image/png").run()
    image = link_query(calm(app)).image
    assert image.startswith("upload-")
    assert "--image mine.png" in command_of(app)
    app.file_uploader[0].upload("text.png", b"Dear sir or madam", "image/png").run()
    assert "not a PNG, JPEG or WebP" in app.error[0].value
    assert not app.exception
    assert link_query(app).image == image


def test_a_damaged_checkpoint_is_named_and_the_others_work(tmp_path: Path, networks_from: Networks) -> None:
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints.FOLDER, folder)
    broken = folder / "sr-x2-rs-0.40.safetensors"
    broken.write_bytes(broken.read_bytes()[:1000])
    networks_from(folder)
    app = calm(opened(samples="2", attack_steps="1"))
    assert "sr-x2-rs-0.40.safetensors is damaged" in app.warning[0].value
    assert app.table


def test_weights_of_another_architecture_are_named_and_the_others_work(
    tmp_path: Path, networks_from: Networks
) -> None:
    folder = tmp_path / "checkpoints"
    shutil.copytree(checkpoints.FOLDER, folder)
    broken = folder / "sr-x2-std.safetensors"
    with safe_open(broken, "pt") as file:
        header = file.metadata()
    save_file({"weight": torch.zeros(3)}, broken, header)
    networks_from(folder)
    app = calm(opened(samples="2", attack_steps="1"))
    assert "sr-x2-std.safetensors does not hold the weights of a unet" in app.warning[0].value
    assert link_query(app).compare == ("sr-x2-adv-0.02",)
    assert any("Adversarial training" in name for name in app.table[0].value.index)


def test_no_networks_at_all_says_what_to_do(tmp_path: Path, networks_from: Networks) -> None:
    networks_from(tmp_path)
    app = opened()
    assert not app.exception
    assert "python -m core train sr-x2-rs-0.10" in app.info[0].value


def test_new_factor_appears_when_its_networks_do(tmp_path: Path, networks_from: Networks) -> None:
    for name in ("std", "rs-0.10", "adv-0.02"):
        untrained_checkpoint(f"sr-x2-{name}", tmp_path)
        untrained_checkpoint(f"sr-x4-{name}", tmp_path)
    networks_from(tmp_path)
    app = calm(opened(samples="2", attack_steps="1"))
    assert app.segmented_control(key="lab.factor").options == ["×2", "×4"]
    app.segmented_control(key="lab.factor").set_value(4).run()
    assert link_query(calm(app)).factor == 4


def test_coming_back_from_another_page_shows_the_same_again() -> None:
    app = AppTest.from_file(apps.APP, default_timeout=120)
    app.query_params.update(QUICK)
    app.switch_page("pages/live_lab.py").run()
    app.select_slider(key="lab.eps_rel").set_value(0.05).run()
    before = link_query(calm(app))
    calm(app.switch_page("pages/tables.py").run())
    assert link_query(calm(app.switch_page("pages/live_lab.py").run())) == before
    assert before.eps_rel == 0.05


def test_the_best_noises_at_an_attack_strength_are_one_click_away() -> None:
    """Of the store: the highest mean over photos, of noises that were chosen on other photos."""
    app = calm(opened(eps_rel="0.02", sigma_g="0.1", checkpoint="sr-x2-rs-0.10", **QUICK))
    rows = Store("super_resolution_strongest").read()
    rows = rows[(rows["eps_rel"] == 0.02) & (rows["objective"] == "smoothing") & (rows["sigma_g"] > 0)]
    means = rows.groupby(["split", "level", "sigma_g"])["psnr"].mean()
    chosen = means["validation"].groupby("level").idxmax()
    best = max(chosen, key=lambda noises: means["test"].get(noises, 0.0))
    scenario = link_query(calm(app.button(key="lab.best").click().run()))
    assert (scenario.identity.level, scenario.sigma_g) == best
    assert app.button(key="lab.best").disabled


def test_what_another_input_interrupts_is_done_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser asks once for films and strengths; opening Share, say, ends the run that makes them."""
    app = calm(opened(samples="2", attack_steps="1", precision="float32"))
    app.session_state[exhibit.WANTED] = link_query(app).key()
    made = []

    def film(*_: object) -> None:
        made.append(len(made))
        if len(made) == 1:
            raise StopException

    monkeypatch.setattr(exhibit, "_film", film)
    app.run()
    calm(app.run())
    assert made == [0, 1]
    assert exhibit.WANTED not in app.session_state


def test_a_whole_photo_says_that_it_has_no_film(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = Scenario(attack="noise", samples=1, precision="float32")
    outcome = finish(run(scenario, lab()))
    monkeypatch.setattr("pages.widgets.scenario.outcome_panels.PLAIN", 159**2)
    found = exhibit.on_stage(outcome, images.bundled(scenario.image), ViewState())
    assert found.exhibit.still == "So large a picture is shown without a film"


def test_standard_training_behind_a_denoiser_is_one_more_network_to_smooth(
    tmp_path: Path, networks_from: Networks
) -> None:
    for name in ("sr-x2-std", "sr-x2-rs-0.10", "sr-x2-adv-0.02"):
        shutil.copy(checkpoints.FOLDER / f"{name}.safetensors", tmp_path)
    standard, metadata = checkpoints.load("sr-x2-std")
    shape = {"widths": [4, 4]}
    of_composed = {"name": "sr-x2-ds-0.20", "objective": "denoised", "level": 0.2, "denoiser": shape}
    checkpoints.save(compose(standard, shape), replace(metadata, **of_composed), tmp_path)
    networks_from(tmp_path)
    app = calm(opened(checkpoint="sr-x2-ds-0.20", samples="2", attack_steps="1"))
    assert not app.warning
    assert app.selectbox(key="lab.added_smoothed").value == "sr-x2-ds-0.20"
    assert in_link(app)["checkpoint"] == "sr-x2-ds-0.20"
    called = names.of(Scenario(checkpoint="sr-x2-ds-0.20"))
    assert called["sr-x2-ds-0.20"].title == "Standard behind a denoiser, f∘D"
