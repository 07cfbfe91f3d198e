"""The client: what users hold."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any

from . import config as configs
from . import keys as key_sources
from . import request as requests
from .answer import Answer, Inference
from .attempt import Lender
from .clock import Time, wall_ms
from .drive import Drive
from .egress import Egress
from .errors import InvalidRequestError, internal, invalid_request
from .keys import Keys, KeySource
from .request import Chat, Prompt
from .snapshot import OnSnapshot, Save, Seal
from .stream import Stream, text_of
from .transport import Transport
from .types import CallSnapshot, ClientConfig, EgressRow, Guards, Limits, Policy, Request

MEMORY_BYTES = 256 * 1024 * 1024
"""Most memory of one sandbox, in bytes. It grows only when it is used; one 16 MiB line needs about 64 MiB."""


@dataclass(frozen=True, slots=True)
class ComponentInfo:
    """A file with a core in it."""

    sha256: str
    """In lower-case hexadecimal; equal in every package of one release, for Rust, Python and Go."""

    size_bytes: int
    """Its size."""


class Client:
    """A client for language models. Share one: its calls share connections and the policy's memory.

    >>> async def ask():
    ...     async with literllm.Client() as client:  # keys from the environment
    ...         answer = await client.infer("openai/gpt-4o-mini", "What is the capital of Peru?")
    ...         print(answer.text, answer.usage)

    It may be used from several event loops and threads, one after the other or at once.
    """

    def __init__(
        self,
        *,
        base_url: Mapping[str, str] | None = None,
        key_env: Mapping[str, str] | None = None,
        spare_key_env: Mapping[str, Sequence[str]] | None = None,
        keys: Keys | KeySource | None = None,
        policy: Policy | Mapping[str, Any] | None = None,
        limits: Limits | Mapping[str, Any] | None = None,
        guards: Guards | Mapping[str, Any] | None = None,
        config: ClientConfig | Mapping[str, Any] | None = None,
        restore: str | bytes | None = None,
        transport: Transport | None = None,
        clock: Callable[[], int] | None = None,
        seed: Callable[[], int] | None = None,
        component: bytes | str | os.PathLike[str] | None = None,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """Everything has a default.

        The first client of a process loads the core, which takes some milliseconds (about 0.2 s the first time on
        a machine).

        :param base_url: other addresses by provider, such as a proxy of yours or a simulator. At another origin than
            the provider's own no key is sent, until ``key_env`` says that one is.
        :param key_env: by provider, the environment variable that holds its key, for another address too. It also
            says that this provider takes a key at all: ``keys`` need it for an address of yours, where the name only
            stands in messages.
        :param spare_key_env: by provider, the variables of further keys, one each. The core turns to them when a key is
            refused or limited.
        :param keys: keys by provider (several in a list: the others are spare), or a function from a row of the egress
            table, and the key's slot if it takes one, to a key; instead of the environment.
        :param policy: attempts, waits, deadlines and the models to turn to (``fallback``) of every call; a call's own
            ``policy`` overrides it.
        :param limits: bounds of what is read.
        :param guards: retry budget, circuits, cooldowns: what protects a provider across all calls of this client.
        :param config: the whole configuration, which the arguments above add to. See also :meth:`from_file`.
        :param restore: the memory of an earlier client, from its :meth:`snapshot`.
        :param transport: sends requests this way instead of by a new ``HttpTransport``. It stays yours to close.
        :param clock: asked, instead of the wall clock, for the Unix milliseconds at the start of each call. For tests.
        :param seed: asked for the seed of each call; the same seed gives the same waits. For tests.
        :param component: another engine: the bytes of a component, or the path of its file.
        :param memory_bytes: bounds the sandbox's memory. For tests and for small machines.

        Raises ``InvalidRequestError`` when the configuration is not sound, ``InvalidStateError`` when ``restore`` is of
        another core, and ``ImportError`` when wasmtime or aiohttp are missing.
        """
        try:
            from .engine.sandbox import Sandbox
        except ImportError as error:
            raise _missing(error, "wasmtime") from error
        document = requests.document(
            configs.joined(
                config,
                base_url=base_url,
                key_env=key_env,
                spare_key_env=spare_key_env,
                keys=keys,
                policy=policy,
                limits=limits,
                guards=guards,
            )
        )
        self._wasm = _wasm(component)
        self._seal = Seal(hashlib.sha256(self._wasm).hexdigest())
        memory = None if restore is None else requests.document(self._seal.open(restore)[0])
        self._sandbox = Sandbox(self._wasm, document, memory_bytes, memory)
        self._own_transport = transport is None
        if transport is None:
            try:
                from .http import HttpTransport
            except ImportError as error:
                raise _missing(error, "aiohttp") from error
            transport = HttpTransport()
        self._transport = transport
        self._egress = Egress(self._sandbox.egress, key_sources.source(keys))
        self._clock = clock or wall_ms
        self._seed = seed or _random_seed

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], **arguments: Any) -> Client:
        """A client whose configuration stands in a ``.toml`` or ``.json`` file: ``providers``, ``policy``, ``limits``
        and ``guards``, as in :class:`~literllm.types.ClientConfig`. API keys never stand in it, only the names of their
        variables.

        ``arguments`` are those of the class and add to the file. Raises ``OSError`` when the file cannot be read, and
        an ``InvalidRequestError`` that names the file when it is not sound; an unknown name gets a suggestion.
        """
        config = configs.from_file(path)
        try:
            return cls(config=config, **arguments)
        except InvalidRequestError as error:
            raise configs.named(path, error) from None

    async def infer(self, model: str, prompt: Prompt, **options: Any) -> Inference:
        """Asks ``provider/model`` a question, or to go on with a conversation.

        ``options`` are the fields of :class:`~literllm.types.Request`, those of :class:`~literllm.types.CallOptions`
        (``policy``, ``strict``, ``idempotency_key``, ``resumable``), and

        - ``timeout``: seconds that the caller has. It or the policy's ``total_timeout_ms`` ends the call with a
          ``DeadlineError``, whichever is sooner.
        - ``blobs``: bytes that messages name, by id.
        - ``on_snapshot``: a function that keeps the call. It gets what :meth:`Stream.snapshot` gives, before each
          attempt is sent and before each pause, on the event loop. What it raises ends the call.

        The answer is streamed under the hood, so ``tokens`` has its pieces. Raises a ``LiterLLMError``.
        """
        tokens: list[str] = []
        stream = self.stream(model, prompt, **options)
        try:
            async for event in stream:
                if (piece := text_of(event)) is not None:
                    tokens.append(piece)
            answer = await stream.answer()
        finally:
            await stream.aclose()
        return Inference(answer.response, answer.report, tokens)

    async def chat(self, request: Request | Mapping[str, Any], **options: Any) -> Answer:
        """Sends a whole request, typed or in its JSON form, and waits for the answer. Options as in :meth:`infer`."""
        stream = self._start(requests.whole(request, options))
        try:
            return await stream.answer()
        finally:
            await stream.aclose()

    def stream(self, model: str, prompt: Prompt, **options: Any) -> Stream:
        """Sends a chat and gives its events as they come. Options as in :meth:`infer`.

        Raises at once when the request is not sound; nothing is sent before the stream is read.
        """
        return self._start(requests.chat(model, prompt, {**options, "stream": True}))

    def resume(
        self,
        snapshot: str | bytes,
        *,
        blobs: Mapping[str, bytes] | None = None,
        on_snapshot: OnSnapshot | None = None,
    ) -> Stream:
        """Takes up a call from a snapshot, mostly one of a process that is no more. Nothing is sent before it is read.

        This client has to be made of the same configuration. An attempt that was under way is told as lost, its fate
        unknown; whether the request is sent again is then the policy's word (``resend_unknown``). ``blobs`` are those
        of the call once more. Raises ``InvalidStateError`` for a snapshot of another core.
        """
        document, unread = self._seal.open(snapshot)
        given = requests.checked_blobs(blobs or {})
        now_ms = int(self._clock())
        time = Time(now_ms)
        call, first = self._sandbox.restore(requests.document(document), now_ms)
        told = CallSnapshot.from_json(document)
        if missing := [repr(name) for name in told.blobs if name not in given]:
            call.drop()
            raise invalid_request(f"blobs: the call names {', '.join(missing)}; hand them over again")
        lender = Lender(self._transport, self._egress, given)
        drive = Drive(call, first, lender, time, self._save(on_snapshot), told.running)
        drive.events.extend(unread)
        return Stream(drive, self._seal)

    def snapshot(self) -> str:
        """What this client remembers across calls (retry budget, circuits, keys that rest), as JSON text for
        ``Client(restore=...)``. No keys are in it.
        """
        return self._seal.close(self._sandbox.snapshot())

    @property
    def egress(self) -> list[EgressRow]:
        """Where this client may send requests, and with which keys. Frozen when it was made."""
        return self._egress.rows

    @property
    def component_info(self) -> ComponentInfo:
        """The core that this client runs."""
        return ComponentInfo(self._seal.component, len(self._wasm))

    async def aclose(self) -> None:
        """Closes idle connections of the running loop. (A loop that ends by ``asyncio.run`` closes them itself.)"""
        if self._own_transport:
            await self._transport.aclose()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<literllm.Client, {len(self._egress.rows)} providers>"

    def _start(self, chat: Chat) -> Stream:
        # A clock of the caller's is mostly `time.time() * 1000`, a float.
        now_ms, seed = int(self._clock()), int(self._seed())
        time = Time(now_ms)
        call, first = self._sandbox.start(chat.request, chat.options, now_ms, seed)
        lender = Lender(self._transport, self._egress, chat.blobs)
        return Stream(Drive(call, first, lender, time, self._save(chat.on_snapshot)), self._seal)

    def _save(self, on_snapshot: OnSnapshot | None) -> Save | None:
        if on_snapshot is None:
            return None
        seal = self._seal
        return lambda document, unread: on_snapshot(seal.close(document, unread))


def _random_seed() -> int:
    """Not of ``random``: a program that fixes that one's seed would send all its processes to wait in step."""
    return secrets.randbits(64)


def _wasm(component: bytes | str | os.PathLike[str] | None) -> bytes:
    if isinstance(component, bytes):
        return component
    if component is not None:
        return Path(component).read_bytes()
    try:
        return files(__package__).joinpath("literllm.wasm").read_bytes()
    except FileNotFoundError:
        raise internal(
            "this package holds no literllm.wasm, so it is not whole: install it again, "
            "or in a checkout run `cargo xtask build`"
        ) from None


def _missing(error: ImportError, package: str) -> ImportError:
    message = f"literllm needs {package}, which does not load ({error}); next: pip install {package}"
    return ImportError(message, name=package)
