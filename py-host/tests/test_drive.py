"""The loop against a core that plays a script: what no real core can be asked to do."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast

import pytest

from literllm.answer import Answer
from literllm.attempt import Lender
from literllm.clock import Time, wall_ms
from literllm.drive import Drive
from literllm.egress import Egress
from literllm.engine.happening import Body, End, Failed, Happening, Head, Wake
from literllm.engine.sandbox import SandboxCall
from literllm.errors import InternalError, LiterLLMError, internal
from literllm.keys import source
from literllm.transport import ResponseBody, TransportRequest
from literllm.types import EgressRow, EventHeartbeat, HttpRequest, Outcome, Report, Response, ResponseHead, Send, Step

OVER = Outcome(Response("p"), Report(0, 1, 0))


class FakeCall:
    """Answers with the steps it was given, and writes down what it was told."""

    def __init__(self, *steps: Step | LiterLLMError) -> None:
        self.steps = deque(steps)
        self.told: list[Happening] = []
        self.dropped = False

    def tell(self, happening: Happening, now_ms: int) -> Step:
        self.told.append(happening)
        step = self.steps.popleft() if self.steps else Step(False)
        if isinstance(step, LiterLLMError):
            raise step
        return step

    def drop(self) -> None:
        self.dropped = True


class Paced:
    """Plays by the URL's path: a head, then a chunk after each pause in ms; then silence, or the end after ``end``."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.chunk: asyncio.Event | None = None

    async def send(self, request: TransportRequest) -> tuple[ResponseHead, ResponseBody]:
        first, *rest = request.url.split("/")[3:]
        await _pause(first)
        return ResponseHead(200), _PacedBody(self, request.url, rest)

    async def aclose(self) -> None:
        pass


class _PacedBody:
    def __init__(self, transport: Paced, url: str, pauses: list[str]) -> None:
        self._transport, self._url, self._pauses = transport, url, pauses

    async def read(self) -> bytes:
        pause = self._pauses.pop(0) if self._pauses else "never"
        if pause == "end":
            return b""
        await _pause(pause)
        return pause.encode()

    def close(self) -> None:
        self._transport.closed.append(self._url)


async def _pause(pause: str) -> None:
    if pause == "never":
        await asyncio.get_running_loop().create_future()
    await asyncio.sleep(int(pause) / 1000)


def send(attempt: int, path: str, idle_ms: int | None = None) -> Send:
    return Send(attempt, "p", 0, HttpRequest("POST", f"http://p.test/{path}", 0), idle_ms)


def drive(first: Step, *steps: Step | LiterLLMError) -> tuple[Drive, FakeCall, Paced]:
    call, transport = FakeCall(*steps), Paced()
    lender = Lender(transport, Egress([EgressRow("p", "x", ["http://p.test"])], source({})), {})
    return Drive(cast(SandboxCall, call), first, lender, Time(wall_ms())), call, transport


async def to_the_end(driven: Drive) -> list[Any]:
    events = []
    while (event := await driven.next_event()) is not None:
        events.append(event)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return events


async def test_the_whole_of_a_step_is_acted_on() -> None:
    """Two begun at once; the slower is broken off when the quicker has its head, in one step with an event."""
    first = Step(False, [send(1, "never"), send(2, "0/0/end")])
    heartbeat = EventHeartbeat()
    driven, call, transport = drive(first, Step(False, [], [1], [heartbeat]), Step(False), Step(False, outcome=OVER))
    assert await to_the_end(driven) == [heartbeat]
    assert call.told == [Head(2, ResponseHead(200)), Body(2, b"0"), End(2)]
    assert driven.outcome == Answer(Response("p"), Report(0, 1, 0))
    assert not call.dropped
    assert transport.closed == ["http://p.test/0/0/end"]


async def test_chunks_that_lie_ready_are_told_at_once() -> None:
    driven, call, _ = drive(Step(False, [send(1, "0/0/end")]), Step(False), Step(False), Step(False, outcome=OVER))
    assert await to_the_end(driven) == []
    assert [type(told) for told in call.told] == [Head, Body, End]


async def test_the_moment_to_wake_and_the_patience_of_each_attempt_are_kept() -> None:
    first = Step(False, [send(1, "never", 60_000), send(2, "never", 1)], wake_at_ms=wall_ms() + 600_000)
    soon = Step(False, wake_at_ms=0)
    driven, call, _ = drive(first, soon, Step(False, outcome=OVER))
    assert await to_the_end(driven) == []
    assert call.told == [Wake(2), Wake(None)]


async def test_patience_begins_anew_with_every_sign_of_life() -> None:
    """Each pause is half the idle bound, all together are more than it."""
    pauses = "/".join(["20"] * 6)
    driven, call, _ = drive(Step(False, [send(1, f"{pauses}/end", 40)]), *[Step(False)] * 6, Step(False, outcome=OVER))
    await to_the_end(driven)
    assert [type(told) for told in call.told] == [Head, Body, Body, Body, Body, Body, End]


async def test_what_may_not_be_sent_is_told_as_a_failure() -> None:
    elsewhere = Send(1, "p", 0, HttpRequest("POST", "http://q.test/", 0))
    unknown = Send(2, "q", 0, HttpRequest("POST", "http://q.test/", 0))
    driven, call, _ = drive(Step(False, [elsewhere, unknown]), Step(False), Step(False, outcome=OVER))
    await to_the_end(driven)
    failures = [told.failure.kind for told in call.told if isinstance(told, Failed)]
    assert failures == ["egress", "egress"]


async def test_a_core_that_refuses_ends_the_call() -> None:
    driven, call, transport = drive(Step(False, [send(1, "0/never"), send(2, "never")]), internal("no"))
    assert await to_the_end(driven) == []
    assert isinstance(driven.outcome, InternalError)
    assert call.dropped
    assert transport.closed == ["http://p.test/0/never"]


async def test_a_cancelled_reader_tells_the_core() -> None:
    driven, call, _ = drive(Step(False, [send(1, "never")]), Step(False, outcome=OVER))
    reader = asyncio.create_task(driven.next_event())
    await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert [type(told).__name__ for told in call.told] == ["Cancel"]
    await driven.ended()
    assert asyncio.all_tasks() == {asyncio.current_task()}
