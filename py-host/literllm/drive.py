"""The loop between the core and the network.

A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do it, wait
for whatever happens first, tell the core, and get the next step. Nothing here decides anything.

It runs only while its reader waits. Attempts run in tasks of their own, which end with the call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import TYPE_CHECKING

from .answer import Answer
from .attempt import Attempt, Lender
from .bell import Bell
from .clock import Time
from .engine.happening import Cancel, Happening, Wake
from .errors import LiterLLMError, from_detail
from .types import Error, Event, Step

if TYPE_CHECKING:  # so that importing this package does not load wasmtime
    from .engine.sandbox import SandboxCall


class Drive:
    """A call under way."""

    def __init__(self, call: SandboxCall, first: Step, lender: Lender, time: Time) -> None:
        """Takes up a call that was just started when ``time`` started. Nothing is sent before it is read."""
        self._call = call
        self._first: Step | None = first
        self._lender = lender
        self._time = time
        self._attempts: list[Attempt] = []
        self._ending: list[asyncio.Task[None]] = []
        self._wake_at_ms: int | None = None
        self._bell = Bell()
        self.events: deque[Event] = deque()
        self.outcome: Answer | LiterLLMError | None = None
        """How the call ended. ``None``: it has not."""

    async def next_event(self) -> Event | None:
        """The next event; ``None`` once all were given and the outcome is there."""
        if self._first is not None:
            first, self._first = self._first, None
            self._act(first)
        try:
            while not self.events:
                if self.outcome is not None:
                    await self.ended()
                    return None
                if (happening := await self._happening()) is not None:
                    self._tell(happening)
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self.events.popleft()

    def cancel(self) -> None:
        """The caller gives up; the outcome is there afterwards."""
        self._first = None
        if self.outcome is None:
            self._tell(Cancel())

    async def ended(self) -> None:
        """Waits until the last task has gone."""
        while self._ending:
            await asyncio.wait(self._ending)
            self._ending = [task for task in self._ending if not task.done()]

    def leave(self) -> list[asyncio.Task[None]]:
        """The caller has gone without a word. The call is forgotten; its tasks are left to be cancelled."""
        if self.outcome is None:
            self._call.drop()
        tasks = self._ending + [attempt.task for attempt in self._attempts if attempt.task is not None]
        return [task for task in tasks if not task.done()]

    def _tell(self, happening: Happening) -> None:
        try:
            step = self._call.tell(happening, self._time.now_ms())
        except LiterLLMError as error:
            self._call.drop()
            self._end(error)
        else:
            self._act(step)

    def _act(self, step: Step) -> None:
        for send in step.send:
            self._attempts.append(Attempt(send, self._lender, self._bell, self._time.waited()))
        for attempt in [attempt for attempt in self._attempts if attempt.number in step.abort]:
            self._break_off(attempt)
        self.events.extend(step.events)
        self._wake_at_ms = step.wake_at_ms
        if step.outcome is not None:
            result, report = step.outcome.result, step.outcome.report
            self._end(from_detail(result, report) if isinstance(result, Error) else Answer(result, report))

    def _end(self, outcome: Answer | LiterLLMError) -> None:
        for attempt in list(self._attempts):
            self._break_off(attempt)
        self.outcome = outcome
        self._bell.silence()
        self._bell.ring()  # for a reader in another task

    def _break_off(self, attempt: Attempt) -> None:
        self._attempts.remove(attempt)
        if attempt.task is not None and not attempt.task.done():
            attempt.task.cancel()
            self._ending.append(attempt.task)

    async def _happening(self) -> Happening | None:
        """Whatever happens first: something of an attempt, an attempt's patience at its end, the moment to wake.

        ``None``: the call was cancelled meanwhile.
        """
        self._time.wait()
        try:
            while self.outcome is None:
                waited = self._time.waited()
                for attempt in self._attempts:
                    if (happening := attempt.poll()) is not None:
                        attempt.heard(waited)
                        if attempt.is_over:
                            self._attempts.remove(attempt)
                        return happening
                wait = inf
                if self._wake_at_ms is not None:
                    wait = (self._wake_at_ms - self._time.now_ms()) / 1000
                    if wait <= 0:
                        return Wake(None)
                for attempt in self._attempts:
                    patience = attempt.patience(waited)
                    if patience <= 0:
                        attempt.heard(waited)
                        return Wake(attempt.number)
                    wait = min(wait, patience)
                await self._bell.wait(wait)
            return None
        finally:
            self._time.pause()
