"""The experiment for digits."""
