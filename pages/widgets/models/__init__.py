"""The networks: list, card, adding one's own."""
