"""What a host lends the core: one HTTP exchange at a time.

:class:`~literllm.HttpTransport` is the usual one. Any object with this ``send`` takes its place: to send requests
through a client of your own, to record them, or to answer them in a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .body import Body
from .types import FailureKind, Header, Reached, ResponseHead, TransportFailure


class TransportError(Exception):
    """An exchange failed. ``failure`` says how, without keys."""

    def __init__(self, failure: TransportFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(slots=True)
class TransportRequest:
    """A request with the key filled in. Its ``repr`` shows neither header values nor the query."""

    method: str
    """Upper case."""

    url: str
    """Absolute. Its query may hold a key."""

    headers: list[Header]
    """Without ``host`` and ``content-length``. They may hold a key."""

    body: Body
    """The joined body; it knows its length."""

    connect_timeout_ms: int | None = None
    """Longest time to connect, in ms. ``None``: no bound."""

    def __repr__(self) -> str:
        names = [header.name for header in self.headers]
        return f"TransportRequest({self.method} {self.url.partition('?')[0]}, headers={names}, body={self.body!r})"


class ResponseBody(Protocol):
    """The body of an answer, decoded, cut anywhere."""

    async def read(self) -> bytes:
        """More bytes; empty at its end. Raises :class:`TransportError` when it fails."""

    def close(self) -> None:
        """Ends the exchange at once if it is not over: closes the connection. Waits for nothing."""


class Transport(Protocol):
    """Sends requests. Shared by all calls of a client.

    An implementation sends what it is given and nothing more: it follows no redirect, repeats nothing, and adds no
    deadline of its own beyond ``connect_timeout_ms``, since the core decides about all of these. When its task is
    cancelled the exchange must end with it: that is how a caller cancels. Nothing should be read ahead beyond a small
    buffer.
    """

    async def send(self, request: TransportRequest) -> tuple[ResponseHead, ResponseBody]:
        """One exchange, up to its head (1xx heads are not told). Raises :class:`TransportError` when it fails."""

    async def aclose(self) -> None:
        """Closes idle connections. Called when the client that made it is closed."""


def not_sent(kind: FailureKind, message: str) -> TransportError:
    """A failure before anything left this host."""
    return failed(kind, "not_connected", message)


def failed(kind: FailureKind, reached: Reached, message: str) -> TransportError:
    """A failure, ready to be raised."""
    return TransportError(TransportFailure(kind, reached, message))


def unicode(text: str) -> str:
    """A text that can cross: a transport of the caller's may hand over lone surrogates. Raises ``TypeError`` for what
    is no text.
    """
    return text if str.isascii(text) else text.encode("utf-8", "replace").decode()
