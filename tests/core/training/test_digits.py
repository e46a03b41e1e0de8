from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.base.errors import UserError
from core.problems.digits import data
from core.training import digits_recipes as recipes
from core.training.digits import _shifted, train, training_inputs
from core.zoo import checkpoints
from core.zoo.metadata import DigitsMetadata
from tests.core.digit_files import write_mnist


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> data.Digits:
    folder = tmp_path_factory.mktemp("mnist")
    write_mnist(folder)
    return data.read(folder, "train")


@pytest.mark.parametrize("name", recipes.names())
def test_every_recipe_trains_says_what_it_did_and_repeats_itself(
    name: str, digits: data.Digits, tmp_path: Path
) -> None:
    recipe = replace(recipes.recipe(name), epochs=1, batch=64)
    states = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        *_, last = train(recipe, digits, digits, folder=folder, report_every=1)
        assert (last.step, last.steps) == (4, 4)
        network, metadata = checkpoints.load(name, folder)
        states.append(network.state_dict())
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert isinstance(metadata, DigitsMetadata)
    assert metadata.identity == recipe.identity
    assert metadata.level == recipe.level
    assert metadata.images_seen == 256
    assert metadata.data_digest == digits.digest
    assert 0 <= metadata.val_level_accuracy <= metadata.val_accuracy + 0.1


def test_it_learns(digits: data.Digits, tmp_path: Path) -> None:
    recipe = replace(recipes.recipe("digits-std"), epochs=8, batch=32)
    list(train(recipe, digits, digits, folder=tmp_path))
    metadata = checkpoints.describe(tmp_path / "digits-std.safetensors")
    assert isinstance(metadata, DigitsMetadata)
    assert metadata.val_accuracy > 0.95


def test_training_inputs_are_noisy_or_attacked_at_their_level(digits: data.Digits) -> None:
    network, _ = checkpoints.load("digits-std")
    some = digits.take(torch.arange(32))
    for name, size in (
        ("digits-rs-0.50", lambda e: e.std().item()),
        ("digits-adv-sign", lambda e: e.abs().max().item()),
        ("digits-adv-l2", lambda e: e.flatten(1).norm(dim=1).max().item()),
    ):
        recipe = recipes.recipe(name)
        inputs = training_inputs(network, some, recipe, recipe.level, seed=1)
        assert size(inputs - some.pictures) == pytest.approx(recipe.level, rel=0.02)
        assert torch.equal(inputs, training_inputs(network, some, recipe, recipe.level, seed=1))
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_shifts_move_and_lose_nothing_inside(digits: data.Digits) -> None:
    dots = torch.zeros(50, 1, 28, 28)
    dots[:, 0, 10, 20] = 1
    moved = _shifted(replace(digits.take(torch.arange(50)), pictures=dots), 2, seed=0).pictures
    places = moved.nonzero()[:, 2:]
    assert len(places) == 50
    assert len({tuple(place) for place in places.tolist()}) > 15
    assert (places - torch.tensor([10, 20])).abs().max() == 2


def test_an_unknown_recipe_lists_the_known() -> None:
    with pytest.raises(UserError, match="digits-adv-sign"):
        recipes.recipe("digits-rs-0.30")
