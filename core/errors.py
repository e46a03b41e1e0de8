"""The one error a person is meant to read."""

from __future__ import annotations


class UserError(Exception):
    """Something the person at the screen can put right.

    The message is one sentence that says what is wrong and what to do. The command line
    prints it and exits with status 2; the pages show it; neither shows a traceback.
    """
