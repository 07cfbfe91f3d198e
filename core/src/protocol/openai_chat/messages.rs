//! Our messages as the `messages` of a chat completion.
//!
//! A tool's result is a message of its own here, so one of our messages may become several.

use super::PROTOCOL;
use crate::json::read::Value;
use crate::json::write::JsonWriter;
use crate::protocol::Target;
use crate::protocol::body::{Losses, cannot};
use crate::types::{
    Error, MediaPart, MediaSource, Message, Part, ProviderData, ReasoningPart, Role, ToolCallPart,
    ToolResultContent, ToolResultPart, WarningKind,
};

/// Writes the list.
pub(super) fn write(
    json: &mut JsonWriter,
    messages: &[Message],
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    let mut result = Ok(());
    json.list(|json| {
        for (at, message) in messages.iter().enumerate() {
            result = write_message(json, &format!("messages[{at}]"), message, target, losses);
            if result.is_err() {
                return;
            }
        }
    });
    result
}

fn write_message(
    json: &mut JsonWriter,
    path: &str,
    message: &Message,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    for (at, part) in message.content.iter().enumerate() {
        if let Part::ToolResult(result) = part {
            write_tool_result(json, &format!("{path}.content[{at}]"), result, losses)?;
        }
    }
    if message.role == Role::Assistant {
        return write_assistant(json, path, message, target, losses);
    }
    if message.content.iter().all(|part| matches!(part, Part::ToolResult(_))) {
        return Ok(());
    }
    let role = match message.role {
        Role::Developer if target.quirks.developer_role => "developer",
        Role::Developer => {
            losses.add(
                WarningKind::Renamed,
                format!("{path}.role"),
                format!("{} knows no `developer`; sent as `system`", target.provider),
            );
            "system"
        }
        Role::System => "system",
        _ => "user",
    };
    let mut result = Ok(());
    json.object(|json| {
        json.key("role").string(role);
        if let Some(name) = &message.name {
            json.key("name").string(name);
        }
        json.key("content");
        result = write_content(json, path, message, losses);
    });
    result
}

/// The content of a system or user message: one plain text as a string, anything else as a list.
fn write_content(
    json: &mut JsonWriter,
    path: &str,
    message: &Message,
    losses: &mut Losses,
) -> Result<(), Error> {
    if let [Part::Text(only)] = message.content.as_slice()
        && only.provider_data.is_none()
    {
        note_cache(only.cache.is_some(), &format!("{path}.content[0]"), losses);
        json.string(&only.text);
        return Ok(());
    }
    let mut result = Ok(());
    json.list(|json| {
        for (at, part) in message.content.iter().enumerate() {
            let path = format!("{path}.content[{at}]");
            result = match part {
                Part::ToolResult(_) => Ok(()),
                Part::Text(text) => {
                    note_cache(text.cache.is_some(), &path, losses);
                    json.typed("text", |json| json.key("text").string(&text.text));
                    Ok(())
                }
                Part::Document(document) => {
                    note_cache(document.cache.is_some(), &path, losses);
                    losses.add(
                        WarningKind::Renamed,
                        path,
                        format!("{PROTOCOL} has no documents; sent as text"),
                    );
                    let title =
                        document.title.as_deref().map(|title| format!("{title}\n\n")).unwrap_or_default();
                    json.typed("text", |json| json.key("text").string(&format!("{title}{}", document.text)));
                    Ok(())
                }
                Part::Image(media) => image(json, &path, media, losses),
                Part::Audio(media) => audio(json, &path, media, losses),
                Part::File(media) => file(json, &path, media, losses),
                Part::Opaque(opaque) if belongs_here(&opaque.provider_data) => {
                    json.raw(&opaque.provider_data.data);
                    Ok(())
                }
                Part::Opaque(opaque) => {
                    losses.dropped(
                        path,
                        format!("`{}` belongs to {}", opaque.name, opaque.provider_data.protocol),
                    );
                    Ok(())
                }
                Part::Citation(_) => {
                    losses.dropped(path, format!("{PROTOCOL} takes no citations back"));
                    Ok(())
                }
                Part::Video(_) => Err(cannot(PROTOCOL, &path, "has no field for video")),
                Part::ToolCall(_) | Part::Reasoning(_) | Part::Refusal(_) => {
                    Err(cannot(PROTOCOL, &path, "takes it from an assistant only"))
                }
            };
            if result.is_err() {
                return;
            }
        }
    });
    result
}

fn write_assistant(
    json: &mut JsonWriter,
    path: &str,
    message: &Message,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    let (mut texts, mut refusal, mut calls, mut reasoning) =
        (Vec::new(), String::new(), Vec::new(), Vec::new());
    for (at, part) in message.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        match part {
            Part::Text(text) => {
                note_cache(text.cache.is_some(), &path, losses);
                texts.push(text.text.as_str());
            }
            Part::Refusal(part) => refusal.push_str(&part.text),
            Part::ToolCall(call) => calls.push(call),
            Part::Reasoning(part) => reasoning.push((path, part)),
            Part::Opaque(opaque) => {
                losses.dropped(path, format!("`{}` cannot go back into a message of {PROTOCOL}", opaque.name))
            }
            Part::Citation(_) | Part::Document(_) => {
                losses.dropped(path, format!("{PROTOCOL} takes none back"))
            }
            Part::ToolResult(_) => {}
            Part::Image(_) | Part::Audio(_) | Part::Video(_) | Part::File(_) => {
                return Err(cannot(PROTOCOL, &path, "takes no media from an assistant; say it as the user"));
            }
        }
    }
    json.object(|json| {
        json.key("role").string("assistant");
        if let Some(name) = &message.name {
            json.key("name").string(name);
        }
        json.key("content");
        match texts.as_slice() {
            [] => json.raw("null"),
            [only] => json.string(only),
            several => json.list(|json| {
                several.iter().for_each(|text| json.typed("text", |json| json.key("text").string(text)))
            }),
        }
        if !refusal.is_empty() {
            json.key("refusal").string(&refusal);
        }
        write_reasoning(json, &reasoning, target, losses);
        if !calls.is_empty() {
            json.key("tool_calls").list(|json| calls.iter().for_each(|call| write_tool_call(json, call)));
        }
    });
    Ok(())
}

/// Reasoning goes back in the field it came in: opaque details to the provider that wrote them, plain text where the
/// row names a field for it. OpenAI itself takes none back in this format.
fn write_reasoning(
    json: &mut JsonWriter,
    parts: &[(String, &ReasoningPart)],
    target: &Target,
    losses: &mut Losses,
) {
    let (mut text, mut fields) = (String::new(), Vec::new());
    for (path, part) in parts {
        let own = part.provider_data.as_ref().filter(|data| {
            belongs_here(data) && data.provider.as_ref().is_none_or(|id| *id == target.provider)
        });
        if let Some(data) = own {
            for (name, value) in Value::parse(&data.data).map(Value::object).unwrap_or_default().iter() {
                collect(&mut fields, name, value.raw());
            }
        } else if target.quirks.reasoning_field.is_some() {
            text.push_str(&part.text);
        } else {
            losses.dropped(path.as_str(), format!("{} takes no reasoning back", target.provider));
        }
    }
    for (name, value) in &fields {
        json.key(name).raw(value);
    }
    if let (Some(field), false) = (target.quirks.reasoning_field, text.is_empty()) {
        json.key(field).string(&text);
    }
}

/// Lists of one name become one list: a stream may have told them in several parts. Of others the last counts.
fn collect(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    let Some((_, held)) = fields.iter_mut().find(|(held, _)| held == name) else {
        return fields.push((name.to_owned(), value.to_owned()));
    };
    match (held.strip_suffix(']').map(str::trim_end), value.strip_prefix('[').map(str::trim_start)) {
        (Some("["), Some(_)) => value.clone_into(held),
        (Some(_), Some("]")) => {}
        (Some(begun), Some(rest)) => *held = format!("{begun},{rest}"),
        _ => value.clone_into(held),
    }
}

fn write_tool_call(json: &mut JsonWriter, call: &ToolCallPart) {
    json.typed("function", |json| {
        json.key("id").string(&call.id);
        json.key("function").object(|json| {
            json.key("name").string(&call.name);
            // As the model wrote them, also when they are no JSON: the provider wrote them so.
            json.key("arguments").string(&call.arguments);
        });
    });
}

fn write_tool_result(
    json: &mut JsonWriter,
    path: &str,
    result: &ToolResultPart,
    losses: &mut Losses,
) -> Result<(), Error> {
    note_cache(result.cache.is_some(), path, losses);
    if result.is_error == Some(true) {
        losses.dropped(
            format!("{path}.is_error"),
            format!("{PROTOCOL} cannot say that a tool failed; its text has to"),
        );
    }
    let mut texts = Vec::new();
    for (at, content) in result.content.iter().enumerate() {
        match content {
            ToolResultContent::Text(content) => texts.push(content.text.as_str()),
            ToolResultContent::Json(content) => texts.push(content.value.as_str()),
            ToolResultContent::Image(_) => {
                return Err(cannot(
                    PROTOCOL,
                    &format!("{path}.content[{at}]"),
                    "takes no pictures from tools; show it in a user message",
                ));
            }
        }
    }
    json.object(|json| {
        json.key("role").string("tool");
        json.key("tool_call_id").string(&result.tool_call_id);
        json.key("content");
        match texts.as_slice() {
            [] => json.string(""),
            [only] => json.string(only),
            several => json.list(|json| {
                several.iter().for_each(|text| json.typed("text", |json| json.key("text").string(text)))
            }),
        }
    });
    Ok(())
}

fn image(json: &mut JsonWriter, path: &str, media: &MediaPart, losses: &mut Losses) -> Result<(), Error> {
    note_cache(media.cache.is_some(), path, losses);
    if matches!(media.source, MediaSource::ProviderFile(_)) {
        return Err(cannot(PROTOCOL, path, "takes pictures by URL or as bytes, not by file id"));
    }
    json.typed("image_url", |json| {
        json.key("image_url").object(|json| {
            json.key("url");
            match &media.source {
                MediaSource::Url(source) => json.string(&source.url),
                MediaSource::Blob(source) => json.base64_string(&data_url(media), &source.id, source.length),
                MediaSource::ProviderFile(_) => {}
            }
            if let Some(detail) = &media.detail {
                json.key("detail").string(detail);
            }
        });
    });
    Ok(())
}

fn audio(json: &mut JsonWriter, path: &str, media: &MediaPart, losses: &mut Losses) -> Result<(), Error> {
    note_cache(media.cache.is_some(), path, losses);
    let MediaSource::Blob(source) = &media.source else {
        return Err(cannot(PROTOCOL, path, "takes sound as bytes only"));
    };
    // OpenAI names the format by itself: `wav`, `mp3`.
    let format = match media.media_type.as_deref() {
        Some("audio/mpeg" | "audio/mp3") => "mp3",
        Some("audio/wav" | "audio/x-wav" | "audio/wave") => "wav",
        Some(other) => other.split('/').nth(1).unwrap_or(other),
        None => "wav",
    };
    json.typed("input_audio", |json| {
        json.key("input_audio").object(|json| {
            json.key("data").base64_string("", &source.id, source.length);
            json.key("format").string(format);
        });
    });
    Ok(())
}

fn file(json: &mut JsonWriter, path: &str, media: &MediaPart, losses: &mut Losses) -> Result<(), Error> {
    note_cache(media.cache.is_some(), path, losses);
    if matches!(media.source, MediaSource::Url(_)) {
        return Err(cannot(PROTOCOL, path, "takes files as bytes or by file id, not by URL"));
    }
    json.typed("file", |json| {
        json.key("file").object(|json| match &media.source {
            MediaSource::ProviderFile(source) => json.key("file_id").string(&source.id),
            MediaSource::Blob(source) => {
                if let Some(name) = &media.name {
                    json.key("filename").string(name);
                }
                json.key("file_data").base64_string(&data_url(media), &source.id, source.length);
            }
            MediaSource::Url(_) => {}
        });
    });
    Ok(())
}

/// The beginning of a `data:` URL (RFC 2397).
fn data_url(media: &MediaPart) -> String {
    format!("data:{};base64,", media.media_type.as_deref().unwrap_or("application/octet-stream"))
}

fn belongs_here(data: &ProviderData) -> bool {
    data.protocol == PROTOCOL
}

fn note_cache(given: bool, path: &str, losses: &mut Losses) {
    if given {
        losses.dropped(
            format!("{path}.cache"),
            format!("{PROTOCOL} has no cache breakpoints; see `prompt_cache`"),
        );
    }
}
