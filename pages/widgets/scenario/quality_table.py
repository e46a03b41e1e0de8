"""PSNR, SSIM and MSE of every estimator of an outcome, clean and attacked, in one table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.experiment.outcome import Outcome
from core.pictures.metrics import Quality
from core.problems.scenario import SMOOTHED
from pages.widgets.page.names import Name
from pages.widgets.page.numbers import signed


def show(outcome: Outcome, called: dict[str, Name]) -> None:
    """Draw the table of the Live lab.

    Args:
        outcome: what to show.
        called: the networks' names, see :mod:`pages.widgets.page.names`.
    """
    pairs = {
        "Bilinear (the measurement)": outcome.baselines["bilinear"],
        "Bicubic": outcome.baselines["bicubic"],
        **{called[name].full: pair for name, pair in outcome.networks.items()},
    }
    pairs[called[SMOOTHED].full] = outcome.chosen.pair
    draw({title: (pair.clean.quality, pair.attacked.quality) for title, pair in pairs.items()})


def draw(rows: dict[str, tuple[Quality, Quality]]) -> None:
    """Draw a table of any estimators; the best attacked figures are bold.

    Args:
        rows: quality of the clean and of the attacked estimate by what the estimator is called.
    """
    best_psnr = max(attacked.psnr for _, attacked in rows.values())
    best_ssim = max(attacked.ssim for _, attacked in rows.values())
    table = pd.DataFrame(
        [_row(clean, attacked, best_psnr, best_ssim) for clean, attacked in rows.values()],
        index=pd.Index(rows, name="Estimator"),
    )
    st.table(table, border="horizontal")


def _row(clean: Quality, attacked: Quality, best_psnr: float, best_ssim: float) -> dict[str, str]:
    return {
        "PSNR clean": f"{clean.psnr:.2f} dB",
        "attacked": _bold(f"{attacked.psnr:.2f} dB", attacked.psnr == best_psnr),
        "difference": f"{signed(attacked.psnr - clean.psnr, 2)} dB",
        "SSIM clean": f"{clean.ssim:.4f}",
        "attacked ": _bold(f"{attacked.ssim:.4f}", attacked.ssim == best_ssim),
        "difference ": signed(attacked.ssim - clean.ssim, 4),
        "MSE clean": f"{clean.mse:.5f}",
        "attacked  ": f"{attacked.mse:.5f}",
        "difference  ": signed(attacked.mse - clean.mse, 5),
    }


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold else text
