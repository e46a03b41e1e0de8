"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# Two workers with two threads each on two cores would wait for each other: one thread each, in what
# they start too. It has to be said before torch is imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"

import pytest
import torch
from hypothesis import settings

from core.networks.unet import WIDTHS, UNet
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo import checkpoints, elsewhere
from core.zoo.metadata import SuperResolutionMetadata

# The same examples in every run, without deadlines: what passed here passes there, and on a busy machine.
# `pytest --hypothesis-profile default` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """AppTest leaves its page behind as ``__main__``, which processes that are spawned later would run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that a test, or a docstring's example, registers go with it."""
    monkeypatch.setattr(elsewhere, "REGISTERED", {})


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    """Networks that a test builds without a seed are the same in every run."""
    torch.manual_seed(0)


LAB_NAMES = ("sr-x2-std", "sr-x2-rs-0.10", "sr-x2-adv-0.02")


def untrained_checkpoint(name: str, folder: Path, seed: int = 0) -> Path:
    """A valid checkpoint of random weights: for tests of handling, not of quality."""
    identity = SUPER_RESOLUTION.identity(name)
    torch.manual_seed(seed)
    network = UNet(residual=identity.residual)
    for parameter in network.head.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    metadata = SuperResolutionMetadata(
        name=name,
        problem="super_resolution",
        factor=identity.factor,
        objective=identity.objective,
        level=identity.level,
        architecture="unet",
        residual=identity.residual,
        widths=WIDTHS,
        images_seen=0,
        steps=0,
        started_from="",
        recipe={},
        data="none",
        data_digest="",
        seed=seed,
        val_psnr=0.0,
        val_ssim=0.0,
        val_level_psnr=0.0,
        val_level_ssim=0.0,
        trained_on="nothing",
        date="2026-01-01",
    )
    return checkpoints.save(network, metadata, folder)


@pytest.fixture(scope="session")
def untrained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three untrained checkpoints, read only."""
    folder = tmp_path_factory.mktemp("untrained")
    for seed, name in enumerate(LAB_NAMES):
        untrained_checkpoint(name, folder, seed)
    return folder


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def cluster() -> Iterator[object]:
    """A real Dask cluster of two worker processes."""
    distributed = pytest.importorskip("dask.distributed", reason="needs requirements-cluster.txt")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running
