"""A call seen while it runs: its events one by one, and how it ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import TracebackType

from .answer import Answer
from .drive import Drive
from .errors import LiterLLMError, internal
from .snapshot import Seal
from .types import DeltaEvent, Event, PartEvent, TextPart


class Stream:
    """The events of a call, by ``async for``. An error is raised once, and the iteration is over.

    Bytes are read from the network only a little ahead of who waits for an event; the time a reader takes between two
    events never counts as the provider's silence.

    The call ends when its reader leaves: after ``async with`` (the sure way), by ``aclose``, when the task that reads
    it is cancelled, or when nobody holds the stream any more (after ``break`` out of ``async for event in
    client.stream(...)``, at once in CPython). Its connection is closed then.

    >>> async def ask(client):
    ...     async with client.stream("openai/gpt-4o-mini", "Tell me a story") as stream:
    ...         async for event in stream:
    ...             if event.type == "text_delta":
    ...                 print(event.text, end="")
    ...         print((await stream.answer()).usage)
    """

    def __init__(self, drive: Drive, seal: Seal) -> None:
        self._drive = drive
        self._seal = seal
        self._events = drive.events
        self._loop: asyncio.AbstractEventLoop | None = None
        self._error_given = False

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> Event:
        if self._events:
            return self._events.popleft()
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        event = await self._drive.next_event()
        if event is not None:
            return event
        outcome = self._drive.outcome
        if isinstance(outcome, LiterLLMError) and not self._error_given:
            self._error_given = True
            raise outcome
        raise StopAsyncIteration

    async def text(self) -> AsyncIterator[str]:
        """The text of the first choice alone, piece by piece."""
        async for event in self:
            if (piece := text_of(event)) is not None:
                yield piece

    async def answer(self) -> Answer:
        """Reads to the end and gives the folded answer, or raises the call's error. Events not yet taken are lost."""
        self._loop = asyncio.get_running_loop()
        self._events.clear()
        while await self._drive.next_event() is not None:
            self._events.clear()
        outcome = self._drive.outcome
        if isinstance(outcome, LiterLLMError):
            self._error_given = True
            raise outcome
        if outcome is None:
            raise internal("the call ended without an outcome")
        return outcome

    @property
    def outcome(self) -> Answer | LiterLLMError | None:
        """How the call ended: the folded answer, or the error. ``None``: it has not."""
        return self._drive.outcome

    def snapshot(self) -> str:
        """The call as it stands, as JSON text: :meth:`Client.resume` goes on from it, also in another process. This one
        goes on undisturbed.

        Events that were not read yet are in it. Keys and blobs are not; the request is. Raises ``InvalidStateError`` in
        the middle of a streamed answer, unless the call was made with ``resumable=True``, and once the call has ended.
        """
        return self._seal.close(*self._drive.snapshot())

    def cancel(self) -> None:
        """Gives up: requests are broken off, and the outcome is a ``CallCancelledError`` with what had come and the
        report.

        Does nothing once the call has ended. (Leaving does the same without an outcome.)
        """
        self._drive.cancel()

    async def aclose(self) -> None:
        """Leaves. Once it returns, nothing of the call is left running."""
        self._drive.cancel()
        self._events.clear()
        self._error_given = True
        await self._drive.ended()

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # It may run anywhere, in any thread: nothing is touched that could be in use.
        tasks = self._drive.leave()
        if tasks and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, and its tasks are gone
                self._loop.call_soon_threadsafe(_cancel, tasks)

    def __repr__(self) -> str:
        outcome = self._drive.outcome
        state = "under way" if outcome is None else "failed" if isinstance(outcome, LiterLLMError) else "answered"
        return f"<literllm.Stream, {state}>"


def text_of(event: Event) -> str | None:
    """The text that an event adds to the first choice."""
    if isinstance(event, DeltaEvent):
        return event.text if event.type == "text_delta" and event.choice == 0 else None
    if isinstance(event, PartEvent) and event.choice == 0 and isinstance(event.content, TextPart):
        return event.content.text
    return None


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
