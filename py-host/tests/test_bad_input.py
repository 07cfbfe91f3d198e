"""What has no form to be asked about is refused with its place, and nothing is sent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import MODEL
from scripted import Script

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
