//! One line a type: what the engine reads. Field and case names are those of `wit/types.wit` in its JSON form.

use super::*;

record!(Header { name, value });
record!(ProviderData { protocol, provider, data });
record!(CacheBreakpoint { ttl_seconds });
words!(Role { System = "system", Developer = "developer", User = "user", Assistant = "assistant", Tool = "tool" });
variant!(Part { Text(TextPart) = "text", Image(MediaPart) = "image", Audio(MediaPart) = "audio", Video(MediaPart) = "video", File(MediaPart) = "file", ToolCall(ToolCallPart) = "tool_call", ToolResult(ToolResultPart) = "tool_result", Reasoning(ReasoningPart) = "reasoning", Refusal(RefusalPart) = "refusal", Citation(CitationPart) = "citation", Document(DocumentPart) = "document", Opaque(OpaquePart) = "opaque" });
options!(TextPart tagged "type" { text, cache, provider_data });
variant!(MediaSource { Url(UrlSource) = "url", Blob(BlobSource) = "blob", ProviderFile(ProviderFileSource) = "provider_file" });
record!(UrlSource tagged "type" { url });
record!(BlobSource tagged "type" { id, length });
record!(ProviderFileSource tagged "type" { id });
record!(MediaPart tagged "type" { source, media_type, name, detail, cache, provider_data });
record!(ToolCallPart tagged "type" { id, name, arguments, complete, provider_data });
variant!(ToolResultContent { Text(TextContent) = "text", Image(MediaPart) = "image", Json(JsonContent) = "json" });
record!(TextContent tagged "type" { text });
record!(JsonContent tagged "type" { value });
record!(ReasoningPart tagged "type" { text, provider_data });
record!(RefusalPart tagged "type" { text });
options!(CitationPart tagged "type" { url, title, start_char, end_char, data });
options!(DocumentPart tagged "type" { id, title, text, cache });
record!(OpaquePart tagged "type" { name, provider_data });
variant!(Tool { Function(FunctionTool) = "function", Provider(ProviderTool) = "provider" });
record!(FunctionTool tagged "type" { name, description, parameters, strict, cache });
record!(ProviderTool tagged "type" { name, protocol, definition });
variant!(ToolChoice { Auto = "auto", None = "none", Required = "required", Tool(ChosenTool) = "tool", Allowed(AllowedTools) = "allowed" });
record!(ChosenTool tagged "type" { name });
record!(AllowedTools tagged "type" { names, required });
variant!(Output { Text = "text", JsonObject = "json_object", JsonSchema(JsonSchemaOutput) = "json_schema", Grammar(GrammarOutput) = "grammar" });
record!(JsonSchemaOutput tagged "type" { name, description, schema, strict });
record!(GrammarOutput tagged "type" { syntax, definition });
words!(ReasoningEffort { None = "none", Minimal = "minimal", Low = "low", Medium = "medium", High = "high", Xhigh = "xhigh", Max = "max" });
options!(ReasoningOptions { effort, budget_tokens, summary, include_encrypted });
options!(PromptCache { key, retention });
record!(MetadataEntry { key, value });
record!(LogitBiasEntry { token, bias });
record!(ExtraBody { protocol, body });
options!(Request {
    model,
    messages,
    stream,
    max_output_tokens,
    temperature,
    top_p,
    top_k,
    min_p,
    frequency_penalty,
    presence_penalty,
    seed,
    stop,
    logit_bias,
    logprobs,
    top_logprobs,
    n,
    tools,
    tool_choice,
    parallel_tool_calls,
    output,
    modalities,
    reasoning,
    prompt_cache,
    previous_response_id,
    conversation_id,
    store,
    background,
    user,
    safety_identifier,
    metadata,
    service_tier,
    extra,
    headers
});
options!(Policy {
    max_attempts,
    backoff_base_ms,
    backoff_cap_ms,
    total_timeout_ms,
    idle_timeout_ms,
    connect_timeout_ms
});
options!(CallOptions { policy, strict });
variant!(AuthSlot { Header(HeaderAuth) = "header", Query(QueryAuth) = "query" });
record!(HeaderAuth tagged "type" { name, prefix });
record!(QueryAuth tagged "type" { name });
record!(ResponseHead { status, headers });
words!(FailureKind { Dns = "dns", Connect = "connect", ConnectTimeout = "connect_timeout", Tls = "tls", Reset = "reset", Http = "http", TooLarge = "too_large", MissingKey = "missing_key", Egress = "egress", MissingBlob = "missing_blob", Other = "other" });
words!(Reached { NotConnected = "not_connected", Connected = "connected", PartlySent = "partly_sent", Sent = "sent", HeadSeen = "head_seen", BodySeen = "body_seen", Unknown = "unknown" });
record!(TransportFailure { kind, reached, message });
options!(Limits { max_line_bytes, max_body_bytes, max_request_bytes, max_held_bytes });
options!(ProviderRow { id, protocol, base_url, auth, key_env });
options!(ClientConfig { providers, policy, limits });
record!(ClientSnapshot { state_version, now_ms });
