"""What Dockerfile and compose file name is there; building them needs a daemon that tests do not have."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_all_that_is_copied_is_there_and_all_that_runs_is_copied() -> None:
    lines = re.findall(r"^COPY (.+) (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    copied = [source for sources, _ in lines for source in sources.split()]
    assert all((ROOT / source).exists() for source in copied)
    assert {"app.py", "core", "pages", ".streamlit", "checkpoints", "results", "talks"} <= set(copied)


def test_every_service_starts_what_there_is() -> None:
    yaml = pytest.importorskip("yaml", reason="needs requirements-cluster.txt")
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert services["worker"]["deploy"]["replicas"] == 2
    for name in ("scheduler", "worker"):
        python, module, dask, what, *options = services[name]["command"]
        assert (python, module, dask, what) == ("python", "-m", "dask", name)
        options = [each for each in options if each.startswith("--")]
        told = subprocess.run([sys.executable, "-m", dask, what, "--help"], capture_output=True, text=True)
        assert all(option.replace("--no-", "--") in told.stdout for option in options)
        assert all(other in services for other in services[name].get("depends_on", []))
    address = services["app"]["environment"]["LAB_CLUSTER"]
    assert address == services["worker"]["command"][4] == "tcp://scheduler:8786"
