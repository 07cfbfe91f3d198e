"""The core in its sandbox: one instance for each client, behind a short lock.

A trap poisons the whole store, and a dead store cannot be asked for anything. So we keep a snapshot of the client's
memory, at most a second older than its last change (which a step tells by ``state_changed``), and make the next
instance from it. Calls of the dead instance end with an error; calls that start afterwards know nothing of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import wasmtime

from ..errors import LiterLLMError, from_document, internal
from ..types import Created, EgressRow, JsonObject, Started, Step
from . import compiled
from .happening import Happening
from .instance import Dead, Instance, Refused, parse, root_cause

T = TypeVar("T")

MEMORY_BYTES = 256 * 1024 * 1024
"""Most linear memory of one instance, in bytes. It grows only when it is used; one 16 MiB line needs about 64 MiB."""

SNAPSHOT_EVERY_MS = 1000
"""Least time between two snapshots, in ms. A snapshot is a crossing: not one for every call."""

INSTANCE_NUMBERS = 1 << 16
"""Instances are numbered below this: the number is part of every handle and has 16 bits there."""


class Sandbox:
    """A client in the core."""

    def __init__(self, wasm: bytes, config: str, memory_bytes: int, snapshot: str | None = None) -> None:
        """Fails when the configuration is not sound, the component does not load, or does not take the snapshot.
        ``config`` is a ``client-config``, ``snapshot`` a ``client-snapshot`` of an earlier sandbox.
        """
        self._wasm = wasm
        self._config = config
        self._memory_bytes = memory_bytes
        self._lock = Lock()
        self._instance: Instance | None = None
        """``None`` after a trap, until somebody asks for the next."""
        self._client = 0
        self._number = 0
        self._next_number = 0
        self._snapshot = snapshot
        self._snapshot_at_ms = 0
        self._dirty = False
        """The memory moved since the snapshot."""
        self._left: deque[tuple[int, int]] = deque()
        """Calls given up, by number of the instance and handle. Collected here, since a finalizer may take no lock."""
        with self._lock:
            self.egress: list[EgressRow] = self._revive()
            """Where requests may go and with which key. That of the first instance; it never changes."""

    def start(self, request: str, options: str, now_ms: int, seed: int) -> tuple[SandboxCall, Step]:
        """Starts a call. ``request`` and ``options`` are documents, ``seed`` is the only source of chance."""
        with self._lock:
            if self._instance is None:
                self._revive()
            begin = (self._client, request, options, now_ms, seed)
            return self._begun(lambda instance: instance.ask("call-start", *begin), now_ms)

    def restore(self, snapshot: str, now_ms: int) -> tuple[SandboxCall, Step]:
        """Takes a call up. ``snapshot`` is a ``call-snapshot``. The step sends nothing: attempts that were under way
        are yours to tell on.
        """
        with self._lock:
            if self._instance is None:
                self._revive()
            client = self._client
            return self._begun(lambda instance: instance.ask("call-restore", client, snapshot, now_ms), now_ms)

    def snapshot(self) -> JsonObject:
        """The client's memory as of now, a ``client-snapshot``."""
        with self._lock:
            if self._instance is None:
                self._revive()
            client = self._client
            return self._cross(lambda instance: instance.ask("client-snapshot", client), _as_it_is)

    def _begun(self, ask: Callable[[Instance], str], now_ms: int) -> tuple[SandboxCall, Step]:
        number = self._number
        started = self._cross(ask, Started.from_json)
        self._note(started.step, now_ms)
        return SandboxCall(self, number, started.call), started.step

    def _tell(self, number: int, call: int, happening: Happening, now_ms: int) -> Step:
        with self._lock:
            if number != self._number:
                raise gone()
            step = self._cross(lambda instance: instance.tell(call, happening, now_ms), Step.from_json)
            if self._dirty or step.state_changed:
                self._note(step, now_ms)
        return step

    def _snapshot_of(self, number: int, call: int) -> JsonObject:
        with self._lock:
            if number != self._number:
                raise gone()
            return self._cross(lambda instance: instance.ask("call-snapshot", call), _as_it_is)

    def _cross(self, ask: Callable[[Instance], str], read: Callable[[JsonObject], T]) -> T:
        """One crossing into the living instance. A trap ends it."""
        instance = self._instance
        if instance is None:
            raise gone()
        try:
            while self._left:
                number, call = self._left.popleft()
                if number == self._number:
                    instance.ask("call-drop", call)
            document = parse(ask(instance))
        except Refused as refused:
            raise self._refusal(refused) from None
        except Dead as dead:
            self._instance = None
            raise broke(str(dead)) from None
        except (TypeError, ValueError, AttributeError) as error:
            # The arguments could not be laid, so nothing crossed and nothing is broken.
            raise internal(f"what happened has no form to be told to the core ({error!r})") from error
        try:
            return read(document)
        except (KeyError, TypeError, AttributeError) as error:
            # A document without what it must have: core and host are not of one version.
            self._instance = None
            raise broke(f"it answered with what this host cannot read ({error!r})") from None

    def _refusal(self, refused: Refused) -> LiterLLMError:
        try:
            return from_document(parse(str(refused)))
        except (Dead, KeyError, TypeError) as error:
            self._instance = None
            return broke(str(error))

    def _revive(self) -> list[EgressRow]:
        """Makes the next instance when the last one is dead."""
        number = self._next_number
        self._next_number = (number + 1) % INSTANCE_NUMBERS
        # Taken, and put back only once it has served: a snapshot that cannot be restored is tried once.
        snapshot, self._snapshot = self._snapshot, None
        try:
            instance = Instance(*compiled.load(self._wasm), self._memory_bytes)
            created = Created.from_json(parse(instance.ask("client-create", self._config, number, snapshot)))
        except Refused as refused:
            raise self._refusal(refused) from None
        except Dead as dead:
            raise broke(str(dead)) from None
        except wasmtime.WasmtimeError as error:
            raise broke(f"it does not load: {root_cause(error)}") from None
        self._instance, self._client, self._number = instance, created.client, number
        self._snapshot = snapshot
        self._left.clear()
        return created.egress

    def _note(self, step: Step, now_ms: int) -> None:
        """Takes a snapshot when the memory moved and the last one is old enough."""
        self._dirty |= step.state_changed
        due = self._snapshot is None or now_ms >= self._snapshot_at_ms + SNAPSHOT_EVERY_MS
        if not self._dirty or not due or self._instance is None:
            return
        try:
            self._snapshot = self._instance.ask("client-snapshot", self._client)
            self._snapshot_at_ms, self._dirty = now_ms, False
        except Refused:
            pass
        except Dead:
            self._instance = None


class SandboxCall:
    """A call in the core. It belongs to one instance and ends with it."""

    def __init__(self, sandbox: Sandbox, number: int, call: int) -> None:
        self._sandbox = sandbox
        self._number = number
        self._call = call

    def tell(self, happening: Happening, now_ms: int) -> Step:
        """Tells what happened at ``now_ms`` (Unix milliseconds). An error leaves the call without hope: end it."""
        return self._sandbox._tell(self._number, self._call, happening, now_ms)

    def snapshot(self) -> JsonObject:
        """The call as a ``call-snapshot``; it goes on undisturbed. Refused in the middle of a streamed answer that is
        not ``resumable``.
        """
        return self._sandbox._snapshot_of(self._number, self._call)

    def drop(self) -> None:
        """The core forgets it at the next crossing. Without effect once the call has an outcome, or its instance
        died.
        """
        self._sandbox._left.append((self._number, self._call))


def _as_it_is(document: JsonObject) -> JsonObject:
    return document


def broke(cause: str) -> LiterLLMError:
    """For the call that was being served."""
    return internal(
        f"the sandbox of this client broke: {cause}. Its calls under way are lost; the next call gets a new sandbox. "
        "This is a bug of Liter-LLM, or a bound of its memory: please report it"
    )


def gone() -> LiterLLMError:
    """For a call whose instance died while it served another call."""
    return internal(
        "the sandbox of this call broke while it served another call of the same client; start this call again",
        retryable=True,
    )
