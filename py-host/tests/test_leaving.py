"""A caller who leaves takes the exchange along, however it leaves."""

from __future__ import annotations

import asyncio
import gc

import pytest
from conftest import MODEL, Mock, client_of, fault
from scripted import DONE, Script, event, silence

import literllm

STALL = fault("stall;after=3")


async def left_alone() -> None:
    """Nothing runs but this test."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_cancelled_task_gets_the_cancellation_of_asyncio(mock: Mock) -> None:
    async with client_of(mock) as client:
        task = asyncio.create_task(client.infer(MODEL, "hello", headers=STALL))
        await mock.until("in_flight", 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await mock.until("in_flight", 0)
        assert mock.stats()["aborted_by_client"] == 1
        await left_alone()


async def test_a_timeout_of_asyncio_ends_the_call(mock: Mock) -> None:
    async with client_of(mock) as client:
        stream = client.stream(MODEL, "hello", headers=STALL)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stream.answer(), 0.05)
        assert isinstance(stream.outcome, literllm.CallCancelledError)
        assert stream.outcome.text_so_far
        assert stream.outcome.report is not None
        await mock.until("aborted_by_client", 1)
        await stream.aclose()
        await left_alone()


async def test_leaving_the_block_ends_the_call(mock: Mock) -> None:
    async with client_of(mock) as client:
        async with client.stream(MODEL, "hello", headers=STALL) as stream:
            async for event in stream:
                if event.type == "text_delta":
                    break
        await left_alone()
        await mock.until("aborted_by_client", 1)
        assert [event async for event in stream] == []


async def test_a_stream_that_nobody_holds_ends(mock: Mock) -> None:
    async with client_of(mock) as client:
        async for event in client.stream(MODEL, "hello", headers=STALL):
            if event.type == "text_delta":
                break
        gc.collect()
        await left_alone()
        await mock.until("aborted_by_client", 1)
        assert (await client.infer(MODEL, "hello")).text


async def test_cancel_leaves_an_outcome(client: literllm.Client) -> None:
    async with client.stream(MODEL, "hello", headers=STALL) as stream:
        async for event in stream:
            if event.type == "text_delta":
                stream.cancel()
                break
        with pytest.raises(literllm.CallCancelledError) as raised:
            await stream.answer()
        assert raised.value.text_so_far
        await left_alone()
    unread = client.stream(MODEL, "hello")
    unread.cancel()
    with pytest.raises(literllm.CallCancelledError):
        await unread.answer()


async def test_cancel_wakes_who_waits_in_another_task(client: literllm.Client) -> None:
    stream = client.stream(MODEL, "hello", headers=STALL)
    reader = asyncio.create_task(stream.answer())
    while len(asyncio.all_tasks()) < 3:
        await asyncio.sleep(0)
    stream.cancel()
    with pytest.raises(literllm.CallCancelledError):
        await reader
    await left_alone()


async def test_nothing_is_sent_before_the_stream_is_read() -> None:
    script = Script(DONE)
    client = literllm.Client(transport=script, keys={"openai": "x"})
    stream = client.stream(MODEL, "hello")
    await asyncio.sleep(0)
    assert script.requests == []
    del stream
    gc.collect()
    assert script.requests == []


async def test_a_slow_reader_is_no_silent_provider() -> None:
    """The idle bound is shorter than the reader's pause, and longer than any of the provider's."""
    script = Script(event("a"), event("b"), DONE)
    client = literllm.Client(transport=script, keys={"openai": "x"}, policy={"idle_timeout_ms": 40})
    async with client.stream(MODEL, "hello") as stream:
        async for _ in stream:
            await asyncio.sleep(0.06)
    assert script.open == 0


async def test_no_more_than_a_buffer_is_read_ahead() -> None:
    reads = 0

    async def chunk() -> bytes:
        nonlocal reads
        reads += 1
        return event("x" * 16_000)

    script = Script(*[chunk] * 100, DONE)
    client = literllm.Client(transport=script, keys={"openai": "x"})
    async with client.stream(MODEL, "hello") as stream:
        async for event_ in stream:
            if event_.type == "text_delta":
                break
        for _ in range(50):
            await asyncio.sleep(0)
        assert reads < 15


async def test_two_tasks_cannot_read_one_stream() -> None:
    client = literllm.Client(transport=Script(event("a"), silence), keys={"openai": "x"})
    async with client.stream(MODEL, "hello") as stream:
        reader = asyncio.create_task(stream.answer())
        for _ in range(10):
            await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(stream)
        reader.cancel()
        await asyncio.wait([reader])
