"""How long an evaluation took, by estimator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.evaluation.sweep.sweep import Finished


@dataclass
class Clock:
    """Adds up finished groups; those that were there already count nothing."""

    _totals: dict[tuple[str, str, int], list[float]] = field(default_factory=dict)

    def add(self, finished: Finished) -> None:
        """Count one group."""
        if finished.seconds == 0:
            return
        target = finished.group.target
        total = self._totals.setdefault((finished.group.split, target.name, target.factor), [0.0, 0.0, 0.0])
        total[0] += finished.seconds
        total[1] += len(finished.group.images)
        total[2] += finished.group.forwards

    def to_records(self) -> list[dict[str, Any]]:
        """``split``, ``estimator``, ``factor``, ``images`` (attacked and scored, each once for every
        attack strength), ``seconds``, ``images_per_second``, ``forwards_per_second`` (of base
        estimates and smoothing samples)."""
        return [
            {
                "split": split,
                "estimator": name,
                "factor": factor,
                "images": int(images),
                "seconds": round(seconds, 2),
                "images_per_second": round(images / seconds, 2),
                "forwards_per_second": round(forwards / seconds, 1),
            }
            for (split, name, factor), (seconds, images, forwards) in self._totals.items()
        ]

    def lines(self) -> list[str]:
        """The same for people."""
        records = self.to_records()
        if not records:
            return ["nothing to compute: all of it stands in the store"]
        return [
            f"{r['split']:<11}{r['estimator']:<20}x{r['factor']}{r['seconds']:>9.1f} s"
            f"{r['images_per_second']:>9.2f} attacked images/s{r['forwards_per_second']:>9.1f} estimates/s"
            for r in records
        ]
