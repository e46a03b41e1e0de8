"""Models through AppTest: the table, the selected network, adding one, and finding it in the Live lab."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from core.problems.names import OWN
from core.problems.super_resolution import SUPER_RESOLUTION
from core.problems.super_resolution import SuperResolutionScenario as Scenario
from core.results import evaluations
from core.results.points import scenario_with
from core.zoo import checkpoints, uploads
from tests.conftest import untrained_checkpoint
from tests.core.zoo.test_programs import Tiny, exported
from tests.pages.apps import calm, in_link, opened

MODELS = "models.py"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path / "added"))


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return untrained_checkpoint("sr-x2-rs-0.15", tmp_path_factory.mktemp("mine"), seed=7).read_bytes()


def test_every_network_is_listed_with_what_its_file_says() -> None:
    table = opened(MODELS).dataframe[0].value
    expected = [m for m in checkpoints.find()[0] if m.problem == "super_resolution"]
    assert list(table["name"]) == [m.name for m in expected]
    assert list(table["digest"]) == [m.digest for m in expected]
    assert list(table["psnr"]) == [m.val_psnr for m in expected]
    assert table["size"].between(100, 2000).all()


@pytest.mark.parametrize(
    ("network", "command", "button"),
    [
        ("sr-x2-rs-0.20", "python -m core train sr-x2-rs-0.20 --data DIR", "Open in the Lab"),
        ("dn-ord", "python -m core train dn-ord --data DIR", "Open in the Lab"),
        ("digits-rs-0.50", "python -m core train digits-rs-0.50 --data DIR", "Open in Digits"),
    ],
)
def test_a_link_selects_a_network_of_any_problem(network: str, command: str, button: str) -> None:
    app = opened(MODELS, network=network)
    assert in_link(app)["network"] == network
    assert network in set(app.dataframe[0].value["name"])
    assert app.code[-1].value == command
    assert [b.label for b in app.button] == [button]


def test_denoising_networks_are_listed_with_how_they_were_trained() -> None:
    app = opened(MODELS, network="dn-ord")
    assert in_link(app)["network"] == "dn-ord"
    assert app.code[-1].value == "python -m core train dn-ord --data DIR"
    row = app.dataframe[0].value.set_index("name").loc["dn-ord"]
    assert row["training"] == "Ord: ordinary training"
    assert row["psnr"] > row["level_psnr"]


def test_a_link_to_no_network_says_so() -> None:
    app = opened(MODELS, network="sr-x9-std")
    assert "no network “sr-x9-std”" in app.warning[0].value
    assert in_link(app)["network"] == "sr-x2-std"


def test_an_empty_folder_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path / "empty")
    assert "python -m core train" in opened(MODELS).info[0].value


def test_an_added_network_is_selected_and_offered_by_the_live_lab(mine: bytes) -> None:
    app = opened(MODELS)
    app.file_uploader[0].upload("mine.safetensors", mine, "application/octet-stream").run()
    name = in_link(calm(app))["network"]
    assert name.startswith(f"sr-x2-rs-0.15{OWN}")
    assert app.dataframe[0].value["name"].iloc[0] == name
    assert "Remove" in [button.label for button in app.button]

    scenario = scenario_with(name, evaluations.chosen(SUPER_RESOLUTION))
    lab = opened("live_lab.py", **scenario.replace(samples=2, attack_steps=1).to_query())
    assert not lab.error
    assert not lab.warning
    assert in_link(lab)["checkpoint"] == name
    assert lab.selectbox(key="lab.added_smoothed").value == name
    lab.selectbox(key="lab.added_smoothed").set_value("").run()
    assert "checkpoint" not in lab.query_params

    next(button for button in app.button if button.label == "Remove").click().run()
    assert name not in set(calm(app).dataframe[0].value["name"])


def test_a_program_is_listed_and_compared_in_the_live_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    exported(tmp_path / "programs" / "sr-x2-adv-0.05-own-tiny.pt2", Tiny())
    (tmp_path / "programs" / "mine.pt2").write_bytes(b"junk")
    monkeypatch.setenv("LAB_PROGRAMS", str(tmp_path / "programs"))
    app = opened(MODELS, network="sr-x2-adv-0.05-own-tiny")
    assert in_link(app)["network"] == "sr-x2-adv-0.05-own-tiny"
    assert "mine.pt2 does not say what it is" in app.warning[0].value
    lab = opened("live_lab.py", samples="2", attack_steps="1")
    lab.multiselect(key="lab.added_compared").set_value(["sr-x2-adv-0.05-own-tiny"]).run()
    assert "sr-x2-adv-0.05-own-tiny" in in_link(calm(lab))["compare"].split(",")
    assert not lab.error
    assert any("tiny" in str(cell) for cell in lab.table[0].value.index)


@pytest.fixture
def unusable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What other people put beside the networks: claims that no name can say, folders, locked files."""
    monkeypatch.setenv("LAB_PROGRAMS", str(tmp_path / "programs"))
    (tmp_path / "programs" / "sr-x2-std-own-album.pt2").mkdir(parents=True)
    (tmp_path / "programs" / "._sr-x2-std-own-mine.pt2").write_bytes(b"left by a Mac")
    added = tmp_path / "added"
    path = untrained_checkpoint("sr-x2-rs-0.15", added)
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        said = {**json.loads(file.metadata()["metadata"]), "factor": 3, "name": "sr-x3-rs-0.15"}
    path.unlink()
    evil, folder = added / "sr-x3-rs-0.15-own-0.safetensors", added / "sr-x2-std-own-1.safetensors"
    save_file(tensors, evil, {"metadata": json.dumps(said)})
    folder.mkdir()
    return [evil, folder, tmp_path / "programs" / "sr-x2-std-own-album.pt2"]


@pytest.mark.parametrize("page", [MODELS, "live_lab.py", "certificates.py"])
def test_what_cannot_be_used_takes_no_page_down(page: str, unusable: list[Path]) -> None:
    app = calm(opened(page, **({"part": "On a photo"} if page == "certificates.py" else {})))
    if page in (MODELS, "live_lab.py"):
        said = [warning.value for warning in app.warning]
        assert len(said) == len(unusable)
        for path in unusable:  # each with its path: what is to be taken away
            (sentence,) = [sentence for sentence in said if str(path) in sentence.replace("\\", "")]
            assert "delete it" in sentence or "move it elsewhere" in sentence


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("weights.safetensors", b"\x80\x04junk", "is a pickle or an archive"),
        ("program.safetensors", b"PK\x03\x04junk", "is a pickle or an archive"),
        ("text.safetensors", b"Dear sir or madam", "damaged or not a safetensors file"),
    ],
)
def test_a_file_that_cannot_be_added_gets_one_sentence(name: str, content: bytes, sentence: str) -> None:
    app = opened(MODELS)
    app.file_uploader[0].upload(name, content, "application/octet-stream").run()
    assert sentence in app.error[0].value
    assert not uploads.folder().exists()


def test_the_scenario_of_a_network_takes_the_noise_chosen_for_its_nearest() -> None:
    chosen = pd.DataFrame(
        {
            "factor": 2,
            "level": [0.1, 0.4],
            "eps": Scenario().eps_rel,
            "sigma": [0.2, 0.6],
        }
    )
    assert scenario_with("sr-x2-rs-0.30", chosen).sigma_g == 0.6
    assert scenario_with("sr-x2-rs-0.15-own-mine", chosen).sigma_g == 0.2
    assert scenario_with("sr-x4-rs-0.10", chosen).sigma_g == Scenario().sigma_g
    assert scenario_with("sr-x2-std-own-mine", chosen).compare[-1] == "sr-x2-std-own-mine"
    assert "sr-x2-adv-0.10" in scenario_with("sr-x2-adv-0.10", chosen).compare
