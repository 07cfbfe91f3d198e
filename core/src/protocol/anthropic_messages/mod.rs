//! `anthropic-messages`: Anthropic's Messages API, and servers that imitate it.
//!
//! Written against Anthropic's API reference (POST /v1/messages) and the recorded traffic of its official SDK.

mod decode;
mod encode;
mod messages;

use crate::protocol::{Decoder, Encoded, ProviderAdapter, Target};
use crate::types::{Error, Request};

/// Its name in rows and in `provider_data`.
pub(crate) const PROTOCOL: &str = "anthropic-messages";

/// The adapter.
pub(crate) struct AnthropicMessages;

impl ProviderAdapter for AnthropicMessages {
    fn protocol(&self) -> &'static str {
        PROTOCOL
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<Encoded, Error> {
        encode::encode(request, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(decode::MessageDecoder::new(target))
    }
}
