"""The component, compiled and ready to be instantiated.

Compiling takes about 0.2 s, loading what was compiled before a few milliseconds. So the machine code is kept in
the user's cache folder. It is code that will run in this process outside the sandbox's care, therefore: the folder and
the file belong to the user alone, the name says what it was made from, and a checksum stands before it. Whatever is
wrong with the cache (corrupt, foreign, unwritable), it is compiled again and nothing is said.

``LITERLLM_CACHE_DIR`` names another folder; set to nothing, nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import stat
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import wasmtime
from wasmtime.component import Component

FOLDER_VARIABLE = "LITERLLM_CACHE_DIR"
"""Environment variable of the cache folder."""

_engine: wasmtime.Engine | None = None
_components: dict[str, Component] = {}
_lock = Lock()


def load(wasm: bytes) -> tuple[wasmtime.Engine, Component]:
    """The compiled component, once for each file in a process. Raises ``WasmtimeError`` when it is no component."""
    global _engine
    sha256 = hashlib.sha256(wasm).hexdigest()
    with _lock:
        if _engine is None:
            _engine = wasmtime.Engine()
        component = _components.get(sha256)
        if component is None:
            component = _components[sha256] = _from_cache_or_compiled(_engine, wasm, sha256)
        return _engine, component


def _from_cache_or_compiled(engine: wasmtime.Engine, wasm: bytes, sha256: str) -> Component:
    folder = _folder()
    if folder is None:
        return Component(engine, wasm)
    file = folder / _name(sha256)
    with contextlib.suppress(OSError, ValueError, wasmtime.WasmtimeError):
        return Component.deserialize(engine, _read(file))
    component = Component(engine, wasm)
    with contextlib.suppress(OSError, ValueError, wasmtime.WasmtimeError):
        _write(file, bytes(component.serialize()))
    return component


def _name(sha256: str) -> str:
    """wasmtime refuses code of another version or for another processor itself; the name only keeps them apart."""
    return f"{sha256}-wasmtime-{version('wasmtime')}-{sys.platform}-{platform.machine().lower()}.compiled"


def _folder() -> Path | None:
    """Where the cache is. ``None``: switched off, or there is no home."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen is not None:
        return Path(chosen) if chosen else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # A path that is not absolute is what `expanduser` leaves where there is no home.
    return Path(base, "literllm") if base and os.path.isabs(base) else None


def _read(file: Path) -> bytes:
    """The machine code. Raises when it is not wholly ours."""
    with file.open("rb") as opened:
        _check_private(os.fstat(opened.fileno()))
        _check_private(file.parent.stat())
        checksum, code = opened.read(hashlib.sha256().digest_size), opened.read()
    if hashlib.sha256(code).digest() != checksum:
        raise ValueError("the compiled component is damaged")
    return code


def _check_private(of: os.stat_result) -> None:
    """Who can write here can run code in our process."""
    if sys.platform == "win32":
        return  # the folder of a user there is closed to others by its access list
    if of.st_uid != os.geteuid() or of.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError("others may write to the cache")


def _write(file: Path, code: bytes) -> None:
    """In one move, so that no process ever reads half a file."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_private(file.parent.stat())
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)  # for the user alone
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(hashlib.sha256(code).digest())
            opened.write(code)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
