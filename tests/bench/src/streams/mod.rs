//! What is read: for each wire format, bodies as providers send them.
//!
//! They are made here, of our own words, in the spelling and the order of fields that the recorded traffic shows.

mod anthropic_messages;
mod cohere_chat;
mod openai_chat;
mod words;

/// A wire format and where its bodies come from.
pub struct Format {
    /// Its name in rows.
    pub(crate) protocol: &'static str,
    /// A model of a provider that speaks it.
    model: &'static str,
    /// Its name in the recordings.
    pub(crate) recorded_as: &'static str,
    generate: fn() -> Vec<String>,
}

/// In the order in which they are measured.
pub(crate) const FORMATS: &[Format] = &[
    Format {
        protocol: "openai-chat",
        model: "openai/gpt-4o-mini",
        recorded_as: "chat",
        generate: openai_chat::generate,
    },
    Format {
        protocol: "anthropic-messages",
        model: "anthropic/claude-sonnet-4-5",
        recorded_as: "messages",
        generate: anthropic_messages::generate,
    },
    Format {
        protocol: "cohere-chat",
        model: "cohere/command-a-03-2025",
        recorded_as: "chat_v2",
        generate: cohere_chat::generate,
    },
];

/// The head before every body, a `response-head` document.
pub(crate) const HEAD: &str = r#"{"status":200,"headers":[{"name":"date","value":"Wed, 25 Nov 2026 16:40:34 GMT"},{"name":"content-type","value":"text/event-stream; charset=utf-8"},{"name":"cache-control","value":"no-cache"},{"name":"x-request-id","value":"req_5f1c6a0e9d2b47c88f3e"}]}"#;

/// Most bytes of a piece of a burst: what one read of a socket often gives.
const BURST_BYTES: usize = 16 * 1024;

/// Bodies of one format that are read one after the other.
pub(crate) struct Set {
    pub(crate) format: &'static Format,
    pub(crate) streams: Vec<Stream>,
}

impl Set {
    pub(crate) fn generated(format: &'static Format) -> Self {
        Self { format, streams: (format.generate)().into_iter().map(Stream::new).collect() }
    }
}

impl Format {
    /// A `request` document that asks for a stream.
    pub(crate) fn request(&self) -> String {
        format!(
            r#"{{"model":"{}","messages":[{{"role":"user","content":[{{"type":"text","text":"Tell me what you see."}}]}}],"max_output_tokens":4096,"stream":true}}"#,
            self.model
        )
    }
}

/// A body of server-sent events.
pub(crate) struct Stream(String);

impl Stream {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// One piece for each event, with the blank line behind it.
    pub(crate) fn events(&self) -> Vec<&[u8]> {
        let (mut events, mut rest) = (Vec::new(), self.0.as_str());
        while !rest.is_empty() {
            let ends = ["\n\n", "\r\n\r\n"].map(|end| rest.find(end).map(|at| at + end.len()));
            let end = ends.into_iter().flatten().min().unwrap_or(rest.len());
            let (event, behind) = rest.split_at(end);
            events.push(event.as_bytes());
            rest = behind;
        }
        events
    }

    /// Pieces of many events, cut anywhere.
    pub(crate) fn bursts(&self) -> Vec<&[u8]> {
        self.0.as_bytes().chunks(BURST_BYTES).collect()
    }
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
