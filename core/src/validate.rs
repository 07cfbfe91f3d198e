//! What makes a request impossible for every provider, found before it costs anything.

use crate::json::read::Value;
use crate::types::{
    Error, ErrorKind, MediaPart, MediaSource, Message, Number, Output, Part, Request, Role, Tool, ToolChoice,
    ToolResultContent,
};

/// Headers that carry credentials or belong to the transport.
const REFUSED_HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "host",
    "content-length",
    "content-type",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
];

/// Checks what does not depend on the provider.
pub(crate) fn request(request: &Request) -> Result<(), Error> {
    if request.messages.is_empty() {
        return Err(bad("messages", "is empty: a request needs at least one message"));
    }
    for (at, message) in request.messages.iter().enumerate() {
        check_message(&format!("messages[{at}]"), message)?;
    }
    let finite =
        |number: &Number| Value::parse(number.as_str()).is_ok_and(|value| value.number_text().is_some());
    for (name, number) in [
        ("temperature", &request.temperature),
        ("top_p", &request.top_p),
        ("min_p", &request.min_p),
        ("frequency_penalty", &request.frequency_penalty),
        ("presence_penalty", &request.presence_penalty),
    ] {
        if number.as_ref().is_some_and(|number| !finite(number)) {
            return Err(bad(name, "is no finite number"));
        }
    }
    if request.logit_bias.iter().any(|entry| !finite(&entry.bias)) {
        return Err(bad("logit_bias", "holds a bias that is no finite number"));
    }
    if request.n == Some(0) {
        return Err(bad("n", "is 0: leave it out for one answer"));
    }
    if request.max_output_tokens == Some(0) {
        return Err(bad("max_output_tokens", "is 0: leave it out for no bound"));
    }
    check_tools(request)?;
    if let Some(Output::JsonSchema(output)) = &request.output {
        json("output.schema", &output.schema, true)?;
    }
    for (at, extra) in request.extra.iter().enumerate() {
        json(&format!("extra[{at}].body"), &extra.body, true)?;
    }
    for (at, header) in request.headers.iter().enumerate() {
        self::header(&format!("headers[{at}]"), &header.name, &header.value)?;
    }
    Ok(())
}

fn check_message(path: &str, message: &Message) -> Result<(), Error> {
    if message.content.is_empty() && message.role != Role::Assistant {
        return Err(bad(&format!("{path}.content"), "is empty"));
    }
    for (at, part) in message.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        match part {
            Part::ToolCall(_) | Part::Reasoning(_) | Part::Refusal(_) if message.role != Role::Assistant => {
                return Err(bad(&path, "is something only an assistant says"));
            }
            Part::ToolCall(call) if call.name.is_empty() => {
                return Err(bad(&format!("{path}.name"), "is empty"));
            }
            Part::ToolResult(_) if !matches!(message.role, Role::Tool | Role::User) => {
                return Err(bad(&path, "is a tool's result: its message needs the role `tool`"));
            }
            Part::ToolResult(result) => {
                if result.tool_call_id.is_empty() {
                    return Err(bad(
                        &format!("{path}.tool_call_id"),
                        "is empty: it must name the call it answers",
                    ));
                }
                for (at, content) in result.content.iter().enumerate() {
                    let path = format!("{path}.content[{at}]");
                    match content {
                        ToolResultContent::Json(content) => json(&path, &content.value, false)?,
                        ToolResultContent::Image(media) => check_media(&path, media)?,
                        ToolResultContent::Text(_) => {}
                    }
                }
            }
            _ if message.role == Role::Tool => {
                return Err(bad(&path, "must be a tool result, because the role is `tool`"));
            }
            Part::Image(media) | Part::Audio(media) | Part::Video(media) | Part::File(media) => {
                check_media(&path, media)?
            }
            _ => {}
        }
        let provider_data = match part {
            Part::Opaque(part) => Some(&part.provider_data),
            Part::Text(part) => part.provider_data.as_ref(),
            Part::Reasoning(part) => part.provider_data.as_ref(),
            Part::ToolCall(part) => part.provider_data.as_ref(),
            Part::Image(part) | Part::Audio(part) | Part::Video(part) | Part::File(part) => {
                part.provider_data.as_ref()
            }
            _ => None,
        };
        if let Some(provider_data) = provider_data {
            json(&format!("{path}.provider_data.data"), &provider_data.data, true)?;
        }
    }
    Ok(())
}

fn check_media(path: &str, media: &MediaPart) -> Result<(), Error> {
    match &media.source {
        MediaSource::Url(source) if source.url.is_empty() => {
            Err(bad(&format!("{path}.source.url"), "is empty"))
        }
        MediaSource::Blob(source) if !(1..=128).contains(&source.id.len()) => {
            Err(bad(&format!("{path}.source.id"), "must have 1 to 128 characters"))
        }
        MediaSource::Blob(_) if media.media_type.is_none() => {
            Err(bad(&format!("{path}.media_type"), "is absent: a blob needs one, such as `image/png`"))
        }
        _ => match &media.media_type {
            Some(media_type) if !is_media_type(media_type) => {
                Err(bad(&format!("{path}.media_type"), "is not of the form `type/subtype`"))
            }
            _ => Ok(()),
        },
    }
}

/// `type/subtype` with optional parameters (RFC 9110 section 8.3.1), tightly enough to stand in a `data:` URL.
fn is_media_type(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+/;= ".contains(c);
    text.len() <= 128
        && text.chars().all(allowed)
        && text.split('/').filter(|half| !half.is_empty()).count() == 2
}

fn check_tools(request: &Request) -> Result<(), Error> {
    for (at, tool) in request.tools.iter().enumerate() {
        match tool {
            Tool::Function(function) if function.name.is_empty() => {
                return Err(bad(&format!("tools[{at}].name"), "is empty"));
            }
            Tool::Function(function) => {
                if let Some(parameters) = &function.parameters {
                    json(&format!("tools[{at}].parameters"), parameters, true)?;
                }
            }
            Tool::Provider(provider) => json(&format!("tools[{at}].definition"), &provider.definition, true)?,
        }
    }
    let offered = |name: &String| {
        request.tools.iter().any(|tool| matches!(tool, Tool::Function(function) if function.name == *name))
    };
    match &request.tool_choice {
        Some(ToolChoice::Tool(chosen)) if !offered(&chosen.name) => {
            Err(bad("tool_choice.name", &format!("is `{}`, which is not among the tools", chosen.name)))
        }
        Some(ToolChoice::Allowed(allowed)) => match allowed.names.iter().find(|name| !offered(name)) {
            Some(name) => {
                Err(bad("tool_choice.names", &format!("holds `{name}`, which is not among the tools")))
            }
            None if allowed.names.is_empty() => Err(bad("tool_choice.names", "is empty")),
            None => Ok(()),
        },
        Some(ToolChoice::Required) if request.tools.is_empty() => {
            Err(bad("tool_choice", "requires a tool, but none is offered"))
        }
        _ => Ok(()),
    }
}

/// A header that a caller names.
pub(crate) fn header(path: &str, name: &str, value: &str) -> Result<(), Error> {
    let token = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(token) {
        return Err(bad(
            &format!("{path}.name"),
            "must be a header name in lower case (RFC 9110 section 5.1)",
        ));
    }
    if REFUSED_HEADERS.contains(&name) {
        return Err(bad(
            &format!("{path}.name"),
            &format!("is `{name}`: credentials and transport headers are the host's"),
        ));
    }
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(bad(&format!("{path}.value"), "holds a control character"));
    }
    if value.chars().any(|c| c > '\u{FF}') {
        return Err(bad(
            &format!("{path}.value"),
            "holds a character beyond U+00FF, which no header can carry",
        ));
    }
    Ok(())
}

fn json(path: &str, text: &str, object: bool) -> Result<(), Error> {
    match Value::parse(text) {
        Ok(value) if object && value.as_object().is_none() => Err(bad(path, "must be a JSON object")),
        Ok(_) => Ok(()),
        Err(error) => Err(bad(path, &format!("is not valid JSON: {error}"))),
    }
}

fn bad(path: &str, what: &str) -> Error {
    Error::new(ErrorKind::InvalidRequest, format!("the request's {path} {what}"))
}
