//! Writing an answer down as OpenAI does: one completion, or chunks.
//!
//! Structs rather than `json!`, so that fields come in OpenAI's order whatever the map type.

use serde::Serialize;

use super::CREATED_S;
use super::request::Request;
use crate::ask::ToolChoice;
use crate::compose::{Call, Choice, Ending};
use crate::hash::{hash, mix};
use crate::reply::{Event, Part};
use crate::tokens::{self, Tokens};

/// Everything that is the same in each chunk of an answer, and the choices.
pub(crate) struct Answer<'a> {
    id: String,
    request: &'a Request,
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Serialize)]
struct Completion<'a, C> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<C>,
    /// Absent, `null`, or told: the three states it has on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
    service_tier: &'static str,
    system_fingerprint: &'static str,
}

#[derive(Serialize)]
struct PlainChoice {
    index: usize,
    message: Message,
    logprobs: Option<Logprobs>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    refusal: Option<String>,
    annotations: [(); 0],
}

#[derive(Serialize)]
struct ChunkChoice {
    index: usize,
    delta: Delta,
    logprobs: Option<Logprobs>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Option<String>>,
}

#[derive(Default, Serialize)]
struct ToolCall {
    /// In chunks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    function: Function,
}

#[derive(Default, Serialize)]
struct Function {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    arguments: String,
}

#[derive(Serialize)]
struct Logprobs {
    content: Option<Vec<TokenLogprob>>,
    refusal: Option<Vec<TokenLogprob>>,
}

#[derive(Serialize)]
struct TokenLogprob {
    #[serde(flatten)]
    chosen: TopLogprob,
    top_logprobs: Vec<TopLogprob>,
}

#[derive(Clone, Serialize)]
struct TopLogprob {
    token: String,
    logprob: f64,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Clone, Copy, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Clone, Copy, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(number: u64, request: &'a Request, choices: Vec<Choice>, with_usage: bool) -> Self {
        let usage = with_usage.then(|| Usage::from(tokens::count(&request.ask, &choices)));
        Self { id: format!("chatcmpl-mock-{number}"), request, choices, usage }
    }

    fn completion<C>(
        &self,
        object: &'static str,
        choices: Vec<C>,
        usage: Option<Option<Usage>>,
    ) -> Completion<'_, C> {
        let (id, model) = (&self.id, &self.request.ask.model);
        let (service_tier, system_fingerprint) = ("default", "simulator");
        Completion { id, object, created: CREATED_S, model, choices, usage, service_tier, system_fingerprint }
    }

    /// The whole answer as one JSON text.
    pub(crate) fn plain(&self) -> Vec<u8> {
        let choices =
            self.choices.iter().enumerate().map(|(index, choice)| self.plain_choice(index, choice)).collect();
        let completion = self.completion("chat.completion", choices, self.usage.map(Some));
        // Strings and numbers under fixed names: it cannot fail.
        serde_json::to_vec(&completion).unwrap_or_default()
    }

    fn plain_choice(&self, index: usize, choice: &Choice) -> PlainChoice {
        let text = |pieces: &[String]| (!pieces.is_empty()).then(|| pieces.concat());
        let tool_call = |call: &Call| ToolCall {
            index: None,
            id: Some(id_of(call)),
            kind: Some("function"),
            function: Function { name: Some(call.name.clone()), arguments: call.arguments.concat() },
        };
        let refusal = text(&choice.refusal);
        let speaks = refusal.is_none() && choice.calls.is_empty();
        PlainChoice {
            index,
            message: Message {
                role: "assistant",
                content: speaks.then(|| choice.text_pieces().map(String::as_str).collect()),
                reasoning_content: text(&choice.reasoning),
                tool_calls: choice.calls.iter().map(tool_call).collect(),
                refusal,
                annotations: [],
            },
            logprobs: self.logprobs(choice.text_pieces(), &choice.refusal),
            finish_reason: self.finish_reason(choice),
        }
    }

    /// The answer as the events of a stream; several choices take turns.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut turns: Vec<_> = self.choices.iter().map(|choice| self.deltas(choice).into_iter()).collect();
        let usage_on_chunks = (self.request.include_usage && self.usage.is_some()).then_some(None);
        let mut events = Vec::new();
        let mut waiting = true;
        while waiting {
            waiting = false;
            for (index, turn) in turns.iter_mut().enumerate() {
                if let Some((delta, logprobs)) = turn.next() {
                    waiting = true;
                    let choice = ChunkChoice { index, delta, logprobs, finish_reason: None };
                    events.push(self.event(vec![choice], usage_on_chunks, Part::Delta));
                }
            }
        }
        for (index, choice) in self.choices.iter().enumerate() {
            let finish_reason = Some(self.finish_reason(choice));
            let choice = ChunkChoice { index, delta: Delta::default(), logprobs: None, finish_reason };
            events.push(self.event(vec![choice], usage_on_chunks, Part::Closing));
        }
        if self.request.include_usage && self.usage.is_some() {
            events.push(self.event(Vec::new(), Some(self.usage), Part::Closing));
        }
        events.push(Event { name: None, data: "[DONE]".to_owned(), part: Part::Done });
        events
    }

    fn event(&self, choices: Vec<ChunkChoice>, usage: Option<Option<Usage>>, part: Part) -> Event {
        let chunk = self.completion("chat.completion.chunk", choices, usage);
        Event { name: None, data: serde_json::to_string(&chunk).unwrap_or_default(), part }
    }

    fn deltas(&self, choice: &Choice) -> Vec<(Delta, Option<Logprobs>)> {
        let mut deltas = Vec::new();
        let opening = if choice.calls.is_empty() { Some(String::new()) } else { None };
        let role = Some("assistant");
        deltas.push((Delta { role, content: Some(opening), refusal: Some(None), ..Delta::default() }, None));
        for piece in &choice.reasoning {
            deltas.push((Delta { reasoning_content: Some(piece.clone()), ..Delta::default() }, None));
        }
        for piece in choice.text_pieces() {
            let logprobs = self.logprobs([piece], []);
            deltas.push((Delta { content: Some(Some(piece.clone())), ..Delta::default() }, logprobs));
        }
        for piece in &choice.refusal {
            let logprobs = self.logprobs([], [piece]);
            deltas.push((Delta { refusal: Some(Some(piece.clone())), ..Delta::default() }, logprobs));
        }
        for (index, call) in choice.calls.iter().enumerate() {
            let delta = |id, kind, name, arguments| {
                let function = Function { name, arguments };
                let call = ToolCall { index: Some(index), id, kind, function };
                (Delta { tool_calls: vec![call], ..Delta::default() }, None)
            };
            deltas.push(delta(Some(id_of(call)), Some("function"), Some(call.name.clone()), String::new()));
            deltas.extend(call.arguments.iter().map(|piece| delta(None, None, None, piece.clone())));
        }
        // One call on its own opens in the first chunk, several each in a chunk of theirs.
        if choice.calls.len() == 1 && choice.reasoning.is_empty() {
            let (opening, _) = deltas.remove(1);
            deltas[0].0.tool_calls = opening.tool_calls;
        }
        deltas
    }

    fn finish_reason(&self, choice: &Choice) -> &'static str {
        match choice.ending {
            Ending::Length => "length",
            // OpenAI ends a call that was forced by name with `stop`.
            Ending::ToolCalls if !matches!(self.request.ask.tool_choice, ToolChoice::Named(_)) => {
                "tool_calls"
            }
            Ending::Stop | Ending::StopSequence(_) | Ending::ToolCalls | Ending::Refusal => "stop",
        }
    }

    fn logprobs<'p>(
        &self,
        content: impl IntoIterator<Item = &'p String>,
        refusal: impl IntoIterator<Item = &'p String>,
    ) -> Option<Logprobs> {
        if !self.request.logprobs {
            return None;
        }
        let top = self.request.top_logprobs;
        let some = |tokens: Vec<TokenLogprob>| (!tokens.is_empty()).then_some(tokens);
        Some(Logprobs {
            content: some(content.into_iter().map(|piece| token_logprob(piece, top)).collect()),
            refusal: some(refusal.into_iter().map(|piece| token_logprob(piece, top)).collect()),
        })
    }
}

fn id_of(call: &Call) -> String {
    format!("call_{}", call.id)
}

/// A token with a likely log probability, and others that were less likely.
fn token_logprob(token: &str, top: usize) -> TokenLogprob {
    let hash = hash(0, &[token.as_bytes()]);
    // Whole thousandths: short on the wire, and the same on every machine.
    let one = |token: String, thousandths: u64| {
        let bytes = token.clone().into_bytes();
        TopLogprob { token, logprob: -(thousandths as f64) / 1000.0, bytes }
    };
    let chosen = one(token.to_owned(), hash % 900 + 1);
    let others = [" the", " a", " river", " é", "🌊"].iter().cycle().zip(1_u64..);
    let other = |(word, place): (&&str, u64)| {
        let token = if *word == token || place > 5 { format!("{word}{place}") } else { (*word).to_owned() };
        one(token, 1000 + place * 500 + mix(hash ^ place) % 400)
    };
    let top_logprobs = std::iter::once(chosen.clone()).chain(others.map(other)).take(top).collect();
    TokenLogprob { chosen, top_logprobs }
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self {
            prompt_tokens: tokens.prompt,
            completion_tokens: tokens.answer,
            total_tokens: tokens.prompt + tokens.answer,
            prompt_tokens_details: PromptDetails { cached_tokens: tokens.cached, audio_tokens: 0 },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: tokens.thought,
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        }
    }
}
