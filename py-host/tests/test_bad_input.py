"""What has no form to be asked about is refused with its place, and nothing is sent."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import MODEL
from scripted import DONE, Script, event

import literllm
from literllm import types

LONE = "a\ud800"


@pytest.mark.parametrize(
    ("prompt", "options", "place"),
    [
        (LONE, {}, "messages[0].content"),
        (
            [types.Message("user", "x"), types.Message("user", [types.TextPart(LONE)])],
            {},
            "messages[1].content[0].text",
        ),
        ({"role": "user", "content": [{"type": "text", "text": LONE}]}, {}, "messages[0].content[0].text"),
        ("x", {"stop": ["b", LONE]}, "stop[1]"),
        ("x", {"user": LONE}, "user"),
        ("x", {"metadata": [{"key": LONE, "value": "v"}]}, "metadata[0].key"),
        ("x", {"policy": {LONE: 1}}, "policy: a name in it"),
        ("x", {"temperature": float("nan")}, "temperature"),
        ("x", {"tools": [types.FunctionTool("f", parameters=LONE)]}, "tools[0].parameters"),
        ("x", {"seed": object()}, "seed"),
        ("x", {"stop": {1, 2}}, "stop"),
        ("x", {"blobs": {"cat": "no bytes"}}, "blobs"),
    ],
)
async def test_the_place_is_named(prompt: Any, options: Mapping[str, Any], place: str) -> None:
    script = Script()
    client = literllm.Client(transport=script, keys={"openai": "x"})
    with pytest.raises(literllm.InvalidRequestError) as raised:
        await client.infer(MODEL, prompt, **options)
    assert raised.value.message.startswith(f"{place}:")
    raised.value.message.encode()
    assert script.requests == []


async def test_a_lone_surrogate_in_the_model_or_the_configuration() -> None:
    client = literllm.Client(transport=Script())
    with pytest.raises(literllm.InvalidRequestError, match=r"^model: not Unicode"):
        await client.infer(LONE, "x")
    with pytest.raises(literllm.InvalidRequestError, match=r"^providers\[0\]\.base_url: not Unicode"):
        literllm.Client(base_url={"openai": f"http://{LONE}"})


async def test_an_unknown_option_gets_a_suggestion() -> None:
    client = literllm.Client(transport=Script())
    with pytest.raises(literllm.InvalidRequestError, match="did you mean 'temperature'"):
        await client.infer(MODEL, "x", temprature=1)
    with pytest.raises(literllm.InvalidRequestError, match="known are"):
        client.stream(MODEL, "x", zzzz=1)


def test_what_the_core_refuses_is_raised_before_anything_is_sent() -> None:
    script = Script()
    client = literllm.Client(transport=script)
    with pytest.raises(literllm.UnknownProviderError):
        client.stream("nobody/x", "x")
    with pytest.raises(literllm.InvalidRequestError):
        client.stream(MODEL, "x", temperature="hot")
    with pytest.raises(literllm.InvalidRequestError):
        literllm.Client(config={"providers": [{"id": "NOT AN ID"}]})
    assert script.requests == []


async def test_a_transport_that_breaks_its_word_ends_the_call_and_no_more() -> None:
    class Broken(Script):
        async def send(self, request: literllm.TransportRequest) -> Any:
            raise KeyError("not a TransportError")

    client = literllm.Client(transport=Broken(), keys={"openai": "x"}, policy={"max_attempts": 1})
    with pytest.raises(literllm.ConnectError, match="KeyError"):
        await client.infer(MODEL, "x")


async def test_text_of_a_transport_that_is_not_unicode_is_mended() -> None:
    """In a failure and in the words of an exception."""

    class Broken(Script):
        async def send(self, request: literllm.TransportRequest) -> Any:
            raise ValueError(LONE)

    once = {"max_attempts": 1}
    for transport in (Script(before_head=types.TransportFailure("reset", "unknown", LONE)), Broken()):
        client = literllm.Client(transport=transport, keys={"openai": "x"}, policy=once)
        with pytest.raises(literllm.ConnectError, match=r"a\?"):
            await client.infer(MODEL, "x")


async def test_headers_of_a_transport_that_are_not_unicode_are_mended() -> None:
    named = Script(event("hello"), DONE, headers=[("content-type", "text/event-stream"), (LONE, "v"), ("n", LONE)])
    client = literllm.Client(transport=named, keys={"openai": "x"})
    assert (await client.infer(MODEL, "x")).text == "hello"


async def test_a_head_of_no_form_ends_its_call_and_not_the_sandbox() -> None:
    good = Script(event("hello"), event("again"), DONE)

    class Odd(Script):
        async def send(self, request: literllm.TransportRequest) -> Any:
            head, body = await good.send(request)
            head.status = status
            return head, body

    status: Any = object()
    client = literllm.Client(transport=Odd(), keys={"openai": "x"}, policy={"max_attempts": 1})
    beside = client.stream(MODEL, "x")
    with pytest.raises(literllm.InternalError, match="no form to be told"):
        await client.infer(MODEL, "x")
    status = 200
    assert (await beside.answer()).text == "helloagain"
    assert good.open == 0


class Strange(Script):
    """Its body, which has no ``[DONE]``, ends in what no transport should raise."""

    def __init__(self, reading: BaseException | None, closing: BaseException | None = None) -> None:
        async def chunk() -> bytes:
            assert reading is not None
            raise reading

        finish = event("", '"stop"') if reading is None else chunk
        super().__init__(event("hello"), finish)
        self._closing = closing

    async def send(self, request: literllm.TransportRequest) -> Any:
        head, body = await super().send(request)
        close = body.close

        def closed() -> None:
            close()
            if self._closing is not None:
                raise self._closing

        body.close = closed  # type: ignore[method-assign]
        return head, body


class NoException(BaseException):
    """As the failures that pytest raises."""


@pytest.mark.parametrize("reading", [asyncio.CancelledError(), NoException("no"), ValueError("no")])
async def test_an_exchange_that_ends_strangely_is_told_to_who_waits(reading: BaseException) -> None:
    script = Strange(reading)
    client = literllm.Client(transport=script, keys={"openai": "x"}, policy={"max_attempts": 1})
    with pytest.raises(literllm.CutError, match=type(reading).__name__) as raised:
        await asyncio.wait_for(client.infer(MODEL, "x"), 5)
    assert raised.value.text_so_far == "hello"
    assert script.open == 0


async def test_an_exchange_cancelled_by_its_transport_before_the_head() -> None:
    class Cancelling(Script):
        async def send(self, request: literllm.TransportRequest) -> Any:
            raise asyncio.CancelledError

    client = literllm.Client(transport=Cancelling(), keys={"openai": "x"}, policy={"max_attempts": 1})
    with pytest.raises(literllm.ConnectError, match="CancelledError"):
        await asyncio.wait_for(client.infer(MODEL, "x"), 5)


async def test_a_body_that_breaks_when_it_is_closed_breaks_nothing_else() -> None:
    client = literllm.Client(transport=Strange(None, RuntimeError("no")), keys={"openai": "x"})
    assert (await asyncio.wait_for(client.infer(MODEL, "x"), 5)).text == "hello"


async def test_a_body_of_other_bytes_than_bytes() -> None:
    async def chunk() -> Any:
        await asyncio.sleep(0.01)  # so that it is told alone
        return memoryview(event("hello"))

    async def rest() -> bytes:
        await asyncio.sleep(0.01)
        return DONE

    script = Script(chunk, rest)
    assert (await literllm.Client(transport=script, keys={"openai": "x"}).infer(MODEL, "x")).text == "hello"


@pytest.mark.parametrize("missing", ["wasmtime", "aiohttp"])
def test_a_missing_runtime_is_said_with_what_to_install(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; import literllm\n"
        "try: literllm.Client()\n"
        "except ImportError as error: print(error.name, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    assert done.stdout.startswith(missing)
    assert f"pip install {missing}" in done.stdout
