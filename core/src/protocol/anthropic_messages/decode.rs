//! A message, plain or in events, as what the sink is told.
//!
//! A message is a list of blocks; a stream begins each, adds to it and ends it, by index. Text, thinking and calls of the
//! caller's tools are ours to know. Every other block (tools the provider runs and their results, whatever comes next) is
//! kept whole and opaque, and goes back as it came.

use std::borrow::Cow;

use super::PROTOCOL;
use crate::framing::Frame;
use crate::json::read::{Object, Piece, Value};
use crate::json::write::JsonWriter;
use crate::protocol::document::Documents;
use crate::protocol::growing::{Growing, Strings};
use crate::protocol::{Decoder, EventSink, Owner, Target};
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

const KNOWN_DELTA: &[&str] = &["type", "text", "thinking", "signature", "citation", "partial_json"];
const KNOWN_WORDS: &[&str] = &["type", "text", "citations", "thinking", "signature"];
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

/// Longest count, or details of one, in bytes.
const MAX_COUNT_BYTES: usize = 4_096;

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
    /// The input the call began with, until pieces take its place. A call without any is sent as no delta at all.
    ToolUse { begun: Option<String> },
    /// The block as it began, the pieces of its input, and the pieces of its other fields.
    Opaque { name: String, begun: String, input: String, more: Growing },
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
        let is_message = message.string("type").as_deref() == Some("message");
        let content = message.get("content").filter(|content| content.as_object().is_none());
        if content.is_none() && !is_message {
            let what = format!("the answer has no content: {}", crate::error::clip(text, 200));
            return Err(self.documents.protocol(&what, text));
        }
        self.message(&message, sink);
        self.content(0, content, sink);
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
                self.content(index, message.get("content"), sink);
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
                let delta = event.object("delta");
                self.stop(&delta, sink);
                // The container of provider-run code, and what comes next.
                for (name, value) in delta.iter() {
                    if !KNOWN_MESSAGE.contains(&name) && !value.is_null() {
                        sink.extra(name, value.raw());
                    }
                }
                for (name, value) in event.iter() {
                    if !matches!(name, "type" | "delta" | "usage") && !value.is_null() {
                        sink.extra(name, value.raw());
                    }
                }
            }
            Some("message_stop") => {
                // What was not ended ends here.
                while let Some(open) = self.open.first().map(|block| block.index) {
                    self.end(open, sink);
                }
                sink.mark_whole();
            }
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

    /// Whole blocks, or the words alone.
    fn content(&mut self, index: u64, content: Option<Value<'_>>, sink: &mut EventSink) {
        let Some(content) = content else { return };
        if let Some(text) = content.piece() {
            sink.words(CHOICE, text, PartKind::Text);
        }
        for block in content.list() {
            self.begin(index, block, sink);
            self.end(index, sink);
        }
    }

    fn begin(&mut self, index: u64, block: Value<'_>, sink: &mut EventSink) {
        self.end(index, sink);
        // Words that were not ended end here: what follows must not add to them.
        let words = |block: &OpenBlock| matches!(block.kind, BlockKind::Words { .. });
        while let Some(open) = self.open.iter().find(|block| words(block)).map(|block| block.index) {
            self.end(open, sink);
        }
        if let (true, Some(oldest)) = (self.open.len() >= MAX_OPEN, self.open.first()) {
            self.end(oldest.index, sink);
        }
        let object = block.object();
        let kind = match object.string("type").as_deref() {
            Some("text") => {
                sink.words(CHOICE, object.piece("text"), PartKind::Text);
                sink.choice_extras(CHOICE, &object, KNOWN_WORDS);
                BlockKind::Words {
                    citations: object.list("citations").into_iter().map(read_citation).collect(),
                }
            }
            Some("thinking") => {
                sink.words(CHOICE, object.piece("thinking"), PartKind::Reasoning);
                sink.choice_extras(CHOICE, &object, KNOWN_WORDS);
                if let Some(signature) = object.words("signature") {
                    self.signature(&signature, sink);
                }
                BlockKind::Words { citations: Vec::new() }
            }
            Some("redacted_thinking") => {
                let data = self.provider_data(block.raw().to_owned());
                sink.reasoning_data(CHOICE, data);
                BlockKind::Words { citations: Vec::new() }
            }
            Some("tool_use") => {
                let (id, name) = (object.string("id"), object.string("name"));
                let nothing = Piece::default();
                let place =
                    sink.tool_call_piece(CHOICE, Some(index), id.as_deref(), name.as_deref(), nothing);
                let owner = Owner { protocol: PROTOCOL, provider: self.documents.provider() };
                for (name, value) in object.iter().filter(|(name, _)| !KNOWN_TOOL_USE.contains(name)) {
                    sink.tool_call_field(CHOICE, place, owner, name, value);
                }
                let input = object
                    .get("input")
                    .map(|input| input.string().map_or_else(|| input.raw().to_owned(), Cow::into_owned));
                let begun = input.filter(|input| !input.is_empty()).unwrap_or_else(|| "{}".to_owned());
                BlockKind::ToolUse { begun: Some(begun) }
            }
            kind => {
                // From here on another model answers.
                if let (Some("fallback"), Some(model)) = (kind, object.object("to").string("model")) {
                    sink.model(&model);
                }
                sink.keep(block.raw().len());
                BlockKind::Opaque {
                    name: kind.unwrap_or("unknown").to_owned(),
                    begun: block.raw().to_owned(),
                    input: String::new(),
                    more: Growing::default(),
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
                    Some(BlockKind::ToolUse { begun }) => {
                        if !piece.is_empty() {
                            *begun = None;
                        }
                        sink.tool_call_piece(CHOICE, Some(index), None, None, piece);
                    }
                    Some(BlockKind::Opaque { input, .. }) => {
                        sink.keep(piece.text.len());
                        input.push_str(&piece.text);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        let block = self.open.iter_mut().find(|block| block.index == index);
        if let Some(OpenBlock { kind: BlockKind::Opaque { more, .. }, .. }) = block {
            // More of a block that is not ours to know, such as a compaction.
            for (name, value) in delta.iter().filter(|(name, _)| !matches!(*name, "type" | "partial_json")) {
                let grown = more.add(name, value, Strings::Join);
                sink.grew(grown);
            }
        } else {
            sink.choice_extras(CHOICE, delta, KNOWN_DELTA);
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
            BlockKind::ToolUse { begun } => {
                if let Some(begun) = begun {
                    sink.tool_call(CHOICE, Some(index), None, None, &begun);
                }
                sink.end_tool_call(CHOICE, index);
            }
            BlockKind::Opaque { name, begun, input, more } => {
                let data = whole_block(begun, &input, &more);
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
        let mut json = JsonWriter::default();
        json.object(|json| json.key("signature").string(signature));
        let data = self.provider_data(json.into_text());
        sink.reasoning_data(CHOICE, data);
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
        // No count is a page long.
        let is_count = |value: &Value<'_>| !value.is_null() && value.raw().len() <= MAX_COUNT_BYTES;
        for (name, value) in
            usage.iter().filter(|(name, value)| is_count(value) && name.len() <= MAX_COUNT_BYTES)
        {
            let known = self.usage.iter().position(|(known, _)| known == name);
            if let Some(held) = known.and_then(|place| self.usage.get_mut(place)) {
                held.1 = value.raw().to_owned();
            } else if self.usage.len() < MAX_OPEN {
                self.usage.push((name.to_owned(), value.raw().to_owned()));
            }
        }
        let mut json = JsonWriter::default();
        json.object(|json| self.usage.iter().for_each(|(name, value)| json.key(name).raw(value)));
        sink.usage(read_usage(json.into_text()));
    }
}

fn is_error(document: &Object<'_>) -> bool {
    document.string("type").as_deref() == Some("error") || document.get("error").is_some()
}

/// A block as it began, with what came of it in pieces.
fn whole_block(begun: String, input: &str, more: &Growing) -> String {
    let Ok(block) = Value::parse(&begun).map(Value::object) else { return begun };
    if input.is_empty() && more.is_empty() {
        return begun;
    }
    let mut json = JsonWriter::default();
    json.object(|json| {
        let came = |name: &str| more.has(name) || (name == "input" && !input.is_empty());
        for (name, value) in block.iter().filter(|(name, _)| !came(name)) {
            json.key(name).raw(value.raw());
        }
        if !input.is_empty() {
            // A cut input is no JSON; as a text it is at least not lost.
            match Value::parse(input) {
                Ok(input) => json.key("input").raw(input.raw()),
                Err(_) => json.key("input").string(input),
            }
        }
        more.write(json);
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
    let (input, read, write, output, reasoning) = match Value::parse(&raw).map(Value::object) {
        Ok(usage) => (
            usage.count("input_tokens"),
            usage.count("cache_read_input_tokens"),
            usage.count("cache_creation_input_tokens"),
            usage.count("output_tokens"),
            usage.object("output_tokens_details").count("thinking_tokens"),
        ),
        Err(_) => (None, None, None, None, None),
    };
    let beside = read.unwrap_or(0).saturating_add(write.unwrap_or(0));
    Usage {
        input_tokens: input.map(|input| input.saturating_add(beside)),
        input_uncached_tokens: input,
        input_cache_read_tokens: read,
        input_cache_write_tokens: write,
        output_tokens: output,
        output_text_tokens: reasoning.and_then(|reasoning| output?.checked_sub(reasoning)),
        output_reasoning_tokens: reasoning,
        raw: Some(raw),
    }
}
