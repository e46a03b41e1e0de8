from __future__ import annotations

import shlex
from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attacks.registry import ATTACKS
from core.base.errors import UserError
from core.problems.scenario import nearest_level
from core.problems.super_resolution import SuperResolutionScenario as Scenario

scenarios = st.builds(
    Scenario,
    image=st.sampled_from(["astronaut", "my photo é.png", "a&b=c.jpg"]),
    short_side=st.sampled_from([0, 192, 500]),
    crop_x=st.integers(0, 100).map(lambda i: i / 100),
    checkpoint=st.sampled_from(["sr-x2-rs-0.10", "sr-x2-rs-0.40"]),
    compare=st.sampled_from([(), ("sr-x2-std",), ("sr-x2-std", "sr-x2-adv-0.02")]),
    attack=st.sampled_from(sorted(ATTACKS)),
    attack_on=st.sampled_from(["deployed", "base"]),
    attack_samples=st.integers(1, 64),
    eps_rel=st.integers(0, 2000).map(lambda i: i / 1000),
    attack_steps=st.integers(0, 100),
    keep=st.sampled_from(["best", "final"]),
    box=st.booleans(),
    sigma_g=st.integers(0, 500).map(lambda i: i / 100),
    samples=st.integers(1, 1000),
    seed=st.integers(0, 2**31 - 1),
    precision=st.sampled_from(["auto", "float32"]),
)


@given(scenarios)
def test_url_round_trip(scenario: Scenario) -> None:
    again = Scenario.from_query(scenario.to_query())
    assert again == scenario
    assert again.key() == scenario.key()


@settings(deadline=None)  # the first example imports the command line
@given(scenarios)
def test_command_line_round_trip(scenario: Scenario) -> None:
    """Parsed by Typer itself, so the options and their names are the real ones."""
    import typer
    from typer.testing import CliRunner

    from core.commands.options import with_options_of

    caught: list[Scenario] = []

    def catch(scenario: Scenario) -> None:
        """Remember the scenario."""
        caught.append(scenario)

    application = typer.Typer()
    application.command()(with_options_of(lambda: (Scenario,), lambda given: Scenario)(catch))
    words = shlex.split(scenario.to_command())
    assert words[:4] == ["python", "-m", "core", "run"]
    result = CliRunner().invoke(application, words[4:])
    assert result.exit_code == 0, result.output
    assert caught == [scenario]


NEW = {"attack": "apgd", "attack_on": "deployed", "attack_samples": "8"}
"""What a link must say since the app attacks what is deployed: older ones do not say it."""


def test_query_holds_only_what_an_old_link_does_not_mean() -> None:
    assert Scenario().to_query() == NEW
    assert Scenario(eps_rel=0.05).to_query() == {**NEW, "eps_rel": "0.05"}
    thesis = Scenario(attack="pgd", attack_on="base", attack_samples=16)
    assert thesis.replace(eps_rel=0.05).to_query() == {"eps_rel": "0.05"}


def test_old_links_keep_their_meaning_and_no_link_is_the_default() -> None:
    assert Scenario.from_query({}) == Scenario.from_query({"embed": "true"}) == Scenario()
    old = Scenario.from_query({"eps_rel": "0.05"})
    assert (old.attack, old.attack_on, old.attack_samples) == ("pgd", "base", 16)
    assert Scenario.readable_part({"eps_rel": "0.05", "seed": "x"}) == old
    smoothed = Scenario.from_query({"attack": "smoothed", "attack_steps": "5"})
    assert (smoothed.attack, smoothed.attack_on, smoothed.attack_samples) == ("apgd", "deployed", 16)


def test_what_was_done_is_said_in_words() -> None:
    """The protocol of the thesis is named as such, and never called an attack on the smoothed estimate."""
    said = Scenario().attack_said
    assert "each estimator as it is deployed" in said
    assert "8 draws" in said
    assert "10 steps" in said
    thesis = Scenario(attack="pgd", attack_on="base", attack_steps=7).attack_said
    assert "7 steps of ε/4" in thesis
    assert "f alone (the thesis's protocol), not the strongest attack" in thesis
    transfer = Scenario(compare=("sr-x2-std",), attacked="sr-x2-std").attack_said
    assert "made on sr-x2-std for all networks" in transfer
    assert "made on" not in Scenario(attack="noise").attack_said
    deployed = "made on each estimator as it is deployed"
    kinds = {
        "apgd": f"APGD-L2, 7 steps from zero, iterate of highest loss; {deployed}",
        "pgd": f"PGD-L2, 7 steps of ε/4 from a random start, iterate of highest loss; {deployed}",
        "fgm": f"one gradient step of length ε; {deployed}",
        "noise": "Gaussian noise of norm ε, the same for all",
    }
    for attack, sentence in kinds.items():
        assert Scenario(attack=attack, attack_steps=7, sigma_g=0).attack_said == sentence


@pytest.mark.parametrize(
    ("eps_rel", "level"), [(0, 0.01), (0.012, 0.01), (0.03, 0.02), (0.035, 0.05), (0.08, 0.1), (2, 0.2)]
)
def test_the_adversarial_network_that_belongs_to_an_attack(eps_rel: float, level: float) -> None:
    assert nearest_level((0.01, 0.02, 0.05, 0.1, 0.2), eps_rel) == level


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"eps_rel": "nan"}, "between 0 and 2"),
        ({"eps_rel": "-1"}, "between 0 and 2"),
        ({"eps_rel": "a lot"}, "cannot be “a lot”"),
        ({"samples": "0"}, "between 1 and"),
        ({"samples": "1e9"}, "cannot be"),
        ({"crop_x": "inf"}, "between 0 and 1"),
        ({"box": "maybe"}, "cannot be"),
        ({"attack": "fgsm"}, "choose one of apgd, pgd, fgm, noise"),
        ({"attack_on": "g"}, "choose one of deployed, base"),
        ({"checkpoint": "../../etc/passwd"}, "not a network's name"),
        ({"compare": "sr-x4-std"}, "different factors"),
        ({"attacked": "sr-x2-std"}, "takes no part"),
    ],
)
def test_impossible_values_get_one_sentence(query: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Scenario.from_query(query)


def test_unknown_parameters_are_ignored() -> None:
    assert Scenario.from_query({**NEW, "embed": "true", "eps_rel": "0.1"}) == Scenario(eps_rel=0.1)


def test_every_field_is_explained_and_numbers_are_limited() -> None:
    for field in fields(Scenario):
        assert Scenario.explain(field.name)
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            low, high = Scenario.limits(field.name)
            assert low <= field.default <= high


def test_it_is_a_value() -> None:
    scenario = Scenario(compare=("sr-x2-std", "sr-x2-rs-0.10"))
    assert scenario.networks == ("sr-x2-std", "sr-x2-rs-0.10")
    assert scenario.factor == 2
    assert scenario.replace(seed=1).key() != scenario.key()
    with pytest.raises(FrozenInstanceError):
        scenario.seed = 3  # type: ignore[misc]


def test_keys_do_not_depend_on_samples_that_the_attack_does_not_use() -> None:
    """The figures are those of the day before attacks on the smoothed estimate came."""
    thesis = Scenario(attack="pgd", attack_on="base")
    assert thesis.key() == thesis.replace(attack_samples=64).key() == "7802b15f790b5105"
    assert Scenario(eps_rel=0.05, attack="noise").key() == "6cd2381a2224c1d8"
    assert Scenario().key() != Scenario(attack_samples=64).key()
    assert Scenario().key() != Scenario(attack_on="base").key()
