"""Device, precision and threads: where and how networks are run."""

PRECISIONS = ("auto", "float32", "bfloat16")
"""What networks are run in; auto measures which is faster here."""
