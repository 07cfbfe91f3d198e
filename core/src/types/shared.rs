//! Small records that many documents share.

use serde::{Deserialize, Serialize};

use super::Json;

/// One HTTP header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Lower-case name. Repeated names are repeated entries, in their order.
    pub name: String,
    /// Value without line breaks. Bytes above 0x7f are read as Latin-1.
    pub value: String,
}

/// A named piece of foreign JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedJson {
    /// The field's name as its owner writes it.
    pub name: String,
    /// Its value.
    pub value: Json,
}

/// What only one wire format understands, and what goes back to it unchanged, exactly once:
/// signatures, encrypted reasoning, item ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderData {
    /// Wire format that wrote it, such as `openai-chat`. Other formats leave it out and warn.
    pub protocol: String,
    /// Provider that wrote it, such as `deepseek`. Absent: any provider of that format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// A JSON object of the wire format's own fields.
    pub data: Json,
}

/// A place up to which the provider may cache the prompt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheBreakpoint {
    /// How long the provider should keep it, in seconds. Absent: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
}
