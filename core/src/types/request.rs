//! What a caller may ask, and how hard a call may be tried.

use serde::{Deserialize, Serialize};

use super::{ErrorKind, Header, Json, Message, Number, Output, Tool, ToolChoice};

/// How hard to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningEffort {
    /// Not at all.
    None,
    /// As little as the model can.
    Minimal,
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// More.
    Xhigh,
    /// As much as the model can.
    Max,
}

/// Thinking. All absent: the model's own default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasoningOptions {
    /// How hard. Absent: not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effort: Option<ReasoningEffort>,
    /// Bound in tokens. Absent: none said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_tokens: Option<u64>,
    /// Summary wanted: `auto`, `concise`, `detailed`. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Ask for encrypted reasoning to carry into the next turn. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_encrypted: Option<bool>,
}

/// Caching by key, where breakpoints are not the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptCache {
    /// Requests with the same key share a cache. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How long, in the provider's words, such as `24h`. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
}

/// One entry of `metadata`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataEntry {
    /// Key, at most 64 characters with most providers.
    pub key: String,
    /// Value, at most 512 characters with most providers.
    pub value: String,
}

/// Bias for one token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogitBiasEntry {
    /// Token id in the model's vocabulary.
    pub token: u32,
    /// -100 to 100.
    pub bias: Number,
}

/// Fields of one wire format that this contract does not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraBody {
    /// The wire format they are meant for; others leave them out and warn.
    pub protocol: String,
    /// A JSON object; its fields are merged into the body last, so they win.
    pub body: Json,
}

/// One chat request. Every option is absent by default and then left to the provider.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// `provider/model`, such as `openai/gpt-4o-mini`.
    pub model: String,
    /// At least one.
    #[serde(default)]
    pub messages: Vec<Message>,
    /// Answer piece by piece. Absent: in one piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// Bound of the answer, reasoning included where the provider counts so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output_tokens: Option<u64>,
    /// 0 to 2 with most providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Number>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_p: Option<Number>,
    /// At least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_p: Option<Number>,
    /// -2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<Number>,
    /// -2 to 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<Number>,
    /// Ask for the same answer to the same request; a promise of no provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Texts that end the answer; at most 4 with most providers.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Bias of tokens.
    #[serde(default)]
    pub logit_bias: Vec<LogitBiasEntry>,
    /// Log probabilities of the tokens of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<bool>,
    /// How many alternatives to each token, 0 to 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_logprobs: Option<u32>,
    /// How many answers. Absent: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// What the model may call.
    #[serde(default)]
    pub tools: Vec<Tool>,
    /// Which of them. Absent: the provider's default, `auto` where tools are offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_choice: Option<ToolChoice>,
    /// Several calls in one turn. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_tool_calls: Option<bool>,
    /// Form of the answer. Absent: free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// Such as `text`, `audio`, `image`. Empty: the provider's default.
    #[serde(default)]
    pub modalities: Vec<String>,
    /// Thinking. Absent: the model's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<ReasoningOptions>,
    /// Caching by key. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_cache: Option<PromptCache>,
    /// Go on after this response, which the provider keeps. Absent: `messages` is all there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_response_id: Option<String>,
    /// Go on in this conversation, which the provider keeps. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Let the provider keep the answer. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<bool>,
    /// Let the provider work on while nobody waits. Absent: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
    /// End user, in the provider's older field. Absent: not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Stable, anonymous id of the end user. Absent: not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_identifier: Option<String>,
    /// Labels the provider keeps with the request.
    #[serde(default)]
    pub metadata: Vec<MetadataEntry>,
    /// Such as `auto`, `default`, `flex`, `priority`. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// Fields of one wire format that this contract does not know.
    #[serde(default)]
    pub extra: Vec<ExtraBody>,
    /// More headers. Never credentials: `authorization` and its kin are refused.
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// How a call may be tried. It overrides the client's policy, field by field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Attempts at each model, 1 to 100. One that a refused key cost is not counted while another key is left. Default 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// Upper end of the first backoff, in ms, 0 to 31622400000. Default 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_base_ms: Option<u64>,
    /// Upper end of any backoff, in ms, 0 to 31622400000. Default 8000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backoff_cap_ms: Option<u64>,
    /// From the start of the call to its end, in ms, 1 to 31622400000. Default 600000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_timeout_ms: Option<u64>,
    /// Longest silence while waiting for the head or for bytes, in ms, 1 to 31622400000. Default 300000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout_ms: Option<u64>,
    /// For a connection to stand, in ms, where the transport can tell, 1 to 31622400000. Default 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_timeout_ms: Option<u64>,
    /// From handing out an attempt to the first visible piece of its streamed answer, in ms, 1 to 31622400000. Absent: no bound of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_timeout_ms: Option<u64>,
    /// When a request of unknown fate is sent again. Default `before-token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend_unknown: Option<ResendUnknown>,
    /// Models to turn to, in order, as long as the caller has seen nothing. Empty: none; in a call's options those of the client.
    #[serde(default)]
    pub fallback: Vec<FallbackStep>,
}

/// When a request of unknown fate (sent, or perhaps sent, and no whole answer) is sent again. The provider may have done the
/// work and may bill both. Where the provider honours an idempotency key it is always sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResendUnknown {
    /// Never, neither to the same model nor to another.
    Never,
    /// When it was lost before the head of an answer.
    BeforeHead,
    /// When it was lost before the caller saw anything of the answer.
    BeforeToken,
}

/// A model to turn to when the ones before it failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackStep {
    /// `provider/model`.
    pub model: String,
    /// Kinds of error it helps against. Empty: all but those that are the request's own fault or the caller's will
    /// (`invalid-request`, `too-large`, `cancelled`).
    #[serde(default)]
    pub on: Vec<ErrorKind>,
}

/// What stands beside a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallOptions {
    /// Overrides of the client's policy. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Turn every warning into an error before anything is sent. Absent: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// What the caller's own deadline leaves of the time, in ms. The sooner of it and `total-timeout-ms` ends the call, and the
    /// error says which. Absent: the caller has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_timeout_ms: Option<u64>,
    /// Names the call to a provider that honours such keys; the same for every attempt. Absent: one is made of the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Keep the bytes of a streamed answer while it runs, so that a snapshot in the middle of it can go on. Absent: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumable: Option<bool>,
}
