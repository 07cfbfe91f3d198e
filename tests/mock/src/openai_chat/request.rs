//! Reading a chat request, and refusing one in OpenAI's words.
//!
//! A client is tested by what it is refused, so this is strict where OpenAI is: roles, empty messages, tool
//! results without a call, numbers out of range. Fields it does not know are ignored.

use serde_json::Value;

use crate::ask::{Ask, MadeCall, Message, Output, Tool, ToolChoice, thoughts_for};
use crate::errors::Refusal;
use crate::fields::{Bound, Fields, Type, Words, name_of, type_of};

/// A request: what all formats ask, and what only this one does.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) ask: Ask,
    pub(crate) include_usage: bool,
    pub(crate) choices: u64,
    pub(crate) logprobs: bool,
    pub(crate) top_logprobs: usize,
}

const ROLES: &[&str] = &["system", "developer", "user", "assistant", "tool", "function"];

/// Most of `stop`.
const MAX_STOPS: usize = 4;

const WORDS: Words = Words {
    item: |list, number| format!("{list}[{number}]"),
    missing: |place| {
        refusal(place, "missing_required_parameter", format!("Missing required parameter: '{place}'."))
    },
    wrong_type: |place, expected, got| {
        // Every list of ours that is read by type is one of objects.
        let expected = if expected == Type::List { "an array of objects" } else { name_of(expected) };
        wrong_type(place, expected, got)
    },
    out_of_range: |place, bound| match bound {
        Bound::Below { low } => {
            let message =
                format!("Invalid '{place}': integer below minimum value. Expected a value >= {low}.");
            refusal(place, "integer_below_min_value", message)
        }
        Bound::Above { high, got } => {
            let message = format!(
                "Invalid '{place}': integer above maximum value. Expected a value <= {high}, but got {got} instead."
            );
            refusal(place, "integer_above_max_value", message)
        }
    },
};

fn refusal(place: &str, code: &'static str, message: impl Into<String>) -> Refusal {
    Refusal { code: Some(code), ..Refusal::at(place, message) }
}

fn wrong_type(place: &str, expected: &str, got: &Value) -> Refusal {
    let got = type_of(got);
    let message = format!("Invalid type for '{place}': expected {expected}, but got {got} instead.");
    refusal(place, "invalid_type", message)
}

/// Reads a request body.
pub(crate) fn read(body: &[u8]) -> Result<Request, Refusal> {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let Some(fields) = Fields::body(&body, &WORDS) else {
        return Err(Refusal::bad(
            "We could not parse the JSON body of your request. (HINT: the simulator expects a JSON object.)",
        ));
    };
    let model = fields.required_string("model")?;
    if model.is_empty() {
        return Err(Refusal::bad("you must provide a model parameter"));
    }
    let tools = tools(&fields)?;
    let logprobs = fields.bool("logprobs")?.unwrap_or(false);
    let top_logprobs = fields.integer("top_logprobs", 0, 20)?;
    if top_logprobs.is_some() && !logprobs {
        let message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.";
        return Err(refusal("top_logprobs", "invalid_value", message));
    }
    let stream = fields.bool("stream")?.unwrap_or(false);
    let stream_options = fields.get("stream_options").and_then(Value::as_object);
    if stream_options.is_some() && !stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(refusal("stream_options", "invalid_value", message));
    }
    let ask = Ask {
        model: model.to_owned(),
        messages: messages(&fields)?,
        stream,
        max_tokens: match fields.integer("max_completion_tokens", 1, u64::MAX)? {
            None => fields.integer("max_tokens", 1, u64::MAX)?,
            given => given,
        },
        tool_choice: tool_choice(&fields, &tools)?,
        tools,
        parallel_tool_calls: fields.bool("parallel_tool_calls")?.unwrap_or(true),
        output: output(&fields)?,
        stop: stop(&fields)?,
        thoughts: fields.string("reasoning_effort")?.filter(|effort| *effort != "none").map(thoughts_for),
        seed: fields.get("seed").and_then(Value::as_i64).unwrap_or(0).cast_unsigned(),
        ..Ask::default()
    };
    Ok(Request {
        ask,
        include_usage: stream_options.is_some_and(|o| o.get("include_usage") == Some(&Value::Bool(true))),
        choices: fields.integer("n", 1, 128)?.unwrap_or(1),
        logprobs,
        top_logprobs: top_logprobs.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
    })
}

fn messages(fields: &Fields<'_>) -> Result<Vec<Message>, Refusal> {
    let list = fields.list("messages")?.ok_or_else(|| fields.missing("messages"))?;
    if list.is_empty() {
        return Err(empty_array("messages"));
    }
    let mut messages = Vec::with_capacity(list.len());
    for fields in fields.objects("messages")? {
        let message = message(&fields)?;
        if message.role == "tool" {
            check_tool_result(&fields, &message, &messages)?;
        }
        messages.push(message);
    }
    Ok(messages)
}

fn empty_array(place: &str) -> Refusal {
    let message = format!(
        "Invalid '{place}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    );
    refusal(place, "empty_array", message)
}

fn message(fields: &Fields<'_>) -> Result<Message, Refusal> {
    let role = fields.get("role").and_then(Value::as_str).ok_or_else(|| fields.missing("role"))?;
    if !ROLES.contains(&role) {
        let message = format!("Invalid value: '{role}'. Supported values are: '{}'.", ROLES.join("', '"));
        return Err(refusal(&fields.at("role"), "invalid_value", message));
    }
    let mut message = Message { role: role.to_owned(), ..Message::default() };
    for call in fields.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let text =
            |pointer: &str| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        message.calls.push(MadeCall { id: text("/id"), name: text("/function/name") });
    }
    message.answers = fields.get("tool_call_id").and_then(Value::as_str).map(str::to_owned);
    match fields.get("content") {
        Some(Value::String(text)) => message.text.clone_from(text),
        Some(Value::Array(_)) => {
            for part in fields.objects("content")? {
                let kind = part.get("type").and_then(Value::as_str);
                match kind.ok_or_else(|| part.missing("type"))? {
                    "text" => message.text += part.get("text").and_then(Value::as_str).unwrap_or_default(),
                    "image_url" => message.images += 1,
                    "refusal" => {}
                    _ => message.attachments += 1,
                }
            }
        }
        // An assistant that calls tools has nothing else to say.
        None if role == "assistant" => {}
        None => return Err(fields.missing("content")),
        Some(other) => return Err(wrong_type(&fields.at("content"), "a string or an array of parts", other)),
    }
    Ok(message)
}

/// A tool result must answer a call of the assistant message before it.
fn check_tool_result(fields: &Fields<'_>, message: &Message, before: &[Message]) -> Result<(), Refusal> {
    let Some(id) = &message.answers else { return Err(fields.missing("tool_call_id")) };
    let caller = before.iter().rev().find(|message| message.role != "tool");
    if caller.is_some_and(|caller| caller.calls.iter().any(|call| call.id == *id)) {
        return Ok(());
    }
    let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with \
                   'tool_calls'.";
    Err(Refusal::at(fields.at("role"), message))
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, Refusal> {
    if fields.list("tools")?.is_some_and(Vec::is_empty) {
        return Err(empty_array("tools"));
    }
    let tool = |tool: &Fields<'_>| {
        let function = tool.get("function");
        let field = |name: &str| function.and_then(|function| function.get(name));
        let name = field("name").and_then(Value::as_str).ok_or_else(|| tool.missing("function.name"))?;
        Ok(Tool { name: name.to_owned(), parameters: field("parameters").cloned().unwrap_or_default() })
    };
    fields.objects("tools")?.iter().map(tool).collect()
}

fn tool_choice(fields: &Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let Some(value) = fields.get("tool_choice") else { return Ok(ToolChoice::Auto) };
    let named = value.pointer("/function/name").and_then(Value::as_str);
    let choice = match (value.as_str(), named) {
        (Some("auto"), _) => ToolChoice::Auto,
        (Some("none"), _) => ToolChoice::None,
        (Some("required"), _) => ToolChoice::Required,
        (_, Some(name)) if tools.iter().any(|tool| tool.name == name) => ToolChoice::Named(name.to_owned()),
        (_, Some(name)) => {
            let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
            return Err(refusal("tool_choice", "invalid_value", message));
        }
        _ => {
            let message =
                "Invalid value for 'tool_choice': expected 'none', 'auto', 'required' or a function.";
            return Err(refusal("tool_choice", "invalid_value", message));
        }
    };
    if tools.is_empty() {
        let message = "'tool_choice' is only allowed when 'tools' are specified.";
        return Err(refusal("tool_choice", "invalid_value", message));
    }
    Ok(choice)
}

fn output(fields: &Fields<'_>) -> Result<Output, Refusal> {
    let Some(value) = fields.get("response_format") else { return Ok(Output::Text) };
    match value.get("type").and_then(Value::as_str) {
        Some("text") => Ok(Output::Text),
        Some("json_object") => Ok(Output::Object),
        Some("json_schema") => {
            let schema = value.get("json_schema").and_then(Value::as_object);
            let schema = schema.ok_or_else(|| fields.missing("response_format.json_schema"))?;
            if !schema.contains_key("name") {
                return Err(fields.missing("response_format.json_schema.name"));
            }
            Ok(Output::Schema(schema.get("schema").cloned().unwrap_or(Value::Bool(true))))
        }
        _ => {
            let message =
                "Invalid value for 'response_format.type': expected 'text', 'json_object' or 'json_schema'.";
            Err(refusal("response_format.type", "invalid_value", message))
        }
    }
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, Refusal> {
    let Some(value) = fields.get("stop") else { return Ok(Vec::new()) };
    let list = match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(list) => list.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let mut list = list.ok_or_else(|| wrong_type("stop", "a string or an array of strings", value))?;
    if list.len() > MAX_STOPS {
        let message =
            format!("Invalid 'stop': array too long. Expected an array with maximum length {MAX_STOPS}.");
        return Err(refusal("stop", "array_above_max_length", message));
    }
    list.retain(|item| !item.is_empty());
    Ok(list)
}
