"""The evaluation: grids of scenarios into the results store, resumable, here or on a cluster."""
