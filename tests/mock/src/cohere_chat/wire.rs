//! Writing an answer down as Cohere does: one response, or named events and `[DONE]`.

use serde::Serialize;
use serde_json::{Value, json};

use super::uuid;
use crate::ask::Ask;
use crate::compose::{Call, Choice, Ending, Source};
use crate::reply::{Event, Part};
use crate::tokens::{self, Tokens};

/// A composed answer with what else its bytes depend on.
pub(crate) struct Answer<'a> {
    id: String,
    ask: &'a Ask,
    choice: &'a Choice,
    usage: Option<Usage>,
}

/// Tokens of the preamble that Cohere puts before every prompt. It counts them and does not bill them.
const PREAMBLE_TOKENS: u64 = 496;

/// Those of them that are always in its cache.
const CACHED_PREAMBLE_TOKENS: u64 = 448;

/// Tokens around an answer, counted and not billed either.
const FRAME_TOKENS: u64 = 3;

#[derive(Serialize)]
struct Response<'a> {
    id: &'a str,
    message: Message,
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

/// Lists without items are left out, except where a stream opens.
#[derive(Serialize)]
struct Message {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Vec<Content>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<Vec<ToolCall>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citations: Option<Vec<Citation>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content {
    Thinking { thinking: String },
    Text { text: String },
}

#[derive(Serialize)]
struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function,
}

#[derive(Serialize)]
struct Function {
    name: String,
    arguments: String,
}

#[derive(Clone, Serialize)]
struct Citation {
    /// In characters of the text, the end excluded.
    start: usize,
    end: usize,
    text: String,
    sources: Vec<Value>,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Absent when the text is the first content.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<usize>,
}

#[derive(Clone, Serialize)]
pub(super) struct Usage {
    billed_units: Pair,
    tokens: Pair,
    cached_tokens: u64,
}

#[derive(Clone, Serialize)]
struct Pair {
    input_tokens: u64,
    output_tokens: u64,
}

/// An event: type, place, and what it adds.
#[derive(Serialize)]
struct Typed<'a, D> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<D>,
}

#[derive(Serialize)]
struct End<'a> {
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(hash: u64, ask: &'a Ask, choice: &'a Choice, with_usage: bool) -> Self {
        let usage = with_usage.then(|| usage(tokens::count(ask, std::slice::from_ref(choice))));
        Self { id: uuid(hash), ask, choice, usage }
    }

    /// The whole answer as one JSON text.
    pub(crate) fn plain(&self) -> Vec<u8> {
        let choice = self.choice;
        let thought =
            (!choice.reasoning.is_empty()).then(|| Content::Thinking { thinking: choice.reasoning.concat() });
        let text =
            Some(self.text().concat()).filter(|text| !text.is_empty()).map(|text| Content::Text { text });
        let message = Message {
            role: "assistant",
            content: some(thought.into_iter().chain(text).collect()),
            tool_plan: some(choice.plan.clone()).map(|plan| plan.concat()),
            tool_calls: some(
                choice.calls.iter().map(|call| tool_call(call, call.arguments.concat())).collect(),
            ),
            citations: some(self.citations()),
        };
        let finish_reason = self.finish_reason();
        let response = Response { id: &self.id, message, finish_reason, usage: self.usage.clone() };
        // Strings and numbers under fixed names: it cannot fail.
        serde_json::to_vec(&response).unwrap_or_default()
    }

    /// The answer as the events of a stream.
    pub(crate) fn events(&self) -> Vec<Event> {
        let choice = self.choice;
        let mut events = vec![self.opening()];
        let mut contents = 0;
        if !choice.reasoning.is_empty() {
            content(&mut events, contents, "thinking", &choice.reasoning, &[]);
            contents += 1;
        }
        for piece in &choice.plan {
            events.push(event("tool-plan-delta", None, Part::Delta, Some(json!({"tool_plan": piece}))));
        }
        let text = self.text();
        if !text.is_empty() {
            content(&mut events, contents, "text", &text, &self.citations());
        }
        for (index, call) in choice.calls.iter().enumerate() {
            tool_call_events(&mut events, index, call);
        }
        events.push(message_end(self.finish_reason(), self.usage.clone(), None));
        events.push(done());
        events
    }

    fn opening(&self) -> Event {
        let message = Message {
            role: "assistant",
            content: Some(Vec::new()),
            tool_plan: Some(String::new()),
            tool_calls: Some(Vec::new()),
            citations: Some(Vec::new()),
        };
        let delta = Some(InMessage { message });
        let typed = Typed { id: Some(&self.id), kind: "message-start", index: None, delta };
        of(typed, Part::Structure)
    }

    /// The text; Cohere has no place of its own for a refusal.
    fn text(&self) -> Vec<String> {
        self.choice.text_pieces().chain(&self.choice.refusal).cloned().collect()
    }

    fn finish_reason(&self) -> &'static str {
        match self.choice.ending {
            Ending::Stop | Ending::Refusal => "COMPLETE",
            Ending::StopSequence(_) => "STOP_SEQUENCE",
            Ending::Length => "MAX_TOKENS",
            Ending::ToolCalls => "TOOL_CALL",
        }
    }

    fn citations(&self) -> Vec<Citation> {
        let content_index = (!self.choice.reasoning.is_empty()).then_some(1);
        let (mut citations, mut start) = (Vec::new(), 0);
        for passage in &self.choice.text {
            let text = passage.pieces.concat();
            let end = start + text.chars().count();
            let source = passage.source.and_then(|source| self.source(source));
            citations.extend(source.map(|source| Citation {
                start,
                end,
                text,
                sources: vec![source],
                kind: "TEXT_CONTENT",
                content_index,
            }));
            start = end;
        }
        citations
    }

    fn source(&self, source: Source) -> Option<Value> {
        match source {
            Source::Document(place) => {
                let document = self.ask.documents.get(place)?;
                let mut shown = document.raw.clone();
                shown.as_object_mut()?.insert("id".to_owned(), json!(document.id));
                Some(json!({"type": "document", "id": document.id, "document": shown}))
            }
            Source::Result(place) => {
                let result = self.ask.messages.get(place)?;
                // A result that is an object is shown as such, any other text under a name.
                let object = serde_json::from_str::<Value>(&result.text).ok().filter(Value::is_object);
                let output = object.unwrap_or_else(|| json!({"content": result.text}));
                let id = format!("{}:0", result.answers.as_deref().unwrap_or_default());
                Some(json!({"type": "tool", "id": id, "tool_output": output}))
            }
        }
    }
}

/// A list that has items.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn tool_call(call: &Call, arguments: String) -> ToolCall {
    // Cohere names its calls after the tool.
    let id = format!("{}_{}", call.name, call.id);
    ToolCall { id, kind: "function", function: Function { name: call.name.clone(), arguments } }
}

#[derive(Serialize)]
struct InMessage<M> {
    message: M,
}

fn of<D: Serialize>(typed: Typed<'_, D>, part: Part) -> Event {
    Event { name: Some(typed.kind), data: serde_json::to_string(&typed).unwrap_or_default(), part }
}

/// An event that adds something to the message, or nothing.
fn event(kind: &'static str, index: Option<usize>, part: Part, message: Option<impl Serialize>) -> Event {
    of(Typed { id: None, kind, index, delta: message.map(|message| InMessage { message }) }, part)
}

/// One content: its opening, its pieces, the citations of it, its end.
fn content(
    events: &mut Vec<Event>,
    index: usize,
    kind: &'static str,
    pieces: &[String],
    citations: &[Citation],
) {
    let opening = json!({"content": {"type": kind, kind: ""}});
    events.push(event("content-start", Some(index), Part::Structure, Some(opening)));
    for piece in pieces {
        let delta = json!({"content": {kind: piece}});
        events.push(event("content-delta", Some(index), Part::Delta, Some(delta)));
    }
    for (number, citation) in citations.iter().enumerate() {
        let delta = json!({"citations": citation});
        events.push(event("citation-start", Some(number), Part::Structure, Some(delta)));
        events.push(event("citation-end", Some(number), Part::Structure, None::<()>));
    }
    events.push(event("content-end", Some(index), Part::Structure, None::<()>));
}

fn tool_call_events(events: &mut Vec<Event>, index: usize, call: &Call) {
    #[derive(Serialize)]
    struct Calls<C> {
        tool_calls: C,
    }
    let opening = Calls { tool_calls: tool_call(call, String::new()) };
    events.push(event("tool-call-start", Some(index), Part::Structure, Some(opening)));
    for piece in &call.arguments {
        let delta = json!({"tool_calls": {"function": {"arguments": piece}}});
        events.push(event("tool-call-delta", Some(index), Part::Delta, Some(delta)));
    }
    events.push(event("tool-call-end", Some(index), Part::Structure, None::<()>));
}

/// How a stream says why it ends.
pub(super) fn message_end(finish_reason: &'static str, usage: Option<Usage>, error: Option<&str>) -> Event {
    let delta = Some(End { finish_reason, usage, error });
    of(Typed { id: None, kind: "message-end", index: None, delta }, Part::Closing)
}

/// The mark after it, which has no name.
pub(super) fn done() -> Event {
    Event { name: None, data: "[DONE]".to_owned(), part: Part::Done }
}

fn usage(tokens: Tokens) -> Usage {
    Usage {
        billed_units: Pair { input_tokens: tokens.prompt, output_tokens: tokens.answer },
        tokens: Pair {
            input_tokens: tokens.prompt + PREAMBLE_TOKENS,
            output_tokens: tokens.answer + FRAME_TOKENS,
        },
        cached_tokens: CACHED_PREAMBLE_TOKENS + tokens.cached,
    }
}
