//! One error table for every phase, and the report of a call.

use serde::{Deserialize, Serialize};

use super::{Reached, Response};

/// What went wrong, to match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request cannot be sent, or the provider refuses its form (400, 422).
    InvalidRequest,
    /// The provider is not in the registry.
    UnknownProvider,
    /// No key, or a wrong one (401).
    Authentication,
    /// A good key that may not do this (403).
    Permission,
    /// No such model or path (404).
    NotFound,
    /// The prompt does not fit into the model.
    ContextLength,
    /// Refused for what it contains.
    ContentFilter,
    /// Too many requests (429); a pause helps.
    RateLimit,
    /// Money or a quota is spent (402, `insufficient_quota`); a pause does not help.
    Quota,
    /// The provider failed (5xx, or an error inside an answer).
    Server,
    /// The provider is overloaded (503, 529).
    Overloaded,
    /// No connection, or it broke before the answer began.
    Connection,
    /// The answer broke off.
    Cut,
    /// The answer is not what the wire format says.
    Protocol,
    /// A deadline passed.
    Timeout,
    /// A bound of the client was passed.
    TooLarge,
    /// The caller gave up.
    Cancelled,
    /// A redirect, which is never followed.
    Redirect,
    /// A handle that is stale, foreign or dropped; a call out of order. The host's turn.
    InvalidState,
    /// A broken assumption of ours.
    Internal,
    /// Held back by us: the deployment failed too often of late. Nothing was sent.
    CircuitOpen,
}

/// Which bound of time a `timeout` passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// `connect-timeout-ms`.
    Connect,
    /// `first-token-timeout-ms`.
    FirstToken,
    /// `idle-timeout-ms`.
    Idle,
    /// `total-timeout-ms`.
    Total,
    /// The caller's own: `caller-timeout-ms`.
    Caller,
}

/// What a caller may do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// Send the same request again, after `retry-after-ms` if there is one. With `maybe-billed` it may be paid twice.
    Resend,
    /// Ask the model to go on from the partial answer.
    Continue,
    /// Nothing that is in the caller's hands as the request stands.
    GiveUp,
}

/// How far a call had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before anything was sent.
    Request,
    /// No connection yet.
    Connect,
    /// Sent, or perhaps sent; no head yet.
    Head,
    /// Inside the answer.
    Body,
    /// The answer is there and cannot be read.
    Parse,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// What to match on.
    pub kind: ErrorKind,
    /// For the person who must act: whose turn it is, what was expected, what came, what helps. No key, ever.
    pub message: String,
    /// HTTP status. Absent: there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The provider's own code, such as `model_not_found`. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_code: Option<String>,
    /// Whether sending the same request again may help.
    pub retryable: bool,
    /// The pause the provider asks for, in ms. Absent: none asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The provider's request id. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How far the call had come.
    pub phase: Phase,
    /// Body bytes of the last attempt that had come.
    pub bytes_seen: u64,
    /// The provider's own words, at most 4096 bytes. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// The answer so far. Absent: nothing had come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Box<Response>>,
    /// For a `timeout`: which bound was passed. Absent: it was the provider's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// Whether any attempt may have been billed although no answer came of it.
    pub maybe_billed: bool,
    /// What may be done now, the best first. Never empty.
    #[serde(default)]
    pub next: Vec<NextStep>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd {
    /// With a whole answer.
    Answered,
    /// With an error.
    Failed,
    /// We broke it off.
    Aborted,
}

/// One attempt, told at the end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttemptReport {
    /// From 1.
    pub attempt: u32,
    /// Row it went to.
    pub provider: String,
    /// Model it asked for, without the prefix.
    pub model: String,
    /// When the request was handed to the host.
    pub started_ms: u64,
    /// When the head came. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: u64,
    /// HTTP status. Absent: no head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Body bytes received.
    pub bytes_seen: u64,
    /// How it ended.
    pub end: AttemptEnd,
    /// What went wrong. Absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorKind>,
    /// In words. Absent: nothing went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Pause before the next attempt, in ms. Absent: none followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
    /// What that pause was for. Absent: none followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_reason: Option<WaitReason>,
    /// Whether the provider may have done the work although no answer came, and may bill it.
    pub maybe_billed: bool,
    /// Which of the provider's keys it used, from 0.
    pub key_slot: u32,
    /// How far it had come, as the transport told. Absent: it did not fail in the transport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Reached>,
}

/// What a pause is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitReason {
    /// Exponential backoff with jitter.
    Backoff,
    /// The provider named it.
    Hint,
    /// The deployment cools down, since another call was told to wait.
    Cooldown,
    /// All keys of the provider rest.
    Keys,
    /// No pause: another key, or another model, is tried at once.
    None,
}

/// What the call cost in time and attempts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// When it started.
    pub started_ms: u64,
    /// When it ended.
    pub ended_ms: u64,
    /// From the start to the first visible piece (text, reasoning, refusal, tool arguments), in ms. Absent: none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<u64>,
    /// Every attempt, in order.
    #[serde(default)]
    pub attempts: Vec<AttemptReport>,
    /// Time during which attempts were held back (`cooldown`, `keys`), in ms.
    pub held_ms: u64,
}

/// How the call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutcomeResult {
    /// Well.
    Response(Response),
    /// Not well.
    Error(Error),
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Answer or error.
    pub result: OutcomeResult,
    /// Times and attempts.
    pub report: Report,
}

impl Error {
    /// An error from before anything was sent; not retryable.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            provider_code: None,
            retryable: false,
            retry_after_ms: None,
            request_id: None,
            phase: Phase::Request,
            bytes_seen: 0,
            raw: None,
            partial: None,
            deadline: None,
            maybe_billed: false,
            next: vec![NextStep::GiveUp],
        }
    }

    /// The same error in another phase.
    pub(crate) fn in_phase(mut self, phase: Phase) -> Self {
        self.phase = phase;
        self
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Error {}
