"""Super-resolution of the small picture: its reduction, what stands in it, and its figures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio

from core.base.errors import UserError
from core.base.progress import finish
from core.experiment.outcome import Outcome
from core.experiment.run import run
from core.pictures import images
from core.pictures.metrics import luma_psnr
from core.pictures.units import STANDARDISED
from core.problems.names import ELSEWHERE, Identity
from core.problems.small_picture import SMALL_PICTURE, SmallPictureScenario
from core.problems.super_resolution import SUPER_RESOLUTION, SuperResolutionScenario
from core.runtime.engine import Engine
from core.runtime.session import Lab
from core.zoo import registry

QUICK = {"samples": 2, "attack_steps": 2, "precision": "float32", "size": 64}


def ran(scenario: SmallPictureScenario) -> Outcome:
    return finish(run(scenario, Lab(Engine("cpu", "float32", threads=1))))


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return ran(SmallPictureScenario(compare=("lr-x2-std",), reduction="bilinear", **QUICK))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["bicubic", "bilinear"])
def test_the_reduction_is_pillows(kind: str) -> None:
    """Pillow's kernel of ``Image.resize``, with which data sets of small pictures are made."""
    photo = images.bundled("coffee")
    scenario = SmallPictureScenario(checkpoint="lr-x4-std", reduction=kind)
    x = SMALL_PICTURE.sample(photo, scenario)
    found = SMALL_PICTURE.observe(x, scenario, [0]).point
    expected = [
        np.asarray(Image.fromarray(channel.numpy(), "F").resize((40, 40), Image.Resampling[kind.upper()]))
        for channel in x[0]
    ]
    np.testing.assert_allclose(found[0], np.clip(expected, 0, 1), atol=1e-5)


@pytest.mark.parametrize("words", ["x2-std", "x4-rs-0.10"])
def test_our_network_makes_the_same_of_the_small_picture(words: str) -> None:
    photo, small = (
        images.bundled("coffee"),
        SmallPictureScenario(checkpoint=f"lr-{words}", reduction="bilinear"),
    )
    x = SMALL_PICTURE.sample(photo, small)
    known = SUPER_RESOLUTION.observe(x, SuperResolutionScenario(checkpoint=f"sr-{words}"), [0])
    with torch.no_grad():
        found = registry.load(f"lr-{words}")[0](SMALL_PICTURE.observe(x, small, [0]).point)
        expected = STANDARDISED.decode(registry.load(f"sr-{words}")[0](known.point))
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=0)


def test_attack_and_noise_live_on_its_pixels(outcome: Outcome) -> None:
    found = outcome.to_dict()
    assert found["norms"]["dimension"] == 32 * 32 * 3
    assert found["norms"]["grey_levels"] == 0.5
    assert found["norms"]["asked"] == pytest.approx(0.5 / 255 * 3072**0.5)
    assert outcome.base.perturbation.values.shape == (1, 3, 32, 32)
    assert outcome.received["lr-x2-std"].shape == outcome.truth.shape
    for pair in outcome.networks.values():
        assert pair.attacked.quality.mse > pair.clean.quality.mse
    median = ran(outcome.scenario.replace(average="median", box=True))  # type: ignore[arg-type]
    assert median.chosen.attacked.estimate.quality.psnr == pytest.approx(24, abs=6)


def test_psnr_on_luma_is_that_of_the_fields_tables(outcome: Outcome) -> None:
    estimate = outcome.base.clean
    # scikit-image has luma from 16 to 235, as Matlab's rgb2ycbcr, which tables are made with.
    found, truth = (
        rgb2ycbcr(picture[0].permute(1, 2, 0).double().numpy())[2:-2, 2:-2, 0]
        for picture in (estimate.picture, outcome.truth)
    )
    expected = peak_signal_noise_ratio(truth, found, data_range=255)
    assert estimate.quality.psnr_luma == pytest.approx(expected, abs=1e-3)
    assert "psnr_luma" in outcome.to_dict()["metrics"]["clean_base"]
    same = luma_psnr(outcome.truth, outcome.truth, border=0)
    assert same.item() == 100


def test_the_exact_worst_case_of_interpolation_is_worse_than_what_an_attack_finds() -> None:
    given = {"checkpoint": "lr-x2-std", "sigma": 0.0, "samples": 1, "precision": "float32", "size": 64}
    found, worst = (
        ran(SmallPictureScenario(attack=attack, **given)).baselines["bicubic"]  # type: ignore[arg-type]
        for attack in ("apgd", "strongest")
    )
    assert worst.attacked.quality.mse >= found.attacked.quality.mse * 0.9999 > found.clean.quality.mse


def test_names_say_factor_and_family() -> None:
    assert Identity.parse("span-x2-ch48").family == "span"
    assert Identity.parse("lr-x4-own-mine").objective == ELSEWHERE
    for name in ("span-x2-ch48", "lr-x3-own-mine", "lr-x2-rs-0.10-own-mine", "lr-x4-adv-0.02", "lr-x2-std"):
        assert Identity.parse(name).name == name
        assert Identity.parse(name).problem == SMALL_PICTURE.name
    for name in ("span-x2-std-own-mine", "span-x2", "lr-x2", "lr-x2-ch48", "lr-x9-own-mine"):
        assert Identity.read(name) is None
    with pytest.raises(UserError, match="different factors"):
        SmallPictureScenario(checkpoint="lr-x2-std", compare=("span-x4-ch48",))
    assert SMALL_PICTURE.side(SmallPictureScenario(checkpoint="lr-x3-own-mine")) == 144


def test_rows_of_interpolation_are_told_apart_by_factor() -> None:
    rows = [SmallPictureScenario(checkpoint=f"lr-x{factor}-std").of_row("bicubic") for factor in (2, 4)]
    assert rows[0] != rows[1]


def test_networks_of_super_resolution_are_listed_once_more() -> None:
    there = {m.name for m in registry.find(problem="super_resolution")[0]}
    found = registry.find(problem="small_picture")[0]
    assert {m.name for m in found if m.identity.objective != ELSEWHERE} == {
        name.replace("sr-", "lr-") for name in there
    }
    with pytest.raises(UserError, match=r"sr-x2-adv-0\.07"):
        registry.load("lr-x2-adv-0.07")
