from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.runtime import precision
from core.runtime.engine import Engine
from core.runtime.precision import folder, remembered


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "robustness-lab"


def finds(found: str, asked: list[str]) -> Callable[[], str]:
    def measure() -> str:
        asked.append(found)
        return found

    return measure


def test_the_first_measurement_holds_for_all_that_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "_measure_precision", lambda _: "bfloat16")
    assert Engine("cpu").measured_precision == "bfloat16"
    monkeypatch.setattr(Engine, "_measure_precision", lambda _: "float32")
    assert Engine("cpu", threads=7).measured_precision == "bfloat16", "measured twice on one machine"


@pytest.mark.parametrize("found", ["float32", "bfloat16"])
def test_a_machine_is_its_processor_and_torch(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    assert [remembered("cpu", finds(found, asked)) for _ in range(3)] == [found] * 3
    assert asked == [found]
    remembered("mps", finds(found, asked))
    with monkeypatch.context() as patch:
        patch.setattr(precision, "processor", lambda: "another one")
        remembered("cpu", finds(found, asked))
    monkeypatch.setattr(torch, "__version__", "1.0")
    remembered("cpu", finds(found, asked))
    assert len(asked) == 4


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    started = threading.Event()
    answers: list[str] = []
    asked: list[str] = []

    def slow() -> str:
        started.set()
        time.sleep(0.3)
        return "bfloat16"

    first = threading.Thread(target=lambda: answers.append(remembered("cpu", slow)))
    first.start()
    started.wait()
    answers.append(remembered("cpu", finds("float32", asked)))
    first.join()
    assert answers == ["bfloat16", "bfloat16"]
    assert not asked


@pytest.mark.parametrize("content", [b"", b"float", b"\xff\xfe\x00"])
def test_a_broken_file_is_measured_anew_and_mended(content: bytes, cache: Path) -> None:
    remembered("cpu", finds("float32", []))
    (kept,) = cache.glob("*.txt")
    kept.write_bytes(content)
    assert remembered("cpu", finds("bfloat16", [])) == "bfloat16"
    assert remembered("cpu", finds("float32", [])) == "bfloat16"


def test_without_a_usable_folder_each_process_measures(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache.parent.write_text("a file where the folder should be")
    assert remembered("cpu", finds("bfloat16", [])) == "bfloat16"
    assert remembered("cpu", finds("float32", [])) == "float32"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder() == tmp_path / ".cache" / "robustness-lab"


def test_a_full_disk_costs_only_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert remembered("cpu", finds("bfloat16", [])) == "bfloat16"
    assert remembered("cpu", finds("float32", [])) == "float32"


def test_the_processor_is_named() -> None:
    assert precision.processor().strip()
