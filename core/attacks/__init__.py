"""Perturbations of the measurement: L2 geometry, objectives, projected gradient ascent."""
