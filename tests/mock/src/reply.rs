//! What a wire format hands over: a whole body, or the events of a stream.
//!
//! Formats produce a `Reply` in good order and know nothing of faults; `script` spoils it and knows nothing
//! of formats, apart from where in an event the text of the model is.

/// An answer in good order, before it is put on the wire.
#[derive(Debug)]
pub(crate) enum Reply {
    /// One JSON text.
    Plain(Vec<u8>),
    /// Server-sent events, in order: deltas, then closing events, then the mark of the end.
    Stream(Vec<Event>),
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Event {
    /// The `event:` field, for formats that name their events.
    pub(crate) name: Option<&'static str>,
    /// The `data:` field; one line.
    pub(crate) data: String,
    /// Where in the stream it belongs.
    pub(crate) part: Part,
}

/// What an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It carries a piece of the answer. Faults with `after` strike at one of these or between them.
    Delta,
    /// It opens or closes a part of the answer, or shows that somebody is there. Faults with `after` count it too.
    Structure,
    /// It says how the answer ended, or what it cost.
    Closing,
    /// It only marks the end, as `[DONE]` and `message_stop` do.
    Done,
}

/// What opens a text of the model in the formats we write, best first. The last is in every OpenAI chunk.
/// A key that holds a list or an object somewhere is no mark there, for want of the quotation mark.
const TEXT_MARKS: &[&str] = &[
    "\"content\":\"",
    "\"reasoning_content\":\"",
    "\"refusal\":\"",
    "\"arguments\":\"",
    "\"partial_json\":\"",
    "\"thinking\":\"",
    "\"text\":\"",
    "\"tool_plan\":\"",
    "\"model\":\"",
];

/// Where in a JSON text bytes can be inserted so that they land inside a text of the model.
pub(crate) fn inside_text(json: &[u8]) -> usize {
    let place_of = |mark: &&str| json.windows(mark.len()).position(|window| window == mark.as_bytes());
    TEXT_MARKS
        .iter()
        .find_map(|mark| Some(place_of(mark)? + mark.len()))
        // A format without these has some string; failing that, the fault still shows at the end.
        .or_else(|| Some(json.windows(2).position(|window| window == b":\"")? + 2))
        .unwrap_or(json.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_in_each_kind_of_event() {
        let after = |json: &'static str| &json[inside_text(json.as_bytes())..];
        assert_eq!(after(r#"{"model":"m","delta":{"content":"Hi"}}"#), r#"Hi"}}"#);
        assert_eq!(after(r#"{"model":"m","delta":{"content":null,"arguments":"{"}}"#), r#"{"}}"#);
        assert_eq!(after(r#"{"model":"m"}"#), r#"m"}"#);
        assert_eq!(after(r#"{"id":"m"}"#), r#"m"}"#);
        assert_eq!(after("{}"), "");
    }
}
