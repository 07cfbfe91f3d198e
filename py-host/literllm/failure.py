"""What a failed exchange of aiohttp was, in the contract's words."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
from aiohttp import http_exceptions

from .transport import TransportError, failed
from .types import FailureKind, Reached

# Read from above: the first class that fits says what it was, and whether a connection stood (so that something may
# have been sent).
_TABLE: tuple[tuple[type[BaseException], FailureKind, bool], ...] = (
    (aiohttp.ClientConnectorDNSError, "dns", False),
    (aiohttp.ConnectionTimeoutError, "connect_timeout", False),
    (aiohttp.ClientConnectorCertificateError, "tls", False),
    (aiohttp.ClientSSLError, "tls", False),
    (aiohttp.ClientConnectorError, "connect", False),
    (aiohttp.ClientHttpProxyError, "connect", False),
    (aiohttp.InvalidURL, "other", False),
    (aiohttp.NonHttpUrlClientError, "other", False),
    (http_exceptions.TransferEncodingError, "reset", True),
    (http_exceptions.ContentLengthError, "reset", True),
    (http_exceptions.HttpProcessingError, "http", True),
    (aiohttp.ClientResponseError, "http", True),
    (ssl.SSLError, "tls", True),
    (aiohttp.ServerDisconnectedError, "reset", True),
    (ConnectionError, "reset", True),
    (aiohttp.ClientOSError, "reset", True),
    (asyncio.IncompleteReadError, "reset", True),
    (aiohttp.ClientPayloadError, "reset", True),
)


def classify(error: Exception, reached: Reached) -> TransportError:
    """The failure. ``reached``: how far the exchange had come, if a connection stood.

    The error itself goes no further: its ``repr`` may show the request's headers, and in them the key.
    """
    # aiohttp hides what was wrong with a body one level below.
    for one in (error.__cause__, error) if isinstance(error, aiohttp.ClientPayloadError) else (error,):
        for kind_of_error, kind, connected in _TABLE:
            if isinstance(one, kind_of_error):
                return failed(kind, reached if connected else "not_connected", _words(error))
    return failed("other", reached, _words(error))


def _words(error: Exception) -> str:
    """In words, without the URL, whose query may hold a key."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "the connection did not stand in time"
    if isinstance(error, aiohttp.InvalidURL):
        return "the URL is not valid"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"what came is not HTTP: {error.message}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server closed the connection before it answered"
    words = str(error) or type(error).__name__
    cause = str(error.__cause__ or "")
    return words if not cause or cause in words else f"{words}: {cause}"
