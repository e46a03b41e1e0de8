"""Controls of a scenario, and panels of its outcome."""
