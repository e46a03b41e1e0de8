"""``doctor`` and ``--version``: what is there, what is missing, the line that mends it, the status."""

from __future__ import annotations

import json
import platform
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

import core
from core.base.places import CORE, shipped
from core.commands import application
from core.problems import PROBLEMS
from core.problems.names import Identity
from core.problems.tomography import IS_THERE
from core.results import store
from core.zoo import checkpoints

ROOT = Path(__file__).resolve().parents[1]


def asked(*words: str) -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(application, ["doctor", "--json", *words])
    return result.exit_code, json.loads(result.stdout)


def test_it_says_what_is_installed_and_where_things_are() -> None:
    status, checks = asked()
    found = {str(check["what"]): str(check["found"]) for check in checks}
    assert status == 0
    assert platform.python_version() in found["Python"]
    pinned = dict(
        line.split("==") for line in (ROOT / "requirements.txt").read_text().split() if "==" in line
    )
    assert {name: found[name].partition("+")[0] for name in pinned} == {
        name: metadata.version(name).partition("+")[0] for name in pinned
    }
    files = (ROOT / "checkpoints").glob("*.safetensors")
    networks = [path.stem for path in files if Identity.parse(path.stem).problem in PROBLEMS]
    assert IS_THERE or found["deepinv"] == "not there, only for tomography"
    assert found["networks"].startswith(f"{len(networks)} in {ROOT / 'checkpoints'}")
    assert found["precision"].split(",")[0] in ("float32", "bfloat16")


def test_a_missing_package_gets_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    version = metadata.version

    def without(name: str) -> str:
        if name == "safetensors":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", without)
    status, checks = asked()
    assert status == 1
    (missing,) = (check for check in checks if check["what"] == "safetensors")
    assert str(missing["mend"]).startswith('pip install "safetensors==')
    said = CliRunner().invoke(application, ["doctor"]).stdout
    assert "MISSING  safetensors" in said


def test_without_networks_it_says_so_and_what_names_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    monkeypatch.setattr(store, "RESULTS", tmp_path)
    status, checks = asked()
    mends = {str(check["what"]): str(check["mend"]) for check in checks}
    assert status == 1
    assert "LAB_CHECKPOINTS" in mends["networks"]
    assert "LAB_RESULTS" in mends["results"]


def test_the_version_is_said() -> None:
    result = CliRunner().invoke(application, ["--version"])
    assert (result.exit_code, result.stdout.strip()) == (0, core.__version__)


def test_the_package_holds_every_folder_that_the_code_asks_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What core asks :func:`shipped` for is what setup.py puts into the package, with files."""
    asked_for = set()
    for path in CORE.rglob("*.py"):
        parts = path.read_text(encoding="utf-8").split('shipped("')[1:]
        asked_for |= {part.partition('"')[0] for part in parts}
    put: dict[str, object] = {}
    monkeypatch.setattr("setuptools.setup", lambda **given: put.update(given))
    monkeypatch.chdir(ROOT)
    exec((ROOT / "setup.py").read_text(), {})
    files = put["package_data"]
    assert isinstance(files, dict)
    assert {name.rpartition(".")[2] for name in files} == asked_for
    for name, patterns in files.items():
        assert all(list((ROOT / name.rpartition(".")[2]).glob(pattern)) for pattern in patterns)
    assert "core.attacks" in put["packages"]  # type: ignore[operator]
    monkeypatch.setattr("core.base.places.CORE", tmp_path / "core")
    assert shipped("results") == tmp_path / "results"
    (tmp_path / "core" / "shipped" / "results").mkdir(parents=True)
    assert shipped("results") == tmp_path / "core" / "shipped" / "results"
