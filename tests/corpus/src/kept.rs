//! Nothing that a provider sent may vanish: a field is compared by its name here, or it stands in our answer.
//!
//! Of a whole body names and values must be found, of a stream the names: its fields come in pieces.

use std::collections::{BTreeMap, BTreeSet};

use literllm_core::types::{NamedJson, Part, Response};
use serde_json::Value;

/// Fields that are compared elsewhere or say nothing, of one level of a body.
type Compared = &'static [&'static str];

/// One object of a body: what it is, its fields, which of them need not be found.
struct Level<'a>(&'static str, &'a Value, Compared);

/// `created` is told as a time and not compared; `object` is the same word in each; `obfuscation` is padding against
/// traffic analysis.
const CHAT_ANSWER: Compared =
    &["id", "model", "choices", "usage", "error", "created", "object", "obfuscation", "x_groq"];
/// Groq's other place for the usage and the error of a stream.
const X_GROQ: Compared = &["usage", "error"];
const CHAT_CHOICE: Compared = &["index", "message", "delta", "finish_reason", "logprobs", "text"];
const CHAT_LOGPROBS: Compared = &["content", "refusal"];
const CHAT_MESSAGE: Compared = &[
    "role",
    "content",
    "refusal",
    "reasoning_content",
    "reasoning",
    "reasoning_text",
    "tool_calls",
    "function_call",
    "annotations",
    "reasoning_details",
    "reasoning_opaque",
    "extra_content",
];
const CHAT_CALL: Compared = &["index", "id", "type", "function", "custom"];
const FUNCTION: Compared = &["name", "arguments", "input"];
/// Other parts are compared whole, as signatures.
const CHAT_PARTS: &[(&str, Compared)] =
    &[("text", &["type", "text"]), ("output_text", &["type", "text"]), ("refusal", &["type", "refusal"])];

const MESSAGE: Compared =
    &["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"];
const MESSAGE_EVENT: Compared = &["type", "index", "message", "content_block", "delta", "usage"];
const MESSAGE_END: Compared = &["stop_reason", "stop_sequence"];
/// Other blocks and deltas are compared whole, as signatures.
const BLOCKS: &[(&str, Compared)] = &[
    ("text", &["type", "text", "citations"]),
    ("thinking", &["type", "thinking", "signature"]),
    ("tool_use", &["type", "id", "name", "input"]),
    ("text_delta", &["type", "text"]),
    ("thinking_delta", &["type", "thinking"]),
    ("signature_delta", &["type", "signature"]),
    ("input_json_delta", &["type", "partial_json"]),
    ("citations_delta", &["type", "citation"]),
];

const COHERE_ANSWER: Compared =
    &["id", "type", "index", "delta", "message", "finish_reason", "usage", "logprobs"];
const COHERE_END: Compared = &["message", "finish_reason", "usage", "logprobs"];
const COHERE_MESSAGE: Compared = &["role", "content", "tool_plan", "tool_calls", "citations"];
const COHERE_CALL: Compared = &["id", "type", "function"];
/// A delta names no type.
const COHERE_PARTS: &[(&str, Compared)] = &[
    ("", &["text", "thinking"]),
    ("text", &["type", "text", "thinking"]),
    ("thinking", &["type", "text", "thinking"]),
];

/// What is lost, and that nothing may be.
pub(crate) fn compare(
    protocol: &str,
    streaming: bool,
    documents: &[Value],
    answer: &Response,
) -> (String, String) {
    let kept = Kept::of(answer);
    let mut lost = BTreeSet::new();
    for Level(level, object, compared) in documents.iter().flat_map(|document| levels(protocol, document)) {
        for (name, value) in object.as_object().into_iter().flatten() {
            let found = value.is_null()
                || compared.contains(&name.as_str())
                || (streaming && kept.0.contains_key(name))
                || kept.holds(name, value);
            if !found {
                lost.insert(format!("{level} {name}={value}"));
            }
        }
    }
    (format!("lost: {lost:?}"), "lost: {}".to_owned())
}

/// Fields of our answer that hold what the contract does not know, at any depth.
#[derive(Default)]
struct Kept(BTreeMap<String, Vec<Value>>);

impl Kept {
    fn of(answer: &Response) -> Self {
        let mut kept = Self::default();
        kept.extras(&answer.extra);
        for choice in &answer.choices {
            kept.extras(&choice.extra);
            for part in &choice.content {
                let data = match part {
                    Part::Text(part) => part.provider_data.as_ref(),
                    Part::Reasoning(part) => part.provider_data.as_ref(),
                    Part::ToolCall(part) => part.provider_data.as_ref(),
                    Part::Opaque(part) => Some(&part.provider_data),
                    _ => None,
                };
                if let Some(Ok(value)) = data.map(|data| serde_json::from_str(&data.data)) {
                    kept.inside(&value);
                }
            }
        }
        kept
    }

    fn extras(&mut self, extras: &[NamedJson]) {
        for extra in extras {
            if let Ok(value) = serde_json::from_str(&extra.value) {
                self.add(&extra.name, &value);
            }
        }
    }

    /// A name with a dot is one inside another.
    fn add(&mut self, name: &str, value: &Value) {
        self.inside(value);
        let name = name.rsplit_once('.').map_or(name, |(_, inner)| inner);
        self.0.entry(name.to_owned()).or_default().push(value.clone());
    }

    fn inside(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.add(name, value)),
            Value::Array(list) => list.iter().for_each(|value| self.inside(value)),
            _ => {}
        }
    }

    fn holds(&self, name: &str, value: &Value) -> bool {
        self.0.get(name).is_some_and(|values| values.contains(value))
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// One object, or each of a list.
fn each(value: &Value) -> &[Value] {
    if value.is_array() { list(value) } else { std::slice::from_ref(value) }
}

/// An object that says what it is; those of other types are compared whole.
fn typed<'a>(level: &'static str, object: &'a Value, types: &[(&str, Compared)]) -> Option<Level<'a>> {
    let kind = object["type"].as_str().unwrap_or_default();
    types.iter().find(|(known, _)| *known == kind).map(|(_, compared)| Level(level, object, compared))
}

fn levels<'a>(protocol: &str, document: &'a Value) -> Vec<Level<'a>> {
    match protocol {
        "anthropic-messages" => messages(document),
        "cohere-chat" => cohere(document),
        _ => chat(document),
    }
}

fn chat(document: &Value) -> Vec<Level<'_>> {
    let mut levels =
        vec![Level("answer", document, CHAT_ANSWER), Level("x_groq", &document["x_groq"], X_GROQ)];
    for choice in list(&document["choices"]) {
        levels.push(Level("choice", choice, CHAT_CHOICE));
        levels.push(Level("logprobs", &choice["logprobs"], CHAT_LOGPROBS));
        for message in [&choice["message"], &choice["delta"]] {
            levels.push(Level("message", message, CHAT_MESSAGE));
            levels.push(Level("function", &message["function_call"], FUNCTION));
            levels
                .extend(list(&message["content"]).iter().filter_map(|part| typed("part", part, CHAT_PARTS)));
            for call in list(&message["tool_calls"]) {
                levels.push(Level("call", call, CHAT_CALL));
                levels.push(Level("function", &call["function"], FUNCTION));
                levels.push(Level("function", &call["custom"], FUNCTION));
            }
        }
    }
    levels
}

fn messages(document: &Value) -> Vec<Level<'_>> {
    let whole = document["type"] == "message" || document["content"].is_array();
    let (message, mut levels) = if whole {
        (document, Vec::new())
    } else {
        (&document["message"], vec![Level("event", document, MESSAGE_EVENT)])
    };
    levels.push(Level("message", message, MESSAGE));
    let blocks = list(&message["content"]).iter().chain([&document["content_block"], &document["delta"]]);
    levels.extend(blocks.filter_map(|block| typed("block", block, BLOCKS)));
    if document["type"] == "message_delta" {
        levels.push(Level("end", &document["delta"], MESSAGE_END));
    }
    levels
}

fn cohere(document: &Value) -> Vec<Level<'_>> {
    let delta = &document["delta"];
    let message = if delta.is_object() { &delta["message"] } else { &document["message"] };
    let mut levels = vec![
        Level("answer", document, COHERE_ANSWER),
        Level("end", delta, COHERE_END),
        Level("message", message, COHERE_MESSAGE),
    ];
    levels.extend(each(&message["content"]).iter().filter_map(|part| typed("part", part, COHERE_PARTS)));
    for call in each(&message["tool_calls"]) {
        levels.push(Level("call", call, COHERE_CALL));
        levels.push(Level("function", &call["function"], FUNCTION));
    }
    levels
}
