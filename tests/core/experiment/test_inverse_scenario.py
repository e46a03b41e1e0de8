"""The scenario's forms and units."""

from __future__ import annotations

import math
import shlex
import subprocess
import sys

import pytest

from core.base.errors import UserError
from core.experiment.inverse.scenario import InverseScenario

CS = InverseScenario(checkpoint="cs-ord", ratio=0.1, eps=2.0)


def test_query_and_command_say_the_same_scenario() -> None:
    scenario = CS.replace(compare=("cs-adv",), sigma=12.0, samples=10)
    assert InverseScenario.from_query(scenario.to_query()) == scenario
    words = shlex.split(scenario.to_command())
    assert words[:4] == ["python", "-m", "core", "run"]
    assert "--ratio" in words
    assert words[words.index("--compare") + 1] == "cs-adv"


def test_radius_and_ratio_are_in_one_unit() -> None:
    assert CS.side == 99
    assert CS.radius == pytest.approx(99 * 2 / 255)
    assert CS.certificate_ratio == pytest.approx(CS.radius / (CS.sigma / 255))
    assert CS.replace(sigma=0.0).certificate_ratio == math.inf
    assert CS.replace(sigma=0.0, eps=0.0).certificate_ratio == 0


@pytest.mark.parametrize(("asked", "got"), [(33, 33), (96, 99), (100, 99), (256, 264)])
def test_compressed_sensing_takes_whole_blocks(asked: int, got: int) -> None:
    assert CS.replace(size=asked).side == got
    assert InverseScenario(size=asked).side == asked


def test_what_a_problem_does_not_use_does_not_decide_its_key() -> None:
    assert CS.key() == CS.replace(sigma_b=3.0).key()
    assert CS.key() != CS.replace(ratio=0.2).key()
    denoising = InverseScenario()
    assert denoising.key() == denoising.replace(ratio=0.2).key()
    assert denoising.key() != denoising.replace(sigma_b=3.0).key()


def test_wrong_fields_get_one_sentence() -> None:
    with pytest.raises(UserError, match="different problems"):
        InverseScenario(checkpoint="dn-ord", compare=("cs-ord",))
    with pytest.raises(UserError, match="take dn-ord"):
        InverseScenario(checkpoint="sr-x2-std")
    with pytest.raises(UserError, match="between 0 and 255"):
        InverseScenario(eps=-1.0)


def test_declaring_a_scenario_does_not_load_torch() -> None:
    code = "import sys, core.experiment.inverse.scenario; assert not {'torch', 'pandas'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
