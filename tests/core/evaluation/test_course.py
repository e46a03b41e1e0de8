"""The course for a GPU, taken on the CPU with tiny settings: cut off, taken up again, finished."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.evaluation.course import Course, _until, copy_rate, tiny
from core.results.store import Store
from core.zoo import checkpoints
from tests.core.evaluation.small import save_photos


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = save_photos(tmp_path_factory.mktemp("data"))
    shutil.copytree(folder / "photos_test", folder / "photos_train")
    return folder


def test_the_whole_course_is_taken_and_stands(data: Path, tmp_path: Path) -> None:
    settings = replace(tiny(["sr-x2-std"]), images=8)
    said = list(Course(tmp_path, data, settings, "cpu").take(600))
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert [line.split(":")[0] for line in said] == ["tests", "timings", "training", "evaluation"]
    assert all(found[stage]["complete"] for stage in ("tests", "timings", "training", "evaluation")), found
    assert found["timings"]["float32"]["images_per_second"] > 0
    metadata = checkpoints.describe(tmp_path / "checkpoints" / "sr-x2-std.safetensors")
    assert metadata.images_seen == found["training"]["networks"]["sr-x2-std"]["images_seen"]
    rows = Store("super_resolution_strongest", tmp_path / "results").read()
    assert set(rows["estimator"]) == {"sr-x2-std", "bicubic"}
    assert set(rows.loc[rows["estimator"] == "bicubic", "attempt"]) == {"", "exact"}
    again = list(Course(tmp_path, data, settings, "cpu").take(600))
    assert all("stands already" in line for line in again)


def test_without_time_nothing_is_begun_and_nothing_lost(data: Path, tmp_path: Path) -> None:
    course = Course(tmp_path, data, tiny(["sr-x2-std"]), "cpu")
    assert [line.split(": ")[1] for line in course.take(0.0)] == ["no time left"] * 4


def test_one_stage_s_trouble_is_not_the_others(tmp_path: Path, data: Path) -> None:
    settings = replace(tiny(["sr-x2-std"]), images=8, evaluated=("bicubic",))
    course = Course(tmp_path, data / "elsewhere", settings, "cpu")
    said = list(course.take(600))
    assert "photos" in said[2]
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert "error" in found["training"]
    assert found["timings"]["complete"]
    assert list(Course(tmp_path, data, settings, "cpu").take(600))[-1].startswith("evaluation: complete")


def test_steps_end_with_the_time() -> None:
    assert _until(float("inf"), iter(range(3)))
    assert not _until(0.0, iter(range(3)))


def test_a_copy_has_a_rate() -> None:
    assert copy_rate("cpu", megabytes=1, rounds=1) > 0
