"""Routes only: page configuration and navigation. ``streamlit run app.py`` starts it."""

import streamlit as st

from pages.widgets.page import chart_code
from pages.widgets.page.controls import whole_run
from pages.widgets.page.routes import Route, navigation

st.set_page_config(page_title="Robustness lab", page_icon="pages/icon.svg", layout="wide")

# Each url_path differs from its file's name: Streamlit would run a file of pages/ by itself, without
# this one, when its name is the first thing that a fresh server is asked for.
ROUTES = (
    Route("Lab", "Lab", "pages/home.py", url_path="start"),
    Route("Lab", "Lab", "pages/live_lab.py", url_path="lab"),
    Route("Findings", "Findings", "pages/tradeoff.py", url_path="trade-off"),
    Route("Findings", "Findings", "pages/attack_strength.py", url_path="attacks"),
    Route("Findings", "Findings", "pages/linear_results.py", url_path="denoising-sensing"),
    Route("Guarantees", "Guarantees", "pages/certificates.py", url_path="bounds"),
    Route("Digits", "Digits", "pages/digits.py", url_path="handwritten-digits"),
    Route("Talk", "Talk", "pages/present.py", url_path="stage"),
    Route("More", "Models", "pages/models.py", url_path="networks"),
    Route("More", "Tables", "pages/tables.py", url_path="thesis-tables"),
    Route("More", "A folder", "pages/folder.py", url_path="folder-of-photos"),
    Route("More", "About", "pages/about.py", url_path="publications"),
)

page = navigation(ROUTES)
with whole_run():
    page.run()
chart_code.load_early()
