"""The science of the robustness lab: operators, networks, attacks, smoothing, metrics.

Publications are named by their keys in ``docs/references.bib``: “the thesis” is ``patsatzi2023``, “the
paper” ``sun2024``.

Nothing in this package imports Streamlit. The modules stand in the order of the data's
way (photo, measurement, perturbation, estimate, metric, figure) and import only what
stands before them. Importing ``core`` itself loads nothing; torch comes with the first
module that computes.
"""
