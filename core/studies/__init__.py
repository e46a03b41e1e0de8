"""Studies over a set of photos: how strong attacks really are, what can be guaranteed."""
