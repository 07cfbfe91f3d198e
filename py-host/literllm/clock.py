"""Time, as the core is told it and as the host waits for it.

A call reads the wall clock once, at its start, and goes on from there by the monotonic clock: a machine whose clock is
set in mid-call meets its deadlines all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def wall_ms() -> int:
    """Unix milliseconds by the wall clock."""
    return time.time_ns() // 1_000_000


class Time:
    """The time of one call: what it is, and how long we have been waiting."""

    __slots__ = ("_monotonic", "_start", "_start_ms", "_waited", "_waiting_since")

    def __init__(self, start_ms: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start_ms = start_ms
        self._start = monotonic()
        self._waited = 0.0
        self._waiting_since: float | None = None

    def now_ms(self) -> int:
        """Unix milliseconds; never backwards."""
        return self._start_ms + int((self._monotonic() - self._start) * 1000)

    def wait(self) -> None:
        """A wait begins."""
        self._waiting_since = self._monotonic()

    def pause(self) -> None:
        """The reader has something, or looks away: the wait ends."""
        self._waited = self.waited()
        self._waiting_since = None

    def waited(self) -> float:
        """How long we have waited for the network, in s. It stands still while the reader is busy with what it got."""
        if self._waiting_since is None:
            return self._waited
        return self._waited + self._monotonic() - self._waiting_since
