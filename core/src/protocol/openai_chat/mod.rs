//! `openai-chat`: OpenAI's chat completions, and what a hundred servers made of it.
//!
//! Written against OpenAI's API reference (POST /chat/completions) and the recorded traffic of forty providers that
//! speak it. Differences between providers are fields of [`crate::Quirks`], never a branch on a name.

mod decode;
mod encode;
mod messages;

use crate::protocol::{Decoder, Encoded, ProviderAdapter, Target};
use crate::types::{Error, Request};

/// Its name in rows and in `provider_data`.
pub(crate) const PROTOCOL: &str = "openai-chat";

/// A call of a custom tool, which takes any text: it goes back as one.
const CUSTOM: &str = r#""custom""#;

/// Begins the names of own fields that stand inside a call's function.
const INSIDE: &str = "function.";

/// Name of the own field that lists the blocks of thinking which stood in the content.
const CONTENT: &str = "content";

/// The adapter.
pub(crate) struct OpenAiChat;

impl ProviderAdapter for OpenAiChat {
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
