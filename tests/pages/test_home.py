"""Home: its picture is what the Live lab shows, and every way on exists."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.base.progress import finish
from core.experiment.run import run
from core.pictures import render
from core.runtime.session import Lab
from pages.widgets.scenario import home_picture
from tests.pages.apps import APP


def test_the_picture_and_its_figures_are_computed_ones() -> None:
    """Processors differ by some hundredths of a dB in bfloat16."""
    outcome = finish(run(home_picture.SCENARIO, Lab()))
    assert home_picture.SCENARIO.attacks_smoothed, "the defence that is shown is the one that is attacked"
    for name, computed in home_picture.quality(outcome).items():
        for kind, psnr in computed.items():
            assert home_picture.figures()[name][kind] == pytest.approx(psnr, abs=0.15)
    stored = np.asarray(Image.open(home_picture.FOLDER / "smoothed.png")).astype(float)
    assert np.abs(stored - render.pixels(outcome.chosen.attacked.estimate.picture)).mean() < 1.0


def test_what_is_said_of_a_defence_follows_from_its_figures() -> None:
    found = home_picture.figures()
    for panel in home_picture.panels(found)[1:]:
        attacked, interpolation = found[panel.name]["attacked"], found["interpolation"]["attacked"]
        assert panel.caption.startswith(f"{attacked:.1f} dB")
        assert ("below interpolation" in panel.caption) == (attacked < interpolation)


def test_home_explains_itself_and_leads_on() -> None:
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert not app.exception
    assert "each at a price" in app.markdown[0].value
    assert [button.label for button in app.button] == ["Attack this photo"]
    assert app.get("page_link")
