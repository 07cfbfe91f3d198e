//! `cohere-chat`: Cohere's Chat API, version 2.
//!
//! Written against Cohere's API reference (POST /v2/chat) and the recorded traffic of its official SDK.

mod decode;
mod encode;
mod messages;

use crate::protocol::{Decoder, Encoded, ProviderAdapter, Target};
use crate::types::{Error, Request};

/// Its name in rows and in `provider_data`.
pub(crate) const PROTOCOL: &str = "cohere-chat";

/// The plan that the model writes before it calls tools is reasoning of this type; it goes back as `tool_plan`.
const TOOL_PLAN: &str = r#"{"type":"tool_plan"}"#;

/// Thinking goes back as a block of the content.
const THINKING: &str = r#"{"type":"thinking"}"#;

/// The adapter.
pub(crate) struct CohereChat;

impl ProviderAdapter for CohereChat {
    fn protocol(&self) -> &'static str {
        PROTOCOL
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<Encoded, Error> {
        encode::encode(request, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(decode::ChatDecoder::new(target))
    }
}
