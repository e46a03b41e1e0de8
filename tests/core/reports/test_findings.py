"""Each claim's rule says yes where it holds and no where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.reports.findings.thesis import findings, measured, printed, to_markdown
from core.results.store import Store
from tests.core.synthetic_results import Rule, fill, plain_rule


def answers(root: Path, rule: Rule) -> dict[str, str]:
    fill(root, rule)
    return {finding.claim.letter: finding.answer for finding in findings(root)}


def changed(
    when: str, *, add: float = 0.0, from_eps: float = 0.0, to_eps: float = 1.0, slope: float = 0.0
) -> Rule:
    """The plain rule with one objective moved over some attack strengths, or along its level."""

    def rule(objective: str, level: float, eps_rel: float) -> float:
        value = plain_rule(objective, level, eps_rel)
        inside = objective == when and from_eps <= eps_rel <= to_eps
        return value + (add + slope * level if inside else 0.0)

    return rule


def test_the_plain_rule(tmp_path: Path) -> None:
    found = answers(tmp_path, plain_rule)
    assert found["a"] == "yes"
    assert found["d"] == "yes, which may be chance", "two levels are equally good somewhere"
    assert found["e"] == "yes"


@pytest.mark.parametrize(
    ("letter", "rule", "expected"),
    [
        ("a", changed("smoothing", add=-0.1, to_eps=0.02), "yes"),
        ("a", changed("smoothing", add=-5.0, to_eps=0.02), "no"),
        ("b", changed("smoothing", add=+5.0, from_eps=0.05), "yes"),
        ("b", changed("smoothing", add=-5.0, from_eps=0.05), "no"),
        ("c", changed("adversarial", add=+10.0, from_eps=0.05), "yes"),
        ("c", changed("adversarial", add=-5.0, from_eps=0.05), "no"),
        # At the strongest attack the smallest level becomes the best again.
        ("d", changed("smoothing", from_eps=0.2, slope=-40.0), "no"),
        ("e", changed("smoothing", to_eps=0.0, slope=+4.0), "no"),
        ("f", changed("interpolation", add=-20.0), "by PSNR never in this grid, by SSIM never in this grid"),
        ("f", changed("interpolation", add=+20.0, from_eps=0.05),
         "by PSNR from ε_rel = 0.05 on, by SSIM from ε_rel = 0.05 on"),
        ("f", changed("interpolation", add=+20.0),
         "by PSNR from ε_rel = 0 on, by SSIM from ε_rel = 0 on"),
    ],
)  # fmt: skip
def test_a_rule_that_decides(letter: str, rule: Rule, expected: str, tmp_path: Path) -> None:
    assert answers(tmp_path, rule)[letter] == expected


def test_evidence_is_paired_over_photos(tmp_path: Path) -> None:
    """Photos differ by 1.5 dB, estimators on one photo by 0.05: the interval must be the small one."""
    fill(tmp_path, changed("smoothing", add=1.0), images=40)
    claim, *_ = (f for f in findings(tmp_path) if f.claim.letter == "a")
    for line in claim.evidence:
        assert line.high - line.low < 0.1
        assert line.low < line.value < line.high
        assert line.clear


def test_the_published_tables_give_the_thesis_its_own_conclusions() -> None:
    """Section 4.4.1 for factor 2: comparable when small; SSIM to smoothing, PSNR to training when large."""
    grids = {factor: printed(factor) for factor in (2, 4)}
    assert grids[2].frame("psnr", "estimator", eps=0.02)["rs-0.1"].item() == 24.26
    assert set(grids[4].estimators("smoothing").values()) == {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0}


def test_thesis_answers_stand_beside_ours(tmp_path: Path) -> None:
    fill(tmp_path)
    theirs = {f.claim.letter: f.published for f in findings(tmp_path)}
    assert theirs["a"] == "yes"
    assert theirs["b"] == "yes"
    assert theirs["c"] == "yes"
    assert theirs["f"] == "not reported"


def test_an_incomplete_grid_gives_no_answers(tmp_path: Path) -> None:
    assert measured(2, tmp_path) is None
    fill(tmp_path)
    assert measured(4, tmp_path) is None
    assert measured(2, tmp_path).images == 12
    rows = Store("super_resolution", tmp_path).read()
    gap = rows.query("estimator == 'sr-x2-std' and eps_rel == 0.05 and image == @rows.image.iloc[0]").index
    rows.drop(gap).to_parquet(Store("super_resolution", tmp_path).path)
    assert measured(2, tmp_path) is None


def test_the_file_has_every_claim_and_its_evidence(tmp_path: Path) -> None:
    fill(tmp_path, factors=(2, 4))
    text = to_markdown(findings(tmp_path))
    assert text.startswith("# Findings")
    for factor in (2, 4):
        for letter in "abcdef":
            assert f"### ×{factor} ({letter})" in text
    assert "12 test photos" in text
    assert "nan" not in text


def test_the_file_says_how_its_rows_were_made(tmp_path: Path) -> None:
    fill(tmp_path, factors=(2,), steps=20, samples=7)
    text = to_markdown(findings(tmp_path))
    assert "PGD-20 on each network" in text
    assert "(k = 7)" in text
    fill(tmp_path / "two", factors=(2, 4))
    rows = Store("super_resolution", tmp_path / "two").read()
    rows.loc[(rows["factor"] == 4) & (rows["eps_rel"] > 0), "attack_steps"] = 100
    rows.to_parquet(Store("super_resolution", tmp_path / "two").path)
    assert "PGD-10 or PGD-100 on each network" in to_markdown(findings(tmp_path / "two"))
