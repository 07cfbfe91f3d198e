"""What the reader of a call waits for: something rings, or the alarm does."""

from __future__ import annotations

import asyncio
from math import inf


class Bell:
    """Rung by the attempts of a call, heard by the one who reads it."""

    __slots__ = ("_alarm", "_waiter")

    def __init__(self) -> None:
        self._waiter: asyncio.Future[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Wakes who waits. Rung while nobody does, it is not remembered: who begins to wait looks around first."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Until it rings, for so long at most. It may ring for nothing."""
        if self._waiter is not None:
            raise RuntimeError("this stream is already being read by another task")
        loop = asyncio.get_running_loop()
        if seconds < inf:
            # An alarm that is set for earlier stays: bounds mostly move away with every chunk, and setting one anew
            # for each chunk costs more than one that rings for nothing.
            at = loop.time() + seconds
            if self._alarm is None or at < self._alarm.when():
                self.silence()
                self._alarm = loop.call_at(at, self._alarm_rings)
        self._waiter = loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def silence(self) -> None:
        """Takes the alarm back."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _alarm_rings(self) -> None:
        self._alarm = None
        self.ring()
