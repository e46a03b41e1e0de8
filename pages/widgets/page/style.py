"""The few rules of style that Streamlit's theme cannot express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
.stMainBlockContainer { padding: TOP 1.6rem 2rem; }
[data-testid="stSidebarHeader"] { height: 2.2rem; padding: 0.3rem 1rem 0; margin-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding: 0 1.25rem 1.5rem; }
[data-testid="stStatusWidget"] { display: none; }
/* White on the dark theme's light blue would be hard to read. */
[data-testid="stBaseButton-primary"] * { color: light-dark(#FFFFFF, #101418); }
.stMain h4 { padding: 0; }
/* The thumb says its value; the ends' labels would run into the next control. */
[data-testid="stSidebar"] [data-testid="stSliderTickBar"] { display: none; }
/* The last pictures stay readable while new ones are computed. */
.stElementContainer[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* A page's one figure takes what is left of a tall screen, and its own height on a small one. */
.st-key-tall > .stElementContainer { height: calc(100vh - 22rem) !important; min-height: 365px; }
.st-key-tall .stFullScreenFrame { height: 100%; }
.st-key-digits-sample [role="radiogroup"] { display: grid; grid-template-columns: repeat(5, 1fr); }
.st-key-live_lab_status { min-height: 2.9rem; justify-content: end; margin-top: -1rem; }
.st-key-inverse_status { min-height: 3.2rem; justify-content: end; margin-top: -0.4rem; }
</style>
"""


def show() -> None:
    """Apply them to the page; the navigation on top needs room, which an embedded page has not."""
    top = "1.4rem" if st.context.is_embedded else "4rem"
    st.html(_CSS.replace("TOP", top))
