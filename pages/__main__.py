"""Start the app: ``python -m pages [options of streamlit run]``.

Like ``streamlit run app.py``, but a link to any page also works as the very first thing that
a fresh server is asked for: Streamlit takes every folder ``pages/`` for its older kind of
multipage app until a script has called ``st.navigation``, and says “Page not found” so long.
"""

from __future__ import annotations

import sys
from pathlib import Path

from streamlit.runtime.pages_manager import PagesManager
from streamlit.web import cli

if __name__ == "__main__":
    PagesManager.uses_pages_directory = False
    cli.main(["run", str(Path(__file__).resolve().parent.parent / "app.py"), *sys.argv[1:]])
