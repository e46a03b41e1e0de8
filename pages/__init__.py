"""Pages: each reads widgets, calls core and lays out."""
