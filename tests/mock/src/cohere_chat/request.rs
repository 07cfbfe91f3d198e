//! Reading a chat request, and refusing one in Cohere's words.
//!
//! A client is tested by what it is refused: messages without a role or a content, results without a call, calls
//! without a result, fields that do not exist. Where Cohere's own words are not known the sentence is ours, in
//! its manner (`invalid request: ...`); the status and the shape of the body are what a client reads.

use http::StatusCode;
use serde_json::Value;

use crate::ask::{Ask, Document, MadeCall, Message, Output, Tool, ToolChoice, thoughts_within};
use crate::errors::Refusal;
use crate::fields::{Bound, Fields, Words, name_of, type_of};

/// Fields of a request.
const FIELDS: &[&str] = &[
    "model",
    "messages",
    "stream",
    "tools",
    "strict_tools",
    "tool_choice",
    "documents",
    "citation_options",
    "response_format",
    "safety_mode",
    "max_tokens",
    "stop_sequences",
    "temperature",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "k",
    "p",
    "logprobs",
    "thinking",
    "priority",
    "raw_prompting",
];

const ROLES: &[&str] = &["assistant", "system", "tool", "user"];

/// Most of `stop_sequences`.
const MAX_STOPS: usize = 5;

/// Sentences of thought when no budget is given.
const USUAL_THOUGHTS: usize = 3;

const WORDS: Words = Words {
    item: |list, number| format!("{list}[{number}]"),
    missing: |place| invalid(place, &format!("{place} is required")),
    wrong_type: |place, expected, got| {
        let (expected, got) = (name_of(expected), type_of(got));
        let message = format!("invalid type: parameter {place} is {got} but should be {expected}.");
        Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, ..Refusal::at(place, message) }
    },
    out_of_range: |place, bound| match bound {
        Bound::Below { low } => invalid(place, &format!("{place} must be at least {low}")),
        Bound::Above { high, got } => invalid(place, &format!("{place} must be at most {high}, not {got}")),
    },
};

fn invalid(place: &str, words: &str) -> Refusal {
    Refusal::at(place, format!("invalid request: {words}"))
}

/// Reads a request body.
pub(crate) fn read(body: &[u8]) -> Result<Ask, Refusal> {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let Some(fields) = Fields::body(&body, &WORDS) else {
        return Err(Refusal::bad("invalid request: the body is no JSON object"));
    };
    if let Some(name) = fields.names().find(|name| !FIELDS.contains(&name.as_str())) {
        let message = format!("unknown field: parameter {name} is not a valid field");
        return Err(Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, ..Refusal::at(name, message) });
    }
    let model = fields.required_string("model")?;
    if model.is_empty() {
        return Err(fields.missing("model"));
    }
    check_sampling(&fields)?;
    let tools = tools(&fields)?;
    let stop = fields.strings("stop_sequences")?;
    if stop.len() > MAX_STOPS {
        return Err(invalid("stop_sequences", &format!("at most {MAX_STOPS} stop_sequences are allowed")));
    }
    Ok(Ask {
        model: model.to_owned(),
        messages: messages(&fields)?,
        stream: fields.bool("stream")?.unwrap_or(false),
        max_tokens: fields.integer("max_tokens", 1, u64::MAX)?,
        tool_choice: tool_choice(&fields, &tools)?,
        tools,
        parallel_tool_calls: true,
        plans: true,
        output: output(&fields)?,
        stop: stop.into_iter().filter(|stop| !stop.is_empty()).collect(),
        thoughts: thoughts(&fields)?,
        documents: documents(&fields)?,
        seed: fields.integer("seed", 0, u64::MAX)?.unwrap_or(0),
    })
}

fn check_sampling(fields: &Fields<'_>) -> Result<(), Refusal> {
    fields.number("temperature", 0.0, 2.0)?;
    fields.number("p", 0.0, 0.99)?;
    fields.integer("k", 0, 500)?;
    fields.number("frequency_penalty", 0.0, 1.0)?;
    fields.number("presence_penalty", 0.0, 1.0)?;
    let modes = ["CONTEXTUAL", "STRICT", "OFF"];
    match fields.string("safety_mode")? {
        Some(mode) if !modes.contains(&mode) => Err(one_of("safety_mode", &modes)),
        _ => Ok(()),
    }
}

fn one_of(place: &str, words: &[&str]) -> Refusal {
    invalid(place, &format!("{place} must be one of {}", words.join(", ")))
}

fn messages(fields: &Fields<'_>) -> Result<Vec<Message>, Refusal> {
    if fields.list("messages")?.is_none_or(Vec::is_empty) {
        return Err(invalid("messages", "messages must have at least one message"));
    }
    let mut messages: Vec<Message> = Vec::new();
    for fields in fields.objects("messages")? {
        let message = message(&fields)?;
        if message.role == "tool" {
            check_result(&fields, &message, &messages)?;
        } else {
            check_answered(&messages)?;
        }
        messages.push(message);
    }
    check_answered(&messages)?;
    match messages.last() {
        Some(last) if last.role == "system" => {
            Err(invalid("messages", "the last message must be one of the user, a tool or the assistant"))
        }
        _ => Ok(messages),
    }
}

fn message(fields: &Fields<'_>) -> Result<Message, Refusal> {
    let role = fields.required_string("role")?;
    if !ROLES.contains(&role) {
        return Err(one_of(&fields.at("role"), ROLES));
    }
    let mut message = Message { role: role.to_owned(), ..Message::default() };
    if role == "assistant" {
        for call in fields.objects("tool_calls")? {
            let function = call.required_object("function")?;
            function.required_string("arguments")?;
            let (id, name) = (call.required_string("id")?, function.required_string("name")?);
            message.calls.push(MadeCall { id: id.to_owned(), name: name.to_owned() });
        }
        fields.string("tool_plan")?;
    }
    if role == "tool" {
        message.answers = Some(fields.required_string("tool_call_id")?.to_owned());
    }
    match fields.get("content") {
        Some(Value::String(text)) => message.text.clone_from(text),
        Some(_) => {
            for part in fields.objects("content")? {
                self::part(&part, &mut message)?;
            }
        }
        // An assistant that calls tools has nothing else to say.
        None if !message.calls.is_empty() => {}
        None => return Err(fields.missing("content")),
    }
    let is_silent = message.text.is_empty() && message.images + message.attachments == 0;
    if is_silent && role == "user" {
        return Err(invalid(&fields.at("content"), "a message of the user must have a content"));
    }
    Ok(message)
}

fn part(part: &Fields<'_>, message: &mut Message) -> Result<(), Refusal> {
    match part.required_string("type")? {
        "text" => message.text += part.required_string("text")?,
        "thinking" if message.role == "assistant" => {
            part.required_string("thinking")?;
        }
        "image_url" => {
            part.required_object("image_url")?.required_string("url")?;
            message.images += 1;
        }
        "document" if message.role == "tool" => {
            let data = part.required_object("document")?.required_object("data")?;
            message.text += &text_of(&data);
        }
        _ => return Err(one_of(&part.at("type"), &["text", "image_url", "thinking", "document"])),
    }
    Ok(())
}

/// The fields of a document that are text, joined.
fn text_of(data: &Fields<'_>) -> String {
    let texts: Vec<&str> = data.names().filter_map(|name| data.get(name)?.as_str()).collect();
    texts.join(" ")
}

/// A tool result must answer a call of the assistant message before it.
fn check_result(fields: &Fields<'_>, message: &Message, before: &[Message]) -> Result<(), Refusal> {
    let caller = before.iter().rev().find(|message| message.role != "tool");
    let calls = caller.map_or(&[][..], |caller| &caller.calls);
    if message.answers.as_ref().is_some_and(|id| calls.iter().any(|call| call.id == *id)) {
        return Ok(());
    }
    let words =
        "a tool message must follow an assistant message with a 'tool_calls' entry of its 'tool_call_id'";
    Err(invalid(&fields.at("tool_call_id"), words))
}

/// Each call of the last assistant message must have been answered when somebody else speaks.
fn check_answered(messages: &[Message]) -> Result<(), Refusal> {
    let results = messages.iter().rev().take_while(|message| message.role == "tool").count();
    let (before, results) = messages.split_at(messages.len() - results);
    let calls = before.last().map_or(&[][..], |message| &message.calls);
    let answered = |id: &String| results.iter().any(|result| result.answers.as_ref() == Some(id));
    let open: Vec<&str> =
        calls.iter().map(|call| &call.id).filter(|id| !answered(id)).map(String::as_str).collect();
    if open.is_empty() {
        return Ok(());
    }
    let words = format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        open.join(", ")
    );
    Err(invalid(&format!("messages[{}].tool_calls", before.len() - 1), &words))
}

fn tools(fields: &Fields<'_>) -> Result<Vec<Tool>, Refusal> {
    let mut tools = Vec::new();
    for tool in fields.objects("tools")? {
        if tool.required_string("type")? != "function" {
            return Err(one_of(&tool.at("type"), &["function"]));
        }
        let function = tool.required_object("function")?;
        let name = function.required_string("name")?.to_owned();
        tools.push(Tool { name, parameters: function.get("parameters").cloned().unwrap_or_default() });
    }
    Ok(tools)
}

fn tool_choice(fields: &Fields<'_>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let choice = match fields.string("tool_choice")? {
        None => return Ok(ToolChoice::Auto),
        Some("REQUIRED") => ToolChoice::Required,
        Some("NONE") => ToolChoice::None,
        Some(_) => return Err(one_of("tool_choice", &["NONE", "REQUIRED"])),
    };
    if tools.is_empty() {
        return Err(invalid("tool_choice", "tool_choice needs tools"));
    }
    Ok(choice)
}

fn output(fields: &Fields<'_>) -> Result<Output, Refusal> {
    let Some(format) = fields.object("response_format")? else { return Ok(Output::Text) };
    match format.required_string("type")? {
        "text" => Ok(Output::Text),
        // Both names are in use.
        "json_object" => {
            let schema = format.get("json_schema").or_else(|| format.get("schema"));
            Ok(schema.map_or(Output::Object, |schema| Output::Schema(schema.clone())))
        }
        _ => Err(one_of("response_format.type", &["text", "json_object"])),
    }
}

fn thoughts(fields: &Fields<'_>) -> Result<Option<usize>, Refusal> {
    let Some(thinking) = fields.object("thinking")? else { return Ok(None) };
    match thinking.required_string("type")? {
        "disabled" => Ok(Some(0)),
        "enabled" => {
            let budget = thinking.integer("token_budget", 1, u64::MAX)?;
            Ok(Some(budget.map_or(USUAL_THOUGHTS, thoughts_within)))
        }
        _ => Err(one_of("thinking.type", &["enabled", "disabled"])),
    }
}

/// Documents are quoted with citations, unless those are off.
fn documents(fields: &Fields<'_>) -> Result<Vec<Document>, Refusal> {
    let modes = ["FAST", "ACCURATE", "OFF", "ENABLED", "DISABLED"];
    let mode = match fields.object("citation_options")? {
        Some(options) => options.string("mode")?,
        None => None,
    };
    match mode {
        Some(mode) if !modes.contains(&mode) => return Err(one_of("citation_options.mode", &modes)),
        Some("OFF" | "DISABLED") => return Ok(Vec::new()),
        _ => {}
    }
    let list = fields.list("documents")?.map_or(&[][..], Vec::as_slice);
    let mut documents = Vec::with_capacity(list.len());
    for (number, value) in list.iter().enumerate() {
        let (id, data) = match value {
            Value::String(text) => (None, Value::from_iter([("text", text.as_str())])),
            _ => {
                let document = Fields::of(value, format!("documents[{number}]"), &WORDS)?;
                document.required_object("data")?;
                (document.string("id")?, document.get("data").cloned().unwrap_or_default())
            }
        };
        let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        documents.push(Document {
            id: id.map_or_else(|| format!("doc:{number}"), str::to_owned),
            title: text("title"),
            // The names that Cohere recommends; others are data as well, but nothing is quoted from them.
            text: text("text").or_else(|| text("snippet")).unwrap_or_default(),
            raw: data,
        });
    }
    Ok(documents)
}
