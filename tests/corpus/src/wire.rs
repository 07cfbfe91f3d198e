//! What the recorded body itself says, read as plainly as can be: blocks, signatures, citations.
//!
//! The SDKs' readings hold no signatures and only count citations, so the bytes are the judge here. This reading shares
//! nothing with the core's.

use serde_json::{Map, Value, json};

use crate::exchange::Exchange;

/// A body's own words.
#[derive(Default)]
pub(crate) struct Wire {
    /// Everything that must come back unchanged, in order.
    pub(crate) signatures: Vec<Value>,
    pub(crate) citations: Vec<Value>,
    /// The assistant's turn as the next request has to say it.
    pub(crate) turn: Value,
}

/// The body, or the payloads of its stream, as JSON.
pub(crate) fn documents(exchange: &Exchange) -> Vec<Value> {
    if exchange.response.streaming {
        payloads(exchange.body())
    } else {
        serde_json::from_str(exchange.body().trim_start_matches('\u{FEFF}')).into_iter().collect()
    }
}

/// Reads a body.
pub(crate) fn read(documents: &[Value], protocol: &str) -> Wire {
    match protocol {
        "anthropic-messages" => messages(documents),
        "cohere-chat" => cohere(documents),
        _ => chat(documents),
    }
}

/// The payloads of a stream that are JSON.
fn payloads(body: &str) -> Vec<Value> {
    let (mut payloads, mut data) = (Vec::new(), String::new());
    let lines = body.replace("\r\n", "\n").replace('\r', "\n");
    for line in lines.split('\n').chain([""]) {
        match line.strip_prefix("data:") {
            Some(more) => data.push_str(more),
            None if line.is_empty() => payloads.extend(serde_json::from_str(&std::mem::take(&mut data))),
            None => {}
        }
    }
    payloads
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn push(text: &mut Value, more: &Value) {
    let joined = format!("{}{}", text.as_str().unwrap_or_default(), more.as_str().unwrap_or_default());
    *text = Value::String(joined);
}

/// Blocks that are read; others go back to the letter.
const KNOWN_BLOCKS: &[&str] = &["text", "thinking", "tool_use"];

fn messages(documents: &[Value]) -> Wire {
    let mut blocks: Vec<(u64, Value, String)> = Vec::new();
    for document in documents {
        for block in list(&document["content"]).chain(list(&document["message"]["content"])) {
            blocks.push((u64::MAX, block.clone(), String::new()));
        }
        if !document["content_block"].is_null() {
            let index = document["index"].as_u64().unwrap_or_default();
            blocks.push((index, document["content_block"].clone(), String::new()));
        }
        let (index, delta) = (document["index"].as_u64().unwrap_or_default(), &document["delta"]);
        let Some((_, block, input)) = blocks.iter_mut().rev().find(|(at, _, _)| *at == index) else {
            continue;
        };
        match delta["type"].as_str() {
            Some("text_delta") => push(&mut block["text"], &delta["text"]),
            Some("thinking_delta") => push(&mut block["thinking"], &delta["thinking"]),
            Some("signature_delta") => block["signature"] = delta["signature"].clone(),
            Some("input_json_delta") => input.push_str(delta["partial_json"].as_str().unwrap_or_default()),
            Some("citations_delta") => {
                let mut citations: Vec<Value> = list(&block["citations"]).cloned().collect();
                citations.push(delta["citation"].clone());
                block["citations"] = Value::Array(citations);
            }
            Some(_) => {
                for (name, value) in
                    delta.as_object().into_iter().flatten().filter(|(name, _)| *name != "type")
                {
                    block[name] = value.clone();
                }
            }
            None => {}
        }
    }
    let blocks: Vec<Value> = blocks
        .into_iter()
        .map(|(_, mut block, input)| {
            if !input.is_empty() {
                block["input"] = serde_json::from_str(&input).unwrap_or(Value::String(input));
            }
            if KNOWN_BLOCKS.contains(&block["type"].as_str().unwrap_or_default()) {
                without_nothing(&block)
            } else {
                block
            }
        })
        .collect();
    let mut wire = Wire::default();
    for block in &blocks {
        wire.citations.extend(list(&block["citations"]).filter(|_| block["type"] == "text").cloned());
        match block["type"].as_str() {
            Some("text" | "tool_use") => {}
            Some("thinking") => wire.signatures.extend(block.get("signature").cloned()),
            _ => wire.signatures.push(block.clone()),
        }
    }
    // Empty texts are refused by the API and say nothing.
    let said = |block: &Value| block["type"] != "text" || block.get("text").is_some();
    wire.turn = blocks.into_iter().filter(said).collect();
    wire
}

/// A block without fields that are null, and without empty texts, signatures and citations: none of these has to go back.
fn without_nothing(block: &Value) -> Value {
    let Some(fields) = block.as_object() else { return block.clone() };
    let nothing = |name: &str, value: &Value| {
        value.is_null()
            || (matches!(name, "citations") && value.as_array().is_some_and(Vec::is_empty))
            || (matches!(name, "text" | "signature") && value.as_str() == Some(""))
    };
    fields
        .iter()
        .filter(|(name, value)| !nothing(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Fields of a message that its provider wants back, types of content that are words, and fields of a call that are read.
const RETURNING: &[&str] = &["reasoning_details", "reasoning_opaque", "extra_content"];
const CHAT_PARTS: &[&str] = &["text", "output_text", "refusal"];
const CALL: &[&str] = &["index", "id", "type", "function", "custom"];
const FUNCTION: &[&str] = &["name", "arguments", "input"];

/// The fields of an object that are not read, if there are any.
fn others(object: &Value, read: &[&str]) -> Option<Value> {
    let more: Map<String, Value> = object
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| !read.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!more.is_empty()).then_some(Value::Object(more))
}

fn chat(documents: &[Value]) -> Wire {
    let mut wire = Wire::default();
    for document in documents {
        let first = |choice: &&Value| choice["index"].as_u64().unwrap_or_default() == 0;
        for choice in list(&document["choices"]).take(1).filter(first) {
            let message = if choice["message"].is_object() && !choice["delta"].is_object() {
                &choice["message"]
            } else {
                &choice["delta"]
            };
            // Perplexity sends both in both forms.
            let message = if documents.len() == 1 && choice["message"].is_object() {
                &choice["message"]
            } else {
                message
            };
            wire.citations.extend(list(&message["annotations"]).cloned());
            for name in RETURNING {
                match &message[*name] {
                    Value::Array(list) => wire.signatures.extend(list.iter().cloned()),
                    Value::Null => {}
                    one => wire.signatures.push(one.clone()),
                }
            }
            let read = |part: &&Value| !part["type"].as_str().is_some_and(|kind| CHAT_PARTS.contains(&kind));
            wire.signatures
                .extend(list(&message["content"]).filter(|part| part.is_object()).filter(read).cloned());
            for call in list(&message["tool_calls"]) {
                let function = call.get("function").or(call.get("custom")).unwrap_or(&Value::Null);
                let more = [others(call, CALL), others(function, FUNCTION)];
                wire.signatures.extend(more.into_iter().flatten());
            }
        }
    }
    wire
}

fn cohere(documents: &[Value]) -> Wire {
    let (mut wire, mut plan) = (Wire::default(), Value::Null);
    let (mut blocks, mut calls): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for document in documents {
        let message =
            if document["delta"].is_object() { &document["delta"]["message"] } else { &document["message"] };
        if message["tool_plan"].is_string() {
            push(&mut plan, &message["tool_plan"]);
        }
        match &message["content"] {
            Value::Array(list) => blocks.extend(list.iter().cloned()),
            content if document["type"] == "content-start" => blocks.push(content.clone()),
            content if document["type"] == "content-delta" => {
                for name in ["text", "thinking"] {
                    if let (Some(block), true) = (blocks.last_mut(), content[name].is_string()) {
                        push(&mut block[name], &content[name]);
                    }
                }
            }
            _ => {}
        }
        match &message["tool_calls"] {
            Value::Array(list) => calls.extend(list.iter().cloned()),
            call if document["type"] == "tool-call-start" => calls.push(call.clone()),
            call if document["type"] == "tool-call-delta" => {
                if let Some(last) = calls.last_mut() {
                    push(&mut last["function"]["arguments"], &call["function"]["arguments"]);
                }
            }
            _ => {}
        }
        match &message["citations"] {
            Value::Array(list) => wire.citations.extend(list.iter().cloned()),
            Value::Null => {}
            one => wire.citations.push(one.clone()),
        }
    }
    let words = |block: &Value| matches!(block["type"].as_str(), None | Some("text" | "thinking"));
    wire.signatures.extend(blocks.iter().filter(|block| !words(block)).cloned());
    let blocks: Vec<Value> = blocks
        .iter()
        .map(|block| if words(block) { without_nothing(block) } else { block.clone() })
        .filter(|block| !words(block) || block.get("text").or(block.get("thinking")).is_some())
        .collect();
    wire.turn =
        json!({"content": blocks, "tool_calls": calls, "tool_plan": plan, "citations": wire.citations});
    wire
}
