"""The sandbox breaks: what is lost, what is not, and who is told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from pathlib import Path

import pytest
from conftest import MODEL, Mock, client_of, hooks
from scripted import DONE, Script, event

import literllm
from literllm.engine import compiled
from literllm.engine.happening import Wake
from literllm.engine.instance import Dead, Instance
from literllm.engine.sandbox import MEMORY_BYTES, Sandbox

WASM = (Path(literllm.__file__).parent / "literllm.wasm").read_bytes()
TRAP = [{"name": "x-mock-header", "value": "x-literllm-hook=trap"}]
REQUEST = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "x"}]})
HEDGE = [{"protocol": "test-hook", "body": '{"hedge_after_ms":20}'}]


async def test_a_thousand_calls_with_a_trap_in_every_hundredth(mock: Mock) -> None:
    async with client_of(mock, component=hooks()) as client:
        answers, errors = 0, []
        for number in range(1, 1001):
            try:
                await client.infer("openai/mock-tokens-2", "hello", headers=TRAP if number % 100 == 0 else [])
                answers += 1
            except literllm.InternalError as trapped:
                errors.append(trapped)
    assert (answers, len(errors)) == (990, 10)
    for error in errors:
        assert "the sandbox of this client broke: wasm trap" in error.message
        assert "report it" in error.message
        assert not error.retryable


async def test_fifty_at_once_with_one_trap(mock: Mock) -> None:
    async with client_of(mock, component=hooks()) as client, client_of(mock, component=hooks()) as other:
        stalled = [{"name": "x-mock-fault", "value": "stall;after=2;stall_ms=500"}]
        streams = [client.stream(MODEL, "hello", headers=stalled) for _ in range(49)]
        readers = [asyncio.create_task(stream.answer()) for stream in streams]
        elsewhere = other.stream(MODEL, "hello")
        assert (await anext(elsewhere)).type == "start"
        await mock.until("in_flight", 49)
        with pytest.raises(literllm.InternalError) as trapped:
            await client.infer(MODEL, "hello", headers=TRAP)
        assert not trapped.value.retryable
        # Their next bytes find the instance gone.
        for error in await asyncio.gather(*readers, return_exceptions=True):
            assert isinstance(error, literllm.InternalError)
            assert error.retryable
            assert "start this call again" in error.message
        assert (await client.infer(MODEL, "hello")).text == (await elsewhere.answer()).text
        await mock.until("in_flight", 0)


def test_a_late_drop_of_an_old_handle_harms_nothing() -> None:
    sandbox = Sandbox(WASM, "{}", MEMORY_BYTES)
    old, step = sandbox.start(REQUEST, "{}", 0, 1)
    assert len(step.send) == 1
    sandbox._instance = None  # as after a trap
    new, _ = sandbox.start(REQUEST, "{}", 0, 1)
    old.drop()
    old.drop()
    with pytest.raises(literllm.InternalError) as gone:
        old.tell(Wake(None), 1)
    assert gone.value.retryable
    new.tell(Wake(None), 1)
    new.drop()
    with pytest.raises(literllm.InvalidStateError):
        new.tell(Wake(None), 2)


def test_the_next_instance_has_the_next_number_and_the_newest_snapshot() -> None:
    sandbox = Sandbox(WASM, "{}", MEMORY_BYTES)
    first, step = sandbox.start(REQUEST, "{}", 5_000, 1)
    taken = []
    for dirty, now_ms in ((True, 5_000), (True, 5_999), (False, 6_000)):
        step.state_changed = dirty
        sandbox._note(step, now_ms)
        taken.append((sandbox._snapshot is not None, sandbox._snapshot_at_ms, sandbox._dirty))
    assert taken == [(True, 5_000, False), (True, 5_000, True), (True, 6_000, False)]
    snapshot, egress = sandbox._snapshot, sandbox.egress
    sandbox._instance = None
    second, _ = sandbox.start(REQUEST, "{}", 7_000, 1)
    assert (first._number, second._number) == (0, 1)
    assert sandbox._snapshot == snapshot
    assert sandbox.egress is egress


def test_a_snapshot_that_cannot_be_restored_is_tried_once() -> None:
    sandbox = Sandbox(WASM, "{}", MEMORY_BYTES)
    sandbox._snapshot, sandbox._instance = "nonsense", None
    with pytest.raises(literllm.LiterLLMError):
        sandbox.start(REQUEST, "{}", 0, 1)
    sandbox.start(REQUEST, "{}", 0, 1)


async def test_a_bound_of_memory_is_a_typed_error_and_the_process_lives() -> None:
    text = "x" * 3_000_000
    script = Script(event(text), DONE)
    small = literllm.Client(transport=script, keys={"openai": "x"}, memory_bytes=4 << 20)
    with pytest.raises(literllm.InternalError, match="bound of its memory"):
        await small.infer(MODEL, "hello")
    short = literllm.Client(transport=Script(event("short"), DONE), keys={"openai": "x"}, memory_bytes=4 << 20)
    assert (await short.infer(MODEL, "hello")).text == "short"
    assert (await literllm.Client(transport=script, keys={"openai": "x"}).infer(MODEL, "hello")).text == text
    with pytest.raises(literllm.InternalError):
        literllm.Client(transport=script, memory_bytes=1 << 16)


async def test_two_attempts_at_once_and_the_loser_is_broken_off(mock: Mock) -> None:
    """The core decides to hedge; the host begins the second attempt beside the first and ends the loser."""
    async with client_of(mock, component=hooks()) as client:
        slow = [{"name": "x-mock-fault", "value": "slow-head;delay_ms=100"}]
        answer = await client.infer(MODEL, "hello", extra=HEDGE, headers=slow)
        stats = await mock.until("in_flight", 0)
        assert (stats["by_path"]["/v1/chat/completions"], stats["aborted_by_client"]) == (2, 1)
        assert answer.text == (await client.infer(MODEL, "hello")).text
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_the_second_attempt_wins_and_the_first_is_broken_off() -> None:
    mock = Mock("--plan", "slow-head;delay_ms=60000,ok")
    try:
        async with client_of(mock, component=hooks()) as client:
            answer = await asyncio.wait_for(client.infer(MODEL, "hello", extra=HEDGE), 10)
            stats = await mock.until("in_flight", 0)
            assert (stats["requests"], stats["aborted_by_client"]) == (2, 1)
            assert answer.text == (await client.infer(MODEL, "hello")).text
            assert asyncio.all_tasks() == {asyncio.current_task()}
    finally:
        mock.close()


@pytest.mark.parametrize("leaving", ["cancelled task", "cancel", "nobody holds it"])
async def test_who_leaves_with_two_attempts_under_way_leaves_neither(leaving: str) -> None:
    mock = Mock("--plan", "slow-head;delay_ms=60000,slow-head;delay_ms=60000")
    try:
        async with client_of(mock, component=hooks()) as client:
            stream = client.stream(MODEL, "hello", extra=HEDGE)
            reader = asyncio.create_task(stream.answer())
            await mock.until("in_flight", 2)
            if leaving == "cancel":
                stream.cancel()
                with pytest.raises(literllm.CallCancelledError):
                    await reader
            else:
                if leaving == "nobody holds it":
                    del stream
                reader.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await reader
            stats = await mock.until("in_flight", 0)
            assert (stats["requests"], stats["aborted_by_client"]) == (2, 2)
            assert asyncio.all_tasks() == {asyncio.current_task()}
    finally:
        mock.close()


async def test_a_clock_that_gives_floats_harms_nothing(each_crossing: str) -> None:
    client = literllm.Client(
        transport=Script(event("hello"), DONE),
        keys={"openai": "x"},
        clock=lambda: time.time() * 1000,  # type: ignore[arg-type, return-value]
        seed=lambda: 7.5,  # type: ignore[arg-type, return-value]
    )
    assert (await client.infer(MODEL, "hello")).text == "hello"


def test_arguments_that_cannot_be_laid_are_refused_and_the_instance_lives(each_crossing: str) -> None:
    sandbox = Sandbox(WASM, "{}", MEMORY_BYTES)
    call, _ = sandbox.start(REQUEST, "{}", 0, 1)
    with pytest.raises(literllm.InternalError, match="no form to be told"):
        sandbox.start("a\ud800", "{}", 0, 1)
    call.tell(Wake(None), 1)


@pytest.mark.parametrize("wasm", [b"", b"\0asm\x0d\0\1\0", b"\0asm\1\0\0\0", WASM[:-1000]])
def test_a_file_that_is_no_engine_is_said(wasm: bytes) -> None:
    with pytest.raises(literllm.InternalError):
        literllm.Client(transport=Script(), component=wasm)


def test_a_client_says_which_core_it_runs() -> None:
    info = literllm.Client(transport=Script()).component_info
    assert info == literllm.ComponentInfo(hashlib.sha256(WASM).hexdigest(), len(WASM))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        literllm.Client(transport=Script(), component=tmp_path / "no.wasm")


def test_text_of_every_kind_crosses_unchanged(each_crossing: str) -> None:
    """Whatever the way into the component: empty, long, beyond Unicode's first plane, with NUL."""
    instance = Instance(*compiled.load(WASM), MEMORY_BYTES)
    client = json.loads(instance.ask("client-create", "{}", 1, None))["client"]
    for text in ("", "\0", "é🐚\u2028", "x" * 100_000):
        request = {"model": MODEL, "messages": [{"role": "user", "content": text + "."}]}
        started = json.loads(instance.ask("call-start", client, json.dumps(request), "{}", 0, (1 << 64) - 1))
        body = json.loads(started["step"]["send"][0]["request"]["body"][0]["text"])
        assert body["messages"][0]["content"] == text + "."
        assert instance.ask("call-drop", started["call"]) == ""
    assert json.loads(instance.ask("client-create", "{}", 1, instance.ask("client-snapshot", client)))


def test_an_answer_that_is_no_document_ends_the_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox(WASM, "{}", MEMORY_BYTES)
    call, _ = sandbox.start(REQUEST, "{}", 0, 1)
    for answer in ("no document", "[]", "{}"):
        monkeypatch.setattr(Instance, "tell", lambda *_, answer=answer: answer)
        call, _ = sandbox.start(REQUEST, "{}", 0, 1)
        with pytest.raises(literllm.InternalError, match="it answered with what"):
            call.tell(Wake(None), 1)
        assert sandbox._instance is None
    assert issubclass(Dead, Exception)
