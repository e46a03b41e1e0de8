"""The start module, for users that a server may have."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AS_NOBODY = """
import pwd, runpy, sys

def unknown(user):
    raise KeyError(user)

pwd.getpwuid = unknown
runpy.run_module(sys.argv[1], run_name="__main__", alter_sys=True)
"""
"""Runs a module as for a user without an entry in the system's list."""


def test_the_app_starts_without_a_home_folder(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    known = {name: value for name, value in os.environ.items() if name not in ("HOME", "USER", "LOGNAME")}
    said = tmp_path / "said"
    with said.open("wb") as output, subprocess.Popen(
        [sys.executable, "-c", AS_NOBODY, "pages", "--server.port", port, "--server.headless", "true"],
        cwd=ROOT, env={**known, "TMPDIR": str(tmp_path)}, stdout=output, stderr=subprocess.STDOUT,
    ) as server:  # fmt: skip
        try:
            deadline, healthy = time.monotonic() + 60, False
            while not healthy and server.poll() is None and time.monotonic() < deadline:
                try:
                    with urllib.request.urlopen(
                        f"http://127.0.0.1:{port}/_stcore/health", timeout=1
                    ) as answer:
                        healthy = answer.read() == b"ok"
                except OSError:
                    time.sleep(0.2)
            assert healthy, said.read_text(encoding="utf-8")
        finally:
            server.terminate()
    assert not list(tmp_path.glob("robustness-lab-home-*"))
