"""Files that are read or written whole or not at all, and tables likewise."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.columns import NUMBER, TEXT, TRUTH, WHOLE
from core.base.errors import UserError, refusals_explained

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_bytes(path: Path) -> bytes:
    """All of a file.

    Raises:
        UserError: if the system refuses it.
    """
    with refusals_explained(path):
        return path.read_bytes()


def digest(content: bytes) -> str:
    """First 16 hexadecimal digits of the content's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


def stamp(path: Path) -> tuple[int, int] | None:
    """When a file was written (ns), and its size (bytes): what is remembered of it holds as long as these.
    None while there is none.

    Raises:
        UserError: if the system refuses it.
    """
    with refusals_explained(path), suppress(FileNotFoundError):
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size
    return None


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary neighbour, so that no reader sees half of it.

    Raises:
        UserError: if the disk is full, the folder cannot be written, or a folder has this name.
    """
    with refusals_explained(path):
        if not path.name or path.is_dir():
            raise UserError(f"{path} is a folder: name a file in it.")
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise


def read_table(
    path: Path,
    columns: Sequence[str] | None = None,
    where: Sequence[tuple[str, str, Any]] | None = None,
    holds: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """A parquet file.

    Args:
        path: the file.
        columns: only these.
        where: conditions that all must hold, e.g. ``[("split", "==", "test")]``.
        holds: columns that it must have, and what each holds: see :mod:`core.base.columns`.

    Raises:
        UserError: if the system refuses the file, it is damaged, or a column is missing or holds
            something else.
    """
    import pandas as pd
    from pyarrow import parquet

    content = BytesIO(read_bytes(path))
    with _damage_explained(path):
        schema = parquet.read_schema(content)
        wrong = [(name, kind) for name, kind in (holds or {}).items() if not _is(schema, name, kind)]
        if not wrong:
            frame = pd.read_parquet(content, columns=columns, filters=where, page_checksum_verification=True)
            if list(frame) != list(columns or schema.names):
                raise ValueError("its two lists of columns differ")
            return frame
    name, kind = wrong[0]
    raise UserError(
        f"{path} has no column {name} of {kind}: it is of another version, so bring back this version's with "
        "git checkout, or choose another folder with --results."
    )


def read_column_names(path: Path) -> list[str]:
    """Names of a parquet file's columns.

    Raises:
        UserError: if the system refuses the file, or it is damaged.
    """
    from pyarrow import parquet

    content = BytesIO(read_bytes(path))
    with _damage_explained(path):
        return list(parquet.read_schema(content).names)


@contextmanager
def _damage_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever a damaged file makes its readers raise
        raise UserError(
            f"{path} is damaged: bring it back with git checkout, or delete it and compute it anew."
        ) from error


def _is(schema: pa.Schema, name: str, kind: str) -> bool:
    """Whether a file has a column of this kind; one without any value may be of any."""
    from pyarrow import types

    if name not in schema.names:
        return False
    found = schema.field(name).type
    kinds = {
        TEXT: types.is_string(found) or types.is_large_string(found),
        WHOLE: types.is_integer(found),
        NUMBER: types.is_integer(found) or types.is_floating(found),
        TRUTH: types.is_boolean(found),
    }
    return bool(kinds[kind] or types.is_null(found))
