"""How long an evaluation took, by estimator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.evaluation.driver import Finished


@dataclass
class Clock:
    """Adds up finished jobs; those that were there already count nothing."""

    _totals: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)

    def add(self, finished: Finished) -> None:
        """Count one job."""
        job = finished.job
        if job is None or finished.seconds == 0:
            return
        total = self._totals.setdefault(job.kind, [0.0, 0.0, 0.0])
        total[0] += finished.seconds
        total[1] += len(job.images)
        total[2] += job.forwards

    def to_records(self) -> list[dict[str, Any]]:
        """``split``, ``estimator``, ``setting``, ``images`` (attacked and scored, each once for every
        attack strength), ``seconds``, ``images_per_second``, ``forwards_per_second`` (of base
        estimates and smoothing samples)."""
        return [
            {
                "split": split,
                "estimator": name,
                "setting": setting,
                "images": int(images),
                "seconds": round(seconds, 2),
                "images_per_second": round(images / seconds, 2),
                "forwards_per_second": round(forwards / seconds, 1),
            }
            for (split, name, setting), (seconds, images, forwards) in self._totals.items()
        ]

    def lines(self) -> list[str]:
        """The same for people."""
        records = self.to_records()
        if not records:
            return ["nothing to compute: all of it stands in the store"]
        return [
            f"{r['split']:<11}{r['estimator']:<20}{r['setting']:<14}{r['seconds']:>9.1f} s"
            f"{r['images_per_second']:>9.2f} attacked images/s{r['forwards_per_second']:>9.1f} estimates/s"
            for r in records
        ]
