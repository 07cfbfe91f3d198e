"""A provider that echoes the key must not get it into our errors.

Some providers repeat a wrong key in the error they answer with, and from there it would travel into error texts and
logs. So before any byte reaches the core, the key is overwritten with as many ``*``. A chunk can end inside the key:
what may be its beginning is held back until the next chunk shows.
"""

from __future__ import annotations

from urllib.parse import quote

from .keys import Secret
from .types import Header

SHORTEST_KEY_BYTES = 8
"""Keys shorter than this are not searched for.

No provider issues such keys; people write ``test`` or ``x`` for a server that asks for none, and every ``x`` of an
answer would be lost.
"""


class Scrubber:
    """Overwrites one call's key, in the form it has as a secret and in the form it has in a URL."""

    def __init__(self, secret: Secret | None) -> None:
        """Without a secret, or with a short one, everything passes as it is."""
        self._filters: list[_Filter] = []
        if secret is not None and len(secret.expose()) >= SHORTEST_KEY_BYTES:
            forms = dict.fromkeys((secret.expose(), quote(secret.expose(), safe="")))
            self._filters = [_Filter(Secret(form)) for form in forms]

    def push(self, chunk: bytes) -> bytes:
        """The next chunk, less what is held back. May be empty."""
        for each in self._filters:
            chunk = each.push(chunk)
        return chunk

    def finish(self) -> bytes:
        """What was held back: the body has ended and it is not the key."""
        rest = b""
        for each in self._filters:
            rest = each.push(rest) + each.take_held()
        return rest

    def text(self, text: str) -> str:
        """A text without the key."""
        for each in self._filters:
            key = each.secret.expose()
            text = text.replace(key, "*" * len(key))
        return text

    def headers(self, headers: list[Header]) -> None:
        """Overwrites it in header values."""
        if self._filters:
            for header in headers:
                header.value = self.text(header.value)


class _Filter:
    def __init__(self, secret: Secret) -> None:
        self.secret = secret
        """Visible ASCII, not empty."""
        self._held = b""
        """A proper prefix of the key with which the last chunk ended."""

    def push(self, chunk: bytes) -> bytes:
        if not chunk:
            return chunk
        chunk = self._held + chunk
        key = self.secret.expose().encode()
        # Where the key stands. The first place wins, whatever the cuts.
        end = 0
        while (found := chunk.find(key, end)) >= 0:
            end = found + len(key)
            chunk = chunk[:found] + b"*" * len(key) + chunk[end:]
        # From where the rest may be its beginning.
        tail = chunk.find(key[:1], max(end, len(chunk) - len(key) + 1))
        while tail >= 0 and not key.startswith(chunk[tail:]):
            tail = chunk.find(key[:1], tail + 1)
        if tail < 0:
            self._held = b""
            return chunk
        self._held = chunk[tail:]
        return chunk[:tail]

    def take_held(self) -> bytes:
        held, self._held = self._held, b""
        return held
