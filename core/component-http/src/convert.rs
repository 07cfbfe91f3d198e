// Generated from wit/types.wit by `cargo xtask generate`. Do not edit.
//! The contract's types, from wit-bindgen's to the core's and back.

#![expect(clippy::useless_conversion, reason = "a value of the type `json` is a text on both sides")]

use literllm_core::types as core;

use crate::bindings::exports::literllm::engine::types as wit;

impl From<wit::Header> for core::Header {
    fn from(value: wit::Header) -> Self {
        let wit::Header { name, value } = value;
        Self {
            name,
            value,
        }
    }
}

impl From<wit::ProviderData> for core::ProviderData {
    fn from(value: wit::ProviderData) -> Self {
        let wit::ProviderData { protocol, provider, data } = value;
        Self {
            protocol,
            provider,
            data: data.into(),
        }
    }
}

impl From<wit::CacheBreakpoint> for core::CacheBreakpoint {
    fn from(value: wit::CacheBreakpoint) -> Self {
        let wit::CacheBreakpoint { ttl_seconds } = value;
        Self {
            ttl_seconds,
        }
    }
}

impl From<wit::Role> for core::Role {
    fn from(value: wit::Role) -> Self {
        match value {
            wit::Role::System => Self::System,
            wit::Role::Developer => Self::Developer,
            wit::Role::User => Self::User,
            wit::Role::Assistant => Self::Assistant,
            wit::Role::Tool => Self::Tool,
        }
    }
}

impl From<wit::TextPart> for core::TextPart {
    fn from(value: wit::TextPart) -> Self {
        let wit::TextPart { text, cache, provider_data } = value;
        Self {
            text,
            cache: cache.map(|value| value.into()),
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<wit::UrlSource> for core::UrlSource {
    fn from(value: wit::UrlSource) -> Self {
        let wit::UrlSource { url } = value;
        Self {
            url,
        }
    }
}

impl From<wit::BlobSource> for core::BlobSource {
    fn from(value: wit::BlobSource) -> Self {
        let wit::BlobSource { id, length } = value;
        Self {
            id,
            length,
        }
    }
}

impl From<wit::ProviderFileSource> for core::ProviderFileSource {
    fn from(value: wit::ProviderFileSource) -> Self {
        let wit::ProviderFileSource { id } = value;
        Self {
            id,
        }
    }
}

impl From<wit::MediaSource> for core::MediaSource {
    fn from(value: wit::MediaSource) -> Self {
        match value {
            wit::MediaSource::Url(value) => Self::Url(value.into()),
            wit::MediaSource::Blob(value) => Self::Blob(value.into()),
            wit::MediaSource::ProviderFile(value) => Self::ProviderFile(value.into()),
        }
    }
}

impl From<wit::MediaPart> for core::MediaPart {
    fn from(value: wit::MediaPart) -> Self {
        let wit::MediaPart { source, media_type, name, detail, cache, provider_data } = value;
        Self {
            source: source.into(),
            media_type,
            name,
            detail,
            cache: cache.map(|value| value.into()),
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<wit::ToolCallPart> for core::ToolCallPart {
    fn from(value: wit::ToolCallPart) -> Self {
        let wit::ToolCallPart { id, name, arguments, complete, provider_data } = value;
        Self {
            id,
            name,
            arguments,
            complete,
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<wit::TextContent> for core::TextContent {
    fn from(value: wit::TextContent) -> Self {
        let wit::TextContent { text } = value;
        Self {
            text,
        }
    }
}

impl From<wit::JsonContent> for core::JsonContent {
    fn from(value: wit::JsonContent) -> Self {
        let wit::JsonContent { value } = value;
        Self {
            value: value.into(),
        }
    }
}

impl From<wit::ToolResultContent> for core::ToolResultContent {
    fn from(value: wit::ToolResultContent) -> Self {
        match value {
            wit::ToolResultContent::Text(value) => Self::Text(value.into()),
            wit::ToolResultContent::Image(value) => Self::Image(value.into()),
            wit::ToolResultContent::Json(value) => Self::Json(value.into()),
        }
    }
}

impl From<wit::ToolResultPart> for core::ToolResultPart {
    fn from(value: wit::ToolResultPart) -> Self {
        let wit::ToolResultPart { tool_call_id, name, content, is_error, cache } = value;
        Self {
            tool_call_id,
            name,
            content: content.into_iter().map(Into::into).collect(),
            is_error,
            cache: cache.map(|value| value.into()),
        }
    }
}

impl From<wit::ReasoningPart> for core::ReasoningPart {
    fn from(value: wit::ReasoningPart) -> Self {
        let wit::ReasoningPart { text, provider_data } = value;
        Self {
            text,
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<wit::RefusalPart> for core::RefusalPart {
    fn from(value: wit::RefusalPart) -> Self {
        let wit::RefusalPart { text } = value;
        Self {
            text,
        }
    }
}

impl From<wit::CitationPart> for core::CitationPart {
    fn from(value: wit::CitationPart) -> Self {
        let wit::CitationPart { url, title, start_char, end_char, data } = value;
        Self {
            url,
            title,
            start_char,
            end_char,
            data: data.into(),
        }
    }
}

impl From<wit::DocumentPart> for core::DocumentPart {
    fn from(value: wit::DocumentPart) -> Self {
        let wit::DocumentPart { id, title, text, cache } = value;
        Self {
            id,
            title,
            text,
            cache: cache.map(|value| value.into()),
        }
    }
}

impl From<wit::OpaquePart> for core::OpaquePart {
    fn from(value: wit::OpaquePart) -> Self {
        let wit::OpaquePart { name, provider_data } = value;
        Self {
            name,
            provider_data: provider_data.into(),
        }
    }
}

impl From<wit::Part> for core::Part {
    fn from(value: wit::Part) -> Self {
        match value {
            wit::Part::Text(value) => Self::Text(value.into()),
            wit::Part::Image(value) => Self::Image(value.into()),
            wit::Part::Audio(value) => Self::Audio(value.into()),
            wit::Part::Video(value) => Self::Video(value.into()),
            wit::Part::File(value) => Self::File(value.into()),
            wit::Part::ToolCall(value) => Self::ToolCall(value.into()),
            wit::Part::ToolResult(value) => Self::ToolResult(value.into()),
            wit::Part::Reasoning(value) => Self::Reasoning(value.into()),
            wit::Part::Refusal(value) => Self::Refusal(value.into()),
            wit::Part::Citation(value) => Self::Citation(value.into()),
            wit::Part::Document(value) => Self::Document(value.into()),
            wit::Part::Opaque(value) => Self::Opaque(value.into()),
        }
    }
}

impl From<wit::Message> for core::Message {
    fn from(value: wit::Message) -> Self {
        let wit::Message { role, content, name } = value;
        Self {
            role: role.into(),
            content: content.into_iter().map(Into::into).collect(),
            name,
        }
    }
}

impl From<wit::FunctionTool> for core::FunctionTool {
    fn from(value: wit::FunctionTool) -> Self {
        let wit::FunctionTool { name, description, parameters, strict, cache } = value;
        Self {
            name,
            description,
            parameters: parameters.map(|value| value.into()),
            strict,
            cache: cache.map(|value| value.into()),
        }
    }
}

impl From<wit::ProviderTool> for core::ProviderTool {
    fn from(value: wit::ProviderTool) -> Self {
        let wit::ProviderTool { name, protocol, definition } = value;
        Self {
            name,
            protocol,
            definition: definition.into(),
        }
    }
}

impl From<wit::Tool> for core::Tool {
    fn from(value: wit::Tool) -> Self {
        match value {
            wit::Tool::Function(value) => Self::Function(value.into()),
            wit::Tool::Provider(value) => Self::Provider(value.into()),
        }
    }
}

impl From<wit::ChosenTool> for core::ChosenTool {
    fn from(value: wit::ChosenTool) -> Self {
        let wit::ChosenTool { name } = value;
        Self {
            name,
        }
    }
}

impl From<wit::AllowedTools> for core::AllowedTools {
    fn from(value: wit::AllowedTools) -> Self {
        let wit::AllowedTools { names, required } = value;
        Self {
            names: names.into_iter().map(Into::into).collect(),
            required,
        }
    }
}

impl From<wit::ToolChoice> for core::ToolChoice {
    fn from(value: wit::ToolChoice) -> Self {
        match value {
            wit::ToolChoice::Auto => Self::Auto,
            wit::ToolChoice::None => Self::None,
            wit::ToolChoice::Required => Self::Required,
            wit::ToolChoice::Tool(value) => Self::Tool(value.into()),
            wit::ToolChoice::Allowed(value) => Self::Allowed(value.into()),
        }
    }
}

impl From<wit::JsonSchemaOutput> for core::JsonSchemaOutput {
    fn from(value: wit::JsonSchemaOutput) -> Self {
        let wit::JsonSchemaOutput { name, description, schema, strict } = value;
        Self {
            name,
            description,
            schema: schema.into(),
            strict,
        }
    }
}

impl From<wit::GrammarOutput> for core::GrammarOutput {
    fn from(value: wit::GrammarOutput) -> Self {
        let wit::GrammarOutput { syntax, definition } = value;
        Self {
            syntax,
            definition,
        }
    }
}

impl From<wit::Output> for core::Output {
    fn from(value: wit::Output) -> Self {
        match value {
            wit::Output::Text => Self::Text,
            wit::Output::JsonObject => Self::JsonObject,
            wit::Output::JsonSchema(value) => Self::JsonSchema(value.into()),
            wit::Output::Grammar(value) => Self::Grammar(value.into()),
        }
    }
}

impl From<wit::ReasoningEffort> for core::ReasoningEffort {
    fn from(value: wit::ReasoningEffort) -> Self {
        match value {
            wit::ReasoningEffort::None => Self::None,
            wit::ReasoningEffort::Minimal => Self::Minimal,
            wit::ReasoningEffort::Low => Self::Low,
            wit::ReasoningEffort::Medium => Self::Medium,
            wit::ReasoningEffort::High => Self::High,
            wit::ReasoningEffort::Xhigh => Self::Xhigh,
            wit::ReasoningEffort::Max => Self::Max,
        }
    }
}

impl From<wit::ReasoningOptions> for core::ReasoningOptions {
    fn from(value: wit::ReasoningOptions) -> Self {
        let wit::ReasoningOptions { effort, budget_tokens, summary, include_encrypted } = value;
        Self {
            effort: effort.map(|value| value.into()),
            budget_tokens,
            summary,
            include_encrypted,
        }
    }
}

impl From<wit::PromptCache> for core::PromptCache {
    fn from(value: wit::PromptCache) -> Self {
        let wit::PromptCache { key, retention } = value;
        Self {
            key,
            retention,
        }
    }
}

impl From<wit::MetadataEntry> for core::MetadataEntry {
    fn from(value: wit::MetadataEntry) -> Self {
        let wit::MetadataEntry { key, value } = value;
        Self {
            key,
            value,
        }
    }
}

impl From<wit::LogitBiasEntry> for core::LogitBiasEntry {
    fn from(value: wit::LogitBiasEntry) -> Self {
        let wit::LogitBiasEntry { token, bias } = value;
        Self {
            token,
            bias: bias.into(),
        }
    }
}

impl From<wit::ExtraBody> for core::ExtraBody {
    fn from(value: wit::ExtraBody) -> Self {
        let wit::ExtraBody { protocol, body } = value;
        Self {
            protocol,
            body: body.into(),
        }
    }
}

impl From<wit::Request> for core::Request {
    fn from(value: wit::Request) -> Self {
        let wit::Request { model, messages, stream, max_output_tokens, temperature, top_p, top_k, min_p, frequency_penalty, presence_penalty, seed, stop, logit_bias, logprobs, top_logprobs, n, tools, tool_choice, parallel_tool_calls, output, modalities, reasoning, prompt_cache, previous_response_id, conversation_id, store, background, user, safety_identifier, metadata, service_tier, extra, headers } = value;
        Self {
            model,
            messages: messages.into_iter().map(Into::into).collect(),
            stream,
            max_output_tokens,
            temperature: temperature.map(|value| value.into()),
            top_p: top_p.map(|value| value.into()),
            top_k,
            min_p: min_p.map(|value| value.into()),
            frequency_penalty: frequency_penalty.map(|value| value.into()),
            presence_penalty: presence_penalty.map(|value| value.into()),
            seed,
            stop: stop.into_iter().map(Into::into).collect(),
            logit_bias: logit_bias.into_iter().map(Into::into).collect(),
            logprobs,
            top_logprobs,
            n,
            tools: tools.into_iter().map(Into::into).collect(),
            tool_choice: tool_choice.map(|value| value.into()),
            parallel_tool_calls,
            output: output.map(|value| value.into()),
            modalities: modalities.into_iter().map(Into::into).collect(),
            reasoning: reasoning.map(|value| value.into()),
            prompt_cache: prompt_cache.map(|value| value.into()),
            previous_response_id,
            conversation_id,
            store,
            background,
            user,
            safety_identifier,
            metadata: metadata.into_iter().map(Into::into).collect(),
            service_tier,
            extra: extra.into_iter().map(Into::into).collect(),
            headers: headers.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::ResendUnknown> for core::ResendUnknown {
    fn from(value: wit::ResendUnknown) -> Self {
        match value {
            wit::ResendUnknown::Never => Self::Never,
            wit::ResendUnknown::BeforeHead => Self::BeforeHead,
            wit::ResendUnknown::BeforeToken => Self::BeforeToken,
        }
    }
}

impl From<wit::ErrorKind> for core::ErrorKind {
    fn from(value: wit::ErrorKind) -> Self {
        match value {
            wit::ErrorKind::InvalidRequest => Self::InvalidRequest,
            wit::ErrorKind::UnknownProvider => Self::UnknownProvider,
            wit::ErrorKind::Authentication => Self::Authentication,
            wit::ErrorKind::Permission => Self::Permission,
            wit::ErrorKind::NotFound => Self::NotFound,
            wit::ErrorKind::ContextLength => Self::ContextLength,
            wit::ErrorKind::ContentFilter => Self::ContentFilter,
            wit::ErrorKind::RateLimit => Self::RateLimit,
            wit::ErrorKind::Quota => Self::Quota,
            wit::ErrorKind::Server => Self::Server,
            wit::ErrorKind::Overloaded => Self::Overloaded,
            wit::ErrorKind::Connection => Self::Connection,
            wit::ErrorKind::Cut => Self::Cut,
            wit::ErrorKind::Protocol => Self::Protocol,
            wit::ErrorKind::Timeout => Self::Timeout,
            wit::ErrorKind::TooLarge => Self::TooLarge,
            wit::ErrorKind::Cancelled => Self::Cancelled,
            wit::ErrorKind::Redirect => Self::Redirect,
            wit::ErrorKind::InvalidState => Self::InvalidState,
            wit::ErrorKind::Internal => Self::Internal,
            wit::ErrorKind::CircuitOpen => Self::CircuitOpen,
        }
    }
}

impl From<wit::FallbackStep> for core::FallbackStep {
    fn from(value: wit::FallbackStep) -> Self {
        let wit::FallbackStep { model, on } = value;
        Self {
            model,
            on: on.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::Policy> for core::Policy {
    fn from(value: wit::Policy) -> Self {
        let wit::Policy { max_attempts, backoff_base_ms, backoff_cap_ms, total_timeout_ms, idle_timeout_ms, connect_timeout_ms, first_token_timeout_ms, resend_unknown, fallback } = value;
        Self {
            max_attempts,
            backoff_base_ms,
            backoff_cap_ms,
            total_timeout_ms,
            idle_timeout_ms,
            connect_timeout_ms,
            first_token_timeout_ms,
            resend_unknown: resend_unknown.map(|value| value.into()),
            fallback: fallback.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::CallOptions> for core::CallOptions {
    fn from(value: wit::CallOptions) -> Self {
        let wit::CallOptions { policy, strict, caller_timeout_ms, idempotency_key, resumable } = value;
        Self {
            policy: policy.map(|value| value.into()),
            strict,
            caller_timeout_ms,
            idempotency_key,
            resumable,
        }
    }
}

impl From<wit::HeaderAuth> for core::HeaderAuth {
    fn from(value: wit::HeaderAuth) -> Self {
        let wit::HeaderAuth { name, prefix } = value;
        Self {
            name,
            prefix,
        }
    }
}

impl From<wit::QueryAuth> for core::QueryAuth {
    fn from(value: wit::QueryAuth) -> Self {
        let wit::QueryAuth { name } = value;
        Self {
            name,
        }
    }
}

impl From<wit::AuthSlot> for core::AuthSlot {
    fn from(value: wit::AuthSlot) -> Self {
        match value {
            wit::AuthSlot::Header(value) => Self::Header(value.into()),
            wit::AuthSlot::Query(value) => Self::Query(value.into()),
        }
    }
}

impl From<wit::Limits> for core::Limits {
    fn from(value: wit::Limits) -> Self {
        let wit::Limits { max_line_bytes, max_body_bytes, max_request_bytes, max_held_bytes } = value;
        Self {
            max_line_bytes,
            max_body_bytes,
            max_request_bytes,
            max_held_bytes,
        }
    }
}

impl From<wit::ProviderRow> for core::ProviderRow {
    fn from(value: wit::ProviderRow) -> Self {
        let wit::ProviderRow { id, protocol, base_url, auth, key_env, spare_key_env, idempotency_header } = value;
        Self {
            id,
            protocol,
            base_url,
            auth: auth.map(|value| value.into()),
            key_env: key_env.into_iter().map(Into::into).collect(),
            spare_key_env: spare_key_env.into_iter().map(Into::into).collect(),
            idempotency_header,
        }
    }
}

impl From<wit::Guards> for core::Guards {
    fn from(value: wit::Guards) -> Self {
        let wit::Guards { retry_budget, retry_refill_percent, retry_refill_ms, breaker_failures, breaker_open_ms, breaker_probes, cooldown_cap_ms, key_rest_ms } = value;
        Self {
            retry_budget,
            retry_refill_percent,
            retry_refill_ms,
            breaker_failures,
            breaker_open_ms,
            breaker_probes,
            cooldown_cap_ms,
            key_rest_ms,
        }
    }
}

impl From<wit::ClientConfig> for core::ClientConfig {
    fn from(value: wit::ClientConfig) -> Self {
        let wit::ClientConfig { providers, policy, limits, guards } = value;
        Self {
            providers: providers.into_iter().map(Into::into).collect(),
            policy: policy.map(|value| value.into()),
            limits: limits.map(|value| value.into()),
            guards: guards.map(|value| value.into()),
        }
    }
}

impl From<core::NamedJson> for wit::NamedJson {
    fn from(value: core::NamedJson) -> Self {
        let core::NamedJson { name, value } = value;
        Self {
            name,
            value: value.into(),
        }
    }
}

impl From<core::ProviderData> for wit::ProviderData {
    fn from(value: core::ProviderData) -> Self {
        let core::ProviderData { protocol, provider, data } = value;
        Self {
            protocol,
            provider,
            data: data.into(),
        }
    }
}

impl From<core::CacheBreakpoint> for wit::CacheBreakpoint {
    fn from(value: core::CacheBreakpoint) -> Self {
        let core::CacheBreakpoint { ttl_seconds } = value;
        Self {
            ttl_seconds,
        }
    }
}

impl From<core::TextPart> for wit::TextPart {
    fn from(value: core::TextPart) -> Self {
        let core::TextPart { text, cache, provider_data } = value;
        Self {
            text,
            cache: cache.map(|value| value.into()),
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<core::UrlSource> for wit::UrlSource {
    fn from(value: core::UrlSource) -> Self {
        let core::UrlSource { url } = value;
        Self {
            url,
        }
    }
}

impl From<core::BlobSource> for wit::BlobSource {
    fn from(value: core::BlobSource) -> Self {
        let core::BlobSource { id, length } = value;
        Self {
            id,
            length,
        }
    }
}

impl From<core::ProviderFileSource> for wit::ProviderFileSource {
    fn from(value: core::ProviderFileSource) -> Self {
        let core::ProviderFileSource { id } = value;
        Self {
            id,
        }
    }
}

impl From<core::MediaSource> for wit::MediaSource {
    fn from(value: core::MediaSource) -> Self {
        match value {
            core::MediaSource::Url(value) => Self::Url(value.into()),
            core::MediaSource::Blob(value) => Self::Blob(value.into()),
            core::MediaSource::ProviderFile(value) => Self::ProviderFile(value.into()),
        }
    }
}

impl From<core::MediaPart> for wit::MediaPart {
    fn from(value: core::MediaPart) -> Self {
        let core::MediaPart { source, media_type, name, detail, cache, provider_data } = value;
        Self {
            source: source.into(),
            media_type,
            name,
            detail,
            cache: cache.map(|value| value.into()),
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<core::ToolCallPart> for wit::ToolCallPart {
    fn from(value: core::ToolCallPart) -> Self {
        let core::ToolCallPart { id, name, arguments, complete, provider_data } = value;
        Self {
            id,
            name,
            arguments,
            complete,
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<core::TextContent> for wit::TextContent {
    fn from(value: core::TextContent) -> Self {
        let core::TextContent { text } = value;
        Self {
            text,
        }
    }
}

impl From<core::JsonContent> for wit::JsonContent {
    fn from(value: core::JsonContent) -> Self {
        let core::JsonContent { value } = value;
        Self {
            value: value.into(),
        }
    }
}

impl From<core::ToolResultContent> for wit::ToolResultContent {
    fn from(value: core::ToolResultContent) -> Self {
        match value {
            core::ToolResultContent::Text(value) => Self::Text(value.into()),
            core::ToolResultContent::Image(value) => Self::Image(value.into()),
            core::ToolResultContent::Json(value) => Self::Json(value.into()),
        }
    }
}

impl From<core::ToolResultPart> for wit::ToolResultPart {
    fn from(value: core::ToolResultPart) -> Self {
        let core::ToolResultPart { tool_call_id, name, content, is_error, cache } = value;
        Self {
            tool_call_id,
            name,
            content: content.into_iter().map(Into::into).collect(),
            is_error,
            cache: cache.map(|value| value.into()),
        }
    }
}

impl From<core::ReasoningPart> for wit::ReasoningPart {
    fn from(value: core::ReasoningPart) -> Self {
        let core::ReasoningPart { text, provider_data } = value;
        Self {
            text,
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<core::RefusalPart> for wit::RefusalPart {
    fn from(value: core::RefusalPart) -> Self {
        let core::RefusalPart { text } = value;
        Self {
            text,
        }
    }
}

impl From<core::CitationPart> for wit::CitationPart {
    fn from(value: core::CitationPart) -> Self {
        let core::CitationPart { url, title, start_char, end_char, data } = value;
        Self {
            url,
            title,
            start_char,
            end_char,
            data: data.into(),
        }
    }
}

impl From<core::DocumentPart> for wit::DocumentPart {
    fn from(value: core::DocumentPart) -> Self {
        let core::DocumentPart { id, title, text, cache } = value;
        Self {
            id,
            title,
            text,
            cache: cache.map(|value| value.into()),
        }
    }
}

impl From<core::OpaquePart> for wit::OpaquePart {
    fn from(value: core::OpaquePart) -> Self {
        let core::OpaquePart { name, provider_data } = value;
        Self {
            name,
            provider_data: provider_data.into(),
        }
    }
}

impl From<core::Part> for wit::Part {
    fn from(value: core::Part) -> Self {
        match value {
            core::Part::Text(value) => Self::Text(value.into()),
            core::Part::Image(value) => Self::Image(value.into()),
            core::Part::Audio(value) => Self::Audio(value.into()),
            core::Part::Video(value) => Self::Video(value.into()),
            core::Part::File(value) => Self::File(value.into()),
            core::Part::ToolCall(value) => Self::ToolCall(value.into()),
            core::Part::ToolResult(value) => Self::ToolResult(value.into()),
            core::Part::Reasoning(value) => Self::Reasoning(value.into()),
            core::Part::Refusal(value) => Self::Refusal(value.into()),
            core::Part::Citation(value) => Self::Citation(value.into()),
            core::Part::Document(value) => Self::Document(value.into()),
            core::Part::Opaque(value) => Self::Opaque(value.into()),
        }
    }
}

impl From<core::FinishReason> for wit::FinishReason {
    fn from(value: core::FinishReason) -> Self {
        match value {
            core::FinishReason::Stop => Self::Stop,
            core::FinishReason::Length => Self::Length,
            core::FinishReason::ToolCalls => Self::ToolCalls,
            core::FinishReason::ContentFilter => Self::ContentFilter,
            core::FinishReason::Pause => Self::Pause,
            core::FinishReason::Error => Self::Error,
            core::FinishReason::Other => Self::Other,
        }
    }
}

impl From<core::Finish> for wit::Finish {
    fn from(value: core::Finish) -> Self {
        let core::Finish { unified, raw } = value;
        Self {
            unified: unified.into(),
            raw,
        }
    }
}

impl From<core::Usage> for wit::Usage {
    fn from(value: core::Usage) -> Self {
        let core::Usage { input_tokens, input_uncached_tokens, input_cache_read_tokens, input_cache_write_tokens, output_tokens, output_text_tokens, output_reasoning_tokens, raw } = value;
        Self {
            input_tokens,
            input_uncached_tokens,
            input_cache_read_tokens,
            input_cache_write_tokens,
            output_tokens,
            output_text_tokens,
            output_reasoning_tokens,
            raw: raw.map(|value| value.into()),
        }
    }
}

impl From<core::TokenCandidate> for wit::TokenCandidate {
    fn from(value: core::TokenCandidate) -> Self {
        let core::TokenCandidate { token, logprob, bytes } = value;
        Self {
            token,
            logprob: logprob.into(),
            bytes,
        }
    }
}

impl From<core::TokenLogprob> for wit::TokenLogprob {
    fn from(value: core::TokenLogprob) -> Self {
        let core::TokenLogprob { chosen, top } = value;
        Self {
            chosen: chosen.into(),
            top: top.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::WarningKind> for wit::WarningKind {
    fn from(value: core::WarningKind) -> Self {
        match value {
            core::WarningKind::Dropped => Self::Dropped,
            core::WarningKind::Renamed => Self::Renamed,
            core::WarningKind::Clamped => Self::Clamped,
        }
    }
}

impl From<core::Warning> for wit::Warning {
    fn from(value: core::Warning) -> Self {
        let core::Warning { kind, field, message } = value;
        Self {
            kind: kind.into(),
            field,
            message,
        }
    }
}

impl From<core::Choice> for wit::Choice {
    fn from(value: core::Choice) -> Self {
        let core::Choice { index, content, finish, logprobs, extra } = value;
        Self {
            index,
            content: content.into_iter().map(Into::into).collect(),
            finish: finish.map(|value| value.into()),
            logprobs: logprobs.into_iter().map(Into::into).collect(),
            extra: extra.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::Response> for wit::Response {
    fn from(value: core::Response) -> Self {
        let core::Response { id, provider, model, created_ms, request_id, choices, usage, extra, warnings } = value;
        Self {
            id,
            provider,
            model,
            created_ms,
            request_id,
            choices: choices.into_iter().map(Into::into).collect(),
            usage: usage.map(|value| value.into()),
            extra: extra.into_iter().map(Into::into).collect(),
            warnings: warnings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::ErrorKind> for wit::ErrorKind {
    fn from(value: core::ErrorKind) -> Self {
        match value {
            core::ErrorKind::InvalidRequest => Self::InvalidRequest,
            core::ErrorKind::UnknownProvider => Self::UnknownProvider,
            core::ErrorKind::Authentication => Self::Authentication,
            core::ErrorKind::Permission => Self::Permission,
            core::ErrorKind::NotFound => Self::NotFound,
            core::ErrorKind::ContextLength => Self::ContextLength,
            core::ErrorKind::ContentFilter => Self::ContentFilter,
            core::ErrorKind::RateLimit => Self::RateLimit,
            core::ErrorKind::Quota => Self::Quota,
            core::ErrorKind::Server => Self::Server,
            core::ErrorKind::Overloaded => Self::Overloaded,
            core::ErrorKind::Connection => Self::Connection,
            core::ErrorKind::Cut => Self::Cut,
            core::ErrorKind::Protocol => Self::Protocol,
            core::ErrorKind::Timeout => Self::Timeout,
            core::ErrorKind::TooLarge => Self::TooLarge,
            core::ErrorKind::Cancelled => Self::Cancelled,
            core::ErrorKind::Redirect => Self::Redirect,
            core::ErrorKind::InvalidState => Self::InvalidState,
            core::ErrorKind::Internal => Self::Internal,
            core::ErrorKind::CircuitOpen => Self::CircuitOpen,
        }
    }
}

impl From<core::Deadline> for wit::Deadline {
    fn from(value: core::Deadline) -> Self {
        match value {
            core::Deadline::Connect => Self::Connect,
            core::Deadline::FirstToken => Self::FirstToken,
            core::Deadline::Idle => Self::Idle,
            core::Deadline::Total => Self::Total,
            core::Deadline::Caller => Self::Caller,
        }
    }
}

impl From<core::NextStep> for wit::NextStep {
    fn from(value: core::NextStep) -> Self {
        match value {
            core::NextStep::Resend => Self::Resend,
            core::NextStep::Continue => Self::Continue,
            core::NextStep::GiveUp => Self::GiveUp,
        }
    }
}

impl From<core::Phase> for wit::Phase {
    fn from(value: core::Phase) -> Self {
        match value {
            core::Phase::Request => Self::Request,
            core::Phase::Connect => Self::Connect,
            core::Phase::Head => Self::Head,
            core::Phase::Body => Self::Body,
            core::Phase::Parse => Self::Parse,
        }
    }
}

impl From<core::Error> for wit::Error {
    fn from(value: core::Error) -> Self {
        let core::Error { kind, message, status, provider_code, retryable, retry_after_ms, request_id, phase, bytes_seen, raw, partial, deadline, maybe_billed, next } = value;
        Self {
            kind: kind.into(),
            message,
            status,
            provider_code,
            retryable,
            retry_after_ms,
            request_id,
            phase: phase.into(),
            bytes_seen,
            raw,
            partial: partial.map(|value| (*value).into()),
            deadline: deadline.map(|value| value.into()),
            maybe_billed,
            next: next.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::AttemptEnd> for wit::AttemptEnd {
    fn from(value: core::AttemptEnd) -> Self {
        match value {
            core::AttemptEnd::Answered => Self::Answered,
            core::AttemptEnd::Failed => Self::Failed,
            core::AttemptEnd::Aborted => Self::Aborted,
        }
    }
}

impl From<core::WaitReason> for wit::WaitReason {
    fn from(value: core::WaitReason) -> Self {
        match value {
            core::WaitReason::Backoff => Self::Backoff,
            core::WaitReason::Hint => Self::Hint,
            core::WaitReason::Cooldown => Self::Cooldown,
            core::WaitReason::Keys => Self::Keys,
            core::WaitReason::None => Self::None,
        }
    }
}

impl From<core::OutcomeResult> for wit::OutcomeResult {
    fn from(value: core::OutcomeResult) -> Self {
        match value {
            core::OutcomeResult::Response(value) => Self::Response(value.into()),
            core::OutcomeResult::Error(value) => Self::Error(value.into()),
        }
    }
}

impl From<core::PartKind> for wit::PartKind {
    fn from(value: core::PartKind) -> Self {
        match value {
            core::PartKind::Text => Self::Text,
            core::PartKind::Reasoning => Self::Reasoning,
            core::PartKind::Refusal => Self::Refusal,
            core::PartKind::ToolCall => Self::ToolCall,
        }
    }
}

impl From<core::StartEvent> for wit::StartEvent {
    fn from(value: core::StartEvent) -> Self {
        let core::StartEvent { id, provider, model, created_ms, request_id } = value;
        Self {
            id,
            provider,
            model,
            created_ms,
            request_id,
        }
    }
}

impl From<core::PartStartEvent> for wit::PartStartEvent {
    fn from(value: core::PartStartEvent) -> Self {
        let core::PartStartEvent { choice, part, kind, tool_call_id, tool_name } = value;
        Self {
            choice,
            part,
            kind: kind.into(),
            tool_call_id,
            tool_name,
        }
    }
}

impl From<core::DeltaEvent> for wit::DeltaEvent {
    fn from(value: core::DeltaEvent) -> Self {
        let core::DeltaEvent { choice, part, text } = value;
        Self {
            choice,
            part,
            text,
        }
    }
}

impl From<core::PartEndEvent> for wit::PartEndEvent {
    fn from(value: core::PartEndEvent) -> Self {
        let core::PartEndEvent { choice, part, provider_data } = value;
        Self {
            choice,
            part,
            provider_data: provider_data.map(|value| value.into()),
        }
    }
}

impl From<core::PartEvent> for wit::PartEvent {
    fn from(value: core::PartEvent) -> Self {
        let core::PartEvent { choice, part, content } = value;
        Self {
            choice,
            part,
            content: content.into(),
        }
    }
}

impl From<core::LogprobsEvent> for wit::LogprobsEvent {
    fn from(value: core::LogprobsEvent) -> Self {
        let core::LogprobsEvent { choice, tokens } = value;
        Self {
            choice,
            tokens: tokens.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<core::FinishEvent> for wit::FinishEvent {
    fn from(value: core::FinishEvent) -> Self {
        let core::FinishEvent { choice, finish } = value;
        Self {
            choice,
            finish: finish.into(),
        }
    }
}

impl From<core::RetryNotice> for wit::RetryNotice {
    fn from(value: core::RetryNotice) -> Self {
        let core::RetryNotice { attempt, error, cause, delay_ms, reason } = value;
        Self {
            attempt,
            error: error.into(),
            cause,
            delay_ms,
            reason: reason.into(),
        }
    }
}

impl From<core::FallbackNotice> for wit::FallbackNotice {
    fn from(value: core::FallbackNotice) -> Self {
        let core::FallbackNotice { from_model, to_model, error, cause } = value;
        Self {
            from_model,
            to_model,
            error: error.into(),
            cause,
        }
    }
}

impl From<core::HoldNotice> for wit::HoldNotice {
    fn from(value: core::HoldNotice) -> Self {
        let core::HoldNotice { model, reason, delay_ms } = value;
        Self {
            model,
            reason: reason.into(),
            delay_ms,
        }
    }
}

impl From<core::Notice> for wit::Notice {
    fn from(value: core::Notice) -> Self {
        match value {
            core::Notice::Retry(value) => Self::Retry(value.into()),
            core::Notice::Fallback(value) => Self::Fallback(value.into()),
            core::Notice::Hold(value) => Self::Hold(value.into()),
        }
    }
}

impl From<core::NoticeEvent> for wit::NoticeEvent {
    fn from(value: core::NoticeEvent) -> Self {
        let core::NoticeEvent { notice } = value;
        Self {
            notice: notice.into(),
        }
    }
}

impl From<core::Event> for wit::Event {
    fn from(value: core::Event) -> Self {
        match value {
            core::Event::Start(value) => Self::Start(value.into()),
            core::Event::PartStart(value) => Self::PartStart(value.into()),
            core::Event::TextDelta(value) => Self::TextDelta(value.into()),
            core::Event::ReasoningDelta(value) => Self::ReasoningDelta(value.into()),
            core::Event::RefusalDelta(value) => Self::RefusalDelta(value.into()),
            core::Event::ToolArgumentsDelta(value) => Self::ToolArgumentsDelta(value.into()),
            core::Event::PartEnd(value) => Self::PartEnd(value.into()),
            core::Event::Part(value) => Self::Part(value.into()),
            core::Event::Logprobs(value) => Self::Logprobs(value.into()),
            core::Event::Finish(value) => Self::Finish(value.into()),
            core::Event::Usage(value) => Self::Usage(value.into()),
            core::Event::Heartbeat => Self::Heartbeat,
            core::Event::Notice(value) => Self::Notice(value.into()),
            core::Event::Warning(value) => Self::Warning(value.into()),
        }
    }
}

impl From<core::Reached> for wit::Reached {
    fn from(value: core::Reached) -> Self {
        match value {
            core::Reached::NotConnected => Self::NotConnected,
            core::Reached::Connected => Self::Connected,
            core::Reached::PartlySent => Self::PartlySent,
            core::Reached::Sent => Self::Sent,
            core::Reached::HeadSeen => Self::HeadSeen,
            core::Reached::BodySeen => Self::BodySeen,
            core::Reached::Unknown => Self::Unknown,
        }
    }
}

impl From<core::AttemptReport> for wit::AttemptReport {
    fn from(value: core::AttemptReport) -> Self {
        let core::AttemptReport { attempt, provider, model, started_ms, head_ms, ended_ms, status, bytes_seen, end, error, cause, wait_ms, wait_reason, maybe_billed, key_slot, reached } = value;
        Self {
            attempt,
            provider,
            model,
            started_ms,
            head_ms,
            ended_ms,
            status,
            bytes_seen,
            end: end.into(),
            error: error.map(|value| value.into()),
            cause,
            wait_ms,
            wait_reason: wait_reason.map(|value| value.into()),
            maybe_billed,
            key_slot,
            reached: reached.map(|value| value.into()),
        }
    }
}

impl From<core::Report> for wit::Report {
    fn from(value: core::Report) -> Self {
        let core::Report { started_ms, ended_ms, first_token_ms, attempts, held_ms } = value;
        Self {
            started_ms,
            ended_ms,
            first_token_ms,
            attempts: attempts.into_iter().map(Into::into).collect(),
            held_ms,
        }
    }
}

impl From<core::Outcome> for wit::Outcome {
    fn from(value: core::Outcome) -> Self {
        let core::Outcome { result, report } = value;
        Self {
            result: result.into(),
            report: report.into(),
        }
    }
}
