//! Tool calls, and their arguments as values, or as the text that came where that is no JSON.

use literllm_core::types::{Part, ToolCallPart};
use serde_json::{Value, json};

/// The calls the SDK read, the form before tool calls among them.
pub(crate) fn of(oracle: &Value) -> Vec<&Value> {
    let older =
        oracle.get("function_call").filter(|call| call["name"].as_str().is_some_and(|name| !name.is_empty()));
    oracle["tool_calls"].as_array().into_iter().flatten().chain(older).collect()
}

pub(crate) fn ours(parts: &[Part], oracle: &Value) -> String {
    let theirs = of(oracle);
    let calls =
        parts.iter().filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None });
    let one = |(at, call): (usize, &ToolCallPart)| {
        let theirs = theirs.get(at).copied().unwrap_or(&Value::Null);
        one_call(&call.id, &call.name, &sent(&call.arguments, theirs))
    };
    calls.enumerate().map(one).collect::<Vec<_>>().join(", ")
}

pub(crate) fn theirs(oracle: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of(oracle)
        .into_iter()
        .map(|call| one_call(&text(&call["id"]), &text(&call["name"]), &read(call)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Ids that the core made do not count.
fn one_call(id: &str, name: &str, arguments: &Value) -> String {
    let id = if id.starts_with("call_") && id.len() < 8 { "" } else { id };
    format!("{name}#{id} {arguments}")
}

/// Our arguments in the form of `read`.
pub(crate) fn sent(text: &str, theirs: &Value) -> Value {
    match serde_json::from_str(text).unwrap_or_default() {
        Value::Null if theirs["arguments"].is_null() && theirs["arguments_text"].is_string() => {
            json!({"no value in": text})
        }
        value => value,
    }
}

/// The arguments the SDK read: their value, or the text where that has none (it was cut off).
pub(crate) fn read(call: &Value) -> Value {
    match (&call["arguments"], &call["arguments_text"]) {
        (Value::Null, Value::String(text)) => json!({"no value in": text}),
        (value, _) => value.clone(),
    }
}
