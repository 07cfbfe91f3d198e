//! An adapter reading an answer that the fuzzer wrote.
//!
//! Whatever comes: no panic; the same events and the same outcome in any cutting, but for `bytes_seen` where the body
//! was not read to its end; the grammar of a stream; and an answer can be sent back as an assistant's turn.

use literllm_core::Client;
use literllm_core::types::{
    CallOptions, Choice, ClientConfig, Event, Header, Limits, Message, Outcome, OutcomeResult, Part, Policy,
    ProviderRow, Request, ResponseHead, Role, Step, TextContent, ToolCallPart, ToolResultContent,
    ToolResultPart,
};

use crate::input::Input;
use crate::{grammar, sent};

/// A wire format with a target of its own.
#[derive(Debug)]
pub struct Format {
    /// Name of the target, and of its corpus and dictionary.
    pub target: &'static str,
    /// As in a provider's row.
    pub protocol: &'static str,
    /// Rows that speak it: one nobody knows, and one with quirks of its own.
    pub providers: [&'static str; 2],
    /// What the recordings call it.
    pub api: &'static str,
}

/// `chat/completions` of OpenAI and of those that imitate it.
pub const OPENAI_CHAT: Format =
    Format { target: "openai_chat", protocol: "openai-chat", providers: ["fuzzed", "deepseek"], api: "chat" };

/// Anthropic's `messages`.
pub const ANTHROPIC_MESSAGES: Format = Format {
    target: "anthropic_messages",
    protocol: "anthropic-messages",
    providers: ["fuzzed", "anthropic"],
    api: "messages",
};

/// Cohere's `chat` in its second version.
pub const COHERE_CHAT: Format = Format {
    target: "cohere_chat",
    protocol: "cohere-chat",
    providers: ["fuzzed", "cohere"],
    api: "chat_v2",
};

/// All of them.
pub const FORMATS: [&Format; 3] = [&OPENAI_CHAT, &ANTHROPIC_MESSAGES, &COHERE_CHAT];

/// Statuses an answer may have; the commonest often.
const STATUSES: [u16; 8] = [200, 200, 200, 200, 201, 307, 429, 500];

/// Bits of the switches. Three of them choose the status.
const STREAMED: u8 = 0;
const EVENT_STREAM_TYPE: u8 = 1;
const STATUS: u8 = 2;
const SMALL_BOUNDS: u8 = 5;
const SECOND_PROVIDER: u8 = 6;

/// Bounds that a body of the fuzzer can pass.
fn few_bytes() -> Limits {
    Limits { max_line_bytes: Some(64), max_body_bytes: Some(192), ..Limits::default() }
}

/// The switches of a recorded answer.
pub fn switches(streamed: bool, event_stream_type: bool, status: u16) -> u8 {
    let known = STATUSES.iter().position(|known| *known == status);
    let place = known.unwrap_or(if status < 300 { 0 } else { STATUSES.len() - 1 }) as u8;
    u8::from(streamed) << STREAMED | u8::from(event_stream_type) << EVENT_STREAM_TYPE | place << STATUS
}

/// Reads one answer in several cuttings and sends it back.
pub fn check(format: &Format, data: &[u8]) {
    let input = Input::read(data);
    let setting = Setting::of(format, &input);
    let whole = setting.play(&[input.body]);
    for cutting in input.cuttings() {
        let cut = setting.play(&cutting.pieces);
        let (cut, whole) = if cut.broke_off || whole.broke_off {
            (cut.without_bytes_seen(), whole.without_bytes_seen())
        } else {
            (cut, whole.clone())
        };
        if cut.events != whole.events || cut.outcome != whole.outcome {
            panic!(
                "{} it means something else:\n  whole {}\n  cut   {}",
                cutting.name,
                whole.shown(),
                cut.shown()
            );
        }
    }
    if setting.streamed {
        grammar::check(&whole.events, &whole.outcome.result);
    }
    match &whole.outcome.result {
        OutcomeResult::Response(response) => {
            response.choices.iter().for_each(|choice| setting.send_back(choice, is_sendable(choice)));
        }
        // Half an answer may be one that cannot be sent; it must not be one that panics.
        OutcomeResult::Error(error) => {
            let partial = error.partial.iter().flat_map(|partial| &partial.choices);
            partial.for_each(|choice| setting.send_back(choice, false));
        }
    }
}

/// Whether nothing speaks against sending it back. A call without a name, or whose arguments are no object (they were
/// cut, or the model wrote something else), no format has to take: a refusal is a good answer to it.
fn is_sendable(choice: &Choice) -> bool {
    let is_object = |call: &ToolCallPart| {
        call.complete == Some(true) && call.arguments.trim_ascii_start().starts_with('{')
    };
    choice.content.iter().all(|part| match part {
        Part::ToolCall(call) => !call.name.is_empty() && is_object(call),
        _ => true,
    })
}

/// What is the same in every cutting.
struct Setting<'a> {
    format: &'a Format,
    provider: &'static str,
    streamed: bool,
    head: ResponseHead,
    limits: Option<Limits>,
}

impl<'a> Setting<'a> {
    fn of(format: &'a Format, input: &Input<'_>) -> Self {
        let content_type = Header { name: "content-type".into(), value: "text/event-stream".into() };
        let status = STATUSES[usize::from(input.switches >> STATUS) % STATUSES.len()];
        Self {
            format,
            provider: format.providers[usize::from(input.switch(SECOND_PROVIDER))],
            streamed: input.switch(STREAMED),
            head: ResponseHead {
                status,
                headers: input.switch(EVENT_STREAM_TYPE).then_some(content_type).into_iter().collect(),
            },
            limits: input.switch(SMALL_BOUNDS).then(few_bytes),
        }
    }

    fn client(&self) -> Client {
        let row = ProviderRow {
            id: self.provider.into(),
            protocol: Some(self.format.protocol.into()),
            base_url: Some("http://127.0.0.1/v1".into()),
            ..ProviderRow::default()
        };
        let policy = Policy { max_attempts: Some(1), ..Policy::default() };
        let config = ClientConfig {
            providers: vec![row],
            policy: Some(policy),
            limits: self.limits.clone(),
            ..ClientConfig::default()
        };
        Client::new(config).unwrap_or_else(|error| panic!("the core does not know this format: {error}"))
    }

    fn request(&self, messages: Vec<Message>) -> Request {
        Request {
            model: format!("{}/m", self.provider),
            messages,
            stream: Some(self.streamed),
            ..Request::default()
        }
    }

    /// Plays the answer in these pieces, with a clock that stands still.
    fn play(&self, pieces: &[&[u8]]) -> Played {
        let request = self.request(vec![Message::text(Role::User, "?")]);
        let started = self.client().start(request, CallOptions::default(), 0, 0);
        let (mut call, _) = started.unwrap_or_else(|error| panic!("a plain question was refused: {error}"));
        let (mut events, mut outcome) = (Vec::new(), None);
        let mut take = |step: Result<Step, _>, outcome: &mut Option<Outcome>| {
            let mut step =
                step.unwrap_or_else(|error: literllm_core::types::Error| panic!("refused: {error}"));
            events.append(&mut step.events);
            *outcome = step.outcome;
        };
        take(call.head(1, &self.head, 0), &mut outcome);
        for piece in pieces {
            if outcome.is_none() {
                take(call.body(1, piece, 0), &mut outcome);
            }
        }
        let broke_off = outcome.is_some();
        if outcome.is_none() {
            take(call.end(1, 0), &mut outcome);
        }
        Played { events, outcome: outcome.unwrap_or_else(|| panic!("the call did not end")), broke_off }
    }

    /// Sends one choice back as the assistant's turn, with a result for each tool it called.
    fn send_back(&self, choice: &Choice, must_be_taken: bool) {
        let result = |part: &Part| match part {
            Part::ToolCall(call) => Some(Part::ToolResult(ToolResultPart {
                tool_call_id: call.id.clone(),
                name: Some(call.name.clone()),
                content: vec![ToolResultContent::Text(TextContent { text: "4".into() })],
                is_error: None,
                cache: None,
            })),
            _ => None,
        };
        let results: Vec<Part> = choice.content.iter().filter_map(result).collect();
        let mut messages = vec![
            Message::text(Role::User, "?"),
            Message { role: Role::Assistant, content: choice.content.clone(), name: None },
        ];
        if results.is_empty() {
            messages.push(Message::text(Role::User, "Go on."));
        } else {
            messages.push(Message { role: Role::Tool, content: results, name: None });
        }
        match self.client().start(self.request(messages), CallOptions::default(), 0, 0) {
            Ok((_, step)) => step.send.iter().for_each(|send| sent::check(&send.request)),
            Err(error) if must_be_taken => panic!("an answer cannot be sent back: {error}"),
            Err(_) => {}
        }
    }
}

/// What came of it.
#[derive(Clone)]
struct Played {
    events: Vec<Event>,
    outcome: Outcome,
    /// The body was not told to its end, because the call was over.
    broke_off: bool,
}

impl Played {
    fn without_bytes_seen(&self) -> Self {
        let mut played = self.clone();
        played.outcome.report.attempts.iter_mut().for_each(|attempt| attempt.bytes_seen = 0);
        if let OutcomeResult::Error(error) = &mut played.outcome.result {
            error.bytes_seen = 0;
        }
        played
    }

    fn shown(&self) -> String {
        serde_json::to_string(&(&self.events, &self.outcome)).unwrap_or_else(|error| error.to_string())
    }
}
