"""The evaluation of digits."""
