"""What the driver of evaluations asks of a job, whatever its rows are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

if TYPE_CHECKING:
    from core.evaluation.jobs import Target


class Data(Protocol):
    """Photos or digits."""

    def of(self, wanted: Any) -> Any:
        """Some of them, as :attr:`Work.wanted` names them."""


class Work(ABC):
    """Rows of some pictures, which :func:`core.evaluation.rows.rows_of` computes; a frozen dataclass.

    Attributes:
        name: of its part in the store, unique.
        keys: of its rows, by picture.
        images: the pictures.
        table: where its rows go.
        several: another of its fields that rows can be left out by.
        together: pictures in a batch for each photo that is asked for.
    """

    several: ClassVar[str]
    together: float = 1

    name: Any
    keys: Any
    images: Any
    table: Any

    @property
    @abstractmethod
    def targets(self) -> Sequence[Target]:
        """The estimators that take part."""

    @property
    @abstractmethod
    def kind(self) -> tuple[str, str, str]:
        """Split, estimator and setting, to add up its time by."""

    @property
    @abstractmethod
    def wanted(self) -> Sequence[Any]:
        """How the data call its pictures."""

    @property
    @abstractmethod
    def forwards(self) -> int:
        """What most of its time goes to."""

    def sent(self, photos: Any) -> Any:
        """What a worker of a cluster needs of its pictures."""
        return photos

    def batches(self, size: int) -> Iterator[Self]:
        """Jobs of fewer pictures each."""
        size = max(1, round(size * self.together))
        for first in range(0, len(self.images), size):
            yield replace(self, images=self.images[first : first + size])  # type: ignore[type-var]

    def missing(self, there: Collection[str]) -> Self | None:
        """What of it is not among these keys: fewer of ``several``, then fewer pictures."""
        found = self
        for field in (self.several, "images"):
            lacking = []
            for each in getattr(found, field):
                part = replace(found, **{field: (each,)})  # type: ignore[type-var]
                if not all(key in there for key in part.keys):
                    lacking.append(each)
            found = replace(found, **{field: tuple(lacking)})  # type: ignore[type-var]
        return found if found.images else None
