//! Deciding what is said: a story, a refusal, JSON, or tool calls, and where it ends.
//!
//! The same for every wire format: a format reads an `Ask`, and writes the `Choice` that comes out of here.

use serde_json::{Value, json};

use crate::ask::{Ask, Message, Output, Tool, ToolChoice};
use crate::hash::hash;
use crate::{schema, story};

/// One answer, as pieces in the order they are streamed.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) reasoning: Vec<String>,
    /// What is said before tools are called.
    pub(crate) plan: Vec<String>,
    pub(crate) text: Vec<Passage>,
    pub(crate) refusal: Vec<String>,
    pub(crate) calls: Vec<Call>,
    pub(crate) ending: Ending,
}

/// A part of the text that is quoted from one place, or from none.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) pieces: Vec<String>,
    pub(crate) source: Option<Source>,
}

/// Where a passage is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The document at this place of the request.
    Document(usize),
    /// The message at this place, which is the result of a tool.
    Result(usize),
}

/// One tool call.
#[derive(Debug)]
pub(crate) struct Call {
    /// Unique in the answer; formats put their own prefix before it.
    pub(crate) id: String,
    pub(crate) name: String,
    /// A JSON text, in pieces.
    pub(crate) arguments: Vec<String>,
}

/// Why an answer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Stop,
    /// At this text of the client's.
    StopSequence(String),
    Length,
    ToolCalls,
    Refusal,
}

impl Choice {
    /// Tokens of the answer, and those of them that were thought only.
    pub(crate) fn tokens(&self) -> (u64, u64) {
        let calls: usize = self.calls.iter().map(|call| 1 + call.arguments.len()).sum();
        let thought = self.reasoning.len();
        let said = self.plan.len() + self.text_pieces().count() + self.refusal.len();
        ((thought + said + calls) as u64, thought as u64)
    }

    /// The text, wherever it is from.
    pub(crate) fn text_pieces(&self) -> impl Iterator<Item = &String> {
        self.text.iter().flat_map(|passage| &passage.pieces)
    }
}

impl Call {
    /// The arguments as a value; an object without fields where the text was cut and is no JSON.
    pub(crate) fn input(&self) -> Value {
        serde_json::from_str(&self.arguments.concat()).unwrap_or_else(|_| json!({}))
    }
}

/// Most of a tool result or a document that is repeated in the answer, in characters.
const MAX_QUOTE_CHARS: usize = 240;

/// Characters in a piece of streamed JSON: few enough that keys and escapes are cut apart.
const JSON_PIECE_CHARS: usize = 7;

/// Most tokens that a model's name can ask for.
const MAX_ASKED_TOKENS: usize = 1_000_000;

/// Sentences of thought when only the model's name asks for them.
const USUAL_THOUGHTS: usize = 3;

/// One answer; several to one request differ by their number. A function of the request and the seed.
pub(crate) fn choice(ask: &Ask, seed: u64, number: u64) -> Choice {
    let prompt: Vec<&[u8]> = ask.messages.iter().map(|message| message.text.as_bytes()).collect();
    // Neighbouring numbers choose neighbouring stories, so that choices differ.
    let hash = hash(seed ^ ask.seed, &prompt).wrapping_add(number);
    let mut choice = Choice {
        reasoning: reasoning(ask),
        plan: Vec::new(),
        text: Vec::new(),
        refusal: Vec::new(),
        calls: Vec::new(),
        ending: Ending::Stop,
    };
    if ask.model.contains("refuse") {
        choice.refusal = story::pieces(story::refusal(hash));
        choice.ending = Ending::Refusal;
    } else if let Some(tools) = tools_to_call(ask) {
        if ask.plans && ask.tool_choice == ToolChoice::Auto {
            choice.plan = story::pieces(&plan(&tools));
        }
        choice.calls = calls(ask, &tools, hash);
        choice.ending = Ending::ToolCalls;
    } else {
        say(&mut choice, ask, hash);
    }
    if let Some(max_tokens) = ask.max_tokens {
        cut(&mut choice, max_tokens);
    }
    choice
}

fn reasoning(ask: &Ask) -> Vec<String> {
    let by_name = if ask.model.contains("reason") { USUAL_THOUGHTS } else { 0 };
    story::pieces(&story::thoughts(ask.thoughts.unwrap_or(by_name)))
}

fn say(choice: &mut Choice, ask: &Ask, hash: u64) {
    let (mut parts, is_json) = match json_text(ask, hash) {
        Some(text) => (vec![(text, None)], true),
        None => (prose(ask, hash), false),
    };
    if let Some(stop) = until_stop(&mut parts, &ask.stop) {
        choice.ending = Ending::StopSequence(stop);
    }
    let pieces = |text: &str| if is_json { json_pieces(text) } else { story::pieces(text) };
    let passages = parts.iter().map(|(text, source)| Passage { pieces: pieces(text), source: *source });
    choice.text = passages.filter(|passage| !passage.pieces.is_empty()).collect();
    if let Some(count) = asked_tokens(&ask.model) {
        // For measurements: as many as asked, whatever the story.
        let pieces = choice.text_pieces().cloned().collect::<Vec<_>>();
        let pieces = pieces.into_iter().cycle().take(count).collect();
        choice.text = vec![Passage { pieces, source: None }];
    }
}

/// `mock-tokens-100` says 100 tokens.
fn asked_tokens(model: &str) -> Option<usize> {
    let count = model.rsplit('/').next()?.strip_prefix("mock-tokens-")?.parse().ok()?;
    (1..=MAX_ASKED_TOKENS).contains(&count).then_some(count)
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
    let text = ask.last_user().map(|message| message.text.to_lowercase()).unwrap_or_default();
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

fn plan(tools: &[&Tool]) -> String {
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    format!("{} I will ask {}.", story::SIGNATURE, names.join(" and "))
}

fn calls(ask: &Ask, tools: &[&Tool], hash: u64) -> Vec<Call> {
    let words = telling_words(ask.last_user().map_or("", |message| &message.text));
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
        let id = format!("mock{:08x}{place:02}", hash as u32);
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

fn json_text(ask: &Ask, hash: u64) -> Option<String> {
    match &ask.output {
        Output::Text => None,
        Output::Object => Some(json!({"answer": story::sentence(hash), "simulator": true}).to_string()),
        Output::Schema(schema) => {
            let words = telling_words(ask.last_user().map_or("", |message| &message.text));
            Some(schema::value(schema, &words).to_string())
        }
    }
}

/// What is said when no tool is called and no JSON is asked for, and what of it is quoted from where.
fn prose(ask: &Ask, hash: u64) -> Vec<(String, Option<Source>)> {
    let mut parts = Vec::new();
    let mut text = format!("{} ", story::SIGNATURE);
    let is_result = |message: &Message| message.role == "tool";
    let results = ask.messages.iter().rev().take_while(|message| is_result(message)).count();
    for (place, result) in ask.messages.iter().enumerate().skip(ask.messages.len() - results) {
        let name = ask.name_of_call(result).unwrap_or("tool");
        text += &format!("The {name} says: ");
        quote(&mut parts, &mut text, &result.text, Source::Result(place));
    }
    for (place, document) in ask.documents.iter().enumerate() {
        text += &format!("{} says: ", document.title.as_deref().unwrap_or("The document"));
        quote(&mut parts, &mut text, sentence_of(&document.text), Source::Document(place));
    }
    if let Some(last) = ask.last_user() {
        for (count, noun) in [(last.images, "image"), (last.attachments, "attachment")] {
            match count {
                0 => {}
                1 => text += &format!("You sent 1 {noun}. "),
                count => text += &format!("You sent {count} {noun}s. "),
            }
        }
    }
    text += if results == 0 { story::story(hash) } else { story::sentence(hash) };
    parts.push((text, None));
    parts
}

/// Ends the passage that leads to a quotation, adds the quotation, and begins the passage after it.
fn quote(parts: &mut Vec<(String, Option<Source>)>, text: &mut String, quoted: &str, source: Source) {
    parts.push((std::mem::take(text), None));
    parts.push((quoted.chars().take(MAX_QUOTE_CHARS).collect(), Some(source)));
    ". ".clone_into(text);
}

/// The first sentence of a text, without its full stop.
fn sentence_of(text: &str) -> &str {
    let end = text.find(". ").unwrap_or_else(|| text.trim_end().trim_end_matches('.').len());
    &text[..end]
}

/// Ends the text before the first of these, and says which it was.
fn until_stop(parts: &mut [(String, Option<Source>)], stop: &[String]) -> Option<String> {
    let whole: String = parts.iter().map(|(text, _)| text.as_str()).collect();
    let found = stop.iter().filter_map(|stop| Some((whole.find(stop.as_str())?, stop)));
    let (mut left, word) = found.min_by_key(|(place, _)| *place)?;
    for (text, _) in parts.iter_mut() {
        text.truncate(left);
        left -= text.len();
    }
    Some(word.clone())
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
    choice.ending = Ending::Length;
    // Fewer than the tokens there are, so it fits.
    let mut left = usize::try_from(max_tokens).unwrap_or(usize::MAX);
    let passages = choice.text.iter_mut().map(|passage| &mut passage.pieces);
    for pieces in
        [&mut choice.reasoning, &mut choice.plan].into_iter().chain(passages).chain([&mut choice.refusal])
    {
        pieces.truncate(left);
        left -= pieces.len();
    }
    choice.text.retain(|passage| !passage.pieces.is_empty());
    choice.calls.retain_mut(|call| {
        // The name costs one token.
        let Some(rest) = left.checked_sub(1) else { return false };
        call.arguments.truncate(rest);
        left = rest - call.arguments.len();
        true
    });
}
