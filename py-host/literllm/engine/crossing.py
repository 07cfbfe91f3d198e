"""One call into the component, quickly.

The public ``Func`` of wasmtime-py asks the library for the function's type, and for the type of each part of it, on
every call: about 25 us, five times what the core needs for a piece of a stream. Our functions pass nothing but text and
numbers and answer with ``result<string, string>``, so here the arguments are laid out once for each function and only
filled in at a call (about 5 us).

That layout is wasmtime's C API, which may change between versions. So it is used on the versions it was tried on and
where the structures still have that form; everywhere else the public ``Func`` does the same, slower.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Literal, TypeAlias

import wasmtime
from wasmtime import _ffi as ffi
from wasmtime.component import Func, Variant

Kind: TypeAlias = Literal["u32", "u64", "text", "u32?", "text?"]
"""What a parameter is; with ``?``, an option."""

Argument: TypeAlias = "int | str | bytes | None"
"""A number, or text (as ``bytes`` when it is known to be ASCII)."""

Crossing: TypeAlias = Callable[..., str]
"""Calls the function. Raises :class:`Refused` for an ``err``, anything else for a trap."""

TRIED_VERSIONS = frozenset({"50.0.1"})
"""Versions of wasmtime-py whose C API was tried with this file."""


class Refused(Exception):
    """The function answered ``err``; the only argument is its document."""


def quick_is_possible() -> bool:
    """Whether the quick way was tried on the wasmtime that is installed."""
    return version("wasmtime") in TRIED_VERSIONS and _layout_is_known()


def plain(store: wasmtime.Store, func: Func, answers: bool) -> Crossing:
    """The public way."""

    def cross(*arguments: Argument) -> str:
        texts = [value.decode("ascii") if isinstance(value, bytes) else value for value in arguments]
        answer = func(store, *texts)
        if not answers:
            return ""
        # Both sides are text, so the library tells them apart by a tag.
        if not isinstance(answer, Variant) or not isinstance(answer.payload, str):
            raise wasmtime.WasmtimeError("the function does not answer with result<string, string>")
        if answer.tag == "ok":
            return answer.payload
        raise Refused(answer.payload)

    return cross


def quick(store: wasmtime.Store, func: Func, kinds: Sequence[Kind], answers: bool) -> Crossing:
    """The quick way. Not for several threads at once, like all of a store."""
    return _Quick(store, func, kinds, answers)


# ------------------------------------------------------------------ wasmtime's C API, `component/val.h`


class _Text(ctypes.Structure):
    """``wasm_name_t``, but the pointer may be set from ``bytes`` without a copy. wasmtime copies it and frees
    nothing.
    """

    _fields_ = (("size", ctypes.c_size_t), ("data", ctypes.c_char_p))


_Value: Any = ffi.wasmtime_component_val_t
_VALUE_BYTES = ctypes.sizeof(_Value)
_OF = _Value.of.offset
_PAIR = struct.Struct("@NN")
_NOTHING = ffi.WASMTIME_COMPONENT_BOOL.value

# Prototypes of our own, since those of the library check and convert each pointer.
_call = ctypes.CFUNCTYPE(
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_void_p,
    ctypes.c_size_t,
)(("wasmtime_component_func_call", ffi.dll))
_delete = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(("wasmtime_component_val_delete", ffi.dll))


def _layout_is_known() -> bool:
    # As the type checker sees it, a field of a structure is only its value.
    of: Any = ffi.wasmtime_component_valunion
    result: Any = ffi.wasmtime_component_valresult_t
    return (
        ctypes.sizeof(_Text) == ctypes.sizeof(ffi.wasm_name_t) == _PAIR.size
        and (_VALUE_BYTES, _OF) == (32, 8)
        and (of.string.offset, of.u64.offset, of.option.offset, of.result.offset) == (0, 0, 0, 0)
        and (result.is_ok.offset, result.val.offset) == (0, 8)
    )


def _filler(kind: Kind, value: Any) -> Callable[[Any], None]:
    """What writes an argument of this kind into its place. ``value``: the place, a ``wasmtime_component_val_t``."""
    place = ctypes.addressof(value) + _OF
    if kind == "text":
        value.kind = ffi.WASMTIME_COMPONENT_STRING
        text = _Text.from_address(place)

        def fill(argument: str | bytes) -> None:
            data = argument if isinstance(argument, bytes) else argument.encode()
            text.size = len(data)
            text.data = data  # which also keeps it alive until the next

        return fill
    if kind in ("u32", "u64"):
        value.kind = ffi.WASMTIME_COMPONENT_U32 if kind == "u32" else ffi.WASMTIME_COMPONENT_U64
        number = (ctypes.c_uint32 if kind == "u32" else ctypes.c_uint64).from_address(place)

        def fill_number(argument: int) -> None:
            number.value = argument

        return fill_number
    value.kind = ffi.WASMTIME_COMPONENT_OPTION
    pointer = ctypes.c_void_p.from_address(place)
    inner = _Value()
    fill_inner = _filler("u32" if kind == "u32?" else "text", inner)

    def fill_option(argument: str | int | None) -> None:
        pointer.value = None if argument is None else ctypes.addressof(inner)
        if argument is not None:
            fill_inner(argument)

    return fill_option


class _Quick:
    def __init__(self, store: wasmtime.Store, func: Func, kinds: Sequence[Kind], answers: bool) -> None:
        # Addresses are taken from these, so they have to live as long.
        self._alive = (store, func)
        self._arguments = (_Value * len(kinds))()
        self._fills = [_filler(kind, self._arguments[place]) for place, kind in enumerate(kinds)]
        self._result = _Value()
        self._result_at = ctypes.addressof(self._result)
        self._result_kind = ctypes.c_uint8.from_address(self._result_at)
        self._is_ok = ctypes.c_bool.from_address(self._result_at + _OF)
        self._payload = ctypes.c_size_t.from_address(self._result_at + _OF + 8)
        self._answers = answers
        self._call = (
            ctypes.addressof(func._func),
            ctypes.cast(store._context(), ctypes.c_void_p).value,
            ctypes.addressof(self._arguments),
            len(kinds),
            self._result_at if answers else None,
            int(answers),
        )

    def __call__(self, *arguments: Argument) -> str:
        for fill, argument in zip(self._fills, arguments, strict=True):
            fill(argument)
        if error := _call(*self._call):
            raise wasmtime.WasmtimeError._from_ptr(ctypes.cast(error, ctypes.POINTER(ffi.wasmtime_error_t)))
        if not self._answers:
            return ""
        size, data = _PAIR.unpack(ctypes.string_at(self._payload.value + _OF, _PAIR.size))
        text = ctypes.string_at(data, size).decode()
        is_ok = self._is_ok.value
        _delete(self._result_at)
        # The next call drops what stands here before it writes.
        self._result_kind.value = _NOTHING
        if is_ok:
            return text
        raise Refused(text)
