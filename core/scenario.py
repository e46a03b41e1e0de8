"""The Scenario: one frozen value that says everything about one run.

Its fields are declared once, with meaning, limits and unit. From them come the command line
of ``python -m core run``, the page's widgets, the URL's query parameters, the key in the
results store and the JSON of an outcome.
"""

from __future__ import annotations

import hashlib
import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from typing import Any

from core.checkpoints import Identity
from core.errors import UserError

ATTACKS = ("pgd", "apgd", "fgm", "smoothed", "noise")
KEEPS = ("best", "final")
PRECISIONS = ("auto", "float32", "bfloat16")
SELF = "self"


def _option(
    default: Any,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    return field(default=default, metadata={"help": text, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Scenario:
    """One photo, one forward operator, one attack, one defence.

    Levels (``eps_rel``, ``sigma_g``) are in standardised units, see :mod:`core.units`. The
    problem and its factor follow from the checkpoint's name.

    Raises:
        UserError: one sentence, if a field is out of its range.
    """

    image: str = _option("astronaut", "Bundled photo by name, or a picture file.")
    short_side: int = _option(
        192, "Shrink the photo to this shorter side before cropping; 0 keeps its size.", low=0, high=4096
    )
    crop_x: float = _option(0.5, "Place of the 160×160 crop, left (0) to right (1).", low=0, high=1)
    crop_y: float = _option(0.5, "Place of the 160×160 crop, top (0) to bottom (1).", low=0, high=1)
    checkpoint: str = _option("sr-x2-rs-0.10", "The network that is smoothed: base estimator f.")
    compare: tuple[str, ...] = _option((), "Further networks to attack and score beside it.")
    attack: str = _option(
        "pgd",
        "pgd: projected gradient ascent; apgd: with momentum and steps that adapt, from zero; fgm: one "
        "step; smoothed: apgd on the smoothed estimate itself; noise: Gaussian noise of the same norm.",
        choices=ATTACKS,
    )
    attacked: str = _option(
        SELF, "Network the perturbation is made on: self (each its own) or a network's name."
    )
    eps_rel: float = _option(
        0.02, "Attack strength: RMS of the perturbation in standardised units.", low=0, high=2
    )
    attack_steps: int = _option(
        10, "Gradient steps of the attack; those of pgd have length ε/4.", low=0, high=1000
    )
    attack_samples: int = _option(
        16, "Samples M of the attack on the smoothed estimate; no other uses them.", low=1, high=1000
    )
    keep: str = _option(
        "best", "Result of pgd: the iterate of highest loss, or the final one (thesis).", choices=KEEPS
    )
    box: bool = _option(False, "Keep the attacked measurement inside [0, 1].")
    sigma_g: float = _option(0.15, "Standard deviation of the smoothing noise.", low=0, high=5)
    samples: int = _option(50, "Noisy copies averaged by the smoothed estimate (k).", low=1, high=100_000)
    seed: int = _option(0, "Seed of the attack's start and of the smoothing noise.", low=0, high=2**31 - 1)
    precision: str = _option(
        "auto", "Of attack gradients and smoothing samples; auto measures.", choices=PRECISIONS
    )

    def __post_init__(self) -> None:
        for option in fields(self):
            _check(option, getattr(self, option.name))
        identity = Identity.parse(self.checkpoint)
        others = [*self.compare, *([] if self.attacked == SELF else [self.attacked])]
        for other in others:
            if Identity.parse(other).factor != identity.factor:
                raise UserError(
                    f"{other} and {self.checkpoint} have different factors: compare networks of one factor."
                )
        if self.attacked not in (SELF, self.checkpoint, *self.compare):
            raise UserError(
                f"The attacked network {self.attacked} takes no part: add it with --compare {self.attacked}."
            )

    @property
    def factor(self) -> int:
        """Super-resolution factor of all networks in the scenario."""
        return Identity.parse(self.checkpoint).factor

    @property
    def networks(self) -> tuple[str, ...]:
        """The compared networks, then the smoothed one, each once."""
        return tuple(dict.fromkeys((*self.compare, self.checkpoint)))

    def replace(self, **changes: Any) -> Scenario:
        """A copy with some fields changed (and checked)."""
        return replace(self, **changes)

    # -- the derived forms -----------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """All fields, JSON-ready."""
        return {**asdict(self), "compare": list(self.compare)}

    def key(self) -> str:
        """Key in the results store: 16 hexadecimal digits over all fields that decide the result."""
        decisive = self.to_dict()
        if self.attack != "smoothed":  # keys are older than these samples, which nothing else uses
            del decisive["attack_samples"]
        canonical = json.dumps(decisive, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def to_query(self) -> dict[str, str]:
        """URL query parameters: the fields that differ from their defaults."""
        return {
            option.name: _to_text(getattr(self, option.name))
            for option in fields(self)
            if getattr(self, option.name) != option.default
        }

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Scenario:
        """The scenario of a URL; parameters that are not fields are ignored.

        Raises:
            UserError: if a value cannot be read or is out of range.
        """
        return cls(**{o.name: _from_text(o, query[o.name]) for o in fields(cls) if o.name in query})

    def to_command(self) -> str:
        """The shell line that computes this scenario's numbers."""
        words = ["python", "-m", "core", "run", "--image", self.image, "--checkpoint", self.checkpoint]
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name in ("image", "checkpoint") or value == option.default:
                continue
            flag = f"--{option.name.replace('_', '-')}"
            if isinstance(value, bool):
                words.append(flag)
            elif isinstance(value, tuple):
                words += [word for item in value for word in (flag, item)]
            else:
                words += [flag, _to_text(value)]
        return shlex.join(words)


def limits(name: str) -> tuple[float, float]:
    """Lowest and highest value of a numeric field."""
    metadata = next(option for option in fields(Scenario) if option.name == name).metadata
    return metadata["low"], metadata["high"]


def explain(name: str) -> str:
    """What a field means, in one sentence."""
    text: str = next(option for option in fields(Scenario) if option.name == name).metadata["help"]
    return text


def _check(option: Field[Any], value: Any) -> None:
    low, high, choices = (option.metadata[key] for key in ("low", "high", "choices"))
    if choices and value not in choices:
        raise UserError(f"{option.name} is “{value}”: choose one of {', '.join(choices)}.")
    if low is not None and not (math.isfinite(value) and low <= value <= high):
        raise UserError(f"{option.name} is {value}: it must lie between {low:g} and {high:g}.")


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _from_text(option: Field[Any], text: str) -> Any:
    default: Any = option.default
    try:
        if isinstance(default, bool):
            return {"0": False, "1": True, "false": False, "true": True}[text.lower()]
        if isinstance(default, tuple):
            return tuple(part for part in text.split(",") if part)
        return type(default)(text)
    except (KeyError, ValueError) as error:
        raise UserError(f"{option.name} cannot be “{text}”: see python -m core run --help.") from error
