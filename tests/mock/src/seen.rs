//! What clients sent, kept for tests to look at.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use http::request::Parts;

/// How many requests are kept; older ones are forgotten.
pub const SEEN_REQUESTS: usize = 64;

/// How much of a body is kept, in bytes.
const MAX_SEEN_BODY_BYTES: usize = 4 * 1024 * 1024;

/// Headers whose values are keys, or as good as keys.
const SECRET_HEADERS: &[&str] =
    &["authorization", "proxy-authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie"];

/// A request as it arrived. Its `Debug` shows neither keys nor the query (which may hold one).
#[derive(Clone)]
pub struct Seen {
    /// The method, in capitals.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without the `?`.
    pub query: Option<String>,
    /// All headers, with their values.
    pub headers: HeaderMap,
    /// The body as text, with U+FFFD for what is no UTF-8; the first 4 MiB of it.
    pub body: String,
}

impl Seen {
    /// The value of a header, if it is there once or more and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn new(head: &Parts, body: &[u8]) -> Self {
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers.clone(),
            body: String::from_utf8_lossy(&body[..body.len().min(MAX_SEEN_BODY_BYTES)]).into_owned(),
        }
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let secret = SECRET_HEADERS.contains(&name.as_str());
            (name.to_string(), if secret { "(hidden)".to_owned() } else { format!("{value:?}") })
        };
        f.debug_struct("Seen")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query.as_ref().map(|_| "(hidden)"))
            .field("headers", &self.headers.iter().map(shown).collect::<Vec<_>>())
            .field("body", &self.body)
            .finish()
    }
}

/// The last requests, oldest first.
#[derive(Default)]
pub(crate) struct Seens(Mutex<VecDeque<Seen>>);

impl Seens {
    pub(crate) fn push(&self, seen: Seen) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(seen);
        if kept.len() > SEEN_REQUESTS {
            kept.pop_front();
        }
    }

    pub(crate) fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
