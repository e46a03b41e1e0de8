"""The science of the robustness lab: operators, networks, attacks, smoothing, metrics.

Publications are named by their keys in ``docs/references.bib``: “the thesis” is ``patsatzi2023``, “the
paper” ``sun2024``.

Nothing in this package imports Streamlit. The modules stand in the order of the data's
way (photo, measurement, perturbation, estimate, metric, figure) and import only what
stands before them. Importing ``core`` itself loads nothing; torch comes with the first
module that computes.

For networks of your own: :func:`attack`, :func:`smooth`, :func:`certify`, of :mod:`core.experiment.api`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.experiment.api import attack, certify, smooth

__all__ = ["attack", "certify", "smooth"]
__version__ = "0.2.0"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    from core.experiment import api

    return getattr(api, name)
