"""Attack strength and bounds on rows with planted answers: the frames, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import norm

from core.certificates.pixels import Interval
from core.evaluation.studies import strength
from core.evaluation.studies.one_photo import Limits
from core.evaluation.studies.reading import falsification_summary, transfer_matrix
from core.pictures import render
from core.pictures.units import STANDARDISED, grey_levels
from core.reports.figures import attack_strength, bounds
from core.results import summary as results
from tests.core import synthetic_studies as planted


@pytest.fixture(scope="module")
def attacks() -> pd.DataFrame:
    return planted.attacks()


def psnr(share: float, draw_factor: float = 1.0) -> float:
    """Mean PSNR over the photos of an attempt at ε_rel = 0.05, over both report draws."""
    errors = [planted.CLEAN + share * planted.rise(0.05, image) for image in planted.IMAGES]
    return float(np.mean([[-10 * np.log10(e * f) for e in errors] for f in (1.0, 1.01)]))


def line(curve: pd.DataFrame, name: str, samples: int = 0) -> pd.DataFrame:
    rows = curve[(curve["line"] == name) & (curve["attack_samples"] == samples)]
    return rows.set_index("eps_rel")


def test_each_line_is_the_mean_over_photos_and_starts_clean(attacks: pd.DataFrame) -> None:
    curve = strength.curve(attacks)
    assert line(curve, "f").loc[0.05, "psnr"] == pytest.approx(psnr(0.5))
    assert line(curve, "smoothed", 1).loc[0.05, "psnr"] == pytest.approx(psnr(0.45))
    assert line(curve, "smoothed", 16).loc[0.05, "psnr"] == pytest.approx(psnr(0.8))
    assert line(curve, "strongest").loc[0.05, "psnr"] == pytest.approx(psnr(1.0))
    assert line(strength.curve(attacks, "apgd"), "smoothed", 16).loc[0.05, "psnr"] == pytest.approx(psnr(0.9))
    assert set(curve.loc[curve["eps_rel"] == 0, "psnr"].round(9)) == {round(psnr(0.0), 9)}
    assert (curve["psnr_low"] <= curve["psnr"]).all()
    assert (curve["psnr"] <= curve["psnr_high"]).all()


def test_gains_are_paired_by_photo(attacks: pd.DataFrame) -> None:
    gains = strength.gains(attacks, 0.05).set_index(["attack", "attack_samples"])
    assert gains.loc[("pgd", 1), "psnr"] == pytest.approx(psnr(0.5) - psnr(0.45))
    assert gains.loc[("pgd", 1), "psnr"] < 0 < gains.loc[("pgd", 16), "psnr"]
    assert gains.loc[("apgd", 16), "mse"] > 0
    assert gains.loc[("apgd", 16), "ssim"] > 0
    # Photos differ by decibels, the paired differences hardly do.
    assert gains.loc[("pgd", 16), "psnr_high"] - gains.loc[("pgd", 16), "psnr_low"] < 0.3


@pytest.mark.parametrize(
    ("scale", "answer"), [(1.0, strength.REFUTED), (0.3, strength.SURVIVES)]
)  # fmt: skip
def test_the_finding_is_answered_from_the_rows(scale: float, answer: str) -> None:
    table = strength.finding(planted.attacks(scale)).set_index("eps_rel")
    assert table.loc[0.05, "answer"] == answer
    assert table.loc[0.05, "images"] == len(planted.IMAGES)
    assert table.loc[0.05, "own"] == pytest.approx(psnr(0.5) - psnr(scale), abs=1e-9)


def test_one_photo_decides_nothing(attacks: pd.DataFrame) -> None:
    one = strength.finding(attacks[attacks["image_digest"] == "i1"])
    assert set(one["answer"]) == {strength.OPEN}
    assert one["own_low"].isna().all()


def test_restarts_keep_the_strongest_so_far(attacks: pd.DataFrame) -> None:
    table = strength.restarts(attacks, 0.05)
    assert list(table["starts"]) == [1, 2, 3]
    np.testing.assert_allclose(table["psnr"], [psnr(0.9), psnr(0.95), psnr(0.95)])
    assert strength.restarts(attacks[attacks["attack"] != "apgd"], 0.05).empty


def test_losses_over_iterations_never_fall() -> None:
    table = strength.iterations(planted.paths(), 0.05)
    for _, rows in table.groupby("attempt"):
        assert (np.diff(rows.sort_values("iteration")["loss"]) >= 0).all()
    assert set(table["attack"]) == {"pgd", "apgd"}
    assert not table["attempt"].str.contains("box").any()


def test_the_comparison_draws_the_frames(attacks: pd.DataFrame) -> None:
    curve, gains = strength.curve(attacks), strength.gains(attacks, 0.05)
    interpolated = pd.DataFrame(
        {"estimator": "bilinear", "eps_rel": [0.0, 0.0, 0.05], "psnr": [26.0, 28.0, 20.0]}
    )
    figure = attack_strength.comparison(curve, gains, interpolated, "psnr", "pgd")
    drawn = {trace.name: trace for trace in figure.data}
    assert list(drawn["on f (thesis)"].x) == ["0", "0.01", "0.05", "1"]
    np.testing.assert_allclose(drawn["on f (thesis)"].y, line(curve, "f")["psnr"])
    bars = drawn["PGD on ĝ"].error_y
    np.testing.assert_allclose(drawn["PGD on ĝ"].y + bars.array, gains.query("attack == 'pgd'")["psnr_high"])
    bilinear = drawn["bilinear, attacked"]
    assert (list(bilinear.x), list(bilinear.y)) == (["0", "0.05"], [27.0, 20.0])
    assert (
        len({(trace.line.color, trace.line.dash, trace.mode) for trace in figure.data if trace.xaxis == "x"})
        == 6
    )
    alone = attack_strength.comparison(curve, gains, interpolated.iloc[:0], "psnr", "pgd")
    assert len(alone.data) == len(figure.data) - 1


def test_effort_and_transfer_draw_their_frames(attacks: pd.DataFrame) -> None:
    iterations, restarts = strength.iterations(planted.paths(), 0.05), strength.restarts(attacks, 0.05)
    figure = attack_strength.effort(iterations, restarts, "psnr")
    longest = next(trace for trace in figure.data if trace.name == "M = 8, 50 steps")
    assert list(longest.x) == list(range(51))
    assert max(longest.y) <= 0.1
    np.testing.assert_allclose(figure.data[-1].y, restarts["psnr"])
    assert len(attack_strength.effort(iterations, pd.DataFrame(), "psnr").data) == len(figure.data) - 1
    matrix = transfer_matrix(attacks[attacks["eps_rel"] == 0.05])
    figure = attack_strength.transfer(matrix, "psnr", {"smoothed": "ĝ"})
    assert "ĝ" in figure.data[0].y
    np.testing.assert_array_equal(figure.data[0].z, matrix.to_numpy())
    strongest = list(matrix.index).index("smoothed")
    assert figure.layout.shapes[1].y0 == strongest - 0.5


def test_norms_of_both_attacks(attacks: pd.DataFrame) -> None:
    table = results.attack_norms(attacks).set_index("eps_rel")
    assert list(table.index) == [0.01, 0.05, 1.0]
    assert table.loc[0.05, "e_f"] == pytest.approx(13.85640646, abs=1e-5)
    assert table.loc[0.05, "e_g"] == pytest.approx(13.85640646, abs=1e-5)
    assert results.attack_norms(attacks.iloc[:0]).empty


# -- bounds --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return bounds.medians(planted.certificates())


def eps_rel(ratio: float) -> float:
    return ratio * planted.SIGMA / float(np.sqrt(planted.DIMENSION))


def test_errors_and_displacements_share_one_unit(table: pd.DataFrame) -> None:
    at = table.set_index(["certificate", "ratio"])
    assert at.loc[("mean_error", 1.0), "bound"] == pytest.approx(255 * np.sqrt(0.02))
    assert at.loc[("displacement", 1.0), "bound"] == pytest.approx(255 * 0.04)
    assert at.loc[("mean_error", 1.0), "measured"] == pytest.approx(255 * np.sqrt(0.002))


def test_none_is_never_a_number(table: pd.DataFrame) -> None:
    assert table.loc[table["certificate"] == "center", "bound"].isna().all()
    figure = bounds.axis(table, bounds.strongest(pd.DataFrame()), bounds.DISPLACEMENT)
    drawn = {trace.name: trace for trace in figure.data}
    assert np.isnan(np.asarray(drawn["change of the center of the outputs (F): none"].y, dtype=float)).all()
    finite = np.isfinite(np.asarray(drawn["change of one noisy draw, median (A)"].y, dtype=float))
    assert finite.tolist() == [True, True, True, False, False]


def test_the_certified_range_ends_with_the_last_certificate(table: pd.DataFrame) -> None:
    _, reach = bounds.certified_to(table, bounds.ERROR)
    assert reach == pytest.approx(eps_rel(2.0))
    only_f = table[table["certificate"].isin(["center", "displacement", "as_published"])]
    assert bounds.certified_to(only_f, bounds.DISPLACEMENT) == (0.0, 0.0)
    figure = bounds.axis(table, bounds.strongest(planted.attacks()), bounds.ERROR)
    *_, empirical = figure.layout.shapes
    assert empirical.x0 == pytest.approx(eps_rel(2.0))
    assert empirical.x1 > 1.0


def test_it_is_useful_only_where_it_says_more_than_is_trivial(table: pd.DataFrame) -> None:
    errors = table[table["is_certificate"] & table["certificate"].isin(bounds.SHOWN[bounds.ERROR])]
    sharpest = errors.groupby("eps_rel")["bound"].min().dropna()
    useful, reach = bounds.certified_to(table, bounds.ERROR, float(sharpest.iloc[0]) + 0.01)
    assert sharpest.index[0] <= useful < reach
    assert bounds.certified_to(table, bounds.ERROR, 0.0)[0] == 0.0
    figure = bounds.axis(table, bounds.strongest(pd.DataFrame()), bounds.ERROR, interpolation=0.0)
    assert [note.text for note in figure.layout.annotations] == ["vacuous", "no certificate, only attacks"]
    assert "interpolation, without a certificate" in {trace.name for trace in figure.data}


def test_what_is_trivial_holds_for_every_perturbation(generator: torch.Generator) -> None:
    x, y = torch.rand(2, 1, 3, 8, 8, generator=generator)
    e = torch.randn(1, 3, 8, 8, generator=generator) * torch.tensor([3.0, 0.1, 0.1]).view(3, 1, 1) / 50
    level = float(e.square().mean().sqrt())
    attacked = STANDARDISED.decode(STANDARDISED.encode(y) + e)
    clean, reached = (255 * float((z - x).square().mean().sqrt()) for z in (y, attacked))
    (allowed,) = bounds.trivial(pd.Series([level]), clean)
    assert reached <= allowed < 127.5
    assert bounds.trivial(pd.Series([level]), 126.0 + clean).tolist() == [127.5]


def test_decibels_of_an_error() -> None:
    assert bounds.decibels(25.5) == pytest.approx(20.0)


def test_the_strongest_attack_is_on_the_same_axis(table: pd.DataFrame) -> None:
    attacks = bounds.strongest(planted.attacks())
    figure = bounds.axis(table, attacks, bounds.ERROR)
    star = next(trace for trace in figure.data if trace.name.startswith("strongest"))
    assert list(star.x) == [0.01, 0.05, 1.0]
    errors = [(planted.CLEAN + planted.rise(0.05, image)) * 1.005 for image in planted.IMAGES]
    assert star.y[1] == pytest.approx(255 * np.sqrt(np.median(errors)))
    assert figure.layout.xaxis.type == figure.layout.xaxis2.type == "log"
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    place = float(figure.layout.xaxis2.tickvals[figure.layout.xaxis2.ticktext.index("1")])
    assert grey_levels(place) == pytest.approx(1.0)


def test_the_published_number_only_when_asked(table: pd.DataFrame) -> None:
    none = bounds.strongest(pd.DataFrame())
    names = [trace.name for trace in bounds.axis(table, none, bounds.DISPLACEMENT).data]
    assert not any("published" in (name or "") for name in names)
    mixed = bounds.axis(table, none, bounds.DISPLACEMENT, mixed=True)
    assert any("not a bound" in (trace.name or "") for trace in mixed.data)
    fixed, moving = bounds.falsification(falsification_summary(planted.falsification())).data
    assert fixed.y[1] == pytest.approx(1.4)
    assert moving.y[1] == pytest.approx(0.99)
    assert fixed.customdata[1][0] == 4
    assert moving.customdata[1][0] == 0


def test_reach_is_the_closed_form() -> None:
    figure = bounds.reach(0.1, 76_800, (0.001,), (10_000, 0.001))
    curve, star = figure.data
    expected = 0.1 * norm.ppf(0.001 ** (1 / 10_000)) / np.sqrt(76_800)
    assert star.y[0] == pytest.approx(expected)
    assert star.y[0] == pytest.approx(0.00115, abs=5e-6)  # science: ε_max = 0.320 at d = 76,800
    np.testing.assert_allclose(
        curve.y, 0.1 * norm.ppf(0.001 ** (1 / np.asarray(curve.x))) / np.sqrt(76_800), rtol=1e-9
    )


def test_limits_round_outwards(generator: torch.Generator) -> None:
    lower = torch.rand((3, 8, 8), generator=generator, dtype=torch.float64).numpy() * 0.5
    interval = Interval(lower, lower + 0.3)
    limits = Limits.of(interval)
    assert (limits.lower <= 255 * interval.lower).all()
    assert (limits.upper >= 255 * interval.upper).all()
    assert 255 * interval.width <= limits.width <= 255 * interval.width + 2
    wide = render.width_map(np.zeros((3, 2, 2)), np.full((3, 2, 2), 255, dtype=np.uint8))
    assert wide.shape == (2, 2, 3)
    assert (wide == render.scale_bar()[0, -1]).all()
