"""Attack strength and Certificates through AppTest: filled, empty and damaged stores, and live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.problems.names import OWN
from core.reports.tables.thesis import build
from core.results.store import Store
from core.zoo import checkpoints, uploads
from tests.conftest import untrained_checkpoint
from tests.core.inverse_networks import untrained
from tests.core.synthetic_studies import fill
from tests.pages.apps import in_link, opened, reading

STRENGTH, CERTIFICATES = "attack_strength.py", "certificates.py"
BOUNDS = {STRENGTH: {}, CERTIFICATES: {"part": "bounds"}}
"""What the address of the study's bounds says: without it, a photo is certified live."""
OTHER = "sr-x2-rs-0.70"
LIVE = {"part": "photo"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    fill(folder)
    return folder


@pytest.fixture
def studies(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(filled, monkeypatch) as folder:
        yield folder


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(tmp_path, monkeypatch) as folder:
        yield folder


def text(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


@pytest.mark.parametrize("view", ["f or ĝ", "Effort", "Transfer"])
def test_attack_strength_draws_one_figure(studies: Path, view: str) -> None:
    app = opened(STRENGTH, look=view, score="SSIM")
    assert len(app.get("plotly_chart")) == 1
    assert not app.error
    assert not app.info
    assert "4 test photos" in app.caption[-1].value


@pytest.mark.parametrize("page", [STRENGTH, CERTIFICATES])
def test_a_study_of_a_network_that_was_trained_anew_says_so(studies: Path, page: str) -> None:
    (warning,) = opened(page, **BOUNDS[page]).warning
    assert "earlier sr-x2-rs-0.40" in warning.value


@pytest.mark.parametrize("page", [STRENGTH, CERTIFICATES])
def test_a_damaged_network_does_not_hide_what_was_measured_on_it(
    studies: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sr-x2-rs-0.40.safetensors").write_bytes(b"broken")
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    app = opened(page, **BOUNDS[page])
    assert not app.error
    assert app.get("plotly_chart")


@pytest.fixture
def two_defences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same study of a second network."""
    fill(tmp_path)
    for name in ("attacks", "attack_paths", "certificates", "falsification"):
        store = Store(name, tmp_path)
        rows = store.read()
        second = rows.assign(key=rows["key"] + "2", study="s2", checkpoint=OTHER, digest="d2")
        store.put("second", second)
        store.merge(["key"])
    with reading(tmp_path, monkeypatch) as folder:
        yield folder


@pytest.mark.parametrize(
    ("page", "study"), [(STRENGTH, "study attacks"), (CERTIFICATES, "study certificates")]
)
def test_of_two_defences_one_is_chosen_and_the_link_names_it(
    two_defences: Path, page: str, study: str
) -> None:
    app = opened(page, **BOUNDS[page])
    name = "findings" if page == STRENGTH else "certificates"
    assert app.selectbox(key=f"{name}.defence").options == ["sr-x2-rs-0.40, σ 0.4", f"{OTHER}, σ 0.4"]
    assert "defence=sr-x2-rs-0.40" in app.code[0].value
    app = opened(page, defence=f"{OTHER}, σ 0.4")
    assert f"defence={OTHER}" in app.code[0].value
    assert app.code[1].value == f"python -m core {study} --checkpoint {OTHER} --sigma 0.4"
    assert not app.error
    assert not app.warning, "of the network that is not shown"


def test_two_defences_are_compared_by_their_compute(two_defences: Path) -> None:
    said = text(opened(STRENGTH, look="Checklist", defence=f"{OTHER}, σ 0.4"))
    assert "passed: " in said
    assert "failed: gradients a photo, at most: " in said
    assert OTHER in said


def test_the_finding_is_one_sentence_with_interval_and_photos(studies: Path) -> None:
    said = text(opened(STRENGTH))
    assert "does not survive" in said
    assert "over 4 photos" in said
    assert "0.05 ≈ 3.5 grey levels" in said
    assert "[+" in said
    assert "dB with M = 1 and +" in said
    assert "**−0.02 dB** [−0.02, −0.02] beside sr-x2-adv-0.10." in said


def test_the_checklist_is_judged_with_its_evidence(studies: Path) -> None:
    said = text(opened(STRENGTH, look="Checklist"))
    assert "| ‖e‖ ≤ ε |" in said
    assert "passed: largest ‖e‖/ε is 0.9999999" in said
    assert "failed: gradients a photo, at most: " in said, "M draws of the smoothed one cost M times as many"
    assert "0 of 20 measured errors above their bound" in said


def test_norms_stand_beside_the_published(studies: Path) -> None:
    shown = opened(STRENGTH, look="Norms").dataframe[0].value
    assert shown.loc[shown["ε_rel"] == "0.05", "‖e_g‖ published"].item() == 13.85640606
    assert shown["‖e_g‖"].notna().all()


def test_table_a1_gets_its_norms_from_the_study(studies: Path) -> None:
    cells = build("A.1", studies).cells.set_index(["row", "column"])
    assert cells.loc[("ε_rel = 0.05", "‖e_g‖"), "ours"] == pytest.approx(13.856406, abs=1e-5)
    assert any("sr-x2-rs-0.40" in note for note in build("A.1", studies).notes)


@pytest.mark.parametrize(
    "query", [{"part": "bounds"}, {"bounded": "Change of the output"}, {"part": "S, α and σ"}]
)  # fmt: skip
def test_certificates_draw_one_figure(studies: Path, query: dict[str, str]) -> None:
    app = opened(CERTIFICATES, **query)
    assert len(app.get("plotly_chart")) == 1
    assert not app.error
    assert not app.info


def test_certificates_say_how_far_they_reach_and_where_there_is_none(studies: Path) -> None:
    app = opened(CERTIFICATES, bounded="Change of the output")
    assert "Certified up to **ε_rel 0.0029 ≈ 0.2 grey levels**" in text(app)
    shown = app.dataframe[0].value.set_index("")
    assert shown.loc["F", "reaches ε_rel"] == "none"
    assert shown.loc["(E)", "reaches ε_rel"] == "no certificate"


def test_the_published_number_stands_beside_what_refutes_it(studies: Path) -> None:
    app = opened(CERTIFICATES, mixed="true")
    assert len(app.get("plotly_chart")) == 2
    assert "exceeded in **8 of 12** trials" in text(app)
    assert "exceeded in **0 of 12** trials" in text(app)


@pytest.mark.parametrize(("page", "command"), [(STRENGTH, "study attacks"), (CERTIFICATES, "study certif")])
def test_an_empty_store_says_what_to_do(nothing: Path, page: str, command: str) -> None:
    app = opened(page, **BOUNDS[page])
    assert f"python -m core {command}" in app.info[0].value
    assert not app.get("plotly_chart")


@pytest.mark.parametrize(("page", "table"), [(STRENGTH, "attacks"), (CERTIFICATES, "certificates")])
def test_a_damaged_store_is_one_sentence(nothing: Path, page: str, table: str) -> None:
    Store(table, nothing).path.write_bytes(b"broken")
    assert "is damaged" in opened(page, **BOUNDS[page]).error[0].value


def test_a_photo_is_certified_on_the_page(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untrained_checkpoint("sr-x2-rs-0.10", tmp_path)
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    st.cache_resource.clear()
    app = opened(CERTIFICATES, **LIVE, draws="60", attack_too="0", image="coffee")
    assert app.selectbox(key="certify.image").value == "coffee"
    assert "**Certify** draws 90 noisy outputs of sr-x2-rs-0.10" in text(app)
    assert len(app.get("plotly_chart")) == 1, "how far so many samples reach"
    app.button(key="certify.start").click().run()
    assert not app.exception
    assert not app.error
    assert "Bounds are finite up to" in text(app)
    assert len(app.get("plotly_chart")) == 1
    assert app.select_slider(key="certify.radius").value  # so there are interval pictures
    assert app.query_params["image"] in ("coffee", ["coffee"])
    radii = app.select_slider(key="certify.radius")
    radii.set_value(float(radii.options[-1].partition(" ")[0])).run()
    app.segmented_control(key="certify.interval").set_value(
        "pixel_mean"
    ).run()  # of fewer radii, here of none
    assert "None" in app.info[0].value
    app.segmented_control(key="certify.interval").set_value("pixel_median").run()
    assert not app.exception
    st.cache_resource.clear()


def test_networks_of_another_problem_are_certified_on_the_page(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    untrained_checkpoint("sr-x2-rs-0.10", tmp_path)
    untrained("ip-rs-10.00", tmp_path)
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    st.cache_resource.clear()
    app = opened(CERTIFICATES, **LIVE, draws="60", attack_too="0", image="camera")
    app.selectbox(key="certify.problem").set_value("inpainting").run()
    assert app.selectbox(key="certify.f").options == ["Noise 10"]
    app.button(key="certify.start").click().run()
    assert not app.exception
    assert not app.error
    assert "Bounds are finite up to" in text(app)
    assert "--checkpoint ip-rs-10.00 --sigma 10 " in app.code[1].value
    assert "σ = 10 ≈ 10.0 grey levels" in app.caption[-1].value
    again = opened(CERTIFICATES, **in_link(app))
    assert again.selectbox(key="certify.f").value == "ip-rs-10.00"
    assert again.select_slider(key="certify.sigma").value == 10
    st.cache_resource.clear()


def test_an_added_network_is_certified_on_the_page(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_UPLOADS", str(tmp_path / "added"))
    mine = untrained_checkpoint("sr-x2-rs-0.10", tmp_path, seed=7).read_bytes()
    name = uploads.add(mine, "mine.safetensors").name
    st.cache_resource.clear()
    app = opened(CERTIFICATES, **LIVE, draws="60", attack_too="0")
    word = name.partition(OWN)[2]
    (chosen,) = [option for option in app.selectbox(key="certify.f").options if word in option]
    assert chosen == f"×2, trained with σ_f 0.1 · {word}"
    app.selectbox(key="certify.f").set_value(name).run()
    app.button(key="certify.start").click().run()
    assert not app.exception
    assert not app.error
    assert "Bounds are finite up to" in text(app)
    assert f"--checkpoint {name}" in app.code[1].value
    st.cache_resource.clear()


def test_live_without_networks_is_one_sentence(
    nothing: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    assert "train one with" in opened(CERTIFICATES, **LIVE).error[0].value
