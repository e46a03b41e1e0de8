"""The thesis's tables, ours beside the published ones, as frames and as text."""
