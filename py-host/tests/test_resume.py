"""A call goes on from plain data: in this process, and in another one after ``kill -9``."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from conftest import KEY, MODEL, hooks
from scripted import DONE, Script, event, silence

import literllm
from literllm import types

WORKER = Path(__file__).parent.parent / "examples" / "durable.py"
PAUSE_MS = 1500
LIMITED = (429, {"retry-after-ms": str(PAUSE_MS)}, b'{"error":{"message":"slowly, please"}}')
WELL = (200, {"content-type": "text/event-stream"}, event("hello") + DONE)

Reply = tuple[int, dict[str, str], bytes] | None
"""Status, headers, body. ``None``: no answer comes."""


class Provider:
    """Answers one request after the other with what it was given."""

    def __init__(self, *replies: Reply) -> None:
        provider = self
        self.requests: list[bytes] = []
        self.asked = Event()
        """A request is there that gets no answer."""
        self._closing = Event()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                provider.requests.append(self.rfile.read(int(self.headers["content-length"])))
                reply = replies[len(provider.requests) - 1]
                if reply is None:
                    provider.asked.set()
                    provider._closing.wait()
                    return
                status, headers, body = reply
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def provider() -> Iterator[Callable[..., Provider]]:
    """Makes providers, and closes them."""
    made: list[Provider] = []

    def make(*replies: Reply) -> Provider:
        made.append(Provider(*replies))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Worker:
    """A process that works on a job."""

    def __init__(self, file: Path, provider: Provider, **policy: Any) -> None:
        command = [sys.executable, str(WORKER), str(file), "--base-url", provider.base_url]
        command += ["--policy", json.dumps(policy)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)

    def until_kept(self, running: list[int]) -> None:
        """Until it has kept the call with these attempts under way."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line == f"kept, under way: {running}\n":
                return
        pytest.fail("the worker ended without keeping the call so")

    def kill(self) -> None:
        """``kill -9``: no handler, no ``finally``."""
        self._process.kill()
        self._process.communicate()
        assert self._process.returncode == (1 if os.name == "nt" else -9)

    def outcome(self) -> dict[str, Any]:
        """What came of the job."""
        out, err = self._process.communicate(timeout=30)
        assert out, err
        outcome: dict[str, Any] = json.loads(out)
        return outcome


def told(outcome: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What does not depend on how quick the machine is."""
    names = ("attempt", "status", "end", "error", "wait_ms", "wait_reason", "maybe_billed")
    return [tuple(attempt.get(name) for name in names) for attempt in outcome["attempts"]]


def test_killed_in_a_pause_and_taken_up_by_another_process(tmp_path: Path, provider: Callable[..., Provider]) -> None:
    file, killed = tmp_path / "job", provider(LIMITED, WELL)
    first = Worker(file, killed)
    first.until_kept([])
    first.kill()
    assert len(killed.requests) == 1
    outcome = Worker(file, killed).outcome()
    unharmed = provider(LIMITED, WELL)
    reference = Worker(tmp_path / "another job", unharmed).outcome()
    assert told(outcome) == [
        (1, 429, "failed", "rate_limit", PAUSE_MS, "hint", False),
        (2, 200, "answered", None, None, None, False),
    ]
    assert told(outcome) == told(reference)
    assert outcome["text"] == reference["text"] == "hello"
    # The second attempt is sent when the pause is over, not when the new process begins.
    assert outcome["attempts"][1]["started_ms"] - outcome["attempts"][0]["ended_ms"] >= PAUSE_MS
    assert killed.requests == unharmed.requests
    assert len(killed.requests) == 2
    assert not file.exists()


def test_killed_in_an_attempt_which_is_told_as_lost(tmp_path: Path, provider: Callable[..., Provider]) -> None:
    for policy, rest in (({"backoff_base_ms": 1}, [WELL]), ({"resend_unknown": "never"}, [])):
        file, asked = tmp_path / "job", provider(None, *rest)
        first = Worker(file, asked, **policy)
        first.until_kept([1])
        assert asked.asked.wait(30)
        first.kill()
        outcome = Worker(file, asked, **policy).outcome()
        lost = outcome["attempts"][0]
        assert (lost["end"], lost["error"], lost["reached"], lost["maybe_billed"]) == (
            "failed",
            "connection",
            "unknown",
            True,
        )
        assert len(asked.requests) == len(outcome["attempts"]) == 1 + len(rest)
        if rest:
            assert outcome["text"] == "hello"
        else:
            assert (outcome["error"], outcome["maybe_billed"]) == ("connection", True)


def client_with(script: Script, **options: Any) -> literllm.Client:
    return literllm.Client(transport=script, keys={"openai": KEY}, policy={"backoff_base_ms": 1}, **options)


async def to_first_text(stream: literllm.Stream) -> None:
    async for got in stream:
        if got.type == "text_delta":
            return


async def test_an_answer_half_told_goes_on_only_when_its_bytes_were_kept() -> None:
    async with client_with(Script(event("hel"), silence)).stream(MODEL, "hi") as stream:
        await to_first_text(stream)
        with pytest.raises(literllm.InvalidStateError, match="resumable"):
            stream.snapshot()
    async with client_with(Script(event("hel"), silence)).stream(MODEL, "hi", resumable=True) as stream:
        await to_first_text(stream)
        snapshot = stream.snapshot()
        assert stream.outcome is None
    script = Script(event("never asked"), DONE)
    resumed = client_with(script).resume(snapshot)
    with pytest.raises(literllm.ConnectError, match="ended with its process") as raised:
        await resumed.answer()
    error = raised.value
    assert (error.text_so_far, error.maybe_billed, error.next[0]) == ("hel", True, "continue")
    assert error.partial is not None
    assert [(attempt.end, attempt.reached) for attempt in error.attempts] == [("failed", "unknown")]
    assert script.requests == []


async def test_an_answer_of_which_nothing_was_seen_is_asked_for_again() -> None:
    kept: list[str] = []
    async with client_with(Script(silence)).stream(MODEL, "hi", on_snapshot=kept.append) as stream:
        reader = asyncio.create_task(stream.answer())
        while not kept:
            await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait([reader])
    script = Script(event("hello"), DONE)
    resumed = client_with(script).resume(kept[0].encode())
    assert [event.type for event in [await anext(resumed), await anext(resumed)]] == ["notice", "start"]
    answer = await resumed.answer()
    assert answer.text == "hello"
    assert [attempt.error for attempt in answer.report.attempts] == ["connection", None]


async def test_events_that_nobody_read_are_read_later() -> None:
    async with client_with(Script(event("hel") + event("lo"), silence)).stream(MODEL, "hi", resumable=True) as stream:
        await to_first_text(stream)
        resumed = client_with(Script()).resume(stream.snapshot())
        rest = await anext(resumed)
        assert isinstance(rest, types.DeltaEvent)
        assert rest.text == "lo"
        assert rest == await anext(stream)
        await resumed.aclose()


async def test_a_call_that_was_not_read_yet_and_one_that_has_ended() -> None:
    script = Script(event("hello"), DONE)
    stream = client_with(script).stream(MODEL, "hi")
    again = client_with(script).resume(stream.snapshot())
    assert (await again.answer()).text == "hello"
    await stream.aclose()
    for ended in (stream, again):
        with pytest.raises(literllm.InvalidStateError, match="has ended"):
            ended.snapshot()


async def test_a_call_is_taken_up_by_the_next_instance_of_a_sandbox(each_crossing: str) -> None:
    client = client_with(Script(event("hello"), DONE))
    stream = client.stream(MODEL, "hi")
    snapshot = stream.snapshot()
    client._sandbox._instance = None  # as after a trap
    assert (await client.resume(snapshot).answer()).text == "hello"
    with pytest.raises(literllm.InternalError, match="start this call again"):
        stream.snapshot()
    client._sandbox._instance = None
    versions = [json.loads(text)["snapshot"]["state_version"] for text in (client.snapshot(), snapshot)]
    assert versions[0] == versions[1]


async def test_another_core_is_refused_and_both_are_named() -> None:
    client = client_with(Script())
    own = client.component_info.sha256
    for snapshot in (client.stream(MODEL, "hi").snapshot(), client.snapshot()):
        sealed = json.loads(snapshot)
        assert sealed["component"] == own
        assert set(sealed) == {"component", "snapshot"}
        foreign = json.dumps({**sealed, "component": "0" * 64})
        for take in (client.resume, lambda text: literllm.Client(transport=Script(), restore=text)):
            with pytest.raises(literllm.InvalidStateError, match=f"{'0' * 64}.*{own}"):
                take(foreign)


async def test_a_real_other_core_is_refused() -> None:
    snapshot = client_with(Script()).stream(MODEL, "hi").snapshot()
    other = client_with(Script(), component=hooks())
    with pytest.raises(literllm.InvalidStateError, match=other.component_info.sha256):
        other.resume(snapshot)


async def test_what_is_no_snapshot_is_refused() -> None:
    client = client_with(Script())
    for text in ("", "[]", "{}", "null", '{"component":"x"}', '{"component":"x","snapshot":3}', b"\xff"):
        with pytest.raises(literllm.InvalidStateError, match="the snapshot is none"):
            client.resume(text)
    with pytest.raises(literllm.LiterLLMError, match="snapshot"):
        client.resume(client.snapshot())
    broken = json.loads(client.stream(MODEL, "hi").snapshot())
    broken["snapshot"]["state"] = "{}"
    with pytest.raises(literllm.InvalidStateError):
        client.resume(json.dumps(broken))


async def test_blobs_are_named_and_handed_over_again() -> None:
    picture = b"not a picture"
    source = types.BlobSource("cat", len(picture))
    prompt = types.Message("user", [types.MediaPart(source, "image/png", type="image")])
    snapshot = client_with(Script()).stream(MODEL, prompt, blobs={"cat": picture}).snapshot()
    script = Script(event("a cat"), DONE)
    client = client_with(script)
    with pytest.raises(literllm.InvalidRequestError, match="'cat'"):
        client.resume(snapshot)
    assert (await client.resume(snapshot, blobs={"cat": picture}).answer()).text == "a cat"
    assert b"bm90IGEgcGljdHVyZQ==" in bytes(script.requests[0].body)


async def test_the_call_is_kept_before_anything_is_sent() -> None:
    script = Script(status=429, headers=[("retry-after-ms", "1")])
    seen: list[tuple[int, list[int]]] = []

    def keep(snapshot: str) -> None:
        assert KEY not in snapshot
        seen.append((len(script.requests), json.loads(snapshot)["snapshot"]["running"]))

    with pytest.raises(literllm.RateLimitError):
        await client_with(script).infer(MODEL, "hi", on_snapshot=keep)
    # Requests so far, and what is under way: an attempt, a pause, and so on.
    assert seen == [(0, [1]), (1, []), (1, [2]), (2, []), (2, [3])]


async def test_a_call_that_cannot_be_kept_is_not_made() -> None:
    script = Script(event("hello"), DONE)

    def full(snapshot: str) -> None:
        raise OSError("no space left")

    stream = client_with(script).stream(MODEL, "hi", on_snapshot=full)
    with pytest.raises(OSError, match="no space left"):
        await stream.answer()
    assert isinstance(stream.outcome, literllm.CallCancelledError)
    given_up: literllm.Stream = client_with(script).stream(MODEL, "hi", on_snapshot=lambda _: given_up.cancel())
    with pytest.raises(literllm.CallCancelledError):
        await given_up.answer()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert script.requests == []
    with pytest.raises(literllm.InvalidRequestError, match="on_snapshot"):
        client_with(script).stream(MODEL, "hi", on_snapshot="job.json")


async def test_a_client_remembers_what_another_learnt() -> None:
    guards = {"breaker_failures": 1}
    ill = client_with(Script(b"{}", status=500), guards=guards)
    with pytest.raises(literllm.ServerError):
        await ill.infer(MODEL, "hi", policy={"max_attempts": 1})
    script = Script(event("hello"), DONE)
    assert (await client_with(script, guards=guards).infer(MODEL, "hi")).text == "hello"
    with pytest.raises(literllm.CircuitOpenError) as raised:
        await client_with(script, guards=guards, restore=ill.snapshot()).infer(MODEL, "hi")
    assert 0 < (raised.value.retry_after_ms or 0) <= 30_000
    assert len(script.requests) == 1
