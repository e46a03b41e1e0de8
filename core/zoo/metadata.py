"""What a checkpoint says about itself: what all problems have, and what each adds."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, get_origin, get_type_hints

from core.problems import PROBLEMS
from core.problems.digits.problem import DIGITS
from core.problems.names import ELSEWHERE, OBJECTIVES, Identity
from core.problems.small_picture import SMALL_PICTURE
from core.problems.super_resolution import SUPER_RESOLUTION

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Metadata(ABC):
    """What a checkpoint of any problem says about itself; JSON in the file's header.

    A problem adds fields of its own in a subclass, and says which of them its networks' names say
    (``named``), how its networks are built (``shape``: arguments of :func:`core.networks.build`) and how well
    they did (``scores``). ``denoiser`` is the shape of the one before the network that the other fields
    speak of (:mod:`core.networks.denoised`), empty where there is none.
    """

    name: str
    problem: str
    objective: str
    level: float
    architecture: str
    images_seen: int
    steps: int
    started_from: str
    recipe: dict[str, Any]
    data: str
    data_digest: str
    seed: int
    trained_on: str
    date: str
    digest: str = ""
    format: int = FORMAT
    denoiser: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """All fields, JSON-ready; a figure that nobody measured is None."""
        return {key: None if value != value else value for key, value in asdict(self).items()}

    @property
    def identity(self) -> Identity:
        """What the name has to say."""
        spoken = self.objective in OBJECTIVES.values() and not self.named.get("attack")
        level = self.level if spoken else 0.0
        return Identity(problem=self.problem, objective=self.objective, level=level, **self.named)

    @property
    def named(self) -> dict[str, Any]:
        """The fields of its own that the name says."""
        return {}

    @property
    @abstractmethod
    def shape(self) -> dict[str, Any]:
        """Arguments that build the architecture."""

    @property
    @abstractmethod
    def scores(self) -> str:
        """The validation figures in one line, clean and at the network's own level."""


_NOISE = "the noise of its training"
STRESS = {
    "smoothing": _NOISE,
    "denoised": _NOISE,
    "adversarial": "the attack of its training, not the strongest",
}
"""What a network of an objective is scored under besides; others are scored clean alone."""


@dataclass(frozen=True, kw_only=True)
class SuperResolutionMetadata(Metadata):
    """``level`` is sigma_f or eps_rel in standardised units.

    ``images_seen`` counts 160x160 images' worth of pixels. ``val_psnr`` (dB) and ``val_ssim``
    are means over the validation photos' clean measurements; ``val_level_psnr`` and
    ``val_level_ssim`` are the same at the network's own level (noisy inputs for smoothing,
    attacked ones for adversarial training).
    """

    factor: int
    residual: bool
    widths: tuple[int, ...]
    val_psnr: float
    val_ssim: float
    val_level_psnr: float
    val_level_ssim: float

    @property
    def named(self) -> dict[str, Any]:
        return {"factor": self.factor, "residual": self.residual}

    @property
    def shape(self) -> dict[str, Any]:
        return {"residual": self.residual, "widths": self.widths, "denoiser": self.denoiser}

    @property
    def scores(self) -> str:
        if math.isnan(self.val_psnr):
            return "not measured"
        clean = f"{self.val_psnr:.2f} dB, SSIM {self.val_ssim:.4f} clean"
        if math.isnan(self.val_level_psnr) or self.objective not in STRESS:
            return clean
        level = f"{self.val_level_psnr:.2f} dB, SSIM {self.val_level_ssim:.4f}"
        return f"{clean}; {level} under {STRESS[self.objective]}"


@dataclass(frozen=True, kw_only=True)
class DigitsMetadata(Metadata):
    """``level`` is sigma, or the radius of the attack in training, in pixel units [0, 1].

    ``val_accuracy`` is the share of validation digits answered rightly, ``val_level_accuracy``
    the same at the network's own level (noisy or attacked digits), each between 0 and 1.
    """

    attack: str
    widths: tuple[int, ...]
    val_accuracy: float
    val_level_accuracy: float

    @property
    def named(self) -> dict[str, Any]:
        return {"attack": self.attack}

    @property
    def shape(self) -> dict[str, Any]:
        return {"widths": self.widths, "denoiser": self.denoiser}

    @property
    def scores(self) -> str:
        clean = f"{self.val_accuracy:.2%} clean"
        if self.objective not in STRESS:
            return clean
        return f"{clean}; {self.val_level_accuracy:.2%} under {STRESS[self.objective]}"


@dataclass(frozen=True, kw_only=True)
class InverseMetadata(Metadata):
    """Of denoising and compressed sensing. ``level`` is epsilon or sigma of the training in grey
    levels RMS, 0 for ``ord`` and ``jcb``; everything else about the objective is in ``recipe``.

    ``images_seen`` counts 160x160 images' worth of pixels, ``started_images`` those that the
    common start saw before. ``network`` holds the architecture's arguments, ``reduced`` says
    what is smaller than published. ``val_psnr`` (dB) and ``val_ssim`` are means over the
    validation photos, ``val_level_psnr`` and ``val_level_ssim`` the same under PGD of
    ``val_epsilon`` grey levels RMS on the network itself, ``val_setting`` the noise or ratio.
    """

    network: dict[str, Any]
    reduced: str
    started_images: int
    val_setting: str
    val_epsilon: float
    val_psnr: float
    val_ssim: float
    val_level_psnr: float
    val_level_ssim: float

    @property
    def shape(self) -> dict[str, Any]:
        return {key: tuple(v) if isinstance(v, list) else v for key, v in self.network.items()}

    @property
    def scores(self) -> str:
        return (
            f"{self.val_setting}: {self.val_psnr:.2f} dB, SSIM {self.val_ssim:.4f} clean; "
            f"{self.val_level_psnr:.2f} dB, SSIM {self.val_level_ssim:.4f} attacked with PGD of "
            f"{self.val_epsilon:g} grey levels"
        )


@dataclass(frozen=True, kw_only=True)
class ElsewhereMetadata(Metadata):
    """Of a network of super-resolution that somebody else trained, for the small picture.

    ``parameters`` counts its weights; ``source``, ``author`` and ``licence`` are its publisher's words. What
    only the author knows is 0, empty or not a number.
    """

    problem: str = SMALL_PICTURE.name
    objective: str = ELSEWHERE
    level: float = 0.0
    images_seen: int = 0
    steps: int = 0
    started_from: str = ""
    recipe: dict[str, Any] = field(default_factory=dict)
    data: str = "not said"
    data_digest: str = ""
    seed: int = 0
    trained_on: str = "not said"
    factor: int
    parameters: int
    source: str
    author: str
    licence: str
    val_psnr: float = math.nan
    val_ssim: float = math.nan
    val_level_psnr: float = math.nan
    val_level_ssim: float = math.nan

    @property
    def identity(self) -> Identity:
        return Identity.parse(self.name)

    @property
    def shape(self) -> dict[str, Any]:
        """See :class:`Metadata`; the weights say it."""
        return {}

    @property
    def scores(self) -> str:
        """See :class:`Metadata`; of those that nobody measured here, what is known of the network."""
        return f"{self.parameters:,} parameters; {self.author}; {self.licence}"


KINDS: dict[str, type[Metadata]] = {
    SUPER_RESOLUTION.name: SuperResolutionMetadata,
    DIGITS.name: DigitsMetadata,
    SMALL_PICTURE.name: ElsewhereMetadata,
}
"""By problem, where it is not :class:`InverseMetadata`."""


def of(facts: Mapping[str, Any]) -> Metadata:
    """Metadata of facts about a network, of which those count that its problem's have fields for."""
    kind = _kind(facts["problem"])
    return kind(**{each.name: facts[each.name] for each in fields(kind) if each.name in facts})


def _kind(problem: str) -> type[Metadata]:
    return KINDS.get(PROBLEMS[problem].name, InverseMetadata)


def from_json(known: dict[str, Any]) -> Metadata:
    """Metadata of the problem that is named; what this version does not know is left out.

    Raises:
        KeyError, TypeError: if something is missing, or is not of the kind that it should be.
    """
    kind = _kind(known["problem"])
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key in known.keys() & {each.name for each in fields(kind)}:
        value = tuple(known[key]) if isinstance(known[key], list) else known[key]
        if not _fits(value, hints[key]):
            raise TypeError(f"{key} cannot be {type(value)}")
        values[key] = value
    return kind(**values)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value read from JSON is of the kind declared, and a number that can be worked with."""
    if get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(_fits(each, int) for each in value)
    if get_origin(hint) is dict:
        return isinstance(value, dict) and _shallow(value, 4)
    if hint in (int, float):
        kinds = (int, float) if hint is float else int
        return isinstance(value, kinds) and not isinstance(value, bool) and abs(value) < 2**62
    return isinstance(value, hint)


def _shallow(value: Any, levels: int) -> bool:
    """Whether lists and objects lie at most so many levels deep in each other."""
    if not isinstance(value, dict | list):
        return True
    inside = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_shallow(each, levels - 1) for each in inside)
