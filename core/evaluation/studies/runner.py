"""Carrying out studies photo by photo into the results store; killed, they go on where they were."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.base.options import key_of
from core.base.progress import PartDone, Progress
from core.results.store import KEY, Store
from core.runtime.engine import Engine

SCENE = ("checkpoint", "image_digest")

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Unit:
    """One photo at one setting.

    Attributes:
        title: for progress.
        part: name of its part in each table's store: the ``study`` of its rows.
        marker: key of a row of the main (last) table that is there when it is finished.
        compute: yields progress, returns the rows by table.
    """

    title: str
    part: str
    marker: str
    compute: Callable[[], Generator[Progress, None, Frames]]


def marker(study: str, number: int = 0) -> str:
    """Key of a row of a study; the first is there in every finished one."""
    return key_of({"study": study, "row": number})


def keyed(study: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a study with its name and their keys."""
    return rows.assign(**{"study": study, KEY: [marker(study, number) for number in range(len(rows))]})


def carry_out(
    units: Sequence[Unit], tables: Mapping[str, Sequence[str]], root: Path, engine: Engine
) -> Iterator[PartDone]:
    """Compute the units that are missing, then merge the tables.

    Two processes share the work: each unit is claimed by one of them.

    Args:
        units: what to compute.
        tables: names, and the columns each is sorted by; the last one is written last and says
            whether a unit is finished.
        root: folder of the tables.
        engine: on whose thread the steps run.
    """
    stores = {name: Store(name, root) for name in tables}
    main = list(stores.values())[-1]
    by_part = {unit.part: unit for unit in units}
    for done, part in enumerate(main.turns(list(by_part))):
        unit = by_part[part]
        if not main.holds(part, [unit.marker]):
            for progress in _compute(unit, stores, engine):
                yield PartDone(done, len(units), f"{unit.title}: {progress.stage}")
        yield PartDone(done + 1, len(units), unit.title)
    studies = {unit.part for unit in units}
    for name, store in stores.items():
        store.merge(tables[name], lambda rows: superseded(rows, studies))


def superseded(rows: pd.DataFrame, studies: Set[str]) -> pd.Series:
    """Rows of other studies about the same photo, network, noise and attack strength: an earlier
    protocol, whose rows would count twice beside the new ones."""
    names = [*SCENE, *(["sigma_g", "eps_rel"] if "sigma_g" in rows else ["sigma"])]
    current = rows["study"].isin(studies)
    scenes = pd.MultiIndex.from_frame(rows[names])
    found: pd.Series = ~current & scenes.isin(scenes[current])
    return found


def _compute(unit: Unit, stores: Mapping[str, Store], engine: Engine) -> Generator[Progress, None, None]:
    frames = yield from engine.drive(unit.compute())
    for table, store in stores.items():
        if len(frames[table]):
            store.put(unit.part, frames[table])
