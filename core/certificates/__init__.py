"""Guarantees for smoothed estimators: bounds that hold with a stated confidence, or none.

Classes: ``cohen2019``; medians (A, D): ``chiang2020``; means (C): ``salman2019``, ``maurer2009``; centers
(F): ``kumar2021``; exact limits of probabilities: ``clopper1934``. What ``sun2024`` prints is here to be
refuted.
"""
