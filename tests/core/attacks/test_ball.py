"""Steps and constraints at every scale: unit directions, the ball, and the box at once."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.attacks import ball
from core.attacks.objectives import BaseError
from core.attacks.registry import ATTACKS
from core.attacks.terms import Terms
from core.pictures import units

SHAPE = (3, 4, 5)


@pytest.mark.parametrize(
    ("scale", "dtype"),
    [
        *((scale, torch.float32) for scale in (1e-41, 1e-30, 1e-8, 1.0, 1e20, 1e38)),
        *((scale, torch.float64) for scale in (1e-320, 1e-200, 1.0, 1e200, 1e307)),
    ],
)
def test_a_direction_of_any_scale_becomes_a_unit_vector(
    scale: float, dtype: torch.dtype, generator: torch.Generator
) -> None:
    direction = torch.rand(2, *SHAPE, generator=generator, dtype=torch.float64) + 0.5
    found = ball.normalised((direction * scale).to(dtype))
    expected = direction / direction.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    torch.testing.assert_close(
        found, expected.to(dtype), rtol=2e-3 if scale in (1e-41, 1e-320) else 1e-5, atol=0
    )


@pytest.mark.parametrize("value", [0.0, torch.nan, torch.inf, -torch.inf])
def test_a_direction_that_is_none_becomes_zero_and_leaves_its_neighbours_alone(value: float) -> None:
    directions = torch.ones(2, *SHAPE)
    directions[1] = 0.0
    directions[1, 0, 0, 0] = value
    found = ball.normalised(directions)
    assert torch.equal(found[1], torch.zeros(SHAPE))
    assert ball.norms(found)[0].item() == pytest.approx(1.0)


BOXES = {
    "standardised": (units.standardise(torch.zeros(1, 3, 1, 1)), units.standardise(torch.ones(1, 3, 1, 1))),
    "pixel values": (torch.zeros(()), torch.ones(())),
}


@settings(max_examples=200, deadline=None)
@given(
    space=st.sampled_from(sorted(BOXES)),
    boxed=st.booleans(),
    masked=st.booleans(),
    attack=st.sampled_from(sorted(ATTACKS)),
    norm=st.sampled_from(sorted(ball.BALLS)),
    exponent=st.floats(-7, 1),
    edges=st.floats(0, 1),
    seed=st.integers(0, 2**31),
)
def test_every_attack_keeps_to_the_ball_the_box_and_the_region_at_every_strength(
    space: str, boxed: bool, masked: bool, attack: str, norm: str, exponent: float, edges: float, seed: int
) -> None:
    """Outside the region nothing changes, exactly. Small perturbations are known to few digits only, once
    they were the difference of two measurements."""
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.rand(2, *SHAPE, generator=generator)
    pictures[torch.rand(2, *SHAPE, generator=generator) < edges] = 1.0  # where the box binds
    lower, upper = BOXES[space]
    y = units.standardise(pictures) if space == "standardised" else pictures
    y = torch.maximum(torch.minimum(y, upper), lower)
    radius = 10.0**exponent
    objective = BaseError(lambda z: torch.sin(3 * z), y.flip(-1))
    assume(norm in ATTACKS[attack].norms)
    mask = torch.zeros(1, 1, *SHAPE[1:])
    mask[..., 1:3, 2:] = 1
    terms = Terms(
        radius, norm, steps=4, seeds=[0, 1], box=(lower, upper) if boxed else None,
        mask=mask if masked else None, ends=(lower, upper) if edges < 0.5 else None,
    )  # fmt: skip
    path = list(ATTACKS[attack].run(objective, y, terms))
    for iterate in path:
        for e in (iterate.perturbation, iterate.kept):
            norms = e.abs().flatten(1).amax(1) if norm == "linf" else ball.norms(e)
            assert (norms <= radius * (1 + 1e-5)).all()
            if masked:
                assert not e[(mask == 0).expand_as(e)].any()
            if boxed:
                assert (y + e <= upper).all()
                assert (y + e >= lower).all()
    assert boxed or path[-1].perturbation.any()
