"""Restarts and the worst case per image."""

from __future__ import annotations

import pytest
import torch

from core.attacks import ball
from core.attacks.selection import assert_inside, starts, strongest


def test_the_worst_is_chosen_image_by_image() -> None:
    candidates = {
        "a": torch.tensor([1.0, 5.0, 2.0]).view(3, 1, 1, 1),
        "b": torch.tensor([4.0, 1.0, 2.0]).view(3, 1, 1, 1),
    }
    found = strongest(candidates, lambda e: e.flatten())
    assert found.names == ("b", "a", "a")
    assert found.perturbation.flatten().tolist() == [4.0, 5.0, 2.0]
    assert found.scores.tolist() == [[1.0, 5.0, 2.0], [4.0, 1.0, 2.0]]
    with pytest.raises(ValueError, match="no candidates"):
        strongest({}, lambda e: e.flatten())


def test_starts_are_zero_then_different_points_of_the_ball() -> None:
    y = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    found = starts(y, 0.5, restarts=3, seed=1)
    assert list(found) == ["zero", "random 1", "random 2"]
    assert not found["zero"].any()
    assert not torch.equal(found["random 1"], found["random 2"])
    for start in found.values():
        assert start.shape == y.shape
        assert (ball.norms(start) <= 0.5 * (1 + 1e-5)).all()
    again = starts(y[:1], 0.5, restarts=2, seed=1)
    assert torch.equal(again["random 1"], found["random 1"][:1])
    assert starts(y, 0.5, restarts=0, seed=0) == {}


def test_leaving_the_ball_is_an_error() -> None:
    e = torch.full((1, 1, 1, 4), 0.5)
    assert_inside(e, 1.0)
    assert_inside(e, 0.5, "linf")
    with pytest.raises(AssertionError, match="exceeds"):
        assert_inside(e * 1.001, 1.0)
    with pytest.raises(AssertionError, match="exceeds"):
        assert_inside(e * torch.nan, 1.0)
