"""The columns of the store's tables that their readers rely on, and what each holds.

What the columns mean is in ``results/README.md``; a table may have more of them.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXT, WHOLE, NUMBER, TRUTH = "text", "whole numbers", "numbers", "true or false"


def _columns(text: str, whole: str, number: str, truth: str = "") -> dict[str, str]:
    kinds = {TEXT: text, WHOLE: whole, NUMBER: number, TRUTH: truth}
    return {"key": TEXT} | {name: kind for kind, names in kinds.items() for name in names.split()}


_STUDY = "study image image_digest checkpoint digest"
_ATTEMPT = "attempt attack made_on attack_noise start keep"

_DRAWN = (
    "psnr_median ssim_median psnr_published ssim_published median certified certified_quarter certified_half "
    "certified_one as_published"
)

_OF_STRONGEST = _columns("attack_on attempt", "", "psnr_of_median ssim_of_median")
"""Further columns of evaluations under the strongest attacks."""

_EVALUATED: Mapping[str, Mapping[str, str]] = {
    "super_resolution": _columns(
        "split objective estimator digest image image_digest attack keep",
        "factor attack_steps samples",
        "level eps_rel epsilon norm sigma_g mse psnr ssim",
        "residual",
    ),
    "evaluations": _columns(
        "problem dataset split setting estimator objective image attack keep",
        "side samples attack_steps",
        "level eps epsilon norm sigma mse psnr ssim",
    ),
    "inverse_problems": _columns(
        "problem dataset network objective image attack keep",
        "side samples attack_steps",
        "sigma_b ratio eps epsilon norm sigma mse psnr ssim",
    ),
}

_STRONGEST = {
    f"{name}_{attacks}": {**columns, **_OF_STRONGEST}
    for name, columns in _EVALUATED.items()
    for attacks in ("strongest", "strongest_ssim")
}

TABLES: Mapping[str, Mapping[str, str]] = {
    **_EVALUATED,
    **_STRONGEST,
    "attack_budget": _STRONGEST["super_resolution_strongest"],
    "attacks": _columns(
        f"{_STUDY} {_ATTEMPT} tested_on noise_set attacked_output",
        "attack_samples steps gradients draw samples dimension",
        "sigma_g eps_rel epsilon grey_levels norm company_effect mse psnr ssim",
        "box chosen",
    ),
    "attack_paths": _columns(
        f"{_STUDY} {_ATTEMPT}", "attack_samples steps iteration", "sigma_g eps_rel loss", "box"
    ),
    "certificates": _columns(
        f"{_STUDY} certificate letter bounded unit",
        "samples measure dimension attack_steps attack_samples",
        "sigma epsilon eps_rel grey_levels ratio alpha bound clean measured",
        "is_certificate",
    ),
    "falsification": _columns(
        f"{_STUDY} attack reading", "", "sigma epsilon eps_rel ratio claimed median low high", "exceeded"
    ),
    "digits_attacks": _columns(
        "network digest attack", "number label answer steps votes", "sigma epsilon norm", "correct"
    ),
    "digits_certificates": _columns(
        "network digest", "number label answer candidate votes n0 n", "sigma radius p_lower alpha", "correct"
    ),
    "digits_challenges": _columns("network digest", "number restarts steps flipped", "sigma radius norm"),
    "evaluations": {**_EVALUATED["evaluations"], **_columns("", "", _DRAWN)},
    "inverse_problems": {**_EVALUATED["inverse_problems"], **_columns("", "", _DRAWN)},
}
"""What each column of a table holds, by the table's name."""
