"""Snapshots on their way out of this process and into another.

What the core wrote is read by the same core only: its form is nobody else's business and may change with every build.
So the component's hash travels beside it. Everything is JSON text without keys; blobs are named in it and stay yours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .document import write
from .errors import LiterLLMError, invalid_state
from .types import Event, JsonObject, event_from_json, event_to_json

OnSnapshot: TypeAlias = Callable[[str], object]
"""Keeps a snapshot of a call. It has to be kept when this returns."""

Save: TypeAlias = Callable[[JsonObject, Sequence[Event]], object]
"""The same for a document of the core and the events that nobody has read yet."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Of one core, which its snapshots carry."""

    component: str
    """The SHA-256 of the component, in lower-case hexadecimal."""

    def close(self, document: JsonObject, unread: Sequence[Event] = ()) -> str:
        """A snapshot that may leave."""
        sealed: JsonObject = {"component": self.component, "snapshot": document}
        if unread:
            sealed["events"] = [event_to_json(event) for event in unread]
        return write(sealed)

    def open(self, text: str | bytes) -> tuple[JsonObject, list[Event]]:
        """What is in it. Raises an ``InvalidStateError`` for one of another core, and for what is no snapshot."""
        try:
            sealed = json.loads(text)
            component, document = sealed["component"], sealed["snapshot"]
            unread = [event_from_json(event) for event in sealed.get("events", ())]
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _no_snapshot() from None
        if not isinstance(document, dict):
            raise _no_snapshot()
        if component != self.component:
            raise invalid_state(
                f"the snapshot was made by the component {component}, this client runs {self.component}: only the same "
                "one can read it; take it up with that release, or start again without it"
            )
        return document, unread


def _no_snapshot() -> LiterLLMError:
    return invalid_state("the snapshot is none: expected the text that `snapshot()` or `on_snapshot` gave")
