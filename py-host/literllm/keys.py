"""Where keys come from. They stay in the host: the core names a slot, and the host fills it.

A source is asked at the moment a request is sent, so a key that was rotated in the meantime is the one that is used.

A provider may have several keys. The first has slot 0; the core turns to the next, 1 and so on, when one is refused
or limited. Where a slot has no key, it turns to another by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Protocol, TypeAlias, cast

from .types import EgressRow


class SlotKeySource(Protocol):
    """A key source for several keys of one provider."""

    def __call__(self, row: EgressRow, key_slot: int, /) -> str | None:
        """The key of that slot, from 0. ``None``: there is none."""


KeySource: TypeAlias = Callable[[EgressRow], str | None] | SlotKeySource
"""Gives the key of a provider, or ``None`` when there is none; the call then ends with an ``AuthenticationError``.

It is called for every request to a provider that takes a key, on the event loop: answer from memory. The key is only
ever sent to the origins of that row. A function of one argument has a first key alone; one of two arguments is told the
slot too.
"""

Keys: TypeAlias = Mapping[str, str | Sequence[str]]
"""Keys by provider; several of one provider in the order in which they are turned to."""

Find: TypeAlias = "Callable[[EgressRow, int], Secret | None]"
"""Where this client looks a key up: by row and slot."""


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


def from_environment(row: EgressRow, key_slot: int) -> str | None:
    """Slot 0: the first of the row's ``key_env`` that is set to something; above it one of ``spare_key_env`` each. The
    default.
    """
    names = row.key_env if key_slot == 0 else row.spare_key_env[key_slot - 1 : key_slot]
    return next((value for name in names if (value := os.environ.get(name))), None)


def source(keys: Keys | KeySource | None) -> Find:
    """What a client was given, as one function."""
    if keys is None:
        find: SlotKeySource = from_environment
    elif not callable(keys):
        # Copied, so that a mapping that is changed or printed later is none of our concern.
        known = {provider: [Secret(key) for key in several(given)] for provider, given in keys.items()}
        return lambda row, key_slot: next(iter(known.get(row.provider, ())[key_slot : key_slot + 1]), None)
    elif _takes_slot(keys):
        find = cast(SlotKeySource, keys)
    else:
        first = cast(Callable[[EgressRow], "str | None"], keys)

        def find(row: EgressRow, key_slot: int, /) -> str | None:
            return first(row) if key_slot == 0 else None

    def ask(row: EgressRow, key_slot: int) -> Secret | None:
        key = find(row, key_slot)
        return None if key is None else Secret(key)

    return ask


def several(given: str | Sequence[str] | None) -> Sequence[str]:
    """The keys of one provider, as a mapping holds them."""
    if given is None:
        return ()
    return given if isinstance(given, list | tuple) else (cast(str, given),)


def _takes_slot(keys: KeySource) -> bool:
    """Whether the function wants a second argument, or has one of that name. Another default of its own stays."""
    try:
        parameters = list(signature(keys).parameters.values())
    except (TypeError, ValueError):
        return False
    by_place = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    second = [each for each in parameters if each.kind in by_place][1:2]
    return any(each.default is Parameter.empty or each.name == "key_slot" for each in second)
