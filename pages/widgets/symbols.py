"""What the symbols mean, in one place that every page can open."""

from __future__ import annotations

import streamlit as st

_MEANING = """
| symbol | meaning |
|---|---|
| x | ground truth: the 160×160 crop of the photo |
| y | measurement: x shrunk with antialiasing, enlarged bilinearly, standardised per colour |
| e, ε | perturbation of y, and the limit of its length: ‖e‖₂ ≤ ε = √d · ε_rel, with d values in a picture |
| ε_rel | attack strength: RMS of the perturbation per standardised value; 0.01 is 0.7 grey levels of 255 |
| f | base estimator: the network as trained |
| σ_f | standard deviation of the noise that f saw in training |
| ĝ | smoothed estimate: mean of f(y + δ) over k draws of noise δ with standard deviation σ_g |
| σ_g, k | smoothing noise, and number of draws |
| PGD | projected gradient ascent: steps uphill in ‖f(y + e) − x‖², each back into the ball of radius ε |
| APGD, FGM | the same with momentum and steps that adapt; one step of length ε |
| M | draws that an attack on ĝ itself averages at every step; the estimate has k others |
| PSNR, SSIM, MSE | signal-to-noise ratio in dB, structural similarity (at most 1), mean squared error |
"""


def show() -> None:
    """A closed box with the table."""
    with st.expander("What the symbols mean", icon=":material/help:"):
        st.markdown(_MEANING)
