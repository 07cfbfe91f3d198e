"""A client's configuration: the contract's ``client-config``, from a file, a mapping and the arguments of ``Client``.

What it says is the core's to judge. Here it is only read and put together.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import LiterLLMError, from_detail, invalid_request
from .keys import several
from .types import ClientConfig, Guards, JsonObject, Limits, Policy, ProviderRow


def from_file(path: str | os.PathLike[str]) -> JsonObject:
    """The document of a ``.toml`` or ``.json`` file. Raises ``InvalidRequestError`` when it is none, or ``OSError``."""
    file = Path(path)
    parse = {".toml": tomllib.loads, ".json": json.loads}.get(file.suffix.lower())
    if parse is None:
        raise invalid_request(f"{file}: a configuration is a .toml or a .json file")
    try:
        document = parse(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise invalid_request(f"{file}: it is not sound {file.suffix[1:].upper()}: {error}") from None
    if not isinstance(document, dict):
        raise invalid_request(f"{file}: expected an object with the keys of a client's configuration")
    return document


def named(path: str | os.PathLike[str], error: LiterLLMError) -> LiterLLMError:
    """An error of the core's about what stood in a file."""
    error.detail.message = f"{Path(path)}: {error.detail.message}"
    return from_detail(error.detail)


def joined(
    config: ClientConfig | Mapping[str, Any] | None,
    *,
    base_url: Mapping[str, str] | None = None,
    key_env: Mapping[str, str] | None = None,
    spare_key_env: Mapping[str, Sequence[str]] | None = None,
    keys: object = None,
    policy: Policy | Mapping[str, Any] | None = None,
    limits: Limits | Mapping[str, Any] | None = None,
    guards: Guards | Mapping[str, Any] | None = None,
) -> JsonObject:
    """The whole configuration, and what the arguments add to it."""
    document = dict(config.to_json() if isinstance(config, ClientConfig) else config or {})
    rows = _Rows(document.get("providers", ()))
    for provider, address in (base_url or {}).items():
        rows.of(provider)["base_url"] = address
    for provider, name in (key_env or {}).items():
        rows.of(provider)["key_env"] = [name]
    for provider, names in (spare_key_env or {}).items():
        rows.of(provider)["spare_key_env"] = list(names)
    for provider, given in keys.items() if isinstance(keys, Mapping) else ():
        spares = range(1, len(several(given)))
        if spares and not rows.of(provider).get("spare_key_env"):
            # The core counts keys by their names; these stand in messages only.
            rows.of(provider)["spare_key_env"] = [f"{provider.upper()}_API_KEY_{slot + 1}" for slot in spares]
    document["providers"] = rows.rows
    for field, value in (("policy", policy), ("limits", limits), ("guards", guards)):
        if value is not None:
            document[field] = value
    return document


class _Rows:
    """Rows of providers, found by their id and added where they are not there."""

    def __init__(self, rows: object) -> None:
        if not isinstance(rows, list | tuple):
            raise invalid_request("providers: expected a list of rows")
        self.rows = [_row(place, row) for place, row in enumerate(rows)]

    def of(self, provider: str) -> JsonObject:
        found = next((row for row in self.rows if row.get("id") == provider), None)
        if found is None:
            found = {"id": provider}
            self.rows.append(found)
        return found


def _row(place: int, row: object) -> JsonObject:
    if isinstance(row, ProviderRow):
        return row.to_json()
    if isinstance(row, Mapping):
        return dict(row)
    raise invalid_request(f"providers[{place}]: expected a row, came {type(row).__name__}")
