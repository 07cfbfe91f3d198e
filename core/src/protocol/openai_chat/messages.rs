//! Our messages as the `messages` of a chat completion.
//!
//! A tool's result is a message of its own here, so one of our messages may become several.

use super::{CONTENT, INSIDE, PROTOCOL};
use crate::json::read::Object;
use crate::json::write::JsonWriter;
use crate::protocol::Target;
use crate::protocol::body::{Losses, bytes_in_url, cannot, data_url, is_data_url};
use crate::protocol::own;
use crate::types::{
    Error, MediaPart, MediaSource, Message, Part, ReasoningPart, Role, TextPart, ToolCallPart,
    ToolResultContent, ToolResultPart,
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
    let (mut said, mut moved) = (false, false);
    for (at, part) in message.content.iter().enumerate() {
        if let Part::ToolResult(result) = part {
            write_tool_result(json, &format!("{path}.content[{at}]"), result, losses)?;
            moved |= said;
        }
        said |= is_said(part, target);
    }
    if moved {
        losses.results_first(path, PROTOCOL);
    }
    if message.name.is_some() && message.content.iter().all(|part| matches!(part, Part::ToolResult(_))) {
        losses.dropped(format!("{path}.name"), format!("{PROTOCOL} has no names of speakers for tools"));
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
            losses.no_developer(path, &target.provider);
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
        result = write_content(json, path, message, target, losses);
    });
    result
}

/// Whether a part has a place in the content of its message.
fn is_said(part: &Part, target: &Target) -> bool {
    match part {
        Part::ToolResult(_) | Part::Citation(_) => false,
        Part::Opaque(opaque) => own::returns(&opaque.provider_data, PROTOCOL, target),
        _ => true,
    }
}

/// The content of a system or user message: one plain text as a string, anything else as a list.
fn write_content(
    json: &mut JsonWriter,
    path: &str,
    message: &Message,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    if let [Part::Text(only)] = message.content.as_slice()
        && only.provider_data.is_none()
    {
        losses.cache(&format!("{path}.content[0]"), PROTOCOL, only.cache.as_ref());
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
                    note_text(&path, text, target, losses);
                    write_text(json, text, target);
                    Ok(())
                }
                Part::Document(document) => {
                    losses.cache(&path, PROTOCOL, document.cache.as_ref());
                    losses.document_id(&path, PROTOCOL, document);
                    losses.renamed(path, format!("{PROTOCOL} has no documents; sent as text"));
                    let title =
                        document.title.as_deref().map(|title| format!("{title}\n\n")).unwrap_or_default();
                    json.typed("text", |json| json.key("text").string(&format!("{title}{}", document.text)));
                    Ok(())
                }
                Part::Image(media) => image(json, &path, media, target, losses),
                Part::Audio(media) => audio(json, &path, media, target, losses),
                Part::File(media) => file(json, &path, media, target, losses),
                Part::Opaque(opaque) if own::returns(&opaque.provider_data, PROTOCOL, target) => {
                    json.raw(&opaque.provider_data.data);
                    Ok(())
                }
                Part::Opaque(opaque) => {
                    losses.foreign_part(path, opaque);
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

/// What stands in the content of an assistant.
enum Said<'a> {
    Text(&'a TextPart),
    /// As it came.
    Block(&'a str),
}

fn write_assistant(
    json: &mut JsonWriter,
    path: &str,
    message: &Message,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    let (mut content, mut refusal, mut calls, mut reasoning) =
        (Vec::new(), String::new(), Vec::new(), Vec::new());
    for (at, part) in message.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        match part {
            Part::Text(text) => {
                note_text(&path, text, target, losses);
                content.push(Said::Text(text));
            }
            Part::Refusal(part) => refusal.push_str(&part.text),
            Part::ToolCall(call) => {
                losses.foreign_fields(&path, call.provider_data.as_ref(), PROTOCOL, target);
                calls.push(call);
            }
            Part::Reasoning(part) => {
                // Thinking that was a block of the content is one again, in its place.
                let own = part.provider_data.as_ref().filter(|data| own::returns(data, PROTOCOL, target));
                for block in own.map(own::fields).unwrap_or_default().list(CONTENT) {
                    content.push(Said::Block(block.raw()));
                }
                reasoning.push((path, part));
            }
            Part::Opaque(opaque) if own::returns(&opaque.provider_data, PROTOCOL, target) => {
                content.push(Said::Block(&opaque.provider_data.data));
            }
            Part::Opaque(opaque) => losses.foreign_part(path, opaque),
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
        match content.as_slice() {
            // Nothing at all is refused, unless calls stand beside it.
            [] if calls.is_empty() => json.string(""),
            [] => json.raw("null"),
            [Said::Text(TextPart { text, provider_data: None, .. })] => json.string(text),
            several => json.list(|json| {
                for said in several {
                    match said {
                        Said::Text(text) => write_text(json, text, target),
                        Said::Block(block) => json.raw(block),
                    }
                }
            }),
        }
        if !refusal.is_empty() {
            json.key("refusal").string(&refusal);
        }
        write_reasoning(json, &reasoning, target, losses);
        if !calls.is_empty() {
            json.key("tool_calls")
                .list(|json| calls.iter().for_each(|call| write_tool_call(json, call, target)));
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
        let own = part.provider_data.as_ref().filter(|data| own::returns(data, PROTOCOL, target));
        let own = own.map(own::fields);
        for (name, value) in own.iter().flat_map(Object::iter).filter(|(name, _)| *name != CONTENT) {
            collect(&mut fields, name, value.raw());
        }
        // OpenRouter's details say the text themselves, and so do blocks of the content.
        let says = |name: &&str| own.as_ref().is_some_and(|own| !own.list(name).is_empty());
        let said = ["reasoning_details", CONTENT].iter().any(says);
        if target.quirks.reasoning_field.is_some() && !said {
            text.push_str(&part.text);
            losses.foreign_fields(path, part.provider_data.as_ref(), PROTOCOL, target);
        } else if !said && (own.is_none() || !part.text.is_empty()) {
            let field = if own.is_none() { path.clone() } else { format!("{path}.text") };
            losses.dropped(field, format!("{} takes no reasoning back", target.provider));
        }
    }
    for (name, value) in &fields {
        json.key(name).raw(value);
    }
    if let (Some(field), false) = (target.quirks.reasoning_field, text.is_empty()) {
        json.key(field).string(&text);
    }
}

fn collect(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    match fields.iter_mut().find(|(held, _)| held == name) {
        Some((_, held)) => *held = own::joined(held, value),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
}

fn write_tool_call(json: &mut JsonWriter, call: &ToolCallPart, target: &Target) {
    let own =
        call.provider_data.as_ref().filter(|data| own::returns(data, PROTOCOL, target)).map(own::fields);
    let custom = own.as_ref().is_some_and(|own| own.string("type").as_deref() == Some("custom"));
    let (kind, arguments) = if custom { ("custom", "input") } else { ("function", "arguments") };
    json.typed(kind, |json| {
        json.key("id").string(&call.id);
        let fields = |json: &mut JsonWriter, inside: bool| {
            for (name, value) in own.iter().flat_map(Object::iter).filter(|(name, _)| *name != "type") {
                let name_inside = name.strip_prefix(INSIDE);
                if name_inside.is_some() == inside {
                    json.key(name_inside.unwrap_or(name)).raw(value.raw());
                }
            }
        };
        json.key(kind).object(|json| {
            json.key("name").string(&call.name);
            // As the model wrote them, also when they are no JSON: the provider wrote them so.
            json.key(arguments).string(&call.arguments);
            fields(json, true);
        });
        fields(json, false);
    });
}

fn note_text(path: &str, text: &TextPart, target: &Target, losses: &mut Losses) {
    losses.cache(path, PROTOCOL, text.cache.as_ref());
    losses.foreign_fields(path, text.provider_data.as_ref(), PROTOCOL, target);
}

fn write_text(json: &mut JsonWriter, text: &TextPart, target: &Target) {
    json.typed("text", |json| {
        json.key("text").string(&text.text);
        own::write_fields(json, text.provider_data.as_ref(), PROTOCOL, target);
    });
}

/// The call's id says which tool it was, so the result's own `name` is not needed.
fn write_tool_result(
    json: &mut JsonWriter,
    path: &str,
    result: &ToolResultPart,
    losses: &mut Losses,
) -> Result<(), Error> {
    losses.cache(path, PROTOCOL, result.cache.as_ref());
    losses.failed_tool(path, PROTOCOL, result);
    let mut texts = Vec::new();
    for (at, content) in result.content.iter().enumerate() {
        match content {
            ToolResultContent::Text(content) => texts.push(content.text.as_str()),
            ToolResultContent::Json(content) => {
                losses.data_as_text(&format!("{path}.content[{at}]"), PROTOCOL);
                texts.push(content.value.as_str());
            }
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

/// Tells what of a medium is left out; `says` are its details that the format has a place for.
fn note_media(path: &str, media: &MediaPart, says: &[&str], target: &Target, losses: &mut Losses) {
    losses.cache(path, PROTOCOL, media.cache.as_ref());
    losses.foreign_fields(path, media.provider_data.as_ref(), PROTOCOL, target);
    for (name, given) in [("name", media.name.is_some()), ("detail", media.detail.is_some())] {
        if given && !says.contains(&name) {
            losses.dropped(format!("{path}.{name}"), format!("{PROTOCOL} has no field for it here"));
        }
    }
}

fn image(
    json: &mut JsonWriter,
    path: &str,
    media: &MediaPart,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    note_media(path, media, &["detail"], target, losses);
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
        own::write_fields(json, media.provider_data.as_ref(), PROTOCOL, target);
    });
    Ok(())
}

fn audio(
    json: &mut JsonWriter,
    path: &str,
    media: &MediaPart,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    note_media(path, media, &[], target, losses);
    let in_url = match &media.source {
        MediaSource::Url(source) => bytes_in_url(&source.url),
        _ => None,
    };
    if in_url.is_none() && !matches!(media.source, MediaSource::Blob(_)) {
        return Err(cannot(PROTOCOL, path, "takes sound as bytes only, in base64"));
    }
    let kind = in_url.map(|(kind, _)| kind).filter(|kind| !kind.is_empty());
    // OpenAI names the format by itself: `wav`, `mp3`.
    let format = match kind.or(media.media_type.as_deref()) {
        Some("audio/mpeg" | "audio/mp3") => "mp3",
        Some("audio/wav" | "audio/x-wav" | "audio/wave") => "wav",
        Some(other) => other.split('/').nth(1).unwrap_or(other),
        None => "wav",
    };
    json.typed("input_audio", |json| {
        json.key("input_audio").object(|json| {
            json.key("data");
            match (&media.source, in_url) {
                (MediaSource::Blob(source), _) => json.base64_string("", &source.id, source.length),
                (_, in_url) => json.string(in_url.unwrap_or_default().1),
            }
            json.key("format").string(format);
        });
        own::write_fields(json, media.provider_data.as_ref(), PROTOCOL, target);
    });
    Ok(())
}

fn file(
    json: &mut JsonWriter,
    path: &str,
    media: &MediaPart,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    // A file that was uploaded has the name it was given then.
    let says: &[&str] = if matches!(media.source, MediaSource::ProviderFile(_)) { &[] } else { &["name"] };
    note_media(path, media, says, target, losses);
    if matches!(&media.source, MediaSource::Url(source) if !is_data_url(&source.url)) {
        return Err(cannot(PROTOCOL, path, "takes files as bytes or by file id, not by URL"));
    }
    json.typed("file", |json| {
        json.key("file").object(|json| {
            if let (Some(name), false) = (&media.name, says.is_empty()) {
                json.key("filename").string(name);
            }
            match &media.source {
                MediaSource::ProviderFile(source) => json.key("file_id").string(&source.id),
                MediaSource::Blob(source) => {
                    json.key("file_data").base64_string(&data_url(media), &source.id, source.length);
                }
                MediaSource::Url(source) => json.key("file_data").string(&source.url),
            }
        });
        own::write_fields(json, media.provider_data.as_ref(), PROTOCOL, target);
    });
    Ok(())
}
