//! The answer as the assistant's turn of the next request: what the provider wants back must be there, once.

use serde_json::{Map, Value, json};

use crate::calls;
use crate::exchange::Exchange;
use crate::play::{Next, Played};
use crate::wire::Wire;

/// Fields that reasoning may stand in.
const REASONING: &[&str] = &["reasoning_content", "reasoning", "reasoning_text"];

/// Providers that take reasoning back in plain text, and the field they want it in.
const TAKES_REASONING: &[(&str, &str)] = &[
    ("alibaba", "reasoning_content"),
    ("avian", "reasoning_content"),
    ("deepseek", "reasoning_content"),
    ("doubleword", "reasoning_content"),
    ("gpustack", "reasoning_content"),
    ("llamacpp", "reasoning_content"),
    ("moonshot", "reasoning_content"),
    ("xai", "reasoning_content"),
    ("zai", "reasoning_content"),
    ("cerebras", "reasoning"),
    ("crusoe", "reasoning"),
    ("ollama", "reasoning"),
    ("openrouter", "reasoning"),
    ("vercel_gateway", "reasoning"),
    ("copilot", "reasoning_text"),
];

/// Ours and theirs, in words; nothing where there is no turn to compare.
pub(crate) fn compare(
    protocol: &str,
    wire: &Wire,
    exchange: &Exchange,
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
        "anthropic-messages" => Some(words(&blocks(&assistant), &wire.turn, next)),
        "cohere-chat" => Some(words(&cohere(assistant), &without_empty(&wire.turn), next)),
        _ => Some(chat(&assistant, wire, exchange, next)),
    }
}

fn assistant(next: &Next) -> Value {
    let mut messages = next.body["messages"].as_array().into_iter().flatten();
    messages.rfind(|message| message["role"] == "assistant").cloned().unwrap_or_default()
}

/// Nothing of an answer is strange to the provider that gave it, so nothing may be warned of.
fn words(ours: &Value, theirs: &Value, next: &Next) -> (String, String) {
    (json!([ours, next.warnings]).to_string(), json!([theirs, []]).to_string())
}

/// Whether a call's input never became JSON.
fn was_cut(turn: &Value) -> bool {
    turn.as_array()
        .into_iter()
        .flatten()
        .any(|block| block["type"] == "tool_use" && !block["input"].is_object())
}

/// As they are sent. A turn of no blocks is none.
fn blocks(message: &Value) -> Value {
    message.get("content").cloned().unwrap_or_else(|| json!([]))
}

/// As it is sent, but with its content always as blocks: one plain text may be written as a string.
fn cohere(mut message: Value) -> Value {
    if let Some(fields) = message.as_object_mut() {
        fields.remove("role");
        if let Some(Value::String(text)) = fields.get("content") {
            let blocks = json!([{"type": "text", "text": text}]);
            fields.insert("content".to_owned(), blocks);
        }
    }
    message
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// What is empty in an answer does not have to go back.
fn without_empty(message: &Value) -> Value {
    let fields = message.as_object().into_iter().flatten();
    fields.filter(|(_, value)| !is_empty(value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Words, reasoning and calls as they were said, every signature as often as it came, and nothing added.
fn chat(message: &Value, wire: &Wire, exchange: &Exchange, next: &Next) -> (String, String) {
    let oracle = &exchange.oracle;
    let content = match &message["content"] {
        Value::Array(parts) => {
            let texts = parts.iter().filter(|part| part["type"] == "text");
            texts.filter_map(|part| part["text"].as_str()).collect()
        }
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let their_calls = calls::of(oracle);
    let sent_calls = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let our_calls = sent_calls.iter().enumerate().map(|(at, call)| {
        let function = call.get("function").or(call.get("custom")).unwrap_or(&Value::Null);
        let arguments = function.get("arguments").or(function.get("input")).and_then(Value::as_str);
        let theirs = their_calls.get(at).copied().unwrap_or(&Value::Null);
        json!([function["name"], calls::sent(arguments.unwrap_or_default(), theirs)])
    });
    let (our_reasoning, their_reasoning) = reasoning(message, exchange);
    let wanted = field_of(exchange).is_some();
    let odd: Vec<&String> = next.warnings.iter().filter(|warning| !is_due(warning, wanted)).collect();
    (
        json!({
            "text": content, "reasoning": our_reasoning, "calls": our_calls.collect::<Vec<_>>(),
            "lost or doubled": lost_or_doubled(message, wire, next), "empty": empty(message, sent_calls),
            "warnings": odd,
        })
        .to_string(),
        json!({
            "text": oracle["text"].as_str().unwrap_or_default(), "reasoning": their_reasoning,
            "calls": their_calls.iter().map(|call| json!([call["name"], calls::read(call)])).collect::<Vec<_>>(),
            "lost or doubled": [], "empty": [], "warnings": [],
        })
        .to_string(),
    )
}

fn field_of(exchange: &Exchange) -> Option<&'static str> {
    TAKES_REASONING.iter().find(|(provider, _)| *provider == exchange.provider).map(|(_, field)| *field)
}

/// A format without a place for citations, and a provider that wants no reasoning, must say so.
fn is_due(warning: &str, wants_reasoning: bool) -> bool {
    warning.ends_with("takes none back") || (!wants_reasoning && warning.ends_with("takes no reasoning back"))
}

/// Reasoning that is sent, by field, and what must be.
fn reasoning(message: &Value, exchange: &Exchange) -> (Value, Value) {
    let thought = &exchange.oracle["reasoning_text"];
    let said = |detail: &Value| {
        let text = detail["text"].as_str().or(detail["summary"].as_str());
        text.unwrap_or_default().to_owned()
    };
    // OpenRouter's details may say the text themselves.
    let details: String = message["reasoning_details"].as_array().into_iter().flatten().map(said).collect();
    let wanted = field_of(exchange).filter(|_| !is_empty(thought) && *thought != details);
    let (mut ours, mut theirs) = (Map::new(), Map::new());
    for name in REASONING {
        if let Some(text) = message.get(*name) {
            ours.insert((*name).to_owned(), text.clone());
        }
        if ours.contains_key(*name) || wanted == Some(*name) {
            theirs.insert((*name).to_owned(), thought.clone());
        }
    }
    (ours.into(), theirs.into())
}

/// Signatures that are not sent exactly as often as they came, in the turn and anywhere.
fn lost_or_doubled<'a>(message: &Value, wire: &'a Wire, next: &Next) -> Vec<&'a Value> {
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
    wire.signatures.iter().filter(|signature| !often(signature)).collect()
}

/// Fields that say nothing and should not be sent; an answer of no words has `null` for its content.
fn empty<'a>(message: &'a Value, calls: &'a [Value]) -> Vec<&'a String> {
    let fields = |object: &'a Value| object.as_object().into_iter().flatten();
    fields(message)
        .filter(|(name, value)| *name != "content" && is_empty(value))
        .chain(calls.iter().flat_map(fields).filter(|(_, value)| is_empty(value)))
        .map(|(name, _)| name)
        .collect()
}
