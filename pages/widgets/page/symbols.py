"""What the symbols mean, in one place that every page can open."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, THESIS, cite

_MEANING = f"""
| symbol | meaning |
|---|---|
| x | ground truth: the crop of the photo, in grey for the linear problems |
| y | measurement. Super-resolution: x shrunk with antialiasing, enlarged bilinearly, standardised per colour. Linear problems: A x + b, with measurement noise b of standard deviation σ_b grey levels |
| m/n | compressed sensing: measured values per pixel, in 33×33 blocks of n = 1,089 |
| e, ε | the attack's perturbation, and the limit of its length: ‖e‖₂ ≤ ε. It is added to the measurement of super-resolution, to the signal of the linear problems (ξ in {cite(PAPER)}) |
| ε_rel | attack strength: RMS of the perturbation per standardised value; 0.01 is 0.7 grey levels of 255. Of linear problems ε is the RMS in grey levels |
| f | base estimator: the network as trained |
| σ_f | standard deviation of the noise that f saw in training |
| ĝ | smoothed estimate ({cite(THESIS)}): mean of f over k draws of noise with standard deviation σ_g (σ of the linear problems, in grey levels) |
| M | draws that an attack on ĝ itself averages at every step; the estimate has k others |
| discrepancy | mean squared difference between one draw and f's output, pixels in [0, 1]; its root × 255 is in grey levels |
| certified | a limit which, with probability 1 − α over the draws, half of all draws keep for *every* e up to ε |
| Ord, Jcb, Adv, Smt-Adv, Smt-Grad | ways of training ({cite(PAPER)}): ordinary; with a penalty on the Jacobian's largest singular value; on attacks of f; on attacks of the smoothed f; with gradients averaged over noise of rising strength |
| PGD | projected gradient ascent ({cite("madry2018")}): steps uphill in the squared error, each back into the ball of radius ε |
| APGD, FGM | the same with momentum and steps that adapt ({cite("croce2020")}); one step of length ε ({cite("goodfellow2015")}) |
| PSNR, SSIM, MSE | signal-to-noise ratio in dB, structural similarity (at most 1), mean squared error |
"""  # noqa: E501


def show() -> None:
    """A closed box with the table."""
    with st.expander("What the symbols mean", icon=":material/help:"):
        st.markdown(_MEANING)
