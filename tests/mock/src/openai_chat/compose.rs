//! Deciding what is said: a story, a refusal, JSON, or tool calls, and where it ends.

use serde_json::{Value, json};

use super::request::{Ask, Format, Message, Tool, ToolChoice};
use crate::hash::hash;
use crate::{schema, story};

/// One choice, as pieces in the order they are streamed.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) reasoning: Vec<String>,
    pub(crate) text: Vec<String>,
    pub(crate) refusal: Vec<String>,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish_reason: &'static str,
}

/// One tool call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    /// A JSON text, in pieces.
    pub(crate) arguments: Vec<String>,
}

impl Choice {
    /// Tokens of the answer, and those of them that were thought only.
    pub(crate) fn tokens(&self) -> (u64, u64) {
        let calls: usize = self.calls.iter().map(|call| 1 + call.arguments.len()).sum();
        let thought = self.reasoning.len();
        ((thought + self.text.len() + self.refusal.len() + calls) as u64, thought as u64)
    }
}

/// Most of a tool result that is repeated in the answer to it, in characters.
const MAX_RESULT_CHARS: usize = 240;

/// Characters in a piece of streamed JSON: few enough that keys and escapes are cut apart.
const JSON_PIECE_CHARS: usize = 7;

/// Most tokens that a model's name can ask for.
const MAX_ASKED_TOKENS: usize = 1_000_000;

/// The choices of an answer. A function of the request and the seed.
pub(crate) fn choices(ask: &Ask, seed: u64) -> Vec<Choice> {
    let prompt: Vec<&[u8]> = ask.messages.iter().map(|message| message.text.as_bytes()).collect();
    let base = hash(seed ^ ask.seed, &prompt);
    // Neighbouring numbers choose neighbouring stories, so that choices differ.
    (0..ask.choices as u64).map(|number| choice(ask, base.wrapping_add(number))).collect()
}

fn choice(ask: &Ask, hash: u64) -> Choice {
    let mut choice = Choice { finish_reason: "stop", ..Choice::default() };
    if ask.reasoning_effort.is_some() || ask.model.contains("reason") {
        let sentences = match ask.reasoning_effort.as_deref() {
            Some("minimal" | "low") => 1,
            Some("high" | "xhigh") => 5,
            _ => 3,
        };
        choice.reasoning = story::pieces(&story::thoughts(sentences));
    }
    if ask.model.contains("refuse") {
        choice.refusal = story::pieces(story::refusal(hash));
    } else if let Some(tools) = tools_to_call(ask) {
        choice.calls = calls(ask, &tools, hash);
        // OpenAI ends a call that was forced by name with `stop`.
        choice.finish_reason =
            if matches!(ask.tool_choice, ToolChoice::Named(_)) { "stop" } else { "tool_calls" };
    } else {
        let (text, is_json) = text(ask, hash);
        let text = until_stop(&text, &ask.stop);
        choice.text = if is_json { json_pieces(text) } else { story::pieces(text) };
        if let Some(count) = asked_tokens(&ask.model) {
            // For measurements: as many as asked, whatever the story.
            choice.text = choice.text.iter().cycle().take(count).cloned().collect();
        }
    }
    if let Some(max_tokens) = ask.max_tokens {
        cut(&mut choice, max_tokens);
    }
    choice
}

/// `mock-tokens-100` says 100 tokens.
fn asked_tokens(model: &str) -> Option<usize> {
    let count = model.rsplit('/').next()?.strip_prefix("mock-tokens-")?.parse().ok()?;
    (1..=MAX_ASKED_TOKENS).contains(&count).then_some(count)
}

fn last_user(ask: &Ask) -> Option<&Message> {
    ask.messages.iter().rev().find(|message| message.role == "user")
}

/// The tools to call now, if any.
fn tools_to_call(ask: &Ask) -> Option<Vec<&Tool>> {
    let first = ask.tools.first()?;
    match &ask.tool_choice {
        ToolChoice::None => return None,
        ToolChoice::Named(name) => {
            return ask.tools.iter().find(|tool| tool.name == *name).map(|tool| vec![tool]);
        }
        // Someone has to begin: with a result in hand, `auto` speaks.
        ToolChoice::Auto if ask.messages.last().is_none_or(|message| message.role != "user") => return None,
        ToolChoice::Auto | ToolChoice::Required => {}
    }
    let text = last_user(ask).map(|message| message.text.to_lowercase()).unwrap_or_default();
    let mut named: Vec<(usize, &Tool)> =
        ask.tools.iter().filter_map(|tool| Some((place_of(tool, &text)?, tool))).collect();
    named.sort_by_key(|(place, _)| *place);
    let hinted = ask.tools.iter().find(|tool| {
        tool.name.split(['_', '-', '.']).any(|word| word.len() >= 4 && text.contains(&word.to_lowercase()))
    });
    let one = named.first().map(|(_, tool)| *tool).or(hinted).unwrap_or(first);
    let both = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "both");
    Some(match named.as_slice() {
        _ if !ask.parallel_tool_calls => vec![one],
        [(_, one), (_, two), ..] => vec![one, two],
        _ if both && ask.tools.len() > 1 && hinted.is_none() => ask.tools.iter().take(2).collect(),
        _ if both => vec![one, one],
        _ => vec![one],
    })
}

/// Where a text (in lower case) names this tool.
fn place_of(tool: &Tool, text: &str) -> Option<usize> {
    let name = tool.name.to_lowercase();
    text.find(&name).or_else(|| text.find(&name.replace(['_', '-'], " ")))
}

fn calls(ask: &Ask, tools: &[&Tool], hash: u64) -> Vec<Call> {
    let words = telling_words(last_user(ask).map_or("", |message| &message.text));
    let one = |(place, tool): (usize, &&Tool)| {
        // The second call speaks of the second word.
        let mut words = words.clone();
        let turn = place.min(words.len());
        words.rotate_left(turn);
        let arguments = match schema::value(&tool.parameters, &words) {
            Value::Object(map) => Value::Object(map),
            // No schema, or one that is not about an object: arguments are an object all the same.
            _ => json!({}),
        };
        let id = format!("call_mock{:08x}{place:02}", hash as u32);
        Call { id, name: tool.name.clone(), arguments: json_pieces(&arguments.to_string()) }
    };
    tools.iter().enumerate().map(one).collect()
}

/// The words a reader would pick from a question: names first, else the longest word.
fn telling_words(text: &str) -> Vec<String> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_name =
        |word: &&&str| word.chars().count() > 1 && word.chars().next().is_some_and(char::is_uppercase);
    // The first word is in capitals whatever it is.
    let mut names: Vec<String> =
        words.iter().skip(1).filter(is_name).map(|word| (*word).to_owned()).collect();
    names.dedup();
    if names.is_empty() {
        names.extend(words.iter().max_by_key(|word| word.len()).map(|word| (*word).to_owned()));
    }
    names.truncate(16);
    names
}

/// What is said when no tool is called, and whether it is JSON.
fn text(ask: &Ask, hash: u64) -> (String, bool) {
    match &ask.format {
        Format::Object => {
            return (json!({"answer": story::sentence(hash), "simulator": true}).to_string(), true);
        }
        Format::Schema(schema) => {
            let words = telling_words(last_user(ask).map_or("", |message| &message.text));
            return (schema::value(schema, &words).to_string(), true);
        }
        Format::Text => {}
    }
    let mut text = format!("{} ", story::SIGNATURE);
    let results: Vec<&Message> =
        ask.messages.iter().rev().take_while(|message| message.role == "tool").collect();
    for result in results.iter().rev() {
        let name = name_of_call(ask, result).unwrap_or("tool");
        let said: String = result.text.chars().take(MAX_RESULT_CHARS).collect();
        text += &format!("The {name} says: {said}. ");
    }
    if let Some(last) = last_user(ask) {
        for (count, noun) in [(last.images, "image"), (last.attachments, "attachment")] {
            match count {
                0 => {}
                1 => text += &format!("You sent 1 {noun}. "),
                count => text += &format!("You sent {count} {noun}s. "),
            }
        }
    }
    text += if results.is_empty() { story::story(hash) } else { story::sentence(hash) };
    (text, false)
}

fn name_of_call<'a>(ask: &'a Ask, result: &Message) -> Option<&'a str> {
    let id = result.answers.as_ref()?;
    let mut calls = ask.messages.iter().rev().flat_map(|message| &message.calls);
    calls.find(|(known, _)| known == id).map(|(_, name)| name.as_str())
}

fn until_stop<'a>(text: &'a str, stop: &[String]) -> &'a str {
    let end = stop.iter().filter_map(|stop| text.find(stop.as_str())).min();
    end.map_or(text, |end| &text[..end])
}

fn json_pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(JSON_PIECE_CHARS).map(|piece| piece.iter().collect()).collect()
}

/// Ends the choice after so many tokens, thoughts included, as `max_completion_tokens` does.
fn cut(choice: &mut Choice, max_tokens: u64) {
    if choice.tokens().0 <= max_tokens {
        return;
    }
    choice.finish_reason = "length";
    // Fewer than the tokens there are, so it fits.
    let mut left = usize::try_from(max_tokens).unwrap_or(usize::MAX);
    for pieces in [&mut choice.reasoning, &mut choice.text, &mut choice.refusal] {
        pieces.truncate(left);
        left -= pieces.len();
    }
    choice.calls.retain_mut(|call| {
        // The name costs one token.
        let Some(rest) = left.checked_sub(1) else { return false };
        call.arguments.truncate(rest);
        left = rest - call.arguments.len();
        true
    });
}
