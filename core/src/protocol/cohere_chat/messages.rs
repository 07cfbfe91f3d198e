//! Our messages as `messages`, and the material to be cited as `documents` beside them.
//!
//! A tool's result is a message of its own here, so one of our messages may become several.

use super::PROTOCOL;
use crate::json::read::{Object, Value};
use crate::json::write::JsonWriter;
use crate::protocol::Target;
use crate::protocol::body::{Losses, cannot, data_url};
use crate::protocol::own;
use crate::types::{
    CitationPart, DocumentPart, Error, MediaPart, MediaSource, Message, Part, Role, TextPart, ToolCallPart,
    ToolResultContent, ToolResultPart,
};

/// A conversation in this format's order.
#[derive(Default)]
pub(super) struct Conversation<'a> {
    messages: Vec<Turn<'a>>,
    pub(super) documents: Vec<&'a DocumentPart>,
}

enum Turn<'a> {
    Said {
        role: &'static str,
        blocks: Vec<Block<'a>>,
    },
    Assistant {
        plan: String,
        blocks: Vec<Block<'a>>,
        calls: Vec<&'a ToolCallPart>,
        citations: Vec<&'a CitationPart>,
    },
    Tool(&'a ToolResultPart),
}

/// A block of content that can be written.
enum Block<'a> {
    Text(&'a TextPart),
    Refusal(&'a str),
    Image(&'a MediaPart),
    Thinking(&'a str, Object<'a>),
    /// As it came.
    Raw(&'a str),
}

/// Reads the messages; an error names what the format cannot say.
pub(super) fn read<'a>(
    messages: &'a [Message],
    target: &Target,
    losses: &mut Losses,
) -> Result<Conversation<'a>, Error> {
    let mut conversation = Conversation::default();
    let asked = messages.iter().rposition(|message| message.role == Role::User);
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        if message.name.is_some() {
            losses.dropped(format!("{path}.name"), format!("{PROTOCOL} has no names of speakers"));
        }
        let role = match message.role {
            Role::Developer => {
                losses.no_developer(&path, PROTOCOL);
                "system"
            }
            Role::System => "system",
            Role::Assistant => "assistant",
            Role::User | Role::Tool => "user",
        };
        note_documents(&path, &message.content, Some(at) == asked, losses);
        conversation.read(&path, role, &message.content, target, losses)?;
    }
    Ok(conversation)
}

impl<'a> Conversation<'a> {
    fn read(
        &mut self,
        path: &str,
        role: &'static str,
        content: &'a [Part],
        target: &Target,
        losses: &mut Losses,
    ) -> Result<(), Error> {
        let (mut plan, mut blocks, mut calls, mut citations) =
            (String::new(), Vec::new(), Vec::new(), Vec::new());
        let mut moved = false;
        for (at, part) in content.iter().enumerate() {
            let path = format!("{path}.content[{at}]");
            let only = |who: &str| {
                if role == who {
                    Ok(())
                } else {
                    Err(cannot(PROTOCOL, &path, &format!("takes it from the {who} only")))
                }
            };
            match part {
                Part::Text(text) => {
                    losses.foreign_fields(&path, text.provider_data.as_ref(), PROTOCOL, target);
                    losses.cache(&path, PROTOCOL, text.cache.as_ref());
                    blocks.push(Block::Text(text));
                }
                Part::Refusal(refusal) => {
                    only("assistant")?;
                    losses.renamed(path, format!("{PROTOCOL} has no refusals; sent as text"));
                    blocks.push(Block::Refusal(&refusal.text));
                }
                Part::Image(media) => {
                    only("user")?;
                    note_image(&path, media, target, losses)?;
                    blocks.push(Block::Image(media));
                }
                Part::Document(document) => {
                    losses.cache(&path, PROTOCOL, document.cache.as_ref());
                    self.documents.push(document);
                }
                Part::ToolCall(call) => {
                    only("assistant")?;
                    losses.foreign_fields(&path, call.provider_data.as_ref(), PROTOCOL, target);
                    calls.push(call);
                }
                Part::ToolResult(result) => {
                    only("user")?;
                    note_result(&path, result, losses)?;
                    moved |= !blocks.is_empty();
                    self.messages.push(Turn::Tool(result));
                }
                Part::Reasoning(reasoning) => {
                    only("assistant")?;
                    let data = reasoning.provider_data.as_ref();
                    match data.filter(|data| own::returns(data, PROTOCOL, target)).map(own::fields) {
                        Some(own) if own.string("type").as_deref() == Some("tool_plan") => {
                            plan.push_str(&reasoning.text);
                        }
                        Some(own) => blocks.push(Block::Thinking(&reasoning.text, own)),
                        None => losses
                            .dropped(path, format!("{} takes back only its own thinking", target.provider)),
                    }
                }
                Part::Citation(citation) if role == "assistant" && is_ours(citation) => {
                    citations.push(citation)
                }
                Part::Citation(_) => {
                    losses.dropped(path, format!("{PROTOCOL} takes back only the citations it wrote"));
                }
                Part::Opaque(opaque) if own::returns(&opaque.provider_data, PROTOCOL, target) => {
                    blocks.push(Block::Raw(&opaque.provider_data.data));
                }
                Part::Opaque(opaque) => losses.foreign_part(path, opaque),
                Part::Audio(_) | Part::Video(_) | Part::File(_) => {
                    return Err(cannot(PROTOCOL, &path, "has no field for sound, film or files"));
                }
            }
        }
        if moved {
            losses.results_first(path, PROTOCOL);
        }
        if role == "assistant" {
            // A turn of nothing but its role is refused.
            if !(plan.is_empty() && blocks.is_empty() && calls.is_empty() && citations.is_empty()) {
                self.messages.push(Turn::Assistant { plan, blocks, calls, citations });
            }
        } else if !blocks.is_empty() {
            self.messages.push(Turn::Said { role, blocks });
        }
        Ok(())
    }

    pub(super) fn write_messages(&self, json: &mut JsonWriter, target: &Target) {
        json.list(|json| self.messages.iter().for_each(|turn| json.object(|json| turn.write(json, target))));
    }

    /// Those without an id are numbered by the provider.
    pub(super) fn write_documents(&self, json: &mut JsonWriter) {
        json.list(|json| {
            for document in &self.documents {
                json.object(|json| {
                    if let Some(id) = &document.id {
                        json.key("id").string(id);
                    }
                    json.key("data").object(|json| {
                        if let Some(title) = &document.title {
                            json.key("title").string(title);
                        }
                        json.key("text").string(&document.text);
                    });
                });
            }
        });
    }
}

/// Every citation of this format lists its sources.
fn is_ours(citation: &CitationPart) -> bool {
    let data: Object<'_> = Value::parse(&citation.data).map(Value::object).unwrap_or_default();
    data.get("sources").is_some()
}

/// All documents stand beside the messages. That means the same only for those at the head of the last question; others
/// leave the turn in which they were shown, or what was said before them.
fn note_documents(path: &str, content: &[Part], asked: bool, losses: &mut Losses) {
    let head = content.iter().take_while(|part| matches!(part, Part::Document(_) | Part::ToolResult(_)));
    let kept = if asked { head.count() } else { 0 };
    for (at, part) in content.iter().enumerate().skip(kept) {
        if matches!(part, Part::Document(_)) {
            losses.renamed(
                format!("{path}.content[{at}]"),
                format!("{PROTOCOL} has documents beside the messages only: moved there"),
            );
        }
    }
}

fn note_image(path: &str, media: &MediaPart, target: &Target, losses: &mut Losses) -> Result<(), Error> {
    losses.foreign_fields(path, media.provider_data.as_ref(), PROTOCOL, target);
    losses.cache(path, PROTOCOL, media.cache.as_ref());
    if media.name.is_some() {
        losses.dropped(format!("{path}.name"), format!("{PROTOCOL} has no names of pictures"));
    }
    match media.source {
        MediaSource::ProviderFile(_) => {
            Err(cannot(PROTOCOL, path, "takes pictures by URL or as bytes, not by file id"))
        }
        MediaSource::Url(_) | MediaSource::Blob(_) => Ok(()),
    }
}

fn note_result(path: &str, result: &ToolResultPart, losses: &mut Losses) -> Result<(), Error> {
    losses.cache(path, PROTOCOL, result.cache.as_ref());
    losses.failed_tool(path, PROTOCOL, result);
    for (at, content) in result.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        match content {
            ToolResultContent::Text(_) => {}
            ToolResultContent::Json(content) if as_document(&content.value) => {}
            ToolResultContent::Json(_) => losses.renamed(
                path,
                format!("{PROTOCOL} takes texts and objects from tools; this JSON is sent as text"),
            ),
            ToolResultContent::Image(_) => {
                return Err(cannot(
                    PROTOCOL,
                    &path,
                    "takes no pictures from tools; show it in a user message",
                ));
            }
        }
    }
    Ok(())
}

/// An object can be cited by its fields.
fn as_document(json: &str) -> bool {
    Value::parse(json).ok().and_then(Value::as_object).is_some()
}

impl Turn<'_> {
    fn write(&self, json: &mut JsonWriter, target: &Target) {
        match self {
            Self::Said { role, blocks } => {
                json.key("role").string(role);
                write_blocks(json.key("content"), blocks, target);
            }
            Self::Assistant { plan, blocks, calls, citations } => {
                json.key("role").string("assistant");
                if !plan.is_empty() {
                    json.key("tool_plan").string(plan);
                }
                if !blocks.is_empty() {
                    write_blocks(json.key("content"), blocks, target);
                }
                if !calls.is_empty() {
                    json.key("tool_calls")
                        .list(|json| calls.iter().for_each(|call| write_call(json, call, target)));
                }
                if !citations.is_empty() {
                    json.key("citations")
                        .list(|json| citations.iter().for_each(|citation| json.raw(&citation.data)));
                }
            }
            Self::Tool(result) => write_result(json, result),
        }
    }
}

/// One plain text as a string, anything else as blocks.
fn write_blocks(json: &mut JsonWriter, blocks: &[Block<'_>], target: &Target) {
    if let [Block::Text(TextPart { text, provider_data: None, .. })] = blocks {
        return json.string(text);
    }
    json.list(|json| {
        for block in blocks {
            match block {
                Block::Raw(block) => json.raw(block),
                Block::Text(text) => json.typed("text", |json| {
                    json.key("text").string(&text.text);
                    own::write_fields(json, text.provider_data.as_ref(), PROTOCOL, target);
                }),
                Block::Refusal(text) => json.typed("text", |json| json.key("text").string(text)),
                Block::Thinking(text, own) => json.typed("thinking", |json| {
                    json.key("thinking").string(text);
                    let fields = own.iter().filter(|(name, _)| *name != "type");
                    fields.for_each(|(name, value)| json.key(name).raw(value.raw()));
                }),
                Block::Image(media) => write_image(json, media, target),
            }
        }
    });
}

fn write_image(json: &mut JsonWriter, media: &MediaPart, target: &Target) {
    json.typed("image_url", |json| {
        json.key("image_url").object(|json| {
            json.key("url");
            match &media.source {
                MediaSource::Url(source) => json.string(&source.url),
                MediaSource::Blob(source) => {
                    json.base64_string(&data_url(media), &source.id, source.length);
                }
                // Refused when it was read.
                MediaSource::ProviderFile(source) => json.string(&source.id),
            }
            if let Some(detail) = &media.detail {
                json.key("detail").string(detail);
            }
        });
        own::write_fields(json, media.provider_data.as_ref(), PROTOCOL, target);
    });
}

fn write_call(json: &mut JsonWriter, call: &ToolCallPart, target: &Target) {
    json.typed("function", |json| {
        json.key("id").string(&call.id);
        json.key("function").object(|json| {
            json.key("name").string(&call.name);
            // As the model wrote them, also when they are no JSON: the provider wrote them so.
            json.key("arguments").string(&call.arguments);
        });
        own::write_fields(json, call.provider_data.as_ref(), PROTOCOL, target);
    });
}

fn write_result(json: &mut JsonWriter, result: &ToolResultPart) {
    json.key("role").string("tool");
    json.key("tool_call_id").string(&result.tool_call_id);
    json.key("content");
    match result.content.as_slice() {
        [] => json.string(""),
        [ToolResultContent::Text(only)] => json.string(&only.text),
        several => json.list(|json| {
            for content in several {
                match content {
                    ToolResultContent::Text(content) => {
                        json.typed("text", |json| json.key("text").string(&content.text));
                    }
                    ToolResultContent::Json(content) if as_document(&content.value) => {
                        json.typed("document", |json| {
                            json.key("document").object(|json| json.key("data").raw(&content.value));
                        });
                    }
                    ToolResultContent::Json(content) => {
                        json.typed("text", |json| json.key("text").string(&content.value));
                    }
                    // Refused when it was read.
                    ToolResultContent::Image(_) => {}
                }
            }
        }),
    }
}
