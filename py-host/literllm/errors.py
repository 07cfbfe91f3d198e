"""One exception class for each kind of error, all of them :class:`LiterLLMError`.

An exception holds what the core said (``detail``), the report of the call where there was one, and the text that had
come (``text_so_far``). It prints as the message and what to do about it, and a traceback lists the attempts below. No
key is in it. Two kinds are also the builtin exceptions that programs already catch: :class:`DeadlineError` is a
``TimeoutError`` and :class:`ConnectError` a ``ConnectionError``.

A task that is cancelled gets ``asyncio.CancelledError``, as everywhere in asyncio, and nothing of ours:
:class:`CallCancelledError` is for a call that its own program gave up with ``Stream.cancel()``.
"""

from __future__ import annotations

from typing import Any, ClassVar, get_args

from .types import AttemptReport, Deadline, Error, ErrorKind, NextStep, Report, Response, TextPart


class LiterLLMError(Exception):
    """A call that failed, or that could not be started."""

    _kind: ClassVar[ErrorKind | None] = None

    def __init__(self, detail: Error, report: Report | None = None) -> None:
        super().__init__(detail.message)
        self.detail = detail
        """What went wrong, as the core tells it."""
        self.report = report
        """Times and attempts. ``None``: the call did not come so far."""
        if len(self.attempts) > 1:
            for attempt in self.attempts:
                self.add_note(_words_of(attempt))

    @property
    def kind(self) -> ErrorKind:
        """What to match on, where a class is not enough."""
        return self.detail.kind

    @property
    def message(self) -> str:
        """For the person who must act."""
        return self.detail.message

    @property
    def status(self) -> int | None:
        """HTTP status. ``None``: there was none."""
        return self.detail.status

    @property
    def retryable(self) -> bool:
        """Whether sending the same request again may help."""
        return self.detail.retryable

    @property
    def retry_after_ms(self) -> int | None:
        """The pause the provider asks for, in ms. ``None``: none asked."""
        return self.detail.retry_after_ms

    @property
    def next(self) -> list[NextStep]:
        """What may be done now, the best first: ``resend``, ``continue`` from the partial answer, ``give_up``."""
        return self.detail.next

    @property
    def maybe_billed(self) -> bool:
        """Whether any attempt may have been billed although no answer came of it."""
        return self.detail.maybe_billed

    @property
    def deadline(self) -> Deadline | None:
        """For a :class:`DeadlineError`, which bound was passed; ``caller`` is the call's own ``timeout``. ``None``: it
        was the provider's own word.
        """
        return self.detail.deadline

    @property
    def attempts(self) -> list[AttemptReport]:
        """Every attempt: when, where, why it failed, what was waited for. Empty when nothing was sent."""
        return [] if self.report is None else self.report.attempts

    @property
    def partial(self) -> Response | None:
        """The answer so far: text, tool calls, usage. ``None``: nothing had come."""
        return self.detail.partial

    @property
    def text_so_far(self) -> str:
        """The visible text of the first choice that had come; empty when none had."""
        partial = self.detail.partial
        parts = partial.choices[0].content if partial and partial.choices else []
        return "".join(part.text for part in parts if isinstance(part, TextPart))

    def __str__(self) -> str:
        # Of what could not be started there is no more to say.
        if self.report is None:
            return self.detail.message
        number = len(self.attempts)
        words = ["nothing was sent" if number == 0 else "1 attempt" if number == 1 else f"{number} attempts"]
        if self.maybe_billed:
            words.append("may have been billed")
        words.append(_next_words(self.detail))
        return f"{self.detail.message} [{'; '.join(words)}]"

    def __repr__(self) -> str:
        shown = f"kind={self.kind!r}, message={self.message!r}, attempts={len(self.attempts)}"
        shown += f", maybe_billed={self.maybe_billed}, next={self.next}"
        if self.deadline is not None:
            shown += f", deadline={self.deadline!r}"
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> tuple[type[LiterLLMError], tuple[Error, Report | None]]:
        return type(self), (self.detail, self.report)


class InvalidRequestError(LiterLLMError):
    """The request cannot be sent, or the provider refuses its form."""

    _kind: ClassVar[ErrorKind | None] = "invalid_request"


class UnknownProviderError(InvalidRequestError):
    """The provider is not in the registry."""

    _kind: ClassVar[ErrorKind | None] = "unknown_provider"


class AuthenticationError(LiterLLMError):
    """No key, or a wrong one."""

    _kind: ClassVar[ErrorKind | None] = "authentication"


class PermissionDeniedError(LiterLLMError):
    """A good key that may not do this."""

    _kind: ClassVar[ErrorKind | None] = "permission"


class NotFoundError(LiterLLMError):
    """No such model or path."""

    _kind: ClassVar[ErrorKind | None] = "not_found"


class ContextLengthError(InvalidRequestError):
    """The prompt does not fit into the model."""

    _kind: ClassVar[ErrorKind | None] = "context_length"


class ContentFilterError(LiterLLMError):
    """Refused for what it contains."""

    _kind: ClassVar[ErrorKind | None] = "content_filter"


class RateLimitError(LiterLLMError):
    """Too many requests; a pause helps (``retry_after_ms``)."""

    _kind: ClassVar[ErrorKind | None] = "rate_limit"


class QuotaError(LiterLLMError):
    """Money or a quota is spent; a pause does not help."""

    _kind: ClassVar[ErrorKind | None] = "quota"


class ServerError(LiterLLMError):
    """The provider failed."""

    _kind: ClassVar[ErrorKind | None] = "server"


class OverloadedError(ServerError):
    """The provider is overloaded."""

    _kind: ClassVar[ErrorKind | None] = "overloaded"


class ConnectError(LiterLLMError, ConnectionError):
    """No connection, or it broke before the answer began."""

    _kind: ClassVar[ErrorKind | None] = "connection"


class CutError(LiterLLMError):
    """The answer broke off; what had come is in ``text_so_far`` and ``detail.partial``."""

    _kind: ClassVar[ErrorKind | None] = "cut"


class ProtocolError(LiterLLMError):
    """The answer is not what the wire format says."""

    _kind: ClassVar[ErrorKind | None] = "protocol"


class RedirectError(ProtocolError):
    """A redirect, which is never followed."""

    _kind: ClassVar[ErrorKind | None] = "redirect"


class DeadlineError(LiterLLMError, TimeoutError):
    """A bound of time passed: one of the policy, or the call's own ``timeout``; ``deadline`` says which."""

    _kind: ClassVar[ErrorKind | None] = "timeout"


class TooLargeError(LiterLLMError):
    """A bound of the client was passed."""

    _kind: ClassVar[ErrorKind | None] = "too_large"


class CallCancelledError(LiterLLMError):
    """The caller gave up by ``Stream.cancel()``."""

    _kind: ClassVar[ErrorKind | None] = "cancelled"


class CircuitOpenError(LiterLLMError):
    """Held back by this client: the model failed too often of late. Nothing was sent; ``retry_after_ms`` says for how
    long.
    """

    _kind: ClassVar[ErrorKind | None] = "circuit_open"


class InternalError(LiterLLMError):
    """A broken assumption of ours: a bug. Also what calls end with whose sandbox broke."""

    _kind: ClassVar[ErrorKind | None] = "internal"


class InvalidStateError(InternalError):
    """A handle that is stale, foreign or dropped; a call out of order; a snapshot that cannot be taken, or taken up."""

    _kind: ClassVar[ErrorKind | None] = "invalid_state"


def _classes(base: type[LiterLLMError]) -> dict[ErrorKind, type[LiterLLMError]]:
    found: dict[ErrorKind, type[LiterLLMError]] = {}
    for sub in base.__subclasses__():
        if sub._kind is not None:
            found[sub._kind] = sub
        found |= _classes(sub)
    return found


_CLASSES = _classes(LiterLLMError)
assert set(_CLASSES) == set(get_args(ErrorKind)), "a kind without a class, or the other way round"


def from_detail(detail: Error, report: Report | None = None) -> LiterLLMError:
    """The exception of this error's kind."""
    # A kind that a newer core made up is told all the same.
    return _CLASSES.get(detail.kind, LiterLLMError)(detail, report)


def from_document(document: dict[str, Any]) -> LiterLLMError:
    """The exception for an ``error`` document."""
    return from_detail(Error.from_json(document))


def invalid_request(message: str) -> LiterLLMError:
    """An error of the caller's, found before the core was asked."""
    return _own("invalid_request", message)


def invalid_state(message: str) -> LiterLLMError:
    """A snapshot that is none of this client's."""
    return _own("invalid_state", message)


def internal(message: str, retryable: bool = False) -> LiterLLMError:
    """An error of our own making, for what should not happen."""
    return _own("internal", message, retryable)


def _own(kind: ErrorKind, message: str, retryable: bool = False) -> LiterLLMError:
    step: NextStep = "resend" if retryable else "give_up"
    return from_detail(Error(kind, message, retryable, "request", 0, False, next=[step]))


def _next_words(detail: Error) -> str:
    """What may be done, for a person."""
    pause = "" if detail.retry_after_ms is None else f" after {detail.retry_after_ms} ms"
    words = {
        "resend": f"send it again{pause}",
        "continue": "ask the model to go on from the partial answer",
        "give_up": "",
    }
    choices = [word for step in detail.next if (word := words.get(step, step))]
    return f"next: {', or '.join(choices)}" if choices else "sending it again does not help"


def _words_of(attempt: AttemptReport) -> str:
    """One line about an attempt."""
    took_ms = max(0, attempt.ended_ms - attempt.started_ms)
    what = attempt.error or attempt.end
    status = "" if attempt.status is None else f" ({attempt.status})"
    line = f"attempt {attempt.attempt} at {attempt.provider}/{attempt.model}: {what}{status} after {took_ms} ms"
    if attempt.key_slot:
        line += f", with spare key {attempt.key_slot}"
    if attempt.maybe_billed:
        line += ", may have been billed"
    if attempt.wait_ms is not None:
        reason = "" if attempt.wait_reason in (None, "none") else f" ({attempt.wait_reason})"
        line += f"; then a pause of {attempt.wait_ms} ms{reason}" if attempt.wait_ms else "; then the next at once"
    return line
