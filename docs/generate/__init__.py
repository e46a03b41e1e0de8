"""What README and docs say of the store, the networks and the code: ``python -m docs.generate`` writes it."""
