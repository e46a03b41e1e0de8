"""Names of networks and what they say: the problem, how it was trained, and how strongly.

Each problem has a pattern of names of its own: ``sr-x2-rs-0.10``, ``digits-adv-l2``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self, TypeVar

from core.base.errors import UserError

OBJECTIVES = {"std": "standard", "rs": "smoothing", "adv": "adversarial"}
"""How names spell the three ways of training, in the order of listings."""

INVERSE_OBJECTIVES = ("start", "ord", "jcb", "adv", "smt-adv", "smt-grad")
"""The paper's five objectives of training (section 4.1), after the common start of the five."""

PREFIXES: dict[str, str] = {}
"""What networks' names begin with, to the problem: each enters its own."""

BASELINES = ("bilinear", "bicubic")
"""Names of the interpolations, which stand beside networks of super-resolution."""

OWN = "-own-"
"""Stands in the name of a network that is not shipped, before its owner's word or its digest."""

LEVEL = r"\d{1,4}\.\d{2,24}"
"""How names spell a level: as :func:`spelled` does, within reason."""

_Kind = TypeVar("_Kind", bound="Identity")
_SHORT = {objective: short for short, objective in OBJECTIVES.items()}


def spelled(level: float) -> str:
    """A level as names have it: two decimals, or as many more as it takes to read it back exactly.

    >>> spelled(0.1), spelled(0.035)
    ('0.10', '0.035')
    """
    whole, _, decimals = format(Decimal(repr(float(level))), "f").partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


@dataclass(frozen=True, kw_only=True)
class Identity(ABC):
    """What the name of a network says, whatever its problem.

    Attributes:
        objective: ``standard``, ``smoothing`` or ``adversarial``; of the linear inverse problems one of
            :data:`INVERSE_OBJECTIVES`.
        level: strength of the noise or attack in training, as far as the name says it.
        factor: of super-resolution; 1 in other problems.
    """

    problem: ClassVar[str] = ""
    examples: ClassVar[tuple[str, ...]] = ()

    objective: str
    level: float = 0.0
    factor: int = 1

    @property
    @abstractmethod
    def name(self) -> str:
        """The name that :meth:`parse` reads."""

    @classmethod
    @abstractmethod
    def _read(cls, name: str) -> Self | None:
        """The identity that a name fits, or None; another name may fit the same."""

    @classmethod
    def read(cls, name: str) -> Self | None:
        """The identity that a name of this problem spells, or None: 0.100 is no way to spell 0.10."""
        found = cls._read(name)
        return found if found is not None and found.name == name else None

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a name such as ``sr-x2-rs-0.10``: one of this problem, or here of any.

        Raises:
            UserError: if the name does not follow the pattern.
        """
        kinds = _subclasses(cls)
        for kind in kinds:
            found = kind.read(name)
            if found is not None:
                return found
        *some, last = [example for kind in kinds for example in kind.examples]
        raise UserError(f"“{name}” is not a network's name: write {', '.join(some)} or {last}.")


@dataclass(frozen=True, kw_only=True)
class SuperResolutionIdentity(Identity):
    """``sr-x2-std``, ``sr-x2-rs-0.10`` (sigma_f = 0.10), ``sr-x4-adv-0.035`` (eps_rel = 0.035).

    Attributes:
        level: sigma_f or eps_rel in standardised units; 0 for standard training.
        residual: whether the U-Net has the global skip; ``-literal`` at the end of a name marks
            the thesis's form without it.
        tag: what tells a network that is not shipped from others like it, ``-own-…`` at the end of
            the name; empty for a shipped one.
    """

    problem: ClassVar[str] = "super_resolution"
    examples: ClassVar[tuple[str, ...]] = ("sr-x2-std", "sr-x2-rs-0.10", "sr-x2-adv-0.02")
    _pattern: ClassVar[re.Pattern[str]] = re.compile(
        rf"sr-x(?P<factor>[24])-(?P<kind>std|rs|adv)(-(?P<level>{LEVEL}))?(?P<literal>-literal)?"
        rf"({OWN}(?P<tag>[a-z0-9]{{1,20}}))?"
    )

    residual: bool = True
    tag: str = ""

    @property
    def unusual(self) -> bool:
        """Whether its name says more than factor, way of training and level."""
        return bool(self.tag) or not self.residual

    @property
    def name(self) -> str:
        """See :class:`Identity`."""
        level = "" if self.objective == "standard" else f"-{spelled(self.level)}"
        plain = f"sr-x{self.factor}-{_SHORT[self.objective]}{level}{'' if self.residual else '-literal'}"
        return plain + (OWN + self.tag if self.tag else "")

    @classmethod
    def _read(cls, name: str) -> Self | None:
        match = cls._pattern.fullmatch(name)
        if match is None or (match["kind"] == "std") != (match["level"] is None):
            return None
        return cls(
            factor=int(match["factor"]),
            objective=OBJECTIVES[match["kind"]],
            level=float(match["level"] or 0.0),
            residual=match["literal"] is None,
            tag=match["tag"] or "",
        )


@dataclass(frozen=True, kw_only=True)
class DigitsIdentity(Identity):
    """``digits-std``, ``digits-adv-sign``, ``digits-adv-l2``, ``digits-rs-0.50`` (sigma = 0.50).

    Attributes:
        level: standard deviation of the training noise in pixel units [0, 1]; 0 otherwise
            (the radius of adversarial training is in the metadata).
        attack: of adversarial training: ``sign`` or ``l2``; empty otherwise.
    """

    problem: ClassVar[str] = "digits"
    examples: ClassVar[tuple[str, ...]] = ("digits-std", "digits-adv-l2", "digits-rs-0.50")
    _pattern: ClassVar[re.Pattern[str]] = re.compile(
        rf"digits-(?P<kind>std|rs|adv)(-(?P<level>{LEVEL})|-(?P<attack>sign|l2))?"
    )

    attack: str = ""

    @property
    def name(self) -> str:
        """See :class:`Identity`."""
        noise = self.objective == "smoothing"
        end = f"-{spelled(self.level)}" if noise else f"-{self.attack}" * bool(self.attack)
        return f"digits-{_SHORT[self.objective]}{end}"

    @classmethod
    def _read(cls, name: str) -> Self | None:
        match = cls._pattern.fullmatch(name)
        if match is None:
            return None
        has = {"rs": match["level"] is not None, "adv": match["attack"] is not None}
        if has != {"rs": match["kind"] == "rs", "adv": match["kind"] == "adv"}:
            return None
        return cls(
            objective=OBJECTIVES[match["kind"]],
            level=float(match["level"] or 0.0),
            attack=match["attack"] or "",
        )


@dataclass(frozen=True, kw_only=True)
class LinearIdentity(Identity):
    """``dn-ord``, ``cs-smt-grad``, ``ip-rs-10.00``: a linear inverse problem and an objective of training.

    With one of the five of ``sun2024`` how strong noise and attacks were is in the metadata; ``dn-start``
    and ``cs-start`` are what the five of a problem go on from.

    Attributes:
        prefix: of the problem: see :data:`PREFIXES`.
        level: sigma or epsilon of the training in grey levels, as far as the name says it.
    """

    examples: ClassVar[tuple[str, ...]] = ("dn-ord", "cs-smt-grad")
    _pattern: ClassVar[re.Pattern[str]] = re.compile(
        rf"(?P<prefix>[a-z]+)-((?P<own>{'|'.join(INVERSE_OBJECTIVES)})|std|(?P<kind>rs|adv)-(?P<level>{LEVEL}))"
    )

    prefix: str

    @property
    def problem(self) -> str:  # type: ignore[override]
        """See :class:`Identity`."""
        return PREFIXES[self.prefix]

    @property
    def name(self) -> str:
        """See :class:`Identity`."""
        level = f"-{spelled(self.level)}" if self.level else ""
        return f"{self.prefix}-{_SHORT.get(self.objective, self.objective)}{level}"

    @classmethod
    def _read(cls, name: str) -> Self | None:
        match = cls._pattern.fullmatch(name)
        if match is None or match["prefix"] not in PREFIXES:
            return None
        objective = match["own"] or OBJECTIVES[match["kind"] or "std"]
        return cls(prefix=match["prefix"], objective=objective, level=float(match["level"] or 0.0))


def _subclasses(kind: type[_Kind]) -> list[type[_Kind]]:
    """The kinds that have no further ones below them."""
    below = kind.__subclasses__()
    return [leaf for each in below for leaf in _subclasses(each)] if below else [kind]
