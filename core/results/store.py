"""The results store: tidy per-image rows in parquet, one file a table, under ``results/``.

Every row has a ``key``: a hash of everything that decides its figures. Work in progress is
written as parts (``results/.parts/<table>/<part>.parquet``), each of which appears whole or not
at all; :meth:`Store.merge` joins them to the table's one file, dropping keys that stand there
already. So a sweep may be killed at any point and two processes may fill one table: nothing is
lost and nothing is there twice. The columns of each table are described in
``results/README.md``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from core.base.columns import TABLES
from core.base.errors import UserError, refusals_explained
from core.base.files import read_column_names, read_table, stamp, write_atomically
from core.base.places import shipped

RESULTS = Path(os.environ.get("LAB_RESULTS") or shipped("results"))
"""Where results are kept; the environment variable ``LAB_RESULTS`` moves it."""

KEY = "key"

PATIENCE = 1.0
"""Seconds between two looks at parts that another process has claimed."""


@dataclass(frozen=True)
class Store:
    """One table of the results.

    Args:
        table: its name; the file is ``<root>/<table>.parquet``.
        root: folder of all tables.
    """

    table: str
    root: Path = field(default_factory=lambda: RESULTS)

    @property
    def path(self) -> Path:
        """The table's file."""
        return self.root / f"{self.table}.parquet"

    @property
    def _parts(self) -> Path:
        return self.root / ".parts" / self.table

    # -- reading ---------------------------------------------------------------------------

    def read(
        self, columns: Sequence[str] | None = None, where: Sequence[tuple[str, str, Any]] | None = None
    ) -> pd.DataFrame:
        """The merged rows; empty if there are none yet.

        Args:
            columns: only these.
            where: conditions that all must hold, e.g. ``[("split", "==", "test")]``.

        Raises:
            UserError: if the file cannot be read, is damaged, or lacks a column of :mod:`core.base.columns`.
        """
        if stamp(self.path) is None:
            return pd.DataFrame(columns=list(columns or []))
        holds = TABLES.get(self.table, {})
        asked = holds if columns is None else {*columns, *(name for name, _, _ in where or ())}
        return read_table(
            self.path, columns, where, {name: kind for name, kind in holds.items() if name in asked}
        )

    @property
    def columns(self) -> list[str]:
        """Names of the merged table's columns; none if there are no rows yet.

        Raises:
            UserError: if the file cannot be read or is damaged.
        """
        return read_column_names(self.path) if stamp(self.path) else []

    def keys(self) -> set[str]:
        """Keys of all rows that stand in the table or in a part."""
        # Parts first: one that is merged meanwhile is then found in the table's file.
        found: set[str] = set()
        for part in self._part_files():
            try:
                found.update(read_table(part, [KEY])[KEY])
            except UserError:
                if part.exists():
                    raise
        return found | self._merged_keys()

    def holds(self, part: str, keys: Iterable[str]) -> bool:
        """Whether a part, or each of its rows, stands in the table."""
        return (self._parts / f"{part}.parquet").exists() or self._merged_keys().issuperset(keys)

    def _merged_keys(self) -> frozenset[str]:
        modified = stamp(self.path)
        return _keys_of(self.path, modified) if modified else frozenset()

    def _part_files(self) -> list[Path]:
        return sorted(self._parts.glob("[!.]*.parquet"))

    # -- writing ---------------------------------------------------------------------------

    def put(self, part: str, rows: pd.DataFrame) -> None:
        """Write finished rows as a part; they appear all or not at all.

        Raises:
            ValueError: if a row has no key, or two have the same.
            UserError: if the disk is full or the folder cannot be written.
        """
        if KEY not in rows or rows[KEY].isna().any() or rows[KEY].duplicated().any():
            raise ValueError("every row needs a key of its own")
        write_atomically(self._parts / f"{part}.parquet", _to_parquet(rows))

    @contextmanager
    def claim(self, part: str) -> Iterator[bool]:
        """Whether this process may compute a part now: False while another one does.

        The operating system ends a claim with its process, however that dies.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder_of_locks() / f"{part}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def turns(self, parts: Sequence[str]) -> Iterator[str]:
        """Each part in turn, claimed until the next one is asked for.

        What other processes have claimed comes last, when they have finished with it or died.
        """
        waiting = list(parts)
        while waiting:
            later = []
            for part in waiting:
                with self.claim(part) as mine:
                    if mine:
                        yield part
                    else:
                        later.append(part)
            if len(later) == len(waiting):
                time.sleep(PATIENCE)
            waiting = later

    def merge(
        self, order: Sequence[str], outdated: Callable[[pd.DataFrame], pd.Series] | None = None
    ) -> None:
        """Join all parts to the table's file.

        Args:
            order: columns to sort by, so that the file does not depend on who finished first.
            outdated: says of each row whether it is to be dropped.
        """
        from filelock import FileLock

        with FileLock(self._folder_of_locks() / ".merge.lock"):
            parts = self._part_files()
            before = read_table(self.path) if stamp(self.path) else pd.DataFrame()
            frames = [frame for frame in (before, *map(read_table, parts)) if len(frame)]
            if not frames:
                return
            rows = pd.concat(frames, ignore_index=True).drop_duplicates(KEY)
            if outdated is not None:
                rows = rows[~outdated(rows)]
            if parts or len(rows) < len(before):
                rows = rows.sort_values([*order, KEY], kind="stable", ignore_index=True)
                write_atomically(self.path, _to_parquet(rows))
            for part in parts:
                part.unlink()

    def _folder_of_locks(self) -> Path:
        with refusals_explained(self._parts):
            self._parts.mkdir(parents=True, exist_ok=True)
        return self._parts


@lru_cache(maxsize=8)
def _keys_of(path: Path, _modified: tuple[int, int]) -> frozenset[str]:
    return frozenset(read_table(path, [KEY])[KEY])


def _to_parquet(rows: pd.DataFrame) -> bytes:
    buffer = BytesIO()
    rows.to_parquet(buffer, index=False, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()
