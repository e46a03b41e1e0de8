"""What the symbols mean, in one place that every page can open."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, THESIS, cite

_MEANING = f"""
| symbol | meaning |
|---|---|
| x | ground truth: the 160×160 crop of the photo |
| y | measurement: x shrunk with antialiasing, enlarged bilinearly, standardised per colour |
| e, ε | perturbation of y, and the limit of its length: ‖e‖₂ ≤ ε = √d · ε_rel, with d values in a picture |
| ε_rel | attack strength: RMS of the perturbation per standardised value; 0.01 is 0.7 grey levels of 255 |
| f | base estimator: the network as trained |
| σ_f | standard deviation of the noise that f saw in training |
| ĝ | smoothed estimate ({cite(THESIS)}): mean of f(y + δ) over k draws of noise δ with standard deviation σ_g |
| σ_g, k | smoothing noise, and number of draws |
| PGD | projected gradient ascent ({cite("madry2018")}): steps uphill in ‖f(y + e) − x‖², each back into the ball of radius ε |
| APGD, FGM | the same with momentum and steps that adapt ({cite("croce2020")}); one step of length ε ({cite("goodfellow2015")}) |
| M | draws that an attack on ĝ itself averages at every step; the estimate has k others |
| PSNR, SSIM, MSE | signal-to-noise ratio in dB, structural similarity (at most 1), mean squared error |
"""  # noqa: E501

INVERSE = f"""
| symbol | meaning |
|---|---|
| x | ground truth: a grey crop of the photo, black 0 and white 1 |
| y = A(x + ξ) + b | measurement of the signal, attacked if ξ is not 0; for denoising A leaves it as it is, for compressed sensing it takes m of the n = 1,089 values of each 33×33 block |
| b, σ_b | measurement noise, and its standard deviation in grey levels of 255 |
| m/n | measured values per pixel |
| ξ, ε | the attack, which lives in the signal: its RMS in grey levels, or its length ‖ξ‖₂ ≤ ε with pixels in [0, 1] |
| f | base network: the reconstruction f(y) |
| σ, S | smoothing noise δ in grey levels, added to the signal; number of draws f(y + Aδ) |
| smoothed | the mean of these S draws |
| discrepancy | mean squared difference between one draw and f(y), pixels in [0, 1]; its root × 255 is in grey levels |
| certified | a limit which, with probability 1 − α over the draws, half of all draws keep for *every* ξ up to ε |
| Ord, Jcb | ordinary training; with a penalty on the Jacobian's largest singular value (these and the next: {cite(PAPER)}) |
| Adv, Smt-Adv | training on attacks of f; on attacks of the smoothed f |
| Smt-Grad | training with gradients averaged over noise of rising strength |
| PGD, APGD | projected gradient ascent in ‖f(y) − x‖²; the same with momentum and steps that adapt |
| PSNR, SSIM, MSE | signal-to-noise ratio in dB, structural similarity (at most 1), mean squared error |
"""  # noqa: E501
"""The same for denoising and compressed sensing."""


def show(meaning: str = _MEANING) -> None:
    """A closed box with the table."""
    with st.expander("What the symbols mean", icon=":material/help:"):
        st.markdown(meaning)
