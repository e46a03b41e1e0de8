"""The store of results, and tidy summaries of it."""
