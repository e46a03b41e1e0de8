"""Routes only: page configuration and navigation. ``streamlit run app.py`` starts it."""

import streamlit as st

from pages.widgets.page import chart_code, publications

st.set_page_config(page_title="Robustness lab", page_icon="pages/icon.svg", layout="wide")

# Each url_path differs from its file's name: Streamlit would run a file of pages/ by itself, without
# this one, when its name is the first thing that a fresh server is asked for.
PAGES = [
    st.Page("pages/home.py", title="Home", icon=":material/home:", url_path="start", default=True),
    st.Page("pages/live_lab.py", title="Live lab", icon=":material/science:", url_path="lab"),
    st.Page("pages/tradeoff.py", title="Trade-off", icon=":material/show_chart:", url_path="trade-off"),
    st.Page("pages/attack_strength.py", title="Attack strength", icon=":material/bolt:", url_path="attacks"),
    st.Page("pages/certificates.py", title="Certificates", icon=":material/verified:", url_path="bounds"),
    st.Page("pages/tables.py", title="Tables", icon=":material/table:", url_path="thesis-tables"),
    st.Page("pages/models.py", title="Models", icon=":material/network_node:", url_path="networks"),
    st.Page(
        "pages/inverse_problems.py",
        title="Denoising & sensing",
        icon=":material/blur_on:",
        url_path="denoising-sensing",
    ),
    st.Page("pages/digits.py", title="Digits", icon=":material/draw:", url_path="handwritten-digits"),
    st.Page("pages/present.py", title="Present", icon=":material/slideshow:", url_path="stage"),
]

st.navigation(PAGES, position="hidden" if st.context.is_embedded or len(PAGES) == 1 else "top").run()
publications.show()
chart_code.load_early()
