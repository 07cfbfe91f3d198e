"""Documents for the core: JSON text."""

from __future__ import annotations

import json
from typing import cast

from .types import JsonObject


def plain(value: object) -> JsonObject:
    """The JSON form of a typed value that stands inside a plain one, where only cases of variants can."""
    to_json = getattr(value, "to_json", None)
    if to_json is None:
        raise TypeError(f"{type(value).__name__} is no JSON")
    fields = cast(JsonObject, to_json())
    tag = getattr(value, "type", None)
    return fields if tag is None else {"type": tag, **fields}


write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain).encode
"""The text of a document, from plain and typed values."""
