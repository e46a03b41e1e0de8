"""README and docs: figures as the store has them, links that lead somewhere, pages that can be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core.attacks.terms import STRONGEST
from core.problems.super_resolution import SUPER_RESOLUTION
from core.problems.tomography import IS_THERE
from core.results.evaluations import table_of
from core.results.store import Store
from docs.generate import blocks, site
from tests.core import synthetic_results

ROOT = blocks.ROOT
PAGES = [path.relative_to(ROOT).as_posix() for path in [*blocks.pages(), *(ROOT / "docs").rglob("*.md")]]
LINK = re.compile(r"\]\(([^)#\s]*)(#[\w-]+)?\)")
ATTACK = re.compile(r"\b(?:PGD|APGD)-\d+")


@pytest.mark.skipif(IS_THERE, reason="the docs are of an installation without deepinv, which adds a problem")
def test_every_figure_is_what_the_store_has() -> None:
    found = blocks.stale()
    assert not found, "run python -m docs.generate:\n" + "\n".join(found.values())
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "commands").iterdir()}
    assert there == {name for name in blocks.FILES if name.startswith("docs/commands/")}


@pytest.mark.parametrize("page", dict.fromkeys(PAGES))
def test_a_page_is_short_and_its_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert len(text.encode()) <= (6_000 if page == "README.md" else 12_000)
    for target, anchor in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if "://" in target:
            continue
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {"#" + re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in anchors, f"{target}{anchor}"


@pytest.mark.parametrize("page", dict.fromkeys(PAGES))
def test_attacks_with_their_steps_are_named_only_where_rows_name_them(page: str) -> None:
    typed = blocks.BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    assert not ATTACK.findall(typed)


@pytest.mark.parametrize("page", dict.fromkeys(PAGES))
def test_commands_named_in_docs_are_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for word, second in re.findall(r"python -m core ([a-z]+)(?: ([a-z]+))?", text):
        one = f"docs/commands/{word}.md" in blocks.FILES
        assert one or f"docs/commands/{word}-{second}.md" in blocks.FILES or word == "study"


@pytest.mark.parametrize("whole", [True, False])
def test_the_refutation_names_its_attack_with_and_without_the_strongest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """Rows by rule: smoothing is best under the thesis's attack, and worth nothing under the strongest."""

    def rule(objective: str, level: float, eps_rel: float) -> float:
        gained = 5.0 * (objective == "smoothing" and eps_rel > 0)
        return synthetic_results.plain_rule(objective, level, eps_rel) + gained

    monkeypatch.setitem(synthetic_results.TAKEN, "smoothing", 25.0)
    synthetic_results.fill(tmp_path, rule)
    if not whole:
        Store(table_of(SUPER_RESOLUTION, STRONGEST).name, tmp_path).path.unlink()
    code = "from docs.generate.figures import *; print(best(), answers(), claims(), sep=chr(10))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "LAB_RESULTS": str(tmp_path)},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    first = said.splitlines()[0]
    missing = "The store has no complete grid of `super_resolution_strongest`"
    if whole:
        assert first.startswith("**Under the strongest attack known on each estimator (12 test photos)")
        assert "randomized smoothing" not in first
        assert missing not in said
        assert "strongest attack known | ×2, as the thesis attacks" in said
    else:
        assert first.startswith("**Under PGD-10 on each network, on f alone where it is smoothed")
        assert "randomized smoothing at ε_rel = 0.01 to 0.2" in first
        assert missing in said


def test_the_moving_picture_is_small_and_moves() -> None:
    file = ROOT / "docs" / "live-lab.webp"
    assert file.stat().st_size <= 2 * 2**20
    assert getattr(Image.open(file), "n_frames", 1) > 10


def test_the_site_leaves_out_marks_and_links_to_code() -> None:
    text = "Lines:\n<!-- generated: best -->\n- one\n<!-- end -->\n[file](../core/a.py), [page](guide.md)\n"
    assert site.on_page_markdown(text) == "Lines:\n\n- one\n\nfile, [page](guide.md)\n"
