"""Photos, their colours and units, regions, metrics and rendering."""
