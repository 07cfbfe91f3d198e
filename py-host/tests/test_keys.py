"""Keys: where they come from, where they go, and where they never show."""

from __future__ import annotations

import asyncio
import random
import traceback
from itertools import pairwise
from typing import Any

import pytest
from conftest import KEY, MODEL, Mock, client_of
from scripted import DONE, Script, Scripts, event

import literllm
from literllm.egress import Egress
from literllm.keys import Secret, source
from literllm.scrub import Scrubber
from literllm.transport import TransportError
from literllm.types import (
    AuthSlot,
    EgressRow,
    Header,
    HeaderAuth,
    HttpRequest,
    QueryAuth,
    TransportFailure,
)

BEARER = HeaderAuth("authorization", "Bearer ")


def row(auth: AuthSlot | None = BEARER) -> EgressRow:
    names = ["LITERLLM_TEST_NO_SUCH_KEY"]
    return EgressRow("openai", "openai-chat", ["https://api.openai.com"], auth, names, ["LITERLLM_TEST_NO_SPARE"])


def asked(url: str = "https://api.openai.com/v1", auth: AuthSlot | None = BEARER) -> HttpRequest:
    return HttpRequest("POST", url, 0, [], auth)


def table(key: str | None, auth: AuthSlot | None = BEARER) -> Egress:
    return Egress([row(auth)], source({} if key is None else {"openai": key}))


async def test_a_key_of_the_environment_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    script = Script(event("hello"), DONE)
    await literllm.Client(transport=script).infer(MODEL, "hello")
    assert Header("authorization", f"Bearer {KEY}") in script.requests[0].headers
    assert KEY not in repr(script.requests[0])


async def test_a_key_of_the_caller_goes_out_and_a_missing_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    script = Script(event("hello"), DONE)
    rotated = iter(["sk-first-0000", "sk-second-1111"])
    client = literllm.Client(transport=script, keys=lambda row: next(rotated) if row.provider == "openai" else None)
    for expected in ("sk-first-0000", "sk-second-1111"):
        await client.infer(MODEL, "hello")
        assert Header("authorization", f"Bearer {expected}") in script.requests[-1].headers
    with pytest.raises(literllm.AuthenticationError, match="OPENAI_API_KEY"):
        await literllm.Client(transport=script).infer(MODEL, "hello")
    assert len(script.requests) == 2


LIMITED = Script(b'{"error":{"message":"slowly"}}', status=429, headers=[("retry-after", "9")])
REFUSED = Script(b'{"error":{"message":"no"}}', status=401)


def sent_keys(transport: Scripts) -> list[str]:
    found = [header.value for request in transport.requests for header in request.headers]
    return [value.removeprefix("Bearer ") for value in found if value.startswith("Bearer ")]


@pytest.mark.parametrize("of", ["environment", "mapping", "function", "a default named so"])
async def test_a_limited_and_a_refused_key_are_followed_by_the_next(of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["sk-first-0000", "sk-second-1111", "sk-third-2222"]
    for name, key in zip(["OPENAI_API_KEY", "SPARE_1", "SPARE_2"], keys, strict=True):
        monkeypatch.setenv(name, key if of == "environment" else "wrong")
    spares = {"openai": ["SPARE_1", "SPARE_2"]}
    given: dict[str, dict[str, Any]] = {
        "environment": {"spare_key_env": spares},
        "mapping": {"keys": {"openai": keys}},
        "function": {"spare_key_env": spares, "keys": lambda row, slot: keys[slot]},
        "a default named so": {"spare_key_env": spares, "keys": lambda row, key_slot=0: keys[key_slot]},
    }
    transport = Scripts(LIMITED, REFUSED, Script(event("hello"), DONE))
    client = literllm.Client(transport=transport, **given[of])
    answer = await client.infer(MODEL, "hello")
    assert answer.text == "hello"
    assert [attempt.key_slot for attempt in answer.report.attempts] == [0, 1, 2]
    assert [attempt.wait_ms for attempt in answer.report.attempts] == [0, 0, None]
    assert sent_keys(transport) == keys
    assert (await client.infer(MODEL, "hello")).report.attempts[0].key_slot == 2
    assert not any(key in client.snapshot() for key in keys)


async def test_a_function_of_one_argument_has_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = Scripts(REFUSED)
    # A default of its own is none of ours.
    sources: list[Any] = [lambda row: KEY, lambda row, cache=KEY: cache, lambda row, *more: KEY]
    for keys in sources:
        client = literllm.Client(transport=transport, keys=keys, spare_key_env={"openai": ["SPARE_1"]})
        with pytest.raises(literllm.AuthenticationError) as raised:
            await client.infer(MODEL, "hello")
        assert [attempt.key_slot for attempt in raised.value.attempts] == [0, 1]
        assert raised.value.attempts[1].status is None
    assert sent_keys(transport) == [KEY] * len(sources)


async def test_a_spare_key_that_is_not_set_is_said_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("SPARE_1", raising=False)
    monkeypatch.setenv("SPARE_2", "sk-third-2222")
    transport = Scripts(REFUSED, Script(event("hello"), DONE))
    client = literllm.Client(transport=transport, spare_key_env={"openai": ["SPARE_1", "SPARE_2"]})
    answer = await client.infer(MODEL, "hello")
    assert [(attempt.key_slot, attempt.status) for attempt in answer.report.attempts] == [(0, 401), (1, None), (2, 200)]
    assert "spare key 1 is not set" in str(answer.report.attempts[1].cause)
    assert sent_keys(transport) == [KEY, "sk-third-2222"]


async def test_a_key_source_that_fails_is_a_missing_key_and_its_words_are_seen_nowhere() -> None:
    def broken(row: EgressRow) -> str:
        raise KeyError(f"vault: {KEY} has expired")

    sources: list[tuple[Any, str]] = [
        (broken, r"the key source failed \(KeyError\)"),
        (lambda row: KEY.encode(), r"the one that is set is no str \(bytes\)"),
        ({"openai": KEY.encode()}, r"the one that is set is no str \(bytes\)"),
        ({"openai": None}, "OPENAI_API_KEY"),
    ]
    for keys, words in sources:
        script = Script(event("hello"), DONE)
        stream = literllm.Client(transport=script, keys=keys).stream(MODEL, "hello")
        with pytest.raises(literllm.AuthenticationError, match=words) as raised:
            await anext(stream)
        assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(raised.value.detail)
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 5)
        assert script.requests == []


async def test_an_echoed_key_is_seen_nowhere() -> None:
    """In a header, in the body, in a transport's words; in the error, its report and its traceback."""
    echo = b'{"error":{"message":"Incorrect API key provided: ' + KEY.encode() + b'"}}'
    head = [("content-type", "application/json"), ("x-request-id", f"req-{KEY}")]
    failure = TransportFailure("reset", "unknown", f"broken while {KEY} was sent")
    for script in (Script(echo, status=401, headers=head), Script(before_head=failure)):
        client = literllm.Client(transport=script, keys={"openai": KEY}, policy={"max_attempts": 1})
        with pytest.raises(literllm.LiterLLMError) as raised:
            await client.infer(MODEL, "hello")
        error = raised.value
        shown = [str(error), repr(error), repr(error.detail), repr(error.report), repr(client)]
        shown += traceback.format_exception(error)
        assert KEY not in "".join(shown)
        assert "*" * len(KEY) in repr(error.detail)


async def test_a_simulator_that_prints_the_wrong_key_back_tells_it_to_nobody() -> None:
    mock = Mock("--require-key", "another")
    try:
        async with client_of(mock, key_env={"openai": "SOME_KEY"}, keys={"openai": KEY}) as client:
            with pytest.raises(literllm.AuthenticationError) as raised:
                await client.infer(MODEL, "hello")
        assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(raised.value.detail)
        assert f"Incorrect API key provided: {'*' * len(KEY)}." in str(raised.value.detail.raw)
        async with client_of(mock, key_env={"openai": "SOME_KEY"}, keys={"openai": "another"}) as client:
            assert (await client.infer(MODEL, "hello")).text
    finally:
        mock.close()


async def test_no_key_goes_to_another_origin_unless_it_is_said() -> None:
    script = Script(event("hello"), DONE)
    elsewhere = {"openai": "http://127.0.0.1:1/v1"}
    await literllm.Client(transport=script, base_url=elsewhere, keys={"openai": KEY}).infer(MODEL, "hello")
    assert all(KEY not in header.value for header in script.requests[0].headers)


async def test_a_caller_cannot_set_the_authorization_itself(client: literllm.Client) -> None:
    with pytest.raises(literllm.InvalidRequestError, match="authorization"):
        await client.infer(MODEL, "hello", headers=[{"name": "authorization", "value": "Bearer x"}])


def test_the_key_goes_to_the_origin_however_it_is_spelled() -> None:
    for url in ("https://api.openai.com/v1", "HTTPS://API.OpenAI.com:443/v1", "https://api.openai.com?x=1"):
        sent, headers, secret = table(KEY).fill("openai", 0, asked(url))
        assert (sent, headers) == (url, [Header("authorization", f"Bearer {KEY}")])
        assert repr(secret) == "[key]"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com.evil.example/v1",
        "https://api.openai.com@evil.example/v1",
        "https://evil.example\\@api.openai.com/v1",
        "https://api.openai.com\\.evil.example/v1",
        "https://api.openai.com:8443/v1",
        "http://api.openai.com/v1",
        "https://me:pw@api.openai.com/v1",
        "https://api.openai.com/v1#x",
        "https://api.openai.com/ v1",
        "https://api.openai.com/v1\n",
        "https://api.openaı.com/v1",
        "file:///etc/passwd",
        "not a url",
    ],
)
def test_the_key_goes_nowhere_else(url: str) -> None:
    with pytest.raises(TransportError) as raised:
        table(KEY).fill("openai", 0, asked(url))
    assert raised.value.failure.kind == "egress"
    assert raised.value.failure.reached == "not_connected"
    assert KEY not in str(raised.value)


def test_the_key_goes_into_no_other_place_than_the_tables() -> None:
    with pytest.raises(TransportError) as raised:
        table(KEY).fill("openai", 0, asked(auth=HeaderAuth("x-leak", "")))
    assert raised.value.failure.kind == "egress"
    assert table(KEY).fill("openai", 0, asked(auth=None))[1] == []
    slot = QueryAuth("key")
    url, headers, _ = table("a+b/c&d=12", slot).fill("openai", 0, asked("https://api.openai.com/v1?alt=sse", slot))
    assert (url, headers) == ("https://api.openai.com/v1?alt=sse&key=a%2Bb%2Fc%26d%3D12", [])


@pytest.mark.parametrize(
    ("key", "word"), [("sk-0123\n", "line break"), ("sk-é", "ASCII"), ("sk 1", "space"), ("", "empty"), (None, "")]
)
def test_an_unfit_key_is_said_without_showing_it(key: str | None, word: str) -> None:
    with pytest.raises(TransportError) as raised:
        table(key).fill("openai", 0, asked())
    assert raised.value.failure.kind == "missing_key"
    assert word in str(raised.value)
    assert "sk" not in str(raised.value)


def scrub(key: str, *chunks: bytes) -> bytes:
    scrubber = Scrubber(Secret(key))
    return b"".join(scrubber.push(chunk) for chunk in chunks) + scrubber.finish()


def test_a_key_cut_in_two_is_overwritten_and_a_beginning_alone_comes_back() -> None:
    assert scrub("sk-12345678", b"key sk-1234", b"5678 is wrong") == b"key *********** is wrong"
    assert scrub("sk-12345678", b"key sk-1234", b"9") == b"key sk-12349"
    assert scrub("sk-12345678", b"key sk-1234") == b"key sk-1234"
    assert scrub("ab+/cdef==", b"?key=ab%2B%2Fcd", b"ef%3D%3D&") == b"?key=******************&"
    assert scrub("test", b"a test") == b"a test"
    assert Scrubber(None).push(b"a") == b"a"


def test_any_cutting_gives_the_bytes_of_the_whole() -> None:
    """Few letters, so that keys and their beginnings are met often."""
    chance = random.Random(7)
    for _ in range(3000):
        key = "".join(chance.choices("ab+", k=chance.randint(8, 10)))
        body = "".join(chance.choices(["a", "b", "+", "%2B"], k=chance.randint(0, 60))).encode()
        if chance.random() < 0.5:
            body += key.encode()
        if chance.random() < 0.5:
            body += b"ab" + body
        whole = scrub(key, body)
        assert len(whole) == len(body)
        assert key.encode() not in whole
        places = sorted([0, len(body), *(chance.randint(0, len(body)) for _ in range(chance.randint(0, 12)))])
        chunks = [body[start:end] for start, end in pairwise(places)]
        assert scrub(key, *chunks) == whole, (key, chunks)
