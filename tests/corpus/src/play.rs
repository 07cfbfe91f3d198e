//! An exchange played to the component: the request is a dummy, the answer is what was recorded.

use literllm_core::types::{
    ClientConfig, Created, Event, Guards, Message, OutcomeResult, Part, Policy, ProviderRow, Request, Role,
    Started, Step,
};
use literllm_tests::component::Sandbox;
use literllm_tests::cutting::{Cuts, Cutting};
use literllm_tests::engine::{Answer, Engine};
use literllm_tests::grammar;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::exchange::Exchange;

/// What came of an exchange.
pub(crate) struct Played {
    /// The same in every cutting.
    pub(crate) result: OutcomeResult,
    /// The next request, in which the answer stands as the assistant's turn, or why it was refused. Absent: the
    /// answer was an error.
    pub(crate) next: Option<Result<Next, String>>,
}

/// A request as it would be sent.
pub(crate) struct Next {
    /// Its body, joined.
    pub(crate) body: Value,
    /// Fields of our request that were dropped or renamed.
    pub(crate) warnings: Vec<String>,
}

/// Plays exchanges to one engine.
pub(crate) struct Player(Box<dyn Engine>);

impl Player {
    /// Plays to an instance of the component.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self::on(Sandbox::new().map_err(|why| anyhow::anyhow!(why))?))
    }

    pub(crate) fn on(engine: impl Engine + 'static) -> Self {
        Self(Box::new(engine))
    }

    /// Plays it whole, byte by byte and cut at seeded places.
    ///
    /// # Errors
    /// What the component did that it must not do.
    pub(crate) fn exchange(&mut self, exchange: &Exchange, protocol: &str) -> Result<Played, String> {
        let client = self.client(exchange, protocol)?;
        let mut whole: Option<(Vec<Event>, OutcomeResult)> = None;
        for cutting in Cutting::all(&exchange.id).into_iter().filter(|cutting| !cutting.latin1) {
            let (events, mut result) = self.once(client, exchange, cutting)?;
            let Some((expected_events, expected)) = &whole else {
                whole = Some((events, result));
                continue;
            };
            if let (OutcomeResult::Error(expected), OutcomeResult::Error(result)) = (expected, &mut result) {
                // An error ends the call where it is read; how much had come by then depends on the cutting.
                result.bytes_seen = expected.bytes_seen;
            }
            if events != *expected_events || result != *expected {
                return Err(format!("{cutting} it means something else"));
            }
        }
        let (events, result) = whole.ok_or("it was not played")?;
        if exchange.response.streaming {
            grammar::check(&events, &result)?;
        }
        let next = match &result {
            OutcomeResult::Response(response) => {
                let content = response.choices.first().map(|choice| choice.content.clone());
                Some(self.next(client, exchange, content.unwrap_or_default()))
            }
            OutcomeResult::Error(_) => None,
        };
        self.0.client_drop(client);
        Ok(Played { result, next })
    }

    fn client(&mut self, exchange: &Exchange, protocol: &str) -> Result<u64, String> {
        let row = ProviderRow {
            id: exchange.provider.clone(),
            protocol: Some(protocol.to_owned()),
            base_url: Some("http://127.0.0.1/v1".into()),
            ..ProviderRow::default()
        };
        let policy = Policy { max_attempts: Some(1), ..Policy::default() };
        // One failure after another, each of them recorded at another time.
        let guards = Guards { breaker_failures: Some(0), cooldown_cap_ms: Some(0), ..Guards::default() };
        let config = ClientConfig {
            providers: vec![row],
            policy: Some(policy),
            guards: Some(guards),
            ..ClientConfig::default()
        };
        let created: Created = read(self.0.client_create(&write(&config)?, 1, None))?;
        Ok(created.client)
    }

    fn once(
        &mut self,
        client: u64,
        exchange: &Exchange,
        cutting: Cutting,
    ) -> Result<(Vec<Event>, OutcomeResult), String> {
        let request = Request {
            model: format!("{}/m", exchange.provider),
            messages: vec![Message::text(Role::User, "?")],
            stream: Some(exchange.response.streaming),
            ..Request::default()
        };
        let Started { call, .. } = read(self.0.call_start(client, &write(&request)?, "{}", 0, 0))?;
        let headers = exchange.response.headers.iter();
        let headers: Vec<Value> =
            headers.map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect();
        let head = serde_json::json!({"status": exchange.response.status, "headers": headers});
        let mut told = Told::default();
        told.step(self.0.call_head(call, 1, &head.to_string(), 0))?;
        let body = exchange.body().as_bytes();
        let piece_by_piece = matches!(cutting.cuts, Cuts::Bytes);
        for piece in cutting.pieces(body) {
            if told.result.is_some() {
                break;
            }
            let answer = self.0.call_body(call, 1, piece, 0);
            // Nearly every byte says nothing; reading that millions of times would take most of the run.
            if !(piece_by_piece && answer.as_deref().is_ok_and(|step| step == told.silence)) {
                told.step(answer)?;
            }
        }
        if told.result.is_none() {
            told.step(self.0.call_end(call, 1, 0))?;
        }
        let result = told.result.ok_or("the call did not end")?;
        Ok((told.events, result))
    }

    /// The request that sends the answer back.
    fn next(&mut self, client: u64, exchange: &Exchange, content: Vec<Part>) -> Result<Next, String> {
        let answer = Message { role: Role::Assistant, content, name: None };
        let request = Request {
            model: format!("{}/m", exchange.provider),
            messages: vec![Message::text(Role::User, "?"), answer, Message::text(Role::User, "Go on.")],
            // Only a stream tells its warnings before there is an answer.
            stream: Some(true),
            ..Request::default()
        };
        let Started { call, step } = read(self.0.call_start(client, &write(&request)?, "{}", 0, 0))?;
        self.0.call_drop(call);
        let send = step.send.into_iter().next().ok_or("nothing is sent")?;
        let text: String = send
            .request
            .body
            .iter()
            .map(|segment| match segment {
                literllm_core::types::BodySegment::Text(text) => text.text.as_str(),
                literllm_core::types::BodySegment::Blob(_) => "",
            })
            .collect();
        let warnings = step.events.iter().filter_map(|event| match event {
            Event::Warning(warning) => Some(format!("{}: {}", warning.field, warning.message)),
            _ => None,
        });
        Ok(Next {
            body: serde_json::from_str(&text)
                .map_err(|error| format!("the next request is no JSON: {error}"))?,
            warnings: warnings.collect(),
        })
    }
}

/// What a call has told so far.
#[derive(Default)]
struct Told {
    events: Vec<Event>,
    result: Option<OutcomeResult>,
    /// A step that says nothing, as the last one was written.
    silence: String,
}

impl Told {
    fn step(&mut self, answer: Answer) -> Result<(), String> {
        let step: Step = read(answer.clone())?;
        if step.events.is_empty() && step.outcome.is_none() {
            self.silence = answer.unwrap_or_default();
        }
        self.events.extend(step.events);
        self.result = step.outcome.map(|outcome| outcome.result);
        Ok(())
    }
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, String> {
    let document = answer.map_err(|error| format!("it was refused: {error}"))?;
    serde_json::from_str(&document)
        .map_err(|error| format!("what our types cannot read: {error}: {document}"))
}

fn write(document: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(document).map_err(|error| error.to_string())
}
