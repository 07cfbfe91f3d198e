"""Where requests may go, and how a key gets into one.

The table was frozen when the client was made, before any prompt or network byte was seen. A request of the core, which
has read both, is held against it: another origin, or another place for the key than the table says, and nothing is
sent.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from .keys import Find, Secret
from .transport import not_sent
from .types import EgressRow, Header, HttpRequest

_DEFAULT_PORTS = {"http": 80, "https": 443}

# Stricter than any HTTP client, so that all of them read the same host out of what passes: visible ASCII, no user name,
# no backslash, no fragment.
_URL = re.compile(r"(?i)(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._~-]+)(?::([0-9]{1,5}))?(?:[/?][!-~]*)?", re.ASCII)
_UNFIT = re.compile(r"[\\#]")


class Egress:
    """The frozen table."""

    def __init__(self, rows: Sequence[EgressRow], key_of: Find) -> None:
        rows = copy.deepcopy(rows)
        self._rows = {row.provider: (row, {_origin(origin) for origin in row.origins}) for row in rows}
        self._key_of = key_of

    @property
    def rows(self) -> list[EgressRow]:
        """The table, to look at."""
        return [copy.deepcopy(row) for row, _ in self._rows.values()]

    def fill(self, provider: str, key_slot: int, request: HttpRequest) -> tuple[str, list[Header], Secret | None]:
        """Checks the address and fills that key in: URL, headers, and the key, so that echoes of it can be found.

        Raises a ``TransportError`` of the kinds ``egress`` and ``missing_key``.
        """
        if provider not in self._rows:
            raise not_sent("egress", f"{provider!r} is not in this client's egress table")
        row, origins = self._rows[provider]
        origin = _origin(request.url)
        if origin is None:
            raise not_sent(
                "egress", "the URL is not a plain http: or https: URL in ASCII, without user name and fragment"
            )
        if origin not in origins:
            allowed = ", ".join(row.origins)
            raise not_sent("egress", f"{origin} is not one of {provider}'s origins ({allowed})")
        slot = request.auth
        if slot is None:
            return request.url, request.headers, None
        if slot != row.auth:
            raise not_sent("egress", f"the key of {provider} was asked for in a place the egress table does not name")
        try:
            key = self._key_of(row, key_slot)
        except Exception as error:
            # Its words may hold anything, also the key.
            raise not_sent("missing_key", f"the key source failed ({type(error).__name__})") from None
        if key is None:
            # The core says which variable to set, and adds our words where there are any.
            raise not_sent("missing_key", f"spare key {key_slot} is not set" if key_slot else "")
        if fault := key.fault():
            raise not_sent("missing_key", f"the one that is set {fault}")
        if slot.type == "header":
            headers = [header for header in request.headers if header.name != slot.name]
            headers.append(Header(slot.name, slot.prefix + key.expose()))
            return request.url, headers, key
        joint = "&" if "?" in request.url else "?"
        url = f"{request.url}{joint}{quote(slot.name, safe='')}={quote(key.expose(), safe='')}"
        return url, request.headers, key


@lru_cache(maxsize=64)  # mostly the same few; a key is never in them
def _origin(url: str) -> str | None:
    """Scheme, host and port in one spelling: lower case, the default port left out. ``None``: not fit to be sent to."""
    found = _URL.fullmatch(url)
    if found is None or _UNFIT.search(url):
        return None
    scheme, host, port = found[1].lower(), found[2].lower(), found[3]
    number = int(port) if port else _DEFAULT_PORTS[scheme]
    return f"{scheme}://{host}" if number == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{number}"
