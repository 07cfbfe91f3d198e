"""The usual transport: aiohttp.

It does less than aiohttp can: redirects are not followed (a redirect would take the key along), there are no cookies
and no passwords from ``~/.netrc``, nothing is repeated, no deadline applies after the connection stands. The core
decides about all of these.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from urllib.request import getproxies, proxy_bypass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from .body import Body
from .failure import classify
from .transport import ResponseBody, TransportRequest, not_sent
from .types import Header, Reached, ResponseHead

READ_AHEAD_BYTES = 64 * 1024
"""How much aiohttp reads ahead of us. (It stops reading at twice that.)"""

MAX_HEAD_BYTES = 256 * 1024
"""Longest line of a head; aiohttp's own 8 KiB is less than some gateways send."""

KEEP_ALIVE_S = 30.0
"""How long an idle connection is kept. Below the 60 s after which common load balancers forget one without a word."""

MAX_TARGETS = 256
"""How many addresses are remembered with their proxy. There is one for each base URL and model family."""

WHOLE_BODY_BYTES = 512 * 1024
"""Request bodies up to this size are sent in one piece."""

try:
    _USER_AGENT = f"literllm/{version('literllm-wasm')}"
except PackageNotFoundError:  # a checkout on the path
    _USER_AGENT = "literllm"


class HttpTransport:
    """HTTP by aiohttp, one pool of connections for each event loop that uses it.

    HTTP/1.1; gzip is decoded. The proxies of ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` are
    honoured, except for loopback addresses, which are always reached directly. A pool is closed when its loop ends by
    ``asyncio.run`` or the like; otherwise by :meth:`aclose`.
    """

    def __init__(self) -> None:
        self._sessions: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[None]]] = {}
        self._targets: dict[str, tuple[URL, URL | None]] = {}
        self._timeouts: dict[int | None, aiohttp.ClientTimeout] = {}

    async def send(self, request: TransportRequest) -> tuple[ResponseHead, ResponseBody]:
        """One exchange, up to its head."""
        headers = _headers(request.headers)
        url, proxy = self._target(request.url)
        data: bytes | AsyncIterator[bytes] | None = None
        if request.body.length_bytes > WHOLE_BODY_BYTES:
            headers["Content-Length"] = str(request.body.length_bytes)
            data = _pieces(request.body)
        elif request.body.length_bytes:
            data = bytes(request.body)
        session = await self._session()
        try:
            response = await session.request(
                request.method,
                url,
                data=data,
                headers=headers,
                allow_redirects=False,
                timeout=self._timeout(request.connect_timeout_ms),
                proxy=proxy,
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = classify(error, "unknown")
        else:
            head = [
                Header(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers
            ]
            return ResponseHead(response.status, head), _ResponseBody(response)
        # Outside of `except`, so that aiohttp's error, which knows the headers, is not chained to ours.
        raise failure

    async def aclose(self) -> None:
        """Closes the connections of the running loop."""
        _, keeper = self._sessions.get(asyncio.get_running_loop(), (None, None))
        if keeper is not None:
            await keeper.aclose()

    async def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _USER_AGENT},
                skip_auto_headers=["Content-Type"],
                read_bufsize=READ_AHEAD_BYTES,
                max_line_size=MAX_HEAD_BYTES,
                max_field_size=MAX_HEAD_BYTES,
            )
            keeper = self._closed_with_its_loop(loop, session)
            self._sessions[loop] = session, keeper
            await anext(keeper)
        return self._sessions[loop][0]

    async def _closed_with_its_loop(
        self, loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession
    ) -> AsyncGenerator[None]:
        """asyncio closes the async generators that are open when a loop ends; there is no other sign of that moment."""
        try:
            yield
        finally:
            self._sessions.pop(loop, None)
            await session.close()

    def _target(self, url: str) -> tuple[URL, URL | None]:
        """The address as aiohttp has it, and the proxy to it."""
        target = self._targets.get(url)
        if target is None:
            parsed = URL(url, encoded=True)
            target = parsed, _proxy_for(parsed)
            # Kept, since the whole environment is read for it; but a query may hold a key.
            if len(self._targets) < MAX_TARGETS and not parsed.raw_query_string:
                self._targets[url] = target
        return target

    def _timeout(self, connect_timeout_ms: int | None) -> aiohttp.ClientTimeout:
        if connect_timeout_ms not in self._timeouts:
            seconds = None if connect_timeout_ms is None else connect_timeout_ms / 1000
            # The pool is not bounded, so `connect` is the time to connect, with the name's look-up in it.
            self._timeouts[connect_timeout_ms] = aiohttp.ClientTimeout(total=None, connect=seconds, sock_connect=None)
        return self._timeouts[connect_timeout_ms]


class _ResponseBody:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self._content = response.content
        self._reached: Reached = "head_seen"

    async def read(self) -> bytes:
        try:
            data = await self._content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = classify(error, self._reached)
        else:
            self._reached = "body_seen"
            return data
        raise failure

    def close(self) -> None:
        self._response.close()


def _headers(headers: list[Header]) -> CIMultiDict[str]:
    fields: CIMultiDict[str] = CIMultiDict()
    for header in headers:
        # aiohttp would write it as UTF-8, and others as Latin-1.
        if not header.value.isascii() or not header.name.isascii():
            raise not_sent("other", f"the header {header.name!r} is not ASCII, and aiohttp can send nothing else")
        fields.add(header.name, header.value)
    return fields


async def _pieces(body: Body) -> AsyncIterator[bytes]:
    for piece in body:
        for start in range(0, len(piece), READ_AHEAD_BYTES):
            yield piece[start : start + READ_AHEAD_BYTES]


def _proxy_for(url: URL) -> URL | None:
    """The environment's proxy for this address, looked up as Python does it."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or _is_loopback(url) or proxy_bypass(f"{url.host}:{url.port}"):
        return None
    return URL(proxy if "://" in proxy else f"http://{proxy}")


def _is_loopback(url: URL) -> bool:
    """Loopback never goes through a proxy: a proxy's loopback is another machine's."""
    if url.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(url.host or "").is_loopback
    except ValueError:
        return False
