"""What everything stands on and knows nothing of the field: errors, files, options, seeds, statistics."""

PRECISIONS = ("auto", "float32", "bfloat16")
"""What networks are run in; auto measures which is faster here."""
