//! What a client is made of and what a host may do for it.

use serde::{Deserialize, Serialize};

use super::{AuthSlot, Policy};

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
}
