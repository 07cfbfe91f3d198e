//! The matters in which an answer is compared, each as two texts that must be equal.

use literllm_core::types::{Choice, OutcomeResult, Part, Response};
use serde_json::{Map, Value};

use crate::exchange::Exchange;
use crate::play::Played;
use crate::{calls, failure, finish, kept, turn, usage, wire};

/// One matter: its name, ours, theirs.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
}

/// An exchange that could not be played.
pub(crate) fn broken(why: &str) -> Field {
    Field { name: "played", ours: why.to_owned(), theirs: "the same in every cutting".to_owned() }
}

/// Everything that the SDK or the body states.
pub(crate) fn all(exchange: &Exchange, protocol: &str, played: &Played) -> Vec<Field> {
    let oracle = &exchange.oracle;
    let nothing = Response::default();
    let (answer, error) = match &played.result {
        OutcomeResult::Response(response) => (response, None),
        OutcomeResult::Error(error) => (error.partial.as_deref().unwrap_or(&nothing), Some(error)),
    };
    let mut fields = Vec::new();
    let mut field =
        |name: &'static str, ours: String, theirs: String| fields.push(Field { name, ours, theirs });
    let (ours, theirs) = failure::compare(error, oracle, exchange.response.names_a_pause_elsewhere());
    field("error", ours, theirs);
    if oracle["error"]["status"].as_u64().is_some_and(|status| status >= 300) {
        return fields;
    }
    let first = answer.choices.first();
    let parts = first.map(|choice| choice.content.as_slice()).unwrap_or_default();
    field("text", joined(parts, text_of), said(&oracle["text"]));
    // Cohere's plan is reasoning to us.
    let thought = format!("{}{}", text(&oracle["tool_plan"]), text(&oracle["reasoning_text"]));
    field("reasoning", joined(parts, reasoning_of), format!("{thought:?}"));
    field("refusal", joined(parts, refusal_of), said(&oracle["refusal"]));
    field("tool_calls", calls::ours(parts, oracle), calls::theirs(oracle));
    let broke_off = !oracle["error"].is_null();
    field("finish", finish::ours(first), finish::theirs(&exchange.api, oracle, broke_off));
    our_and_their_usage(answer, exchange, &mut field);
    let (ours, theirs) = identity(answer, oracle);
    field("identity", ours, theirs);
    if let Some(choices) = oracle["choices"].as_array() {
        field("choices", our_choices(answer, choices), their_choices(&exchange.api, choices));
    }
    if let Some(tokens) = oracle["logprobs_tokens"].as_u64() {
        let ours = first.map_or(0, |choice| choice.logprobs.len());
        field("logprobs", ours.to_string(), tokens.to_string());
    }
    if let Some(sequence) = oracle["stop_sequence"].as_str() {
        let ours = first.and_then(|choice| choice.extra.iter().find(|extra| extra.name == "stop_sequence"));
        field("finish", ours.map(|extra| extra.value.clone()).unwrap_or_default(), format!("{sequence:?}"));
    }
    let documents = wire::documents(exchange);
    let wire = wire::read(&documents, protocol);
    field("signatures", list(&our_signatures(parts)), list(&wire.signatures));
    field("citations", list(&our_citations(parts)), list(&wire.citations));
    if error.is_none() {
        let (ours, theirs) = kept::compare(protocol, exchange.response.streaming, &documents, answer);
        field("kept", ours, theirs);
    }
    if let Some((ours, theirs)) = turn::compare(protocol, &wire, exchange, played) {
        field("turn", ours, theirs);
    }
    fields
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn said(value: &Value) -> String {
    format!("{:?}", text(value))
}

fn joined(parts: &[Part], pick: fn(&Part) -> Option<&str>) -> String {
    format!("{:?}", parts.iter().filter_map(pick).collect::<String>())
}

fn text_of(part: &Part) -> Option<&str> {
    if let Part::Text(part) = part { Some(&part.text) } else { None }
}

fn reasoning_of(part: &Part) -> Option<&str> {
    if let Part::Reasoning(part) = part { Some(&part.text) } else { None }
}

fn refusal_of(part: &Part) -> Option<&str> {
    if let Part::Refusal(part) = part { Some(&part.text) } else { None }
}

/// Whose answer it is, as far as the SDK says.
fn identity(answer: &Response, oracle: &Value) -> (String, String) {
    let stated = [("response_id", &answer.id), ("model", &answer.model)]
        .into_iter()
        .filter(|(name, _)| oracle.get(name).is_some());
    let both: (Vec<_>, Vec<_>) = stated
        .map(|(name, ours)| (format!("{:?}", ours.as_deref().unwrap_or_default()), said(&oracle[name])))
        .unzip();
    (both.0.join(" "), both.1.join(" "))
}

fn our_and_their_usage(
    answer: &Response,
    exchange: &Exchange,
    field: &mut impl FnMut(&'static str, String, String),
) {
    let raw = answer.usage.as_ref().and_then(|usage| usage.raw.as_deref());
    let raw = raw.map_or(Value::Null, |raw| serde_json::from_str(raw).unwrap_or_default());
    let theirs = &exchange.oracle["usage_raw"];
    field("usage", usage::plain(&raw).to_string(), usage::plain(theirs).to_string());
    if let Some(usage) = &answer.usage {
        field("usage", usage::ours(usage), usage::theirs(&exchange.api, theirs));
    }
}

fn our_choices(answer: &Response, theirs: &[Value]) -> String {
    let one = |(at, choice): (usize, &Choice)| {
        let (parts, theirs) = (&choice.content, theirs.get(at).unwrap_or(&Value::Null));
        let (text, calls) = (joined(parts, text_of), calls::ours(parts, theirs));
        format!("{} {text} [{calls}] {}", choice.index, finish::ours(Some(choice)))
    };
    answer.choices.iter().enumerate().map(one).collect::<Vec<_>>().join("; ")
}

fn their_choices(api: &str, choices: &[Value]) -> String {
    let one = |choice: &Value| {
        let (text, calls) = (said(&choice["text"]), calls::theirs(choice));
        format!("{} {text} [{calls}] {}", choice["index"], finish::theirs(api, choice, false))
    };
    choices.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn list(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(" ")
}

fn parsed(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()))
}

/// What goes back unchanged, taken apart as the body has it.
fn our_signatures(parts: &[Part]) -> Vec<Value> {
    let mut found = Vec::new();
    for part in parts {
        let data = match part {
            Part::Reasoning(part) => part.provider_data.as_ref(),
            Part::ToolCall(call) => call.provider_data.as_ref(),
            Part::Opaque(part) => {
                found.push(parsed(&part.provider_data.data));
                None
            }
            _ => None,
        };
        let Some(data) = data.map(|data| (data.protocol.as_str(), parsed(&data.data))) else { continue };
        match data {
            // What kind of reasoning it is, and that a call is a custom one, is our own mark.
            ("cohere-chat", _) => {}
            ("openai-chat", Value::Object(fields)) if matches!(part, Part::ToolCall(_)) => {
                found.extend(own_fields(fields));
            }
            ("anthropic-messages", value) if value.get("type").is_some() => found.push(value),
            (_, Value::Object(_)) if matches!(part, Part::ToolCall(_)) => {}
            (_, Value::Object(fields)) => {
                for value in fields.into_iter().map(|(_, value)| value) {
                    match value {
                        Value::Array(list) => found.extend(list),
                        other => found.push(other),
                    }
                }
            }
            (_, other) => found.push(other),
        }
    }
    found
}

/// Fields of a call without our mark, and those that stand inside its function.
fn own_fields(fields: Map<String, Value>) -> impl Iterator<Item = Value> {
    let (mut own, mut inside) = (Map::new(), Map::new());
    for (name, value) in fields.into_iter().filter(|(name, _)| name != "type") {
        match name.strip_prefix("function.") {
            Some(name) => inside.insert(name.to_owned(), value),
            None => own.insert(name, value),
        };
    }
    [own, inside].into_iter().filter(|fields| !fields.is_empty()).map(Value::Object)
}

fn our_citations(parts: &[Part]) -> Vec<Value> {
    let data = |part: &Part| if let Part::Citation(part) = part { Some(parsed(&part.data)) } else { None };
    parts.iter().filter_map(data).collect()
}
