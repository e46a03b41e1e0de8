"""Links that were copied before controls were declared with the options still open the same views."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from tests.core import synthetic_inverse, synthetic_results, synthetic_studies
from tests.core.inverse_networks import untrained_family
from tests.pages.apps import calm, in_link, opened, reading
from tests.pages.conftest import Networks


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    synthetic_results.fill(folder, factors=(2, 4))
    synthetic_studies.fill(folder)
    synthetic_inverse.write(folder)
    return folder


@pytest.fixture
def results(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with reading(filled, monkeypatch) as folder:
        yield folder


def followed(page: str, link: str) -> AppTest:
    """The page at an address as it was copied; a parameter can stand in it more than once."""
    query: dict[str, Any] = {}
    for name, value in parse_qsl(link, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return calm(opened(page, **{name: v[0] if len(v) == 1 else v for name, v in query.items()}))


def commands(app: AppTest) -> list[str]:
    return [code.value for code in app.code if code.value.startswith("python -m core")]


def options(command: str) -> list[tuple[str, str]]:
    """The options of a command, whatever their order."""
    found: list[tuple[str, str]] = []
    for word in shlex.split(command)[4:]:
        if word.startswith("--"):
            found.append((word, ""))
        else:
            found[-1] = (found[-1][0], word)
    return sorted(found)


def drawn(app: AppTest) -> str:
    """Axis titles and names of all lines of a page's figures."""
    words = []
    for chart in app.get("plotly_chart"):
        figure = json.loads(chart.proto.spec)
        axes = [figure["layout"][n] for n in figure["layout"] if n.startswith(("xaxis", "yaxis"))]
        words += [axis.get("title", {}).get("text") or "" for axis in axes]
        words += [trace.get("name") or "" for trace in figure["data"]]
    return " | ".join(words)


def test_live_lab() -> None:
    app = followed(
        "live_lab.py",
        "image=coffee&short_side=300&crop_x=0.37&crop_y=1&checkpoint=sr-x2-rs-0.40&"
        "compare=sr-x2-std,sr-x2-adv-0.10&attacked=sr-x2-std&eps_rel=0.0123&attack_steps=3&keep=final&box=1&"
        "sigma_g=0.07&samples=3&seed=5&precision=float32&view=swipe&a=truth&region=20,30,60,80",
    )
    (command,) = commands(app)
    assert options(command) == options(
        "python -m core run --image coffee --checkpoint sr-x2-rs-0.40 --short-side 300 --crop-x 0.37 "
        "--crop-y 1 --compare sr-x2-std --compare sr-x2-adv-0.10 --attack-on base --attack pgd "
        "--attacked sr-x2-std --eps-rel 0.0123 --attack-steps 3 --attack-samples 16 --keep final --box "
        "--sigma-g 0.07 --samples 3 --seed 5 --precision float32"
    )
    assert {name: in_link(app)[name] for name in ("view", "a", "region")} == {
        "view": "swipe", "a": "truth", "region": "20,30,60,80",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("link", "command"),
    [
        (
            "checkpoint=dn-adv&compare=dn-ord&image=coins&short_side=200&size=70&crop_x=0.3&sigma_b=3.3&"
            "attack=apgd&eps=1.23&attack_steps=2&sigma=7.7&samples=4&alpha=0.03&seed=9",
            "--image coins --checkpoint dn-adv --short-side 200 --crop-x 0.3 --size 70 --compare dn-ord "
            "--sigma-b 3.3 --attack apgd --eps 1.23 --attack-steps 2 --sigma 7.7 --samples 4 --alpha 0.03 "
            "--seed 9",
        ),
        (
            "checkpoint=cs-jcb&size=66&ratio=0.33&keep=final&samples=2&attack_steps=1&precision=float32",
            "--image camera --checkpoint cs-jcb --size 66 --ratio 0.33 --attack-steps 1 --keep final "
            "--samples 2 --precision float32",
        ),
    ],
)
def test_denoising_and_sensing(tmp_path: Path, networks_from: Networks, link: str, command: str) -> None:
    for prefix in ("dn", "cs"):
        untrained_family(tmp_path, prefix)
    networks_from(tmp_path)
    (shown,) = commands(followed("linear_results.py", link))
    # The attack on f, which has become a choice among others.
    thesis = " --attack-on base --attack-samples 16" + " --attack pgd" * ("--attack " not in command)
    named = options(f"python -m core run {command}{thesis}")
    assert options(shown) == [option for option in named if option != ("--attack", "apgd")]


@pytest.mark.parametrize(
    ("link", "command"),
    [
        (
            "part=noise&problem=denoising&setting=2&strength=5&draws=50&discrepancy=certified_half&"
            "quality=ssim",
            "curves --problem denoising --setting 2 --eps 5 --samples 50 --discrepancy certified_half "
            "--attack thesis --quality ssim",
        ),
        ("part=tables&problem=compressed_sensing&table=4&figure=discrepancy", "tables 4b"),
    ],
)
def test_the_papers_figure_and_tables(results: Path, link: str, command: str) -> None:
    app = followed("linear_results.py", link)
    assert commands(app) == [f"python -m core {command}"]
    if "figure" in link:
        assert app.selectbox(key="findings.quality").value == "discrepancy"


def test_digits() -> None:
    link = "digit=sample-5&sigma=0.25&attack=linf&epsilon=0.075&attack_steps=7&n=150&n0=70&alpha=0.03&seed=3"
    assert commands(followed("digits.py", link))[0] == (
        "python -m core run --image sample-5 --checkpoint digits-rs-0.25 --attack linf --attack-steps 7 "
        "--samples 150 --alpha 0.03 --seed 3 --n0 70 --eps 0.075 --sigma 0.25"
    )


@pytest.mark.parametrize(
    ("link", "command", "figure"),
    [
        (
            "factor=%C3%974&chart=Robustness%E2%80%93accuracy&quality=SSIM&at=0.1+%E2%89%88+7.0+grey+levels",
            "4 --quality ssim", "SSIM at ε_rel 0.1 (7.0 grey levels)",
        ),
        (
            "chart=Smoothing+noise&quality=MSE&network=%CF%83_f+0.4",
            "2 --quality mse --network sr-x2-rs-0.40", "smoothing noise σ_g | MSE",
        ),
        (
            "show_smoothing=0.4&show_smoothing=0.1&show_standard=&show_adversarial=&published=true",
            "2 --quality psnr",
            "bilinear | smoothed, σ_f 0.1 | smoothed, σ_f 0.4 | smoothed, σ_f 0.1 (published)",
        ),
        ("chart=Heat+map&quality=SSIM", "2 --quality ssim", "training noise σ_f"),
    ],
)  # fmt: skip
def test_tradeoff(results: Path, link: str, command: str, figure: str) -> None:
    app = followed("tradeoff.py", link)
    command = command.replace(" --quality", " --attack thesis --quality")
    assert commands(app) == [f"python -m core curves --problem super_resolution --setting {command}"]
    assert figure in drawn(app)


@pytest.mark.parametrize(
    ("link", "figure"),
    [
        ("look=Effort&score=SSIM&strength=0.05+%E2%89%88+3.5+grey+levels", "starts tried | SSIM of ĝ"),
        ("look=f+or+%C4%9D&score=MSE&by=APGD", "MSE of ĝ"),
        ("by=APGD", "APGD on ĝ, M = 16 | strongest of all"),
    ],
)
def test_attack_strength(results: Path, link: str, figure: str) -> None:
    app = followed("attack_strength.py", link)
    assert figure in drawn(app)
    assert commands(app) == ["python -m core study attacks --checkpoint sr-x2-rs-0.40 --sigma 0.4"]


@pytest.mark.parametrize(
    ("page", "link", "part", "problem", "attack"),
    [
        ("tradeoff.py", "", "curves", "super_resolution", "strongest"),
        ("attack_strength.py", "", "compare", "super_resolution", "strongest"),
        ("attack_strength.py", "look=Norms", "norms", "super_resolution", "strongest"),
        ("tables.py", "", "tables", "super_resolution", "strongest"),
        ("tables.py", "table=4.1", "tables", "super_resolution", "thesis"),
        ("linear_results.py", "part=noise", "noise", "denoising", "thesis"),
        ("linear_results.py", "part=tables", "tables", "denoising", "thesis"),
        ("linear_results.py", "part=curves&problem=denoising", "curves", "denoising", "thesis"),
        ("attack_strength.py", "part=curves&attack=strongest", "curves", "super_resolution", "strongest"),
    ],
)
def test_pages_that_are_one_now_open_at_their_addresses_what_they_were(
    results: Path, page: str, link: str, part: str, problem: str, attack: str
) -> None:
    app = followed(page, link)
    says = {name: app.session_state[f"findings.{name}"] for name in ("part", "problem", "attack")}
    assert says == {"part": part, "problem": problem, "attack": attack}
    assert {name: in_link(app)[name] for name in ("part", "problem")} == {"part": part, "problem": problem}
    again = calm(opened(page, **in_link(app)))
    assert drawn(again) == drawn(app)
    assert in_link(again) == in_link(app)


def test_no_address_is_lost_and_linear_problems_are_not_listed() -> None:
    routes = (Path(__file__).resolve().parents[2] / "app.py").read_text(encoding="utf-8")
    assert re.findall(r'url_path="([^"]+)"', routes) == [
        "start", "lab", "trade-off", "attacks", "denoising-sensing", "bounds", "handwritten-digits", "stage",
        "networks", "thesis-tables", "folder-of-photos", "publications",
    ]  # fmt: skip
    titles = set(re.findall(r'Route\("[^"]+", "([^"]+)"', routes))
    assert titles == {
        "Lab", "Findings", "Guarantees", "Digits", "Talk", "Models", "Tables", "A folder", "About",
    }  # fmt: skip


def test_how_far_certificates_reach(results: Path) -> None:
    app = followed(
        "certificates.py",
        "part=S%2C+%CE%B1+and+%CF%83&S=1%2C000&alpha=0.05&noise=1+%E2%89%88+69.5+grey+levels&"
        "d=784%3A+28%C3%9728+digit",
    )
    said = next(text.value for text in app.markdown if text.value.startswith("With S"))
    assert "With S = 1,000 and α = 0.05" in said
    assert "ε = 2.75 σ, that is ε_rel = **0.0982**" in said


def test_certificates_of_the_output(results: Path) -> None:
    app = followed("certificates.py", "bounded=Change+of+the+output")
    assert app.dataframe[0].value.set_index("").loc["F", "reaches ε_rel"] == "none"
    assert "as published" in drawn(followed("certificates.py", "mixed=true"))


def test_a_certified_photo() -> None:
    app = followed(
        "certificates.py",
        "part=On+a+photo&image=coffee&f=%C3%972%2C+trained+with+%CF%83_f+0.1&"
        "sigma=0.7+%E2%89%88+48.7+grey+levels&draws=2%2C000&risk=0.01&attack_too=false",
    )
    assert commands(app) == [
        "python -m core certify --image coffee --checkpoint sr-x2-rs-0.10 --sigma 0.7 --samples 2000 "
        "--alpha 0.01 --no-attack"
    ]


@pytest.mark.parametrize(("link", "highest"), [("table=4.3&figure=SSIM", 1), ("table=4.1", 40)])
def test_the_theses_tables(results: Path, link: str, highest: float) -> None:
    app = followed("tables.py", link)
    assert commands(app) == [f"python -m core tables {link[6:9]} --attack thesis"]
    published = app.dataframe[0].value.xs("published", axis=1, level=1).max().max()
    assert highest / 3 < published < highest


def test_models() -> None:
    app = followed("models.py", "network=sr-x2-rs-0.40")
    assert in_link(app) == {"network": "sr-x2-rs-0.40"}
    assert any("sr-x2-rs-0.40" in text.value for text in app.markdown)
