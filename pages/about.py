"""About: what this is, and the publications behind it."""

from __future__ import annotations

import streamlit as st

from core.base.references import PAPER, THESIS, cite, references
from pages.widgets.page import style


def page() -> None:
    """What the app shows, and every publication with its link."""
    style.show()
    st.markdown(
        "#### About\n"
        "Networks restore photos from incomplete or noisy measurements, and a perturbation that the eye "
        "hardly sees can break what they restore. Adversarial training and randomized smoothing defend "
        "against it, each at a price. Here you attack a photo, your own if you like, and watch what each "
        "defence makes of it, live on this machine. Estimators are attacked as they are deployed; where a "
        "sentence speaks of a weaker attack, as that of the Lab’s first picture does, it says so.\n\n"
        f"“The thesis” is {cite(THESIS)}, “the paper” {cite(PAPER)}. All publications:"
    )
    st.markdown("\n".join(f"- {reference.to_markdown()}" for reference in references().values()))


page()
