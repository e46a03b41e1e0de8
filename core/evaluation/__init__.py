"""Experiments over many photos: grids, drivers, studies, comparisons, timings."""
