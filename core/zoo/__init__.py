"""Trained networks: their names, metadata and files, shipped, added or exported."""
