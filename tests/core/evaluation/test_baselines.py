"""Reconstructions without learning, and the comparison with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from core.commands import application
from core.evaluation.baselines import clean_quality, summary
from core.evaluation.photos import Photos
from core.pictures import images, metrics
from core.problems import problem_of
from core.problems.denoising import DENOISING, DenoisingScenario
from core.problems.linear import LinearInverse
from core.problems.problem import Observation
from core.problems.scenario import Scenario
from core.problems.sensing import COMPRESSED_SENSING, BlockSensing, SensingScenario
from core.runtime.session import Lab


@pytest.fixture(scope="module")
def crop() -> torch.Tensor:
    grey = Image.fromarray(images.resized(images.bundled("camera"), 192)).convert("L")
    return torch.from_numpy(np.asarray(grey)[40:106, 60:126] / np.float32(255)).view(1, 1, 66, 66)


def _classical(name: str, scenario: Scenario, observation: Observation) -> torch.Tensor:
    problem = scenario.problem
    assert isinstance(problem, LinearInverse)
    output = observation.wrap(problem.classical(scenario)[name])(observation.point)
    assert output.shape == observation.target.shape
    assert output.dtype == observation.target.dtype
    return output


def _psnr(name: str, scenario: Scenario, observation: Observation) -> float:
    return metrics.psnr(_classical(name, scenario, observation).clamp(0, 1), observation.target).item()


def test_the_pseudo_inverse_is_numpys(crop: torch.Tensor) -> None:
    scenario = SensingScenario(ratio=0.2)
    found = _classical("pseudo-inverse", scenario, COMPRESSED_SENSING.observe(crop, scenario, [0]))
    phi = BlockSensing(0.2).matrix(crop.double()).numpy()
    block = crop[0, 0, :33, 33:].double().numpy().ravel()
    np.testing.assert_allclose(
        found[0, 0, :33, 33:].numpy().ravel(), np.linalg.pinv(phi) @ phi @ block, atol=1e-5
    )


def test_total_variation_beats_the_linear_estimate_and_keeps_the_measurement(crop: torch.Tensor) -> None:
    scenario, operator = SensingScenario(ratio=0.25), BlockSensing(0.25)
    observation = COMPRESSED_SENSING.observe(crop, scenario, [0])
    linear, variation = (_psnr(name, scenario, observation) for name in ("linear", "tv"))
    assert _psnr("pseudo-inverse", scenario, observation) < linear < variation
    apart = operator.A(_classical("tv", scenario, observation)) - operator.A(crop)
    assert apart.norm() < 0.02 * operator.A(crop).norm()


def test_both_denoisers_denoise(crop: torch.Tensor) -> None:
    scenario, silent = DenoisingScenario(sigma_b=15.0), DenoisingScenario(sigma_b=0.0)
    noisy, clean = (DENOISING.observe(crop, each, [0]) for each in (scenario, silent))
    raw = _psnr("measurement", scenario, noisy)
    assert raw == pytest.approx(-20 * np.log10(15 / 255), abs=0.5)
    for name in ("tv", "nlm"):
        assert _psnr(name, scenario, noisy) > raw + 2
        assert torch.equal(_classical(name, silent, clean), crop)


@pytest.mark.parametrize("prefix", ["dn", "cs"])
def test_margins_are_paired_over_pictures(prefix: str, inverse_lab: Lab, tmp_path: Path) -> None:
    for name in ("camera", "coffee"):
        Image.fromarray(images.resized(images.bundled(name), 170)).save(tmp_path / f"{name}.png")
    scenario = problem_of(f"{prefix}-ord").scenario(checkpoint=f"{prefix}-ord", short_side=0).replace(size=33)
    rows = clean_quality(inverse_lab, [f"{prefix}-ord"], scenario, Photos.read(tmp_path))
    table = summary(rows).set_index("estimator")
    best = rows[~rows["learned"]].groupby("estimator")["psnr"].mean().idxmax()
    expected = (
        rows.query(f"estimator == '{prefix}-ord'")["psnr"].mean()
        - rows.query(f"estimator == '{best}'")["psnr"].mean()
    )
    assert table.loc[f"{prefix}-ord", "over"] == best
    assert table.loc[f"{prefix}-ord", "margin"] == pytest.approx(expected)
    assert np.isnan(table.loc[best, "margin"])
    words = ["baselines", f"{prefix}-ord", "--data", str(tmp_path), "--size", "33"]
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
