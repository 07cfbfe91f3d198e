"""The loop between the core and the network.

A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do it, wait
for whatever happens first, tell the core, and get the next step. Nothing here decides anything.

It runs only while its reader waits. Attempts run in tasks of their own, which end with the call.

Between any two steps a call is plain data (``snapshot``). One that was taken up from such data tells the core first
which of its attempts were lost with the process that made them, and then goes on like any other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from .answer import Answer
from .attempt import Attempt, Lender
from .bell import Bell
from .clock import Time
from .engine.happening import Cancel, Failed, Happening, Wake
from .errors import LiterLLMError, from_detail, invalid_state
from .snapshot import Save
from .types import Error, Event, JsonObject, Step, TransportFailure

if TYPE_CHECKING:  # so that importing this package does not load wasmtime
    from .engine.sandbox import SandboxCall


class Drive:
    """A call under way."""

    def __init__(
        self,
        call: SandboxCall,
        first: Step,
        lender: Lender,
        time: Time,
        save: Save | None = None,
        lost: Sequence[int] = (),
    ) -> None:
        """Takes up a call that was just started, or restored, when ``time`` started. Nothing is sent before it is read.

        ``save`` keeps a snapshot before each attempt and each wait begins; ``lost`` are the attempts of a restored call
        that were under way.
        """
        self._call = call
        self._save = save
        self._lost = list(lost)
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

    def snapshot(self) -> tuple[JsonObject, list[Event]]:
        """The call as plain data, and the events that were not read yet."""
        if self.outcome is not None:
            raise invalid_state("the call has ended: there is nothing to take up")
        ahead = self._first.events if self._first is not None else []
        return self._call.snapshot(), [*self.events, *ahead]

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
            # The core has no more to say about what is under way.
            error.detail.maybe_billed |= bool(self._attempts)
            self._call.drop()
            self._end(error)
        else:
            self._act(step)

    def _act(self, step: Step) -> None:
        self.events.extend(step.events)
        if self._save is not None and step.outcome is None:
            self._keep(step, self._save)
            if self.outcome is not None:  # who keeps it has given the call up
                return
        for send in step.send:
            self._attempts.append(Attempt(send, self._lender, self._bell, self._time.waited()))
        for attempt in [attempt for attempt in self._attempts if attempt.number in step.abort]:
            self._break_off(attempt)
        self._wake_at_ms = step.wake_at_ms
        if step.outcome is not None:
            result, report = step.outcome.result, step.outcome.report
            self._end(from_detail(result, report) if isinstance(result, Error) else Answer(result, report))

    def _keep(self, step: Step, save: Save) -> None:
        """Before anything of the step is sent: who takes the snapshot up knows then what may have been sent since."""
        if step.send or any(event.type == "notice" for event in step.events):
            try:
                save(*self.snapshot())
            except BaseException:
                self.cancel()
                raise

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
                if self._lost:
                    gone = TransportFailure("lost", "unknown", "the call was taken up from a snapshot")
                    return Failed(self._lost.pop(0), gone)
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
