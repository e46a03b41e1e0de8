"""Start the app: ``python -m pages [options of streamlit run]``.

Like ``streamlit run app.py``, but a link to any page also works as the very first thing that
a fresh server is asked for: Streamlit takes every folder ``pages/`` for its older kind of
multipage app until a script has called ``st.navigation``, and says “Page not found” so long.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path


def ensure_home() -> None:
    """Streamlit asks for a home folder, which the user of a server need not have: then a temporary one."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = tempfile.mkdtemp(prefix="robustness-lab-home-")
        atexit.register(shutil.rmtree, os.environ["HOME"], ignore_errors=True)


def warm() -> None:
    """Compute the first page; whatever goes wrong with it, the page itself says."""
    from pages.widgets.scenario import first

    with suppress(Exception):
        first.warm()


if __name__ == "__main__":
    ensure_home()
    threading.Thread(target=warm, daemon=True).start()
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    PagesManager.uses_pages_directory = False
    cli.main(["run", str(Path(__file__).resolve().parent.parent / "app.py"), *sys.argv[1:]])
