"""The linear problems' scenarios: forms, units, keys."""

from __future__ import annotations

import math
import shlex
import subprocess
import sys

import pytest

from core.base.errors import UserError
from core.experiment.outcome import certificate_ratio
from core.problems import PROBLEMS, problem_of
from core.problems.denoising import DENOISING, DenoisingScenario
from core.problems.sensing import COMPRESSED_SENSING, SensingScenario

CS = SensingScenario(checkpoint="cs-ord", ratio=0.1, eps=2.0)


def test_query_and_command_say_the_same_scenario() -> None:
    scenario = CS.replace(compare=("cs-adv",), sigma=12.0, samples=10)
    assert SensingScenario.from_query(scenario.to_query()) == scenario
    words = shlex.split(scenario.to_command())
    assert words[:4] == ["python", "-m", "core", "run"]
    assert "--ratio" in words
    assert words[words.index("--compare") + 1] == "cs-adv"


def test_radius_and_ratio_are_in_one_unit() -> None:
    side = COMPRESSED_SENSING.side(CS)
    radius, sigma = COMPRESSED_SENSING.space.radius(CS.eps, side**2), COMPRESSED_SENSING.space.noise(CS.sigma)
    assert side == 99
    assert radius == pytest.approx(99 * 2 / 255)
    assert sigma == pytest.approx(CS.sigma / 255)
    assert certificate_ratio(CS, side**2) == pytest.approx(radius / sigma)
    assert certificate_ratio(CS.replace(sigma=0.0), side**2) == math.inf
    assert certificate_ratio(CS.replace(sigma=0.0, eps=0.0), side**2) == 0


@pytest.mark.parametrize(("asked", "got"), [(33, 33), (96, 99), (100, 99), (256, 264)])
def test_compressed_sensing_takes_whole_blocks(asked: int, got: int) -> None:
    assert COMPRESSED_SENSING.side(CS.replace(size=asked)) == got
    assert DENOISING.side(DenoisingScenario(size=asked)) == asked


def test_fields_newer_than_the_keys_leave_keys_as_they_were() -> None:
    """The keys of stored rows: the command printed them before these problems could attack ĝ itself."""
    before = {"attack": "pgd", "attack_on": "base", "samples": 20}
    denoising = DenoisingScenario(compare=("dn-ord",), precision="float32", **before)
    assert denoising.key() == "9fcd9ccb35b9e530"
    sensing = SensingScenario(
        checkpoint="cs-adv", image="coins", ratio=0.1, eps=5.0, sigma=21.0, precision="float32", **before
    )
    assert sensing.key() == "e6ee9f6be8a355d7"
    for change in ({"attack_on": "deployed"}, {"attacked": "dn-ord"}, {"box": True}, {"sigma_b": 3.0}):
        assert denoising.replace(**change).key() != denoising.key()
    assert denoising.replace(attack_samples=3).key() == denoising.key(), "no attack on ĝ draws them"
    for change in ({"norm": "linf"}, {"attack_region": "1,2,30,40"}):
        assert denoising.replace(**change).key() != denoising.key()
        assert denoising.replace(**change).of_row("dn-ord") != denoising.of_row("dn-ord")


def test_an_old_link_means_the_attack_on_f() -> None:
    assert DenoisingScenario.from_query({"sigma_b": "25"}).attack == "pgd"
    assert not DenoisingScenario.from_query({"sigma_b": "25"}).attacks_smoothed
    assert DenoisingScenario().attacks_smoothed


def test_wrong_fields_get_one_sentence() -> None:
    with pytest.raises(UserError, match="different problems"):
        DenoisingScenario(checkpoint="dn-ord", compare=("cs-ord",))
    with pytest.raises(UserError, match="begins with dn-"):
        DenoisingScenario(checkpoint="sr-x2-std")
    with pytest.raises(UserError, match="holds no pixel"):
        DenoisingScenario(attack_region="9,9,9,20")
    with pytest.raises(UserError, match="between 0 and 255"):
        DenoisingScenario(eps=-1.0)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=list(PROBLEMS))
def test_a_problems_scenario_is_its_own_and_its_default_network_solves_it(problem: object) -> None:
    scenario = problem.scenario()  # type: ignore[attr-defined]
    assert scenario.problem is problem
    assert problem_of(scenario.checkpoint) is problem
    assert scenario.eps_level > 0
    assert problem.setting(scenario)  # type: ignore[attr-defined]


def test_declaring_problems_does_not_load_torch() -> None:
    code = "import sys, core.problems; assert not {'torch', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
