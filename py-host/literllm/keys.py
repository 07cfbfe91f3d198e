"""Where keys come from. They stay in the host: the core names a slot, and the host fills it.

A source is asked at the moment a request is sent, so a key that was rotated in the meantime is the one that is used.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TypeAlias

from .types import EgressRow

KeySource: TypeAlias = Callable[[EgressRow], str | None]
"""Gives the key of a provider, or ``None`` when there is none; the call then ends with an ``AuthenticationError``.

It is called for every request to a provider that takes a key, on the event loop: answer from memory. The key is only
ever sent to the origins of that row.
"""


class Secret:
    """A key. It prints as ``[key]``, also in a traceback that shows variables."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key

    def expose(self) -> str:
        """The key itself. Keep it out of messages and of variables that live on."""
        return self._key

    def fault(self) -> str | None:
        """What keeps the key from being sent, without showing it."""
        if not isinstance(self._key, str):
            return f"is no str ({type(self._key).__name__})"
        if not self._key:
            return "is empty"
        if "\r" in self._key or "\n" in self._key:
            return "holds a line break (a file read with its last line end?)"
        if not self._key.isascii():
            return "holds a character that is not ASCII"
        if not all("!" <= character <= "~" for character in self._key):
            return "holds a space or a control character"
        return None

    def __repr__(self) -> str:
        return "[key]"


def from_environment(row: EgressRow) -> str | None:
    """The first of the row's ``key_env`` that is set to something. The default."""
    return next((value for name in row.key_env if (value := os.environ.get(name))), None)


def source(keys: Mapping[str, str] | KeySource | None) -> Callable[[EgressRow], Secret | None]:
    """What a client was given, as one function."""
    if keys is None:
        find: KeySource = from_environment
    elif callable(keys):
        find = keys
    else:
        # Copied, so that a mapping that is changed or printed later is none of our concern.
        known = {provider: Secret(key) for provider, key in keys.items() if key is not None}
        return lambda row: known.get(row.provider)

    def ask(row: EgressRow) -> Secret | None:
        key = find(row)
        return None if key is None else Secret(key)

    return ask
