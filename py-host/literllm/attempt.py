"""One attempt: a request lent to the transport, and what happens to it, in the core's words.

Here the host's three duties meet: the key is filled in on the way out, an echo of it is overwritten on the way in, and
nothing is read from the network far ahead of who waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from math import inf

from .bell import Bell
from .body import Blobs, Body, MissingBlob
from .egress import Egress
from .engine.happening import Body as BodyCame
from .engine.happening import End, Failed, Happening, Head
from .scrub import Scrubber
from .transport import ResponseBody, Transport, TransportError, TransportRequest, not_sent, unicode
from .types import Header, Reached, ResponseHead, Send, TransportFailure

JOINED_BYTES = 64 * 1024
"""Most bytes read ahead, and told to the core at once when that many lie ready.

One crossing for several small chunks; beyond this a crossing costs little compared to its bytes.
"""


@dataclass(slots=True)
class Lender:
    """What a client lends its calls."""

    transport: Transport
    egress: Egress
    blobs: Blobs

    def lend(self, send: Send) -> tuple[TransportRequest, Scrubber]:
        """Checks a request and fills its key in. The scrubber knows the key."""
        asked = send.request
        url, headers, secret = self.egress.fill(send.provider, send.key_slot, asked)
        try:
            body = Body(asked.body, self.blobs, asked.body_length)
        except MissingBlob as missing:
            raise not_sent("missing_blob", str(missing)) from None
        return TransportRequest(asked.method, url, headers, body, send.connect_timeout_ms), Scrubber(secret)


class Attempt:
    """An attempt under way. Its task knows nothing of the call, so that a call nobody holds any more can end."""

    def __init__(self, send: Send, lender: Lender, bell: Bell, waited: float) -> None:
        """Begins one. ``waited`` is how long the call has waited so far. What forbids the sending is told first."""
        self.number = send.attempt
        """The core's number for it."""
        self.is_over = False
        """Nothing more will come."""
        self._idle = inf if send.idle_ms is None else send.idle_ms / 1000
        self._bell = bell
        self._reached: Reached = "unknown"
        self._head: Happening | None = None
        self._chunks: list[bytes] = []
        self._bytes_ready = 0
        self._last: Happening | None = None
        self._taken: asyncio.Future[None] | None = None
        self.task: asyncio.Task[None] | None = None
        """The exchange. ``None``: nothing was sent."""
        self.heard(waited)
        try:
            request, self._scrubber = lender.lend(send)
        except TransportError as error:
            self._last = Failed(self.number, error.failure)
        else:
            self.task = asyncio.create_task(self._exchange(lender.transport, request))
            self.task.add_done_callback(self._gone)

    def heard(self, waited: float) -> None:
        """It was not silent just now: its patience begins anew."""
        self._idle_at = waited + self._idle

    def patience(self, waited: float) -> float:
        """How much longer it may be silent, in s; at zero the core wants to know."""
        return self._idle_at - waited

    def poll(self) -> Happening | None:
        """What happened next, if anything has. Chunks that lie ready are one."""
        if self._head is not None:
            happening, self._head = self._head, None
            return happening
        if self._chunks:
            data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks.clear()
            self._bytes_ready = 0
            if self._taken is not None and not self._taken.done():
                self._taken.set_result(None)
            return BodyCame(self.number, data)
        if self._last is not None:
            self.is_over = True
        return self._last

    async def _exchange(self, transport: Transport, request: TransportRequest) -> None:
        body: ResponseBody | None = None
        failure: TransportFailure | None = None
        try:
            head, body = await transport.send(request)
            self._reached = "head_seen"
            headers = [Header(unicode(header.name), unicode(header.value)) for header in head.headers]
            self._scrubber.headers(headers)
            self._head = Head(self.number, ResponseHead(head.status, headers))
            self._bell.ring()
            while data := await body.read():
                self._reached = "body_seen"
                self._push(self._scrubber.push(bytes(data)))
                if self._bytes_ready >= JOINED_BYTES:
                    self._taken = asyncio.get_running_loop().create_future()
                    await self._taken
        except TransportError as error:
            failure = error.failure
        except Exception as error:  # a transport that does not keep to its contract
            failure = self._broke(error)
        finally:
            if body is not None:
                with contextlib.suppress(Exception):  # what was read is none the worse for it
                    body.close()
        self._over(failure)

    def _gone(self, task: asyncio.Task[None]) -> None:
        """The task has ended. Whatever ended it, the reader hears of it.

        It may have been cancelled by somebody else, such as a transport with tasks of its own, or broken by what is no
        ``Exception``, such as the failure of a test in a scripted transport.
        """
        error = asyncio.CancelledError("not by the call") if task.cancelled() else task.exception()
        if self._last is None and error is not None:
            self._over(self._broke(error))

    def _broke(self, error: BaseException) -> TransportFailure:
        return TransportFailure("other", self._reached, f"the transport broke: {type(error).__name__}: {error}")

    def _over(self, failure: TransportFailure | None) -> None:
        self._push(self._scrubber.finish())
        if failure is None:
            self._last = End(self.number)
        else:
            message = self._scrubber.text(unicode(failure.message))
            self._last = Failed(self.number, TransportFailure(failure.kind, failure.reached, message))
        self._bell.ring()

    def _push(self, data: bytes) -> None:
        if data:
            self._chunks.append(data)
            self._bytes_ready += len(data)
            self._bell.ring()
