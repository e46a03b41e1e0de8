"""Panels of stored results and studies."""
