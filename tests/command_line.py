"""The command line in this process: starting Python and torch anew takes longer than most commands."""

from __future__ import annotations

import sys

import pytest

from core.commands import main


def said(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command line says to words that it must refuse, with status 2."""
    monkeypatch.setattr(sys, "argv", ["core", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return capsys.readouterr().err
