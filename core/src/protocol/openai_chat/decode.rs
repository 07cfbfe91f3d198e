//! A chat completion, plain or in chunks, as what the sink is told.
//!
//! Both forms have the same fields, once in `message` and once in `delta`, so one reading serves both. Providers
//! leave out `object`, `index`, `created`, send `null` for lists and numbers as text, spell reasoning three ways:
//! read gently, keep the rest as `extra`, carry on.

use std::borrow::Cow;

use super::{CONTENT, CUSTOM, INSIDE, PROTOCOL};
use crate::framing::Frame;
use crate::json::read::{Object, Piece, Value};
use crate::protocol::document::Documents;
use crate::protocol::{Decoder, EventSink, Owner, Target};
use crate::types::{
    CitationPart, Error, FinishReason, OpaquePart, Part, PartKind, ProviderData, TokenCandidate,
    TokenLogprob, Usage,
};

/// Fields of the answer that are read here or say nothing. `obfuscation` and `p` are padding against traffic analysis.
const KNOWN_ANSWER: &[&str] =
    &["id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p", "x_groq"];
const KNOWN_CHOICE: &[&str] = &["index", "delta", "message", "finish_reason", "logprobs", "text"];
const KNOWN_TOOL_CALL: &[&str] = &["index", "id", "type", "function", "custom"];
const KNOWN_WORDS: &[&str] = &["type", "text", "refusal"];
const KNOWN_FUNCTION: &[&str] = &["name", "arguments", "input"];

/// Fields of a message that its provider wants back as they came: OpenRouter's details, Copilot's opaque reasoning,
/// Gemini's signature.
const RETURNING: &[&str] = &["reasoning_details", "reasoning_opaque", "extra_content"];

/// Words for the reasons to stop, as forty providers spell them.
const FINISH_REASONS: &[(&str, FinishReason)] = &[
    ("stop", FinishReason::Stop),
    ("eos", FinishReason::Stop),
    ("end_turn", FinishReason::Stop),
    ("stop_sequence", FinishReason::Stop),
    ("COMPLETE", FinishReason::Stop),
    ("STOP", FinishReason::Stop),
    ("length", FinishReason::Length),
    ("max_tokens", FinishReason::Length),
    ("model_length", FinishReason::Length),
    ("MAX_TOKENS", FinishReason::Length),
    ("tool_calls", FinishReason::ToolCalls),
    ("tool_use", FinishReason::ToolCalls),
    ("function_call", FinishReason::ToolCalls),
    ("content_filter", FinishReason::ContentFilter),
    ("SAFETY", FinishReason::ContentFilter),
    ("error", FinishReason::Error),
];

/// Where an answer's words stand: in `delta` or in `message`.
#[derive(Clone, Copy)]
enum Form {
    Chunk,
    Whole,
}

/// Reads one answer.
pub(super) struct ChatDecoder {
    documents: Documents,
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
                let value = self.documents.json("a chunk", text)?;
                self.answer(value, text, Form::Chunk, sink).map(|_| ())
            }
        }
    }

    fn body(&mut self, body: &[u8], sink: &mut EventSink) -> Result<(), Error> {
        let text = self.documents.body(body)?;
        let value = self.documents.json("the answer", text)?;
        let choices = self.answer(value, text, Form::Whole, sink)?;
        // A document is whole when it parses, also where a server names no finish reason.
        sink.mark_whole();
        if choices == 0 {
            let what = format!("the answer has no choices: {}", crate::error::clip(text, 200));
            return Err(self.documents.protocol(&what, text));
        }
        Ok(())
    }
}

impl ChatDecoder {
    pub(super) fn new(target: &Target) -> Self {
        Self { documents: Documents::new(target, "chat completion") }
    }

    /// One chunk, or the whole answer; says how many choices it lists.
    fn answer(&self, value: Value<'_>, text: &str, form: Form, sink: &mut EventSink) -> Result<usize, Error> {
        let Some(answer) = value.as_object() else {
            let what = format!("expected a JSON object, got {}", crate::error::clip(text, 200));
            return Err(self.documents.protocol(&what, text));
        };
        // Seconds; some send a fraction.
        let created_ms = answer.get("created").and_then(Value::thousandths);
        sink.identity(answer.string("id").as_deref(), answer.string("model").as_deref(), created_ms);
        let choices = answer.list("choices");
        for (at, choice) in choices.iter().enumerate() {
            let Some(choice) = choice.as_object() else { continue };
            self.choice(&choice, at as u32, form, sink);
        }
        // Groq puts the usage of a stream elsewhere.
        let usage = answer.get("usage").or_else(|| answer.object("x_groq").get("usage"));
        if let Some(usage) = usage.filter(|usage| usage.as_object().is_some()) {
            sink.usage(read_usage(usage));
        }
        for (name, value) in
            answer.iter().filter(|(name, value)| !KNOWN_ANSWER.contains(name) && !value.is_null())
        {
            sink.extra(name, value.raw());
        }
        let groq = answer.object("x_groq");
        for (name, value) in groq.iter().filter(|(_, value)| !value.is_null()) {
            if !matches!(name, "usage" | "error") {
                sink.extra(&format!("x_groq.{name}"), value.raw());
            }
        }
        // vLLM's errors are objects of that name, Groq's stand where its usage does.
        let is_error = answer.string("object").as_deref() == Some("error");
        match answer.get("error").or_else(|| groq.get("error")) {
            Some(error) if !matches!(error.raw(), "false" | "\"\"" | "{}") => {
                let value = if answer.get("error").is_some() { value } else { error };
                Err(self.documents.reported(value, text))
            }
            _ if is_error => Err(self.documents.reported(value, text)),
            _ => Ok(choices.len()),
        }
    }

    fn choice(&self, choice: &Object<'_>, position: u32, form: Form, sink: &mut EventSink) {
        let index = choice.count("index").and_then(|index| u32::try_from(index).ok()).unwrap_or(position);
        // Perplexity sends both in both forms: an empty `delta` in a whole answer, all so far as `message` in a chunk.
        let (first, second) = match form {
            Form::Chunk => ("delta", "message"),
            Form::Whole => ("message", "delta"),
        };
        match choice.get(first).or_else(|| choice.get(second)) {
            Some(message) => self.message(&message.object(), index, form, sink),
            // The form of plain completions; Together sends it beside the delta.
            None => sink.words(index, choice.piece("text"), PartKind::Text),
        }
        if let Some(logprobs) = choice.get("logprobs") {
            read_logprobs(logprobs, index, sink);
        }
        for (name, value) in
            choice.iter().filter(|(name, value)| !KNOWN_CHOICE.contains(name) && !value.is_null())
        {
            keep_extra(name, value, index, form, sink);
        }
        if let Some(raw) = choice.words("finish_reason") {
            let known = FINISH_REASONS.iter().find(|(word, _)| *word == raw).map(|(_, reason)| *reason);
            sink.finish(index, Some(&raw), known.unwrap_or(FinishReason::Other));
        }
    }

    fn message(&self, message: &Object<'_>, choice: u32, form: Form, sink: &mut EventSink) {
        self.reasoning(message, choice, sink);
        if let Some(content) = message.get("content") {
            match content.as_list() {
                Some(parts) => parts.into_iter().for_each(|part| self.content_part(part, choice, sink)),
                // Cloudflare sends the JSON that was asked for as an object and not as its text.
                None => {
                    let text = content.piece().unwrap_or_else(|| content.raw().into());
                    sink.words(choice, text, PartKind::Text);
                }
            }
        }
        sink.words(choice, message.piece("refusal"), PartKind::Refusal);
        for annotation in message.list("annotations") {
            sink.citation(choice, read_citation(annotation));
        }
        let calls = message.get("tool_calls");
        // One call that is no list.
        let one = calls.filter(|calls| calls.as_object().is_some());
        for (at, call) in one.into_iter().chain(message.list("tool_calls")).enumerate() {
            let call = call.object();
            // In a whole answer each is a call of its own, whatever it is numbered.
            let index = match form {
                Form::Chunk => call.count("index"),
                Form::Whole => Some(at as u64),
            };
            self.tool_call(&call, index, choice, sink);
        }
        // The form before tool calls, still sent by some servers.
        if let Some(call) = message.get("function_call").and_then(Value::as_object) {
            let (name, arguments) = (call.words("name"), arguments_text(&call));
            // Snowflake writes out every field, also those of calls that were not made.
            if name.is_some() || !arguments.is_empty() {
                sink.tool_call_piece(choice, Some(u64::MAX), None, name.as_deref(), arguments);
            }
        }
        for (name, value) in message.iter().filter(|(_, value)| !value.is_null()) {
            if RETURNING.contains(&name) || is_read(name, value) {
                continue;
            }
            keep_extra(name, value, choice, form, sink);
        }
    }

    fn tool_call(&self, call: &Object<'_>, index: Option<u64>, choice: u32, sink: &mut EventSink) {
        // A custom tool takes any text, and calls it its input.
        let custom = call.get("function").is_none() && call.get("custom").is_some();
        let function = call.object(if custom { "custom" } else { "function" });
        let place = sink.tool_call_piece(
            choice,
            index,
            call.string("id").as_deref(),
            function.string("name").as_deref(),
            arguments_text(&function),
        );
        // Fields that belong to a call, such as Gemini's signature; that of a custom tool is its type.
        let mut own = |name: &str, value: Value<'_>| {
            if !value.is_null() {
                sink.tool_call_field(choice, place, self.owner(), name, value);
            }
        };
        if let (true, Ok(kind)) = (custom, Value::parse(CUSTOM)) {
            own("type", kind);
        }
        call.iter()
            .filter(|(name, _)| !KNOWN_TOOL_CALL.contains(name))
            .for_each(|(name, value)| own(name, value));
        for (name, value) in function.iter().filter(|(name, _)| !KNOWN_FUNCTION.contains(name)) {
            own(&format!("{INSIDE}{name}"), value);
        }
    }

    fn owner(&self) -> Owner<'_> {
        Owner { protocol: PROTOCOL, provider: self.documents.provider() }
    }

    /// DeepSeek says `reasoning_content`, Groq and OpenRouter `reasoning`, Copilot `reasoning_text`, some say the same
    /// twice.
    fn reasoning(&self, message: &Object<'_>, choice: u32, sink: &mut EventSink) {
        let text = ["reasoning_content", "reasoning", "reasoning_text"];
        let mut pieces = text.iter().map(|name| message.piece(name));
        if let Some(text) = pieces.find(|piece| !piece.is_empty()) {
            sink.words(choice, text, PartKind::Reasoning);
        }
        for name in RETURNING {
            let value = message.get(name).filter(|value| !matches!(value.raw(), "[]" | "{}" | "\"\""));
            if let Some(value) = value {
                sink.reasoning_field(choice, self.owner(), name, value);
            }
        }
    }

    fn provider_data(&self, data: String) -> ProviderData {
        ProviderData {
            protocol: PROTOCOL.to_owned(),
            provider: Some(self.documents.provider().to_owned()),
            data,
        }
    }

    /// Content as a list: text and thinking are ours to know, the rest is kept as it came. Thinking goes back as its block,
    /// which may be signed.
    fn content_part(&self, part: Value<'_>, choice: u32, sink: &mut EventSink) {
        if let Some(text) = part.piece() {
            return sink.words(choice, text, PartKind::Text);
        }
        let object = part.object();
        match object.string("type").as_deref() {
            Some("text" | "output_text") => {
                sink.words(choice, object.piece("text"), PartKind::Text);
                sink.choice_extras(choice, &object, KNOWN_WORDS);
            }
            Some("refusal") => {
                sink.words(choice, object.piece("refusal"), PartKind::Refusal);
                sink.choice_extras(choice, &object, KNOWN_WORDS);
            }
            Some("thinking" | "reasoning") => {
                let names = ["thinking", "text", "summary"];
                match names.iter().find_map(|name| object.get(name)) {
                    Some(thinking) if thinking.string().is_some() => {
                        sink.words(choice, thinking.piece().unwrap_or_default(), PartKind::Reasoning);
                    }
                    thinking => thinking.map(Value::list).unwrap_or_default().iter().for_each(|part| {
                        sink.words(choice, part.object().piece("text"), PartKind::Reasoning);
                    }),
                }
                let block = format!("[{}]", part.raw());
                if let Ok(block) = Value::parse(&block) {
                    sink.reasoning_field(choice, self.owner(), CONTENT, block);
                }
            }
            kind => {
                let provider_data = self.provider_data(part.raw().to_owned());
                let name = kind.unwrap_or("unknown").to_owned();
                sink.part(choice, Part::Opaque(OpaquePart { name, provider_data }));
            }
        }
    }
}

/// Whether a field of a message is read above. One of another shape than it should have is kept by its name.
fn is_read(name: &str, value: Value<'_>) -> bool {
    match name {
        "role" | "content" => true,
        "refusal" | "reasoning" | "reasoning_content" | "reasoning_text" => value.string().is_some(),
        "tool_calls" => value.as_list().is_some() || value.as_object().is_some(),
        "function_call" => value.as_object().is_some(),
        "annotations" => value.as_list().is_some(),
        _ => false,
    }
}

/// A field that the contract does not know. Objects of a stream come in pieces: Azure's filters one by one, sound and its
/// words bit by bit.
fn keep_extra(name: &str, value: Value<'_>, choice: u32, form: Form, sink: &mut EventSink) {
    match (form, value.as_object()) {
        (Form::Chunk, Some(_)) => sink.choice_extra_piece(choice, name, value, &["data", "transcript"]),
        _ => sink.choice_extra(choice, name, value.raw()),
    }
}

/// Arguments as text; some providers send the object itself.
fn arguments_text<'a>(function: &Object<'a>) -> Piece<'a> {
    match function.get("arguments").or_else(|| function.get("input")) {
        None => Piece::default(),
        Some(arguments) => arguments.piece().unwrap_or_else(|| arguments.raw().into()),
    }
}

fn read_citation(annotation: Value<'_>) -> CitationPart {
    let object = annotation.object();
    let inner = object.object("url_citation");
    CitationPart {
        url: inner.words("url").map(Cow::into_owned),
        title: inner.words("title").map(Cow::into_owned),
        start_char: inner.count("start_index"),
        end_char: inner.count("end_index"),
        data: annotation.raw().to_owned(),
    }
}

/// Log probabilities as OpenAI writes them; lists of other names and other forms are kept as they came.
fn read_logprobs(value: Value<'_>, choice: u32, sink: &mut EventSink) {
    let logprobs = value.object();
    let known = ["content", "refusal"];
    let tokens = known.iter().flat_map(|name| logprobs.list(name)).map(|token| read_logprob(&token.object()));
    sink.logprobs(choice, tokens.collect());
    let is_read = |name: &str, value: Value<'_>| {
        value.is_null() || (known.contains(&name) && value.as_list().is_some())
    };
    if logprobs.iter().any(|(name, value)| !is_read(name, value)) {
        sink.choice_extra_piece(choice, "logprobs", value, &[]);
    }
}

fn read_logprob(token: &Object<'_>) -> TokenLogprob {
    TokenLogprob {
        chosen: read_candidate(token),
        top: token
            .list("top_logprobs")
            .into_iter()
            .map(|candidate| read_candidate(&candidate.object()))
            .collect(),
    }
}

fn read_candidate(candidate: &Object<'_>) -> TokenCandidate {
    TokenCandidate {
        token: candidate.string("token").unwrap_or_default().into_owned(),
        logprob: candidate.get("logprob").and_then(read_number).unwrap_or_else(|| "null".to_owned()),
        bytes: candidate
            .list("bytes")
            .into_iter()
            .filter_map(|byte| u8::try_from(byte.count()?).ok())
            .collect(),
    }
}

/// A number as it was written, also inside a string.
fn read_number(value: Value<'_>) -> Option<String> {
    let text = value.string().unwrap_or(Cow::Borrowed(value.raw()));
    Value::parse(&text).ok().and_then(Value::number_text).map(str::to_owned)
}

/// Tokens as a partition. Cached and reasoning tokens are inside the totals here; a part that would exceed its total
/// stands, and what it would leave of the rest is unknown.
fn read_usage(value: Value<'_>) -> Usage {
    let usage = value.object();
    let input = usage.count("prompt_tokens").or_else(|| usage.count("input_tokens"));
    let output = usage.count("completion_tokens").or_else(|| usage.count("output_tokens"));
    let cache_read = usage
        .object("prompt_tokens_details")
        .count("cached_tokens")
        // DeepSeek; Moonshot and others.
        .or_else(|| usage.count("prompt_cache_hit_tokens"))
        .or_else(|| usage.count("cached_tokens"));
    let cache_write = usage.object("prompt_tokens_details").count("cache_write_tokens");
    let reasoning = usage
        .object("completion_tokens_details")
        .count("reasoning_tokens")
        .or_else(|| usage.count("reasoning_tokens"));
    // xAI counts reasoning beside the completion, which its total shows; in the contract the output holds both.
    let beside = reasoning.filter(|reasoning| {
        let sum = input.and_then(|input| input.checked_add(output?)?.checked_add(*reasoning));
        *reasoning > 0 && sum.is_some() && sum == usage.count("total_tokens")
    });
    let output = output.map(|output| output.saturating_add(beside.unwrap_or(0)));
    let cached = cache_read.unwrap_or(0).saturating_add(cache_write.unwrap_or(0));
    Usage {
        input_tokens: input,
        input_uncached_tokens: cache_read.and(input).and_then(|input| input.checked_sub(cached)),
        input_cache_read_tokens: cache_read,
        input_cache_write_tokens: cache_write,
        output_tokens: output,
        output_text_tokens: reasoning.and_then(|reasoning| output?.checked_sub(reasoning)),
        output_reasoning_tokens: reasoning,
        raw: Some(value.raw().to_owned()),
    }
}
