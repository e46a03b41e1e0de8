"""Pieces that several pages use; each owns its state and offers one function."""
