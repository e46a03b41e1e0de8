"""Perturbations of the measurement: L2 geometry, objectives, projected gradient ascent.

One step: ``goodfellow2015``; PGD: ``madry2018``, as ``patsatzi2023`` runs it; APGD: ``croce2020``; without
gradients: ``spall1992``, ``uesato2018``; on a smoothed classifier: ``salman2019``.
"""
