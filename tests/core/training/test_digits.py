"""Training of digits-… networks: same loop, same promises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from core.base.errors import UserError
from core.commands import application
from core.problems.digits import data
from core.training import recipes
from core.training.loop import Trainer
from core.training.recipe import Recipe
from core.training.tasks import DigitsTask, shifted
from core.zoo import checkpoints
from core.zoo.metadata import DigitsMetadata
from tests.core.digit_files import write_mnist


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> data.Digits:
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder)
    return data.read(folder, "train")


def small(name: str, passes: int = 1, batch: int = 64) -> Recipe:
    return replace(recipes.recipe(name), images=passes * 256, batch=batch)


def trained(plan: Recipe, digits: data.Digits, folder: Path) -> DigitsMetadata:
    list(Trainer(plan, digits, digits, folder=folder, report_every=1).run())
    metadata = checkpoints.describe(folder / f"{plan.identity.name}.safetensors")
    assert isinstance(metadata, DigitsMetadata)
    return metadata


@pytest.mark.parametrize("name", recipes.DIGITS)
def test_every_recipe_trains_says_what_it_did_and_repeats_itself(
    name: str, digits: data.Digits, tmp_path: Path
) -> None:
    plan, states = small(name), []
    for folder in (tmp_path / "first", tmp_path / "second"):
        metadata = trained(plan, digits, folder)
        states.append(checkpoints.load(name, folder)[0].state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert metadata.identity == plan.identity
    assert metadata.level == plan.level
    assert (metadata.steps, metadata.images_seen) == (4, 256)
    assert metadata.data == "MNIST, 256 training digits"
    assert metadata.data_digest == digits.digest
    assert 0 <= metadata.val_level_accuracy <= metadata.val_accuracy + 0.1
    assert (tmp_path / "first" / f"{name}.curve.parquet").exists()


def test_a_denoiser_is_trained_before_the_standard_network_which_stays(
    digits: data.Digits, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="digits-std"):
        trained(small("digits-ds-0.50"), digits, tmp_path)
    trained(small("digits-std"), digits, tmp_path)
    metadata = trained(small("digits-ds-0.50", passes=2), digits, tmp_path)
    (whole, _), (standard, _) = (checkpoints.load(n, tmp_path) for n in ("digits-ds-0.50", "digits-std"))
    assert metadata.denoiser["widths"] == [8, 16, 32]
    assert metadata.started_from == "digits-std"
    kept = whole.estimator.state_dict()
    assert all(torch.equal(value, kept[key]) for key, value in standard.state_dict().items())
    pictures = digits.pictures[:5]
    with torch.no_grad():
        assert torch.equal(whole(pictures), standard(whole.denoiser(pictures)))
        assert not torch.equal(whole(pictures), standard(pictures))


def test_it_learns(digits: data.Digits, tmp_path: Path) -> None:
    assert trained(small("digits-std", passes=8, batch=32), digits, tmp_path).val_accuracy > 0.95


def test_a_resumed_run_gives_the_very_same_network(digits: data.Digits, tmp_path: Path) -> None:
    plan = small("digits-rs-0.50", passes=2)
    trained(plan, digits, tmp_path / "whole")
    walk = Trainer(plan, digits, digits, folder=tmp_path / "broken", save_every=0.0, report_every=1).run()
    for _ in range(4):
        next(walk)
    walk.close()
    resumed = Trainer(plan, digits, digits, folder=tmp_path / "broken", report_every=1)
    assert 0 < resumed.step < plan.steps
    list(resumed.run())
    whole, broken = (checkpoints.load(plan.identity.name, tmp_path / p)[0] for p in ("whole", "broken"))
    for one, other in zip(whole.parameters(), broken.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


def test_a_pass_takes_every_digit_once_in_an_order_of_its_own(digits: data.Digits) -> None:
    task = DigitsTask(replace(small("digits-std", batch=96), setting={"shift": 0}), torch.device("cpu"))
    seen = torch.cat([task.observe(digits, step, 0).point for step in range(8)])  # three passes of 256
    wanted = sorted(digits.pictures.sum((1, 2, 3)).tolist())
    orders = [part.sum((1, 2, 3)).tolist() for part in torch.split(seen, 256)]
    assert all(sorted(order) == wanted for order in orders)
    assert orders[0] != orders[1] != orders[2] != wanted


def test_training_inputs_are_noisy_or_attacked_at_their_level(digits: data.Digits) -> None:
    network, _ = checkpoints.load("digits-std")
    for name, size in (
        ("digits-rs-0.50", lambda e: e.std().item()),
        ("digits-adv-sign", lambda e: e.abs().max().item()),
        ("digits-adv-l2", lambda e: e.flatten(1).norm(dim=1).max().item()),
    ):
        plan = recipes.recipe(name)
        task = DigitsTask(plan, torch.device("cpu"))
        seen = task.observe(digits, 0, 0)
        inputs = task.stress().inputs(network, seen, seed=1)
        assert size(inputs - seen.point) == pytest.approx(plan.level, rel=0.02)
        assert torch.equal(inputs, task.stress().inputs(network, seen, seed=1))
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_the_level_grows_while_the_learning_rate_does() -> None:
    plan = recipes.recipe("digits-rs-0.50")
    tenth = round(plan.first * plan.steps)
    found = [plan.level_at(step) for step in (0, tenth // 2 - 1, tenth, plan.steps - 1)]
    assert found == pytest.approx([0.5 / (0.1 * plan.steps), 0.25, 0.5, 0.5], rel=0.01)


def test_shifts_move_and_lose_nothing_inside() -> None:
    dots = torch.zeros(50, 1, 28, 28)
    dots[:, 0, 10, 20] = 1
    places = shifted(dots, 2, seed=0).nonzero()[:, 2:]
    assert len(places) == 50
    assert len({tuple(place) for place in places.tolist()}) > 15
    assert (places - torch.tensor([10, 20])).abs().max() == 2


def test_the_command_trains_digits_of_any_level(tmp_path: Path) -> None:
    write_mnist(tmp_path / "mnist", test=1100)
    words = ["train", "digits-std", "digits-rs-0.30", "--data", str(tmp_path / "mnist"), "--images", "256"]
    words += ["--checkpoints", str(tmp_path), "--threads", "1"]
    result = CliRunner().invoke(application, words, catch_exceptions=False)
    assert "MNIST, 256 training digits, 100 for validation" in result.output
    assert "digits-rs-0.30: 256 images seen" in result.output
    assert {path.stem for path in tmp_path.glob("*.safetensors")} == {"digits-std", "digits-rs-0.30"}


def test_digits_come_from_one_folder(tmp_path: Path) -> None:
    for folders, validation in (((tmp_path, tmp_path), None), ((tmp_path,), tmp_path)):
        with pytest.raises(UserError, match="one folder"):
            DigitsTask.read(folders, validation)
