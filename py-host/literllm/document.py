"""Documents for the core: JSON text."""

from __future__ import annotations

import json
from collections.abc import Callable


def write(document: object, typed: Callable[[object], object] | None = None) -> str:
    """The text. ``typed`` gives the JSON form of what is no plain value."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=typed)
