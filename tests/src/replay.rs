//! Plays a vector to an engine, with a clock that stands still between happenings.
//!
//! Everything that crosses is written down, so that two engines can be compared crossing by crossing.

use literllm_core::types::{
    BodySegment, Created, Error, Event, HttpRequest, Outcome, OutcomeResult, Send, Started, Step,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cutting::Cutting;
use crate::engine::Engine;
use crate::grammar;
use crate::layout;
use crate::vector::{Answer, Vector};

/// When every vector begins: Tue, 14 Nov 2023 22:13:20 GMT.
pub const START_MS: u64 = 1_700_000_000_000;

/// From sending to the head, from the head to the bytes (all of them at once), from the bytes to the end.
const STEP_MS: u64 = 10;

/// The only source of chance.
const SEED: u64 = 7;

/// What came of it.
#[derive(Debug)]
pub struct Run {
    /// What was sent, as `http.json` tells it. Absent: nothing.
    pub http: Option<String>,
    /// Every answer of the engine, in order, with the function that gave it.
    pub crossings: Vec<(&'static str, Result<String, String>)>,
    events: Vec<Event>,
    end: End,
    /// Some body was not told to its end, because the call was over or had given up on it: how many of its bytes
    /// were told depends on the cutting.
    broke_off: bool,
}

#[derive(Debug)]
enum End {
    Refused(Error),
    Over(Box<Outcome>),
}

impl Run {
    /// What came of it, as `expected.json` tells it.
    pub fn expected(&self) -> String {
        match &self.end {
            End::Refused(error) => format!("{{\"error\":{}}}", document(error)),
            End::Over(outcome) => {
                format!("{{\"events\":{},\"outcome\":{}}}", document(&self.events), document(outcome))
            }
        }
    }

    /// The same without what may depend on the cutting: `bytes_seen`, where a body was not read to its end.
    pub fn comparable(&self) -> String {
        match &self.end {
            End::Over(outcome) if self.broke_off => {
                let mut outcome = outcome.clone();
                outcome.report.attempts.iter_mut().for_each(|attempt| attempt.bytes_seen = 0);
                if let OutcomeResult::Error(error) = &mut outcome.result {
                    error.bytes_seen = 0;
                }
                format!("{{\"events\":{},\"outcome\":{}}}", document(&self.events), document(&outcome))
            }
            _ => self.expected(),
        }
    }
}

/// Plays `vector` to `engine`.
///
/// # Errors
/// What the engine did that no engine may do, or what the vector lacks.
pub fn play(engine: &mut dyn Engine, vector: &Vector, cutting: Cutting) -> Result<Run, String> {
    let mut player = Player {
        engine,
        cutting,
        crossings: Vec::new(),
        events: Vec::new(),
        broke_off: false,
        now_ms: START_MS,
        call: 0,
    };
    let created = player.cross("client-create", |engine| engine.client_create(&vector.config, 1, None))?;
    let created: Created = match created {
        Ok(created) => read(&created)?,
        Err(error) => return Ok(player.done(None, End::Refused(read(&error)?))),
    };
    let started = player.cross("call-start", |engine| {
        engine.call_start(created.client, &vector.request, &vector.options, START_MS, SEED)
    })?;
    let Started { call, mut step } = match started {
        Ok(started) => read(&started)?,
        Err(error) => return Ok(player.done(None, End::Refused(read(&error)?))),
    };
    player.call = call;
    let (mut http, mut answers) = (None, vector.answers.iter());
    let outcome = loop {
        player.take_events(&step);
        if let Some(outcome) = step.outcome.take() {
            break outcome;
        }
        step = match (step.send.as_slice(), step.wake_at_ms) {
            ([send], _) => {
                let sent = http_document(&send.request)?;
                if http.get_or_insert_with(|| sent.clone()) != &sent {
                    return Err(format!("attempt {} sends something else than the first", send.attempt));
                }
                let answer = answers.next().ok_or_else(|| {
                    format!(
                        "attempt {0} is sent, but there is no head-{0}.json or failure-{0}.json",
                        send.attempt
                    )
                })?;
                player.answer(send, answer)?
            }
            ([], Some(wake_at_ms)) => {
                player.now_ms = player.now_ms.max(wake_at_ms);
                let now_ms = player.now_ms;
                player.step("call-wake", |engine, call| engine.call_wake(call, None, now_ms))?
            }
            ([], None) => return Err("the call waits for nothing and does not end".into()),
            (several, _) => return Err(format!("{} attempts are sent at once", several.len())),
        };
    };
    if answers.next().is_some() {
        return Err("the call ended before the last answer was asked for".into());
    }
    if player.events.iter().any(|event| matches!(event, Event::Start(_))) {
        grammar::check(&player.events, &outcome.result)?;
    }
    player.engine.call_drop(call);
    player.engine.client_drop(created.client);
    Ok(player.done(http, End::Over(Box::new(outcome))))
}

struct Player<'a> {
    engine: &'a mut dyn Engine,
    cutting: Cutting,
    crossings: Vec<(&'static str, Result<String, String>)>,
    events: Vec<Event>,
    broke_off: bool,
    now_ms: u64,
    call: u64,
}

impl Player<'_> {
    /// Tells what happens to one attempt, until it is over; answers with the last step.
    fn answer(&mut self, send: &Send, answer: &Answer) -> Result<Step, String> {
        let attempt = send.attempt;
        let mut last = Step::default();
        if let Some(head) = &answer.head {
            let now_ms = self.later();
            last = self.step("call-head", |engine, call| engine.call_head(call, attempt, head, now_ms))?;
        }
        if let Some(body) = &answer.body {
            let now_ms = self.later();
            for piece in self.cutting.pieces(body) {
                self.take_events(&last);
                last = if self.cutting.latin1 {
                    let text: String = piece.iter().map(|byte| char::from(*byte)).collect();
                    self.step("call-body-latin1", |engine, call| {
                        engine.call_body_latin1(call, attempt, &text, now_ms)
                    })?
                } else {
                    self.step("call-body", |engine, call| engine.call_body(call, attempt, piece, now_ms))?
                };
                if last.outcome.is_some() || last.abort.contains(&attempt) {
                    self.broke_off = true;
                    return Ok(last);
                }
            }
        }
        self.take_events(&last);
        let now_ms = self.later();
        match &answer.failure {
            Some(failure) => {
                self.step("call-failed", |engine, call| engine.call_failed(call, attempt, failure, now_ms))
            }
            None => self.step("call-end", |engine, call| engine.call_end(call, attempt, now_ms)),
        }
    }

    fn later(&mut self) -> u64 {
        self.now_ms += STEP_MS;
        self.now_ms
    }

    fn take_events(&mut self, step: &Step) {
        self.events.extend(step.events.iter().cloned());
    }

    fn step(
        &mut self,
        name: &'static str,
        act: impl FnOnce(&mut dyn Engine, u64) -> Result<String, String>,
    ) -> Result<Step, String> {
        let call = self.call;
        let answer = self.cross(name, |engine| act(engine, call))?;
        read(&answer.map_err(|error| format!("{name} was refused: {error}"))?)
    }

    fn cross(
        &mut self,
        name: &'static str,
        act: impl FnOnce(&mut dyn Engine) -> Result<String, String>,
    ) -> Result<Result<String, String>, String> {
        let answer = act(self.engine);
        self.crossings.push((name, answer.clone()));
        if let Err(error) = &answer {
            read::<Error>(error)?;
        }
        Ok(answer)
    }

    fn done(self, http: Option<String>, end: End) -> Run {
        Run { http, crossings: self.crossings, events: self.events, end, broke_off: self.broke_off }
    }
}

/// A document of the core, which must say the same when it is read and written again.
fn read<T: DeserializeOwned + Serialize>(text: &str) -> Result<T, String> {
    let value: T = serde_json::from_str(text)
        .map_err(|error| format!("the core wrote what its own types cannot read: {error}: {text}"))?;
    let again = document(&value);
    if again == text {
        Ok(value)
    } else {
        Err(format!("a document changes when read and written again: {text} became {again}"))
    }
}

fn document(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("our types can always be written: {error}"))
}

/// What `http.json` says of a request: its body as JSON where that loses nothing, else as the exact segments.
fn http_document(request: &HttpRequest) -> Result<String, String> {
    let BodySegment::Text(only) = request.body.first().ok_or("a request without a body")? else {
        return Ok(document(request));
    };
    if request.body.len() == 1 && only.text.len() as u64 != request.body_length {
        return Err(format!(
            "body_length is {}, the body has {} bytes",
            request.body_length,
            only.text.len()
        ));
    }
    let whole = document(request);
    let segments = format!("\"body\":{}", document(&request.body));
    if request.body.len() > 1
        || layout::compact(&only.text) != only.text
        || serde_json::from_str::<&serde_json::value::RawValue>(&only.text).is_err()
    {
        return Ok(whole.replacen(&segments, &format!("\"segments\":{}", document(&request.body)), 1));
    }
    Ok(whole.replacen(&segments, &format!("\"body\":{}", only.text), 1))
}
