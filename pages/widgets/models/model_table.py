"""The networks as a table: one row each, columns with headings and help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.problems import PROBLEMS
from core.reports.titles import OBJECTIVES
from core.zoo import registry
from core.zoo.metadata import Metadata


def titled(name: str) -> str:
    """A problem as people call it."""
    return PROBLEMS[name].title if name in PROBLEMS else name.capitalize()


TRAINING = {
    **{objective: f"{name}: {words}" for objective, (name, words) in OBJECTIVES.items()},
    "standard": "standard",
    "smoothing": "with noise (smoothing)",
    "denoised": "a denoiser before standard training (denoised smoothing)",
    "adversarial": "adversarial",
}


@dataclass(frozen=True)
class Column:
    """How a column is headed, explained and written; texts longer than ``room`` get a wider one."""

    title: str
    help: str
    kind: Literal["text", "number"] = "number"
    format: str = ""
    width: Literal["small", "medium"] | int = "small"
    room: int = 40


_LEVEL = (
    "Strength in training: σ_f of the noise or ε_rel of the attack (standardised units); for digits σ or the "
    "attack's radius in pixel units, for denoising and sensing either in grey levels."
)
_AT_LEVEL = (
    "Validation photos at the network's own level: with the noise of its training for smoothing, under the "
    "attack of its training, which is not the strongest, for adversarial; in other problems all under one "
    "attack, PGD."
)
COLUMNS = {
    "name": Column("network", "The name that the command line takes, too.", "text", width=200),
    "training": Column("trained", "What the network saw in training.", "text", width=145, room=24),
    "level": Column("level", _LEVEL, format="%g", width=55),
    "images": Column(
        "images seen", "In 160×160 images' worth of pixels; for digits, digits.", format="localized", width=92
    ),
    "psnr": Column("PSNR", "Mean over validation photos, not attacked, dB.", format="%.2f", width=60),
    "ssim": Column("SSIM", "Mean over validation photos, not attacked.", format="%.4f", width=70),
    "level_psnr": Column("PSNR at level", f"PSNR, dB. {_AT_LEVEL}", format="%.2f", width=102),
    "level_ssim": Column("SSIM at level", f"SSIM. {_AT_LEVEL}", format="%.4f", width=102),
    "accuracy": Column(
        "right, clean", "Share of validation digits answered rightly.", format="percent", width=100
    ),
    "level_accuracy": Column(
        "right, at its level", "The same, noisy or attacked as in training.", format="percent", width=130
    ),
    "parameters": Column("parameters", "Weights of the network.", format="localized", width=88),
    "licence": Column("licence", "Of its weights, and of their package.", "text", width=145, room=15),
    "author": Column("author", "Who published it.", "text", width=105, room=15),
    "size": Column("KiB", "Size of the file.", format="%d", width=48),
    "date": Column("date", "When training ended.", "text", width=92),
    "data": Column("data", "What it was trained on.", "text", width=105, room=15),
    "digest": Column(
        "digest", "First 16 hexadecimal digits of the file's SHA-256; results carry it.", "text", width=145
    ),
}


def frame(models: list[Metadata]) -> pd.DataFrame:
    """One row per network, columns as in :data:`COLUMNS`; those that no network has are left out."""
    table = pd.DataFrame([_row(model) for model in models], columns=list(COLUMNS))
    return table.dropna(axis="columns", how="all")


def _row(model: Metadata) -> dict[str, object]:
    row: dict[str, object] = {
        "name": model.name,
        "training": TRAINING[model.objective],
        "level": model.level or None,
        "images": model.images_seen or None,
        "size": registry.size(model.name) / 1024,
        "date": model.date,
        "data": model.data,
        "digest": model.digest,
    }
    row |= {name: getattr(model, name, None) for name in ("parameters", "licence", "author")}
    for name in PROBLEMS[model.problem].figures:
        clean, at_level = getattr(model, f"val_{name}"), getattr(model, f"val_level_{name}")
        # Without a level of its own a network is scored twice on the same.
        row |= {name: clean} | ({f"level_{name}": at_level} if at_level != clean else {})
    return row
