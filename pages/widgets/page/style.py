"""The few rules of style that Streamlit's theme cannot express."""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
.stMainBlockContainer { padding: TOP 1.6rem 2rem; }
[data-testid="stStatusWidget"] { display: none; }
/* White on the dark theme's light blue would be hard to read. */
:is([data-testid="stBaseButton-primary"], [data-tag]) * { color: light-dark(#FFFFFF, #101418); }
.stMain h4 { padding: 0; }
/* No letter is smaller than this, on a projector least of all. */
.stApp :is(p, li, label, button, input, td, th, kbd, small, code, [data-testid="stSliderThumbValue"],
  [data-tag] span, [data-testid="stFileUploaderDropzoneInstructions"] span, [data-testid="stTooltipContent"],
  [data-testid="stJson"] *) {
  font-size: max(14px, 1em);
}
/* The thumb says its value; the ends' labels would run into the next control. */
:is(.st-key-desk_rail, .st-key-lab_rail) [data-testid="stSliderTickBar"] { display: none; }
/* The last pictures stay readable while new ones are computed. */
.stElementContainer[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* A page's one figure takes what is left of a tall screen, and its own height on a small one. */
.st-key-tall > .stElementContainer { height: calc(100vh - 22rem) !important; min-height: 365px; }
.st-key-tall .stFullScreenFrame { height: 100%; }
@media (max-width: 640px) {
  .st-key-tall > .stElementContainer { height: auto !important; }
  .stApp [data-testid="stButtonGroup"] button { padding-inline: 8px; }
}
/* Controls to the left of what they change; on a phone below it, a pad to draw on before all. */
.st-key-desk {
  display: grid; gap: 0.8rem 20px;
  grid-template: "pad stage" auto "rail stage" 1fr / 232px minmax(0, 1fr);
}
.st-key-desk > * { min-width: 0; width: auto; }
.st-key-desk > :has(> .st-key-desk_pad) { grid-area: pad; }
.st-key-desk > :has(> .st-key-desk_rail) { grid-area: rail; }
.st-key-desk > :has(> .st-key-desk_stage) { grid-area: stage; }
@media (prefers-color-scheme: dark) { [class*="st-key-digits-plane"] { filter: brightness(0.8); } }
.st-key-digits-sample [role="radiogroup"] { display: grid; grid-template-columns: repeat(5, 1fr); }
/* Link and command of every page stand at one place, beside the navigation. */
.st-key-sharing {
  position: fixed; top: 5px; right: 16px; z-index: 999991; width: auto; gap: 0.5rem; flex-wrap: nowrap;
}
/* The Lab: the verdict above, controls to the left, the exhibit; on a phone one below the other. */
header[data-testid="stHeader"] { height: 2.95rem; min-height: 0; }
.stMainBlockContainer:has(.st-key-lab) { padding: 3rem 16px 2rem; }
.st-key-lab {
  display: grid; gap: 0.3rem 16px;
  grid-template: "said said" auto "rail stage" auto "below below" auto / 232px minmax(0, 1fr);
}
.st-key-lab > :has(> .st-key-lab_said) { grid-area: said; }
.st-key-lab > :has(> .st-key-lab_rail) { grid-area: rail; }
.st-key-lab > :has(> .st-key-lab_stage) { grid-area: stage; }
.st-key-lab > :has(> .st-key-lab_below) { grid-area: below; margin-top: 1rem; }
.st-key-lab > * { min-width: 0; width: auto; }
.st-key-lab_status { min-height: 2.8rem; justify-content: center; }
.st-key-lab :is(p, label, button, input, td, th) { font-size: 14px; }
.st-key-lab_rail [data-testid="stSliderThumbValue"] { font-size: 14px; }
.st-key-lab_said { gap: 0; }
.st-key-lab .st-key-lab_status p { font-size: 21px; line-height: 1.3; letter-spacing: -0.2px; }
.st-key-lab_rail { gap: 0.5rem; }
.st-key-lab_rail [data-testid="stWidgetLabel"] { min-height: 0; }
/* The longest problem's name ends where the arrow begins. */
.st-key-lab_rail [data-testid="stSelectbox"] input { padding-right: 0; margin-right: -6px; }
.stMainBlockContainer:has(.st-key-talk) { padding: 3.4rem 16px 1rem; }
.st-key-talk { gap: 0.6rem; }
.st-key-talk_bar { gap: 0.5rem; }
.st-key-talk_status:empty, .stElementContainer:has(> .st-key-talk_status:empty) { display: none; }
@media (max-width: 800px) {
  .st-key-desk { grid-template: "pad" auto "stage" auto "rail" auto / minmax(0, 1fr); }
  .st-key-lab { grid-template: "said" auto "stage" auto "rail" auto "below" auto / minmax(0, 1fr); }
  .st-key-lab .st-key-lab_status p { font-size: 19px; }
}
</style>
"""


def show() -> None:
    """Apply them to the page; the navigation on top needs room, which an embedded page has not."""
    top = "1.4rem" if st.context.is_embedded else "4rem"
    st.html(_CSS.replace("TOP", top))
