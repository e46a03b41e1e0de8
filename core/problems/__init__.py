"""Inverse problems, one file each, and the registry of them.

Super-resolution: ``patsatzi2023``; denoising and sensing: ``sun2024``, in the blocks of ``kulkarni2016``.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.base.errors import UserError
from core.problems.deblurring import DEBLURRING
from core.problems.denoising import DENOISING
from core.problems.digits.problem import DIGITS
from core.problems.inpainting import INPAINTING
from core.problems.names import Identity
from core.problems.problem import Problem
from core.problems.scenario import PhotoScenario
from core.problems.sensing import COMPRESSED_SENSING
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import SUPER_RESOLUTION
from core.problems.tomography import IS_THERE, TOMOGRAPHY

PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (
        SUPER_RESOLUTION,
        DENOISING,
        COMPRESSED_SENSING,
        INPAINTING,
        DEBLURRING,
        *[TOMOGRAPHY] * IS_THERE,
        SMALL_PICTURE,
        DIGITS,
    )
}
"""By name, in the order of listings."""


def restoring() -> dict[str, Problem]:
    """The problems whose networks restore pictures, as they are registered now."""
    return {name: problem for name, problem in PROBLEMS.items() if not problem.classes}


def problem_of(network: str) -> Problem:
    """The problem that a network solves, by the network's name.

    Raises:
        UserError: if the name is no network's.
    """
    return PROBLEMS[Identity.parse(network).problem]


def scenario_of(query: Mapping[str, str]) -> PhotoScenario:
    """The scenario that a talk says: of the problem that its checkpoint solves, or of the first.

    Raises:
        UserError: if the checkpoint is no network's name, or of one that restores no pictures, or a value
            cannot be read or is out of range.
    """
    problem = problem_of(query["checkpoint"]) if "checkpoint" in query else next(iter(PROBLEMS.values()))
    found = problem.scenario.from_query(query)
    if not isinstance(found, PhotoScenario):
        raise UserError(f"{found.checkpoint} restores no pictures: take sr-x2-std, dn-ord or cs-ord.")
    return found
