"""A folder at once on its page: what is chosen is attacked, and the command says the same."""

from __future__ import annotations

from functools import partial

from tests.pages import apps
from tests.pages.apps import calm, in_link

opened = partial(apps.opened, "folder.py")


def test_every_network_meets_every_photo() -> None:
    app = calm(opened(networks="sr-x2-std,sr-x2-rs-0.10", photos="chelsea,coffee", attack="fgm"))
    assert "4 attacks" in app.info[0].value
    assert not app.table
    assert "(FGM) on each estimator itself" in app.markdown[0].value, "the attack is named before it is made"
    assert app.select_slider[0].options[0] == "ε_rel 0.02 ≈ 1.4 grey levels, the usual"
    app.button[0].click().run()
    calm(app)
    means = app.table[0].value
    assert [*means.index] == ["bilinear", "bicubic", "sr-x2-std", "sr-x2-rs-0.10", "smoothed sr-x2-rs-0.10"]
    by_file = app.dataframe[0].value
    assert len(by_file) == 2 * 5 * 3
    attacked = by_file[(by_file["estimator"] == "sr-x2-std") & (by_file["input"] == "attack")]
    assert float(means.loc["sr-x2-std", "PSNR dB, attack"]) == round(attacked["psnr"].mean(), 2)
    assert "--network sr-x2-std --network sr-x2-rs-0.10 --eps 0.02 --attack fgm" in app.code[0].value
    assert in_link(app)["photos"] == "chelsea,coffee"


def test_what_does_not_go_together_is_one_sentence() -> None:
    app = opened(networks="sr-x2-std,dn-ord")
    assert "different problems" in app.error[0].value
    app = opened(networks="", photos="chelsea")
    assert "at least one network" in app.error[0].value
