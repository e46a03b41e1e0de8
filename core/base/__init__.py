"""What everything stands on and knows nothing of the field: errors, files, options, seeds, statistics."""
