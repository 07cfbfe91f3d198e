//! What a client is made of and what a host may do for it.

use serde::{Deserialize, Serialize};

use super::{AuthSlot, Error, Json, Policy};

/// Bounds. Passing one fails the call whose bytes would pass it with `too-large`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// One line of a stream, in bytes. Default 8388608.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_line_bytes: Option<u64>,
    /// One body, in bytes after decoding. Default 16777216.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
    /// One request body, blobs not counted, in bytes. Default 33554432.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_request_bytes: Option<u64>,
    /// All bytes that the calls of a client hold together, their request bodies among them, in bytes. Default 67108864.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_held_bytes: Option<u64>,
}

/// A provider: a row of data. A row with a known id changes that row: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderRow {
    /// Prefix of the model, `[a-z0-9_-]+`.
    pub id: String,
    /// Wire format. Absent: that of the known row, else `openai-chat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// Where the paths of the wire format begin, without a slash at the end. Absent: that of the known row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Where the key goes. Absent: that of the known row, else a bearer token in `authorization`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthSlot>,
    /// Environment variables that may hold the key, the first that is set wins. Empty: those of the known row
    /// as long as the origin stays the known one or the row had none; else no key is sent.
    #[serde(default)]
    pub key_env: Vec<String>,
    /// Environment variables of further keys, one each, at most 63: turned to when a key is refused (401, 403) or limited
    /// (429). Empty: none.
    #[serde(default)]
    pub spare_key_env: Vec<String>,
    /// Header in which the provider honours an idempotency key, lower case. Absent: that of the known row, else none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_header: Option<String>,
}

/// What protects a provider, and the caller's purse, across the calls of a client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guards {
    /// Retries that a client has in hand, 0 to 1000000. Each one taken costs one, but for those that a 429 asked back by naming
    /// a pause; `retry-refill-percent` gives back. Default 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_budget: Option<u32>,
    /// Hundredths of a retry that each good answer gives back, 0 to 10000. Default 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_refill_percent: Option<u32>,
    /// How long it takes for one retry to come back by itself, in ms, 0 to 31622400000. 0: none does. Default 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_refill_ms: Option<u64>,
    /// Failures of a deployment (a model of a provider), one after another, that open its circuit. 0: it never opens. Default 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_failures: Option<u32>,
    /// How long an open circuit lets nothing through, in ms, 1 to 31622400000. Default 10000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_open_ms: Option<u64>,
    /// Attempts that a half-open circuit lets through at a time, 1 to 1000; the first good one closes it. Default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_probes: Option<u32>,
    /// Longest cooldown that a provider's hint may impose on other calls, and longest rest of a limited key, in ms, 0 to 31622400000. 0: none. Default 60000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_cap_ms: Option<u64>,
    /// How long a refused key (401, 403) rests while there are others, in ms, 0 to 31622400000. Default 300000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_rest_ms: Option<u64>,
}

/// What a client is made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// Changed or added providers.
    #[serde(default)]
    pub providers: Vec<ProviderRow>,
    /// Defaults of every call. Absent: those documented in `policy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// Bounds. Absent: those documented in `limits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Retry budget, circuits, cooldowns. Absent: those documented in `guards`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guards: Option<Guards>,
}

impl ClientConfig {
    /// Reads a document as the engine does: what it does not know is refused, with the place and the nearest name it knows.
    ///
    /// ```
    /// use literllm_core::types::ClientConfig;
    /// let error = ClientConfig::from_json(r#"{"policy":{"max_atempts":2}}"#).unwrap_err();
    /// assert!(error.message.ends_with("policy: unknown field max_atempts; did you mean max_attempts?"));
    /// ```
    ///
    /// # Errors
    /// `invalid-request` with the place of the mistake.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        super::read::document("client config", text)
    }
}

/// What a host may do for one provider. Frozen when the client is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EgressRow {
    /// The row's id.
    pub provider: String,
    /// Wire format.
    pub protocol: String,
    /// Origins (`scheme://host[:port]`) that requests may go to.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Where the key goes. Absent: no key is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthSlot>,
    /// Environment variables that may hold the key, the first that is set wins.
    #[serde(default)]
    pub key_env: Vec<String>,
    /// Environment variables of further keys, one each.
    #[serde(default)]
    pub spare_key_env: Vec<String>,
}

/// What `client-create` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Created {
    /// Handle of the client.
    pub client: u64,
    /// Where requests may go, and with which key.
    #[serde(default)]
    pub egress: Vec<EgressRow>,
}

/// A client's memory: plain data for the next instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSnapshot {
    /// Version of the form; another one is refused.
    pub state_version: u32,
    /// Newest time the client was told.
    pub now_ms: u64,
    /// What is left of the retry budget, in hundredths of a retry.
    pub retry_hundredths: u64,
    /// Since when time has given nothing back to it, Unix milliseconds.
    pub refilled_at_ms: u64,
    /// Deployments that are not simply well.
    #[serde(default)]
    pub deployments: Vec<DeploymentState>,
    /// Keys that rest.
    #[serde(default)]
    pub keys: Vec<KeyState>,
}

/// What a client remembers of a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentState {
    /// Row.
    pub provider: String,
    /// Model, without the prefix.
    pub model: String,
    /// Failures one after another.
    pub failures: u32,
    /// Until when its circuit lets nothing through. Absent: it is closed. In the past: it is half-open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_until_ms: Option<u64>,
    /// Until when it cools down. Absent: it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_until_ms: Option<u64>,
    /// How many circuits of the client had opened when this one did. 0: it never did.
    pub opening: u64,
}

/// A key that rests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyState {
    /// Row.
    pub provider: String,
    /// Which of its keys.
    pub key_slot: u32,
    /// Until when.
    pub until_ms: u64,
    /// Whether it was refused (401, 403) rather than limited.
    pub refused: bool,
}

/// A call between two steps: plain data, for another instance or another process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSnapshot {
    /// Version of the form; another one is refused.
    pub state_version: u32,
    /// Attempts that were under way. Whoever restores the call goes on telling what happens to them; of those whose connection
    /// is gone that is a failure of the kind `lost`.
    #[serde(default)]
    pub running: Vec<u32>,
    /// Blobs that the request names; they are the caller's and must be at hand again.
    #[serde(default)]
    pub blobs: Vec<String>,
    /// The rest, for the core alone.
    pub state: Json,
}
