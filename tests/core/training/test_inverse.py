"""Training of dn- and cs- networks: same loop, same promises."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from core.base.errors import UserError
from core.commands import application
from core.pictures import images
from core.problems.names import Identity
from core.training import recipes
from core.training.loop import Trainer
from core.training.photos import PhotoFolder
from core.training.recipe import Recipe
from core.zoo import checkpoints
from core.zoo.metadata import InverseMetadata


@pytest.fixture(scope="module")
def folder_of_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("astronaut", "chelsea", "camera"):
        Image.fromarray(images.resized(images.bundled(name), 170)).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def photos(folder_of_photos: Path) -> PhotoFolder:
    return PhotoFolder.read(folder_of_photos, grey=True)


REAL = recipes.recipe
SMALL = {
    "dn": {"network": {"widths": (8, 8, 8), "stages": 2}, "crop": 32},
    "cs": {"network": {"width": 4, "phases": 2}, "crop": 33},
}


def small(name: str, steps: int = 12, **changes: object) -> Recipe:
    plan = replace(REAL(name), **SMALL[name[:2]], batch=4, **changes)  # type: ignore[arg-type]
    return replace(plan, images=-(-steps * plan.batch * plan.crop**2 // 160**2))


def trainer(plan: Recipe, photos: PhotoFolder, folder: Path, **options: object) -> Trainer:
    options = {"mixed_precision": False, "report_every": 3, **options}
    return Trainer(plan, photos, photos, folder=folder, **options)  # type: ignore[arg-type]


def test_grey_photos_have_one_channel_and_folders_add_up(
    folder_of_photos: Path, photos: PhotoFolder, tmp_path: Path
) -> None:
    assert all(picture.shape[2] == 1 for picture in photos.pictures)
    Image.fromarray(images.bundled("camera").pixels).save(tmp_path / "camera.png")
    more = PhotoFolder.read([folder_of_photos, tmp_path], grey=True)
    assert sorted([*photos.names, "camera.png"]) == more.names
    assert next(photos.centre_crops(96, 2)).shape == (2, 1, 96, 96)
    assert len({photos.digest, more.digest}) == 2


def test_names_are_read_and_written() -> None:
    assert len(recipes.PAPER) == 12
    for name in recipes.PAPER:
        identity = Identity.parse(name)
        assert identity.problem in ("denoising", "compressed_sensing")
        assert identity.name == name
    for wrong in ("dn", "dn-ord-0.10", "dn-rs", "cs-", "-ord", "xy-ord", "dn-rs-5"):
        assert Identity.read(wrong) is None
    assert Identity.read("dn-rs-5.00") == Identity(problem="denoising", objective="smoothing", level=5.0)
    with pytest.raises(UserError, match="dn-ord"):
        Identity.parse("dn-nonsense")


def test_the_five_share_start_and_budget() -> None:
    for prefix in ("dn", "cs"):
        plans = [recipes.recipe(f"{prefix}-{objective}") for objective in recipes.OBJECTIVES]
        assert len(plans) == 5
        assert {plan.start for plan in plans} == {f"{prefix}-start"}
        assert len({(p.images_seen, p.learning_rate, p.batch, p.crop, str(p.network)) for p in plans}) == 1


def test_a_missing_start_comes_first() -> None:
    def order(wanted: list[str], there: set[str]) -> list[str]:
        plans = recipes.with_starts([recipes.recipe(name) for name in wanted], there)
        return [plan.identity.name for plan in plans]

    assert order(["dn-adv", "dn-ord"], set()) == ["dn-start", "dn-adv", "dn-ord"]
    assert order(["dn-adv"], {"dn-start"}) == ["dn-adv"]
    assert order(["cs-ord", "cs-start"], set()) == ["cs-start", "cs-ord"]
    assert order(["sr-x4-adv-0.035"], {"sr-x2-std"}) == ["sr-x4-std", "sr-x4-adv-0.035"]


@pytest.mark.parametrize("name", ["dn-start", "cs-start"])
def test_training_lowers_the_loss_and_says_what_it_did(
    name: str, photos: PhotoFolder, tmp_path: Path
) -> None:
    plan = small(name, steps=60, learning_rate=3e-3)
    run = trainer(plan, photos, tmp_path, report_every=20)
    list(run.run())
    assert run.curve[-1]["loss"] < 0.9 * run.curve[0]["loss"]
    network, metadata = checkpoints.load(name, tmp_path)
    assert isinstance(metadata, InverseMetadata)
    assert metadata.images_seen == plan.images_seen
    assert metadata.recipe["setting"] == plan.setting
    assert metadata.reduced
    assert metadata.val_psnr > metadata.val_level_psnr > 10
    assert "attacked" in metadata.scores
    json.dumps(metadata.to_dict())
    assert type(network).__name__ == ("DPDNN" if name[:2] == "dn" else "ISTANetPlus")


@pytest.mark.parametrize("objective", recipes.OBJECTIVES)
def test_a_resumed_run_gives_the_very_same_network(
    objective: str, photos: PhotoFolder, tmp_path: Path
) -> None:
    torch.set_num_threads(1)
    for place in ("whole", "broken"):
        list(trainer(small("dn-start", steps=3), photos, tmp_path / place).run())
    plan = small(f"dn-{objective}", steps=6)
    list(trainer(plan, photos, tmp_path / "whole").run())
    walk = trainer(plan, photos, tmp_path / "broken", save_every=0.0).run()
    next(walk)
    next(walk)
    walk.close()
    resumed = trainer(plan, photos, tmp_path / "broken")
    assert 0 < resumed.step < plan.steps
    list(resumed.run())
    whole, broken = (checkpoints.load(f"dn-{objective}", tmp_path / p)[0] for p in ("whole", "broken"))
    for one, other in zip(whole.parameters(), broken.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_the_command_trains_a_start_and_what_goes_on_from_it(
    folder_of_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "recipe", lambda name, gpu=False: small(name, steps=2))
    (tmp_path / "more").mkdir()
    Image.fromarray(images.bundled("camera").pixels).save(tmp_path / "more" / "camera.png")
    words = ["train", "cs-adv", "cs-adv", "--data", str(folder_of_photos), "--data", str(tmp_path / "more")]
    words += ["--validation", str(folder_of_photos), "--checkpoints", str(tmp_path), "--threads", "1"]
    result = CliRunner().invoke(application, words, catch_exceptions=False)
    assert "4 photos, 3 for validation" in result.output
    assert result.output.count("cs-adv: 1 images seen") == 1
    assert {path.stem for path in tmp_path.glob("*.safetensors")} == {"cs-start", "cs-adv"}
    metadata = checkpoints.describe(tmp_path / "cs-adv.safetensors")
    assert metadata.started_from == "cs-start"
    again = CliRunner().invoke(application, words, catch_exceptions=False)
    assert "cs-adv: already there" in again.output
    assert (tmp_path / "cs-adv.safetensors").stat().st_size < 3e6
