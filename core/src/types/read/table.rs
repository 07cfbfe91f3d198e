//! One line a type: what the engine reads. Field and case names are those of `wit/types.wit` in its JSON form.

use super::*;
use crate::call::saved::{SavedAttempt, SavedCall, SavedPause, SavedRoute};
use crate::policy::settings::Settings;

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
    connect_timeout_ms,
    first_token_timeout_ms,
    resend_unknown,
    fallback
});
words!(ResendUnknown { Never = "never", BeforeHead = "before_head", BeforeToken = "before_token" });
record!(FallbackStep { model, on });
words!(ErrorKind { InvalidRequest = "invalid_request", UnknownProvider = "unknown_provider", Authentication = "authentication", Permission = "permission", NotFound = "not_found", ContextLength = "context_length", ContentFilter = "content_filter", RateLimit = "rate_limit", Quota = "quota", Server = "server", Overloaded = "overloaded", Connection = "connection", Cut = "cut", Protocol = "protocol", Timeout = "timeout", TooLarge = "too_large", Cancelled = "cancelled", Redirect = "redirect", InvalidState = "invalid_state", Internal = "internal", CircuitOpen = "circuit_open" });
options!(CallOptions { policy, strict, caller_timeout_ms, idempotency_key, resumable });
variant!(AuthSlot { Header(HeaderAuth) = "header", Query(QueryAuth) = "query" });
record!(HeaderAuth tagged "type" { name, prefix });
record!(QueryAuth tagged "type" { name });
record!(ResponseHead { status, headers });
words!(FailureKind { Dns = "dns", Connect = "connect", ConnectTimeout = "connect_timeout", Tls = "tls", Reset = "reset", Http = "http", TooLarge = "too_large", MissingKey = "missing_key", Egress = "egress", MissingBlob = "missing_blob", Lost = "lost", Other = "other" });
words!(Reached { NotConnected = "not_connected", Connected = "connected", PartlySent = "partly_sent", Sent = "sent", HeadSeen = "head_seen", BodySeen = "body_seen", Unknown = "unknown" });
record!(TransportFailure { kind, reached, message });
options!(Limits { max_line_bytes, max_body_bytes, max_request_bytes, max_held_bytes });
options!(ProviderRow { id, protocol, base_url, auth, key_env, spare_key_env, idempotency_header });
options!(Guards {
    retry_budget,
    retry_refill_percent,
    retry_refill_ms,
    breaker_failures,
    breaker_open_ms,
    breaker_probes,
    cooldown_cap_ms,
    key_rest_ms
});
options!(ClientConfig { providers, policy, limits, guards });
record!(ClientSnapshot { state_version, now_ms, retry_hundredths, refilled_at_ms, deployments, keys });
record!(DeploymentState { provider, model, failures, open_until_ms, cooldown_until_ms, opening });
record!(KeyState { provider, key_slot, until_ms, refused });
record!(CallSnapshot { state_version, running, blobs, state });
words!(AttemptEnd { Answered = "answered", Failed = "failed", Aborted = "aborted" });
words!(WaitReason { Backoff = "backoff", Hint = "hint", Cooldown = "cooldown", Keys = "keys", None = "none" });
record!(AttemptReport {
    attempt,
    provider,
    model,
    started_ms,
    head_ms,
    ended_ms,
    status,
    bytes_seen,
    end,
    error,
    cause,
    wait_ms,
    wait_reason,
    maybe_billed,
    key_slot,
    reached
});
words!(WarningKind { Dropped = "dropped", Renamed = "renamed", Clamped = "clamped" });
record!(Warning { kind, field, message });
variant!(BodySegment { Text(TextSegment) = "text", Blob(BlobSegment) = "blob" });
record!(TextSegment tagged "type" { text });
record!(BlobSegment tagged "type" { id, encoding });
words!(BlobEncoding { Raw = "raw", Base64 = "base64" });
record!(HttpRequest { method, url, headers, auth, body, body_length });
record!(SavedCall {
    routes,
    dice,
    streamed,
    resumable,
    answers,
    settings,
    caller_timeout_ms,
    started_ms,
    now_ms,
    first_token_ms,
    held_ms,
    attempts,
    counted,
    tried,
    refused,
    aborted,
    waiting,
    running
});
record!(SavedRoute { model, on, request, warnings });
record!(Settings {
    max_attempts,
    backoff_base_ms,
    backoff_cap_ms,
    total_timeout_ms,
    idle_timeout_ms,
    connect_timeout_ms,
    first_token_timeout_ms,
    resend_unknown
});
record!(SavedPause { until_ms, held_since_ms });
record!(SavedAttempt {
    number,
    started_ms,
    key_slot,
    probe,
    head,
    head_ms,
    body,
    bytes_seen,
    linger_until_ms
});
