# Generated from wit/types.wit by `cargo xtask generate`. Do not edit.
"""The types of the contract.

Records are dataclasses, enums are string literals, variants are unions of records that name their case in ``type``.
An absent value is ``None``. ``X.from_json`` and ``X.to_json`` go from and to parsed JSON; for variants and enums there
are functions of that name.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import KW_ONLY, dataclass
from dataclasses import field as _field
from typing import Any, Callable, Literal, Union

JsonObject = dict[str, Any]
"""A parsed JSON object."""

Json = str
"""JSON text that belongs to a provider or to the caller (a schema, an opaque block, raw usage),
kept as it was written: key order, `1e400` and 30-digit integers survive."""


@dataclass(slots=True)
class Header:
    """One HTTP header."""

    name: str
    """Lower-case name. Repeated names are repeated entries, in their order."""

    value: str
    """Value without line breaks. Bytes above 0x7f are read as Latin-1."""

    @staticmethod
    def from_json(d: JsonObject) -> Header:
        return Header(
            d["name"],
            d["value"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        d["value"] = self.value
        return d


@dataclass(slots=True)
class NamedJson:
    """A named piece of foreign JSON."""

    name: str
    """The field's name as its owner writes it."""

    value: Json
    """Its value."""

    @staticmethod
    def from_json(d: JsonObject) -> NamedJson:
        return NamedJson(
            d["name"],
            d["value"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        d["value"] = self.value
        return d


@dataclass(slots=True)
class ProviderData:
    """What only one wire format understands, and what goes back to it unchanged, exactly once:
    signatures, encrypted reasoning, item ids."""

    protocol: str
    """Wire format that wrote it, such as `openai-chat`. Other formats leave it out and warn."""

    data: Json
    """A JSON object of the wire format's own fields."""

    provider: str | None = None
    """Provider that wrote it, such as `deepseek`. Absent: any provider of that format."""

    @staticmethod
    def from_json(d: JsonObject) -> ProviderData:
        return ProviderData(
            d["protocol"],
            d["data"],
            d.get("provider"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["protocol"] = self.protocol
        if self.provider is not None:
            d["provider"] = self.provider
        d["data"] = self.data
        return d


@dataclass(slots=True)
class CacheBreakpoint:
    """A place up to which the provider may cache the prompt."""

    ttl_seconds: int | None = None
    """How long the provider should keep it, in seconds. Absent: the provider's default."""

    @staticmethod
    def from_json(d: JsonObject) -> CacheBreakpoint:
        return CacheBreakpoint(
            d.get("ttl_seconds"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.ttl_seconds is not None:
            d["ttl_seconds"] = self.ttl_seconds
        return d

Role = Literal[
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
]
"""Who speaks. Adapters move a role to where their wire format wants it.

- ``system``: Standing instructions.
- ``developer``: Standing instructions of the application, where a provider tells the two apart.
- ``user``: The person, or whoever asks.
- ``assistant``: The model.
- ``tool``: Results of tools the model called."""


@dataclass(slots=True)
class TextPart:
    """Words."""

    text: str
    """The text. May be empty when `provider-data` carries something."""

    cache: CacheBreakpoint | None = None
    """Cache the prompt up to and with this part. Absent: no breakpoint here."""

    provider_data: ProviderData | None = None
    """Fields of the wire format that belong to this part. Absent: none."""

    _: KW_ONLY
    type: Literal["text"] = "text"

    @staticmethod
    def from_json(d: JsonObject) -> TextPart:
        return TextPart(
            d["text"],
            None if (v := d.get("cache")) is None else CacheBreakpoint.from_json(v),
            None if (v := d.get("provider_data")) is None else ProviderData.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["text"] = self.text
        if self.cache is not None:
            d["cache"] = self.cache.to_json()
        if self.provider_data is not None:
            d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class UrlSource:
    """An address the provider can read: `https:`, `gs:`, `s3:` or a `data:` URL."""

    url: str
    """The address."""

    _: KW_ONLY
    type: Literal["url"] = "url"

    @staticmethod
    def from_json(d: JsonObject) -> UrlSource:
        return UrlSource(
            d["url"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["url"] = self.url
        return d


@dataclass(slots=True)
class BlobSource:
    """Bytes in the host's hands."""

    id: str
    """The host's name for them, 1 to 128 characters, unique within the call."""

    length: int
    """How many bytes."""

    _: KW_ONLY
    type: Literal["blob"] = "blob"

    @staticmethod
    def from_json(d: JsonObject) -> BlobSource:
        return BlobSource(
            d["id"],
            d["length"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["id"] = self.id
        d["length"] = self.length
        return d


@dataclass(slots=True)
class ProviderFileSource:
    """A file the provider knows."""

    id: str
    """The provider's id."""

    _: KW_ONLY
    type: Literal["provider_file"] = "provider_file"

    @staticmethod
    def from_json(d: JsonObject) -> ProviderFileSource:
        return ProviderFileSource(
            d["id"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["id"] = self.id
        return d


@dataclass(slots=True)
class MediaPart:
    """A picture, sound, film or file."""

    source: MediaSource
    """Where it comes from."""

    media_type: str | None = None
    """Such as `image/png`. Absent: the provider finds out; a blob needs it."""

    name: str | None = None
    """File name shown to the model. Absent: none."""

    detail: str | None = None
    """Resolution the model should look at: `low`, `high`, `auto`. Absent: the provider's default."""

    cache: CacheBreakpoint | None = None
    """Cache the prompt up to and with this part. Absent: no breakpoint here."""

    provider_data: ProviderData | None = None
    """Fields of the wire format that belong to this part. Absent: none."""

    _: KW_ONLY
    type: Literal["image", "audio", "video", "file"]

    @staticmethod
    def from_json(d: JsonObject) -> MediaPart:
        return MediaPart(
            media_source_from_json(d["source"]),
            d.get("media_type"),
            d.get("name"),
            d.get("detail"),
            None if (v := d.get("cache")) is None else CacheBreakpoint.from_json(v),
            None if (v := d.get("provider_data")) is None else ProviderData.from_json(v),
            type=d["type"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["source"] = media_source_to_json(self.source)
        if self.media_type is not None:
            d["media_type"] = self.media_type
        if self.name is not None:
            d["name"] = self.name
        if self.detail is not None:
            d["detail"] = self.detail
        if self.cache is not None:
            d["cache"] = self.cache.to_json()
        if self.provider_data is not None:
            d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class ToolCallPart:
    """The model asks for a tool."""

    id: str
    """Id that the result must name. The core makes one (`call_1`, ...) when a provider sends none."""

    name: str
    """The tool's name."""

    arguments: str
    """Arguments as the model wrote them. Usually one JSON object, but a cut answer ends anywhere."""

    complete: bool | None = None
    """Whether `arguments` is one whole JSON value. Written by the core, ignored in requests."""

    provider_data: ProviderData | None = None
    """Fields of the wire format that belong to this part. Absent: none."""

    _: KW_ONLY
    type: Literal["tool_call"] = "tool_call"

    @staticmethod
    def from_json(d: JsonObject) -> ToolCallPart:
        return ToolCallPart(
            d["id"],
            d["name"],
            d["arguments"],
            d.get("complete"),
            None if (v := d.get("provider_data")) is None else ProviderData.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["id"] = self.id
        d["name"] = self.name
        d["arguments"] = self.arguments
        if self.complete is not None:
            d["complete"] = self.complete
        if self.provider_data is not None:
            d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class TextContent:
    """Words of a tool."""

    text: str
    """The text."""

    _: KW_ONLY
    type: Literal["text"] = "text"

    @staticmethod
    def from_json(d: JsonObject) -> TextContent:
        return TextContent(
            d["text"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["text"] = self.text
        return d


@dataclass(slots=True)
class JsonContent:
    """Data of a tool."""

    value: Json
    """One JSON value."""

    _: KW_ONLY
    type: Literal["json"] = "json"

    @staticmethod
    def from_json(d: JsonObject) -> JsonContent:
        return JsonContent(
            d["value"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["value"] = self.value
        return d


@dataclass(slots=True)
class ToolResultPart:
    """What a tool said."""

    tool_call_id: str
    """The id of the call it answers."""

    name: str | None = None
    """The tool's name, for formats that ask for it. Absent: unknown."""

    content: list[ToolResultContent] | str = _field(default_factory=list)
    """The result, in order. In JSON a plain string stands for one text."""

    is_error: bool | None = None
    """The tool failed and `content` says how. Absent: it did not."""

    cache: CacheBreakpoint | None = None
    """Cache the prompt up to and with this part. Absent: no breakpoint here."""

    _: KW_ONLY
    type: Literal["tool_result"] = "tool_result"

    @staticmethod
    def from_json(d: JsonObject) -> ToolResultPart:
        return ToolResultPart(
            d["tool_call_id"],
            d.get("name"),
            v if isinstance(v := d.get("content", ()), str) else [_TOOL_RESULT_CONTENT[x["type"]](x) for x in v],
            d.get("is_error"),
            None if (v := d.get("cache")) is None else CacheBreakpoint.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["tool_call_id"] = self.tool_call_id
        if self.name is not None:
            d["name"] = self.name
        d["content"] = self.content if isinstance(self.content, str) else [tool_result_content_to_json(x) for x in self.content]
        if self.is_error is not None:
            d["is_error"] = self.is_error
        if self.cache is not None:
            d["cache"] = self.cache.to_json()
        return d


@dataclass(slots=True)
class ReasoningPart:
    """The model's thinking."""

    text: str
    """What may be read of it; empty when all of it is encrypted."""

    provider_data: ProviderData | None = None
    """Signatures and encrypted content. Absent: none."""

    _: KW_ONLY
    type: Literal["reasoning"] = "reasoning"

    @staticmethod
    def from_json(d: JsonObject) -> ReasoningPart:
        return ReasoningPart(
            d["text"],
            None if (v := d.get("provider_data")) is None else ProviderData.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["text"] = self.text
        if self.provider_data is not None:
            d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class RefusalPart:
    """The model declines."""

    text: str
    """Its words."""

    _: KW_ONLY
    type: Literal["refusal"] = "refusal"

    @staticmethod
    def from_json(d: JsonObject) -> RefusalPart:
        return RefusalPart(
            d["text"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["text"] = self.text
        return d


@dataclass(slots=True)
class CitationPart:
    """A source the answer leans on. It belongs to the text part before it."""

    data: Json
    """The provider's own object."""

    url: str | None = None
    """Address of the source. Absent: it has none."""

    title: str | None = None
    """Title of the source. Absent: it has none."""

    start_char: int | None = None
    """First character of the cited span in that text, counted in Unicode code points from 0. Absent: the whole text."""

    end_char: int | None = None
    """One past the last character of the span."""

    _: KW_ONLY
    type: Literal["citation"] = "citation"

    @staticmethod
    def from_json(d: JsonObject) -> CitationPart:
        return CitationPart(
            d["data"],
            d.get("url"),
            d.get("title"),
            d.get("start_char"),
            d.get("end_char"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.url is not None:
            d["url"] = self.url
        if self.title is not None:
            d["title"] = self.title
        if self.start_char is not None:
            d["start_char"] = self.start_char
        if self.end_char is not None:
            d["end_char"] = self.end_char
        d["data"] = self.data
        return d


@dataclass(slots=True)
class DocumentPart:
    """Material to be cited."""

    text: str
    """Its text."""

    id: str | None = None
    """Id that citations name. Absent: the adapter numbers it."""

    title: str | None = None
    """Title. Absent: none."""

    cache: CacheBreakpoint | None = None
    """Cache the prompt up to and with this part. Absent: no breakpoint here."""

    _: KW_ONLY
    type: Literal["document"] = "document"

    @staticmethod
    def from_json(d: JsonObject) -> DocumentPart:
        return DocumentPart(
            d["text"],
            d.get("id"),
            d.get("title"),
            None if (v := d.get("cache")) is None else CacheBreakpoint.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.id is not None:
            d["id"] = self.id
        if self.title is not None:
            d["title"] = self.title
        d["text"] = self.text
        if self.cache is not None:
            d["cache"] = self.cache.to_json()
        return d


@dataclass(slots=True)
class OpaquePart:
    """Anything a provider sent that is not modelled."""

    name: str
    """The provider's name for its kind, such as `server_tool_use`."""

    provider_data: ProviderData
    """The whole of it; goes back to the same wire format in this place."""

    _: KW_ONLY
    type: Literal["opaque"] = "opaque"

    @staticmethod
    def from_json(d: JsonObject) -> OpaquePart:
        return OpaquePart(
            d["name"],
            ProviderData.from_json(d["provider_data"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class Message:
    """One turn."""

    role: Role
    """Who speaks."""

    content: list[Part] | str = _field(default_factory=list)
    """What is said, in order. In JSON a plain string stands for one text part."""

    name: str | None = None
    """Name of the speaker where several share a role. Absent: none."""

    @staticmethod
    def from_json(d: JsonObject) -> Message:
        return Message(
            d["role"],
            v if isinstance(v := d.get("content", ()), str) else [_PART[x["type"]](x) for x in v],
            d.get("name"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["role"] = self.role
        d["content"] = self.content if isinstance(self.content, str) else [part_to_json(x) for x in self.content]
        if self.name is not None:
            d["name"] = self.name
        return d


@dataclass(slots=True)
class FunctionTool:
    """A function of the caller."""

    name: str
    """Name, in most formats `[a-zA-Z0-9_-]{1,64}`."""

    description: str | None = None
    """What it does, for the model. Absent: none."""

    parameters: Json | None = None
    """JSON Schema of its arguments. Absent: no arguments."""

    strict: bool | None = None
    """Hold the model to the schema. Absent: the provider's default."""

    cache: CacheBreakpoint | None = None
    """Cache the prompt up to and with this tool. Absent: no breakpoint here."""

    _: KW_ONLY
    type: Literal["function"] = "function"

    @staticmethod
    def from_json(d: JsonObject) -> FunctionTool:
        return FunctionTool(
            d["name"],
            d.get("description"),
            d.get("parameters"),
            d.get("strict"),
            None if (v := d.get("cache")) is None else CacheBreakpoint.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        if self.description is not None:
            d["description"] = self.description
        if self.parameters is not None:
            d["parameters"] = self.parameters
        if self.strict is not None:
            d["strict"] = self.strict
        if self.cache is not None:
            d["cache"] = self.cache.to_json()
        return d


@dataclass(slots=True)
class ProviderTool:
    """A tool the provider runs."""

    name: str
    """The provider's name for it."""

    protocol: str
    """Wire format the definition is written for."""

    definition: Json
    """Its entry in the list of tools, as that format writes it."""

    _: KW_ONLY
    type: Literal["provider"] = "provider"

    @staticmethod
    def from_json(d: JsonObject) -> ProviderTool:
        return ProviderTool(
            d["name"],
            d["protocol"],
            d["definition"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        d["protocol"] = self.protocol
        d["definition"] = self.definition
        return d


@dataclass(slots=True)
class ChosenTool:
    """A tool that must be called."""

    name: str
    """Its name."""

    _: KW_ONLY
    type: Literal["tool"] = "tool"

    @staticmethod
    def from_json(d: JsonObject) -> ChosenTool:
        return ChosenTool(
            d["name"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        return d


@dataclass(slots=True)
class AllowedTools:
    """A subset of the offered tools."""

    names: list[str] = _field(default_factory=list)
    """Their names, at least one."""

    required: bool | None = None
    """Whether one of them must be called. Absent: the model decides."""

    _: KW_ONLY
    type: Literal["allowed"] = "allowed"

    @staticmethod
    def from_json(d: JsonObject) -> AllowedTools:
        return AllowedTools(
            list(d.get("names", ())),
            d.get("required"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["names"] = self.names
        if self.required is not None:
            d["required"] = self.required
        return d


@dataclass(slots=True)
class ToolChoiceAuto:
    """The model decides."""

    type: Literal["auto"] = "auto"

    @staticmethod
    def from_json(d: JsonObject) -> ToolChoiceAuto:
        return ToolChoiceAuto()

    def to_json(self) -> JsonObject:
        return {}


@dataclass(slots=True)
class ToolChoiceNone:
    """No tool."""

    type: Literal["none"] = "none"

    @staticmethod
    def from_json(d: JsonObject) -> ToolChoiceNone:
        return ToolChoiceNone()

    def to_json(self) -> JsonObject:
        return {}


@dataclass(slots=True)
class ToolChoiceRequired:
    """At least one."""

    type: Literal["required"] = "required"

    @staticmethod
    def from_json(d: JsonObject) -> ToolChoiceRequired:
        return ToolChoiceRequired()

    def to_json(self) -> JsonObject:
        return {}


@dataclass(slots=True)
class JsonSchemaOutput:
    """JSON that fits a schema."""

    schema: Json
    """The JSON Schema."""

    name: str | None = None
    """A name for it, in most formats `[a-zA-Z0-9_-]{1,64}`. Absent: `answer`."""

    description: str | None = None
    """What it is, for the model. Absent: none."""

    strict: bool | None = None
    """Hold the model to it in every detail. Absent: the provider's default."""

    _: KW_ONLY
    type: Literal["json_schema"] = "json_schema"

    @staticmethod
    def from_json(d: JsonObject) -> JsonSchemaOutput:
        return JsonSchemaOutput(
            d["schema"],
            d.get("name"),
            d.get("description"),
            d.get("strict"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.name is not None:
            d["name"] = self.name
        if self.description is not None:
            d["description"] = self.description
        d["schema"] = self.schema
        if self.strict is not None:
            d["strict"] = self.strict
        return d


@dataclass(slots=True)
class GrammarOutput:
    """Text that fits a grammar."""

    syntax: str
    """Kind of grammar: `gbnf`, `lark`, `regex`."""

    definition: str
    """The grammar."""

    _: KW_ONLY
    type: Literal["grammar"] = "grammar"

    @staticmethod
    def from_json(d: JsonObject) -> GrammarOutput:
        return GrammarOutput(
            d["syntax"],
            d["definition"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["syntax"] = self.syntax
        d["definition"] = self.definition
        return d


@dataclass(slots=True)
class OutputText:
    """Free text."""

    type: Literal["text"] = "text"

    @staticmethod
    def from_json(d: JsonObject) -> OutputText:
        return OutputText()

    def to_json(self) -> JsonObject:
        return {}


@dataclass(slots=True)
class OutputJsonObject:
    """Some JSON object."""

    type: Literal["json_object"] = "json_object"

    @staticmethod
    def from_json(d: JsonObject) -> OutputJsonObject:
        return OutputJsonObject()

    def to_json(self) -> JsonObject:
        return {}

ReasoningEffort = Literal[
    "none",
    "minimal",
    "low",
    "medium",
    "high",
    "xhigh",
    "max",
]
"""How hard to think.

- ``none``: Not at all.
- ``minimal``: As little as the model can.
- ``low``: Little.
- ``medium``: Some.
- ``high``: Much.
- ``xhigh``: More.
- ``max``: As much as the model can."""


@dataclass(slots=True)
class ReasoningOptions:
    """Thinking. All absent: the model's own default."""

    effort: ReasoningEffort | None = None
    """How hard. Absent: not said."""

    budget_tokens: int | None = None
    """Bound in tokens. Absent: none said."""

    summary: str | None = None
    """Summary wanted: `auto`, `concise`, `detailed`. Absent: none."""

    include_encrypted: bool | None = None
    """Ask for encrypted reasoning to carry into the next turn. Absent: the provider's default."""

    @staticmethod
    def from_json(d: JsonObject) -> ReasoningOptions:
        return ReasoningOptions(
            d.get("effort"),
            d.get("budget_tokens"),
            d.get("summary"),
            d.get("include_encrypted"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.effort is not None:
            d["effort"] = self.effort
        if self.budget_tokens is not None:
            d["budget_tokens"] = self.budget_tokens
        if self.summary is not None:
            d["summary"] = self.summary
        if self.include_encrypted is not None:
            d["include_encrypted"] = self.include_encrypted
        return d


@dataclass(slots=True)
class PromptCache:
    """Caching by key, where breakpoints are not the way."""

    key: str | None = None
    """Requests with the same key share a cache. Absent: none."""

    retention: str | None = None
    """How long, in the provider's words, such as `24h`. Absent: the provider's default."""

    @staticmethod
    def from_json(d: JsonObject) -> PromptCache:
        return PromptCache(
            d.get("key"),
            d.get("retention"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.key is not None:
            d["key"] = self.key
        if self.retention is not None:
            d["retention"] = self.retention
        return d


@dataclass(slots=True)
class MetadataEntry:
    """One entry of `metadata`."""

    key: str
    """Key, at most 64 characters with most providers."""

    value: str
    """Value, at most 512 characters with most providers."""

    @staticmethod
    def from_json(d: JsonObject) -> MetadataEntry:
        return MetadataEntry(
            d["key"],
            d["value"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["key"] = self.key
        d["value"] = self.value
        return d


@dataclass(slots=True)
class LogitBiasEntry:
    """Bias for one token."""

    token: int
    """Token id in the model's vocabulary."""

    bias: float
    """-100 to 100."""

    @staticmethod
    def from_json(d: JsonObject) -> LogitBiasEntry:
        return LogitBiasEntry(
            d["token"],
            d["bias"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["token"] = self.token
        d["bias"] = self.bias
        return d


@dataclass(slots=True)
class ExtraBody:
    """Fields of one wire format that this contract does not know."""

    protocol: str
    """The wire format they are meant for; others leave them out and warn."""

    body: Json
    """A JSON object; its fields are merged into the body last, so they win."""

    @staticmethod
    def from_json(d: JsonObject) -> ExtraBody:
        return ExtraBody(
            d["protocol"],
            d["body"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["protocol"] = self.protocol
        d["body"] = self.body
        return d


@dataclass(slots=True)
class Request:
    """One chat request. Every option is absent by default and then left to the provider."""

    model: str
    """`provider/model`, such as `openai/gpt-4o-mini`."""

    messages: list[Message] = _field(default_factory=list)
    """At least one."""

    stream: bool | None = None
    """Answer piece by piece. Absent: in one piece."""

    max_output_tokens: int | None = None
    """Bound of the answer, reasoning included where the provider counts so."""

    temperature: float | None = None
    """0 to 2 with most providers."""

    top_p: float | None = None
    """0 to 1."""

    top_k: int | None = None
    """At least 1."""

    min_p: float | None = None
    """0 to 1."""

    frequency_penalty: float | None = None
    """-2 to 2."""

    presence_penalty: float | None = None
    """-2 to 2."""

    seed: int | None = None
    """Ask for the same answer to the same request; a promise of no provider."""

    stop: list[str] = _field(default_factory=list)
    """Texts that end the answer; at most 4 with most providers."""

    logit_bias: list[LogitBiasEntry] = _field(default_factory=list)
    """Bias of tokens."""

    logprobs: bool | None = None
    """Log probabilities of the tokens of the answer."""

    top_logprobs: int | None = None
    """How many alternatives to each token, 0 to 20."""

    n: int | None = None
    """How many answers. Absent: one."""

    tools: list[Tool] = _field(default_factory=list)
    """What the model may call."""

    tool_choice: ToolChoice | None = None
    """Which of them. Absent: the provider's default, `auto` where tools are offered."""

    parallel_tool_calls: bool | None = None
    """Several calls in one turn. Absent: the provider's default."""

    output: Output | None = None
    """Form of the answer. Absent: free text."""

    modalities: list[str] = _field(default_factory=list)
    """Such as `text`, `audio`, `image`. Empty: the provider's default."""

    reasoning: ReasoningOptions | None = None
    """Thinking. Absent: the model's default."""

    prompt_cache: PromptCache | None = None
    """Caching by key. Absent: the provider's default."""

    previous_response_id: str | None = None
    """Go on after this response, which the provider keeps. Absent: `messages` is all there is."""

    conversation_id: str | None = None
    """Go on in this conversation, which the provider keeps. Absent: none."""

    store: bool | None = None
    """Let the provider keep the answer. Absent: the provider's default."""

    background: bool | None = None
    """Let the provider work on while nobody waits. Absent: no."""

    user: str | None = None
    """End user, in the provider's older field. Absent: not said."""

    safety_identifier: str | None = None
    """Stable, anonymous id of the end user. Absent: not said."""

    metadata: list[MetadataEntry] = _field(default_factory=list)
    """Labels the provider keeps with the request."""

    service_tier: str | None = None
    """Such as `auto`, `default`, `flex`, `priority`. Absent: the provider's default."""

    extra: list[ExtraBody] = _field(default_factory=list)
    """Fields of one wire format that this contract does not know."""

    headers: list[Header] = _field(default_factory=list)
    """More headers. Never credentials: `authorization` and its kin are refused."""

    @staticmethod
    def from_json(d: JsonObject) -> Request:
        return Request(
            d["model"],
            [Message.from_json(x) for x in d.get("messages", ())],
            d.get("stream"),
            d.get("max_output_tokens"),
            d.get("temperature"),
            d.get("top_p"),
            d.get("top_k"),
            d.get("min_p"),
            d.get("frequency_penalty"),
            d.get("presence_penalty"),
            d.get("seed"),
            list(d.get("stop", ())),
            [LogitBiasEntry.from_json(x) for x in d.get("logit_bias", ())],
            d.get("logprobs"),
            d.get("top_logprobs"),
            d.get("n"),
            [_TOOL[x["type"]](x) for x in d.get("tools", ())],
            None if (v := d.get("tool_choice")) is None else tool_choice_from_json(v),
            d.get("parallel_tool_calls"),
            None if (v := d.get("output")) is None else output_from_json(v),
            list(d.get("modalities", ())),
            None if (v := d.get("reasoning")) is None else ReasoningOptions.from_json(v),
            None if (v := d.get("prompt_cache")) is None else PromptCache.from_json(v),
            d.get("previous_response_id"),
            d.get("conversation_id"),
            d.get("store"),
            d.get("background"),
            d.get("user"),
            d.get("safety_identifier"),
            [MetadataEntry.from_json(x) for x in d.get("metadata", ())],
            d.get("service_tier"),
            [ExtraBody.from_json(x) for x in d.get("extra", ())],
            [Header.from_json(x) for x in d.get("headers", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["model"] = self.model
        d["messages"] = [x.to_json() for x in self.messages]
        if self.stream is not None:
            d["stream"] = self.stream
        if self.max_output_tokens is not None:
            d["max_output_tokens"] = self.max_output_tokens
        if self.temperature is not None:
            d["temperature"] = self.temperature
        if self.top_p is not None:
            d["top_p"] = self.top_p
        if self.top_k is not None:
            d["top_k"] = self.top_k
        if self.min_p is not None:
            d["min_p"] = self.min_p
        if self.frequency_penalty is not None:
            d["frequency_penalty"] = self.frequency_penalty
        if self.presence_penalty is not None:
            d["presence_penalty"] = self.presence_penalty
        if self.seed is not None:
            d["seed"] = self.seed
        d["stop"] = self.stop
        d["logit_bias"] = [x.to_json() for x in self.logit_bias]
        if self.logprobs is not None:
            d["logprobs"] = self.logprobs
        if self.top_logprobs is not None:
            d["top_logprobs"] = self.top_logprobs
        if self.n is not None:
            d["n"] = self.n
        d["tools"] = [tool_to_json(x) for x in self.tools]
        if self.tool_choice is not None:
            d["tool_choice"] = tool_choice_to_json(self.tool_choice)
        if self.parallel_tool_calls is not None:
            d["parallel_tool_calls"] = self.parallel_tool_calls
        if self.output is not None:
            d["output"] = output_to_json(self.output)
        d["modalities"] = self.modalities
        if self.reasoning is not None:
            d["reasoning"] = self.reasoning.to_json()
        if self.prompt_cache is not None:
            d["prompt_cache"] = self.prompt_cache.to_json()
        if self.previous_response_id is not None:
            d["previous_response_id"] = self.previous_response_id
        if self.conversation_id is not None:
            d["conversation_id"] = self.conversation_id
        if self.store is not None:
            d["store"] = self.store
        if self.background is not None:
            d["background"] = self.background
        if self.user is not None:
            d["user"] = self.user
        if self.safety_identifier is not None:
            d["safety_identifier"] = self.safety_identifier
        d["metadata"] = [x.to_json() for x in self.metadata]
        if self.service_tier is not None:
            d["service_tier"] = self.service_tier
        d["extra"] = [x.to_json() for x in self.extra]
        d["headers"] = [x.to_json() for x in self.headers]
        return d

ResendUnknown = Literal[
    "never",
    "before_head",
    "before_token",
]
"""When a request of unknown fate (sent, or perhaps sent, and no whole answer) is sent again. The provider may have done the
work and may bill both. Where the provider honours an idempotency key it is always sent again.

- ``never``: Never, neither to the same model nor to another.
- ``before_head``: When it was lost before the head of an answer.
- ``before_token``: When it was lost before the caller saw anything of the answer."""

FinishReason = Literal[
    "stop",
    "length",
    "tool_calls",
    "content_filter",
    "pause",
    "error",
    "other",
]
"""Why the model stopped.

- ``stop``: It was done, or met a stop text.
- ``length``: It met a bound of length.
- ``tool_calls``: It wants results of tools.
- ``content_filter``: Something was withheld.
- ``pause``: It paused and can be asked to go on.
- ``error``: The provider failed while it wrote.
- ``other``: The provider used a word we do not know, or none."""


@dataclass(slots=True)
class Finish:
    """Why the model stopped, in our word and in the provider's."""

    unified: FinishReason
    """Ours; it follows from what happened as well as from the word."""

    raw: str | None = None
    """The provider's. Absent: it sent none."""

    @staticmethod
    def from_json(d: JsonObject) -> Finish:
        return Finish(
            d["unified"],
            d.get("raw"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["unified"] = self.unified
        if self.raw is not None:
            d["raw"] = self.raw
        return d


@dataclass(slots=True)
class Usage:
    """Tokens, as a partition: parts that are known sum to their total. Absent is unknown, never 0."""

    input_tokens: int | None = None
    """All of the prompt: uncached + cache read + cache write."""

    input_uncached_tokens: int | None = None
    """Of the prompt, neither read from nor written to a cache."""

    input_cache_read_tokens: int | None = None
    """Of the prompt, read from a cache."""

    input_cache_write_tokens: int | None = None
    """Of the prompt, written to a cache."""

    output_tokens: int | None = None
    """All of the answer: text + reasoning."""

    output_text_tokens: int | None = None
    """Of the answer, what is not reasoning."""

    output_reasoning_tokens: int | None = None
    """Of the answer, reasoning."""

    raw: Json | None = None
    """The provider's own object. Absent: it sent none."""

    _: KW_ONLY
    type: Literal["usage"] = "usage"

    @staticmethod
    def from_json(d: JsonObject) -> Usage:
        return Usage(
            d.get("input_tokens"),
            d.get("input_uncached_tokens"),
            d.get("input_cache_read_tokens"),
            d.get("input_cache_write_tokens"),
            d.get("output_tokens"),
            d.get("output_text_tokens"),
            d.get("output_reasoning_tokens"),
            d.get("raw"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.input_tokens is not None:
            d["input_tokens"] = self.input_tokens
        if self.input_uncached_tokens is not None:
            d["input_uncached_tokens"] = self.input_uncached_tokens
        if self.input_cache_read_tokens is not None:
            d["input_cache_read_tokens"] = self.input_cache_read_tokens
        if self.input_cache_write_tokens is not None:
            d["input_cache_write_tokens"] = self.input_cache_write_tokens
        if self.output_tokens is not None:
            d["output_tokens"] = self.output_tokens
        if self.output_text_tokens is not None:
            d["output_text_tokens"] = self.output_text_tokens
        if self.output_reasoning_tokens is not None:
            d["output_reasoning_tokens"] = self.output_reasoning_tokens
        if self.raw is not None:
            d["raw"] = self.raw
        return d


@dataclass(slots=True)
class TokenCandidate:
    """One token of the answer, or an alternative to it."""

    token: str
    """Its text; may be part of a character."""

    logprob: Json
    """Natural logarithm of its probability, as the provider wrote the number; `null`: it did not say."""

    bytes: bytes = b""
    """Its bytes, where the provider tells. Empty: not told."""

    @staticmethod
    def from_json(d: JsonObject) -> TokenCandidate:
        return TokenCandidate(
            d["token"],
            d["logprob"],
            b64decode(d.get("bytes", "")),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["token"] = self.token
        d["logprob"] = self.logprob
        d["bytes"] = b64encode(self.bytes).decode()
        return d


@dataclass(slots=True)
class TokenLogprob:
    """One token of the answer with its alternatives."""

    chosen: TokenCandidate
    """The token."""

    top: list[TokenCandidate] = _field(default_factory=list)
    """Alternatives, the likeliest first."""

    @staticmethod
    def from_json(d: JsonObject) -> TokenLogprob:
        return TokenLogprob(
            TokenCandidate.from_json(d["chosen"]),
            [TokenCandidate.from_json(x) for x in d.get("top", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["chosen"] = self.chosen.to_json()
        d["top"] = [x.to_json() for x in self.top]
        return d

WarningKind = Literal[
    "dropped",
    "renamed",
    "clamped",
]
"""What became of a field.

- ``dropped``: Left out.
- ``renamed``: Sent as something else.
- ``clamped``: Brought into range."""


@dataclass(slots=True)
class Warning:
    """What was dropped, renamed or clamped on the way to the provider."""

    kind: WarningKind
    """What became of it."""

    field: str
    """Path of the field in our request, such as `messages[2].content[0]`."""

    message: str
    """For a person: what, why, what helps."""

    _: KW_ONLY
    type: Literal["warning"] = "warning"

    @staticmethod
    def from_json(d: JsonObject) -> Warning:
        return Warning(
            d["kind"],
            d["field"],
            d["message"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["kind"] = self.kind
        d["field"] = self.field
        d["message"] = self.message
        return d


@dataclass(slots=True)
class Choice:
    """One answer of possibly several."""

    index: int
    """From 0."""

    content: list[Part] = _field(default_factory=list)
    """What was said, in order."""

    finish: Finish | None = None
    """Why it stopped. In a partial answer absent: it had not."""

    logprobs: list[TokenLogprob] = _field(default_factory=list)
    """Log probabilities, when asked for."""

    extra: list[NamedJson] = _field(default_factory=list)
    """Fields of the choice or its message that this contract does not know."""

    @staticmethod
    def from_json(d: JsonObject) -> Choice:
        return Choice(
            d["index"],
            [_PART[x["type"]](x) for x in d.get("content", ())],
            None if (v := d.get("finish")) is None else Finish.from_json(v),
            [TokenLogprob.from_json(x) for x in d.get("logprobs", ())],
            [NamedJson.from_json(x) for x in d.get("extra", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["index"] = self.index
        d["content"] = [part_to_json(x) for x in self.content]
        if self.finish is not None:
            d["finish"] = self.finish.to_json()
        d["logprobs"] = [x.to_json() for x in self.logprobs]
        d["extra"] = [x.to_json() for x in self.extra]
        return d


@dataclass(slots=True)
class Response:
    """The whole answer, or in an error what had come of it."""

    provider: str
    """Provider that answered: the row's id."""

    id: str | None = None
    """The provider's id. Absent: none was sent."""

    model: str | None = None
    """Model as the provider names it. Absent: it did not say."""

    created_ms: int | None = None
    """When the provider made it, Unix milliseconds. Absent: it did not say."""

    request_id: str | None = None
    """The provider's request id, from the head. Absent: none."""

    choices: list[Choice] = _field(default_factory=list)
    """The answers, by index."""

    usage: Usage | None = None
    """Tokens. Absent: the provider did not tell."""

    extra: list[NamedJson] = _field(default_factory=list)
    """Fields of the answer that this contract does not know (service tier, search results, ...)."""

    warnings: list[Warning] = _field(default_factory=list)
    """What was dropped, renamed or clamped."""

    _: KW_ONLY
    type: Literal["response"] = "response"

    @staticmethod
    def from_json(d: JsonObject) -> Response:
        return Response(
            d["provider"],
            d.get("id"),
            d.get("model"),
            d.get("created_ms"),
            d.get("request_id"),
            [Choice.from_json(x) for x in d.get("choices", ())],
            None if (v := d.get("usage")) is None else Usage.from_json(v),
            [NamedJson.from_json(x) for x in d.get("extra", ())],
            [Warning.from_json(x) for x in d.get("warnings", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.id is not None:
            d["id"] = self.id
        d["provider"] = self.provider
        if self.model is not None:
            d["model"] = self.model
        if self.created_ms is not None:
            d["created_ms"] = self.created_ms
        if self.request_id is not None:
            d["request_id"] = self.request_id
        d["choices"] = [x.to_json() for x in self.choices]
        if self.usage is not None:
            d["usage"] = self.usage.to_json()
        d["extra"] = [x.to_json() for x in self.extra]
        d["warnings"] = [x.to_json() for x in self.warnings]
        return d

ErrorKind = Literal[
    "invalid_request",
    "unknown_provider",
    "authentication",
    "permission",
    "not_found",
    "context_length",
    "content_filter",
    "rate_limit",
    "quota",
    "server",
    "overloaded",
    "connection",
    "cut",
    "protocol",
    "timeout",
    "too_large",
    "cancelled",
    "redirect",
    "invalid_state",
    "internal",
    "circuit_open",
]
"""What went wrong, to match on.

- ``invalid_request``: The request cannot be sent, or the provider refuses its form (400, 422).
- ``unknown_provider``: The provider is not in the registry.
- ``authentication``: No key, or a wrong one (401).
- ``permission``: A good key that may not do this (403).
- ``not_found``: No such model or path (404).
- ``context_length``: The prompt does not fit into the model.
- ``content_filter``: Refused for what it contains.
- ``rate_limit``: Too many requests (429); a pause helps.
- ``quota``: Money or a quota is spent (402, `insufficient_quota`); a pause does not help.
- ``server``: The provider failed (5xx, or an error inside an answer).
- ``overloaded``: The provider is overloaded (503, 529).
- ``connection``: No connection, or it broke before the answer began.
- ``cut``: The answer broke off.
- ``protocol``: The answer is not what the wire format says.
- ``timeout``: A deadline passed.
- ``too_large``: A bound of the client was passed.
- ``cancelled``: The caller gave up.
- ``redirect``: A redirect, which is never followed.
- ``invalid_state``: A handle that is stale, foreign or dropped; a call out of order. The host's turn.
- ``internal``: A broken assumption of ours.
- ``circuit_open``: Held back by us: the deployment failed too often of late. Nothing was sent."""


@dataclass(slots=True)
class FallbackStep:
    """A model to turn to when the ones before it failed."""

    model: str
    """`provider/model`."""

    on: list[ErrorKind] = _field(default_factory=list)
    """Kinds of error it helps against. Empty: all but those that are the request's own fault or the caller's will
    (`invalid-request`, `too-large`, `cancelled`)."""

    @staticmethod
    def from_json(d: JsonObject) -> FallbackStep:
        return FallbackStep(
            d["model"],
            list(d.get("on", ())),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["model"] = self.model
        d["on"] = self.on
        return d


@dataclass(slots=True)
class Policy:
    """How a call may be tried. It overrides the client's policy, field by field."""

    max_attempts: int | None = None
    """Attempts at each model, 1 to 100. One that a refused key cost is not counted while another key is left. Default 3."""

    backoff_base_ms: int | None = None
    """Upper end of the first backoff, in ms, 0 to 31622400000. Default 500."""

    backoff_cap_ms: int | None = None
    """Upper end of any backoff, in ms, 0 to 31622400000. Default 8000."""

    total_timeout_ms: int | None = None
    """From the start of the call to its end, in ms, 1 to 31622400000. Default 600000."""

    idle_timeout_ms: int | None = None
    """Longest silence while waiting for the head or for bytes, in ms, 1 to 31622400000. Default 300000."""

    connect_timeout_ms: int | None = None
    """For a connection to stand, in ms, where the transport can tell, 1 to 31622400000. Default 10000."""

    first_token_timeout_ms: int | None = None
    """From handing out an attempt to the first visible piece of its streamed answer, in ms, 1 to 31622400000. Absent: no bound of its own."""

    resend_unknown: ResendUnknown | None = None
    """When a request of unknown fate is sent again. Default `before-token`."""

    fallback: list[FallbackStep] = _field(default_factory=list)
    """Models to turn to, in order, as long as the caller has seen nothing. Empty: none; in a call's options those of the client."""

    @staticmethod
    def from_json(d: JsonObject) -> Policy:
        return Policy(
            d.get("max_attempts"),
            d.get("backoff_base_ms"),
            d.get("backoff_cap_ms"),
            d.get("total_timeout_ms"),
            d.get("idle_timeout_ms"),
            d.get("connect_timeout_ms"),
            d.get("first_token_timeout_ms"),
            d.get("resend_unknown"),
            [FallbackStep.from_json(x) for x in d.get("fallback", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.max_attempts is not None:
            d["max_attempts"] = self.max_attempts
        if self.backoff_base_ms is not None:
            d["backoff_base_ms"] = self.backoff_base_ms
        if self.backoff_cap_ms is not None:
            d["backoff_cap_ms"] = self.backoff_cap_ms
        if self.total_timeout_ms is not None:
            d["total_timeout_ms"] = self.total_timeout_ms
        if self.idle_timeout_ms is not None:
            d["idle_timeout_ms"] = self.idle_timeout_ms
        if self.connect_timeout_ms is not None:
            d["connect_timeout_ms"] = self.connect_timeout_ms
        if self.first_token_timeout_ms is not None:
            d["first_token_timeout_ms"] = self.first_token_timeout_ms
        if self.resend_unknown is not None:
            d["resend_unknown"] = self.resend_unknown
        d["fallback"] = [x.to_json() for x in self.fallback]
        return d


@dataclass(slots=True)
class CallOptions:
    """What stands beside a request."""

    policy: Policy | None = None
    """Overrides of the client's policy. Absent: none."""

    strict: bool | None = None
    """Turn every warning into an error before anything is sent. Absent: no."""

    caller_timeout_ms: int | None = None
    """What the caller's own deadline leaves of the time, in ms. The sooner of it and `total-timeout-ms` ends the call, and the
    error says which. Absent: the caller has none."""

    idempotency_key: str | None = None
    """Names the call to a provider that honours such keys; the same for every attempt. Absent: one is made of the seed."""

    resumable: bool | None = None
    """Keep the bytes of a streamed answer while it runs, so that a snapshot in the middle of it can go on. Absent: no."""

    @staticmethod
    def from_json(d: JsonObject) -> CallOptions:
        return CallOptions(
            None if (v := d.get("policy")) is None else Policy.from_json(v),
            d.get("strict"),
            d.get("caller_timeout_ms"),
            d.get("idempotency_key"),
            d.get("resumable"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.policy is not None:
            d["policy"] = self.policy.to_json()
        if self.strict is not None:
            d["strict"] = self.strict
        if self.caller_timeout_ms is not None:
            d["caller_timeout_ms"] = self.caller_timeout_ms
        if self.idempotency_key is not None:
            d["idempotency_key"] = self.idempotency_key
        if self.resumable is not None:
            d["resumable"] = self.resumable
        return d

Deadline = Literal[
    "connect",
    "first_token",
    "idle",
    "total",
    "caller",
]
"""Which bound of time a `timeout` passed.

- ``connect``: `connect-timeout-ms`.
- ``first_token``: `first-token-timeout-ms`.
- ``idle``: `idle-timeout-ms`.
- ``total``: `total-timeout-ms`.
- ``caller``: The caller's own: `caller-timeout-ms`."""

NextStep = Literal[
    "resend",
    "continue",
    "give_up",
]
"""What a caller may do after a failure.

- ``resend``: Send the same request again, after `retry-after-ms` if there is one. With `maybe-billed` it may be paid twice.
- ``continue``: Ask the model to go on from the partial answer.
- ``give_up``: Nothing that is in the caller's hands as the request stands."""

Phase = Literal[
    "request",
    "connect",
    "head",
    "body",
    "parse",
]
"""How far a call had come.

- ``request``: Before anything was sent.
- ``connect``: No connection yet.
- ``head``: Sent, or perhaps sent; no head yet.
- ``body``: Inside the answer.
- ``parse``: The answer is there and cannot be read."""


@dataclass(slots=True)
class Error:
    """A failed call."""

    kind: ErrorKind
    """What to match on."""

    message: str
    """For the person who must act: whose turn it is, what was expected, what came, what helps. No key, ever."""

    retryable: bool
    """Whether sending the same request again may help."""

    phase: Phase
    """How far the call had come."""

    bytes_seen: int
    """Body bytes of the last attempt that had come."""

    maybe_billed: bool
    """Whether any attempt may have been billed although no answer came of it."""

    status: int | None = None
    """HTTP status. Absent: there was none."""

    provider_code: str | None = None
    """The provider's own code, such as `model_not_found`. Absent: none."""

    retry_after_ms: int | None = None
    """The pause the provider asks for, in ms. Absent: none asked."""

    request_id: str | None = None
    """The provider's request id. Absent: none."""

    raw: str | None = None
    """The provider's own words, at most 4096 bytes. Absent: none."""

    partial: Response | None = None
    """The answer so far. Absent: nothing had come."""

    deadline: Deadline | None = None
    """For a `timeout`: which bound was passed. Absent: it was the provider's own word."""

    next: list[NextStep] = _field(default_factory=list)
    """What may be done now, the best first. Never empty."""

    _: KW_ONLY
    type: Literal["error"] = "error"

    @staticmethod
    def from_json(d: JsonObject) -> Error:
        return Error(
            d["kind"],
            d["message"],
            d["retryable"],
            d["phase"],
            d["bytes_seen"],
            d["maybe_billed"],
            d.get("status"),
            d.get("provider_code"),
            d.get("retry_after_ms"),
            d.get("request_id"),
            d.get("raw"),
            None if (v := d.get("partial")) is None else Response.from_json(v),
            d.get("deadline"),
            list(d.get("next", ())),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["kind"] = self.kind
        d["message"] = self.message
        if self.status is not None:
            d["status"] = self.status
        if self.provider_code is not None:
            d["provider_code"] = self.provider_code
        d["retryable"] = self.retryable
        if self.retry_after_ms is not None:
            d["retry_after_ms"] = self.retry_after_ms
        if self.request_id is not None:
            d["request_id"] = self.request_id
        d["phase"] = self.phase
        d["bytes_seen"] = self.bytes_seen
        if self.raw is not None:
            d["raw"] = self.raw
        if self.partial is not None:
            d["partial"] = self.partial.to_json()
        if self.deadline is not None:
            d["deadline"] = self.deadline
        d["maybe_billed"] = self.maybe_billed
        d["next"] = self.next
        return d

AttemptEnd = Literal[
    "answered",
    "failed",
    "aborted",
]
"""How an attempt ended.

- ``answered``: With a whole answer.
- ``failed``: With an error.
- ``aborted``: We broke it off."""

WaitReason = Literal[
    "backoff",
    "hint",
    "cooldown",
    "keys",
    "none",
]
"""What a pause is for.

- ``backoff``: Exponential backoff with jitter.
- ``hint``: The provider named it.
- ``cooldown``: The deployment cools down, since another call was told to wait.
- ``keys``: All keys of the provider rest.
- ``none``: No pause: another key, or another model, is tried at once."""

PartKind = Literal[
    "text",
    "reasoning",
    "refusal",
    "tool_call",
]
"""What kind of part begins.

- ``text``: Deltas are `text-delta`.
- ``reasoning``: Deltas are `reasoning-delta`.
- ``refusal``: Deltas are `refusal-delta`.
- ``tool_call``: Deltas are `tool-arguments-delta`."""


@dataclass(slots=True)
class StartEvent:
    """The answer has begun."""

    provider: str
    """As in `response`."""

    id: str | None = None
    """As in `response`."""

    model: str | None = None
    """As in `response`."""

    created_ms: int | None = None
    """As in `response`."""

    request_id: str | None = None
    """As in `response`."""

    _: KW_ONLY
    type: Literal["start"] = "start"

    @staticmethod
    def from_json(d: JsonObject) -> StartEvent:
        return StartEvent(
            d["provider"],
            d.get("id"),
            d.get("model"),
            d.get("created_ms"),
            d.get("request_id"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.id is not None:
            d["id"] = self.id
        d["provider"] = self.provider
        if self.model is not None:
            d["model"] = self.model
        if self.created_ms is not None:
            d["created_ms"] = self.created_ms
        if self.request_id is not None:
            d["request_id"] = self.request_id
        return d


@dataclass(slots=True)
class PartStartEvent:
    """A part begins."""

    choice: int
    """The choice it belongs to."""

    part: int
    """Its id, unique in the answer, from 0."""

    kind: PartKind
    """What it is."""

    tool_call_id: str | None = None
    """For a tool call: its id."""

    tool_name: str | None = None
    """For a tool call: the tool's name."""

    _: KW_ONLY
    type: Literal["part_start"] = "part_start"

    @staticmethod
    def from_json(d: JsonObject) -> PartStartEvent:
        return PartStartEvent(
            d["choice"],
            d["part"],
            d["kind"],
            d.get("tool_call_id"),
            d.get("tool_name"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["part"] = self.part
        d["kind"] = self.kind
        if self.tool_call_id is not None:
            d["tool_call_id"] = self.tool_call_id
        if self.tool_name is not None:
            d["tool_name"] = self.tool_name
        return d


@dataclass(slots=True)
class DeltaEvent:
    """More of a part."""

    choice: int
    """The choice."""

    part: int
    """The part."""

    text: str
    """What is added. Never empty."""

    _: KW_ONLY
    type: Literal["text_delta", "reasoning_delta", "refusal_delta", "tool_arguments_delta"]

    @staticmethod
    def from_json(d: JsonObject) -> DeltaEvent:
        return DeltaEvent(
            d["choice"],
            d["part"],
            d["text"],
            type=d["type"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["part"] = self.part
        d["text"] = self.text
        return d


@dataclass(slots=True)
class PartEndEvent:
    """A part ends."""

    choice: int
    """The choice."""

    part: int
    """The part."""

    provider_data: ProviderData | None = None
    """What goes back to the provider with it. Absent: nothing."""

    _: KW_ONLY
    type: Literal["part_end"] = "part_end"

    @staticmethod
    def from_json(d: JsonObject) -> PartEndEvent:
        return PartEndEvent(
            d["choice"],
            d["part"],
            None if (v := d.get("provider_data")) is None else ProviderData.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["part"] = self.part
        if self.provider_data is not None:
            d["provider_data"] = self.provider_data.to_json()
        return d


@dataclass(slots=True)
class PartEvent:
    """A part that came whole."""

    choice: int
    """The choice."""

    part: int
    """Its id."""

    content: Part
    """The part."""

    _: KW_ONLY
    type: Literal["part"] = "part"

    @staticmethod
    def from_json(d: JsonObject) -> PartEvent:
        return PartEvent(
            d["choice"],
            d["part"],
            part_from_json(d["content"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["part"] = self.part
        d["content"] = part_to_json(self.content)
        return d


@dataclass(slots=True)
class LogprobsEvent:
    """Log probabilities of what came."""

    choice: int
    """The choice."""

    tokens: list[TokenLogprob] = _field(default_factory=list)
    """In order."""

    _: KW_ONLY
    type: Literal["logprobs"] = "logprobs"

    @staticmethod
    def from_json(d: JsonObject) -> LogprobsEvent:
        return LogprobsEvent(
            d["choice"],
            [TokenLogprob.from_json(x) for x in d.get("tokens", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["tokens"] = [x.to_json() for x in self.tokens]
        return d


@dataclass(slots=True)
class FinishEvent:
    """Why a choice stopped."""

    choice: int
    """The choice."""

    finish: Finish
    """Why."""

    _: KW_ONLY
    type: Literal["finish"] = "finish"

    @staticmethod
    def from_json(d: JsonObject) -> FinishEvent:
        return FinishEvent(
            d["choice"],
            Finish.from_json(d["finish"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["choice"] = self.choice
        d["finish"] = self.finish.to_json()
        return d


@dataclass(slots=True)
class RetryNotice:
    """An attempt failed and another will follow."""

    attempt: int
    """The attempt that failed."""

    error: ErrorKind
    """Why."""

    cause: str
    """In words."""

    delay_ms: int
    """Pause before the next, in ms."""

    reason: WaitReason
    """What the pause is for."""

    _: KW_ONLY
    type: Literal["retry"] = "retry"

    @staticmethod
    def from_json(d: JsonObject) -> RetryNotice:
        return RetryNotice(
            d["attempt"],
            d["error"],
            d["cause"],
            d["delay_ms"],
            d["reason"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["attempt"] = self.attempt
        d["error"] = self.error
        d["cause"] = self.cause
        d["delay_ms"] = self.delay_ms
        d["reason"] = self.reason
        return d


@dataclass(slots=True)
class FallbackNotice:
    """Another model is asked from here on."""

    from_model: str
    """The model that failed, `provider/model`."""

    to_model: str
    """The model that is asked now."""

    error: ErrorKind
    """Why."""

    cause: str
    """In words."""

    _: KW_ONLY
    type: Literal["fallback"] = "fallback"

    @staticmethod
    def from_json(d: JsonObject) -> FallbackNotice:
        return FallbackNotice(
            d["from_model"],
            d["to_model"],
            d["error"],
            d["cause"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["from_model"] = self.from_model
        d["to_model"] = self.to_model
        d["error"] = self.error
        d["cause"] = self.cause
        return d


@dataclass(slots=True)
class HoldNotice:
    """An attempt is held back."""

    model: str
    """The model it is for, `provider/model`."""

    reason: WaitReason
    """Why."""

    delay_ms: int
    """For how long, in ms."""

    _: KW_ONLY
    type: Literal["hold"] = "hold"

    @staticmethod
    def from_json(d: JsonObject) -> HoldNotice:
        return HoldNotice(
            d["model"],
            d["reason"],
            d["delay_ms"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["model"] = self.model
        d["reason"] = self.reason
        d["delay_ms"] = self.delay_ms
        return d


@dataclass(slots=True)
class NoticeEvent:
    """The policy did something."""

    notice: Notice
    """What."""

    _: KW_ONLY
    type: Literal["notice"] = "notice"

    @staticmethod
    def from_json(d: JsonObject) -> NoticeEvent:
        return NoticeEvent(
            notice_from_json(d["notice"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["notice"] = notice_to_json(self.notice)
        return d


@dataclass(slots=True)
class EventHeartbeat:
    """The provider is alive and has nothing to say."""

    type: Literal["heartbeat"] = "heartbeat"

    @staticmethod
    def from_json(d: JsonObject) -> EventHeartbeat:
        return EventHeartbeat()

    def to_json(self) -> JsonObject:
        return {}


@dataclass(slots=True)
class HeaderAuth:
    """A key in a header."""

    name: str
    """Lower-case name of the header."""

    prefix: str
    """What stands before the key, such as `Bearer `. May be empty."""

    _: KW_ONLY
    type: Literal["header"] = "header"

    @staticmethod
    def from_json(d: JsonObject) -> HeaderAuth:
        return HeaderAuth(
            d["name"],
            d["prefix"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        d["prefix"] = self.prefix
        return d


@dataclass(slots=True)
class QueryAuth:
    """A key in the query."""

    name: str
    """Name of the parameter."""

    _: KW_ONLY
    type: Literal["query"] = "query"

    @staticmethod
    def from_json(d: JsonObject) -> QueryAuth:
        return QueryAuth(
            d["name"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["name"] = self.name
        return d

BlobEncoding = Literal[
    "raw",
    "base64",
]
"""How a blob is written into a body.

- ``raw``: As it is.
- ``base64``: Base64 with padding, standard alphabet (RFC 4648 section 4)."""


@dataclass(slots=True)
class TextSegment:
    """Text of a body."""

    text: str
    """The text."""

    _: KW_ONLY
    type: Literal["text"] = "text"

    @staticmethod
    def from_json(d: JsonObject) -> TextSegment:
        return TextSegment(
            d["text"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["text"] = self.text
        return d


@dataclass(slots=True)
class BlobSegment:
    """A blob of a body."""

    id: str
    """The host's name for it."""

    encoding: BlobEncoding
    """How it is written."""

    _: KW_ONLY
    type: Literal["blob"] = "blob"

    @staticmethod
    def from_json(d: JsonObject) -> BlobSegment:
        return BlobSegment(
            d["id"],
            d["encoding"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["id"] = self.id
        d["encoding"] = self.encoding
        return d


@dataclass(slots=True)
class HttpRequest:
    """One HTTP request for the host to send. Redirects are not to be followed."""

    method: str
    """Upper case."""

    url: str
    """Absolute, `https:` or `http:`; its origin is one of the egress table's."""

    body_length: int
    """Length of the joined body, in bytes."""

    headers: list[Header] = _field(default_factory=list)
    """Without `host`, `content-length` and credentials."""

    auth: AuthSlot | None = None
    """Where the key goes. Absent: none is sent."""

    body: list[BodySegment] = _field(default_factory=list)
    """The body, in order. Empty: no body."""

    @staticmethod
    def from_json(d: JsonObject) -> HttpRequest:
        return HttpRequest(
            d["method"],
            d["url"],
            d["body_length"],
            [Header.from_json(x) for x in d.get("headers", ())],
            None if (v := d.get("auth")) is None else auth_slot_from_json(v),
            [_BODY_SEGMENT[x["type"]](x) for x in d.get("body", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["method"] = self.method
        d["url"] = self.url
        d["headers"] = [x.to_json() for x in self.headers]
        if self.auth is not None:
            d["auth"] = auth_slot_to_json(self.auth)
        d["body"] = [body_segment_to_json(x) for x in self.body]
        d["body_length"] = self.body_length
        return d


@dataclass(slots=True)
class Send:
    """An attempt to begin."""

    attempt: int
    """Names it from now on. From 1, never used twice in a call."""

    provider: str
    """Egress row whose key and origins apply."""

    key_slot: int
    """Which of the row's keys: 0 is the first that is set of `key-env`, 1 the first of `spare-key-env`, and so on."""

    request: HttpRequest
    """What to send."""

    idle_ms: int | None = None
    """Longest silence, in ms, counted while the host waits for this attempt's head or bytes (it waits for
    bytes only while its reader wants more). Absent: no bound."""

    connect_timeout_ms: int | None = None
    """Longest time to connect, in ms. Absent: no bound."""

    max_body_bytes: int | None = None
    """Most body bytes the core will take; the host may stop reading there and tell `too-large`. Absent: the
    answer is a stream, and the core counts what it keeps."""

    @staticmethod
    def from_json(d: JsonObject) -> Send:
        return Send(
            d["attempt"],
            d["provider"],
            d["key_slot"],
            HttpRequest.from_json(d["request"]),
            d.get("idle_ms"),
            d.get("connect_timeout_ms"),
            d.get("max_body_bytes"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["attempt"] = self.attempt
        d["provider"] = self.provider
        d["key_slot"] = self.key_slot
        d["request"] = self.request.to_json()
        if self.idle_ms is not None:
            d["idle_ms"] = self.idle_ms
        if self.connect_timeout_ms is not None:
            d["connect_timeout_ms"] = self.connect_timeout_ms
        if self.max_body_bytes is not None:
            d["max_body_bytes"] = self.max_body_bytes
        return d


@dataclass(slots=True)
class ResponseHead:
    """The head of an HTTP answer."""

    status: int
    """100 to 599; interim heads (1xx) are not told."""

    headers: list[Header] = _field(default_factory=list)
    """In the order in which they came."""

    @staticmethod
    def from_json(d: JsonObject) -> ResponseHead:
        return ResponseHead(
            d["status"],
            [Header.from_json(x) for x in d.get("headers", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["status"] = self.status
        d["headers"] = [x.to_json() for x in self.headers]
        return d

FailureKind = Literal[
    "dns",
    "connect",
    "connect_timeout",
    "tls",
    "reset",
    "http",
    "too_large",
    "missing_key",
    "egress",
    "missing_blob",
    "lost",
    "other",
]
"""What went wrong with the transport.

- ``dns``: The name has no address.
- ``connect``: No connection.
- ``connect_timeout``: It took longer than `connect-timeout-ms`.
- ``tls``: TLS failed: certificate, version.
- ``reset``: The connection broke.
- ``http``: What came is not HTTP.
- ``too_large``: The body passed `max-body-bytes`.
- ``missing_key``: No key is set for this provider; nothing was sent.
- ``egress``: The URL is outside the egress table; nothing was sent.
- ``missing_blob``: A blob is missing or of another length; nothing was sent.
- ``lost``: The process that held the connection is gone: told after a restore.
- ``other``: Anything else."""

Reached = Literal[
    "not_connected",
    "connected",
    "partly_sent",
    "sent",
    "head_seen",
    "body_seen",
    "unknown",
]
"""How far a failed attempt had come.

- ``not_connected``: Nothing left the host.
- ``connected``: Connected, nothing sent.
- ``partly_sent``: Part of the request may be there.
- ``sent``: The request is there.
- ``head_seen``: The head had come.
- ``body_seen``: Bytes of the body had come.
- ``unknown``: The transport cannot tell; counts as possibly sent."""


@dataclass(slots=True)
class AttemptReport:
    """One attempt, told at the end."""

    attempt: int
    """From 1."""

    provider: str
    """Row it went to."""

    model: str
    """Model it asked for, without the prefix."""

    started_ms: int
    """When the request was handed to the host."""

    ended_ms: int
    """When it ended."""

    bytes_seen: int
    """Body bytes received."""

    end: AttemptEnd
    """How it ended."""

    maybe_billed: bool
    """Whether the provider may have done the work although no answer came, and may bill it."""

    key_slot: int
    """Which of the provider's keys it used, from 0."""

    head_ms: int | None = None
    """When the head came. Absent: never."""

    status: int | None = None
    """HTTP status. Absent: no head."""

    error: ErrorKind | None = None
    """What went wrong. Absent: nothing."""

    cause: str | None = None
    """In words. Absent: nothing went wrong."""

    wait_ms: int | None = None
    """Pause before the next attempt, in ms. Absent: none followed."""

    wait_reason: WaitReason | None = None
    """What that pause was for. Absent: none followed."""

    reached: Reached | None = None
    """How far it had come, as the transport told. Absent: it did not fail in the transport."""

    @staticmethod
    def from_json(d: JsonObject) -> AttemptReport:
        return AttemptReport(
            d["attempt"],
            d["provider"],
            d["model"],
            d["started_ms"],
            d["ended_ms"],
            d["bytes_seen"],
            d["end"],
            d["maybe_billed"],
            d["key_slot"],
            d.get("head_ms"),
            d.get("status"),
            d.get("error"),
            d.get("cause"),
            d.get("wait_ms"),
            d.get("wait_reason"),
            d.get("reached"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["attempt"] = self.attempt
        d["provider"] = self.provider
        d["model"] = self.model
        d["started_ms"] = self.started_ms
        if self.head_ms is not None:
            d["head_ms"] = self.head_ms
        d["ended_ms"] = self.ended_ms
        if self.status is not None:
            d["status"] = self.status
        d["bytes_seen"] = self.bytes_seen
        d["end"] = self.end
        if self.error is not None:
            d["error"] = self.error
        if self.cause is not None:
            d["cause"] = self.cause
        if self.wait_ms is not None:
            d["wait_ms"] = self.wait_ms
        if self.wait_reason is not None:
            d["wait_reason"] = self.wait_reason
        d["maybe_billed"] = self.maybe_billed
        d["key_slot"] = self.key_slot
        if self.reached is not None:
            d["reached"] = self.reached
        return d


@dataclass(slots=True)
class Report:
    """What the call cost in time and attempts."""

    started_ms: int
    """When it started."""

    ended_ms: int
    """When it ended."""

    held_ms: int
    """Time during which attempts were held back (`cooldown`, `keys`), in ms."""

    first_token_ms: int | None = None
    """From the start to the first visible piece (text, reasoning, refusal, tool arguments), in ms. Absent: none came."""

    attempts: list[AttemptReport] = _field(default_factory=list)
    """Every attempt, in order."""

    @staticmethod
    def from_json(d: JsonObject) -> Report:
        return Report(
            d["started_ms"],
            d["ended_ms"],
            d["held_ms"],
            d.get("first_token_ms"),
            [AttemptReport.from_json(x) for x in d.get("attempts", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["started_ms"] = self.started_ms
        d["ended_ms"] = self.ended_ms
        if self.first_token_ms is not None:
            d["first_token_ms"] = self.first_token_ms
        d["attempts"] = [x.to_json() for x in self.attempts]
        d["held_ms"] = self.held_ms
        return d


@dataclass(slots=True)
class Outcome:
    """The end of a call."""

    result: OutcomeResult
    """Answer or error."""

    report: Report
    """Times and attempts."""

    @staticmethod
    def from_json(d: JsonObject) -> Outcome:
        return Outcome(
            outcome_result_from_json(d["result"]),
            Report.from_json(d["report"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["result"] = outcome_result_to_json(self.result)
        d["report"] = self.report.to_json()
        return d


@dataclass(slots=True)
class Step:
    """What the host has to do now. Every function that moves a call answers with one."""

    state_changed: bool
    """The client's memory moved: take a snapshot some time."""

    send: list[Send] = _field(default_factory=list)
    """Requests to begin."""

    abort: list[int] = _field(default_factory=list)
    """Attempts to break off. What still arrives of them may be told or not."""

    events: list[Event] = _field(default_factory=list)
    """For the caller, in order."""

    wake_at_ms: int | None = None
    """When to call `call-wake` at the latest, if nothing else happens. Absent: no need."""

    outcome: Outcome | None = None
    """The end. Absent: the call goes on."""

    @staticmethod
    def from_json(d: JsonObject) -> Step:
        return Step(
            d["state_changed"],
            [Send.from_json(x) for x in d.get("send", ())],
            list(d.get("abort", ())),
            [_EVENT[x["type"]](x) for x in d.get("events", ())],
            d.get("wake_at_ms"),
            None if (v := d.get("outcome")) is None else Outcome.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["send"] = [x.to_json() for x in self.send]
        d["abort"] = self.abort
        d["events"] = [event_to_json(x) for x in self.events]
        if self.wake_at_ms is not None:
            d["wake_at_ms"] = self.wake_at_ms
        if self.outcome is not None:
            d["outcome"] = self.outcome.to_json()
        d["state_changed"] = self.state_changed
        return d


@dataclass(slots=True)
class Started:
    """What `call-start` answers."""

    call: int
    """Handle of the call."""

    step: Step
    """The first step."""

    @staticmethod
    def from_json(d: JsonObject) -> Started:
        return Started(
            d["call"],
            Step.from_json(d["step"]),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["call"] = self.call
        d["step"] = self.step.to_json()
        return d


@dataclass(slots=True)
class TransportFailure:
    """A failed attempt."""

    kind: FailureKind
    """What went wrong."""

    reached: Reached
    """How far it had come."""

    message: str
    """The transport's own words, without keys."""

    @staticmethod
    def from_json(d: JsonObject) -> TransportFailure:
        return TransportFailure(
            d["kind"],
            d["reached"],
            d["message"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["kind"] = self.kind
        d["reached"] = self.reached
        d["message"] = self.message
        return d


@dataclass(slots=True)
class Limits:
    """Bounds. Passing one fails the call whose bytes would pass it with `too-large`."""

    max_line_bytes: int | None = None
    """One line of a stream, in bytes. Default 8388608."""

    max_body_bytes: int | None = None
    """One body, in bytes after decoding. Default 16777216."""

    max_request_bytes: int | None = None
    """One request body, blobs not counted, in bytes. Default 33554432."""

    max_held_bytes: int | None = None
    """All bytes that the calls of a client hold together, their request bodies among them, in bytes. Default 67108864."""

    @staticmethod
    def from_json(d: JsonObject) -> Limits:
        return Limits(
            d.get("max_line_bytes"),
            d.get("max_body_bytes"),
            d.get("max_request_bytes"),
            d.get("max_held_bytes"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.max_line_bytes is not None:
            d["max_line_bytes"] = self.max_line_bytes
        if self.max_body_bytes is not None:
            d["max_body_bytes"] = self.max_body_bytes
        if self.max_request_bytes is not None:
            d["max_request_bytes"] = self.max_request_bytes
        if self.max_held_bytes is not None:
            d["max_held_bytes"] = self.max_held_bytes
        return d


@dataclass(slots=True)
class ProviderRow:
    """A provider: a row of data. A row with a known id changes that row: what is absent stays."""

    id: str
    """Prefix of the model, `[a-z0-9_-]+`."""

    protocol: str | None = None
    """Wire format. Absent: that of the known row, else `openai-chat`."""

    base_url: str | None = None
    """Where the paths of the wire format begin, without a slash at the end. Absent: that of the known row."""

    auth: AuthSlot | None = None
    """Where the key goes. Absent: that of the known row, else a bearer token in `authorization`."""

    key_env: list[str] = _field(default_factory=list)
    """Environment variables that may hold the key, the first that is set wins. Empty: those of the known row
    as long as the origin stays the known one or the row had none; else no key is sent."""

    spare_key_env: list[str] = _field(default_factory=list)
    """Environment variables of further keys, one each, at most 63: turned to when a key is refused (401, 403) or limited
    (429). Empty: none."""

    idempotency_header: str | None = None
    """Header in which the provider honours an idempotency key, lower case. Absent: that of the known row, else none."""

    @staticmethod
    def from_json(d: JsonObject) -> ProviderRow:
        return ProviderRow(
            d["id"],
            d.get("protocol"),
            d.get("base_url"),
            None if (v := d.get("auth")) is None else auth_slot_from_json(v),
            list(d.get("key_env", ())),
            list(d.get("spare_key_env", ())),
            d.get("idempotency_header"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["id"] = self.id
        if self.protocol is not None:
            d["protocol"] = self.protocol
        if self.base_url is not None:
            d["base_url"] = self.base_url
        if self.auth is not None:
            d["auth"] = auth_slot_to_json(self.auth)
        d["key_env"] = self.key_env
        d["spare_key_env"] = self.spare_key_env
        if self.idempotency_header is not None:
            d["idempotency_header"] = self.idempotency_header
        return d


@dataclass(slots=True)
class Guards:
    """What protects a provider, and the caller's purse, across the calls of a client."""

    retry_budget: int | None = None
    """Retries that a client has in hand, 0 to 1000000. Each one taken costs one, but for those that a 429 asked back by naming
    a pause; `retry-refill-percent` gives back. Default 10."""

    retry_refill_percent: int | None = None
    """Hundredths of a retry that each good answer gives back, 0 to 10000. Default 20."""

    retry_refill_ms: int | None = None
    """How long it takes for one retry to come back by itself, in ms, 0 to 31622400000. 0: none does. Default 10000."""

    breaker_failures: int | None = None
    """Failures of a deployment (a model of a provider), one after another, that open its circuit. 0: it never opens. Default 10."""

    breaker_open_ms: int | None = None
    """How long an open circuit lets nothing through, in ms, 1 to 31622400000. Default 10000."""

    breaker_probes: int | None = None
    """Attempts that a half-open circuit lets through at a time, 1 to 1000; the first good one closes it. Default 1."""

    cooldown_cap_ms: int | None = None
    """Longest cooldown that a provider's hint may impose on other calls, and longest rest of a limited key, in ms, 0 to 31622400000. 0: none. Default 60000."""

    key_rest_ms: int | None = None
    """How long a refused key (401, 403) rests while there are others, in ms, 0 to 31622400000. Default 300000."""

    @staticmethod
    def from_json(d: JsonObject) -> Guards:
        return Guards(
            d.get("retry_budget"),
            d.get("retry_refill_percent"),
            d.get("retry_refill_ms"),
            d.get("breaker_failures"),
            d.get("breaker_open_ms"),
            d.get("breaker_probes"),
            d.get("cooldown_cap_ms"),
            d.get("key_rest_ms"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        if self.retry_budget is not None:
            d["retry_budget"] = self.retry_budget
        if self.retry_refill_percent is not None:
            d["retry_refill_percent"] = self.retry_refill_percent
        if self.retry_refill_ms is not None:
            d["retry_refill_ms"] = self.retry_refill_ms
        if self.breaker_failures is not None:
            d["breaker_failures"] = self.breaker_failures
        if self.breaker_open_ms is not None:
            d["breaker_open_ms"] = self.breaker_open_ms
        if self.breaker_probes is not None:
            d["breaker_probes"] = self.breaker_probes
        if self.cooldown_cap_ms is not None:
            d["cooldown_cap_ms"] = self.cooldown_cap_ms
        if self.key_rest_ms is not None:
            d["key_rest_ms"] = self.key_rest_ms
        return d


@dataclass(slots=True)
class ClientConfig:
    """What a client is made of."""

    providers: list[ProviderRow] = _field(default_factory=list)
    """Changed or added providers."""

    policy: Policy | None = None
    """Defaults of every call. Absent: those documented in `policy`."""

    limits: Limits | None = None
    """Bounds. Absent: those documented in `limits`."""

    guards: Guards | None = None
    """Retry budget, circuits, cooldowns. Absent: those documented in `guards`."""

    @staticmethod
    def from_json(d: JsonObject) -> ClientConfig:
        return ClientConfig(
            [ProviderRow.from_json(x) for x in d.get("providers", ())],
            None if (v := d.get("policy")) is None else Policy.from_json(v),
            None if (v := d.get("limits")) is None else Limits.from_json(v),
            None if (v := d.get("guards")) is None else Guards.from_json(v),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["providers"] = [x.to_json() for x in self.providers]
        if self.policy is not None:
            d["policy"] = self.policy.to_json()
        if self.limits is not None:
            d["limits"] = self.limits.to_json()
        if self.guards is not None:
            d["guards"] = self.guards.to_json()
        return d


@dataclass(slots=True)
class EgressRow:
    """What a host may do for one provider. Frozen when the client is created."""

    provider: str
    """The row's id."""

    protocol: str
    """Wire format."""

    origins: list[str] = _field(default_factory=list)
    """Origins (`scheme://host[:port]`) that requests may go to."""

    auth: AuthSlot | None = None
    """Where the key goes. Absent: no key is sent."""

    key_env: list[str] = _field(default_factory=list)
    """Environment variables that may hold the key, the first that is set wins."""

    spare_key_env: list[str] = _field(default_factory=list)
    """Environment variables of further keys, one each."""

    @staticmethod
    def from_json(d: JsonObject) -> EgressRow:
        return EgressRow(
            d["provider"],
            d["protocol"],
            list(d.get("origins", ())),
            None if (v := d.get("auth")) is None else auth_slot_from_json(v),
            list(d.get("key_env", ())),
            list(d.get("spare_key_env", ())),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["provider"] = self.provider
        d["protocol"] = self.protocol
        d["origins"] = self.origins
        if self.auth is not None:
            d["auth"] = auth_slot_to_json(self.auth)
        d["key_env"] = self.key_env
        d["spare_key_env"] = self.spare_key_env
        return d


@dataclass(slots=True)
class Created:
    """What `client-create` answers."""

    client: int
    """Handle of the client."""

    egress: list[EgressRow] = _field(default_factory=list)
    """Where requests may go, and with which key."""

    @staticmethod
    def from_json(d: JsonObject) -> Created:
        return Created(
            d["client"],
            [EgressRow.from_json(x) for x in d.get("egress", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["client"] = self.client
        d["egress"] = [x.to_json() for x in self.egress]
        return d


@dataclass(slots=True)
class DeploymentState:
    """What a client remembers of a deployment."""

    provider: str
    """Row."""

    model: str
    """Model, without the prefix."""

    failures: int
    """Failures one after another."""

    opening: int
    """How many circuits of the client had opened when this one did. 0: it never did."""

    open_until_ms: int | None = None
    """Until when its circuit lets nothing through. Absent: it is closed. In the past: it is half-open."""

    cooldown_until_ms: int | None = None
    """Until when it cools down. Absent: it does not."""

    @staticmethod
    def from_json(d: JsonObject) -> DeploymentState:
        return DeploymentState(
            d["provider"],
            d["model"],
            d["failures"],
            d["opening"],
            d.get("open_until_ms"),
            d.get("cooldown_until_ms"),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["provider"] = self.provider
        d["model"] = self.model
        d["failures"] = self.failures
        if self.open_until_ms is not None:
            d["open_until_ms"] = self.open_until_ms
        if self.cooldown_until_ms is not None:
            d["cooldown_until_ms"] = self.cooldown_until_ms
        d["opening"] = self.opening
        return d


@dataclass(slots=True)
class KeyState:
    """A key that rests."""

    provider: str
    """Row."""

    key_slot: int
    """Which of its keys."""

    until_ms: int
    """Until when."""

    refused: bool
    """Whether it was refused (401, 403) rather than limited."""

    @staticmethod
    def from_json(d: JsonObject) -> KeyState:
        return KeyState(
            d["provider"],
            d["key_slot"],
            d["until_ms"],
            d["refused"],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["provider"] = self.provider
        d["key_slot"] = self.key_slot
        d["until_ms"] = self.until_ms
        d["refused"] = self.refused
        return d


@dataclass(slots=True)
class ClientSnapshot:
    """A client's memory: plain data for the next instance."""

    state_version: int
    """Version of the form; another one is refused."""

    now_ms: int
    """Newest time the client was told."""

    retry_hundredths: int
    """What is left of the retry budget, in hundredths of a retry."""

    refilled_at_ms: int
    """Since when time has given nothing back to it, Unix milliseconds."""

    deployments: list[DeploymentState] = _field(default_factory=list)
    """Deployments that are not simply well."""

    keys: list[KeyState] = _field(default_factory=list)
    """Keys that rest."""

    @staticmethod
    def from_json(d: JsonObject) -> ClientSnapshot:
        return ClientSnapshot(
            d["state_version"],
            d["now_ms"],
            d["retry_hundredths"],
            d["refilled_at_ms"],
            [DeploymentState.from_json(x) for x in d.get("deployments", ())],
            [KeyState.from_json(x) for x in d.get("keys", ())],
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["state_version"] = self.state_version
        d["now_ms"] = self.now_ms
        d["retry_hundredths"] = self.retry_hundredths
        d["refilled_at_ms"] = self.refilled_at_ms
        d["deployments"] = [x.to_json() for x in self.deployments]
        d["keys"] = [x.to_json() for x in self.keys]
        return d


@dataclass(slots=True)
class CallSnapshot:
    """A call between two steps: plain data, for another instance or another process."""

    state_version: int
    """Version of the form; another one is refused."""

    state: Json
    """The rest, for the core alone."""

    running: list[int] = _field(default_factory=list)
    """Attempts that were under way. Whoever restores the call goes on telling what happens to them; of those whose connection
    is gone that is a failure of the kind `lost`."""

    blobs: list[str] = _field(default_factory=list)
    """Blobs that the request names; they are the caller's and must be at hand again."""

    @staticmethod
    def from_json(d: JsonObject) -> CallSnapshot:
        return CallSnapshot(
            d["state_version"],
            d["state"],
            list(d.get("running", ())),
            list(d.get("blobs", ())),
        )

    def to_json(self) -> JsonObject:
        d: JsonObject = {}
        d["state_version"] = self.state_version
        d["running"] = self.running
        d["blobs"] = self.blobs
        d["state"] = self.state
        return d


MediaSource = Union[UrlSource, BlobSource, ProviderFileSource]
"""Where a picture, sound or file comes from."""

_MEDIA_SOURCE: dict[str, Callable[[JsonObject], MediaSource]] = {
    "url": UrlSource.from_json,
    "blob": BlobSource.from_json,
    "provider_file": ProviderFileSource.from_json,
}


def media_source_from_json(d: JsonObject) -> MediaSource:
    """A :data:`MediaSource` from parsed JSON."""
    return _MEDIA_SOURCE[d["type"]](d)


def media_source_to_json(value: MediaSource) -> JsonObject:
    """A :data:`MediaSource` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


ToolResultContent = Union[TextContent, MediaPart, JsonContent]
"""A piece of a tool's result. (WIT has no recursive types, so this is not `part`.)"""

_TOOL_RESULT_CONTENT: dict[str, Callable[[JsonObject], ToolResultContent]] = {
    "text": TextContent.from_json,
    "image": MediaPart.from_json,
    "json": JsonContent.from_json,
}


def tool_result_content_from_json(d: JsonObject) -> ToolResultContent:
    """A :data:`ToolResultContent` from parsed JSON."""
    return _TOOL_RESULT_CONTENT[d["type"]](d)


def tool_result_content_to_json(value: ToolResultContent) -> JsonObject:
    """A :data:`ToolResultContent` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


Part = Union[TextPart, MediaPart, ToolCallPart, ToolResultPart, ReasoningPart, RefusalPart, CitationPart, DocumentPart, OpaquePart]
"""A piece of a message, of the question as of the answer."""

_PART: dict[str, Callable[[JsonObject], Part]] = {
    "text": TextPart.from_json,
    "image": MediaPart.from_json,
    "audio": MediaPart.from_json,
    "video": MediaPart.from_json,
    "file": MediaPart.from_json,
    "tool_call": ToolCallPart.from_json,
    "tool_result": ToolResultPart.from_json,
    "reasoning": ReasoningPart.from_json,
    "refusal": RefusalPart.from_json,
    "citation": CitationPart.from_json,
    "document": DocumentPart.from_json,
    "opaque": OpaquePart.from_json,
}


def part_from_json(d: JsonObject) -> Part:
    """A :data:`Part` from parsed JSON."""
    return _PART[d["type"]](d)


def part_to_json(value: Part) -> JsonObject:
    """A :data:`Part` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


Tool = Union[FunctionTool, ProviderTool]
"""Something the model may call."""

_TOOL: dict[str, Callable[[JsonObject], Tool]] = {
    "function": FunctionTool.from_json,
    "provider": ProviderTool.from_json,
}


def tool_from_json(d: JsonObject) -> Tool:
    """A :data:`Tool` from parsed JSON."""
    return _TOOL[d["type"]](d)


def tool_to_json(value: Tool) -> JsonObject:
    """A :data:`Tool` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


ToolChoice = Union[ToolChoiceAuto, ToolChoiceNone, ToolChoiceRequired, ChosenTool, AllowedTools]
"""Which tools the model may or must call."""

_TOOL_CHOICE: dict[str, Callable[[JsonObject], ToolChoice]] = {
    "auto": ToolChoiceAuto.from_json,
    "none": ToolChoiceNone.from_json,
    "required": ToolChoiceRequired.from_json,
    "tool": ChosenTool.from_json,
    "allowed": AllowedTools.from_json,
}


def tool_choice_from_json(d: JsonObject) -> ToolChoice:
    """A :data:`ToolChoice` from parsed JSON."""
    return _TOOL_CHOICE[d["type"]](d)


def tool_choice_to_json(value: ToolChoice) -> JsonObject:
    """A :data:`ToolChoice` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


Output = Union[OutputText, OutputJsonObject, JsonSchemaOutput, GrammarOutput]
"""The form the answer must have."""

_OUTPUT: dict[str, Callable[[JsonObject], Output]] = {
    "text": OutputText.from_json,
    "json_object": OutputJsonObject.from_json,
    "json_schema": JsonSchemaOutput.from_json,
    "grammar": GrammarOutput.from_json,
}


def output_from_json(d: JsonObject) -> Output:
    """A :data:`Output` from parsed JSON."""
    return _OUTPUT[d["type"]](d)


def output_to_json(value: Output) -> JsonObject:
    """A :data:`Output` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


OutcomeResult = Union[Response, Error]
"""How the call ended."""

_OUTCOME_RESULT: dict[str, Callable[[JsonObject], OutcomeResult]] = {
    "response": Response.from_json,
    "error": Error.from_json,
}


def outcome_result_from_json(d: JsonObject) -> OutcomeResult:
    """A :data:`OutcomeResult` from parsed JSON."""
    return _OUTCOME_RESULT[d["type"]](d)


def outcome_result_to_json(value: OutcomeResult) -> JsonObject:
    """A :data:`OutcomeResult` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


Notice = Union[RetryNotice, FallbackNotice, HoldNotice]
"""What the policy did."""

_NOTICE: dict[str, Callable[[JsonObject], Notice]] = {
    "retry": RetryNotice.from_json,
    "fallback": FallbackNotice.from_json,
    "hold": HoldNotice.from_json,
}


def notice_from_json(d: JsonObject) -> Notice:
    """A :data:`Notice` from parsed JSON."""
    return _NOTICE[d["type"]](d)


def notice_to_json(value: Notice) -> JsonObject:
    """A :data:`Notice` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


Event = Union[StartEvent, PartStartEvent, DeltaEvent, PartEndEvent, PartEvent, LogprobsEvent, FinishEvent, Usage, EventHeartbeat, NoticeEvent, Warning]
"""What a stream says. Order: `start`; then for each part `part-start`, its deltas, `part-end` (parts
may overlap), `part` for those that come whole; `finish` for each choice; `usage`. `notice`,
`warning`, `heartbeat` anywhere. The outcome says the same once more, folded."""

_EVENT: dict[str, Callable[[JsonObject], Event]] = {
    "start": StartEvent.from_json,
    "part_start": PartStartEvent.from_json,
    "text_delta": DeltaEvent.from_json,
    "reasoning_delta": DeltaEvent.from_json,
    "refusal_delta": DeltaEvent.from_json,
    "tool_arguments_delta": DeltaEvent.from_json,
    "part_end": PartEndEvent.from_json,
    "part": PartEvent.from_json,
    "logprobs": LogprobsEvent.from_json,
    "finish": FinishEvent.from_json,
    "usage": Usage.from_json,
    "heartbeat": EventHeartbeat.from_json,
    "notice": NoticeEvent.from_json,
    "warning": Warning.from_json,
}


def event_from_json(d: JsonObject) -> Event:
    """A :data:`Event` from parsed JSON."""
    return _EVENT[d["type"]](d)


def event_to_json(value: Event) -> JsonObject:
    """A :data:`Event` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


AuthSlot = Union[HeaderAuth, QueryAuth]
"""Where the host fills in a key. The core never sees it."""

_AUTH_SLOT: dict[str, Callable[[JsonObject], AuthSlot]] = {
    "header": HeaderAuth.from_json,
    "query": QueryAuth.from_json,
}


def auth_slot_from_json(d: JsonObject) -> AuthSlot:
    """A :data:`AuthSlot` from parsed JSON."""
    return _AUTH_SLOT[d["type"]](d)


def auth_slot_to_json(value: AuthSlot) -> JsonObject:
    """A :data:`AuthSlot` as JSON to be written."""
    return {"type": value.type, **value.to_json()}


BodySegment = Union[TextSegment, BlobSegment]
"""A piece of a request body. The host joins them."""

_BODY_SEGMENT: dict[str, Callable[[JsonObject], BodySegment]] = {
    "text": TextSegment.from_json,
    "blob": BlobSegment.from_json,
}


def body_segment_from_json(d: JsonObject) -> BodySegment:
    """A :data:`BodySegment` from parsed JSON."""
    return _BODY_SEGMENT[d["type"]](d)


def body_segment_to_json(value: BodySegment) -> JsonObject:
    """A :data:`BodySegment` as JSON to be written."""
    return {"type": value.type, **value.to_json()}
