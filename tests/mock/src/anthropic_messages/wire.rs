//! Writing an answer down as Anthropic does: one message, or named events.
//!
//! Both come from the same blocks. A stream sends each block without its content, then the content as deltas.

use serde::Serialize;
use serde_json::Value;

use super::request::{Cache, Request};
use super::signature;
use crate::ask::Document;
use crate::compose::{Choice, Ending, Passage, Source};
use crate::hash::{index, mix};
use crate::reply::{Event, Part};
use crate::tokens::{self, Tokens};

/// A composed answer with what else its bytes depend on.
pub(crate) struct Answer<'a> {
    hash: u64,
    request: &'a Request,
    choice: &'a Choice,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Message<'a> {
    model: &'a str,
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    role: &'static str,
    content: Vec<Block>,
    #[serde(flatten)]
    end: End<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

/// Why it ended; all three are null as long as it has not.
#[derive(Default, Serialize)]
struct End<'a> {
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    stop_details: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    #[serde(rename = "type")]
    kind: &'static str,
    category: Option<&'static str>,
    explanation: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Thinking {
        thinking: String,
        signature: String,
    },
    Text {
        #[serde(skip_serializing_if = "Option::is_none")]
        citations: Option<Vec<Citation>>,
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        input: Value,
    },
}

/// A piece of a block.
#[derive(Serialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(rename = "citations_delta")]
    Citations { citation: Citation },
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
}

#[derive(Clone, Serialize)]
struct Citation {
    #[serde(rename = "type")]
    kind: &'static str,
    cited_text: String,
    document_index: usize,
    document_title: Option<String>,
    start_char_index: usize,
    end_char_index: usize,
}

#[derive(Clone, Serialize)]
struct Usage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    /// In messages, not in `message_delta`.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation: Option<CacheCreation>,
    output_tokens: u64,
    /// Once they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<OutputDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

#[derive(Clone, Serialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Clone, Serialize)]
struct OutputDetails {
    thinking_tokens: u64,
}

/// An event: its fields, after its type.
#[derive(Serialize)]
struct Typed<B> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(flatten)]
    body: B,
}

#[derive(Serialize)]
struct Opening<'a> {
    message: Message<'a>,
}

#[derive(Serialize)]
struct BlockOpening {
    content_block: Block,
}

#[derive(Serialize)]
struct Piece {
    delta: Delta,
}

#[derive(Serialize)]
struct Ended<'a> {
    delta: End<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Nothing {}

impl<'a> Answer<'a> {
    pub(crate) fn new(hash: u64, request: &'a Request, choice: &'a Choice, with_usage: bool) -> Self {
        let count = || tokens::count(&request.ask, std::slice::from_ref(choice));
        let usage = with_usage.then(|| usage(count(), &request.cache));
        Self { hash, request, choice, usage }
    }

    /// The whole answer as one JSON text.
    pub(crate) fn plain(&self) -> Vec<u8> {
        let content = self.blocks().into_iter().map(|(block, _)| block).collect();
        let message = self.message(content, self.end(), self.usage.clone());
        // Strings and numbers under fixed names: it cannot fail.
        serde_json::to_vec(&message).unwrap_or_default()
    }

    fn message(&self, content: Vec<Block>, end: End<'a>, usage: Option<Usage>) -> Message<'a> {
        let id = format!("msg_mock{:016x}", self.hash);
        let model = &self.request.ask.model;
        Message { model, id, kind: "message", role: "assistant", content, end, usage }
    }

    /// The answer as the events of a stream.
    pub(crate) fn events(&self) -> Vec<Event> {
        // The first word is counted already when the message opens, and nothing after it.
        let usage =
            self.usage.clone().map(|usage| Usage { output_tokens: 1, output_tokens_details: None, ..usage });
        let message = self.message(Vec::new(), End::default(), usage);
        let mut events = vec![self.event("message_start", None, Part::Structure, Opening { message })];
        for (index, (block, deltas)) in self.blocks().into_iter().enumerate() {
            let content_block = block.opening();
            let part = Part::Structure;
            events.push(self.event("content_block_start", Some(index), part, BlockOpening { content_block }));
            if index == 0 {
                // Anthropic writes this one by hand, with its space.
                let data = r#"{"type": "ping"}"#.to_owned();
                events.push(Event { name: Some("ping"), data, part });
            }
            let delta = |delta| self.event("content_block_delta", Some(index), Part::Delta, Piece { delta });
            events.extend(deltas.into_iter().map(delta));
            events.push(self.event("content_block_stop", Some(index), part, Nothing {}));
        }
        let usage =
            self.usage.clone().map(|usage| Usage { cache_creation: None, service_tier: None, ..usage });
        let ended = Ended { delta: self.end(), usage };
        events.push(self.event("message_delta", None, Part::Closing, ended));
        events.push(self.event("message_stop", None, Part::Done, Nothing {}));
        events
    }

    fn event<B: Serialize>(&self, name: &'static str, number: Option<usize>, part: Part, body: B) -> Event {
        let typed = Typed { kind: name, index: number, body };
        let mut data = serde_json::to_string(&typed).unwrap_or_default();
        // Anthropic fills its events up with blanks, so that their length tells nothing about the text.
        let blanks = index(mix(self.hash ^ data.len() as u64), 16);
        data.insert_str(data.len().saturating_sub(1), &" ".repeat(blanks));
        Event { name: Some(name), data, part }
    }

    fn end(&self) -> End<'a> {
        let choice = self.choice;
        let (stop_reason, stop_sequence) = match &choice.ending {
            Ending::Stop => ("end_turn", None),
            Ending::StopSequence(stop) => ("stop_sequence", Some(stop.as_str())),
            Ending::Length => ("max_tokens", None),
            Ending::ToolCalls => ("tool_use", None),
            Ending::Refusal => ("refusal", None),
        };
        // A refusal has no content: what there is to say about it is a detail of its end.
        let details = || Details { kind: "refusal", category: None, explanation: choice.refusal.concat() };
        let stop_details = (choice.ending == Ending::Refusal).then(details);
        End { stop_reason: Some(stop_reason), stop_sequence, stop_details }
    }

    /// The content: each block whole, and as the deltas that add up to it.
    fn blocks(&self) -> Vec<(Block, Vec<Delta>)> {
        let mut blocks = Vec::new();
        if !self.choice.reasoning.is_empty() {
            let thinking = self.choice.reasoning.concat();
            let signature = signature(&thinking);
            let pieces = self.choice.reasoning.iter().cloned();
            let mut deltas: Vec<Delta> = pieces.map(|thinking| Delta::Thinking { thinking }).collect();
            deltas.push(Delta::Signature { signature: signature.clone() });
            blocks.push((Block::Thinking { thinking, signature }, deltas));
        }
        if !self.choice.plan.is_empty() {
            blocks.push(text_block(&self.choice.plan, None));
        }
        for run in
            self.choice.text.chunk_by(|one, next| self.cited(one).is_none() && self.cited(next).is_none())
        {
            let pieces: Vec<String> = run.iter().flat_map(|passage| &passage.pieces).cloned().collect();
            let document = run.first().and_then(|passage| self.cited(passage));
            blocks.push(text_block(&pieces, document));
        }
        for call in &self.choice.calls {
            let (id, name) = (format!("toolu_{}", call.id), call.name.clone());
            let pieces = std::iter::once(String::new()).chain(call.arguments.iter().cloned());
            let deltas = pieces.map(|partial_json| Delta::InputJson { partial_json }).collect();
            blocks.push((Block::ToolUse { id, name, input: call.input() }, deltas));
        }
        blocks
    }

    /// The document that a passage is from. Results of tools are not cited here.
    fn cited(&self, passage: &Passage) -> Option<&Document> {
        match passage.source? {
            Source::Document(place) => self.request.ask.documents.get(place),
            Source::Result(_) => None,
        }
    }
}

impl Block {
    /// The block as a stream opens it: with nothing in it.
    fn opening(self) -> Self {
        match self {
            Self::Thinking { .. } => Self::Thinking { thinking: String::new(), signature: String::new() },
            Self::Text { citations, .. } => {
                Self::Text { citations: citations.map(|_| Vec::new()), text: String::new() }
            }
            Self::ToolUse { id, name, .. } => {
                Self::ToolUse { id, name, input: Value::Object(Default::default()) }
            }
        }
    }
}

fn text_block(pieces: &[String], document: Option<&Document>) -> (Block, Vec<Delta>) {
    let text = pieces.concat();
    let citation = document.map(|document| citation(&text, document));
    let citations = citation.clone().map(|citation| vec![citation]);
    let deltas = citation.map(|citation| Delta::Citations { citation }).into_iter();
    let deltas = deltas.chain(pieces.iter().map(|text| Delta::Text { text: text.clone() })).collect();
    (Block::Text { citations, text }, deltas)
}

fn citation(text: &str, document: &Document) -> Citation {
    // A quotation is the beginning of its document; it can only be shorter than what was quoted.
    Citation {
        kind: "char_location",
        cited_text: text.to_owned(),
        document_index: document.id.parse().unwrap_or(0),
        document_title: document.title.clone(),
        start_char_index: 0,
        end_char_index: text.chars().count(),
    }
}

/// Without a breakpoint nothing is cached. With one, what a provider would have remembered was read, and a quarter
/// of the rest (in whole steps) was written.
fn usage(tokens: Tokens, cache: &Cache) -> Usage {
    let read = if cache.breakpoints > 0 { tokens.cached } else { 0 };
    let written = if read > 0 { (tokens.prompt - read) / 4 / 128 * 128 } else { 0 };
    let (ephemeral_5m_input_tokens, ephemeral_1h_input_tokens) =
        if cache.hour { (0, written) } else { (written, 0) };
    Usage {
        input_tokens: tokens.prompt - read - written,
        cache_creation_input_tokens: written,
        cache_read_input_tokens: read,
        cache_creation: Some(CacheCreation { ephemeral_5m_input_tokens, ephemeral_1h_input_tokens }),
        output_tokens: tokens.answer,
        output_tokens_details: (tokens.thought > 0)
            .then_some(OutputDetails { thinking_tokens: tokens.thought }),
        service_tier: Some("standard"),
    }
}
