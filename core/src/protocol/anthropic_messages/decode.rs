//! A message, plain or in events, as what the sink is told.
//!
//! A message is a list of blocks; a stream begins each, adds to it and ends it, by index. Text, thinking and calls of the
//! caller's tools are ours to know. Every other block (tools the provider runs and their results, whatever comes next) is
//! kept whole and opaque, and goes back as it came.

use std::borrow::Cow;

use super::PROTOCOL;
use crate::framing::Frame;
use crate::json::read::{Object, Value};
use crate::protocol::document::Documents;
use crate::protocol::own;
use crate::protocol::{Decoder, EventSink, Target};
use crate::types::{CitationPart, Error, FinishReason, OpaquePart, Part, PartKind, ProviderData, Usage};

/// The only answer there is: the format knows no `n`.
const CHOICE: u32 = 0;

/// Fields of a message that are read here or say nothing.
const KNOWN_MESSAGE: &[&str] = &[
    "id",
    "type",
    "role",
    "model",
    "content",
    "stop_reason",
    "stop_sequence",
    "usage",
    "error",
    "request_id",
];

const KNOWN_TOOL_USE: &[&str] = &["type", "id", "name", "input"];

/// Words for the reasons to stop (Messages API, "stop_reason").
const STOP_REASONS: &[(&str, FinishReason)] = &[
    ("end_turn", FinishReason::Stop),
    ("stop_sequence", FinishReason::Stop),
    ("max_tokens", FinishReason::Length),
    ("model_context_window_exceeded", FinishReason::Length),
    ("tool_use", FinishReason::ToolCalls),
    ("pause_turn", FinishReason::Pause),
    ("refusal", FinishReason::ContentFilter),
];

/// Most blocks that are open at once, and most names of counts. One block is the rule; a hostile answer of nothing
/// but beginnings would make each new one slower.
const MAX_OPEN: usize = 64;

/// Reads one answer.
pub(super) struct MessageDecoder {
    documents: Documents,
    /// Blocks that have begun and not ended.
    open: Vec<OpenBlock>,
    usage: Vec<(String, String)>,
}

/// A block of a stream.
struct OpenBlock {
    index: u64,
    kind: BlockKind,
}

enum BlockKind {
    /// Text or thinking. Citations may come before the words that lean on them; they are told behind these.
    Words { citations: Vec<CitationPart> },
    /// Whether arguments have come. A call without any is sent as no delta at all.
    ToolUse { arguments: bool },
    /// The block as it began, and the pieces of its input.
    Opaque { name: String, begun: String, input: String },
}

impl Decoder for MessageDecoder {
    fn frame(&mut self, frame: Frame<'_>, sink: &mut EventSink) -> Result<(), Error> {
        let Frame::Event { data, .. } = frame else {
            sink.heartbeat();
            return Ok(());
        };
        let data = data.trim_ascii();
        if data.is_empty() {
            return Ok(());
        }
        // Some servers that imitate the format end as OpenAI does.
        if data == b"[DONE]" {
            sink.mark_whole();
            return Ok(());
        }
        let text = self.documents.utf8(data)?;
        let value = self.documents.json("an event", text)?;
        self.event(value, text, sink)
    }

    fn body(&mut self, body: &[u8], sink: &mut EventSink) -> Result<(), Error> {
        let text = self.documents.body(body)?;
        let value = self.documents.json("the answer", text)?;
        let message = value.object();
        if is_error(&message) {
            return Err(self.documents.reported(value, text));
        }
        let Some(blocks) = message.get("content").and_then(Value::as_list) else {
            let what = format!("the answer has no content: {}", crate::error::clip(text, 200));
            return Err(self.documents.protocol(&what, text));
        };
        self.message(&message, sink);
        for block in blocks {
            self.begin(0, block, sink);
            self.end(0, sink);
        }
        self.stop(&message, sink);
        // An answer may be empty: the model had nothing to add to its tools' results.
        sink.mark_whole();
        Ok(())
    }
}

impl MessageDecoder {
    pub(super) fn new(target: &Target) -> Self {
        Self { documents: Documents::new(target, "message"), open: Vec::new(), usage: Vec::new() }
    }

    fn event(&mut self, value: Value<'_>, text: &str, sink: &mut EventSink) -> Result<(), Error> {
        let event = value.object();
        if is_error(&event) {
            return Err(self.documents.reported(value, text));
        }
        let index = event.count("index").unwrap_or(0);
        match event.string("type").as_deref() {
            Some("message_start") => {
                let message = event.object("message");
                self.message(&message, sink);
                // A message that begins with words is one some servers send whole.
                for block in message.list("content") {
                    self.begin(index, block, sink);
                    self.end(index, sink);
                }
                self.stop(&message, sink);
            }
            Some("content_block_start") => {
                if let Some(block) = event.get("content_block") {
                    self.begin(index, block, sink);
                }
            }
            Some("content_block_delta") => self.delta(index, &event.object("delta"), sink),
            Some("content_block_stop") => self.end(index, sink),
            Some("message_delta") => {
                self.usage(event.get("usage"), sink);
                self.stop(&event.object("delta"), sink);
                for (name, value) in event.iter() {
                    if !matches!(name, "type" | "delta" | "usage") && !value.is_null() {
                        sink.extra(name, value.raw());
                    }
                }
            }
            Some("message_stop") => sink.mark_whole(),
            // `ping`, and events that are not known yet.
            _ => sink.heartbeat(),
        }
        Ok(())
    }

    /// Who answers and what it cost so far.
    fn message(&mut self, message: &Object<'_>, sink: &mut EventSink) {
        sink.identity(message.string("id").as_deref(), message.string("model").as_deref(), None);
        self.usage(message.get("usage"), sink);
        for (name, value) in message.iter() {
            if !KNOWN_MESSAGE.contains(&name) && !value.is_null() {
                sink.extra(name, value.raw());
            }
        }
    }

    fn begin(&mut self, index: u64, block: Value<'_>, sink: &mut EventSink) {
        self.end(index, sink);
        if let (true, Some(oldest)) = (self.open.len() >= MAX_OPEN, self.open.first()) {
            self.end(oldest.index, sink);
        }
        let object = block.object();
        let kind = match object.string("type").as_deref() {
            Some("text") => {
                sink.words(CHOICE, object.piece("text"), PartKind::Text);
                BlockKind::Words {
                    citations: object.list("citations").into_iter().map(read_citation).collect(),
                }
            }
            Some("thinking") => {
                sink.words(CHOICE, object.piece("thinking"), PartKind::Reasoning);
                if let Some(signature) = object.words("signature") {
                    self.signature(&signature, sink);
                }
                BlockKind::Words { citations: Vec::new() }
            }
            Some("redacted_thinking") => {
                let data = self.provider_data(block.raw().to_owned());
                sink.reasoning_data(CHOICE, |_| data);
                BlockKind::Words { citations: Vec::new() }
            }
            Some("tool_use") => {
                let arguments = match object.get("input") {
                    Some(input) if input.as_object().is_none_or(|input| input.iter().next().is_some()) => {
                        input.string().unwrap_or(Cow::Borrowed(input.raw()))
                    }
                    _ => Cow::Borrowed(""),
                };
                let (id, name) = (object.string("id"), object.string("name"));
                sink.tool_call(CHOICE, Some(index), id.as_deref(), name.as_deref(), &arguments);
                if let Some(fields) = own::others(&object, KNOWN_TOOL_USE) {
                    sink.tool_call_data(CHOICE, self.provider_data(fields));
                }
                BlockKind::ToolUse { arguments: !arguments.is_empty() }
            }
            kind => {
                sink.keep(block.raw().len());
                BlockKind::Opaque {
                    name: kind.unwrap_or("unknown").to_owned(),
                    begun: block.raw().to_owned(),
                    input: String::new(),
                }
            }
        };
        self.open.push(OpenBlock { index, kind });
    }

    fn delta(&mut self, index: u64, delta: &Object<'_>, sink: &mut EventSink) {
        match delta.string("type").as_deref() {
            Some("text_delta") => sink.words(CHOICE, delta.piece("text"), PartKind::Text),
            Some("thinking_delta") => sink.words(CHOICE, delta.piece("thinking"), PartKind::Reasoning),
            Some("signature_delta") => self.signature(&delta.string("signature").unwrap_or_default(), sink),
            Some("citations_delta") => {
                let block = self.open.iter_mut().find(|block| block.index == index);
                if let (Some(citation), Some(OpenBlock { kind: BlockKind::Words { citations }, .. })) =
                    (delta.get("citation"), block)
                {
                    sink.keep(citation.raw().len());
                    citations.push(read_citation(citation));
                }
            }
            Some("input_json_delta") => {
                let piece = delta.piece("partial_json");
                let block = self.open.iter_mut().find(|block| block.index == index);
                match block.map(|block| &mut block.kind) {
                    Some(BlockKind::ToolUse { arguments }) => {
                        *arguments |= !piece.is_empty();
                        sink.tool_call_piece(CHOICE, Some(index), None, None, piece);
                    }
                    Some(BlockKind::Opaque { input, .. }) => {
                        sink.keep(piece.text.len());
                        input.push_str(&piece.text);
                    }
                    _ => {}
                }
            }
            // More of a block that is not ours to know, such as a compaction.
            _ => {
                let block = self.open.iter_mut().find(|block| block.index == index);
                if let Some(OpenBlock { kind: BlockKind::Opaque { begun, .. }, .. }) = block {
                    let before = begun.len();
                    *begun = with_fields(begun, delta);
                    sink.keep(begun.len().saturating_sub(before));
                }
            }
        }
    }

    fn end(&mut self, index: u64, sink: &mut EventSink) {
        let Some(place) = self.open.iter().position(|block| block.index == index) else { return };
        match self.open.remove(place).kind {
            // The next text is another block, and its citations are its own.
            BlockKind::Words { citations } => {
                citations.into_iter().for_each(|citation| sink.citation(CHOICE, citation));
                sink.end_words(CHOICE);
            }
            BlockKind::ToolUse { arguments } => {
                if !arguments {
                    sink.tool_call(CHOICE, Some(index), None, None, "{}");
                }
                sink.end_tool_call(CHOICE, index);
            }
            BlockKind::Opaque { name, begun, input } => {
                let data = if input.is_empty() { begun } else { with_input(&begun, &input) };
                let provider_data = self.provider_data(data);
                sink.part(CHOICE, Part::Opaque(OpaquePart { name, provider_data }));
            }
        }
    }

    fn stop(&mut self, message: &Object<'_>, sink: &mut EventSink) {
        if let Some(raw) = message.words("stop_reason") {
            let known = STOP_REASONS.iter().find(|(word, _)| *word == raw).map(|(_, reason)| *reason);
            sink.finish(CHOICE, Some(&raw), known.unwrap_or(FinishReason::Other));
        }
        if let Some(sequence) = message.get("stop_sequence") {
            sink.choice_extra(CHOICE, "stop_sequence", sequence.raw());
        }
    }

    /// The signature of the thinking that is being written. It comes whole.
    fn signature(&self, signature: &str, sink: &mut EventSink) {
        let mut json = crate::json::write::JsonWriter::default();
        json.object(|json| json.key("signature").string(signature));
        let data = self.provider_data(json.into_text());
        sink.reasoning_data(CHOICE, |_| data);
    }

    fn provider_data(&self, data: String) -> ProviderData {
        ProviderData {
            protocol: PROTOCOL.to_owned(),
            provider: Some(self.documents.provider().to_owned()),
            data,
        }
    }

    /// Counts come at the start and again at the end, where they may be corrected; what is `null` there says nothing.
    fn usage(&mut self, usage: Option<Value<'_>>, sink: &mut EventSink) {
        let Some(usage) = usage.and_then(Value::as_object) else { return };
        for (name, value) in usage.iter().filter(|(_, value)| !value.is_null()) {
            let known = self.usage.iter().position(|(known, _)| known == name);
            if let Some(held) = known.and_then(|place| self.usage.get_mut(place)) {
                held.1 = value.raw().to_owned();
            } else if self.usage.len() < MAX_OPEN {
                self.usage.push((name.to_owned(), value.raw().to_owned()));
            }
        }
        let mut json = crate::json::write::JsonWriter::default();
        json.object(|json| self.usage.iter().for_each(|(name, value)| json.key(name).raw(value)));
        sink.usage(read_usage(json.into_text()));
    }
}

fn is_error(document: &Object<'_>) -> bool {
    document.string("type").as_deref() == Some("error") || document.get("error").is_some()
}

/// A block that began with an empty input, with the input that came.
fn with_input(begun: &str, input: &str) -> String {
    let Ok(block) = Value::parse(begun) else { return begun.to_owned() };
    let mut json = crate::json::write::JsonWriter::default();
    // A cut input is no JSON; as a text it is at least not lost.
    let whole = Value::parse(input).is_ok();
    json.object(|json| {
        for (name, value) in block.object().iter() {
            match name {
                "input" if whole => json.key(name).raw(input.trim_ascii()),
                "input" => json.key(name).string(input),
                _ => json.key(name).raw(value.raw()),
            }
        }
    });
    json.into_text()
}

/// A block with the fields of a delta: words are added to words, anything else takes the place of what was there.
fn with_fields(begun: &str, delta: &Object<'_>) -> String {
    let Ok(block) = Value::parse(begun).map(Value::object) else { return begun.to_owned() };
    let news = |name: &str| delta.get(name).filter(|_| name != "type");
    let mut json = crate::json::write::JsonWriter::default();
    json.object(|json| {
        for (name, value) in block.iter() {
            match (value.string(), news(name), news(name).and_then(Value::string)) {
                (Some(before), Some(_), Some(more)) => json.key(name).string(&format!("{before}{more}")),
                (_, Some(new), _) => json.key(name).raw(new.raw()),
                (_, None, _) => json.key(name).raw(value.raw()),
            }
        }
        for (name, value) in delta.iter().filter(|(name, _)| !block.iter().any(|(held, _)| held == *name)) {
            json.key(name).raw(value.raw());
        }
    });
    json.into_text()
}

fn read_citation(citation: Value<'_>) -> CitationPart {
    let object = citation.object();
    CitationPart {
        url: object.words("url").map(Cow::into_owned),
        title: object.words("title").or_else(|| object.words("document_title")).map(Cow::into_owned),
        // Its places count in the source, not in our text.
        start_char: None,
        end_char: None,
        data: citation.raw().to_owned(),
    }
}

/// Tokens as a partition. What was read from or written to a cache stands beside the input here.
fn read_usage(raw: String) -> Usage {
    let (input, read, write, output) = match Value::parse(&raw).map(Value::object) {
        Ok(usage) => (
            usage.count("input_tokens"),
            usage.count("cache_read_input_tokens"),
            usage.count("cache_creation_input_tokens"),
            usage.count("output_tokens"),
        ),
        Err(_) => (None, None, None, None),
    };
    let beside = read.unwrap_or(0).saturating_add(write.unwrap_or(0));
    Usage {
        input_tokens: input.map(|input| input.saturating_add(beside)),
        input_uncached_tokens: input,
        input_cache_read_tokens: read,
        input_cache_write_tokens: write,
        output_tokens: output,
        output_text_tokens: None,
        output_reasoning_tokens: None,
        raw: Some(raw),
    }
}
