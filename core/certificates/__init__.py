"""Guarantees for smoothed estimators: bounds that hold with a stated confidence, or none."""
