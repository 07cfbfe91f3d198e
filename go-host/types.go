// Code generated from wit/types.wit by `cargo xtask generate`. DO NOT EDIT.

package literllm

import "github.com/literllm/literllm/go-host/internal/document"

// JSON text that belongs to a provider or to the caller (a schema, an opaque block, raw usage),
// kept as it was written: key order, `1e400` and 30-digit integers survive.
type JSON = string

// One HTTP header.
type Header struct {
	// Lower-case name. Repeated names are repeated entries, in their order.
	Name string `json:"name"`

	// Value without line breaks. Bytes above 0x7f are read as Latin-1.
	Value string `json:"value"`
}

// A named piece of foreign JSON.
type NamedJSON struct {
	// The field's name as its owner writes it.
	Name string `json:"name"`

	// Its value.
	Value JSON `json:"value"`
}

// What only one wire format understands, and what goes back to it unchanged, exactly once:
// signatures, encrypted reasoning, item ids.
type ProviderData struct {
	// Wire format that wrote it, such as `openai-chat`. Other formats leave it out and warn.
	Protocol string `json:"protocol"`

	// Provider that wrote it, such as `deepseek`. Absent: any provider of that format.
	Provider *string `json:"provider,omitempty"`

	// A JSON object of the wire format's own fields.
	Data JSON `json:"data"`
}

// A place up to which the provider may cache the prompt.
type CacheBreakpoint struct {
	// How long the provider should keep it, in seconds. Absent: the provider's default.
	TTLSeconds *uint32 `json:"ttl_seconds,omitempty"`
}

// Who speaks. Adapters move a role to where their wire format wants it.
type Role string

// The words of Role. A newer core may know more.
const (
	// Standing instructions.
	RoleSystem Role = "system"

	// Standing instructions of the application, where a provider tells the two apart.
	RoleDeveloper Role = "developer"

	// The person, or whoever asks.
	RoleUser Role = "user"

	// The model.
	RoleAssistant Role = "assistant"

	// Results of tools the model called.
	RoleTool Role = "tool"
)

// Words.
//
// It is a [Part].
type TextPart struct {
	// The text. May be empty when `provider-data` carries something.
	Text string `json:"text"`

	// Cache the prompt up to and with this part. Absent: no breakpoint here.
	Cache *CacheBreakpoint `json:"cache,omitempty"`

	// Fields of the wire format that belong to this part. Absent: none.
	ProviderData *ProviderData `json:"provider_data,omitempty"`
}

// An address the provider can read: `https:`, `gs:`, `s3:` or a `data:` URL.
//
// It is a [MediaSource].
type URLSource struct {
	// The address.
	URL string `json:"url"`
}

// Bytes in the host's hands.
//
// It is a [MediaSource].
type BlobSource struct {
	// The host's name for them, 1 to 128 characters, unique within the call.
	ID string `json:"id"`

	// How many bytes.
	Length uint64 `json:"length"`
}

// A file the provider knows.
//
// It is a [MediaSource].
type ProviderFileSource struct {
	// The provider's id.
	ID string `json:"id"`
}

// Where a picture, sound or file comes from.
//
// It is one of:
//   - *[URLSource]: The provider fetches it.
//   - *[BlobSource]: The host holds the bytes; they never enter the core.
//   - *[ProviderFileSource]: Uploaded to the provider before.
type MediaSource interface {
	isMediaSource()
	write(w *document.Writer)
}

// A picture, sound, film or file.
type MediaPart struct {
	// Where it comes from.
	Source MediaSource `json:"source"`

	// Such as `image/png`. Absent: the provider finds out; a blob needs it.
	MediaType *string `json:"media_type,omitempty"`

	// File name shown to the model. Absent: none.
	Name *string `json:"name,omitempty"`

	// Resolution the model should look at: `low`, `high`, `auto`. Absent: the provider's default.
	Detail *string `json:"detail,omitempty"`

	// Cache the prompt up to and with this part. Absent: no breakpoint here.
	Cache *CacheBreakpoint `json:"cache,omitempty"`

	// Fields of the wire format that belong to this part. Absent: none.
	ProviderData *ProviderData `json:"provider_data,omitempty"`
}

// The model asks for a tool.
//
// It is a [Part].
type ToolCallPart struct {
	// Id that the result must name. The core makes one (`call_1`, ...) when a provider sends none.
	ID string `json:"id"`

	// The tool's name.
	Name string `json:"name"`

	// Arguments as the model wrote them. Usually one JSON object, but a cut answer ends anywhere.
	Arguments string `json:"arguments"`

	// Whether `arguments` is one whole JSON value. Written by the core, ignored in requests.
	Complete *bool `json:"complete,omitempty"`

	// Fields of the wire format that belong to this part. Absent: none.
	ProviderData *ProviderData `json:"provider_data,omitempty"`
}

// Words of a tool.
//
// It is a [ToolResultContent].
type TextContent struct {
	// The text.
	Text string `json:"text"`
}

// Data of a tool.
//
// It is a [ToolResultContent].
type JSONContent struct {
	// One JSON value.
	Value JSON `json:"value"`
}

// A piece of a tool's result. (WIT has no recursive types, so this is not `part`.)
//
// It is one of:
//   - *[TextContent]: Words.
//   - *[ImageContent]: A picture.
//   - *[JSONContent]: Data.
type ToolResultContent interface {
	isToolResultContent()
	write(w *document.Writer)
}

// A picture.
//
// It is a [ToolResultContent].
type ImageContent struct {
	MediaPart
}

// What a tool said.
//
// It is a [Part].
type ToolResultPart struct {
	// The id of the call it answers.
	ToolCallID string `json:"tool_call_id"`

	// The tool's name, for formats that ask for it. Absent: unknown.
	Name *string `json:"name,omitempty"`

	// The result, in order. In JSON a plain string stands for one text.
	Content []ToolResultContent `json:"content"`

	// The tool failed and `content` says how. Absent: it did not.
	IsError *bool `json:"is_error,omitempty"`

	// Cache the prompt up to and with this part. Absent: no breakpoint here.
	Cache *CacheBreakpoint `json:"cache,omitempty"`
}

// The model's thinking.
//
// It is a [Part].
type ReasoningPart struct {
	// What may be read of it; empty when all of it is encrypted.
	Text string `json:"text"`

	// Signatures and encrypted content. Absent: none.
	ProviderData *ProviderData `json:"provider_data,omitempty"`
}

// The model declines.
//
// It is a [Part].
type RefusalPart struct {
	// Its words.
	Text string `json:"text"`
}

// A source the answer leans on. It belongs to the text part before it.
//
// It is a [Part].
type CitationPart struct {
	// Address of the source. Absent: it has none.
	URL *string `json:"url,omitempty"`

	// Title of the source. Absent: it has none.
	Title *string `json:"title,omitempty"`

	// First character of the cited span in that text, counted in Unicode code points from 0. Absent: the whole text.
	StartChar *uint64 `json:"start_char,omitempty"`

	// One past the last character of the span.
	EndChar *uint64 `json:"end_char,omitempty"`

	// The provider's own object.
	Data JSON `json:"data"`
}

// Material to be cited.
//
// It is a [Part].
type DocumentPart struct {
	// Id that citations name. Absent: the adapter numbers it.
	ID *string `json:"id,omitempty"`

	// Title. Absent: none.
	Title *string `json:"title,omitempty"`

	// Its text.
	Text string `json:"text"`

	// Cache the prompt up to and with this part. Absent: no breakpoint here.
	Cache *CacheBreakpoint `json:"cache,omitempty"`
}

// Anything a provider sent that is not modelled.
//
// It is a [Part].
type OpaquePart struct {
	// The provider's name for its kind, such as `server_tool_use`.
	Name string `json:"name"`

	// The whole of it; goes back to the same wire format in this place.
	ProviderData ProviderData `json:"provider_data"`
}

// A piece of a message, of the question as of the answer.
//
// It is one of:
//   - *[TextPart]: Words.
//   - *[ImagePart]: A picture.
//   - *[AudioPart]: Sound.
//   - *[VideoPart]: A film.
//   - *[FilePart]: A file, such as a PDF.
//   - *[ToolCallPart]: The model asks for a tool.
//   - *[ToolResultPart]: What the tool said.
//   - *[ReasoningPart]: The model's thinking, visible or encrypted.
//   - *[RefusalPart]: The model declines, in words of its own.
//   - *[CitationPart]: A source the answer leans on.
//   - *[DocumentPart]: Material to be cited.
//   - *[OpaquePart]: Anything a provider sent that is not modelled here.
type Part interface {
	isPart()
	write(w *document.Writer)
}

// A picture.
//
// It is a [Part].
type ImagePart struct {
	MediaPart
}

// Sound.
//
// It is a [Part].
type AudioPart struct {
	MediaPart
}

// A film.
//
// It is a [Part].
type VideoPart struct {
	MediaPart
}

// A file, such as a PDF.
//
// It is a [Part].
type FilePart struct {
	MediaPart
}

// One turn.
type Message struct {
	// Who speaks.
	Role Role `json:"role"`

	// What is said, in order. In JSON a plain string stands for one text part.
	Content []Part `json:"content"`

	// Name of the speaker where several share a role. Absent: none.
	Name *string `json:"name,omitempty"`
}

// A function of the caller.
//
// It is a [Tool].
type FunctionTool struct {
	// Name, in most formats `[a-zA-Z0-9_-]{1,64}`.
	Name string `json:"name"`

	// What it does, for the model. Absent: none.
	Description *string `json:"description,omitempty"`

	// JSON Schema of its arguments. Absent: no arguments.
	Parameters *JSON `json:"parameters,omitempty"`

	// Hold the model to the schema. Absent: the provider's default.
	Strict *bool `json:"strict,omitempty"`

	// Cache the prompt up to and with this tool. Absent: no breakpoint here.
	Cache *CacheBreakpoint `json:"cache,omitempty"`
}

// A tool the provider runs.
//
// It is a [Tool].
type ProviderTool struct {
	// The provider's name for it.
	Name string `json:"name"`

	// Wire format the definition is written for.
	Protocol string `json:"protocol"`

	// Its entry in the list of tools, as that format writes it.
	Definition JSON `json:"definition"`
}

// Something the model may call.
//
// It is one of:
//   - *[FunctionTool]: A function of the caller.
//   - *[ProviderTool]: A tool the provider runs itself (search, code, computer).
type Tool interface {
	isTool()
	write(w *document.Writer)
}

// A tool that must be called.
//
// It is a [ToolChoice].
type ChosenTool struct {
	// Its name.
	Name string `json:"name"`
}

// A subset of the offered tools.
//
// It is a [ToolChoice].
type AllowedTools struct {
	// Their names, at least one.
	Names []string `json:"names"`

	// Whether one of them must be called. Absent: the model decides.
	Required *bool `json:"required,omitempty"`
}

// Which tools the model may or must call.
//
// It is one of:
//   - *[AutoChoice]: The model decides.
//   - *[NoneChoice]: No tool.
//   - *[RequiredChoice]: At least one.
//   - *[ChosenTool]: This one.
//   - *[AllowedTools]: One of these.
type ToolChoice interface {
	isToolChoice()
	write(w *document.Writer)
}

// The model decides.
//
// It is a [ToolChoice].
type AutoChoice struct{}

// No tool.
//
// It is a [ToolChoice].
type NoneChoice struct{}

// At least one.
//
// It is a [ToolChoice].
type RequiredChoice struct{}

// JSON that fits a schema.
//
// It is a [Output].
type JSONSchemaOutput struct {
	// A name for it, in most formats `[a-zA-Z0-9_-]{1,64}`. Absent: `answer`.
	Name *string `json:"name,omitempty"`

	// What it is, for the model. Absent: none.
	Description *string `json:"description,omitempty"`

	// The JSON Schema.
	Schema JSON `json:"schema"`

	// Hold the model to it in every detail. Absent: the provider's default.
	Strict *bool `json:"strict,omitempty"`
}

// Text that fits a grammar.
//
// It is a [Output].
type GrammarOutput struct {
	// Kind of grammar: `gbnf`, `lark`, `regex`.
	Syntax string `json:"syntax"`

	// The grammar.
	Definition string `json:"definition"`
}

// The form the answer must have.
//
// It is one of:
//   - *[TextOutput]: Free text.
//   - *[JSONObjectOutput]: Some JSON object.
//   - *[JSONSchemaOutput]: JSON that fits a schema.
//   - *[GrammarOutput]: Text that fits a grammar.
type Output interface {
	isOutput()
	write(w *document.Writer)
}

// Free text.
//
// It is a [Output].
type TextOutput struct{}

// Some JSON object.
//
// It is a [Output].
type JSONObjectOutput struct{}

// How hard to think.
type ReasoningEffort string

// The words of ReasoningEffort. A newer core may know more.
const (
	// Not at all.
	ReasoningEffortNone ReasoningEffort = "none"

	// As little as the model can.
	ReasoningEffortMinimal ReasoningEffort = "minimal"

	// Little.
	ReasoningEffortLow ReasoningEffort = "low"

	// Some.
	ReasoningEffortMedium ReasoningEffort = "medium"

	// Much.
	ReasoningEffortHigh ReasoningEffort = "high"

	// More.
	ReasoningEffortXhigh ReasoningEffort = "xhigh"

	// As much as the model can.
	ReasoningEffortMax ReasoningEffort = "max"
)

// Thinking. All absent: the model's own default.
type ReasoningOptions struct {
	// How hard. Absent: not said.
	Effort *ReasoningEffort `json:"effort,omitempty"`

	// Bound in tokens. Absent: none said.
	BudgetTokens *uint64 `json:"budget_tokens,omitempty"`

	// Summary wanted: `auto`, `concise`, `detailed`. Absent: none.
	Summary *string `json:"summary,omitempty"`

	// Ask for encrypted reasoning to carry into the next turn. Absent: the provider's default.
	IncludeEncrypted *bool `json:"include_encrypted,omitempty"`
}

// Caching by key, where breakpoints are not the way.
type PromptCache struct {
	// Requests with the same key share a cache. Absent: none.
	Key *string `json:"key,omitempty"`

	// How long, in the provider's words, such as `24h`. Absent: the provider's default.
	Retention *string `json:"retention,omitempty"`
}

// One entry of `metadata`.
type MetadataEntry struct {
	// Key, at most 64 characters with most providers.
	Key string `json:"key"`

	// Value, at most 512 characters with most providers.
	Value string `json:"value"`
}

// Bias for one token.
type LogitBiasEntry struct {
	// Token id in the model's vocabulary.
	Token uint32 `json:"token"`

	// -100 to 100.
	Bias float64 `json:"bias"`
}

// Fields of one wire format that this contract does not know.
type ExtraBody struct {
	// The wire format they are meant for; others leave them out and warn.
	Protocol string `json:"protocol"`

	// A JSON object; its fields are merged into the body last, so they win.
	Body JSON `json:"body"`
}

// One chat request. Every option is absent by default and then left to the provider.
type Request struct {
	// `provider/model`, such as `openai/gpt-4o-mini`.
	Model string `json:"model"`

	// At least one.
	Messages []Message `json:"messages"`

	// Answer piece by piece. Absent: in one piece.
	Stream *bool `json:"stream,omitempty"`

	// Bound of the answer, reasoning included where the provider counts so.
	MaxOutputTokens *uint64 `json:"max_output_tokens,omitempty"`

	// 0 to 2 with most providers.
	Temperature *float64 `json:"temperature,omitempty"`

	// 0 to 1.
	TopP *float64 `json:"top_p,omitempty"`

	// At least 1.
	TopK *uint32 `json:"top_k,omitempty"`

	// 0 to 1.
	MinP *float64 `json:"min_p,omitempty"`

	// -2 to 2.
	FrequencyPenalty *float64 `json:"frequency_penalty,omitempty"`

	// -2 to 2.
	PresencePenalty *float64 `json:"presence_penalty,omitempty"`

	// Ask for the same answer to the same request; a promise of no provider.
	Seed *int64 `json:"seed,omitempty"`

	// Texts that end the answer; at most 4 with most providers.
	Stop []string `json:"stop"`

	// Bias of tokens.
	LogitBias []LogitBiasEntry `json:"logit_bias"`

	// Log probabilities of the tokens of the answer.
	Logprobs *bool `json:"logprobs,omitempty"`

	// How many alternatives to each token, 0 to 20.
	TopLogprobs *uint32 `json:"top_logprobs,omitempty"`

	// How many answers. Absent: one.
	N *uint32 `json:"n,omitempty"`

	// What the model may call.
	Tools []Tool `json:"tools"`

	// Which of them. Absent: the provider's default, `auto` where tools are offered.
	ToolChoice ToolChoice `json:"tool_choice,omitempty"`

	// Several calls in one turn. Absent: the provider's default.
	ParallelToolCalls *bool `json:"parallel_tool_calls,omitempty"`

	// Form of the answer. Absent: free text.
	Output Output `json:"output,omitempty"`

	// Such as `text`, `audio`, `image`. Empty: the provider's default.
	Modalities []string `json:"modalities"`

	// Thinking. Absent: the model's default.
	Reasoning *ReasoningOptions `json:"reasoning,omitempty"`

	// Caching by key. Absent: the provider's default.
	PromptCache *PromptCache `json:"prompt_cache,omitempty"`

	// Go on after this response, which the provider keeps. Absent: `messages` is all there is.
	PreviousResponseID *string `json:"previous_response_id,omitempty"`

	// Go on in this conversation, which the provider keeps. Absent: none.
	ConversationID *string `json:"conversation_id,omitempty"`

	// Let the provider keep the answer. Absent: the provider's default.
	Store *bool `json:"store,omitempty"`

	// Let the provider work on while nobody waits. Absent: no.
	Background *bool `json:"background,omitempty"`

	// End user, in the provider's older field. Absent: not said.
	User *string `json:"user,omitempty"`

	// Stable, anonymous id of the end user. Absent: not said.
	SafetyIdentifier *string `json:"safety_identifier,omitempty"`

	// Labels the provider keeps with the request.
	Metadata []MetadataEntry `json:"metadata"`

	// Such as `auto`, `default`, `flex`, `priority`. Absent: the provider's default.
	ServiceTier *string `json:"service_tier,omitempty"`

	// Fields of one wire format that this contract does not know.
	Extra []ExtraBody `json:"extra"`

	// More headers. Never credentials: `authorization` and its kin are refused.
	Headers []Header `json:"headers"`
}

// When a request of unknown fate (sent, or perhaps sent, and no whole answer) is sent again. The provider may have done the
// work and may bill both. Where the provider honours an idempotency key it is always sent again.
type ResendUnknown string

// The words of ResendUnknown. A newer core may know more.
const (
	// Never, neither to the same model nor to another.
	ResendUnknownNever ResendUnknown = "never"

	// When it was lost before the head of an answer.
	ResendUnknownBeforeHead ResendUnknown = "before_head"

	// When it was lost before the caller saw anything of the answer.
	ResendUnknownBeforeToken ResendUnknown = "before_token"
)

// Why the model stopped.
type FinishReason string

// The words of FinishReason. A newer core may know more.
const (
	// It was done, or met a stop text.
	FinishReasonStop FinishReason = "stop"

	// It met a bound of length.
	FinishReasonLength FinishReason = "length"

	// It wants results of tools.
	FinishReasonToolCalls FinishReason = "tool_calls"

	// Something was withheld.
	FinishReasonContentFilter FinishReason = "content_filter"

	// It paused and can be asked to go on.
	FinishReasonPause FinishReason = "pause"

	// The provider failed while it wrote.
	FinishReasonError FinishReason = "error"

	// The provider used a word we do not know, or none.
	FinishReasonOther FinishReason = "other"
)

// Why the model stopped, in our word and in the provider's.
type Finish struct {
	// Ours; it follows from what happened as well as from the word.
	Unified FinishReason `json:"unified"`

	// The provider's. Absent: it sent none.
	Raw *string `json:"raw,omitempty"`
}

// Tokens, as a partition: parts that are known sum to their total. Absent is unknown, never 0.
type Usage struct {
	// All of the prompt: uncached + cache read + cache write.
	InputTokens *uint64 `json:"input_tokens,omitempty"`

	// Of the prompt, neither read from nor written to a cache.
	InputUncachedTokens *uint64 `json:"input_uncached_tokens,omitempty"`

	// Of the prompt, read from a cache.
	InputCacheReadTokens *uint64 `json:"input_cache_read_tokens,omitempty"`

	// Of the prompt, written to a cache.
	InputCacheWriteTokens *uint64 `json:"input_cache_write_tokens,omitempty"`

	// All of the answer: text + reasoning.
	OutputTokens *uint64 `json:"output_tokens,omitempty"`

	// Of the answer, what is not reasoning.
	OutputTextTokens *uint64 `json:"output_text_tokens,omitempty"`

	// Of the answer, reasoning.
	OutputReasoningTokens *uint64 `json:"output_reasoning_tokens,omitempty"`

	// The provider's own object. Absent: it sent none.
	Raw *JSON `json:"raw,omitempty"`
}

// One token of the answer, or an alternative to it.
type TokenCandidate struct {
	// Its text; may be part of a character.
	Token string `json:"token"`

	// Natural logarithm of its probability, as the provider wrote the number; `null`: it did not say.
	Logprob JSON `json:"logprob"`

	// Its bytes, where the provider tells. Empty: not told.
	Bytes []byte `json:"bytes"`
}

// One token of the answer with its alternatives.
type TokenLogprob struct {
	// The token.
	Chosen TokenCandidate `json:"chosen"`

	// Alternatives, the likeliest first.
	Top []TokenCandidate `json:"top"`
}

// What became of a field.
type WarningKind string

// The words of WarningKind. A newer core may know more.
const (
	// Left out.
	WarningKindDropped WarningKind = "dropped"

	// Sent as something else.
	WarningKindRenamed WarningKind = "renamed"

	// Brought into range.
	WarningKindClamped WarningKind = "clamped"
)

// What was dropped, renamed or clamped on the way to the provider.
type Warning struct {
	// What became of it.
	Kind WarningKind `json:"kind"`

	// Path of the field in our request, such as `messages[2].content[0]`.
	Field string `json:"field"`

	// For a person: what, why, what helps.
	Message string `json:"message"`
}

// One answer of possibly several.
type Choice struct {
	// From 0.
	Index uint32 `json:"index"`

	// What was said, in order.
	Content []Part `json:"content"`

	// Why it stopped. In a partial answer absent: it had not.
	Finish *Finish `json:"finish,omitempty"`

	// Log probabilities, when asked for.
	Logprobs []TokenLogprob `json:"logprobs"`

	// Fields of the choice or its message that this contract does not know.
	Extra []NamedJSON `json:"extra"`
}

// The whole answer, or in an error what had come of it.
type Response struct {
	// The provider's id. Absent: none was sent.
	ID *string `json:"id,omitempty"`

	// Provider that answered: the row's id.
	Provider string `json:"provider"`

	// Model as the provider names it. Absent: it did not say.
	Model *string `json:"model,omitempty"`

	// When the provider made it, Unix milliseconds. Absent: it did not say.
	CreatedMs *uint64 `json:"created_ms,omitempty"`

	// The provider's request id, from the head. Absent: none.
	RequestID *string `json:"request_id,omitempty"`

	// The answers, by index.
	Choices []Choice `json:"choices"`

	// Tokens. Absent: the provider did not tell.
	Usage *Usage `json:"usage,omitempty"`

	// Fields of the answer that this contract does not know (service tier, search results, ...).
	Extra []NamedJSON `json:"extra"`

	// What was dropped, renamed or clamped.
	Warnings []Warning `json:"warnings"`
}

// What went wrong, to match on.
type ErrorKind string

// The words of ErrorKind. A newer core may know more.
const (
	// The request cannot be sent, or the provider refuses its form (400, 422).
	ErrorKindInvalidRequest ErrorKind = "invalid_request"

	// The provider is not in the registry.
	ErrorKindUnknownProvider ErrorKind = "unknown_provider"

	// No key, or a wrong one (401).
	ErrorKindAuthentication ErrorKind = "authentication"

	// A good key that may not do this (403).
	ErrorKindPermission ErrorKind = "permission"

	// No such model or path (404).
	ErrorKindNotFound ErrorKind = "not_found"

	// The prompt does not fit into the model.
	ErrorKindContextLength ErrorKind = "context_length"

	// Refused for what it contains.
	ErrorKindContentFilter ErrorKind = "content_filter"

	// Too many requests (429); a pause helps.
	ErrorKindRateLimit ErrorKind = "rate_limit"

	// Money or a quota is spent (402, `insufficient_quota`); a pause does not help.
	ErrorKindQuota ErrorKind = "quota"

	// The provider failed (5xx, or an error inside an answer).
	ErrorKindServer ErrorKind = "server"

	// The provider is overloaded (503, 529).
	ErrorKindOverloaded ErrorKind = "overloaded"

	// No connection, or it broke before the answer began.
	ErrorKindConnection ErrorKind = "connection"

	// The answer broke off.
	ErrorKindCut ErrorKind = "cut"

	// The answer is not what the wire format says.
	ErrorKindProtocol ErrorKind = "protocol"

	// A deadline passed.
	ErrorKindTimeout ErrorKind = "timeout"

	// A bound of the client was passed.
	ErrorKindTooLarge ErrorKind = "too_large"

	// The caller gave up.
	ErrorKindCancelled ErrorKind = "cancelled"

	// A redirect, which is never followed.
	ErrorKindRedirect ErrorKind = "redirect"

	// A handle that is stale, foreign or dropped; a call out of order. The host's turn.
	ErrorKindInvalidState ErrorKind = "invalid_state"

	// A broken assumption of ours.
	ErrorKindInternal ErrorKind = "internal"

	// Held back by us: the deployment failed too often of late. Nothing was sent.
	ErrorKindCircuitOpen ErrorKind = "circuit_open"
)

// A model to turn to when the ones before it failed.
type FallbackStep struct {
	// `provider/model`.
	Model string `json:"model"`

	// Kinds of error it helps against. Empty: all but those that are the request's own fault or the caller's will
	// (`invalid-request`, `too-large`, `cancelled`).
	On []ErrorKind `json:"on"`
}

// How a call may be tried. It overrides the client's policy, field by field.
type Policy struct {
	// Attempts at each model, 1 to 100. One that a refused key cost is not counted while another key is left. Default 3.
	MaxAttempts *uint32 `json:"max_attempts,omitempty"`

	// Upper end of the first backoff, in ms, 0 to 31622400000. Default 500.
	BackoffBaseMs *uint64 `json:"backoff_base_ms,omitempty"`

	// Upper end of any backoff, in ms, 0 to 31622400000. Default 8000.
	BackoffCapMs *uint64 `json:"backoff_cap_ms,omitempty"`

	// From the start of the call to its end, in ms, 1 to 31622400000. Default 600000.
	TotalTimeoutMs *uint64 `json:"total_timeout_ms,omitempty"`

	// Longest silence while waiting for the head or for bytes, in ms, 1 to 31622400000. Default 300000.
	IdleTimeoutMs *uint64 `json:"idle_timeout_ms,omitempty"`

	// For a connection to stand, in ms, where the transport can tell, 1 to 31622400000. Default 10000.
	ConnectTimeoutMs *uint64 `json:"connect_timeout_ms,omitempty"`

	// From handing out an attempt to the first visible piece of its streamed answer, in ms, 1 to 31622400000. Absent: no bound of its own.
	FirstTokenTimeoutMs *uint64 `json:"first_token_timeout_ms,omitempty"`

	// When a request of unknown fate is sent again. Default `before-token`.
	ResendUnknown *ResendUnknown `json:"resend_unknown,omitempty"`

	// Models to turn to, in order, as long as the caller has seen nothing. Empty: none; in a call's options those of the client.
	Fallback []FallbackStep `json:"fallback"`
}

// What stands beside a request.
type CallOptions struct {
	// Overrides of the client's policy. Absent: none.
	Policy *Policy `json:"policy,omitempty"`

	// Turn every warning into an error before anything is sent. Absent: no.
	Strict *bool `json:"strict,omitempty"`

	// What the caller's own deadline leaves of the time, in ms. The sooner of it and `total-timeout-ms` ends the call, and the
	// error says which. Absent: the caller has none.
	CallerTimeoutMs *uint64 `json:"caller_timeout_ms,omitempty"`

	// Names the call to a provider that honours such keys; the same for every attempt. Absent: one is made of the seed.
	IdempotencyKey *string `json:"idempotency_key,omitempty"`

	// Keep the bytes of a streamed answer while it runs, so that a snapshot in the middle of it can go on. Absent: no.
	Resumable *bool `json:"resumable,omitempty"`
}

// Which bound of time a `timeout` passed.
type Deadline string

// The words of Deadline. A newer core may know more.
const (
	// `connect-timeout-ms`.
	DeadlineConnect Deadline = "connect"

	// `first-token-timeout-ms`.
	DeadlineFirstToken Deadline = "first_token"

	// `idle-timeout-ms`.
	DeadlineIdle Deadline = "idle"

	// `total-timeout-ms`.
	DeadlineTotal Deadline = "total"

	// The caller's own: `caller-timeout-ms`.
	DeadlineCaller Deadline = "caller"
)

// What a caller may do after a failure.
type NextStep string

// The words of NextStep. A newer core may know more.
const (
	// Send the same request again, after `retry-after-ms` if there is one. With `maybe-billed` it may be paid twice.
	NextStepResend NextStep = "resend"

	// Ask the model to go on from the partial answer.
	NextStepContinue NextStep = "continue"

	// Nothing that is in the caller's hands as the request stands.
	NextStepGiveUp NextStep = "give_up"
)

// How far a call had come.
type Phase string

// The words of Phase. A newer core may know more.
const (
	// Before anything was sent.
	PhaseRequest Phase = "request"

	// No connection yet.
	PhaseConnect Phase = "connect"

	// Sent, or perhaps sent; no head yet.
	PhaseHead Phase = "head"

	// Inside the answer.
	PhaseBody Phase = "body"

	// The answer is there and cannot be read.
	PhaseParse Phase = "parse"
)

// A failed call.
type ErrorDetail struct {
	// What to match on.
	Kind ErrorKind `json:"kind"`

	// For the person who must act: whose turn it is, what was expected, what came, what helps. No key, ever.
	Message string `json:"message"`

	// HTTP status. Absent: there was none.
	Status *uint16 `json:"status,omitempty"`

	// The provider's own code, such as `model_not_found`. Absent: none.
	ProviderCode *string `json:"provider_code,omitempty"`

	// Whether sending the same request again may help.
	Retryable bool `json:"retryable"`

	// The pause the provider asks for, in ms. Absent: none asked.
	RetryAfterMs *uint64 `json:"retry_after_ms,omitempty"`

	// The provider's request id. Absent: none.
	RequestID *string `json:"request_id,omitempty"`

	// How far the call had come.
	Phase Phase `json:"phase"`

	// Body bytes of the last attempt that had come.
	BytesSeen uint64 `json:"bytes_seen"`

	// The provider's own words, at most 4096 bytes. Absent: none.
	Raw *string `json:"raw,omitempty"`

	// The answer so far. Absent: nothing had come.
	Partial *Response `json:"partial,omitempty"`

	// For a `timeout`: which bound was passed. Absent: it was the provider's own word.
	Deadline *Deadline `json:"deadline,omitempty"`

	// Whether any attempt may have been billed although no answer came of it.
	MaybeBilled bool `json:"maybe_billed"`

	// What may be done now, the best first. Never empty.
	Next []NextStep `json:"next"`
}

// How an attempt ended.
type AttemptEnd string

// The words of AttemptEnd. A newer core may know more.
const (
	// With a whole answer.
	AttemptEndAnswered AttemptEnd = "answered"

	// With an error.
	AttemptEndFailed AttemptEnd = "failed"

	// We broke it off.
	AttemptEndAborted AttemptEnd = "aborted"
)

// What a pause is for.
type WaitReason string

// The words of WaitReason. A newer core may know more.
const (
	// Exponential backoff with jitter.
	WaitReasonBackoff WaitReason = "backoff"

	// The provider named it.
	WaitReasonHint WaitReason = "hint"

	// The deployment cools down, since another call was told to wait.
	WaitReasonCooldown WaitReason = "cooldown"

	// All keys of the provider rest.
	WaitReasonKeys WaitReason = "keys"

	// No pause: another key, or another model, is tried at once.
	WaitReasonNone WaitReason = "none"
)

// How the call ended.
//
// It is one of:
//   - *[ResponseResult]: Well.
//   - *[ErrorResult]: Not well.
type OutcomeResult interface {
	isOutcomeResult()
	write(w *document.Writer)
}

// Well.
//
// It is a [OutcomeResult].
type ResponseResult struct {
	Response
}

// Not well.
//
// It is a [OutcomeResult].
type ErrorResult struct {
	ErrorDetail
}

// What kind of part begins.
type PartKind string

// The words of PartKind. A newer core may know more.
const (
	// Deltas are `text-delta`.
	PartKindText PartKind = "text"

	// Deltas are `reasoning-delta`.
	PartKindReasoning PartKind = "reasoning"

	// Deltas are `refusal-delta`.
	PartKindRefusal PartKind = "refusal"

	// Deltas are `tool-arguments-delta`.
	PartKindToolCall PartKind = "tool_call"
)

// The answer has begun.
//
// It is a [Event].
type StartEvent struct {
	// As in `response`.
	ID *string `json:"id,omitempty"`

	// As in `response`.
	Provider string `json:"provider"`

	// As in `response`.
	Model *string `json:"model,omitempty"`

	// As in `response`.
	CreatedMs *uint64 `json:"created_ms,omitempty"`

	// As in `response`.
	RequestID *string `json:"request_id,omitempty"`
}

// A part begins.
//
// It is a [Event].
type PartStartEvent struct {
	// The choice it belongs to.
	Choice uint32 `json:"choice"`

	// Its id, unique in the answer, from 0.
	Part uint32 `json:"part"`

	// What it is.
	Kind PartKind `json:"kind"`

	// For a tool call: its id.
	ToolCallID *string `json:"tool_call_id,omitempty"`

	// For a tool call: the tool's name.
	ToolName *string `json:"tool_name,omitempty"`
}

// More of a part.
type DeltaEvent struct {
	// The choice.
	Choice uint32 `json:"choice"`

	// The part.
	Part uint32 `json:"part"`

	// What is added. Never empty.
	Text string `json:"text"`
}

// A part ends.
//
// It is a [Event].
type PartEndEvent struct {
	// The choice.
	Choice uint32 `json:"choice"`

	// The part.
	Part uint32 `json:"part"`

	// What goes back to the provider with it. Absent: nothing.
	ProviderData *ProviderData `json:"provider_data,omitempty"`
}

// A part that came whole.
//
// It is a [Event].
type PartEvent struct {
	// The choice.
	Choice uint32 `json:"choice"`

	// Its id.
	Part uint32 `json:"part"`

	// The part.
	Content Part `json:"content"`
}

// Log probabilities of what came.
//
// It is a [Event].
type LogprobsEvent struct {
	// The choice.
	Choice uint32 `json:"choice"`

	// In order.
	Tokens []TokenLogprob `json:"tokens"`
}

// Why a choice stopped.
//
// It is a [Event].
type FinishEvent struct {
	// The choice.
	Choice uint32 `json:"choice"`

	// Why.
	Finish Finish `json:"finish"`
}

// An attempt failed and another will follow.
//
// It is a [Notice].
type RetryNotice struct {
	// The attempt that failed.
	Attempt uint32 `json:"attempt"`

	// Why.
	Error ErrorKind `json:"error"`

	// In words.
	Cause string `json:"cause"`

	// Pause before the next, in ms.
	DelayMs uint64 `json:"delay_ms"`

	// What the pause is for.
	Reason WaitReason `json:"reason"`
}

// Another model is asked from here on.
//
// It is a [Notice].
type FallbackNotice struct {
	// The model that failed, `provider/model`.
	FromModel string `json:"from_model"`

	// The model that is asked now.
	ToModel string `json:"to_model"`

	// Why.
	Error ErrorKind `json:"error"`

	// In words.
	Cause string `json:"cause"`
}

// An attempt is held back.
//
// It is a [Notice].
type HoldNotice struct {
	// The model it is for, `provider/model`.
	Model string `json:"model"`

	// Why.
	Reason WaitReason `json:"reason"`

	// For how long, in ms.
	DelayMs uint64 `json:"delay_ms"`
}

// What the policy did.
//
// It is one of:
//   - *[RetryNotice]: An attempt failed and another will follow.
//   - *[FallbackNotice]: Another model is asked from here on.
//   - *[HoldNotice]: An attempt is held back.
type Notice interface {
	isNotice()
	write(w *document.Writer)
}

// The policy did something.
//
// It is a [Event].
type NoticeEvent struct {
	// What.
	Notice Notice `json:"notice"`
}

// What a stream says. Order: `start`; then for each part `part-start`, its deltas, `part-end` (parts
// may overlap), `part` for those that come whole; `finish` for each choice; `usage`. `notice`,
// `warning`, `heartbeat` anywhere. The outcome says the same once more, folded.
//
// It is one of:
//   - *[StartEvent]: The answer has begun.
//   - *[PartStartEvent]: A part begins.
//   - *[TextDeltaEvent]: More of a text.
//   - *[ReasoningDeltaEvent]: More thinking.
//   - *[RefusalDeltaEvent]: More of a refusal.
//   - *[ToolArgumentsDeltaEvent]: More of a tool's arguments.
//   - *[PartEndEvent]: A part ends.
//   - *[PartEvent]: A part that came whole.
//   - *[LogprobsEvent]: Log probabilities of what came.
//   - *[FinishEvent]: Why a choice stopped.
//   - *[UsageEvent]: Tokens so far; the last one counts.
//   - *[HeartbeatEvent]: The provider is alive and has nothing to say.
//   - *[NoticeEvent]: The policy did something.
//   - *[WarningEvent]: Something was dropped, renamed or clamped.
type Event interface {
	isEvent()
	write(w *document.Writer)
}

// More of a text.
//
// It is a [Event].
type TextDeltaEvent struct {
	DeltaEvent
}

// More thinking.
//
// It is a [Event].
type ReasoningDeltaEvent struct {
	DeltaEvent
}

// More of a refusal.
//
// It is a [Event].
type RefusalDeltaEvent struct {
	DeltaEvent
}

// More of a tool's arguments.
//
// It is a [Event].
type ToolArgumentsDeltaEvent struct {
	DeltaEvent
}

// Tokens so far; the last one counts.
//
// It is a [Event].
type UsageEvent struct {
	Usage
}

// The provider is alive and has nothing to say.
//
// It is a [Event].
type HeartbeatEvent struct{}

// Something was dropped, renamed or clamped.
//
// It is a [Event].
type WarningEvent struct {
	Warning
}

// A key in a header.
//
// It is a [AuthSlot].
type HeaderAuth struct {
	// Lower-case name of the header.
	Name string `json:"name"`

	// What stands before the key, such as `Bearer `. May be empty.
	Prefix string `json:"prefix"`
}

// A key in the query.
//
// It is a [AuthSlot].
type QueryAuth struct {
	// Name of the parameter.
	Name string `json:"name"`
}

// Where the host fills in a key. The core never sees it.
//
// It is one of:
//   - *[HeaderAuth]: In a header.
//   - *[QueryAuth]: In the query of the URL.
type AuthSlot interface {
	isAuthSlot()
	write(w *document.Writer)
}

// How a blob is written into a body.
type BlobEncoding string

// The words of BlobEncoding. A newer core may know more.
const (
	// As it is.
	BlobEncodingRaw BlobEncoding = "raw"

	// Base64 with padding, standard alphabet (RFC 4648 section 4).
	BlobEncodingBase64 BlobEncoding = "base64"
)

// Text of a body.
//
// It is a [BodySegment].
type TextSegment struct {
	// The text.
	Text string `json:"text"`
}

// A blob of a body.
//
// It is a [BodySegment].
type BlobSegment struct {
	// The host's name for it.
	ID string `json:"id"`

	// How it is written.
	Encoding BlobEncoding `json:"encoding"`
}

// A piece of a request body. The host joins them.
//
// It is one of:
//   - *[TextSegment]: Text, written as UTF-8.
//   - *[BlobSegment]: Bytes of the host.
type BodySegment interface {
	isBodySegment()
	write(w *document.Writer)
}

// One HTTP request for the host to send. Redirects are not to be followed.
type HTTPRequest struct {
	// Upper case.
	Method string `json:"method"`

	// Absolute, `https:` or `http:`; its origin is one of the egress table's.
	URL string `json:"url"`

	// Without `host`, `content-length` and credentials.
	Headers []Header `json:"headers"`

	// Where the key goes. Absent: none is sent.
	Auth AuthSlot `json:"auth,omitempty"`

	// The body, in order. Empty: no body.
	Body []BodySegment `json:"body"`

	// Length of the joined body, in bytes.
	BodyLength uint64 `json:"body_length"`
}

// An attempt to begin.
type Send struct {
	// Names it from now on. From 1, never used twice in a call.
	Attempt uint32 `json:"attempt"`

	// Egress row whose key and origins apply.
	Provider string `json:"provider"`

	// Which of the row's keys: 0 is the first that is set of `key-env`, 1 the first of `spare-key-env`, and so on.
	KeySlot uint32 `json:"key_slot"`

	// What to send.
	Request HTTPRequest `json:"request"`

	// Longest silence, in ms, counted while the host waits for this attempt's head or bytes (it waits for
	// bytes only while its reader wants more). Absent: no bound.
	IdleMs *uint64 `json:"idle_ms,omitempty"`

	// Longest time to connect, in ms. Absent: no bound.
	ConnectTimeoutMs *uint64 `json:"connect_timeout_ms,omitempty"`

	// Most body bytes the core will take; the host may stop reading there and tell `too-large`. Absent: the
	// answer is a stream, and the core counts what it keeps.
	MaxBodyBytes *uint64 `json:"max_body_bytes,omitempty"`
}

// The head of an HTTP answer.
type ResponseHead struct {
	// 100 to 599; interim heads (1xx) are not told.
	Status uint16 `json:"status"`

	// In the order in which they came.
	Headers []Header `json:"headers"`
}

// What went wrong with the transport.
type FailureKind string

// The words of FailureKind. A newer core may know more.
const (
	// The name has no address.
	FailureKindDNS FailureKind = "dns"

	// No connection.
	FailureKindConnect FailureKind = "connect"

	// It took longer than `connect-timeout-ms`.
	FailureKindConnectTimeout FailureKind = "connect_timeout"

	// TLS failed: certificate, version.
	FailureKindTLS FailureKind = "tls"

	// The connection broke.
	FailureKindReset FailureKind = "reset"

	// What came is not HTTP.
	FailureKindHTTP FailureKind = "http"

	// The body passed `max-body-bytes`.
	FailureKindTooLarge FailureKind = "too_large"

	// No key is set for this provider; nothing was sent.
	FailureKindMissingKey FailureKind = "missing_key"

	// The URL is outside the egress table; nothing was sent.
	FailureKindEgress FailureKind = "egress"

	// A blob is missing or of another length; nothing was sent.
	FailureKindMissingBlob FailureKind = "missing_blob"

	// The process that held the connection is gone: told after a restore.
	FailureKindLost FailureKind = "lost"

	// Anything else.
	FailureKindOther FailureKind = "other"
)

// How far a failed attempt had come.
type Reached string

// The words of Reached. A newer core may know more.
const (
	// Nothing left the host.
	ReachedNotConnected Reached = "not_connected"

	// Connected, nothing sent.
	ReachedConnected Reached = "connected"

	// Part of the request may be there.
	ReachedPartlySent Reached = "partly_sent"

	// The request is there.
	ReachedSent Reached = "sent"

	// The head had come.
	ReachedHeadSeen Reached = "head_seen"

	// Bytes of the body had come.
	ReachedBodySeen Reached = "body_seen"

	// The transport cannot tell; counts as possibly sent.
	ReachedUnknown Reached = "unknown"
)

// One attempt, told at the end.
type AttemptReport struct {
	// From 1.
	Attempt uint32 `json:"attempt"`

	// Row it went to.
	Provider string `json:"provider"`

	// Model it asked for, without the prefix.
	Model string `json:"model"`

	// When the request was handed to the host.
	StartedMs uint64 `json:"started_ms"`

	// When the head came. Absent: never.
	HeadMs *uint64 `json:"head_ms,omitempty"`

	// When it ended.
	EndedMs uint64 `json:"ended_ms"`

	// HTTP status. Absent: no head.
	Status *uint16 `json:"status,omitempty"`

	// Body bytes received.
	BytesSeen uint64 `json:"bytes_seen"`

	// How it ended.
	End AttemptEnd `json:"end"`

	// What went wrong. Absent: nothing.
	Error *ErrorKind `json:"error,omitempty"`

	// In words. Absent: nothing went wrong.
	Cause *string `json:"cause,omitempty"`

	// Pause before the next attempt, in ms. Absent: none followed.
	WaitMs *uint64 `json:"wait_ms,omitempty"`

	// What that pause was for. Absent: none followed.
	WaitReason *WaitReason `json:"wait_reason,omitempty"`

	// Whether the provider may have done the work although no answer came, and may bill it.
	MaybeBilled bool `json:"maybe_billed"`

	// Which of the provider's keys it used, from 0.
	KeySlot uint32 `json:"key_slot"`

	// How far it had come, as the transport told. Absent: it did not fail in the transport.
	Reached *Reached `json:"reached,omitempty"`
}

// What the call cost in time and attempts.
type Report struct {
	// When it started.
	StartedMs uint64 `json:"started_ms"`

	// When it ended.
	EndedMs uint64 `json:"ended_ms"`

	// From the start to the first visible piece (text, reasoning, refusal, tool arguments), in ms. Absent: none came.
	FirstTokenMs *uint64 `json:"first_token_ms,omitempty"`

	// Every attempt, in order.
	Attempts []AttemptReport `json:"attempts"`

	// Time during which attempts were held back (`cooldown`, `keys`), in ms.
	HeldMs uint64 `json:"held_ms"`
}

// The end of a call.
type Outcome struct {
	// Answer or error.
	Result OutcomeResult `json:"result"`

	// Times and attempts.
	Report Report `json:"report"`
}

// What the host has to do now. Every function that moves a call answers with one.
type Step struct {
	// Requests to begin.
	Send []Send `json:"send"`

	// Attempts to break off. What still arrives of them may be told or not.
	Abort []uint32 `json:"abort"`

	// For the caller, in order.
	Events []Event `json:"events"`

	// When to call `call-wake` at the latest, if nothing else happens. Absent: no need.
	WakeAtMs *uint64 `json:"wake_at_ms,omitempty"`

	// The end. Absent: the call goes on.
	Outcome *Outcome `json:"outcome,omitempty"`

	// The client's memory moved: take a snapshot some time.
	StateChanged bool `json:"state_changed"`
}

// What `call-start` answers.
type Started struct {
	// Handle of the call.
	Call uint64 `json:"call"`

	// The first step.
	Step Step `json:"step"`
}

// A failed attempt.
type TransportFailure struct {
	// What went wrong.
	Kind FailureKind `json:"kind"`

	// How far it had come.
	Reached Reached `json:"reached"`

	// The transport's own words, without keys.
	Message string `json:"message"`
}

// Bounds. Passing one fails the call whose bytes would pass it with `too-large`.
type Limits struct {
	// One line of a stream, in bytes. Default 8388608.
	MaxLineBytes *uint64 `json:"max_line_bytes,omitempty"`

	// One body, in bytes after decoding. Default 16777216.
	MaxBodyBytes *uint64 `json:"max_body_bytes,omitempty"`

	// One request body, blobs not counted, in bytes. Default 33554432.
	MaxRequestBytes *uint64 `json:"max_request_bytes,omitempty"`

	// All bytes that the calls of a client hold together, their request bodies among them, in bytes. Default 67108864.
	MaxHeldBytes *uint64 `json:"max_held_bytes,omitempty"`
}

// A provider: a row of data. A row with a known id changes that row: what is absent stays.
type ProviderRow struct {
	// Prefix of the model, `[a-z0-9_-]+`.
	ID string `json:"id"`

	// Wire format. Absent: that of the known row, else `openai-chat`.
	Protocol *string `json:"protocol,omitempty"`

	// Where the paths of the wire format begin, without a slash at the end. Absent: that of the known row.
	BaseURL *string `json:"base_url,omitempty"`

	// Where the key goes. Absent: that of the known row, else a bearer token in `authorization`.
	Auth AuthSlot `json:"auth,omitempty"`

	// Environment variables that may hold the key, the first that is set wins. Empty: those of the known row
	// as long as the origin stays the known one or the row had none; else no key is sent.
	KeyEnv []string `json:"key_env"`

	// Environment variables of further keys, one each, at most 63: turned to when a key is refused (401, 403) or limited
	// (429). Empty: none.
	SpareKeyEnv []string `json:"spare_key_env"`

	// Header in which the provider honours an idempotency key, lower case. Absent: that of the known row, else none.
	IdempotencyHeader *string `json:"idempotency_header,omitempty"`
}

// What protects a provider, and the caller's purse, across the calls of a client.
type Guards struct {
	// Retries that a client has in hand, 0 to 1000000. Each one taken costs one, but for those that a 429 asked back by naming
	// a pause; `retry-refill-percent` gives back. Default 10.
	RetryBudget *uint32 `json:"retry_budget,omitempty"`

	// Hundredths of a retry that each good answer gives back, 0 to 10000. Default 20.
	RetryRefillPercent *uint32 `json:"retry_refill_percent,omitempty"`

	// How long it takes for one retry to come back by itself, in ms, 0 to 31622400000. 0: none does. Default 10000.
	RetryRefillMs *uint64 `json:"retry_refill_ms,omitempty"`

	// Failures of a deployment (a model of a provider), one after another, that open its circuit. 0: it never opens. Default 10.
	BreakerFailures *uint32 `json:"breaker_failures,omitempty"`

	// How long an open circuit lets nothing through, in ms, 1 to 31622400000. Default 10000.
	BreakerOpenMs *uint64 `json:"breaker_open_ms,omitempty"`

	// Attempts that a half-open circuit lets through at a time, 1 to 1000; the first good one closes it. Default 1.
	BreakerProbes *uint32 `json:"breaker_probes,omitempty"`

	// Longest cooldown that a provider's hint may impose on other calls, and longest rest of a limited key, in ms, 0 to 31622400000. 0: none. Default 60000.
	CooldownCapMs *uint64 `json:"cooldown_cap_ms,omitempty"`

	// How long a refused key (401, 403) rests while there are others, in ms, 0 to 31622400000. Default 300000.
	KeyRestMs *uint64 `json:"key_rest_ms,omitempty"`
}

// What a client is made of.
type ClientConfig struct {
	// Changed or added providers.
	Providers []ProviderRow `json:"providers"`

	// Defaults of every call. Absent: those documented in `policy`.
	Policy *Policy `json:"policy,omitempty"`

	// Bounds. Absent: those documented in `limits`.
	Limits *Limits `json:"limits,omitempty"`

	// Retry budget, circuits, cooldowns. Absent: those documented in `guards`.
	Guards *Guards `json:"guards,omitempty"`
}

// What a host may do for one provider. Frozen when the client is created.
type EgressRow struct {
	// The row's id.
	Provider string `json:"provider"`

	// Wire format.
	Protocol string `json:"protocol"`

	// Origins (`scheme://host[:port]`) that requests may go to.
	Origins []string `json:"origins"`

	// Where the key goes. Absent: no key is sent.
	Auth AuthSlot `json:"auth,omitempty"`

	// Environment variables that may hold the key, the first that is set wins.
	KeyEnv []string `json:"key_env"`

	// Environment variables of further keys, one each.
	SpareKeyEnv []string `json:"spare_key_env"`
}

// What `client-create` answers.
type Created struct {
	// Handle of the client.
	Client uint64 `json:"client"`

	// Where requests may go, and with which key.
	Egress []EgressRow `json:"egress"`
}

// What a client remembers of a deployment.
type DeploymentState struct {
	// Row.
	Provider string `json:"provider"`

	// Model, without the prefix.
	Model string `json:"model"`

	// Failures one after another.
	Failures uint32 `json:"failures"`

	// Until when its circuit lets nothing through. Absent: it is closed. In the past: it is half-open.
	OpenUntilMs *uint64 `json:"open_until_ms,omitempty"`

	// Until when it cools down. Absent: it does not.
	CooldownUntilMs *uint64 `json:"cooldown_until_ms,omitempty"`

	// How many circuits of the client had opened when this one did. 0: it never did.
	Opening uint64 `json:"opening"`
}

// A key that rests.
type KeyState struct {
	// Row.
	Provider string `json:"provider"`

	// Which of its keys.
	KeySlot uint32 `json:"key_slot"`

	// Until when.
	UntilMs uint64 `json:"until_ms"`

	// Whether it was refused (401, 403) rather than limited.
	Refused bool `json:"refused"`
}

// A client's memory: plain data for the next instance.
type ClientSnapshot struct {
	// Version of the form; another one is refused.
	StateVersion uint32 `json:"state_version"`

	// Newest time the client was told.
	NowMs uint64 `json:"now_ms"`

	// What is left of the retry budget, in hundredths of a retry.
	RetryHundredths uint64 `json:"retry_hundredths"`

	// Since when time has given nothing back to it, Unix milliseconds.
	RefilledAtMs uint64 `json:"refilled_at_ms"`

	// Deployments that are not simply well.
	Deployments []DeploymentState `json:"deployments"`

	// Keys that rest.
	Keys []KeyState `json:"keys"`
}

// A call between two steps: plain data, for another instance or another process.
type CallSnapshot struct {
	// Version of the form; another one is refused.
	StateVersion uint32 `json:"state_version"`

	// Attempts that were under way. Whoever restores the call goes on telling what happens to them; of those whose connection
	// is gone that is a failure of the kind `lost`.
	Running []uint32 `json:"running"`

	// Blobs that the request names; they are the caller's and must be at hand again.
	Blobs []string `json:"blobs"`

	// The rest, for the core alone.
	State JSON `json:"state"`
}
