"""The publications that this project implements, from ``docs/references.bib``.

Docstrings name them by their keys there, pages by author and year with a link.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.base.places import shipped

FILE = shipped("docs") / "references.bib"

THESIS, PAPER = "patsatzi2023", "sun2024"
"""What pages and docstrings call “the thesis” and “the paper”."""

_ENTRY = re.compile(r"^@\w+\{([\w-]+),\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},?$", re.MULTILINE)


@dataclass(frozen=True)
class Reference:
    """One publication.

    Attributes:
        authors: “Last, First” each; empty where nobody is named.
        where: journal, conference or university.
        year, url: empty where unknown.
        note: what of it is implemented.
    """

    title: str
    authors: tuple[str, ...]
    where: str
    year: str
    url: str
    note: str

    @property
    def label(self) -> str:
        """Author and year as in a text; the title where nobody is named."""
        last = [author.partition(",")[0] for author in self.authors]
        names = " & ".join(last) if len(last) < 3 else f"{last[0]} et al."
        return f"{names} {self.year}" if last else self.title

    def to_markdown(self) -> str:
        """The whole reference in one line, its title linked."""
        people = ", ".join(" ".join(reversed(author.split(", "))) for author in self.authors)
        facts = [people, _linked(self.title, self.url), ", ".join(filter(None, (self.where, self.year)))]
        return f"{'. '.join(filter(None, facts))}. *{self.note}.*"


@cache
def references() -> Mapping[str, Reference]:
    """All publications by key, in the order of the file."""
    found = {}
    for key, body in _ENTRY.findall(FILE.read_text(encoding="utf-8")):
        fields = dict(_FIELD.findall(body))
        places = (fields.get(name) for name in ("type", "school", "booktitle", "journal", "howpublished"))
        found[key] = Reference(
            title=fields["title"],
            authors=tuple(fields["author"].split(" and ")) if "author" in fields else (),
            where=", ".join(filter(None, places)),
            year=fields.get("year", ""),
            url=fields.get("url", ""),
            note=fields["note"],
        )
    return found


def cite(key: str) -> str:
    """Author and year of a publication in Markdown, linked to where it can be read.

    Raises:
        KeyError: if the file has no such key.

    >>> cite("cohen2019")
    '[Cohen et al. 2019](https://arxiv.org/abs/1902.02918)'
    """
    reference = references()[key]
    return _linked(reference.label, reference.url)


def _linked(words: str, url: str) -> str:
    return f"[{words}]({url})" if url else words
