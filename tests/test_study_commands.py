"""certify and study as a person calls them, with little effort."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from core.base.errors import UserError
from core.certificates.registry import BOUNDS
from core.commands import application
from core.evaluation.studies.checklist import ITEMS
from core.pictures import images
from core.results.store import Store


def answer(*words: str) -> Any:
    done = CliRunner().invoke(application, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    Image.fromarray(images.resized(images.bundled("chelsea"), 192)).save(folder / "chelsea.png")
    return folder


def test_certify_prints_every_certificate_with_units() -> None:
    result = answer("certify", "--image", "chelsea", "--samples", "60", "--no-attack")
    assert [entry["certificate"] for entry in result["certificates"]] == list(BOUNDS)
    for entry in result["certificates"]:
        bounds = [row["bound"] for row in entry["radii"]]
        assert entry["guarantee"]
        if entry["is_certificate"]:
            assert bounds[-1] is None, "ε = 4σ is beyond 60 samples"
        row = entry["radii"][0]
        assert row["epsilon"] == pytest.approx(row["eps_rel"] * 76_800**0.5)
        assert row["grey_levels"] == pytest.approx(69.5 * row["eps_rel"], rel=0.01)
    by_name = {entry["certificate"]: entry for entry in result["certificates"]}
    assert by_name["percentile_error"]["radii"][0]["bound"] > by_name["percentile_error"]["radii"][0]["clean"]
    rates = result["forwards_per_second"]
    assert rates["ratio"] == pytest.approx(rates["sampling"] / rates["one_at_a_time"])


def test_study_fills_the_store_and_judges_it(photos: Path, tmp_path: Path) -> None:
    words = ("study", "attacks", "--data", str(photos), "--results", str(tmp_path), "--eps-rel", "0.05",
             "--curve", "0", "--steps", "1", "--long", "2", "--restarts", "2", "--attack-samples", "1",
             "--attack-samples", "2", "--samples", "2", "--transfer", "sr-x2-adv-0.10")  # fmt: skip
    items = {item["name"]: item for item in answer(*words)}
    assert list(items) == list(ITEMS)
    assert items["‖e‖ ≤ ε"]["status"] == "passed"
    assert items["Transfer tried, worst per image kept"]["status"] == "passed"
    assert items["Equal compute for each defence"]["status"] == "failed", "M times the gradients"
    rows = Store("attacks", tmp_path).read()
    assert set(rows["eps_rel"]) == {0.0, 0.05}
    assert (tmp_path / "attack_paths.parquet").exists()
    before = (tmp_path / "attacks.parquet").read_bytes()
    answer(*words)
    assert (tmp_path / "attacks.parquet").read_bytes() == before
    assert pd.read_parquet(tmp_path / "attacks.parquet")["key"].is_unique
    # Without photos the same is read from the store.
    assert {item["name"]: item for item in answer("study", "attacks", "--results", str(tmp_path))} == items
    shown = CliRunner().invoke(application, ["study", "attacks", "--results", str(tmp_path)])
    assert "ε_rel = 0.05 (3.5 grey levels): thesis's attack on f" in shown.output
    assert "dB more [one picture], the strongest" in shown.output
    assert "Each under the strongest attack tried on it" in shown.output
    assert "0.05 sr-x2-adv-0.10" in shown.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("certify", "--samples", "5"), "samples is 5: it must lie between 6"),
        (("certify", "--sigma", "0"), "sigma is 0.0: it must lie"),
        (("study", "certificates", "--alpha", "2"), "alpha is 2.0: it must lie"),
        (("certify", "--image", "mona_lisa"), "neither a file nor a bundled photo"),
        (("study", "attacks", "--data", "/no/such/folder"), "holds no photos"),
        (("study", "certificates", "--data", ".", "--checkpoint", "sr-x2-std"), "--sigma"),
        (("study", "certificates", "--results", "/no/such/folder"), "no such study of sr-x2-rs-0.40"),
        (("curves", "--results", "/no/such/folder"), "no such results"),
        (("curves", "--quality", "beauty"), "mse, psnr, ssim"),
    ],
)
def test_mistakes_are_user_errors(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        CliRunner().invoke(application, list(words), catch_exceptions=False)
