//! The answer as the assistant's turn of the next request: what the provider wants back must be there, once.

use serde_json::{Value, json};

use crate::play::{Next, Played};
use crate::wire::{self, Wire};

/// Ours and theirs, in words; nothing where there is no turn to compare.
pub(crate) fn compare(
    protocol: &str,
    wire: &Wire,
    oracle: &Value,
    played: &Played,
) -> Option<(String, String)> {
    let next = match played.next.as_ref()? {
        Ok(next) => next,
        // Arguments that were cut off cannot be said in this format, and saying so is right.
        Err(why) if why.contains("arguments") && was_cut(&wire.turn) => return None,
        Err(why) => return Some((why.clone(), "a turn".to_owned())),
    };
    let assistant = assistant(next);
    match protocol {
        "anthropic-messages" => Some(words(blocks(&assistant["content"]), wire.turn.clone(), next)),
        "cohere-chat" => Some(words(cohere(&assistant), without_empty(&wire.turn), next)),
        _ => Some(chat(&assistant, wire, oracle, next)),
    }
}

fn assistant(next: &Next) -> Value {
    let mut messages = next.body["messages"].as_array().into_iter().flatten();
    messages.rfind(|message| message["role"] == "assistant").cloned().unwrap_or_default()
}

fn words(ours: Value, theirs: Value, next: &Next) -> (String, String) {
    let warned = if next.warnings.is_empty() { String::new() } else { format!(" {:?}", next.warnings) };
    (format!("{ours}{warned}"), theirs.to_string())
}

/// Whether a call's input never became JSON.
fn was_cut(turn: &Value) -> bool {
    turn.as_array()
        .into_iter()
        .flatten()
        .any(|block| block["type"] == "tool_use" && !block["input"].is_object())
}

fn blocks(content: &Value) -> Value {
    content.as_array().into_iter().flatten().map(wire::without_nothing).collect()
}

/// A message of Cohere's, its content always as blocks.
fn cohere(message: &Value) -> Value {
    let content = match &message["content"] {
        Value::String(text) => json!([{"type": "text", "text": text}]),
        other => other.clone(),
    };
    without_empty(&json!({
        "content": content,
        "tool_calls": message["tool_calls"],
        "tool_plan": message["tool_plan"],
        "citations": message["citations"],
    }))
}

fn without_empty(message: &Value) -> Value {
    let empty = |value: &Value| {
        value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("")
    };
    let fields = message.as_object().into_iter().flatten();
    fields.filter(|(_, value)| !empty(value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Words and calls as they were said, and every signature as often as it came.
fn chat(message: &Value, wire: &Wire, oracle: &Value, next: &Next) -> (String, String) {
    let (sent, body) = (message.to_string(), next.body.to_string());
    let often = |signature: &Value| {
        let text = match signature {
            // Fields of a call stand among its others.
            Value::Object(fields) if !fields.contains_key("type") => {
                let inner = signature.to_string();
                inner.trim_start_matches('{').trim_end_matches('}').to_owned()
            }
            other => other.to_string(),
        };
        let came = wire.signatures.iter().filter(|other| *other == signature).count();
        sent.matches(&text).count() == came && body.matches(&text).count() == came
    };
    let wrong: Vec<&Value> = wire.signatures.iter().filter(|signature| !often(signature)).collect();
    let content = match &message["content"] {
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let calls: Vec<Value> = message["tool_calls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| {
            let function = call.get("function").or(call.get("custom")).unwrap_or(&Value::Null);
            json!([function["name"], parsed(function.get("arguments").or(function.get("input")))])
        })
        .collect();
    let older =
        oracle.get("function_call").filter(|call| call["name"].as_str().is_some_and(|name| !name.is_empty()));
    let their_calls: Vec<Value> = oracle["tool_calls"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(older)
        .map(|call| json!([call["name"], call["arguments"]]))
        .collect();
    (
        json!({"text": content, "calls": calls, "lost or doubled": wrong}).to_string(),
        json!({"text": oracle["text"].as_str().unwrap_or_default(), "calls": their_calls, "lost or doubled": []})
            .to_string(),
    )
}

/// Arguments as JSON; nothing where they were cut off.
fn parsed(arguments: Option<&Value>) -> Value {
    let text = arguments.and_then(Value::as_str).unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}
