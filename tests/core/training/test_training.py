"""Training: resumable, seeded, and its inputs are what the objective says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.base.errors import UserError
from core.pictures import images
from core.training import recipes
from core.training.cluster import _train, train_on_cluster
from core.training.loop import Trainer
from core.training.objectives import objective
from core.training.observation import Observation
from core.training.photos import PhotoFolder
from core.training.tasks import read
from core.zoo import checkpoints
from tests.core.digit_files import write_mnist


@pytest.fixture(scope="module")
def folder_of_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    for name in ("astronaut", "chelsea", "coffee", "rocket"):
        pixels = images.resized(images.bundled(name), 192)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def photos(folder_of_photos: Path) -> PhotoFolder:
    return PhotoFolder.read(folder_of_photos)


SMALL = replace(recipes.recipe("sr-x2-std"), images=10, crop=32, batch=4)


def test_the_list_is_the_grid_of_the_thesis() -> None:
    names = recipes.THESIS
    assert len(names) == len(set(names)) == 26
    assert {"sr-x2-std", "sr-x4-rs-1.00", "sr-x4-adv-0.20"} <= set(names)
    for name in names:
        plan = recipes.recipe(name)
        assert plan.identity.name == name
        assert plan.images <= plan.images_seen < plan.images * 1.01
        assert recipes.recipe(name, gpu=True).images >= 1_000_000


def test_training_lowers_the_loss_and_says_what_it_did(photos: PhotoFolder, tmp_path: Path) -> None:
    plan = replace(SMALL, images=40)
    trainer = Trainer(plan, photos, photos, folder=tmp_path, mixed_precision=False, report_every=10)
    reports = list(trainer.run())
    assert (reports[-1].done, reports[-1].parts) == (plan.steps, plan.steps)
    assert trainer.curve[-1]["loss"] < 0.9 * trainer.curve[0]["loss"]
    metadata = checkpoints.describe(tmp_path / "sr-x2-std.safetensors")
    assert metadata.images_seen == plan.images_seen
    assert metadata.data_digest == photos.digest
    assert metadata.val_psnr > 20
    curve = pd.read_parquet(tmp_path / "sr-x2-std.curve.parquet")
    assert curve["step"].iloc[-1] == plan.steps
    assert not (tmp_path / ".training" / "sr-x2-std.safetensors").exists()


def test_a_resumed_run_gives_the_very_same_network(photos: PhotoFolder, tmp_path: Path) -> None:
    def weights(folder: Path) -> dict[str, torch.Tensor]:
        return checkpoints.load("sr-x2-std", folder)[0].state_dict()

    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()

    def trainer(name: str) -> Trainer:
        return Trainer(
            SMALL,
            photos,
            photos,
            folder=tmp_path / name,
            mixed_precision=False,
            save_every=0.0,
            report_every=5,
        )

    list(trainer("whole").run())
    walk = trainer("broken").run()
    next(walk)
    next(walk)
    walk.close()
    resumed = trainer("broken")
    assert 0 < resumed.step < SMALL.steps
    list(resumed.run())
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    for key, value in whole.items():
        torch.testing.assert_close(broken[key], value, rtol=1e-3, atol=1e-4, msg=key)


def test_fresh_weights_are_not_taken_from_the_start(photos: PhotoFolder, tmp_path: Path) -> None:
    list(Trainer(SMALL, photos, photos, folder=tmp_path, mixed_precision=False).run())
    start = checkpoints.load("sr-x2-std", tmp_path)[0].state_dict()
    plan = recipes.recipe("sr-x2-rs-0.10")
    begun = Trainer(plan, photos, photos, folder=tmp_path).network
    at_full_resolution = {
        name
        for name, part in begun.named_modules()
        if isinstance(part, torch.nn.Conv2d | torch.nn.ConvTranspose2d) and 8 in part.weight.shape[:2]
    } - {"down.1.0"}
    convolutions = {key: value for key, value in begun.state_dict().items() if value.dim() == 4}
    for key, value in convolutions.items():
        fresh = key.removesuffix(".weight") in at_full_resolution
        assert torch.equal(value, start[key]) != fresh, key
    assert not begun.state_dict()["head.weight"].any()


@pytest.mark.parametrize(
    ("name", "first", "own"),
    [("sr-x2-rs-0.10", 0.3, 0.1), ("sr-x4-rs-0.20", 0.3, 0.2), ("sr-x2-rs-0.20", 0.2, 0.2)],
)
def test_the_lowest_noises_are_preceded_by_more(name: str, first: float, own: float) -> None:
    """A network that changes nothing, on one colour, has the noise's variance for its loss."""
    plan = recipes.recipe(name)
    grey = torch.zeros(32, 3, 96, 96)
    for step, sigma in (
        (0, first),
        (plan.steps // 20, first),
        (plan.steps // 10, own),
        (plan.steps - 1, own),
    ):
        loss = objective(plan, 1.0, step)(torch.nn.Identity(), Observation(grey, grey), 0, step)
        assert loss.item() == pytest.approx(sigma**2, rel=0.02), step


def test_a_state_of_another_recipe_is_not_continued(photos: PhotoFolder, tmp_path: Path) -> None:
    walk = Trainer(SMALL, photos, photos, folder=tmp_path, save_every=0.0, report_every=1).run()
    next(walk)
    next(walk)
    walk.close()
    assert Trainer(SMALL, photos, photos, folder=tmp_path).step > 0
    assert Trainer(replace(SMALL, seed=1), photos, photos, folder=tmp_path).step == 0


def test_a_state_that_cannot_be_read_is_said_and_not_overwritten(photos: PhotoFolder, tmp_path: Path) -> None:
    (tmp_path / ".training" / "sr-x2-std.safetensors").mkdir(parents=True)
    with pytest.raises(UserError, match=r"sr-x2-std\.safetensors could not be used"):
        Trainer(SMALL, photos, photos, folder=tmp_path)


def test_a_full_disk_leaves_no_half_of_a_curve(
    photos: PhotoFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = Trainer(SMALL, photos, photos, folder=tmp_path, mixed_precision=False)
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "curve" in path.name:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match=r"curve\.parquet could not be used \(No space left"):
        list(trainer.run())
    assert not list(tmp_path.glob("*.curve.parquet"))


@pytest.mark.parametrize("name", ["sr-x2-std", "digits-std"])
def test_kill_minus_nine_continues(name: str, folder_of_photos: Path, tmp_path: Path) -> None:
    plan = replace(recipes.recipe(name), images=1_000_000)
    folder, validation = (folder_of_photos, folder_of_photos) if name == "sr-x2-std" else (tmp_path, None)
    write_mnist(tmp_path, test=1100)
    command = [sys.executable, "-m", "core", "train", name, "--data", str(folder)]
    command += ["--validation", str(validation)] if validation else []
    command += ["--images", str(plan.images), "--checkpoints", str(tmp_path), "--save-every", "0"]
    command += ["--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    state = tmp_path / ".training" / f"{name}.safetensors"
    deadline = time.monotonic() + 120
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert Trainer(plan, *read(plan, (folder,), validation), folder=tmp_path).step > 0
    assert not (tmp_path / f"{name}.safetensors").exists()


def test_a_list_trained_on_a_cluster_gives_the_very_same_networks(
    cluster: object, folder_of_photos: Path, photos: PhotoFolder, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    plans = [replace(recipes.recipe("sr-x2-rs-0.10"), images=5, crop=32, batch=4), SMALL]
    options = {"device": "cpu", "threads": 1, "mixed_precision": False, "save_every": 60.0}
    data = ((folder_of_photos,), folder_of_photos)
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    # The standard network comes first, because the other one starts from it.
    assert list(train_on_cluster(address, plans, *data, there, options)) == [
        "sr-x2-std",
        "sr-x2-rs-0.10",
    ]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for plan in reversed(plans):
        list(Trainer(plan, photos, photos, folder=here, mixed_precision=False).run())
    torch.set_num_threads(threads)
    for plan in plans:
        mine, theirs = (checkpoints.load(plan.identity.name, folder)[0] for folder in (here, there))
        for expected, found in zip(mine.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(expected, found)
        assert (there / f"{plan.identity.name}.curve.parquet").exists()


def test_a_cluster_says_what_is_missing(cluster: object, folder_of_photos: Path, tmp_path: Path) -> None:
    address, data = cluster.scheduler_address, ((folder_of_photos,), folder_of_photos)  # type: ignore[attr-defined]
    options = {"device": "cpu", "threads": 1, "mixed_precision": False, "save_every": 60.0}
    with pytest.raises(UserError, match="sr-x2-std is needed first"):
        list(train_on_cluster(address, [recipes.recipe("sr-x2-rs-0.10")], *data, tmp_path, options))
    with pytest.raises(UserError, match="holds other data"):
        _train(SMALL, *data, "another digest", tmp_path, options, None)


def test_crops_are_pieces_of_the_photos(photos: PhotoFolder) -> None:
    crops = photos.random_crops(6, 32, np.random.default_rng(0))
    assert crops.shape == (6, 3, 32, 32)
    again = photos.random_crops(6, 32, np.random.default_rng(0))
    assert torch.equal(crops, again)
    sources = [torch.from_numpy(p.copy()).permute(2, 0, 1).float() / 255 for p in photos.pictures]
    for crop in crops:
        found = any(
            (window - candidate).abs().amax() < 1e-6
            for source in sources
            for candidate in (crop, crop.flip(-1))
            for window in _window_at_best_match(source, candidate)
        )
        assert found


def _window_at_best_match(source: torch.Tensor, crop: torch.Tensor) -> list[torch.Tensor]:
    """The window of the source whose corner pixel equals the crop's, if there is one."""
    height, width = crop.shape[-2:]
    corner = (source - crop[:, :1, :1]).abs().amax(0) < 1e-6
    places = corner[: source.shape[1] - height + 1, : source.shape[2] - width + 1].nonzero().tolist()
    return [source[:, top : top + height, left : left + width] for top, left in places]


def test_folders_without_photos_say_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no photo"):
        PhotoFolder.read(tmp_path)
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(
        UserError, match=r"broken\.jpg is not a PNG, JPEG.*: choose another file or remove this one"
    ):
        PhotoFolder.read(tmp_path)
