"""Reconstructions without learning, and the comparison with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from core.commands import application
from core.evaluation.inverse.baselines import baselines
from core.evaluation.inverse.comparison import clean_quality, summary
from core.evaluation.inverse.evaluation import Pictures
from core.experiment.inverse.scenario import InverseScenario
from core.pictures import images, metrics
from core.problems.reconstruction import Setting
from core.runtime.session import Lab


@pytest.fixture(scope="module")
def crop() -> torch.Tensor:
    grey = Image.fromarray(images.resized(images.bundled("camera"), 192)).convert("L")
    return torch.from_numpy(np.asarray(grey)[40:106, 60:126] / np.float32(255)).view(1, 1, 66, 66)


def _psnr(name: str, signal: torch.Tensor, setting: Setting, truth: torch.Tensor) -> float:
    output = baselines(setting.problem)[name](signal, setting)
    assert output.shape == truth.shape
    assert output.dtype == truth.dtype
    return metrics.psnr(output.clamp(0, 1), truth).item()


def test_the_pseudo_inverse_is_numpys(crop: torch.Tensor) -> None:
    setting = Setting("compressed_sensing", 0.0, 0.2)
    found = baselines(setting.problem)["pseudo-inverse"](crop, setting)
    phi = setting.operator.matrix(crop.double()).numpy()
    block = crop[0, 0, :33, 33:].double().numpy().ravel()
    np.testing.assert_allclose(
        found[0, 0, :33, 33:].numpy().ravel(), np.linalg.pinv(phi) @ phi @ block, atol=1e-5
    )


def test_total_variation_beats_the_linear_estimate_and_keeps_the_measurement(crop: torch.Tensor) -> None:
    setting = Setting("compressed_sensing", 0.0, 0.25)
    linear, variation = (_psnr(name, crop, setting, crop) for name in ("linear", "tv"))
    assert _psnr("pseudo-inverse", crop, setting, crop) < linear < variation
    estimate = baselines(setting.problem)["tv"](crop, setting)
    apart = setting.operator.A(estimate) - setting.operator.A(crop)
    assert apart.norm() < 0.02 * setting.operator.A(crop).norm()


def test_both_denoisers_denoise(crop: torch.Tensor) -> None:
    setting = Setting("denoising", 15.0)
    noisy = setting.measured(crop, [0])
    raw = _psnr("measurement", noisy, setting, crop)
    assert raw == pytest.approx(-20 * np.log10(15 / 255), abs=0.5)
    for name in ("tv", "nlm"):
        assert _psnr(name, noisy, setting, crop) > raw + 2
        silent = Setting("denoising", 0.0)
        assert torch.equal(baselines("denoising")[name](crop, silent), crop)


@pytest.mark.parametrize("prefix", ["dn", "cs"])
def test_margins_are_paired_over_pictures(prefix: str, inverse_lab: Lab, tmp_path: Path) -> None:
    for name in ("camera", "coffee"):
        Image.fromarray(images.resized(images.bundled(name), 170)).save(tmp_path / f"{name}.png")
    scenario = InverseScenario(checkpoint=f"{prefix}-ord", short_side=0, size=33)
    rows = clean_quality(inverse_lab, [f"{prefix}-ord"], scenario, Pictures.read(tmp_path))
    table = summary(rows).set_index("estimator")
    best = rows[~rows["learned"]].groupby("estimator")["psnr"].mean().idxmax()
    expected = (
        rows.query(f"estimator == '{prefix}-ord'")["psnr"].mean()
        - rows.query(f"estimator == '{best}'")["psnr"].mean()
    )
    assert table.loc[f"{prefix}-ord", "over"] == best
    assert table.loc[f"{prefix}-ord", "margin"] == pytest.approx(expected)
    assert np.isnan(table.loc[best, "margin"])
    words = ["inverse", "baselines", f"{prefix}-ord", "--data", str(tmp_path), "--size", "33"]
    printed = CliRunner().invoke(
        application, [*words, "--checkpoints", str(inverse_lab.folder), "--threads", "1"]
    )
    assert f"over {best}" in printed.output
    assert "[one picture]" not in printed.output
    words += ["--limit", "1"]
    alone = CliRunner().invoke(
        application, [*words, "--checkpoints", str(inverse_lab.folder), "--threads", "1"]
    )
    assert alone.exit_code == 0, alone.exception
    assert "[one picture]" in alone.output
    assert "nan" not in alone.output
