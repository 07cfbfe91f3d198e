//! The conversation of a message request: its blocks, and the order they must stand in.

use serde_json::Value;

use super::request::{tag, wrong};
use super::signature;
use crate::ask::{Document, MadeCall, Message};
use crate::errors::Refusal;
use crate::fields::Fields;

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// One for the system, then the turns; each result of a tool is a message of its own.
    pub(super) messages: Vec<Message>,
    /// Those that may be cited.
    pub(super) documents: Vec<Document>,
    /// How many documents there were, with those that may not.
    seen_documents: usize,
}

/// One turn, as far as the order of turns is concerned.
struct Turn {
    place: String,
    role: String,
    /// The type of its first block, and whether there is one.
    first: Option<String>,
    calls: Vec<String>,
    /// The results in it: where each is, and which call it answers.
    results: Vec<(String, String)>,
    /// The text it ends with.
    ends_with: String,
}

/// The blocks a turn can be made of, as Anthropic lists them when one is none of them.
const BLOCKS: &[&str] = &[
    "document",
    "image",
    "redacted_thinking",
    "search_result",
    "text",
    "thinking",
    "tool_result",
    "tool_use",
];

/// Blocks that the provider's own tools and features leave behind; they go back as they came.
const PROVIDER_BLOCKS: &[&str] = &[
    "_tool_use",
    "_tool_result",
    "container_upload",
    "compaction",
    "fallback",
    "tool_addition",
    "tool_removal",
];

/// Reads `system` and `messages`. With `thought_must_lead`, the last turn that calls tools begins with a thought.
pub(super) fn read(fields: &Fields<'_>, thought_must_lead: bool) -> Result<Conversation, Refusal> {
    let mut conversation = Conversation::default();
    system(fields, &mut conversation)?;
    let list = fields.list("messages")?.ok_or_else(|| fields.missing("messages"))?;
    if list.is_empty() {
        return Err(wrong("messages", "at least one message is required"));
    }
    let mut turns: Vec<Turn> = Vec::with_capacity(list.len());
    for message in fields.objects("messages")? {
        let turn = turn(&message, turns.last(), &mut conversation)?;
        turns.push(turn);
    }
    check_turns(&turns)?;
    check_calls(&turns)?;
    if thought_must_lead {
        check_thought_leads(&turns)?;
    }
    Ok(conversation)
}

fn system(fields: &Fields<'_>, conversation: &mut Conversation) -> Result<(), Refusal> {
    let text = match fields.get("system") {
        None => return Ok(()),
        Some(Value::String(text)) => text.clone(),
        Some(_) => {
            let blocks = fields.objects("system")?;
            let texts: Result<Vec<&str>, Refusal> =
                blocks.iter().map(|block| block.required_string("text")).collect();
            texts?.concat()
        }
    };
    conversation.messages.push(Message { role: "system".to_owned(), text, ..Message::default() });
    Ok(())
}

fn turn(
    fields: &Fields<'_>,
    before: Option<&Turn>,
    conversation: &mut Conversation,
) -> Result<Turn, Refusal> {
    let role = fields.required_string("role")?;
    match role {
        "user" | "assistant" => {}
        // The newest models take instructions in the middle, where the user has spoken (recorded with Opus 4.8).
        "system" if before.is_some_and(|turn| turn.role == "user") => {}
        "system" => {
            return Err(Refusal::at(
                fields.at("role"),
                "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \
                 \"system\" as an input message role.",
            ));
        }
        _ => return Err(wrong(&fields.at("role"), "Input should be 'user' or 'assistant'")),
    }
    let mut turn = Turn {
        place: fields.place().to_owned(),
        role: role.to_owned(),
        first: None,
        calls: Vec::new(),
        results: Vec::new(),
        ends_with: String::new(),
    };
    let mut message = Message { role: role.to_owned(), ..Message::default() };
    match fields.get("content") {
        None => return Err(fields.missing("content")),
        Some(Value::String(text)) => {
            turn.first = (!text.is_empty()).then(|| "text".to_owned());
            turn.ends_with.clone_from(text);
            message.text.clone_from(text);
        }
        Some(_) => {
            for block in fields.objects("content")? {
                self::block(&block, &mut turn, &mut message, conversation)?;
            }
        }
    }
    // Results stand in a turn of the user; if nothing else does, it is not the user who speaks.
    let says = !message.text.is_empty() || message.images + message.attachments > 0;
    if turn.results.is_empty() || says {
        conversation.messages.push(message);
    }
    Ok(turn)
}

fn block(
    block: &Fields<'_>,
    turn: &mut Turn,
    message: &mut Message,
    conversation: &mut Conversation,
) -> Result<(), Refusal> {
    let kind = block.required_string("type")?;
    turn.first.get_or_insert_with(|| kind.to_owned());
    turn.ends_with.clear();
    let at = |field: &str| format!("{}.{kind}.{field}", block.place());
    let needs = |field: &str| block.get(field).ok_or_else(|| wrong(&at(field), "Field required"));
    match kind {
        "text" => {
            let text = needs("text")?
                .as_str()
                .ok_or_else(|| wrong(&at("text"), "Input should be a valid string"))?;
            if text.is_empty() {
                return Err(Refusal::at(at("text"), "messages: text content blocks must be non-empty"));
            }
            text.clone_into(&mut turn.ends_with);
            message.text += text;
        }
        "thinking" => {
            let thought = needs("thinking")?.as_str().unwrap_or_default();
            if needs("signature")?.as_str() != Some(&signature(thought)) {
                return Err(wrong(block.place(), "Invalid `signature` in `thinking` block"));
            }
        }
        "redacted_thinking" => {
            needs("data")?;
        }
        "tool_use" => {
            let text = |field| Ok::<_, Refusal>(needs(field)?.as_str().unwrap_or_default().to_owned());
            let call = MadeCall { id: text("id")?, name: text("name")? };
            if !needs("input")?.is_object() {
                return Err(wrong(&at("input"), "Input should be a valid dictionary"));
            }
            turn.calls.push(call.id.clone());
            message.calls.push(call);
        }
        "tool_result" => {
            let id = needs("tool_use_id")?.as_str().unwrap_or_default().to_owned();
            turn.results.push((block.place().to_owned(), id.clone()));
            let text = result_text(block, message)?;
            let role = "tool".to_owned();
            conversation.messages.push(Message { role, text, answers: Some(id), ..Message::default() });
        }
        "image" => {
            needs("source")?;
            message.images += 1;
        }
        "document" => {
            let source = needs("source")?;
            message.attachments += 1;
            cite(block, source, conversation);
        }
        "search_result" => message.attachments += 1,
        _ if PROVIDER_BLOCKS.iter().any(|end| kind.ends_with(end)) => {}
        other => return Err(tag(block.place(), other, BLOCKS)),
    }
    Ok(())
}

/// The text of a tool result; its pictures count as the user's.
fn result_text(block: &Fields<'_>, message: &mut Message) -> Result<String, Refusal> {
    match block.get("content") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => {
            let mut text = String::new();
            for part in block.objects("content")? {
                match part.required_string("type")? {
                    "text" => text += part.required_string("text")?,
                    "image" => message.images += 1,
                    _ => message.attachments += 1,
                }
            }
            Ok(text)
        }
    }
}

/// Keeps a document that may be cited and is text.
fn cite(block: &Fields<'_>, source: &Value, conversation: &mut Conversation) {
    let number = conversation.seen_documents;
    conversation.seen_documents += 1;
    let enabled =
        block.get("citations").and_then(|citations| citations.get("enabled")) == Some(&Value::Bool(true));
    let text = source.get("data").filter(|_| source.get("type").is_some_and(|kind| kind == "text"));
    if let (true, Some(text)) = (enabled, text.and_then(Value::as_str)) {
        conversation.documents.push(Document {
            id: number.to_string(),
            title: block.get("title").and_then(Value::as_str).map(str::to_owned),
            text: text.to_owned(),
            raw: Value::Null,
        });
    }
}

/// Nobody is silent, but the assistant whose words are to be continued.
fn check_turns(turns: &[Turn]) -> Result<(), Refusal> {
    for (number, turn) in turns.iter().enumerate() {
        let is_prefill = number + 1 == turns.len() && turn.role == "assistant";
        if turn.first.is_none() && !is_prefill {
            let words =
                "all messages must have non-empty content except for the optional final assistant message";
            return Err(wrong(&turn.place, words));
        }
        if is_prefill && turn.ends_with.ends_with(char::is_whitespace) {
            return Err(wrong("messages", "final assistant content cannot end with trailing whitespace"));
        }
    }
    Ok(())
}

/// Each call is answered in the next turn, and each answer is to a call of the turn before. Turns of the same
/// speaker that follow each other are one.
fn check_calls(turns: &[Turn]) -> Result<(), Refusal> {
    let mut open: (&str, Vec<&String>) = ("", Vec::new());
    for joined in turns.chunk_by(|one, next| one.role == next.role) {
        let results = || joined.iter().flat_map(|turn| &turn.results);
        if let Some((place, id)) = results().find(|(_, id)| !open.1.contains(&id)) {
            return Err(wrong(
                place,
                &format!(
                    "unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must have a \
                     corresponding `tool_use` block in the previous message."
                ),
            ));
        }
        check_answered(open.0, &open.1, |id| results().any(|(_, answered)| answered == id))?;
        let place = joined.first().map_or("", |turn| &turn.place);
        open = (place, joined.iter().flat_map(|turn| &turn.calls).collect());
    }
    check_answered(open.0, &open.1, |_| false)
}

fn check_answered(place: &str, calls: &[&String], answered: impl Fn(&String) -> bool) -> Result<(), Refusal> {
    let left: Vec<&str> = calls.iter().filter(|id| !answered(id)).map(|id| id.as_str()).collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(wrong(
        place,
        &format!(
            "`tool_use` ids were found without `tool_result` blocks immediately after: {}. Each `tool_use` block must \
             have a corresponding `tool_result` block in the next message.",
            left.join(", ")
        ),
    ))
}

fn check_thought_leads(turns: &[Turn]) -> Result<(), Refusal> {
    let Some(turn) = turns.iter().rfind(|turn| !turn.calls.is_empty()) else {
        return Ok(());
    };
    // Only while its results are still to be spoken of.
    let is_open = turns.last().is_some_and(|last| !last.results.is_empty());
    match turn.first.as_deref() {
        Some(found) if is_open && !found.ends_with("thinking") => Err(wrong(
            &format!("{}.content.0.type", turn.place),
            &format!(
                "Expected `thinking` or `redacted_thinking`, but found `{found}`. When `thinking` is enabled, a final \
                 `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and \
                 `tool_result` blocks)."
            ),
        )),
        _ => Ok(()),
    }
}
