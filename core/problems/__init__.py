"""Inverse problems, one file each, and the registry of them.

Super-resolution: ``patsatzi2023``; denoising and sensing: ``sun2024``, in the blocks of ``kulkarni2016``.
"""

from __future__ import annotations

from core.base.errors import UserError
from core.problems.deblurring import DEBLURRING
from core.problems.denoising import DENOISING
from core.problems.inpainting import INPAINTING
from core.problems.names import Identity
from core.problems.problem import Problem
from core.problems.sensing import COMPRESSED_SENSING
from core.problems.super_resolution import SUPER_RESOLUTION

PROBLEMS: dict[str, Problem] = {
    problem.name: problem
    for problem in (SUPER_RESOLUTION, DENOISING, COMPRESSED_SENSING, INPAINTING, DEBLURRING)
}
"""By name, in the order of listings."""


def problem_of(network: str) -> Problem:
    """The problem that a network solves, by the network's name.

    Raises:
        UserError: if the name is no network's, or of one that restores no pictures.
    """
    name = Identity.parse(network).problem
    if name not in PROBLEMS:
        raise UserError(f"{network} restores no pictures: take sr-x2-std, dn-ord or cs-ord.")
    return PROBLEMS[name]
