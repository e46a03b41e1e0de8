"""Many sessions at once, each asking for a view of its own: ``python -m tests.benchmarks.crowd``.

Every session speaks Streamlit's own messages over a websocket, as a browser does, and waits until its script
has ended. Printed: the median, 95th percentile and last one's wait, as seconds and over that of a session
alone; how many were told how many go before them; exceptions; the server's memory before and after.
With ``--later 300``, how its memory grows from then until so many small views more were asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tests.browser.driver import served_app

FORGOTTEN = 31
"""Seconds until Streamlit may forget a session, see ``disconnectedSessionTTL`` in .streamlit/config.toml."""

BEFORE = re.compile(rb"\d+ before you")


@dataclass(frozen=True)
class Wait:
    """One session's wait: its seconds, whether it was told its place, and exceptions that it was shown."""

    seconds: float
    told: bool
    exceptions: int


def _asking(page: str, view: dict[str, object]) -> bytes:
    """The message of a browser that opens a page at a view."""
    message = BackMsg()
    message.rerun_script.query_string = urlencode(view)
    message.rerun_script.page_name = page
    found: bytes = message.SerializeToString()
    return found


async def _session(address: str, page: str, view: dict[str, object]) -> Wait:
    """Open a page at a view, and wait until its script has ended."""
    request = HTTPRequest(f"{address.replace('http', 'ws', 1)}/_stcore/stream", connect_timeout=60)
    socket = await websocket_connect(request, subprotocols=["streamlit"])
    started, told, exceptions = time.perf_counter(), False, 0
    try:
        await socket.write_message(_asking(page, view), binary=True)
        while True:
            data = await socket.read_message()
            if data is None:
                raise RuntimeError("the server hung up")
            told = told or bool(BEFORE.search(bytes(data)))
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "delta":
                exceptions += message.delta.new_element.WhichOneof("type") == "exception"
            if message.WhichOneof("type") == "script_finished":
                return Wait(time.perf_counter() - started, told, exceptions)
    finally:
        socket.close()


def views(count: int, first: int, **more: object) -> list[dict[str, object]]:
    """Views that nobody has asked for: another seed each."""
    return [
        {"image": "astronaut", "eps_rel": 0.02, "seed": first + number, **more} for number in range(count)
    ]


def memory_after(address: str, page: str, sessions: int) -> list[int]:
    """Bytes of the server after every thirty sessions, each with a small view, once they are forgotten."""
    found = []
    for first in range(0, sessions, 30):
        asked = views(30, 20_000 + first, samples=2, attack="pgd", attack_steps=1, attack_on="base")
        together(address, page, asked)
        time.sleep(FORGOTTEN)
        together(address, page, asked[-1:])  # Streamlit forgets when the next one leaves
        found.append(server_memory())
    return found


def together(address: str, page: str, asked: Sequence[dict[str, object]]) -> list[Wait]:
    """All sessions at once, in the order in which they were answered."""

    async def everyone() -> list[Wait]:
        return await asyncio.gather(*(_session(address, page, view) for view in asked))

    return sorted(asyncio.run(everyone()), key=lambda wait: wait.seconds)


def server_memory() -> int:
    """Bytes of the largest process that serves the app on this machine."""
    sizes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if b"pages" in command and b"--server.port" in command:
                pages = int((folder / "statm").read_text().split()[1])
                sizes.append(4096 * pages)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return max(sizes, default=0)


def main() -> None:
    """Serve the app, send the crowd, print what it met as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--page", default="lab")
    parser.add_argument("--later", type=int, default=0)
    arguments = parser.parse_args()
    with served_app() as address:
        together(address, arguments.page, views(2, 1_000))
        alone = statistics.median(
            together(address, arguments.page, views(1, 2_000 + number))[0].seconds for number in range(3)
        )
        before = server_memory()
        waits = together(address, arguments.page, views(arguments.sessions, 10_000))
        after = server_memory()
        later = memory_after(address, arguments.page, arguments.later)
    seconds = [wait.seconds for wait in waits]
    late = seconds[round(0.95 * (len(seconds) - 1))]
    found = {
        "sessions": arguments.sessions,
        "alone_seconds": alone,
        "median_seconds": statistics.median(seconds),
        "p95_seconds": late,
        "last_seconds": seconds[-1],
        "median_over_last": statistics.median(seconds) / seconds[-1],
        "p95_over_all_alone": late / (arguments.sessions * alone),
        "told_their_place": sum(wait.told for wait in waits),
        "exceptions": sum(wait.exceptions for wait in waits),
        "memory_mb": {"before": before >> 20, "after": after >> 20, "later": [size >> 20 for size in later]},
        "waits": [asdict(wait) for wait in waits],
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
