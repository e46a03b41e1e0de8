"""The image viewer, and what it is given."""
