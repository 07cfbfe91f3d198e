//! Wire formats: one folder each, knowing one format and nothing of retries.
//!
//! To add one: implement [`ProviderAdapter`], register it in [`crate::ProviderRegistry::builtin`], add rows that
//! name it and a folder of vectors.

pub(crate) mod anthropic_messages;
pub(crate) mod body;
pub(crate) mod cohere_chat;
pub(crate) mod document;
pub(crate) mod growing;
pub(crate) mod openai_chat;
pub(crate) mod own;
mod sink;

use crate::framing::Frame;
use crate::registry::Quirks;
use crate::types::{BodySegment, Error, Header, Request, ResponseHead, Warning};

pub use sink::EventSink;
pub(crate) use sink::Owner;

/// One wire format.
///
/// An adapter is stateless; what a stream needs to remember lives in its [`Decoder`], one per attempt.
pub trait ProviderAdapter: Send + Sync {
    /// Its name in rows, such as `openai-chat`.
    fn protocol(&self) -> &'static str;

    /// The HTTP request that asks `request` of `target`, and what was lost on the way.
    ///
    /// # Errors
    /// `invalid-request` when the format cannot say what is asked.
    fn encode(&self, request: &Request, target: &Target) -> Result<Encoded, Error>;

    /// Reads one successful answer.
    fn decoder(&self, target: &Target) -> Box<dyn Decoder>;

    /// Reads an answer whose status is not 2xx. The core adds wait hints, the request id and the phase.
    fn decode_error(&self, target: &Target, head: &ResponseHead, body: &[u8]) -> Error {
        crate::error::from_provider(&target.provider, &target.model, Some(head.status), body)
    }
}

/// Reads one answer, piece by piece or whole. What it told the sink before an error stays told.
pub trait Decoder: Send {
    /// One frame of a stream.
    ///
    /// # Errors
    /// An error the provider reported, or `protocol` for what is not the wire format.
    fn frame(&mut self, frame: Frame<'_>, sink: &mut EventSink) -> Result<(), Error>;

    /// A whole body. Also called when a stream was asked for and one document came.
    ///
    /// # Errors
    /// As for `frame`.
    fn body(&mut self, body: &[u8], sink: &mut EventSink) -> Result<(), Error>;
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The row's id.
    pub provider: String,
    /// The model, without the prefix.
    pub model: String,
    /// Where paths begin, without a slash at the end.
    pub base_url: String,
    /// What this provider does differently.
    pub quirks: Quirks,
}

/// A request in a wire format, before keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// Upper case.
    pub method: &'static str,
    /// Absolute.
    pub url: String,
    /// Headers the format needs, lower-case names.
    pub headers: Vec<Header>,
    /// The body, with holes for blobs.
    pub body: Vec<BodySegment>,
    /// Its joined length, in bytes.
    pub body_length: u64,
    /// What was dropped, renamed or clamped.
    pub warnings: Vec<Warning>,
}
