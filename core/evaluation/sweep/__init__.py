"""The evaluation (``patsatzi2023``, chapter 4): grids of scenarios into the results store, resumable, here or
on a cluster."""
