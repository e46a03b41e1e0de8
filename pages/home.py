"""Home: what this is, in one picture and three sentences, with a way into each page."""

from __future__ import annotations

import streamlit as st

from pages.widgets.page import style
from pages.widgets.scenario import home_picture, scenario_controls

WAYS = (
    ("pages/tradeoff.py", "Trade-off", ":material/show_chart:", "What each defence costs and gains."),
    ("pages/attack_strength.py", "Attack strength", ":material/bolt:", "How strong attacks really are."),
    ("pages/certificates.py", "Certificates", ":material/verified:", "What can be guaranteed at all."),
    ("pages/tables.py", "Tables", ":material/table:", "Our numbers beside the published ones."),
    ("pages/models.py", "Models", ":material/network_node:", "Every network; add your own."),
    ("pages/inverse_problems.py", "Denoising", ":material/blur_on:", "And sensing: five ways to train."),
    ("pages/digits.py", "Digits", ":material/draw:", "Draw one: where a certificate bites."),
    ("pages/present.py", "Present", ":material/slideshow:", "The story in scenes, on a clean stage."),
)


def page() -> None:
    """Sentences, picture, ways on."""
    style.show()
    st.markdown(
        "### See adversarial robustness\n"
        "Networks restore photos from low-resolution measurements, and a perturbation that the eye hardly "
        "sees can break what they restore. Adversarial training and randomized smoothing defend against "
        "it, each at a price. Here you attack a photo, your own if you like, and watch what each defence "
        "makes of it, live on this machine."
    )
    home_picture.show()
    st.caption(f"Attack: {home_picture.SCENARIO.attack_said}. PSNR against the true photo.")
    if st.button("Attack this photo", type="primary", icon=":material/bolt:"):
        scenario_controls.CONTROLS.open_at(home_picture.SCENARIO)
    columns = st.columns(len(WAYS))
    for column, (target, title, icon, sentence) in zip(columns, WAYS, strict=True):
        with column:
            st.page_link(target, label=f"**{title}**", icon=icon)
            st.caption(sentence)


page()
