"""Names of networks: what they say can be read back exactly, and old ones keep their meaning."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import UserError
from core.problems.digits.problem import DIGITS
from core.problems.names import Identity
from core.problems.super_resolution import SUPER_RESOLUTION
from core.zoo import checkpoints

levels = st.floats(0, 9999).filter(lambda level: level == 0 or level >= 1e-6)
kinds = st.sampled_from(["smoothing", "denoised", "adversarial"])


@given(levels, kinds, st.sampled_from([2, 4]), st.booleans(), st.sampled_from(["", "mine", "0123abcd"]))
def test_every_level_has_a_name_that_reads_back_exactly(
    level: float, objective: str, factor: int, residual: bool, tag: str
) -> None:
    identity = Identity(
        problem="super_resolution",
        objective=objective,
        level=level,
        factor=factor,
        residual=residual,
        tag=tag,
    )
    assert Identity.parse(identity.name) == identity
    assert Identity.parse(DIGITS.called(objective="smoothing", level=level)).level == level


@given(st.floats(), kinds)
def test_no_name_reads_back_as_another_level(level: float, objective: str) -> None:
    """Of absurd levels, too: a name may be refused, never mistaken."""
    name = SUPER_RESOLUTION.called(objective=objective, level=level, factor=2)
    try:
        found = Identity.parse(name)
    except UserError:
        assert not 1e-6 <= level <= 9999
    else:
        assert found.level == level


@given(st.text("0123456789.x-rs", max_size=8))
def test_a_network_has_one_name(end: str) -> None:
    name = f"sr-x2-rs-{end}"
    found = Identity.read(name)
    assert found is None or found.name == name


def test_old_names_say_what_they_said() -> None:
    for hundredths in range(200):
        level = hundredths / 100
        assert Identity.parse(f"sr-x2-rs-{level:.2f}").level == level
        assert SUPER_RESOLUTION.called(objective="adversarial", level=level, factor=4) == (
            f"sr-x4-adv-{level:.2f}"
        )
    for metadata in checkpoints.find()[0]:
        assert Identity.parse(metadata.name) == metadata.identity
        assert metadata.identity.level == metadata.level or metadata.problem != "super_resolution"


@pytest.mark.parametrize("level", [0.035, 0.025, 0.12345, 1e-6, 1 / 3])
def test_levels_finer_than_a_hundredth_differ_in_their_names(level: float) -> None:
    name = SUPER_RESOLUTION.called(objective="adversarial", level=level, factor=2)
    neighbour = math.nextafter(level, 1)
    assert name != SUPER_RESOLUTION.called(objective="adversarial", level=neighbour, factor=2)
