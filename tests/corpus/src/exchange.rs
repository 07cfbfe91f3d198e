//! One recorded exchange, and which of them are in scope.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::Value;

/// The recordings' names of an API, and the wire format that reads it.
const FORMATS: &[(&str, &str)] =
    &[("chat", "openai-chat"), ("messages", "anthropic-messages"), ("chat_v2", "cohere-chat")];

/// Providers with a wire format of their own under a name above.
const OTHER_FORMATS: &[(&str, &str)] = &[("mistral", "chat")];

/// Several answers that the recorder joined in one body (README of the recordings, "Oddities").
const ODD: &[&str] = &["anthropic-messages-744087c3f9-37ef7a", "openai-responses-30019fdd83-f26f6b"];

/// An exchange, as far as it is looked at.
#[derive(Deserialize)]
pub(crate) struct Exchange {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) api: String,
    pub(crate) response: Recorded,
    /// What an SDK made of these bytes.
    #[serde(default)]
    pub(crate) oracle: Value,
}

impl Recorded {
    /// Whether a failure names a pause where the SDKs do not look: they read `retry-after` alone, we read resets of rates
    /// that are used up and Google's RetryInfo as well.
    pub(crate) fn names_a_pause_elsewhere(&self) -> bool {
        self.headers.keys().any(|name| name.contains("ratelimit") && name.contains("reset"))
            || self.body_text.as_deref().is_some_and(|body| body.contains("google.rpc.RetryInfo"))
    }
}

/// What the provider sent.
#[derive(Deserialize)]
pub(crate) struct Recorded {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: serde_json::Map<String, Value>,
    #[serde(default)]
    body_text: Option<String>,
    #[serde(default)]
    pub(crate) streaming: bool,
}

/// Whether an exchange is compared.
pub(crate) enum Scope {
    /// It speaks a format we read, and an SDK read it.
    In {
        protocol: &'static str,
    },
    Out,
}

impl Exchange {
    pub(crate) fn scope(&self) -> Scope {
        let other = OTHER_FORMATS.contains(&(self.provider.as_str(), self.api.as_str()));
        let accepted = !self.oracle.is_null() && self.oracle["rejected"].is_null();
        match FORMATS.iter().find(|(api, _)| *api == self.api) {
            Some((_, protocol))
                if !other
                    && accepted
                    && !ODD.contains(&self.id.as_str())
                    && self.response.body_text.is_some() =>
            {
                Scope::In { protocol }
            }
            _ => Scope::Out,
        }
    }

    pub(crate) fn body(&self) -> &str {
        self.response.body_text.as_deref().unwrap_or_default()
    }
}

/// Reads a packed file line by line.
pub(crate) fn each(path: &Path, mut act: impl FnMut(Exchange)) -> Result<()> {
    let what = || path.display().to_string();
    let file = std::fs::File::open(path).with_context(what)?;
    for line in BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines() {
        act(serde_json::from_str(&line.with_context(what)?).with_context(what)?);
    }
    Ok(())
}
