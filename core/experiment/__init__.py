"""One experiment from photo to figures: scenario, run, outcome, traces."""
