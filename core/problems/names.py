"""Names of networks and what they say: the problem, how it was trained, and how strongly.

A name is words between dashes, ``sr-x2-rs-0.10``, ``digits-adv-l2``; each problem says which words its
networks' names have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Self

from core.base.errors import UserError

OBJECTIVES = {"std": "standard", "rs": "smoothing", "ds": "denoised", "adv": "adversarial"}
"""How names spell the ways of training, in the order of listings."""

TO_SMOOTH = ("smoothing", "denoised")
"""The ways of training that make a network to be smoothed: with noise, or of a denoiser before it."""

INVERSE_OBJECTIVES = ("start", "ord", "jcb", "adv", "smt-adv", "smt-grad")
"""The paper's five objectives of training (section 4.1), after the common start of the five."""

ELSEWHERE = "elsewhere"
"""The objective of a network that somebody else trained: how, its name does not say."""

BASELINES = ("bilinear", "bicubic")
"""Names of the interpolations, which stand beside networks of super-resolution."""

OWN = "-own-"
"""Stands in the name of a network that is not shipped, before its owner's word or its digest."""

LEVEL = r"\d{1,4}\.\d{2,24}"
"""How names spell a level: as :func:`spelled` does, within reason."""

TRAINED = rf"(?P<kind>std|rs|adv)(-(?P<level>{LEVEL}))?"
"""How most names go on after the problem's prefix."""

DENOISED = TRAINED.replace("|rs|", "|rs|ds|")
"""The same where some stand behind a denoiser."""

FAMILY = r"x(?P<factor>[2-8])-(?P<variant>[a-z0-9]{1,20})"
"""How the names of published networks go on after their family."""

_SHORT = {objective: short for short, objective in OBJECTIVES.items()} | {ELSEWHERE: ""}


class Names(NamedTuple):
    """The names of a problem's networks.

    Attributes:
        problem: its name.
        pattern: what follows the prefix and a dash, with groups named like the fields of :class:`Identity`;
            ``kind`` is one of :data:`OBJECTIVES`, ``own`` an objective by itself, ``literal`` no residual;
            a name without either is of :data:`ELSEWHERE`.
        examples: for messages.
    """

    problem: str
    pattern: str
    examples: tuple[str, ...]


PREFIXES: dict[str, Names] = {}
"""By what the names begin with: each problem enters its own first, then its families."""


def spelled(level: float) -> str:
    """A level as names have it: two decimals, or as many more as it takes to read it back exactly.

    >>> spelled(0.1), spelled(0.035)
    ('0.10', '0.035')
    """
    whole, _, decimals = format(Decimal(repr(float(level))), "f").partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the name of a network says, whatever its problem.

    Attributes:
        problem: its name.
        objective: ``standard``, ``smoothing``, ``denoised`` or ``adversarial``; of the linear inverse
            problems also one of :data:`INVERSE_OBJECTIVES`.
        level: strength of the noise or attack in training, as far as the name says it, in the problem's unit.
        factor: of super-resolution; 1 in other problems.
        attack: of a digit network's adversarial training, ``sign`` or ``l2``, instead of a level.
        residual: whether a U-Net has the global skip; ``-literal`` at the end of a name marks the thesis's
            form without it.
        tag: what tells a network that is not shipped from others like it, ``-own-…`` at the end of the name;
            empty for a shipped one. Of a published network what its name says beside family and factor.
        family: of a published network, :attr:`core.problems.problem.Problem.families`; empty for others.
    """

    problem: str
    objective: str
    level: float = 0.0
    factor: int = 1
    attack: str = ""
    residual: bool = True
    tag: str = ""
    family: str = ""

    @property
    def unusual(self) -> bool:
        """Whether its name says more than problem, factor, way of training and level."""
        return bool(self.tag) or not self.residual

    @property
    def to_smooth(self) -> bool:
        """Whether it was made to be smoothed."""
        return self.objective in TO_SMOOTH

    @property
    def name(self) -> str:
        """The name that :meth:`parse` reads."""
        if self.family:
            return f"{self.family}-x{self.factor}-{self.tag}"
        prefix = next(prefix for prefix, names in PREFIXES.items() if names.problem == self.problem)
        strong = self.to_smooth or (self.objective == "adversarial" and not self.attack)
        words = [
            prefix,
            f"x{self.factor}" if self.factor > 1 else "",
            _SHORT.get(self.objective, self.objective),
            self.attack,
            spelled(self.level) if strong else "",
            "" if self.residual else "literal",
        ]
        return "-".join(filter(None, words)) + (OWN + self.tag if self.tag else "")

    @classmethod
    def read(cls, name: str) -> Self | None:
        """What a name says, or None if it is no network's: 0.100 is no way to spell 0.10."""
        prefix, _, rest = name.partition("-")
        if prefix not in PREFIXES:
            return None
        match = re.fullmatch(PREFIXES[prefix].pattern, rest)
        if match is None:
            return None
        said = match.groupdict("")
        found = cls(
            problem=PREFIXES[prefix].problem,
            objective=said.get("own") or OBJECTIVES.get(said.get("kind", ""), ELSEWHERE),
            level=float(said.get("level") or 0.0),
            factor=int(said.get("factor") or 1),
            attack=said.get("attack", ""),
            residual=not said.get("literal"),
            tag=said.get("tag", "") or said.get("variant", ""),
            family=prefix if said.get("variant") else "",
        )
        return found if found.name == name else None

    @classmethod
    def parse(cls, name: str, problem: str = "") -> Self:
        """Read a name such as ``sr-x2-rs-0.10``, of any problem or of one.

        Raises:
            UserError: if the name does not follow the pattern.
        """
        found = cls.read(name)
        if found is not None and problem in ("", found.problem):
            return found
        asked = [names for names in PREFIXES.values() if problem in ("", names.problem)]
        *some, last = dict.fromkeys(example for names in asked for example in names.examples)
        raise UserError(f"“{name}” is not a network's name: write {', '.join(some)} or {last}.")
