//! What the core tells a host to do, and what a host tells the core.

use serde::{Deserialize, Serialize};

use super::{Event, Header, Outcome};

/// Where the host fills in a key. The core never sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AuthSlot {
    /// In a header.
    Header(HeaderAuth),
    /// In the query of the URL.
    Query(QueryAuth),
}

/// A key in a header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeaderAuth {
    /// Lower-case name of the header.
    pub name: String,
    /// What stands before the key, such as `Bearer `. May be empty.
    pub prefix: String,
}

/// A key in the query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryAuth {
    /// Name of the parameter.
    pub name: String,
}

/// How a blob is written into a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlobEncoding {
    /// As it is.
    Raw,
    /// Base64 with padding, standard alphabet (RFC 4648 section 4).
    Base64,
}

/// A piece of a request body. The host joins them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BodySegment {
    /// Text, written as UTF-8.
    Text(TextSegment),
    /// Bytes of the host.
    Blob(BlobSegment),
}

/// Text of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextSegment {
    /// The text.
    pub text: String,
}

/// A blob of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlobSegment {
    /// The host's name for it.
    pub id: String,
    /// How it is written.
    pub encoding: BlobEncoding,
}

/// One HTTP request for the host to send. Redirects are not to be followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Upper case.
    pub method: String,
    /// Absolute, `https:` or `http:`; its origin is one of the egress table's.
    pub url: String,
    /// Without `host`, `content-length` and credentials.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// Where the key goes. Absent: none is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthSlot>,
    /// The body, in order. Empty: no body.
    #[serde(default)]
    pub body: Vec<BodySegment>,
    /// Length of the joined body, in bytes.
    pub body_length: u64,
}

/// An attempt to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// Names it from now on. From 1, never used twice in a call.
    pub attempt: u32,
    /// Egress row whose key and origins apply.
    pub provider: String,
    /// Which of the row's keys: 0 is the first that is set of `key-env`, 1 the first of `spare-key-env`, and so on.
    pub key_slot: u32,
    /// What to send.
    pub request: HttpRequest,
    /// Longest silence, in ms, counted while the host waits for this attempt's head or bytes (it waits for
    /// bytes only while its reader wants more). Absent: no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_ms: Option<u64>,
    /// Longest time to connect, in ms. Absent: no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_timeout_ms: Option<u64>,
    /// Most body bytes the core will take; the host may stop reading there and tell `too-large`. Absent: the
    /// answer is a stream, and the core counts what it keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
}

/// What the host has to do now. Every function that moves a call answers with one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Requests to begin.
    #[serde(default)]
    pub send: Vec<Send>,
    /// Attempts to break off. What still arrives of them may be told or not.
    #[serde(default)]
    pub abort: Vec<u32>,
    /// For the caller, in order.
    #[serde(default)]
    pub events: Vec<Event>,
    /// When to call `call-wake` at the latest, if nothing else happens. Absent: no need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wake_at_ms: Option<u64>,
    /// The end. Absent: the call goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The client's memory moved: take a snapshot some time.
    pub state_changed: bool,
}

/// What `call-start` answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Handle of the call.
    pub call: u64,
    /// The first step.
    pub step: Step,
}

/// The head of an HTTP answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseHead {
    /// 100 to 599; interim heads (1xx) are not told.
    pub status: u16,
    /// In the order in which they came.
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// What went wrong with the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The name has no address.
    Dns,
    /// No connection.
    Connect,
    /// It took longer than `connect-timeout-ms`.
    ConnectTimeout,
    /// TLS failed: certificate, version.
    Tls,
    /// The connection broke.
    Reset,
    /// What came is not HTTP.
    Http,
    /// The body passed `max-body-bytes`.
    TooLarge,
    /// No key is set for this provider; nothing was sent.
    MissingKey,
    /// The URL is outside the egress table; nothing was sent.
    Egress,
    /// A blob is missing or of another length; nothing was sent.
    MissingBlob,
    /// The process that held the connection is gone: told after a restore.
    Lost,
    /// Anything else.
    Other,
}

/// How far a failed attempt had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Nothing left the host.
    NotConnected,
    /// Connected, nothing sent.
    Connected,
    /// Part of the request may be there.
    PartlySent,
    /// The request is there.
    Sent,
    /// The head had come.
    HeadSeen,
    /// Bytes of the body had come.
    BodySeen,
    /// The transport cannot tell; counts as possibly sent.
    Unknown,
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransportFailure {
    /// What went wrong.
    pub kind: FailureKind,
    /// How far it had come.
    pub reached: Reached,
    /// The transport's own words, without keys.
    pub message: String,
}

impl ResponseHead {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }
}
