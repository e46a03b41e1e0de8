"""Studies over a set of photos: how strong attacks really are (against ``patsatzi2023``, appendix A.3), what
can be guaranteed."""
