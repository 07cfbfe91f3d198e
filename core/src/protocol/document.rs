//! What came as text and as JSON, or the error that says why it is neither. The same for every wire format.

use std::borrow::Cow;

use crate::json::read::Value;
use crate::protocol::Target;
use crate::types::{Error, ErrorKind, Phase};

/// Reads documents of one provider and says its name in errors.
pub(crate) struct Documents {
    provider: String,
    model: String,
    /// What an answer should have been, such as `chat completion`.
    expected: &'static str,
}

impl Documents {
    pub(crate) fn new(target: &Target, expected: &'static str) -> Self {
        Self { provider: target.provider.clone(), model: target.model.clone(), expected }
    }

    /// The row's id.
    pub(crate) fn provider(&self) -> &str {
        &self.provider
    }

    /// The text of a whole body. A byte order mark is not JSON, but RFC 8259 section 8.1 lets readers be kind to it.
    pub(crate) fn body<'a>(&self, body: &'a [u8]) -> Result<&'a str, Error> {
        let text = self.utf8(body.trim_ascii())?;
        Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
    }

    /// Bytes as text.
    pub(crate) fn utf8<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, Error> {
        std::str::from_utf8(bytes).map_err(|error| {
            let lossy = String::from_utf8_lossy(bytes);
            self.protocol(
                &format!("what came is not valid UTF-8 from byte {} on", error.valid_up_to()),
                &lossy,
            )
        })
    }

    /// Text as JSON; `what` names it in the error.
    pub(crate) fn json<'a>(&self, what: &str, text: &'a str) -> Result<Value<'a>, Error> {
        Value::parse(text).map_err(|error| {
            if text.starts_with('<') {
                return self.protocol(
                    "an HTML page came where an answer was expected: check the base URL and any proxy between",
                    text,
                );
            }
            if error.is_eof() {
                let message = format!(
                    "{} broke off in the middle of {what} for model {}: what came is not the whole answer",
                    self.provider, self.model
                );
                let mut error = self.protocol("", text);
                (error.kind, error.phase, error.retryable, error.message) =
                    (ErrorKind::Cut, Phase::Body, true, message);
                return error;
            }
            self.protocol(&format!("{what} is not valid JSON: {error}"), text)
        })
    }

    /// An error the provider put inside its answer. `raw` is where it stood.
    pub(crate) fn reported(&self, value: Value<'_>, raw: &str) -> Error {
        let words = crate::error::ProviderWords::of(value);
        crate::error::from_words(&self.provider, &self.model, None, &words, raw)
    }

    /// The same from words that stood apart: a sentence and a code.
    pub(crate) fn said(&self, message: Option<Cow<'_, str>>, code: Option<Cow<'_, str>>, raw: &str) -> Error {
        let words = crate::error::ProviderWords { message, code, ..Default::default() };
        crate::error::from_words(&self.provider, &self.model, None, &words, raw)
    }

    /// What came is not the wire format.
    pub(crate) fn protocol(&self, what: &str, raw: &str) -> Error {
        let message = format!(
            "{} answered for model {} with what is no {}: {what}",
            self.provider, self.model, self.expected
        );
        let mut error = Error::new(ErrorKind::Protocol, message).in_phase(Phase::Parse);
        error.raw = Some(crate::error::clip(raw, 4096).to_owned());
        error
    }
}
