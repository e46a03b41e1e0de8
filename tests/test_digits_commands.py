"""``python -m core digits`` as a person calls it, on the shipped networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.base.errors import UserError
from core.commands import application
from core.problems.names import DigitsIdentity, SuperResolutionIdentity
from core.results import store
from core.training import digits_recipes as recipes
from core.zoo import checkpoints
from tests.core.digit_files import write_mnist


def call(*words: str) -> Result:
    """In this process: starting Python and torch anew takes longer than the work."""
    return CliRunner().invoke(application, words)


def answer(*words: str) -> dict[str, Any]:
    done = call(*words)
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_show_prints_answers_and_certificate() -> None:
    words = ("digits", "show", "--digit", "sample-3", "--epsilon", "1", "--n", "200")
    found = answer(*words, "--json")
    assert found["answers"]["digits-std"] == found["answers"]["digits-std"] | {"clean": 3, "flipped": True}
    assert not found["answers"]["digits-rs-0.50"]["flipped"]
    assert sum(found["certificate"]["votes"]) == 200
    assert found["dimension"] == 784
    text = call(*words).stdout
    assert f"certified radius {found['certificate']['radius']:.4f}" in text
    assert "FLIPPED" in text


def test_evaluate_certify_challenge_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way on two made-up digits, in a store of its own."""
    monkeypatch.setattr(store, "RESULTS", tmp_path / "results")
    write_mnist(tmp_path / "mnist")
    few = ("--data", str(tmp_path / "mnist"), "--digits", "2")
    network = ("--network", "digits-rs-0.50")
    for words in (
        ("certify", *network, "--sigma", "0.5", "--n", "200"),
        ("evaluate", "--network", "digits-std"),
    ):
        done = call("digits", *words, *few)
        assert done.exit_code == 0, done.exception
    found = answer("digits", "report", "--json")
    assert [claim["accuracy"] is None for claim in found["findings"]] == [False, False, True, False]
    assert "not evaluated yet" in call("digits", "report").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "--digit", "sample-12"), "choose from sample-0"),
        (("show", "--digit", "test-3"), "--data"),
        (("show", "--sigma", "0.3"), "choose one of 0.25, 0.5, 1.0"),
        (("train", "digits-rs-0.30", "--data", "."), "There is no recipe"),
        (("train", "all", "--data", "/no/such/folder"), "does not hold"),
        (("certify", "--data", "/no/such/folder"), "does not hold"),
    ],
)
def test_mistakes_get_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = call("digits", *words)
    assert isinstance(done.exception, UserError)
    assert sentence in str(done.exception)
    assert "\n" not in str(done.exception)


def test_the_six_networks_are_shipped_small_and_listed_beside_the_others() -> None:
    models = {model["name"]: model for model in answer("models", "--json")["models"]}
    for name in recipes.names():
        assert models[name]["images_seen"] >= 480_000
        assert models[name]["val_accuracy"] > 0.9
        assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size < 200_000
    photos, _ = checkpoints.find(problem=SuperResolutionIdentity.problem)
    digits, _ = checkpoints.find(problem=DigitsIdentity.problem)
    assert {m.name for m in digits} == set(recipes.names())
    assert not {m.name for m in photos} & set(recipes.names())


def test_a_damaged_digit_network_is_not_the_live_labs_problem(tmp_path: Path) -> None:
    (tmp_path / "digits-std.safetensors").write_bytes(b"")
    (tmp_path / "whatever.safetensors").write_bytes(b"")
    assert len(checkpoints.find(tmp_path)[1]) == 2
    (foreign,) = checkpoints.find(tmp_path, problem=SuperResolutionIdentity.problem)[1]
    assert "whatever" in foreign
