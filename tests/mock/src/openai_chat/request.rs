//! Reading a chat request, and refusing one in OpenAI's words.
//!
//! A client is tested by what it is refused, so this is strict where OpenAI is: roles, empty messages, tool
//! results without a call, numbers out of range. Fields it does not know are ignored.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::errors::ApiError;

/// A request, as far as the simulator looks at it.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    pub(crate) model: String,
    pub(crate) messages: Vec<Message>,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    pub(crate) choices: usize,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel_tool_calls: bool,
    pub(crate) format: Format,
    pub(crate) logprobs: bool,
    pub(crate) top_logprobs: usize,
    pub(crate) stop: Vec<String>,
    /// `None` when the client did not say, or said `none`.
    pub(crate) reasoning_effort: Option<String>,
    pub(crate) seed: u64,
}

/// One message: its text parts joined, and what else it held.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) text: String,
    pub(crate) images: usize,
    pub(crate) attachments: usize,
    /// Ids and names of the calls it makes.
    pub(crate) calls: Vec<(String, String)>,
    /// The call that it answers.
    pub(crate) answers: Option<String>,
}

/// A function on offer.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) parameters: Value,
}

/// `tool_choice`.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    None,
    Required,
    Named(String),
}

/// `response_format`.
#[derive(Debug, Default)]
pub(crate) enum Format {
    #[default]
    Text,
    Object,
    Schema(Value),
}

const ROLES: &[&str] = &["system", "developer", "user", "assistant", "tool", "function"];

/// Reads a request body.
pub(crate) fn read(body: &[u8]) -> Result<Ask, ApiError> {
    let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(body) else {
        let message =
            "We could not parse the JSON body of your request. (HINT: the simulator expects a JSON object.)";
        return Err(ApiError::of(StatusCode::BAD_REQUEST, message));
    };
    let fields = Fields(&fields);
    let model = fields.string("model")?.ok_or_else(|| missing("model"))?;
    if model.is_empty() {
        return Err(ApiError::of(StatusCode::BAD_REQUEST, "you must provide a model parameter"));
    }
    let tools = tools(&fields)?;
    let logprobs = fields.bool("logprobs")?.unwrap_or(false);
    let top_logprobs = fields.number("top_logprobs", 0, 20)?;
    if top_logprobs.is_some() && !logprobs {
        let message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.".to_owned();
        return Err(ApiError::bad_request("top_logprobs", "invalid_value", message));
    }
    let stream = fields.bool("stream")?.unwrap_or(false);
    let stream_options = fields.get("stream_options").and_then(Value::as_object);
    if stream_options.is_some() && !stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned();
        return Err(ApiError::bad_request("stream_options", "invalid_value", message));
    }
    Ok(Ask {
        model: model.to_owned(),
        messages: messages(&fields)?,
        stream,
        include_usage: stream_options.is_some_and(|o| o.get("include_usage") == Some(&Value::Bool(true))),
        choices: fields.number("n", 1, 128)?.and_then(|n| usize::try_from(n).ok()).unwrap_or(1),
        max_tokens: match fields.number("max_completion_tokens", 1, u64::MAX)? {
            None => fields.number("max_tokens", 1, u64::MAX)?,
            given => given,
        },
        tool_choice: tool_choice(&fields, &tools)?,
        tools,
        parallel_tool_calls: fields.bool("parallel_tool_calls")?.unwrap_or(true),
        format: format(&fields)?,
        logprobs,
        top_logprobs: top_logprobs.and_then(|n| usize::try_from(n).ok()).unwrap_or(0),
        stop: stop(&fields)?,
        reasoning_effort: fields.string("reasoning_effort")?.filter(|e| *e != "none").map(str::to_owned),
        seed: fields.get("seed").and_then(Value::as_i64).unwrap_or(0).cast_unsigned(),
    })
}

/// The fields of the request, read by name and type; `null` is as good as absent.
struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &self,
        name: &str,
        what: &str,
        take: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        self.get(name).map(|value| take(value).ok_or_else(|| wrong_type(name, what, value))).transpose()
    }

    fn string(&self, name: &str) -> Result<Option<&'a str>, ApiError> {
        self.typed(name, "a string", Value::as_str)
    }

    fn bool(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    fn number(&self, name: &str, low: u64, high: u64) -> Result<Option<u64>, ApiError> {
        // A negative integer is of the right type but below the range.
        let number = self.typed(name, "an integer", |v| v.as_u64().or_else(|| v.as_i64().map(|_| 0)))?;
        let negative = self.get(name).is_some_and(|value| value.as_u64().is_none());
        match number {
            Some(n) if n < low || negative => Err(ApiError::bad_request(
                name,
                "integer_below_min_value",
                format!("Invalid '{name}': integer below minimum value. Expected a value >= {low}."),
            )),
            Some(n) if n > high => Err(ApiError::bad_request(
                name,
                "integer_above_max_value",
                format!(
                    "Invalid '{name}': integer above maximum value. Expected a value <= {high}, but got {n} instead."
                ),
            )),
            number => Ok(number),
        }
    }
}

fn missing(param: &str) -> ApiError {
    ApiError::bad_request(
        param,
        "missing_required_parameter",
        format!("Missing required parameter: '{param}'."),
    )
}

fn wrong_type(param: &str, expected: &str, got: &Value) -> ApiError {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let message = format!("Invalid type for '{param}': expected {expected}, but got {got} instead.");
    ApiError::bad_request(param, "invalid_type", message)
}

fn messages(fields: &Fields<'_>) -> Result<Vec<Message>, ApiError> {
    let list = fields
        .typed("messages", "an array of objects", Value::as_array)?
        .ok_or_else(|| missing("messages"))?;
    if list.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty \
                       array instead.";
        return Err(ApiError::bad_request("messages", "empty_array", message.to_owned()));
    }
    let mut messages = Vec::with_capacity(list.len());
    for (place, value) in list.iter().enumerate() {
        let message = message(place, value)?;
        if message.role == "tool" {
            check_tool_result(place, &message, &messages)?;
        }
        messages.push(message);
    }
    Ok(messages)
}

fn message(place: usize, value: &Value) -> Result<Message, ApiError> {
    let at = |field: &str| format!("messages[{place}]{field}");
    let object = value.as_object().ok_or_else(|| wrong_type(&at(""), "an object", value))?;
    let role = object.get("role").and_then(Value::as_str).ok_or_else(|| missing(&at(".role")))?;
    if !ROLES.contains(&role) {
        let message = format!("Invalid value: '{role}'. Supported values are: '{}'.", ROLES.join("', '"));
        return Err(ApiError::bad_request(at(".role"), "invalid_value", message));
    }
    let mut message = Message { role: role.to_owned(), ..Message::default() };
    for call in object.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let text =
            |pointer: &str| call.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        message.calls.push((text("/id"), text("/function/name")));
    }
    message.answers = object.get("tool_call_id").and_then(Value::as_str).map(str::to_owned);
    match object.get("content") {
        Some(Value::String(text)) => message.text.clone_from(text),
        Some(Value::Array(parts)) => {
            for (number, part) in parts.iter().enumerate() {
                let kind = part.get("type").and_then(Value::as_str);
                match kind.ok_or_else(|| missing(&at(&format!(".content[{number}].type"))))? {
                    "text" => message.text += part.get("text").and_then(Value::as_str).unwrap_or_default(),
                    "image_url" => message.images += 1,
                    "refusal" => {}
                    _ => message.attachments += 1,
                }
            }
        }
        // An assistant that calls tools has nothing else to say.
        None | Some(Value::Null) if role == "assistant" => {}
        None | Some(Value::Null) => return Err(missing(&at(".content"))),
        Some(other) => return Err(wrong_type(&at(".content"), "a string or an array of parts", other)),
    }
    Ok(message)
}

/// A tool result must answer a call of the assistant message before it.
fn check_tool_result(place: usize, message: &Message, before: &[Message]) -> Result<(), ApiError> {
    let param = format!("messages[{place}]");
    let Some(id) = &message.answers else { return Err(missing(&format!("{param}.tool_call_id"))) };
    let caller = before.iter().rev().find(|message| message.role != "tool");
    if caller.is_some_and(|caller| caller.calls.iter().any(|(known, _)| known == id)) {
        return Ok(());
    }
    let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with \
                   'tool_calls'.";
    Err(ApiError { code: None, ..ApiError::bad_request(format!("{param}.role"), "", message.to_owned()) })
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, ApiError> {
    let Some(list) = fields.typed("tools", "an array of objects", Value::as_array)? else {
        return Ok(Vec::new());
    };
    if list.is_empty() {
        let message = "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array \
                       instead.";
        return Err(ApiError::bad_request("tools", "empty_array", message.to_owned()));
    }
    let mut tools = Vec::new();
    for (place, tool) in list.iter().enumerate() {
        let name = tool.pointer("/function/name").and_then(Value::as_str);
        let name = name.ok_or_else(|| missing(&format!("tools[{place}].function.name")))?.to_owned();
        tools.push(Tool {
            name,
            parameters: tool.pointer("/function/parameters").cloned().unwrap_or_default(),
        });
    }
    Ok(tools)
}

fn tool_choice(fields: &Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, ApiError> {
    let Some(value) = fields.get("tool_choice") else { return Ok(ToolChoice::Auto) };
    let named = value.pointer("/function/name").and_then(Value::as_str);
    let choice = match (value.as_str(), named) {
        (Some("auto"), _) => ToolChoice::Auto,
        (Some("none"), _) => ToolChoice::None,
        (Some("required"), _) => ToolChoice::Required,
        (_, Some(name)) if tools.iter().any(|tool| tool.name == name) => ToolChoice::Named(name.to_owned()),
        (_, Some(name)) => {
            let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
            return Err(ApiError::bad_request("tool_choice", "invalid_value", message));
        }
        _ => {
            let message =
                "Invalid value for 'tool_choice': expected 'none', 'auto', 'required' or a function.";
            return Err(ApiError::bad_request("tool_choice", "invalid_value", message.to_owned()));
        }
    };
    if tools.is_empty() {
        let message = "'tool_choice' is only allowed when 'tools' are specified.".to_owned();
        return Err(ApiError::bad_request("tool_choice", "invalid_value", message));
    }
    Ok(choice)
}

fn format(fields: &Fields<'_>) -> Result<Format, ApiError> {
    let Some(value) = fields.get("response_format") else { return Ok(Format::Text) };
    match value.get("type").and_then(Value::as_str) {
        Some("text") => Ok(Format::Text),
        Some("json_object") => Ok(Format::Object),
        Some("json_schema") => {
            let schema = value.get("json_schema").and_then(Value::as_object);
            let schema = schema.ok_or_else(|| missing("response_format.json_schema"))?;
            if !schema.contains_key("name") {
                return Err(missing("response_format.json_schema.name"));
            }
            Ok(Format::Schema(schema.get("schema").cloned().unwrap_or(Value::Bool(true))))
        }
        _ => {
            let message =
                "Invalid value for 'response_format.type': expected 'text', 'json_object' or 'json_schema'.";
            Err(ApiError::bad_request("response_format.type", "invalid_value", message.to_owned()))
        }
    }
}

fn stop(fields: &Fields<'_>) -> Result<Vec<String>, ApiError> {
    let Some(value) = fields.get("stop") else { return Ok(Vec::new()) };
    let list = match value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(list) => list.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let mut list = list.ok_or_else(|| wrong_type("stop", "a string or an array of strings", value))?;
    if list.len() > 4 {
        let message = "Invalid 'stop': array too long. Expected an array with maximum length 4.".to_owned();
        return Err(ApiError::bad_request("stop", "array_above_max_length", message));
    }
    list.retain(|item| !item.is_empty());
    Ok(list)
}
