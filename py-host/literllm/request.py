"""From what a caller writes to the documents of the core.

Whether a request makes sense is the core's to say. Here is only what has no form to be asked about: names that do not
exist, text that is not Unicode, values that JSON does not know. All are refused before anything is sent, with the
place.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from .body import Blobs
from .document import plain, write
from .errors import LiterLLMError, invalid_request
from .snapshot import OnSnapshot
from .types import CallOptions, Message, Request

Prompt: TypeAlias = str | Message | Mapping[str, Any] | Sequence[Message | Mapping[str, Any]]
"""A text of the user, a message, or messages; each typed or in its JSON form."""

_BESIDE = tuple(CallOptions.__dataclass_fields__)
_FIELDS = tuple(name for name in Request.__dataclass_fields__ if name not in ("model", "messages"))
_NAMES = (*_FIELDS, *_BESIDE, "timeout", "blobs", "on_snapshot")

_FOREVER_MS = 1 << 53
"""From here on, a quarter of a million years, a ``timeout`` is none."""


@dataclass(slots=True)
class Chat:
    """What a call is started with."""

    request: str
    """A ``request`` document."""

    options: str
    """A ``call-options`` document."""

    blobs: Blobs

    on_snapshot: OnSnapshot | None


def chat(model: str, prompt: Prompt, options: Mapping[str, object]) -> Chat:
    """A chat from a model, a prompt and options."""
    messages: Sequence[object]
    if isinstance(prompt, str):
        messages = [{"role": "user", "content": prompt}]
    elif isinstance(prompt, Message | Mapping):
        messages = [prompt]
    else:
        messages = list(prompt)
    return whole({"model": model, "messages": messages}, options)


def whole(request: Mapping[str, object] | Request, options: Mapping[str, object]) -> Chat:
    """A chat from a request that is there; options change it."""
    for name in options:
        if name not in _NAMES:
            raise invalid_request(f"there is no option {name!r}; {_suggestion(name)}")
    fields = dict(request.to_json() if isinstance(request, Request) else request)
    given = {name: value for name, value in options.items() if value is not None}
    blobs = checked_blobs(given.pop("blobs", {}))
    on_snapshot = given.pop("on_snapshot", None)
    if on_snapshot is not None and not callable(on_snapshot):
        raise invalid_request("on_snapshot: expected a function that takes the snapshot")
    beside = {name: given.pop(name) for name in _BESIDE if name in given}
    if "timeout" in given:
        if "caller_timeout_ms" in beside:
            raise invalid_request("timeout and caller_timeout_ms say the same: give one of them")
        if (timeout_ms := _in_ms(given.pop("timeout"))) < _FOREVER_MS:
            beside["caller_timeout_ms"] = timeout_ms
    beside_text = document(beside) if beside else "{}"
    return Chat(document({**fields, **given}), beside_text, blobs, cast("OnSnapshot | None", on_snapshot))


def checked_blobs(blobs: object) -> Blobs:
    """Blobs as a caller gave them."""
    if not isinstance(blobs, Mapping) or not all(isinstance(value, bytes) for value in blobs.values()):
        raise invalid_request("blobs: expected a mapping from ids to bytes")
    return cast(Blobs, blobs)


def _in_ms(timeout: object) -> int:
    """Seconds, as everywhere in asyncio, in ms. A deadline that has passed already is 0: the call ends at once."""
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout != timeout:
        raise invalid_request("timeout: expected a number of seconds")
    return math.ceil(max(0.0, min(timeout * 1000, _FOREVER_MS)))


def document(value: object) -> str:
    """A document for the core, from plain and typed values."""
    try:
        text = write(value)
        text.encode()  # fails for what is not Unicode
    except (ValueError, TypeError, RecursionError) as error:
        _find_fault(value, "", 0)
        raise invalid_request(f"it cannot be written as JSON: {error}") from None
    return text


_DEEPEST = 100
"""How deep a fault is searched for; deeper than any request."""


def _find_fault(value: object, path: str, depth: int) -> None:
    here = path or "the document"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise _fault(here, f"not Unicode: a lone surrogate at character {error.start}") from None
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _fault(here, f"JSON has no number {value}")
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for key, item in value.items():
            _find_fault(key, f"{here}: a name in it", depth + 1)
            _find_fault(item, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list | tuple) and depth < _DEEPEST:
        for place, item in enumerate(value):
            _find_fault(item, f"{path}[{place}]", depth + 1)
    elif value is not None and not isinstance(value, int):
        try:
            fields = plain(value)
        except TypeError:
            raise _fault(here, f"a value of type {type(value).__name__} is no JSON") from None
        _find_fault(fields, path, depth + 1)


def _fault(path: str, what: str) -> LiterLLMError:
    # The path itself may hold what is not Unicode.
    return invalid_request(f"{path}: {what}".encode(errors="backslashreplace").decode())


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, _NAMES, 1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_NAMES)}"
