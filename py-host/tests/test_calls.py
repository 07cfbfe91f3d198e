"""Calls against the simulator, over real sockets."""

from __future__ import annotations

import asyncio
import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import MODEL, Mock, client_of, fault

import literllm
from literllm import types


async def test_a_plain_chat_and_a_streamed_one_say_the_same(client: literllm.Client, each_crossing: str) -> None:
    request = types.Request(MODEL, [types.Message("user", "hello")])
    plain = await client.chat(request)
    streamed = await client.infer(MODEL, "hello")
    assert plain.text
    assert plain.text == streamed.text == "".join(streamed.tokens)
    assert len(streamed.tokens) == 20
    assert plain.finish == streamed.finish == types.Finish("stop", "stop")
    assert plain.usage is not None
    assert plain.usage.output_tokens == 20
    assert [attempt.end for attempt in streamed.report.attempts] == ["answered"]


async def test_the_events_add_up_to_the_answer(client: literllm.Client) -> None:
    async with client.stream(MODEL, "hello") as stream:
        assert stream.outcome is None
        events = [event async for event in stream]
        answer = await stream.answer()
    assert [events[0].type, events[1].type] == ["start", "part_start"]
    assert "".join(event.text for event in events if isinstance(event, types.DeltaEvent)) == answer.text
    assert stream.outcome is answer
    async with client.stream(MODEL, "hello") as stream:
        assert "".join([piece async for piece in stream.text()]) == answer.text


async def test_messages_may_be_typed_or_plain_or_both(client: literllm.Client) -> None:
    typed = types.Message("user", [types.TextPart("hello")])
    mixed = {"role": "user", "content": [types.TextPart("hello")]}
    plain = {"role": "user", "content": [{"type": "text", "text": "hello"}]}
    texts = {(await client.infer(MODEL, prompt)).text for prompt in ([typed], mixed, (plain,), "hello")}
    assert len(texts) == 1
    policy = types.Policy(max_attempts=1)
    tools = [types.FunctionTool("clock", description="tells the time")]
    asked = await client.infer(MODEL, "hello", policy=policy, tools=tools, temperature=None)
    assert [call.name for call in asked.tool_calls] == ["clock"]


async def test_characters_cut_in_two_come_whole(client: literllm.Client) -> None:
    whole = await client.infer("openai/mock", "Déjà vu 🐚")
    cut = await client.infer("openai/mock", "Déjà vu 🐚", headers=fault("one-byte"))
    assert cut.text == whole.text
    assert not cut.text.isascii() or whole.text.isascii()


async def test_a_broken_connection_before_the_answer_is_tried_again(mock: Mock) -> None:
    async with client_of(mock) as client:
        with pytest.raises(literllm.ConnectError) as raised:
            await client.infer(MODEL, "hello", headers=fault("reset-before-head"))
        assert raised.value.report is not None
        assert [attempt.error for attempt in raised.value.report.attempts] == ["connection"] * 3
        assert isinstance(raised.value, ConnectionError)
        assert mock.stats()["requests"] == 3


@pytest.mark.parametrize("how", ["cut", "reset-mid-stream", "abort-mid-stream"])
async def test_an_answer_that_breaks_off_keeps_what_had_come(client: literllm.Client, how: str) -> None:
    whole = await client.infer(MODEL, "hello")
    with pytest.raises(literllm.CutError) as raised:
        await client.infer(MODEL, "hello", headers=fault(f"{how};after=5"))
    error = raised.value
    assert error.text_so_far
    assert whole.text.startswith(error.text_so_far)
    assert error.detail.partial is not None
    assert error.report is not None


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("status=400", literllm.InvalidRequestError),
        ("status=401", literllm.AuthenticationError),
        ("status=403", literllm.PermissionDeniedError),
        ("status=404", literllm.NotFoundError),
        ("status=429;retry_after_ms=1", literllm.RateLimitError),
        ("status=500", literllm.ServerError),
        ("status=503", literllm.OverloadedError),
        ("html", literllm.ProtocolError),
        ("redirect", literllm.RedirectError),
    ],
)
async def test_each_kind_has_its_class(
    client: literllm.Client, how: str, expected: type[literllm.LiterLLMError]
) -> None:
    with pytest.raises(expected) as raised:
        await client.chat({"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "headers": fault(how)})
    error = raised.value
    assert type(error) is expected
    assert error.kind == error.detail.kind
    assert error.message == error.detail.message
    assert str(error).startswith(error.message)
    assert f"[{len(error.attempts)} attempt" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.detail, again.report) == (expected, error.detail, error.report)


async def test_a_stream_raises_its_error_once_and_is_over(client: literllm.Client) -> None:
    async with client.stream(MODEL, "hello", headers=fault("cut;after=3")) as stream:
        with pytest.raises(literllm.CutError) as raised:
            async for _ in stream:
                pass
        assert [event async for event in stream] == []
        assert stream.outcome is raised.value
        with pytest.raises(literllm.CutError):
            await stream.answer()


async def test_a_redirect_is_not_followed(mock: Mock) -> None:
    async with client_of(mock) as client:
        with pytest.raises(literllm.RedirectError):
            await client.infer(MODEL, "hello", headers=fault(f"redirect;to={mock.base_url}/elsewhere"))
    assert not any("elsewhere" in path for path in mock.stats()["by_path"])


async def test_a_deadline_is_an_error_of_both_kinds(client: literllm.Client) -> None:
    policy = {"idle_timeout_ms": 30, "max_attempts": 1}
    with pytest.raises(literllm.DeadlineError) as raised:
        await client.infer(MODEL, "hello", policy=policy, headers=fault("stall;after=2"))
    assert isinstance(raised.value, TimeoutError)
    assert raised.value.text_so_far
    with pytest.raises(literllm.DeadlineError):
        await client.infer(MODEL, "hello", policy={"total_timeout_ms": 30}, headers=fault("slow-head;delay_ms=60000"))


async def test_a_server_that_is_not_there(client: literllm.Client) -> None:
    nowhere = literllm.Client(base_url={"openai": "http://127.0.0.1:9"}, policy={"max_attempts": 1})
    async with nowhere:
        with pytest.raises(literllm.ConnectError) as raised:
            await nowhere.infer(MODEL, "hello")
    assert raised.value.report is not None
    assert not raised.value.report.attempts[0].maybe_billed
    unknown = literllm.Client(base_url={"openai": "http://no-such-host.invalid"}, policy={"max_attempts": 1})
    async with unknown:
        with pytest.raises(literllm.ConnectError):
            await unknown.infer(MODEL, "hello")


async def test_many_calls_at_once(client: literllm.Client) -> None:
    answers = await asyncio.gather(*(client.infer(MODEL, "hello") for _ in range(50)))
    assert len({answer.text for answer in answers}) == 1


def test_one_client_serves_one_loop_after_the_other(mock: Mock) -> None:
    client = client_of(mock)
    texts = [asyncio.run(client.infer(MODEL, "hello")).text for _ in range(3)]
    assert len(set(texts)) == 1


def test_several_threads_share_a_client(mock: Mock) -> None:
    client = client_of(mock)

    async def ask() -> set[str]:
        return {answer.text for answer in await asyncio.gather(*(client.infer(MODEL, "hello") for _ in range(10)))}

    with ThreadPoolExecutor(4) as threads:
        texts = set().union(*threads.map(lambda _: asyncio.run(ask()), range(8)))
    assert len(texts) == 1


def test_the_functions_of_the_module_make_their_client_themselves(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literllm, "_default", client_of(mock))

    async def ask() -> set[str]:
        request = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]}
        return {
            (await literllm.infer(MODEL, "hello")).text,
            (await literllm.chat(request)).text,
            (await literllm.stream(MODEL, "hello").answer()).text,
        }

    assert len(asyncio.run(ask())) == 1


async def test_blobs_travel_beside_the_request(client: literllm.Client) -> None:
    picture = bytes(range(256)) * 4000
    source = types.BlobSource("cat", len(picture))
    prompt = types.Message("user", [types.TextPart("what is it?"), types.MediaPart(source, "image/png", type="image")])
    assert (await client.infer(MODEL, prompt, blobs={"cat": picture})).text
    for blobs in ({}, {"cat": b"shorter"}):
        with pytest.raises(literllm.InvalidRequestError, match="blob"):
            await client.infer(MODEL, prompt, blobs=blobs)
