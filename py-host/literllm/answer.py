"""What a call ends with when it ends well."""

from __future__ import annotations

from dataclasses import dataclass

from .types import Finish, Part, Report, Response, TextPart, ToolCallPart, Usage, Warning


@dataclass(slots=True)
class Answer:
    """The whole answer."""

    response: Response
    """What the provider said."""

    report: Report
    """Times and attempts."""

    @property
    def text(self) -> str:
        """The text of the first choice, all its text parts joined. Empty when it only calls tools or declines."""
        return "".join(part.text for part in self._parts if isinstance(part, TextPart))

    @property
    def tool_calls(self) -> list[ToolCallPart]:
        """The tools the first choice asks for, in order."""
        return [part for part in self._parts if isinstance(part, ToolCallPart)]

    @property
    def finish(self) -> Finish | None:
        """Why the first choice stopped. ``None``: the provider did not say."""
        return self.response.choices[0].finish if self.response.choices else None

    @property
    def usage(self) -> Usage | None:
        """Tokens. ``None``: the provider did not tell."""
        return self.response.usage

    @property
    def warnings(self) -> list[Warning]:
        """What was dropped, renamed or clamped on the way."""
        return self.response.warnings

    @property
    def _parts(self) -> list[Part]:
        return self.response.choices[0].content if self.response.choices else []


@dataclass(slots=True)
class Inference(Answer):
    """What :func:`literllm.infer` answers: an :class:`Answer`, and the pieces its text came in."""

    tokens: list[str]
    """The text in the pieces in which it came. Mostly a token each, but a provider may send more at once."""
