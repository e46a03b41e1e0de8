"""The commands on digits, as a person calls them, on the shipped networks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from core.base.errors import UserError
from core.commands import application
from core.training import recipes
from core.zoo import checkpoints
from tests.core.digit_files import write_mnist

DIGITS = ("--checkpoint", "digits-rs-0.50")


def call(*words: str) -> Result:
    """In this process: starting Python and torch anew takes longer than the work."""
    return CliRunner().invoke(application, words)


def answer(*words: str) -> dict[str, Any]:
    done = call(*words)
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_run_prints_answers_and_certificate() -> None:
    words = ("run", "--image", "sample-3", "--checkpoint", "digits-rs-0.50", "--eps", "1", "--samples", "200")
    found = answer(*words, "--json")
    old = ("--digit", "sample-3", "--checkpoint", "digits-rs-0.50", "--epsilon", "1", "--n", "200", "--json")
    assert answer("run", *old) | {"seconds": 0} == found | {"seconds": 0}
    assert found["answers"]["digits-std"] == found["answers"]["digits-std"] | {"clean": 3, "flipped": True}
    assert not found["answers"]["digits-rs-0.50"]["flipped"]
    assert sum(found["certificate"]["votes"]) == 200
    assert found["dimension"] == 784
    text = call(*words).stdout
    assert f"certified radius {found['certificate']['radius']:.4f}" in text
    assert "FLIPPED" in text


def test_evaluate_certify_findings_tables_curves(tmp_path: Path) -> None:
    """The whole way on two made-up digits, in a store of its own."""
    write_mnist(tmp_path / "mnist")
    results = ("--results", str(tmp_path / "results"))
    few = ("--data", str(tmp_path / "mnist"), "--limit", "2", *results)
    for words in (
        ("evaluate", "digits-std", "digits-rs-0.50", "--sigma", "0.5", "--samples", "200"),
        ("certify", "--checkpoint", "digits-rs-0.50", "--samples", "200", "--attack-steps", "5"),
    ):
        done = call(*words, *few)
        assert done.exit_code == 0, done.exception
    words = ("--problem", "digits", *results)
    found = json.loads(call("findings", *words, "--json").stdout)
    assert [claim["answer"] == "not evaluated yet" for claim in found] == [False, False, True, False, False]
    assert found[-1]["evidence"][0]["text"].startswith("flipped of 2 digits, by 10 attacks of PGD-5")
    assert "not evaluated yet" in call("findings", *words).stdout
    tables = json.loads(call("tables", *words, "--json").stdout)
    assert [table["table"] for table in tables] == [
        f"digits-{n}" for n in ("sign", "linf", "l2", "certified")
    ]
    certified = {cell["column"]: cell["ours"] for cell in tables[-1]["cells"] if "rs-0.50" in cell["row"]}
    assert certified["R ≥ 0"] == 1.0
    assert "| digits-std |" in call("tables", "digits-l2", *results).stdout
    assert "digits-std" in call("curves", *words).stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", *DIGITS, "--image", "sample-12"), "choose from sample-0"),
        (("run", *DIGITS, "--image", "test-3"), "LAB_MNIST"),
        (("run", *DIGITS, "--sigma", "0.3"), "choose one of 0.25, 0.5, 1.0"),
        (("run", *DIGITS, "--eps-rel", "0.3"), "--eps-rel does not go with this network"),
        (("evaluate", "--problem", "digits", "--data", "/no/such/folder"), "does not hold"),
        (("evaluate", "--problem", "digits", "--data", ".", "--eps", "1"), "leave --eps out"),
        (("evaluate", "--problem", "digits", "--data", ".", "--attack", "strongest"), "leave --attack out"),
        (("tables", "--problem", "digits", "--attack", "strongest"), "leave --attack out"),
        (("curves", "--problem", "digits", "--attack", "strongest"), "leave --attack out"),
        (("baselines", "digits-std", "--data", "."), "answered with a class"),
        (("certify", *DIGITS), "--data"),
        (("certify", *DIGITS, "--data", "MNIST"), "run python -m core evaluate"),
    ],
)
def test_mistakes_get_one_sentence(words: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    write_mnist(tmp_path)
    given = [str(tmp_path) if word == "MNIST" else word for word in words]
    done = call(*given, *(["--results", str(tmp_path)] if "MNIST" in words else []))
    assert isinstance(done.exception, UserError)
    assert sentence in str(done.exception)
    assert "\n" not in str(done.exception)


def test_the_networks_are_shipped_small_and_listed_beside_the_others() -> None:
    models = {model["name"]: model for model in answer("models", "--json")["models"]}
    behind, shipped = "digits-ds-0.50", {*recipes.DIGITS, "digits-ds-0.50"}
    for name in shipped:
        assert models[name]["images_seen"] >= (60_000 if name == behind else 480_000)
        assert models[name]["val_accuracy"] > 0.9
        assert (checkpoints.FOLDER / f"{name}.safetensors").stat().st_size < 200_000
    photos, _ = checkpoints.find(problem="super_resolution")
    digits, _ = checkpoints.find(problem="digits")
    assert {m.name for m in digits} == shipped
    assert not {m.name for m in photos} & shipped


def test_a_damaged_digit_network_is_not_the_live_labs_problem(tmp_path: Path) -> None:
    (tmp_path / "digits-std.safetensors").write_bytes(b"")
    (tmp_path / "whatever.safetensors").write_bytes(b"")
    assert len(checkpoints.find(tmp_path)[1]) == 2
    (foreign,) = checkpoints.find(tmp_path, problem="super_resolution")[1]
    assert "whatever" in foreign
