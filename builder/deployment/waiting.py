"""Patience: what was written shows up for a reader after some seconds only."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from builder.connection.http import Connection

Found = TypeVar("Found")


def pauses(limit: float, *, first: float = 0.25, longest: float = 10.0) -> Iterator[float]:
    """Yield waits in seconds that grow by half, `limit` in all."""
    spent, pause = 0.0, first
    while spent + pause <= limit:
        yield pause
        spent += pause
        pause = min(longest, pause * 1.5)


def until(connection: Connection, look: Callable[[], Found | None], *, limit: float = 60.0) -> Found | None:
    """Look until something is there; None where nothing came within `limit` seconds."""
    for pause in pauses(limit):
        found = look()
        if found is not None:
            return found
        connection.sleep(pause)
    return look()
