"""What can happen to a call. One class for each function of the engine that moves a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..types import ResponseHead, TransportFailure


@dataclass(slots=True)
class Head:
    """The head of an attempt has come."""

    attempt: int
    head: ResponseHead


@dataclass(slots=True)
class Body:
    """Bytes of an attempt's body have come."""

    attempt: int
    data: bytes


@dataclass(slots=True)
class End:
    """An attempt's body has ended in good order."""

    attempt: int


@dataclass(slots=True)
class Failed:
    """An attempt has failed."""

    attempt: int
    failure: TransportFailure


@dataclass(slots=True)
class Wake:
    """This attempt was silent for its ``idle_ms``; or, with ``None``, the moment of ``wake_at_ms`` has come."""

    idle: int | None


@dataclass(slots=True)
class Cancel:
    """The caller gives up."""


Happening: TypeAlias = Head | Body | End | Failed | Wake | Cancel
