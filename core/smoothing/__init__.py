"""Noisy copies, the smoothed estimate, and the error that attacks on it climb."""
