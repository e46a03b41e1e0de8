"""Files: read with one sentence where that fails, written whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from core.errors import UserError


def read_bytes(path: Path) -> bytes:
    """A file's content.

    Raises:
        UserError: if there is no such file, it is a folder, or it may not or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> UserError:
    """The sentence for a file that could not be read: it is not there, not a file, or locked."""
    if isinstance(error, IsADirectoryError):
        return UserError(f"{path} is a folder and no file: move it elsewhere.")
    return UserError(
        f"{path} cannot be read ({error.strerror or error}): check where it lies and who may read it."
    )


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary neighbour, so that no reader sees half of it.

    Raises:
        UserError: if the disk is full or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise UserError(
            f"{path} could not be written ({error.strerror}): free some space or choose another folder."
        ) from error
