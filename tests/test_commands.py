"""The command line as a person calls it, on the shipped checkpoints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.pictures import images, render
from tests.command_line import call

ROOT = Path(__file__).resolve().parent.parent
RUN = (
    "run --image astronaut --checkpoint sr-x2-rs-0.10 --eps-rel 0.02 --sigma-g 0.15 "
    "--samples 50 --seed 0 --json"
)


def answer(*words: str) -> dict[str, Any]:
    done = call(*words)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def first_run() -> dict[str, Any]:
    return answer(*RUN.split())


def test_run_prints_the_object_of_the_design(first_run: dict[str, Any]) -> None:
    assert {"scenario", "device", "precision", "norms", "metrics", "seconds"} <= first_run.keys()
    assert first_run["norms"]["asked"] == pytest.approx(5.5426, rel=1e-5)
    assert 5.0 < first_run["norms"]["reached"] <= 5.5426 * (1 + 1e-5)
    assert first_run["scenario"]["sigma_g"] == 0.15
    for row in ("bilinear", "clean_base", "clean_smoothed", "adv_base", "adv_smoothed"):
        assert first_run["metrics"][row].keys() == {"mse", "psnr", "ssim"}


def test_a_process_of_its_own_prints_the_same_metrics(first_run: dict[str, Any]) -> None:
    words = [sys.executable, "-m", "core", *RUN.split()]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["metrics"] == first_run["metrics"]


def test_the_story_is_in_the_figures(first_run: dict[str, Any]) -> None:
    psnr = {name: row["psnr"] for name, row in first_run["metrics"].items()}
    assert psnr["clean_base"] > psnr["bilinear"]
    assert psnr["clean_base"] > psnr["adv_base"]
    thesis = answer(*RUN.split(), "--attack-on", "base", "--attack", "pgd")["metrics"]
    assert psnr["adv_smoothed"] < thesis["adv_smoothed"]["psnr"] - 1, "attacked itself it loses more"


def test_smoothing_in_the_engines_precision_is_within_a_hundredth_of_float32(
    first_run: dict[str, Any],
) -> None:
    exact = answer(*RUN.split(), "--precision", "float32", "--attack", "noise")
    fast = answer(*RUN.split(), "--precision", "bfloat16", "--attack", "noise")
    for row in ("clean_smoothed", "adv_smoothed"):
        assert fast["metrics"][row]["psnr"] == pytest.approx(exact["metrics"][row]["psnr"], abs=0.02)


def test_models_lists_the_shipped_networks() -> None:
    listed = answer("models", "--json")
    assert not listed["unreadable"]
    models = {model["name"]: model for model in listed["models"]}
    plain, table = call("models").stdout, call("models", "--markdown").stdout
    for name in ("sr-x2-std", "sr-x2-rs-0.10", "sr-x2-rs-0.40", "sr-x2-adv-0.02", "sr-x2-adv-0.10"):
        assert models[name]["images_seen"] >= 12_000
        assert models[name]["val_psnr"] > 20
        assert name in plain
        assert f"| {name} | {models[name]['images_seen']:,} |" in table


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "--image", "mona_lisa"), "neither a file nor a bundled photo"),
        (("run", "--checkpoint", "sr-x2-rs-9.99"), "There is no network"),
        (("run", "--eps-rel", "-1"), "must lie between"),
        (("run", "--device", "abacus"), "choose one of"),
        (("train", "sr-x2-std", "--data", "/no/such/folder"), "is not a folder"),
        (("train", "digits", "--data", "/no/such/folder"), "is not a folder"),
        (("train", "digits-rs-0.30", "--data", "."), "does not hold"),
        (("train", "best-network", "--data", "."), "not a network's name"),
        (("compare", "--data", "/no/such/folder"), "holds no photos"),
        (("run", "--image", "x" * 300), "neither a file nor a bundled photo"),
        (("certify", "--image", "x" * 300), "neither a file nor a bundled photo"),
    ],
)
def test_mistakes_get_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = call(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_two_photos_of_one_name_are_said_before_the_work(tmp_path: Path) -> None:
    for place, name in (("cats", "chelsea"), ("space", "astronaut")):
        (tmp_path / place).mkdir()
        Image.fromarray(images.resized(images.bundled(name), 192)).save(tmp_path / place / "1.png")
    done = call("compare", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "are two photos of one name: rename one of them" in done.stderr
    assert "photo/s" not in done.stderr  # no bar was begun


def test_compare_prints_table_and_findings(tmp_path: Path) -> None:
    for name in ("chelsea", "coffee", "motorcycle"):
        Image.fromarray(images.resized(images.bundled(name), 192)).save(tmp_path / f"{name}.png")
    result = answer("compare", "--data", str(tmp_path), "--samples", "5", "--attack", "fgm", "--json")
    assert result["photos"] == 3
    rows = {(row["estimator"], row["input"]): row for row in result["rows"]}
    assert len(rows) == 18
    for row in rows.values():
        assert row["psnr_low"] <= row["psnr"] <= row["psnr_high"]
    margin = next(claim for claim in result["findings"] if "bicubic" in claim["claim"])["margin"]
    expected = rows["sr-x2-std", "clean"]["psnr"] - rows["bicubic", "clean"]["psnr"]
    assert margin == pytest.approx(expected)
    alone = answer(
        "compare", "--data", str(tmp_path), "--samples", "2", "--attack", "fgm", "--limit", "1", "--json"
    )
    assert {row["psnr_low"] for row in alone["rows"]} == {None}  # strict JSON knows no nan


def test_compare_writes_every_network_on_every_photo(tmp_path: Path) -> None:
    for name in ("chelsea", "coffee"):
        Image.fromarray(images.resized(images.bundled(name), 192)).save(tmp_path / f"{name}.png")
    words = ("--network", "dn-ord", "--network", "dn-adv", "--samples", "1", "--attack", "fgm")
    result = answer("compare", "--data", str(tmp_path), *words, "--out", str(tmp_path / "out"), "--json")
    rows = pd.read_csv(tmp_path / "out" / "figures.csv")
    assert set(rows["photo"]) == {"chelsea.png", "coffee.png"}
    assert {row["estimator"] for row in result["rows"]} == {
        "linear", "dn-ord", "dn-adv", "smoothed dn-ord", "smoothed dn-adv",
    }  # fmt: skip
    attacked = rows[(rows["estimator"] == "dn-ord") & (rows["input"] == "attack")]["psnr"].mean()
    shown = {(row["estimator"], row["input"]): row["psnr"] for row in result["rows"]}
    assert shown["dn-ord", "attack"] == pytest.approx(attacked)
    sheet = np.asarray(Image.open(tmp_path / "out" / "sheet.png"))
    photo = images.open_photo(str(tmp_path / "chelsea.png"))
    truth = images.grey_crop(photo, short_side=192, x=0.5, y=0.5, size=96)
    assert np.array_equal(sheet[:96, :96], render.pixels(truth)), "pixel by pixel"
    assert (
        "restores no pictures" in call("compare", "--data", str(tmp_path), "--network", "digits-std").stderr
    )


def test_bench_reports_a_ratio() -> None:
    result = answer("bench", "--image", "coffee", "--samples", "50", "--rounds", "1", "--json")
    for task in ("smoothing", "attack"):
        row = result[task]
        assert row["ratio"] == pytest.approx(row["plain_seconds"] / row["engine_seconds"])
    assert abs(result["psnr_differences"]["coffee"]) < 0.02


def test_tables_print_from_a_clone_and_say_what_is_not_there() -> None:
    done = call("tables", "4.1", "--format", "markdown")
    assert done.returncode == 0
    assert "24.26" in done.stdout
    assert {cell["table"] for cell in answer("tables", "A.2", "--json")} == {"A.2"}
    refused = call("tables", "9.9")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: There is no Table 9.9")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--data", "nowhere"], "nowhere holds no photos: name the folder with --data"),
        (["sr-x2-std", "--data", "nowhere", "--eps-rel", "-1"], "eps is -1.0"),
        (["sr-x2-rs-7.77", "--data", "nowhere"], "There is no network"),
    ],
)
def test_evaluate_refuses_with_one_sentence(words: list[str], sentence: str) -> None:
    done = call("evaluate", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_evaluate_without_validation_photos_names_that_option(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    Image.fromarray(images.resized(images.bundled("coffee"), 192)).save(tmp_path / "photos" / "1.png")
    done = call("evaluate", "sr-x2-std", "--data", str(tmp_path / "photos"))
    assert done.returncode == 2
    assert "photos_val holds no photos: name the folder with --validation" in done.stderr


def test_findings_without_a_grid_are_one_sentence(tmp_path: Path) -> None:
    done = call("findings", "--results", str(tmp_path))
    assert done.returncode == 2
    assert "run python -m core evaluate --problem super_resolution --data DIR first" in done.stderr
