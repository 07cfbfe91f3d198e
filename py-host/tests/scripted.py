"""A transport that answers as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from literllm import TransportError, TransportRequest
from literllm.transport import ResponseBody
from literllm.types import Header, ResponseHead, TransportFailure


class Script:
    """Answers every request with this head and these chunks; a failure among them is raised in its place."""

    def __init__(
        self,
        *chunks: bytes | TransportFailure | Callable[[], Awaitable[bytes]],
        status: int = 200,
        headers: Sequence[tuple[str, str]] = (("content-type", "text/event-stream"),),
        before_head: TransportFailure | None = None,
    ) -> None:
        self.requests: list[TransportRequest] = []
        self.open = 0
        self.closed = False
        self._chunks = chunks
        self._status = status
        self._headers = headers
        self._before_head = before_head

    async def send(self, request: TransportRequest) -> tuple[ResponseHead, ResponseBody]:
        self.requests.append(request)
        if self._before_head is not None:
            raise TransportError(self._before_head)
        self.open += 1
        head = ResponseHead(self._status, [Header(name, value) for name, value in self._headers])
        return head, _Body(self, list(self._chunks))

    async def aclose(self) -> None:
        self.closed = True


class Scripts:
    """One script after the other, the last one for good."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.requests: list[TransportRequest] = []

    async def send(self, request: TransportRequest) -> tuple[ResponseHead, ResponseBody]:
        self.requests.append(request)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        return await script.send(request)

    async def aclose(self) -> None:
        pass


class _Body:
    def __init__(self, script: Script, chunks: list[bytes | TransportFailure | Callable[[], Awaitable[bytes]]]) -> None:
        self._script = script
        self._chunks = chunks
        self._is_open = True

    async def read(self) -> bytes:
        if not self._chunks:
            return b""
        chunk = self._chunks.pop(0)
        if isinstance(chunk, TransportFailure):
            raise TransportError(chunk)
        return chunk if isinstance(chunk, bytes) else await chunk()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._script.open -= 1


async def silence() -> bytes:
    """A chunk that never comes."""
    await asyncio.get_running_loop().create_future()
    return b""


def event(text: str, finish: str = "null") -> bytes:
    """One event of an openai-chat stream."""
    delta = f'{{"content":"{text}"}}' if text else "{}"
    return f'data: {{"choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}\n\n'.encode()


DONE = event("", '"stop"') + b"data: [DONE]\n\n"
