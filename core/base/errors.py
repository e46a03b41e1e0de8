"""The one error a person is meant to read."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ADVICE = {
    errno.ENOSPC: "free some space, or choose another folder",
    errno.EDQUOT: "free some space, or choose another folder",
    errno.EFBIG: "free some space, or choose another folder",
    errno.EROFS: "choose a folder that can be written",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOTDIR: "name a folder, not a file",
    errno.EISDIR: "it is a folder and no file: move it elsewhere, or name a file",
}
"""What to do about the system's refusals; about all others, to check the name and who may use it."""


class UserError(Exception):
    """Something the person at the screen can put right.

    The message is one sentence that says what is wrong and what to do. The command line
    prints it and exits with status 2; the pages show it; neither shows a traceback.
    """


def shortened(text: object, most: int = 80) -> str:
    """A foreign text as a sentence repeats it: its beginning, if it has more than ``most`` letters.

    >>> shortened("9" * 400, 4)
    '999…'
    """
    words = str(text)
    return words if len(words) <= most else f"{words[: most - 1]}…"


def existing(what: str, name: str, known: Iterable[str]) -> str:
    """The name, where it is a known one.

    Raises:
        UserError: if it is not; says which there are of ``what``.
    """
    if name not in (names := list(known)):
        raise UserError(f"There is no {what} “{shortened(name)}”: choose one of {', '.join(names)}.")
    return name


@contextmanager
def refusals_explained(path: Path | None = None) -> Iterator[None]:
    """Turn what the system refuses inside (:class:`OSError`) into one sentence.

    Args:
        path: the file or folder it is about, where the system does not name it.

    Raises:
        UserError: it names the file and says what to do.
    """
    try:
        yield
    except OSError as error:
        where = path or error.filename
        what = "A file" if where is None else shortened(where, 250)
        advice = ADVICE.get(error.errno or 0, "check the name, and who may read and write there")
        raise UserError(f"{what} could not be used ({error.strerror or error}): {advice}.") from error
