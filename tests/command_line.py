"""The command line in this process: starting Python and torch anew takes longer than most commands."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch

from core.commands import main


def call(*words: str, encoding: str = "utf-8") -> CompletedProcess[str]:
    """What ``python -m core`` answers, on streams of this encoding; an exception is the test's."""
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    status = 0
    with redirect_stdout(output), redirect_stderr(errors), patch.object(sys, "argv", ["core", *words]):
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
    for stream in (output, errors):
        stream.seek(0)
    return CompletedProcess(words, status, output.read(), errors.read())


def said(*words: str) -> str:
    """What the command line says to words that it must refuse, with status 2."""
    done = call(*words)
    assert done.returncode == 2
    return done.stderr
