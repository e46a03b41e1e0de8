"""The tables of the thesis (``patsatzi2023``) and of the paper (``sun2024``), ours beside the published
ones, as frames and as text."""
