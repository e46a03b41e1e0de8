"""The Lab at the addresses that links to it have."""

from __future__ import annotations

from pages.widgets.scenario import lab_page

lab_page.show()
