"""Plotly figures: pure functions of DataFrames. Nothing else in core imports plotly.

Colours are those of ``okabe2008``.
"""
