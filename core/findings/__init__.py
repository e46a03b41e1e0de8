"""The thesis's claims about the trade-off, answered from the results store with intervals."""
