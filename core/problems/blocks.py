"""Sizes of compressed sensing that are needed where torch is not."""

from __future__ import annotations

BLOCK = 33
"""Side of the blocks that compressed sensing measures one by one (Kulkarni et al. 2016)."""

RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Sensing ratios m/n of the training (paper, appendix B)."""
