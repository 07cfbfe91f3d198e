"""The usual transport against servers that answer with bytes of a test."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from literllm.body import Body
from literllm.failure import classify
from literllm.http import HttpTransport
from literllm.transport import TransportError, TransportRequest
from literllm.types import BlobSegment, BodySegment, Header, TextSegment

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[SimpleNamespace]:
    """A server that reads one request and answers so. Its ``heard`` is what it read."""
    server = SimpleNamespace(heard=b"", url="")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
            server.heard = head + await reader.readexactly(int(fields.get(b"content-length", 0)))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    async with listening:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    transport = HttpTransport()
    yield transport
    await transport.aclose()


def request(url: str, body: Body | None = None, connect_timeout_ms: int | None = None) -> TransportRequest:
    headers = [Header("x-twice", "a"), Header("x-twice", "b")]
    return TransportRequest("POST", url, headers, body or Body([], {}, 0), connect_timeout_ms)


async def read_all(transport: HttpTransport, url: str) -> bytes:
    _, body = await transport.send(request(url))
    whole = b""
    try:
        while data := await body.read():
            whole += data
    finally:
        body.close()
    return whole


async def failure_of(transport: HttpTransport, answer: Answer) -> tuple[str, str]:
    async with serving(answer) as server:
        with pytest.raises(TransportError) as raised:
            await read_all(transport, server.url)
    assert raised.value.failure.message
    assert raised.value.__cause__ is raised.value.__context__ is None
    return raised.value.failure.kind, raised.value.failure.reached


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"


@pytest.mark.parametrize(
    ("answer", "kind", "reached"),
    [
        (b"", "reset", "unknown"),
        (reset, "reset", "unknown"),
        (b"this is no HTTP\r\n\r\n", "http", "unknown"),
        (HEAD + b"content-length: 9\r\n\r\n", "reset", "head_seen"),
        (HEAD + b"content-length: 9\r\n\r\nabc", "reset", "body_seen"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", "reset", "body_seen"),
        (HEAD + b"content-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc", "http", "head_seen"),
    ],
)
async def test_what_went_wrong_is_told_apart(transport: HttpTransport, answer: Answer, kind: str, reached: str) -> None:
    assert await failure_of(transport, answer) == (kind, reached)


@pytest.mark.parametrize(
    ("url", "kind"),
    [("http://127.0.0.1:9/", "connect"), ("http://no-such-host.invalid/", "dns"), ("http:///", "other")],
)
async def test_nothing_left_this_host(transport: HttpTransport, url: str, kind: str) -> None:
    with pytest.raises(TransportError) as raised:
        await transport.send(request(url))
    assert (raised.value.failure.kind, raised.value.failure.reached) == (kind, "not_connected")


@pytest.mark.parametrize(("greeting", "kind"), [(b"no TLS here", "tls"), (b"", "connect_timeout")])
async def test_a_server_without_tls(transport: HttpTransport, greeting: bytes, kind: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(TransportError) as raised:
            await transport.send(
                request(f"https://127.0.0.1:{port}/", connect_timeout_ms=100 if not greeting else None)
            )
    assert (raised.value.failure.kind, raised.value.failure.reached) == (kind, "not_connected")


async def test_a_certificate_of_nobody_is_refused() -> None:
    error = ssl.SSLCertVerificationError("self-signed certificate")
    assert classify(error, "unknown").failure.kind == "tls"


async def test_a_head_comes_as_it_was_sent(transport: HttpTransport) -> None:
    long = b"x" * 20_000
    fields = [b"X-Name: caf\xe9", b"set-cookie: a=1", b"Set-Cookie: b=2", b"x-long: " + long, b"content-length: 0"]
    head = HEAD + b"".join(field + b"\r\n" for field in fields) + b"\r\n"
    interim = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    async with serving(interim + head) as server:
        answered, body = await transport.send(request(server.url))
        assert await body.read() == b""
        again, _ = await transport.send(request(server.url))
    assert (answered.status, again.status) == (200, 200)
    assert [(header.name, header.value) for header in answered.headers[1:4]] == [
        ("x-name", "café"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ]
    assert answered.headers[4].value == long.decode()
    assert b"cookie" not in server.heard.lower()


async def test_a_request_goes_out_as_it_was_asked(transport: HttpTransport) -> None:
    blob = bytes(range(256)) * 3000
    segments: list[BodySegment] = [TextSegment("<é>"), BlobSegment("a", "base64"), BlobSegment("a", "raw")]
    body = Body(segments, {"a": blob}, 4 + len(blob) * 4 // 3 + len(blob))
    async with serving(HEAD + b"content-length: 2\r\n\r\nok") as server:
        _, answer = await transport.send(request(f"{server.url}?q=%2F+a", body))
        assert await answer.read() == b"ok"
        head, _, sent = server.heard.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0] == b"POST /v1?q=%2F+a HTTP/1.1"
        assert lines.count(b"x-twice: a") == lines.count(b"x-twice: b") == 1
        assert any(line.startswith(b"User-Agent: literllm") for line in lines)
        assert b"chunked" not in head.lower()
        assert sent == bytes(body)
        with pytest.raises(TransportError, match="ASCII"):
            await transport.send(TransportRequest("POST", server.url, [Header("x", "é")], Body([], {}, 0)))


async def test_gzip_is_decoded(transport: HttpTransport) -> None:
    packed = gzip.compress(b"plain words")
    head = HEAD + f"content-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n".encode()
    async with serving(head + packed) as server:
        assert await read_all(transport, server.url) == b"plain words"


async def test_the_environments_proxy_is_used_but_not_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = HEAD + b"content-length: 0\r\n\r\n"
    async with serving(empty) as proxy, serving(empty) as near:
        monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1").replace("//", "//me:pw@"))
        monkeypatch.setenv("no_proxy", "direct.invalid")
        transport = HttpTransport()
        await transport.send(request("http://far.invalid/v1"))
        assert proxy.heard.startswith(b"POST http://far.invalid/v1 HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic " in proxy.heard
        proxy.heard = b""
        await transport.send(request(near.url))
        with pytest.raises(TransportError):
            await transport.send(request("http://direct.invalid/v1"))
        assert proxy.heard == b""
        assert near.heard.startswith(b"POST /v1 ")
        await transport.aclose()
