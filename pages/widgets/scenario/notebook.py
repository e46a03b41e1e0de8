"""Results in Jupyter, in the viewer of the pages: ``%load_ext pages.widgets.scenario.notebook``.

An :class:`~core.experiment.outcome.Outcome` that a cell ends with is then shown by itself, without a network.
"""

from __future__ import annotations

import html
from typing import Any

from core.experiment.outcome import Outcome
from pages.widgets.scenario import outcome_panels
from pages.widgets.viewer import viewer_data

HEIGHT = 760
"""Of the viewer, in CSS pixels."""


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext`` with IPython's shell."""
    shell.display_formatter.formatters["text/html"].for_type(Outcome, shown)


def shown(outcome: Outcome) -> str:
    """An element of HTML with all pictures of a run, apart from the styles and scripts around it."""
    scenario = outcome.scenario
    rows, pair = outcome_panels.rows(outcome), outcome_panels.pair(scenario)
    page = viewer_data.document(viewer_data.payload(rows, version=scenario.key(), pair=pair))
    return (
        f'<iframe srcdoc="{html.escape(page)}" title="{html.escape(scenario.to_command())}" '
        f'style="width: 100%; height: {HEIGHT}px; border: 0"></iframe>'
    )
