"""The claims of the thesis (``patsatzi2023``) and of the paper (``sun2024``), answered from the results store
with intervals."""
