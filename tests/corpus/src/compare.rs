//! The matters in which an answer is compared, each as two texts that must be equal.

use literllm_core::types::{Choice, Error, ErrorKind, OutcomeResult, Part, Response};
use serde_json::Value;

use crate::exchange::Exchange;
use crate::play::Played;
use crate::{turn, usage, wire};

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
    field("error", our_error(error, &oracle["error"]), their_error(&oracle["error"]));
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
    field("tool_calls", our_calls(parts), their_calls(oracle));
    field(
        "finish",
        format!("{:?}", first.map(finish).unwrap_or_default()),
        said(&oracle["finish_reason_raw"]),
    );
    our_and_their_usage(answer, exchange, &mut field);
    if let Some(choices) = oracle["choices"].as_array() {
        field("choices", our_choices(answer), their_choices(choices));
    }
    if let Some(sequence) = oracle["stop_sequence"].as_str() {
        let ours = first.and_then(|choice| choice.extra.iter().find(|extra| extra.name == "stop_sequence"));
        field("finish", ours.map(|extra| extra.value.clone()).unwrap_or_default(), format!("{sequence:?}"));
    }
    let wire = wire::read(exchange, protocol);
    field("signatures", list(&our_signatures(parts)), list(&wire.signatures));
    field("citations", list(&our_citations(parts)), list(&wire.citations));
    if let Some((ours, theirs)) = turn::compare(protocol, &wire, oracle, played) {
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

fn finish(choice: &Choice) -> String {
    choice.finish.as_ref().and_then(|finish| finish.raw.clone()).unwrap_or_default()
}

/// Kinds that an exception of the SDKs may be to us, which look closer.
const KINDS: &[(&str, &[ErrorKind])] = &[
    (
        "BadRequestError",
        &[ErrorKind::InvalidRequest, ErrorKind::ContextLength, ErrorKind::ContentFilter, ErrorKind::NotFound],
    ),
    ("UnprocessableEntityError", &[ErrorKind::InvalidRequest]),
    ("AuthenticationError", &[ErrorKind::Authentication]),
    ("UnauthorizedError", &[ErrorKind::Authentication]),
    ("PermissionDeniedError", &[ErrorKind::Permission]),
    ("ForbiddenError", &[ErrorKind::Permission]),
    ("NotFoundError", &[ErrorKind::NotFound]),
    ("RateLimitError", &[ErrorKind::RateLimit, ErrorKind::Quota]),
    ("TooManyRequestsError", &[ErrorKind::RateLimit, ErrorKind::Quota]),
    ("InternalServerError", &[ErrorKind::Server, ErrorKind::Overloaded]),
    ("OverloadedError", &[ErrorKind::Overloaded]),
    ("ServiceUnavailableError", &[ErrorKind::Overloaded]),
    ("APITimeoutError", &[ErrorKind::Timeout]),
];

fn their_error(error: &Value) -> String {
    if error.is_null() { "none".to_owned() } else { format!("{} {}", text(&error["class"]), error["status"]) }
}

/// In their words where it may be the same, else in ours.
fn our_error(error: Option<&Error>, theirs: &Value) -> String {
    let Some(error) = error else { return "none".to_owned() };
    let status = theirs["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let class = KINDS.iter().find(|(class, _)| theirs["class"] == *class);
    // What an SDK raises inside a stream has no class of its own.
    let kind_agrees = class.is_none_or(|(_, kinds)| kinds.contains(&error.kind));
    let status_agrees = status.is_none_or(|status| error.status == Some(status));
    if kind_agrees && status_agrees && !theirs.is_null() {
        return their_error(theirs);
    }
    format!("{:?} {:?}: {}", error.kind, error.status, error.message)
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

fn our_calls(parts: &[Part]) -> String {
    let call = |part: &Part| match part {
        Part::ToolCall(call) => {
            Some(one_call(&call.id, &call.name, &serde_json::from_str(&call.arguments).unwrap_or_default()))
        }
        _ => None,
    };
    parts.iter().filter_map(call).collect::<Vec<_>>().join(", ")
}

fn their_calls(oracle: &Value) -> String {
    let older = oracle.get("function_call").filter(|call| !text(&call["name"]).is_empty());
    let calls = oracle["tool_calls"].as_array().into_iter().flatten().chain(older);
    calls
        .map(|call| one_call(text(&call["id"]), text(&call["name"]), &call["arguments"]))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Ids that the core made do not count.
fn one_call(id: &str, name: &str, arguments: &Value) -> String {
    let id = if id.starts_with("call_") && id.len() < 8 { "" } else { id };
    format!("{name}#{id} {arguments}")
}

fn our_choices(answer: &Response) -> String {
    let one = |choice: &Choice| {
        let (parts, finish) = (&choice.content, finish(choice));
        format!("{} {} [{}] {finish:?}", choice.index, joined(parts, text_of), our_calls(parts))
    };
    answer.choices.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn their_choices(choices: &[Value]) -> String {
    let one = |choice: &Value| {
        let calls = their_calls(choice);
        format!(
            "{} {} [{calls}] {}",
            choice["index"],
            said(&choice["text"]),
            said(&choice["finish_reason_raw"])
        )
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
                found.push(wire::without_nothing(&parsed(&part.provider_data.data)));
                None
            }
            _ => None,
        };
        let Some(data) = data.map(|data| (data.protocol.as_str(), parsed(&data.data))) else { continue };
        match data {
            // What kind of reasoning it is, and that a call is a custom one, is our own mark.
            ("cohere-chat", _) => {}
            ("openai-chat", Value::Object(fields)) if matches!(part, Part::ToolCall(_)) => {
                if !fields.contains_key("type") {
                    found.push(Value::Object(fields));
                }
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

fn our_citations(parts: &[Part]) -> Vec<Value> {
    let data = |part: &Part| if let Part::Citation(part) = part { Some(parsed(&part.data)) } else { None };
    parts.iter().filter_map(data).collect()
}
