//! What a stream says, piece by piece.

use serde::{Deserialize, Serialize};

use super::{ErrorKind, Finish, Part, ProviderData, TokenLogprob, Usage, WaitReason, Warning};

/// What kind of part begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Deltas are `text-delta`.
    Text,
    /// Deltas are `reasoning-delta`.
    Reasoning,
    /// Deltas are `refusal-delta`.
    Refusal,
    /// Deltas are `tool-arguments-delta`.
    ToolCall,
}

/// What a stream says. Order: `start`; then for each part `part-start`, its deltas, `part-end` (parts
/// may overlap), `part` for those that come whole; `finish` for each choice; `usage`. `notice`,
/// `warning`, `heartbeat` anywhere. The outcome says the same once more, folded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The answer has begun.
    Start(StartEvent),
    /// A part begins.
    PartStart(PartStartEvent),
    /// More of a text.
    TextDelta(DeltaEvent),
    /// More thinking.
    ReasoningDelta(DeltaEvent),
    /// More of a refusal.
    RefusalDelta(DeltaEvent),
    /// More of a tool's arguments.
    ToolArgumentsDelta(DeltaEvent),
    /// A part ends.
    PartEnd(PartEndEvent),
    /// A part that came whole.
    Part(PartEvent),
    /// Log probabilities of what came.
    Logprobs(LogprobsEvent),
    /// Why a choice stopped.
    Finish(FinishEvent),
    /// Tokens so far; the last one counts.
    Usage(Usage),
    /// The provider is alive and has nothing to say.
    Heartbeat,
    /// The policy did something.
    Notice(NoticeEvent),
    /// Something was dropped, renamed or clamped.
    Warning(Warning),
}

/// The answer has begun.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StartEvent {
    /// As in `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// As in `response`.
    pub provider: String,
    /// As in `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// As in `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_ms: Option<u64>,
    /// As in `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A part begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartStartEvent {
    /// The choice it belongs to.
    pub choice: u32,
    /// Its id, unique in the answer, from 0.
    pub part: u32,
    /// What it is.
    pub kind: PartKind,
    /// For a tool call: its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// For a tool call: the tool's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
}

/// More of a part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeltaEvent {
    /// The choice.
    pub choice: u32,
    /// The part.
    pub part: u32,
    /// What is added. Never empty.
    pub text: String,
}

/// A part ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartEndEvent {
    /// The choice.
    pub choice: u32,
    /// The part.
    pub part: u32,
    /// What goes back to the provider with it. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_data: Option<ProviderData>,
}

/// A part that came whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartEvent {
    /// The choice.
    pub choice: u32,
    /// Its id.
    pub part: u32,
    /// The part.
    pub content: Part,
}

/// Log probabilities of what came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogprobsEvent {
    /// The choice.
    pub choice: u32,
    /// In order.
    #[serde(default)]
    pub tokens: Vec<TokenLogprob>,
}

/// Why a choice stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FinishEvent {
    /// The choice.
    pub choice: u32,
    /// Why.
    pub finish: Finish,
}

/// The policy did something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoticeEvent {
    /// What.
    pub notice: Notice,
}

/// What the policy did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Notice {
    /// An attempt failed and another will follow.
    Retry(RetryNotice),
    /// Another model is asked from here on.
    Fallback(FallbackNotice),
    /// An attempt is held back.
    Hold(HoldNotice),
}

/// An attempt failed and another will follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryNotice {
    /// The attempt that failed.
    pub attempt: u32,
    /// Why.
    pub error: ErrorKind,
    /// In words.
    pub cause: String,
    /// Pause before the next, in ms.
    pub delay_ms: u64,
    /// What the pause is for.
    pub reason: WaitReason,
}

/// Another model is asked from here on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FallbackNotice {
    /// The model that failed, `provider/model`.
    pub from_model: String,
    /// The model that is asked now.
    pub to_model: String,
    /// Why.
    pub error: ErrorKind,
    /// In words.
    pub cause: String,
}

/// An attempt is held back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoldNotice {
    /// The model it is for, `provider/model`.
    pub model: String,
    /// Why.
    pub reason: WaitReason,
    /// For how long, in ms.
    pub delay_ms: u64,
}
