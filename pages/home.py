"""Home: the Lab in the state that its story begins with; the next step is a button on the smoothed card."""

from __future__ import annotations

from pages.widgets.scenario import first, lab_page

lab_page.show(first.BEGIN)
