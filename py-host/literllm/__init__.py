"""Liter-LLM: one client for language models.

The core (requests, parsing, retries, deadlines, errors) is a WebAssembly component without imports, the same file in
every language; this package lends it HTTP, time and keys.

>>> import asyncio, literllm
>>> async def main():
...     answer = await literllm.infer("openai/gpt-4o-mini", "Say hello")  # key from OPENAI_API_KEY
...     print(answer.text)
...     async for event in literllm.stream("groq/llama-3.3-70b-versatile", "A haiku, please"):
...         if event.type == "text_delta":
...             print(event.text, end="")

Read ``drive`` first: it is the loop between the core and the network, and everything else serves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from . import types
from .answer import Answer, Inference
from .client import Client, ComponentInfo
from .errors import (
    AuthenticationError,
    CallCancelledError,
    CircuitOpenError,
    ConnectError,
    ContentFilterError,
    ContextLengthError,
    CutError,
    DeadlineError,
    InternalError,
    InvalidRequestError,
    InvalidStateError,
    LiterLLMError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    ProtocolError,
    QuotaError,
    RateLimitError,
    RedirectError,
    ServerError,
    TooLargeError,
    UnknownProviderError,
)
from .keys import Keys, KeySource, SlotKeySource
from .request import Prompt
from .stream import Stream
from .transport import ResponseBody, Transport, TransportError, TransportRequest

if TYPE_CHECKING:
    from .http import HttpTransport

__all__ = [
    "Answer",
    "AuthenticationError",
    "CallCancelledError",
    "CircuitOpenError",
    "Client",
    "ComponentInfo",
    "ConnectError",
    "ContentFilterError",
    "ContextLengthError",
    "CutError",
    "DeadlineError",
    "HttpTransport",
    "Inference",
    "InternalError",
    "InvalidRequestError",
    "InvalidStateError",
    "KeySource",
    "Keys",
    "LiterLLMError",
    "NotFoundError",
    "OverloadedError",
    "PermissionDeniedError",
    "Prompt",
    "ProtocolError",
    "QuotaError",
    "RateLimitError",
    "RedirectError",
    "ResponseBody",
    "ServerError",
    "SlotKeySource",
    "Stream",
    "TooLargeError",
    "Transport",
    "TransportError",
    "TransportRequest",
    "UnknownProviderError",
    "chat",
    "infer",
    "stream",
    "types",
]

_default: Client | None = None
_lock = Lock()


async def infer(model: str, prompt: Prompt, **options: Any) -> Inference:
    """:meth:`Client.infer` of a client with all defaults, made at the first call."""
    return await _client().infer(model, prompt, **options)


async def chat(request: types.Request | Mapping[str, Any], **options: Any) -> Answer:
    """:meth:`Client.chat` of a client with all defaults, made at the first call."""
    return await _client().chat(request, **options)


def stream(model: str, prompt: Prompt, **options: Any) -> Stream:
    """:meth:`Client.stream` of a client with all defaults, made at the first call."""
    return _client().stream(model, prompt, **options)


def _client() -> Client:
    global _default
    with _lock:
        if _default is None:
            _default = Client()
        return _default


def __getattr__(name: str) -> Any:
    # aiohttp takes a tenth of a second to load; a program with a transport of its own never pays that.
    if name == "HttpTransport":
        from .http import HttpTransport

        return HttpTransport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
