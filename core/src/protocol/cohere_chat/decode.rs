//! An answer, plain or in events, as what the sink is told.
//!
//! The plan before tool calls and thinking are both reasoning; what each is stands in its data. Citations name places in
//! the words of one block and follow it.

use std::borrow::Cow;

use super::{PROTOCOL, THINKING, TOOL_PLAN};
use crate::framing::Frame;
use crate::json::read::{Object, Piece, Value};
use crate::protocol::document::Documents;
use crate::protocol::{Decoder, EventSink, Owner, Target};
use crate::types::{
    CitationPart, Error, FinishReason, OpaquePart, Part, PartKind, ProviderData, TokenCandidate,
    TokenLogprob, Usage,
};

/// The only answer there is: the format knows no `n`.
const CHOICE: u32 = 0;

/// Fields that are read here or say nothing.
const KNOWN_ANSWER: &[&str] =
    &["id", "type", "index", "message", "finish_reason", "usage", "logprobs", "delta"];
const KNOWN_MESSAGE: &[&str] = &["role", "content", "tool_plan", "tool_calls", "citations"];

/// Words for the reasons to stop (Chat API v2, "finish_reason").
const FINISH_REASONS: &[(&str, FinishReason)] = &[
    ("COMPLETE", FinishReason::Stop),
    ("STOP_SEQUENCE", FinishReason::Stop),
    ("MAX_TOKENS", FinishReason::Length),
    ("TOOL_CALL", FinishReason::ToolCalls),
    ("ERROR", FinishReason::Error),
    ("ERROR_TOXIC", FinishReason::ContentFilter),
    ("TIMEOUT", FinishReason::Error),
];

/// Those that say that there is no answer.
const FAILURES: &[&str] = &["ERROR", "ERROR_TOXIC", "TIMEOUT"];
const KNOWN_WORDS: &[&str] = &["type", "text", "thinking"];
const KNOWN_TOOL_CALL: &[&str] = &["id", "type", "function"];

/// Reads one answer.
pub(super) struct ChatDecoder {
    documents: Documents,
    /// What the reasoning that is being written is, if any is.
    reasoning: Option<&'static str>,
}

impl Decoder for ChatDecoder {
    fn frame(&mut self, frame: Frame<'_>, sink: &mut EventSink) -> Result<(), Error> {
        let Frame::Event { data, .. } = frame else {
            sink.heartbeat();
            return Ok(());
        };
        match data.trim_ascii() {
            b"" => Ok(()),
            b"[DONE]" => {
                sink.mark_whole();
                Ok(())
            }
            data => {
                let text = self.documents.utf8(data)?;
                let value = self.documents.json("an event", text)?;
                self.event(value, text, sink)
            }
        }
    }

    fn body(&mut self, body: &[u8], sink: &mut EventSink) -> Result<(), Error> {
        let text = self.documents.body(body)?;
        let value = self.documents.json("the answer", text)?;
        let answer = value.object();
        if is_error(&answer) {
            return Err(self.documents.reported(value, text));
        }
        let Some(message) = answer.get("message").and_then(Value::as_object) else {
            let what = format!("the answer has no message: {}", crate::error::clip(text, 200));
            return Err(self.documents.protocol(&what, text));
        };
        sink.identity(answer.string("id").as_deref(), None, None);
        self.message(&message, sink);
        logprobs(&answer, sink);
        self.failed(&answer, text, sink)?;
        self.stop(&answer, sink);
        extras(&answer, sink);
        // A document is whole when it parses.
        sink.mark_whole();
        Ok(())
    }
}

impl ChatDecoder {
    pub(super) fn new(target: &Target) -> Self {
        Self { documents: Documents::new(target, "chat answer"), reasoning: None }
    }

    fn event(&mut self, value: Value<'_>, text: &str, sink: &mut EventSink) -> Result<(), Error> {
        let event = value.object();
        if is_error(&event) {
            return Err(self.documents.reported(value, text));
        }
        let delta = event.object("delta");
        let message = delta.object("message");
        let index = event.count("index");
        match event.string("type").as_deref() {
            Some("message-start") => {
                sink.identity(event.string("id").as_deref(), None, None);
                self.message(&message, sink);
            }
            Some("content-start") => {
                self.end_words(sink);
                self.content(message.get("content"), sink);
                logprobs(&event, sink);
            }
            Some("content-delta") => {
                self.content(message.get("content"), sink);
                logprobs(&event, sink);
            }
            Some("content-end") => self.end_words(sink),
            Some("tool-plan-delta") => {
                self.reason(TOOL_PLAN, message.piece("tool_plan"), sink);
            }
            Some("tool-call-start" | "tool-call-delta") => {
                each(message.get("tool_calls"), |call| self.tool_call(call, index, sink));
            }
            Some("tool-call-end") => {
                if let Some(index) = index {
                    sink.end_tool_call(CHOICE, index);
                }
            }
            Some("citation-start") => {
                each(message.get("citations"), |citation| sink.citation(CHOICE, read_citation(citation)));
            }
            Some("message-end") => {
                self.failed(&delta, text, sink)?;
                self.stop(&delta, sink);
                extras(&delta, sink);
                sink.mark_whole();
            }
            // `citation-end`, `debug`, and events that are not known yet.
            _ => sink.heartbeat(),
        }
        Ok(())
    }

    /// The words and calls of a whole message; of a stream, those it began with.
    fn message(&mut self, message: &Object<'_>, sink: &mut EventSink) {
        let plan = message.piece("tool_plan");
        if !plan.is_empty() {
            self.reason(TOOL_PLAN, plan, sink);
            self.end_words(sink);
        }
        let citations = message.list("citations");
        let blocks = match message.get("content") {
            Some(content) => content.as_list().unwrap_or_else(|| vec![content]),
            None => Vec::new(),
        };
        for (at, block) in blocks.iter().enumerate() {
            self.content(Some(*block), sink);
            let last = at + 1 == blocks.len();
            // A citation without an index is one of an answer of one block.
            for citation in &citations {
                let index = citation.object().count("content_index");
                if index.map_or(last, |index| index == at as u64 || (last && index > at as u64)) {
                    sink.citation(CHOICE, read_citation(*citation));
                }
            }
            self.end_words(sink);
        }
        if blocks.is_empty() {
            citations.into_iter().for_each(|citation| sink.citation(CHOICE, read_citation(citation)));
        }
        for (at, call) in message.list("tool_calls").into_iter().enumerate() {
            self.tool_call(call, Some(at as u64), sink);
        }
        sink.choice_extras(CHOICE, message, KNOWN_MESSAGE);
    }

    /// A block of the content, or more of one. A delta says what it is by the name of its field only.
    fn content(&mut self, content: Option<Value<'_>>, sink: &mut EventSink) {
        let Some(content) = content else { return };
        if let Some(blocks) = content.as_list() {
            return blocks.into_iter().for_each(|block| self.content(Some(block), sink));
        }
        if let Some(text) = content.piece() {
            return self.text(text, sink);
        }
        let block = content.object();
        let piece = |name: &str| block.get(name).and_then(Value::piece);
        let kind = block.string("type");
        if matches!(kind.as_deref(), None | Some("text" | "thinking")) {
            sink.choice_extras(CHOICE, &block, KNOWN_WORDS);
        }
        match (piece("thinking"), piece("text"), kind.as_deref()) {
            (Some(thinking), _, _) => self.reason(THINKING, thinking, sink),
            (None, Some(text), _) => self.text(text, sink),
            (None, None, None | Some("text" | "thinking")) => {}
            (None, None, Some(kind)) => {
                let provider_data = self.provider_data(content.raw());
                sink.part(CHOICE, Part::Opaque(OpaquePart { name: kind.to_owned(), provider_data }));
            }
        }
    }

    fn text(&mut self, text: Piece<'_>, sink: &mut EventSink) {
        if !text.is_empty() {
            self.reasoning = None;
            sink.words(CHOICE, text, PartKind::Text);
        }
    }

    /// More reasoning of a kind; what kind it is goes with it.
    fn reason(&mut self, kind: &'static str, text: Piece<'_>, sink: &mut EventSink) {
        if text.is_empty() {
            return;
        }
        if self.reasoning.is_some_and(|writing| writing != kind) {
            self.end_words(sink);
        }
        sink.words(CHOICE, text, PartKind::Reasoning);
        if self.reasoning.is_none() {
            self.reasoning = Some(kind);
            let data = self.provider_data(kind);
            sink.reasoning_data(CHOICE, data);
        }
    }

    fn end_words(&mut self, sink: &mut EventSink) {
        self.reasoning = None;
        sink.end_words(CHOICE);
    }

    fn stop(&self, end: &Object<'_>, sink: &mut EventSink) {
        if let Some(raw) = end.words("finish_reason") {
            let known = FINISH_REASONS.iter().find(|(word, _)| *word == raw).map(|(_, reason)| *reason);
            sink.finish(CHOICE, Some(&raw), known.unwrap_or(FinishReason::Other));
        }
        if let Some(usage) = end.get("usage").filter(|usage| usage.as_object().is_some()) {
            sink.usage(read_usage(usage));
        }
    }

    /// A generation that failed before it said anything is an error. After that the answer stands, with its finish
    /// `error` and the provider's words in `extra`, as the official SDK reads it.
    fn failed(&self, end: &Object<'_>, text: &str, sink: &EventSink) -> Result<(), Error> {
        match end.words("finish_reason").filter(|word| FAILURES.contains(&word.as_ref())) {
            Some(finish) if !sink.is_visible() => {
                let said =
                    end.words("error").unwrap_or_else(|| format!("generation ended with {finish}").into());
                Err(self.documents.said(Some(said), Some(finish), text))
            }
            _ => Ok(()),
        }
    }

    fn tool_call(&self, call: Value<'_>, index: Option<u64>, sink: &mut EventSink) {
        let call = call.object();
        let function = call.object("function");
        let arguments = function
            .get("arguments")
            .map(|arguments| arguments.piece().unwrap_or_else(|| arguments.raw().into()))
            .unwrap_or_default();
        let (id, name) = (call.string("id"), function.string("name"));
        let place = sink.tool_call_piece(CHOICE, index, id.as_deref(), name.as_deref(), arguments);
        let owner = Owner { protocol: PROTOCOL, provider: self.documents.provider() };
        for (name, value) in call.iter().filter(|(name, _)| !KNOWN_TOOL_CALL.contains(name)) {
            sink.tool_call_field(CHOICE, place, owner, name, value);
        }
    }

    fn provider_data(&self, data: &str) -> ProviderData {
        ProviderData {
            protocol: PROTOCOL.to_owned(),
            provider: Some(self.documents.provider().to_owned()),
            data: data.to_owned(),
        }
    }
}

/// `{"message": "..."}` and its kin: an answer has a message that is an object.
fn is_error(document: &Object<'_>) -> bool {
    document.string("type").as_deref() == Some("error")
        || document.string("message").is_some()
        || (document.get("error").is_some() && document.get("message").is_none())
}

/// What is not known is kept by name.
fn extras(end: &Object<'_>, sink: &mut EventSink) {
    for (name, value) in end.iter() {
        if !KNOWN_ANSWER.contains(&name) && !value.is_null() {
            sink.extra(name, value.raw());
        }
    }
}

/// One object, or each of a list.
fn each<'a>(value: Option<Value<'a>>, mut act: impl FnMut(Value<'a>)) {
    let Some(value) = value else { return };
    match value.as_list() {
        Some(list) => list.into_iter().for_each(act),
        None => act(value),
    }
}

/// Its places count in the block's text, or in the plan or the thinking when its type says so.
fn read_citation(citation: Value<'_>) -> CitationPart {
    let object = citation.object();
    let of_text = object.string("type").is_none_or(|kind| kind == "TEXT_CONTENT");
    let source = |name: &str| {
        object.list("sources").into_iter().find_map(|source| {
            let source = source.object();
            let inner = source.get("document").or_else(|| source.get("tool_output"))?.object();
            inner.words(name).map(Cow::into_owned)
        })
    };
    CitationPart {
        url: source("url"),
        title: source("title"),
        start_char: object.count("start").filter(|_| of_text),
        end_char: object.count("end").filter(|_| of_text),
        data: citation.raw().to_owned(),
    }
}

/// Log probabilities come in pieces of text; a piece of several tokens does not say which text is whose.
fn logprobs(holder: &Object<'_>, sink: &mut EventSink) {
    let Some(value) = holder.get("logprobs") else { return };
    let items = value.as_list().unwrap_or_else(|| vec![value]);
    let token = |item: &Value<'_>| {
        let item = item.object();
        let [logprob] = item.list("logprobs")[..] else { return None };
        Some(TokenLogprob {
            chosen: TokenCandidate {
                token: item.string("text")?.into_owned(),
                logprob: logprob.number_text()?.to_owned(),
                bytes: Vec::new(),
            },
            top: Vec::new(),
        })
    };
    match items.iter().map(token).collect::<Option<Vec<_>>>() {
        Some(tokens) => sink.logprobs(CHOICE, tokens),
        None => sink.choice_extra(CHOICE, "logprobs", value.raw()),
    }
}

/// Tokens as a partition. `tokens` is what the model read and wrote, the cached ones among them; `billed_units` leaves
/// out what the provider adds.
fn read_usage(value: Value<'_>) -> Usage {
    let usage = value.object();
    let (tokens, billed) = (usage.object("tokens"), usage.object("billed_units"));
    let count = |name: &str| tokens.count(name).or_else(|| billed.count(name));
    let (input, output) = (count("input_tokens"), count("output_tokens"));
    let cached = usage.count("cached_tokens").filter(|_| tokens.get("input_tokens").is_some());
    let reasoning = tokens.count("reasoning_tokens");
    Usage {
        input_tokens: input,
        input_uncached_tokens: cached.and_then(|cached| input?.checked_sub(cached)),
        input_cache_read_tokens: cached,
        input_cache_write_tokens: None,
        output_tokens: output,
        output_text_tokens: reasoning.and_then(|reasoning| output?.checked_sub(reasoning)),
        output_reasoning_tokens: reasoning,
        raw: Some(value.raw().to_owned()),
    }
}
