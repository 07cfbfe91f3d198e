//! The wire formats the simulator speaks: a table.
//!
//! A row says how a format is reached (path, key, demanded header) and how it says things (a reply, an error,
//! an error in the middle of a stream, an event nobody knows). `route` and `script` read rows and know no
//! format by name; the modules behind the rows know nothing of sockets or faults.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::anthropic_messages as anthropic;
use crate::cohere_chat as cohere;
use crate::errors::Refusal;
use crate::openai_chat as openai;
use crate::reply::{Event, Reply};

/// One wire format.
pub struct Format {
    /// Its name, as the library's registry spells it.
    pub name: &'static str,
    /// What a client adds to the simulator's address to get its base URL.
    pub base: &'static str,
    /// What it adds to the base URL for a chat. Any prefix is as good as `base`.
    pub path: &'static str,
    /// A model of a provider that speaks it, as `provider/model`.
    pub model: &'static str,
    pub(crate) key: Key,
    /// A header without which nothing is answered.
    pub(crate) demanded: Option<&'static str>,
    /// The header that carries the number of the request, beside `x-request-id`.
    pub(crate) request_id: &'static str,
    /// The answer to one request body.
    pub(crate) reply: fn(&[u8], Options) -> Result<Reply, Refusal>,
    /// The body of an HTTP error; the number is that of the request.
    pub(crate) error: fn(&Refusal, u64) -> String,
    /// How a stream that has begun says that it failed: its last events.
    pub(crate) failure: fn(&Refusal, u64) -> Vec<Event>,
    /// An event of a kind that no client knows.
    pub(crate) unknown: fn() -> Event,
}

/// Where the key is, and what is said without it.
pub(crate) struct Key {
    pub(crate) header: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) missing: &'static str,
    /// The wrong key follows.
    pub(crate) wrong: &'static str,
}

/// What is not the client's to choose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) seed: u64,
    /// Whether usage is told at all.
    pub(crate) usage: bool,
    /// Whether a stream is given to those who ask for one.
    pub(crate) stream: bool,
}

/// Every format the simulator speaks. What is no chat (`/models`, an unknown path) is answered in the first.
pub const FORMATS: &[Format] = &[
    Format {
        name: "openai-chat",
        base: "/v1",
        path: "/chat/completions",
        model: "openai/mock-small",
        key: Key {
            header: "authorization",
            prefix: "Bearer ",
            missing: "You didn't provide an API key. Use 'Authorization: Bearer YOUR_KEY'.",
            wrong: "Incorrect API key provided: ",
        },
        demanded: None,
        request_id: "x-request-id",
        reply: openai::reply,
        error: openai::error,
        failure: openai::failure,
        unknown: openai::unknown,
    },
    Format {
        name: "anthropic-messages",
        base: "/v1",
        path: "/messages",
        model: "anthropic/mock-small",
        key: Key {
            header: "x-api-key",
            prefix: "",
            missing: "x-api-key header is required",
            wrong: "invalid x-api-key: ",
        },
        demanded: Some("anthropic-version"),
        request_id: "request-id",
        reply: anthropic::reply,
        error: anthropic::error,
        failure: anthropic::failure,
        unknown: anthropic::unknown,
    },
    Format {
        name: "cohere-chat",
        base: "/v2",
        path: "/chat",
        model: "cohere/mock-small",
        key: Key {
            header: "authorization",
            prefix: "Bearer ",
            missing: "no api key supplied",
            wrong: "Incorrect API key provided: ",
        },
        demanded: None,
        request_id: "x-debug-trace-id",
        reply: cohere::reply,
        error: cohere::error,
        failure: cohere::failure,
        unknown: cohere::unknown,
    },
];

impl Format {
    /// Some providers print the wrong key back. So do we, because clients must not pass it on.
    pub(crate) fn check_key(&self, required: Option<&str>, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(required) = required else { return Ok(()) };
        let given = headers.get(self.key.header).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let bare = |text: &Cow<'_, str>| text.strip_prefix(self.key.prefix).unwrap_or(text).to_owned();
        let message = match given.as_ref().map(bare) {
            Some(given) if given == required => return Ok(()),
            Some(given) => format!("{}{given}. This is a simulator; it knows one key.", self.key.wrong),
            None => self.key.missing.to_owned(),
        };
        Err(Refusal::of(StatusCode::UNAUTHORIZED, message))
    }

    pub(crate) fn check_demanded(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self.demanded {
            Some(name) if !headers.contains_key(name) => {
                Err(Refusal::at(name, format!("{name}: header is required")))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format({})", self.name)
    }
}
