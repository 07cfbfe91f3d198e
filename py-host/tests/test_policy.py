"""What the core decides, as this host shows it: deadlines, other models, circuits, and what an error says."""

from __future__ import annotations

import asyncio
import pickle
import random
import traceback
from typing import Any

import pytest
from conftest import MODEL
from scripted import DONE, Script, Scripts, event, silence

import literllm
from literllm import types

FAILS = Script(b'{"error":{"message":"no"}}', status=500)
WELL = Script(event("hello"), DONE)


def client_with(transport: Any, **options: Any) -> literllm.Client:
    quick = {"backoff_base_ms": 1, "backoff_cap_ms": 1}
    keys = {"openai": "x", "groq": "y"}
    return literllm.Client(transport=transport, keys=keys, policy={**quick, **options.pop("policy", {})}, **options)


@pytest.mark.parametrize(
    ("options", "deadline"),
    [
        ({"timeout": 0.02}, "caller"),
        ({"timeout": 0.02, "policy": {"total_timeout_ms": 60_000}}, "caller"),
        ({"caller_timeout_ms": 20}, "caller"),
        ({"timeout": 60, "policy": {"total_timeout_ms": 20}}, "total"),
        ({"timeout": float("inf"), "policy": {"total_timeout_ms": 20}}, "total"),
        ({"timeout": 10**400, "policy": {"total_timeout_ms": 20}}, "total"),
        ({"timeout": -1}, "caller"),
        ({"policy": {"first_token_timeout_ms": 20, "max_attempts": 1}}, "first_token"),
        ({"policy": {"idle_timeout_ms": 20, "max_attempts": 1}}, "idle"),
    ],
)
async def test_the_sooner_deadline_ends_the_call_and_says_which(options: dict[str, Any], deadline: str) -> None:
    with pytest.raises(literllm.DeadlineError) as raised:
        await asyncio.wait_for(client_with(Script(silence)).infer(MODEL, "hi", **options), 10)
    error = raised.value
    assert isinstance(error, TimeoutError)
    assert error.deadline == deadline
    assert f"deadline={deadline!r}" in repr(error)


@pytest.mark.parametrize("timeout", ["2", True, float("nan")])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    with pytest.raises(literllm.InvalidRequestError, match="timeout: expected a number of seconds"):
        client_with(Script()).stream(MODEL, "hi", timeout=timeout)
    with pytest.raises(literllm.InvalidRequestError, match="give one of them"):
        client_with(Script()).stream(MODEL, "hi", timeout=1, caller_timeout_ms=1000)


async def test_another_model_is_turned_to() -> None:
    transport = Scripts(FAILS, WELL)
    steps = [
        types.FallbackStep("groq/never-for-this", on=["context_length"]),
        types.FallbackStep("groq/llama-3.3-70b-versatile", on=["server"]),
    ]
    stream = client_with(transport).stream(MODEL, "hi", policy=types.Policy(max_attempts=1, fallback=steps))
    notices = [event_.notice async for event_ in stream if isinstance(event_, types.NoticeEvent)]
    assert [(notice.type, notice.to_json()["to_model"]) for notice in notices] == [
        ("fallback", "groq/llama-3.3-70b-versatile")
    ]
    answer = await stream.answer()
    assert answer.text == "hello"
    places = [(attempt.provider, attempt.wait_reason) for attempt in answer.report.attempts]
    assert places == [("openai", "none"), ("groq", None)]
    assert transport.requests[1].url.startswith("https://api.groq.com/")


async def test_a_circuit_opens_after_failures_and_holds_calls_back() -> None:
    transport = Scripts(FAILS)
    client = client_with(transport, guards=types.Guards(breaker_failures=2, breaker_open_ms=60_000))
    with pytest.raises(literllm.ServerError):
        await client.infer(MODEL, "hi")
    assert len(transport.requests) == 2
    with pytest.raises(literllm.CircuitOpenError, match="nothing was sent") as raised:
        await client.infer(MODEL, "hi")
    assert raised.value.attempts == []
    assert not raised.value.maybe_billed
    assert raised.value.next == ["resend"]
    assert len(transport.requests) == 2


async def test_an_idempotency_key_goes_to_who_honours_it() -> None:
    transport = Scripts(FAILS, WELL, WELL)
    rows = [{"id": "openai", "idempotency_header": "idempotency-key"}]
    client = client_with(transport, config={"providers": rows})
    await client.infer(MODEL, "hi", idempotency_key="job-17")
    await client.infer(MODEL, "hi")
    sent = [header.value for one in transport.requests for header in one.headers if header.name == "idempotency-key"]
    assert sent[:2] == ["job-17", "job-17"]
    assert len(sent) == 3
    assert sent[2] != "job-17"


async def test_a_program_that_fixes_its_chance_does_not_fix_ours() -> None:
    transport = Scripts(WELL)
    rows = [{"id": "openai", "idempotency_header": "idempotency-key"}]
    drawn = []
    for _ in range(2):
        random.seed(42)
        # The core makes the key of the call's seed.
        await client_with(transport, config={"providers": rows}).infer(MODEL, "hi")
        drawn.append(random.random())
    sent = {header.value for one in transport.requests for header in one.headers if header.name == "idempotency-key"}
    assert len(sent) == 2
    assert drawn == [random.Random(42).random()] * 2


async def test_an_error_says_what_happened_and_what_may_be_done() -> None:
    transport = Scripts(FAILS, Script(event("hel"), types.TransportFailure("reset", "body_seen", "gone")))
    with pytest.raises(literllm.CutError) as raised:
        await client_with(transport).infer(MODEL, "hi")
    error = raised.value
    assert (error.text_so_far, error.maybe_billed) == ("hel", True)
    assert error.next[0] == "continue"
    assert error.partial is error.detail.partial
    assert str(error).startswith(error.message)
    assert "[2 attempts; may have been billed; next: ask the model to go on from the partial answer" in str(error)
    assert "attempts=2, maybe_billed=True, next=['continue'" in repr(error)
    shown = "".join(traceback.format_exception(error))
    assert "attempt 1 at openai/mock-tokens-20: server (500) after " in shown
    assert "attempt 2 at openai/mock-tokens-20: cut (200) after " in shown
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), repr(again), again.__notes__) == (str(error), repr(error), error.__notes__)


async def test_an_error_of_a_pause_and_one_that_cannot_be_helped() -> None:
    limited = Script(b'{"error":{"message":"slowly"}}', status=429, headers=[("retry-after-ms", "700000")])
    with pytest.raises(literllm.RateLimitError, match=r"\[1 attempt; next: send it again after 700000 ms\]$"):
        await client_with(limited).infer(MODEL, "hi")
    missing = Script(b'{"error":{"message":"no such model"}}', status=404)
    with pytest.raises(literllm.NotFoundError, match=r"\[1 attempt; sending it again does not help\]$"):
        await client_with(missing).infer(MODEL, "hi")
    with pytest.raises(literllm.UnknownProviderError) as raised:
        client_with(missing).stream("nobody/x", "hi")
    assert str(raised.value) == raised.value.message


def test_a_call_whose_sandbox_broke_may_have_been_billed() -> None:
    async def ask() -> None:
        client = client_with(Script(event("hel"), silence))
        async with client.stream(MODEL, "hi") as stream:
            async for got in stream:
                if got.type == "text_delta":
                    break
            client._sandbox._number += 1  # as when the next instance has taken its place
            stream.cancel()
            assert isinstance(stream.outcome, literllm.InternalError)
            assert stream.outcome.maybe_billed
            assert stream.outcome.next == ["resend"]

    asyncio.run(ask())
