"""Options of all commands: every number has limits, each value counts once, one thing has one name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from core.commands import application
from core.pictures import images
from core.results.store import Store
from tests.command_line import call, said
from tests.conftest import LAB_NAMES

ZERO_IS_LAWFUL = {
    "--eps", "--eps-rel", "--epsilon", "--curve", "--sigma-g", "--sigma-b", "--setting", "--seed", "--crop-x",
    "--crop-y", "--short-side", "--attack-steps", "--steps", "--long", "--threads", "--save-every",
}  # fmt: skip
NO_SMOOTHING = {("run", "--sigma"), ("evaluate", "--sigma"), ("curves", "--sigma")}
AT_LEAST_ONE_STEP = {("certify", "--attack-steps")}


def every_command(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """All commands with their paths, those of groups of commands included."""
    group = group or typer.main.get_command(application)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name), command


NUMBERS = [
    (" ".join(path), option.opts[0], kind)
    for path, command in every_command()
    for option in command.params
    for kind in ("int", "float")
    if kind in str(option.type_descriptor.annotation)
]


def test_there_are_numbers_to_try() -> None:
    assert len(NUMBERS) > 60
    assert {command for command, *_ in NUMBERS} >= {"run", "bench", "train", "study certificates"}


@pytest.mark.parametrize(("command", "option", "kind"), NUMBERS)
def test_a_number_out_of_range_is_one_sentence(command: str, option: str, kind: str) -> None:
    lawful = option in ZERO_IS_LAWFUL and (command, option) not in AT_LEAST_ONE_STEP
    refused = ["-1", str(10**30)] + ["nan"] * (kind == "float")
    refused += ["0"] * (not lawful and (command, option) not in NO_SMOOTHING)
    for value in refused:
        sentence = said(*command.split(), option, value)
        name = option.removeprefix("--").replace("-", "_")
        assert sentence.startswith(f"error: {name} is "), f"{option} {value}: {sentence}"
        assert "must lie between" in sentence or "choose one of" in sentence
        assert sentence.count("\n") == 1


@pytest.mark.parametrize(("command", "option", "kind"), NUMBERS)
def test_a_text_that_is_no_such_number_is_no_traceback(command: str, option: str, kind: str) -> None:
    for text in ("", "many", "9" * 5000 if kind == "int" else "1e"):
        sentence = said(*command.split(), option, text)
        assert "Invalid value" in sentence
        assert "Traceback" not in sentence


def test_limits_are_in_the_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert "between 1e-09 and 0.5" in call("study", "certificates", "--help").stdout


def test_an_evaluation_counts_what_is_named_twice_once(tmp_path: Path, untrained_folder: Path) -> None:
    photos, others = tmp_path / "photos_test", tmp_path / "photos_val"
    for folder, name in ((photos, "chelsea"), (others, "coffee")):
        folder.mkdir()
        Image.fromarray(images.resized(images.bundled(name), 192)).save(folder / f"{name}.png")
    words = ["evaluate", *["sr-x2-rs-0.10"] * 2, "--checkpoints", untrained_folder, "--data", photos]
    words += [*["--eps-rel", 0] * 2, *["--sigma-g", 0.1] * 2, "--samples", 1]
    words += ["--validation-samples", 1, "--results", tmp_path / "results", "--json"]
    done = CliRunner().invoke(application, [str(word) for word in words])
    assert done.exit_code == 0, done.exception
    rows = Store("super_resolution", tmp_path / "results").read()
    assert sorted(zip(rows["split"], rows["sigma_g"], strict=True)) == [
        ("test", 0.0), ("test", 0.1), ("validation", 0.1)
    ]  # fmt: skip
    same = CliRunner().invoke(application, [str(word) for word in [*words, "--validation", photos]])
    assert "chelsea.png is a test photo and a validation photo" in str(same.exception)


def test_the_folder_of_networks_has_one_name_and_its_former_one_still_counts(untrained_folder: Path) -> None:
    takers = [path for path, command in every_command() if "--checkpoints" in _options(command)]
    assert len(takers) > 7
    assert not [path for path, command in every_command() if "--folder" in _options(command)]
    for name in ("--checkpoints", "--folder"):
        done = CliRunner().invoke(application, ["models", name, str(untrained_folder), "--json"])
        assert [model["name"] for model in json.loads(done.stdout)["models"]] == sorted(LAB_NAMES, key=_order)


def _options(command: Any) -> set[str]:
    return {name for option in command.params for name in option.opts}


def _order(name: str) -> int:
    return ("std", "rs", "adv").index(name.split("-")[2])
