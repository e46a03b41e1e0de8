"""A connection to a Dask cluster; Dask is an optional requirement."""

from __future__ import annotations

from typing import Any

from core.base.errors import UserError

SECONDS_TO_ANSWER = 20


def connect(address: str) -> Any:
    """A client of the Dask scheduler at ``tcp://…``.

    Raises:
        UserError: if Dask is not installed, or nothing answers there.
    """
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise UserError(
            "A cluster needs Dask: pip install -r requirements-cluster.txt, here and on every worker."
        ) from error
    try:
        return Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError(
            f"No Dask scheduler answers at {address}: start one with `python -m dask scheduler`, and give "
            "the tcp:// address that it prints."
        ) from error
