"""One living instance of the component: its store and its functions, text in and out."""

from __future__ import annotations

import json
from typing import Any

import wasmtime
from wasmtime.component import Component, Linker

from ..document import write
from .crossing import Argument, Crossing, Kind, Refused, plain, quick, quick_is_possible
from .happening import Body, Cancel, End, Failed, Happening, Head, Wake

INTERFACE = "literllm:engine/engine@0.1.0"

_FUNCTIONS: dict[str, tuple[tuple[Kind, ...], bool]] = {
    "client-create": (("text", "u32", "text?"), True),
    "client-snapshot": (("u64",), True),
    "client-drop": (("u64",), False),
    "call-start": (("u64", "text", "text", "u64", "u64"), True),
    "call-head": (("u64", "u32", "text", "u64"), True),
    "call-body-latin1": (("u64", "u32", "text", "u64"), True),
    "call-end": (("u64", "u32", "u64"), True),
    "call-failed": (("u64", "u32", "text", "u64"), True),
    "call-wake": (("u64", "u32?", "u64"), True),
    "call-cancel": (("u64", "u64"), True),
    "call-snapshot": (("u64",), True),
    "call-restore": (("u64", "text", "u64"), True),
    "call-drop": (("u64",), False),
}


_decode = json.JSONDecoder().raw_decode


class Dead(Exception):
    """The instance trapped, or is not what it should be. Nothing may be asked of it again."""


class Instance:
    """The engine's functions, which give the core's documents as text. Raises :class:`Refused`, or :class:`Dead`."""

    def __init__(self, engine: wasmtime.Engine, component: Component, memory_bytes: int) -> None:
        try:
            store = wasmtime.Store(engine)
            store.set_limits(memory_size=memory_bytes)
            # There is nothing to import, so nothing is defined.
            instance = Linker(engine).instantiate(store, component)
            interface = component.get_export_index(INTERFACE)
            self._functions: dict[str, Crossing] = {}
            is_quick = quick_is_possible()
            for name, (kinds, answers) in _FUNCTIONS.items():
                index = component.get_export_index(name, interface) if interface else None
                func = instance.get_func(store, index) if index else None
                if func is None:
                    raise Dead(f"it does not export {INTERFACE}#{name}")
                quick_or_plain = quick(store, func, kinds, answers) if is_quick else plain(store, func, answers)
                self._functions[name] = quick_or_plain
        except wasmtime.WasmtimeError as error:
            raise Dead(root_cause(error)) from None

    def tell(self, call: int, happening: Happening, now_ms: int) -> str:
        """Answers with a ``step``."""
        match happening:
            case Body(attempt, data):
                # The door for bytes takes them one by one here; as text they are copied at once. All but the few that
                # are not ASCII mean the same as UTF-8.
                text = data if data.isascii() else data.decode("latin-1")
                return self.ask("call-body-latin1", call, attempt, text, now_ms)
            case Head(attempt, head):
                return self.ask("call-head", call, attempt, write(head.to_json()), now_ms)
            case End(attempt):
                return self.ask("call-end", call, attempt, now_ms)
            case Failed(attempt, failure):
                return self.ask("call-failed", call, attempt, write(failure.to_json()), now_ms)
            case Wake(idle):
                return self.ask("call-wake", call, idle, now_ms)
            case Cancel():
                return self.ask("call-cancel", call, now_ms)

    def ask(self, name: str, *arguments: Argument) -> str:
        """Calls one of the engine's functions. Those that answer with nothing give an empty text."""
        try:
            return self._functions[name](*arguments)
        except wasmtime.WasmtimeError as error:
            raise Dead(root_cause(error)) from None
        except UnicodeDecodeError:
            raise Dead("it answered with what is no text") from None


def parse(document: str) -> dict[str, Any]:
    """A document of the core. Raises :class:`Dead` when it is none."""
    try:
        # Not `json.loads`: it looks for white space around the document, which the core never writes.
        parsed, end = _decode(document)
    except ValueError as error:
        raise Dead(f"it answered with what is no document ({error})") from None
    if end != len(document) or not isinstance(parsed, dict):
        raise Dead("it answered with what is no document")
    return parsed


def root_cause(error: wasmtime.WasmtimeError) -> str:
    """The lines before the last are a backtrace without names; the last says which trap it was."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "it broke without a word"


__all__ = ["Dead", "Instance", "Refused", "parse", "root_cause"]
