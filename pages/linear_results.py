"""What links from before Findings and the Lab open: a linear problem's results, or the Lab with one."""

from __future__ import annotations

import streamlit as st

from core.problems.denoising import DenoisingScenario
from pages.widgets.scenario import lab_page
from pages.widgets.studies import findings
from pages.widgets.studies.views import VIEWS

if st.query_params.get("part") in VIEWS:
    findings.show("noise", DenoisingScenario.problem.name)
else:
    lab_page.show(DenoisingScenario())
