"""Device, precision and threads: where and how networks are run."""
