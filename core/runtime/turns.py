"""Whose turn it is on a device that many share: first come, first served, short work before long work.

If everybody took one step in turn, all would wait until the last one is done, the worst order for each.
Here the oldest of the short works goes on until it is done; a work that has taken longer than
:data:`SHORT` lets the short ones pass from then on. Nobody who does not use a turn holds it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

SHORT = 3.0
"""Seconds of computing up to which a work is short."""

GRACE = 0.1
"""Seconds between two steps of a work for which its turn is kept."""

REMEMBERED = 20
"""Works whose length says how long those before somebody will take."""


@dataclass(eq=False)
class Ticket:
    """A work's place among those that wait; use it as a context, so that it is given back.

    Attributes:
        used: seconds that it computed.
    """

    turns: Turns
    used: float = 0.0
    _stepping: bool = False
    _left: float = field(default_factory=time.monotonic)

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the next step's turn; whether it has come, and then begin the step."""
        return self.turns._begin(self, seconds)

    def stepped(self, seconds: float) -> None:
        """The step is done and took so long."""
        self.turns._end(self, seconds)

    @property
    def said(self) -> str:
        """How many go before it, and about how long they take, as far as is known."""
        before, seconds = self.turns._before(self)
        about = f", about {max(1, round(seconds))} s" if seconds else ""
        return f"{before} before you{about}"

    @property
    def long(self) -> bool:
        """Whether it lets short works pass."""
        return self.used > SHORT

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.turns._leave(self)


class Turns:
    """The works that share a device.

    Args:
        width: how many may compute at once, at least 1.
    """

    def __init__(self, width: int = 1) -> None:
        self._width = max(1, width)
        self._changed = threading.Condition()
        self._tickets: list[Ticket] = []  # in the order of arrival
        self._lengths: deque[float] = deque(maxlen=REMEMBERED)

    def arrive(self) -> Ticket:
        """A place behind all that are here."""
        ticket = Ticket(self)
        with self._changed:
            self._tickets.append(ticket)
        return ticket

    def _order(self) -> list[Ticket]:
        """Short works first, each kind in the order of arrival."""
        return sorted(self._tickets, key=lambda ticket: ticket.long)

    def _ahead(self, mine: Ticket) -> list[Ticket]:
        order = self._order()
        return order[: order.index(mine)]

    def _free(self, mine: Ticket) -> bool:
        """Whether fewer than the width compute, or go before it and are about to."""
        now = time.monotonic()
        ahead = {t for t in self._ahead(mine) if t._stepping or now - t._left < GRACE}
        others = {t for t in self._tickets if t._stepping and t is not mine}
        return len(ahead | others) < self._width

    def _begin(self, ticket: Ticket, seconds: float) -> bool:
        end = time.monotonic() + seconds
        with self._changed:
            while not self._free(ticket):
                left = end - time.monotonic()
                if left <= 0:
                    ticket._left = time.monotonic()
                    return False
                self._changed.wait(min(left, GRACE / 2))
            ticket._stepping = True
            return True

    def _end(self, ticket: Ticket, seconds: float) -> None:
        with self._changed:
            ticket.used += seconds
            ticket._stepping, ticket._left = False, time.monotonic()
            self._changed.notify_all()

    def _leave(self, ticket: Ticket) -> None:
        with self._changed:
            self._tickets.remove(ticket)
            if ticket.used:
                self._lengths.append(ticket.used)
            self._changed.notify_all()

    def _before(self, ticket: Ticket) -> tuple[int, float]:
        """How many works go before one, and the seconds until they are done; 0 where it is not known."""
        with self._changed:
            ahead = self._ahead(ticket)
            if not self._lengths:
                return len(ahead), 0.0
            usual = sum(self._lengths) / len(self._lengths)
            left = sum(max(0.0, usual - each.used) for each in ahead)
            return len(ahead), left / self._width
