//! Our messages as `system` and turns: who speaks twice in a row speaks once, results of tools are the user's.

use super::PROTOCOL;
use super::encode::{note_cache, write_cache};
use crate::json::read::{Object, Value};
use crate::json::write::JsonWriter;
use crate::protocol::Target;
use crate::protocol::body::{Losses, bytes_in_url, cannot, is_data_url};
use crate::protocol::own;
use crate::types::{
    CitationPart, DocumentPart, Error, MediaPart, MediaSource, Message, Part, Role, TextPart, ToolCallPart,
    ToolResultContent, ToolResultPart,
};

/// A conversation in this format's order.
pub(super) struct Conversation<'a> {
    pub(super) system: Vec<Block<'a>>,
    turns: Vec<Turn<'a>>,
}

/// Results stand first in their turn, whatever else the user says in it (Messages API, "tool_result").
struct Turn<'a> {
    role: &'static str,
    results: Vec<Block<'a>>,
    rest: Vec<Block<'a>>,
}

impl<'a> Turn<'a> {
    /// Adds what a message says; whether a result had to pass something else.
    fn say(&mut self, blocks: Vec<Block<'a>>) -> bool {
        let mut moved = false;
        for block in blocks {
            if matches!(block, Block::ToolResult(_)) {
                moved |= !self.rest.is_empty();
                self.results.push(block);
            } else {
                self.rest.push(block);
            }
        }
        moved
    }
}

/// A block that can be written.
pub(super) enum Block<'a> {
    /// Words, with the sources they lean on.
    Text(&'a TextPart, Vec<&'a CitationPart>),
    Refusal(&'a str),
    Image(&'a MediaPart),
    File(&'a MediaPart),
    Document(&'a DocumentPart),
    ToolUse(&'a ToolCallPart),
    ToolResult(&'a ToolResultPart),
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
    let mut conversation = Conversation { system: Vec::new(), turns: Vec::new() };
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        if message.name.is_some() {
            losses.dropped(format!("{path}.name"), format!("{PROTOCOL} has no names of speakers"));
        }
        let role = match message.role {
            Role::System | Role::Developer => {
                if message.role == Role::Developer {
                    losses.no_developer(&path, PROTOCOL);
                }
                if !conversation.turns.is_empty() {
                    losses.renamed(
                        &path,
                        format!("{PROTOCOL} says instructions once, at the start: moved there"),
                    );
                }
                "system"
            }
            Role::Assistant => "assistant",
            Role::User | Role::Tool => "user",
        };
        let blocks = blocks(&path, role, &message.content, target, losses)?;
        if role == "system" {
            conversation.system.extend(blocks);
            continue;
        }
        let turns = &mut conversation.turns;
        if !blocks.is_empty() && turns.last().is_none_or(|turn| turn.role != role) {
            turns.push(Turn { role, results: Vec::new(), rest: Vec::new() });
        }
        if turns.last_mut().is_some_and(|turn| turn.say(blocks)) {
            losses.results_first(&path, PROTOCOL);
        }
    }
    Ok(conversation)
}

fn blocks<'a>(
    path: &str,
    role: &str,
    content: &'a [Part],
    target: &Target,
    losses: &mut Losses,
) -> Result<Vec<Block<'a>>, Error> {
    let mut blocks: Vec<Block<'a>> = Vec::with_capacity(content.len());
    // Citations behind a text that is left out must not go to the text before it.
    let mut after_empty = false;
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
            // Empty text blocks are refused, and say nothing.
            Part::Text(text) if text.text.is_empty() => {
                after_empty = true;
                if text.cache.is_some() || text.provider_data.is_some() {
                    losses.dropped(path, format!("{PROTOCOL} takes no empty text, nor what goes with it"));
                }
            }
            Part::Text(text) => {
                losses.foreign_fields(&path, text.provider_data.as_ref(), PROTOCOL, target);
                note_cache(&path, text.cache.as_ref(), losses);
                after_empty = false;
                blocks.push(Block::Text(text, Vec::new()));
            }
            Part::Citation(citation) => match blocks.last_mut() {
                Some(Block::Text(_, citations)) if is_ours(citation) && !after_empty => {
                    citations.push(citation)
                }
                _ => losses.dropped(path, format!("{PROTOCOL} takes back only the citations it wrote")),
            },
            Part::Refusal(refusal) if role == "assistant" && !refusal.text.is_empty() => {
                losses.renamed(path, format!("{PROTOCOL} has no refusals; sent as text"));
                blocks.push(Block::Refusal(&refusal.text));
            }
            Part::Refusal(_) => only("assistant")?,
            Part::Image(media) => {
                only("user")?;
                note_image(&path, media, target, losses)?;
                blocks.push(Block::Image(media));
            }
            Part::File(media) => {
                only("user")?;
                note_media(&path, media, target, losses)?;
                refuse_text(&path, media)?;
                blocks.push(Block::File(media));
            }
            Part::Document(document) => {
                only("user")?;
                note_document(&path, document, losses);
                blocks.push(Block::Document(document));
            }
            Part::ToolCall(call) => {
                only("assistant")?;
                losses.foreign_fields(&path, call.provider_data.as_ref(), PROTOCOL, target);
                if !call.arguments.trim().is_empty()
                    && Value::parse(call.arguments.trim()).ok().and_then(Value::as_object).is_none()
                {
                    return Err(cannot(
                        PROTOCOL,
                        &format!("{path}.arguments"),
                        "takes arguments that are one whole JSON object; these are not (a cut answer?)",
                    ));
                }
                blocks.push(Block::ToolUse(call));
            }
            Part::ToolResult(result) => {
                only("user")?;
                note_result(&path, result, target, losses)?;
                blocks.push(Block::ToolResult(result));
            }
            Part::Reasoning(reasoning) => {
                only("assistant")?;
                match reasoning.provider_data.as_ref().filter(|data| own::returns(data, PROTOCOL, target)) {
                    // A redacted block is kept whole.
                    Some(data) if own::fields(data).get("type").is_some() => {
                        if !reasoning.text.is_empty() {
                            losses.dropped(
                                format!("{path}.text"),
                                format!("{PROTOCOL} takes no words beside a redacted block"),
                            );
                        }
                        blocks.push(Block::Raw(&data.data));
                    }
                    Some(data) => blocks.push(Block::Thinking(&reasoning.text, own::fields(data))),
                    None => losses.dropped(
                        path,
                        format!("{} takes back only the thinking that it signed", target.provider),
                    ),
                }
            }
            Part::Opaque(opaque) if own::returns(&opaque.provider_data, PROTOCOL, target) => {
                blocks.push(Block::Raw(&opaque.provider_data.data));
            }
            Part::Opaque(opaque) => losses.foreign_part(path, opaque),
            Part::Audio(_) | Part::Video(_) => {
                return Err(cannot(PROTOCOL, &path, "has no field for sound or film"));
            }
        }
    }
    Ok(blocks)
}

/// Every citation of this format has a type; OpenAI's annotations have `url_citation`.
fn is_ours(citation: &CitationPart) -> bool {
    let data = Value::parse(&citation.data).map(Value::object).unwrap_or_default();
    data.string("type").is_some_and(|kind| kind.ends_with("_location"))
}

/// A document has a title and no id, which is better than no title.
fn note_document(path: &str, document: &DocumentPart, losses: &mut Losses) {
    note_cache(path, document.cache.as_ref(), losses);
    if document.title.is_some() {
        losses.document_id(path, PROTOCOL, document);
    } else if document.id.is_some() {
        losses
            .renamed(format!("{path}.id"), format!("{PROTOCOL} has no ids of documents; sent as its title"));
    }
}

fn note_media(path: &str, media: &MediaPart, target: &Target, losses: &mut Losses) -> Result<(), Error> {
    losses.foreign_fields(path, media.provider_data.as_ref(), PROTOCOL, target);
    note_cache(path, media.cache.as_ref(), losses);
    if media.detail.is_some() {
        losses.dropped(format!("{path}.detail"), format!("{PROTOCOL} looks at all there is"));
    }
    match &media.source {
        MediaSource::Url(source) if is_data_url(&source.url) && bytes_in_url(&source.url).is_none() => {
            Err(cannot(PROTOCOL, path, "takes `data:` URLs in base64 only, and text as a `document` part"))
        }
        _ => Ok(()),
    }
}

fn note_image(path: &str, media: &MediaPart, target: &Target, losses: &mut Losses) -> Result<(), Error> {
    note_media(path, media, target, losses)?;
    if media.name.is_some() {
        losses.dropped(format!("{path}.name"), format!("{PROTOCOL} has no names of pictures"));
    }
    Ok(())
}

/// What is in our hands of a file is sent in base64, and text must not be.
fn refuse_text(path: &str, media: &MediaPart) -> Result<(), Error> {
    if inline_type(media).is_some_and(|kind| kind.starts_with("text/")) {
        return Err(cannot(PROTOCOL, path, "takes no text as bytes; send a `document` part"));
    }
    Ok(())
}

/// The media type of bytes that are sent along.
fn inline_type(media: &MediaPart) -> Option<&str> {
    let in_url = match &media.source {
        MediaSource::Url(source) => bytes_in_url(&source.url)?.0,
        MediaSource::Blob(_) => "",
        MediaSource::ProviderFile(_) => return None,
    };
    Some(in_url).filter(|kind| !kind.is_empty()).or(media.media_type.as_deref())
}

fn note_result(
    path: &str,
    result: &ToolResultPart,
    target: &Target,
    losses: &mut Losses,
) -> Result<(), Error> {
    note_cache(path, result.cache.as_ref(), losses);
    for (at, content) in result.content.iter().enumerate() {
        let path = format!("{path}.content[{at}]");
        match content {
            ToolResultContent::Text(_) => {}
            ToolResultContent::Json(_) => losses.data_as_text(&path, PROTOCOL),
            ToolResultContent::Image(media) => note_image(&path, media, target, losses)?,
        }
    }
    Ok(())
}

impl Conversation<'_> {
    /// One plain text as a string, anything else as blocks.
    pub(super) fn write_system(&self, json: &mut JsonWriter, target: &Target) {
        match self.system.as_slice() {
            [Block::Text(TextPart { text, cache: None, provider_data: None }, citations)]
                if citations.is_empty() =>
            {
                json.string(text);
            }
            blocks => json.list(|json| blocks.iter().for_each(|block| block.write(json, target))),
        }
    }

    pub(super) fn write_turns(&self, json: &mut JsonWriter, target: &Target) {
        json.list(|json| {
            for turn in &self.turns {
                json.object(|json| {
                    json.key("role").string(turn.role);
                    let blocks = turn.results.iter().chain(&turn.rest);
                    json.key("content").list(|json| blocks.for_each(|block| block.write(json, target)));
                });
            }
        });
    }
}

impl Block<'_> {
    fn write(&self, json: &mut JsonWriter, target: &Target) {
        match self {
            Self::Raw(block) => json.raw(block),
            Self::Text(text, citations) => json.typed("text", |json| {
                json.key("text").string(&text.text);
                if !citations.is_empty() {
                    json.key("citations")
                        .list(|json| citations.iter().for_each(|citation| json.raw(&citation.data)));
                }
                write_cache(json, text.cache.as_ref());
                own::write_fields(json, text.provider_data.as_ref(), PROTOCOL, target);
            }),
            Self::Refusal(text) => json.typed("text", |json| json.key("text").string(text)),
            Self::Image(media) => write_media(json, "image", media, target),
            Self::File(media) => write_media(json, "document", media, target),
            Self::Document(document) => json.typed("document", |json| {
                json.key("source").object(|json| {
                    json.key("type").string("text");
                    json.key("media_type").string("text/plain");
                    json.key("data").string(&document.text);
                });
                if let Some(title) = document.title.as_ref().or(document.id.as_ref()) {
                    json.key("title").string(title);
                }
                json.key("citations").object(|json| json.key("enabled").boolean(true));
                write_cache(json, document.cache.as_ref());
            }),
            Self::ToolUse(call) => json.typed("tool_use", |json| {
                json.key("id").string(&call.id);
                json.key("name").string(&call.name);
                let arguments = call.arguments.trim();
                json.key("input").raw(if arguments.is_empty() { "{}" } else { arguments });
                own::write_fields(json, call.provider_data.as_ref(), PROTOCOL, target);
            }),
            Self::ToolResult(result) => write_tool_result(json, result, target),
            Self::Thinking(text, data) => json.typed("thinking", |json| {
                json.key("thinking").string(text);
                data.iter().for_each(|(name, value)| json.key(name).raw(value.raw()));
            }),
        }
    }
}

fn write_tool_result(json: &mut JsonWriter, result: &ToolResultPart, target: &Target) {
    json.typed("tool_result", |json| {
        json.key("tool_use_id").string(&result.tool_call_id);
        json.key("content");
        match result.content.as_slice() {
            [ToolResultContent::Text(only)] => json.string(&only.text),
            several => json.list(|json| {
                for content in several {
                    match content {
                        ToolResultContent::Text(content) => {
                            json.typed("text", |json| json.key("text").string(&content.text));
                        }
                        ToolResultContent::Json(content) => {
                            json.typed("text", |json| json.key("text").string(&content.value));
                        }
                        ToolResultContent::Image(media) => write_media(json, "image", media, target),
                    }
                }
            }),
        }
        if let Some(is_error) = result.is_error {
            json.key("is_error").boolean(is_error);
        }
        write_cache(json, result.cache.as_ref());
    });
}

fn write_media(json: &mut JsonWriter, kind: &str, media: &MediaPart, target: &Target) {
    json.typed(kind, |json| {
        let inline = |json: &mut JsonWriter| {
            let default = if kind == "image" { "image/png" } else { "application/pdf" };
            json.key("type").string("base64");
            json.key("media_type").string(inline_type(media).unwrap_or(default));
            json.key("data");
        };
        json.key("source").object(|json| match &media.source {
            MediaSource::Url(source) => {
                if let Some((_, bytes)) = bytes_in_url(&source.url) {
                    inline(json);
                    json.string(bytes);
                } else {
                    json.key("type").string("url");
                    json.key("url").string(&source.url);
                }
            }
            MediaSource::ProviderFile(source) => {
                json.key("type").string("file");
                json.key("file_id").string(&source.id);
            }
            MediaSource::Blob(source) => {
                inline(json);
                json.base64_string("", &source.id, source.length);
            }
        });
        if let (Some(name), "document") = (&media.name, kind) {
            json.key("title").string(name);
        }
        write_cache(json, media.cache.as_ref());
        own::write_fields(json, media.provider_data.as_ref(), PROTOCOL, target);
    });
}
