//! Plays fault scripts to an engine on a clock that is only a number.
//!
//! The simulator's providers answer without a socket; what takes them a second takes none here.

use std::collections::{HashMap, VecDeque};

use literllm_core::types::{
    AuthSlot, BodySegment, Created, Error, Event, FailureKind, Header, Notice, Reached, ResponseHead, Send,
    Started, Step, TransportFailure,
};
use literllm_faults::line::{CallLine, Line};
use literllm_faults::script::{ABSENT_KEY_ENV, Call, Cancel, Reach, Script, key};
use literllm_mock::{Deed, FORMATS, Turn, perform};
use serde::de::DeserializeOwned;

use crate::engine::Engine;
use crate::replay::START_MS;

/// From handing out a request to the first deed of its provider.
const LATENCY_MS: u64 = 1;

/// More steps than any script takes: a call that goes on beyond is one that never ends.
const MOST_STEPS: usize = 10_000;

/// Plays `script` to `engine`.
///
/// # Errors
/// What the engine did that no engine may do, or what the script lacks.
pub fn play(engine: &mut dyn Engine, script: &Script) -> Result<Line, String> {
    let config =
        script.config().to_string().replace("{base}", "http://127.0.0.1:1").replace("{addr}", "127.0.0.1:1");
    let config = config.replace("{refused}", "http://127.0.0.1:2");
    let created =
        engine.client_create(&config, 1, None).map_err(|error| format!("client-create: {error}"))?;
    let created: Created = read(&created)?;
    let keys = created.egress.iter().map(|row| {
        let spare = row.spare_key_env.iter().map(|name| name != ABSENT_KEY_ENV);
        let first = row.key_env.iter().any(|name| name != ABSENT_KEY_ENV);
        (row.provider.clone(), std::iter::once(first).chain(spare).collect())
    });
    let keys = keys.collect();
    let turns = script.turns()?.into();
    let mut player = Player { engine, script, turns, keys, now_ms: START_MS, call: 0, attempts: Vec::new() };
    let mut calls = Vec::new();
    for call in &script.call {
        calls.push(player.call(created.client, call)?);
    }
    if !player.turns.is_empty() {
        let said: Vec<&str> = calls.iter().filter_map(|call| call.message.as_deref()).collect();
        return Err(format!("{} answers were never asked for; {}", player.turns.len(), said.join("; ")));
    }
    player.engine.client_drop(created.client);
    Ok(Line { script: script.name.clone(), calls })
}

struct Player<'a> {
    engine: &'a mut dyn Engine,
    script: &'a Script,
    turns: VecDeque<Turn>,
    /// Which keys of a provider are set, by slot.
    keys: HashMap<String, Vec<bool>>,
    now_ms: u64,
    call: u64,
    attempts: Vec<Attempt>,
}

/// An exchange under way.
struct Attempt {
    number: u32,
    happenings: VecDeque<Happening>,
    /// When the next of them is there.
    due_ms: u64,
    heard_ms: u64,
    idle_ms: Option<u64>,
    head_seen: bool,
}

enum Happening {
    Deed(Deed),
    Failed(TransportFailure),
}

impl Player<'_> {
    fn call(&mut self, client: u64, call: &Call) -> Result<CallLine, String> {
        let (request, options) = (self.script.request_of(call), self.script.options_of(call));
        let started = self.engine.call_start(
            client,
            &request.to_string(),
            &options.to_string(),
            self.now_ms,
            self.script.seed,
        );
        let mut step = match started {
            Ok(started) => {
                let started: Started = read(&started)?;
                self.call = started.call;
                started.step
            }
            Err(error) => return Ok(CallLine::failed(&read::<Error>(&error)?, None, &[])),
        };
        let (mut notices, mut cancel) = (Vec::new(), call.cancel);
        for _ in 0..MOST_STEPS {
            for send in std::mem::take(&mut step.send) {
                self.begin(send)?;
            }
            self.attempts.retain(|attempt| !step.abort.contains(&attempt.number));
            if let Some(outcome) = &step.outcome {
                self.attempts.clear();
                let events = std::mem::take(&mut step.events);
                notices.extend(events.into_iter().filter_map(|event| notice(event).ok()));
                let shown = if self.script.is_streamed(call) { &notices[..] } else { &[] };
                return Ok(CallLine::of(outcome, shown));
            }
            let mut gives_up = false;
            for event in std::mem::take(&mut step.events) {
                let read = notice(event);
                gives_up |= match &read {
                    Ok(Notice::Retry(_) | Notice::Hold(_)) => cancel == Some(Cancel::Wait),
                    Ok(Notice::Fallback(_)) => false,
                    Err(event) => cancel == Some(Cancel::FirstDelta) && matches!(event, Event::TextDelta(_)),
                };
                notices.extend(read.ok());
            }
            if gives_up {
                cancel = None;
                step = read(&self.engine.call_cancel(self.call, self.now_ms)?)?;
                continue;
            }
            step = self.next(step.wake_at_ms)?;
        }
        Err(format!("a call does not end within {MOST_STEPS} steps"))
    }

    /// Hands a request to its provider.
    fn begin(&mut self, send: Send) -> Result<(), String> {
        let (now_ms, attempt) = (self.now_ms, send.attempt);
        let reach = self.script.provider(&send.provider).and_then(|provider| provider.reach);
        let slot = send.key_slot as usize;
        let key_is_set =
            self.keys.get(&send.provider).and_then(|keys| keys.get(slot)).copied().unwrap_or(false);
        let (mut due_ms, mut happenings) = (now_ms + LATENCY_MS, VecDeque::new());
        if !key_is_set {
            due_ms = now_ms;
            let failure = failure(FailureKind::MissingKey, Reached::NotConnected);
            happenings.push_back(Happening::Failed(failure));
        } else if let Some(reach) = reach {
            let kind = match reach {
                Reach::Refused => FailureKind::Connect,
                Reach::Tls => FailureKind::Tls,
                Reach::ConnectTimeout => {
                    due_ms = now_ms + send.connect_timeout_ms.unwrap_or_default();
                    FailureKind::ConnectTimeout
                }
            };
            happenings.push_back(Happening::Failed(failure(kind, Reached::NotConnected)));
        } else {
            let path = send.request.url.as_str();
            let format = FORMATS.iter().find(|format| path.ends_with(format.path));
            let format = format.ok_or_else(|| format!("the simulator has no {path}"))?;
            let turn = self.turns.pop_front().ok_or("the script has no answer to one more request")?;
            let body: String = send
                .request
                .body
                .iter()
                .map(|segment| match segment {
                    BodySegment::Text(segment) => segment.text.as_str(),
                    BodySegment::Blob(_) => "",
                })
                .collect();
            let mut headers = send.request.headers.clone();
            if let Some(AuthSlot::Header(auth)) = &send.request.auth {
                headers
                    .push(Header { name: auth.name.clone(), value: format!("{}{}", auth.prefix, key(slot)) });
            }
            let headers = headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
            let deeds = perform(format, &turn, headers, body.as_bytes(), due_ms);
            happenings.extend(deeds.into_iter().map(Happening::Deed));
        }
        let (idle_ms, heard_ms) = (send.idle_ms, now_ms);
        self.attempts.push(Attempt {
            number: attempt,
            happenings,
            due_ms,
            heard_ms,
            idle_ms,
            head_seen: false,
        });
        Ok(())
    }

    /// Lets time pass until something happens, and tells it.
    fn next(&mut self, wake_at_ms: Option<u64>) -> Result<Step, String> {
        for attempt in &mut self.attempts {
            while let Some(Happening::Deed(deed @ (Deed::Wait(_) | Deed::Silence))) =
                attempt.happenings.front()
            {
                match deed {
                    Deed::Wait(wait_ms) => attempt.due_ms = attempt.due_ms.saturating_add(*wait_ms),
                    _ => attempt.due_ms = u64::MAX,
                }
                attempt.happenings.pop_front();
            }
        }
        let due_ms = self.attempts.iter().map(|attempt| attempt.due_ms).min().unwrap_or(u64::MAX);
        let idle_at =
            |attempt: &Attempt| attempt.idle_ms.map(|idle_ms| attempt.heard_ms.saturating_add(idle_ms));
        let idle = self.attempts.iter().filter_map(|attempt| Some((idle_at(attempt)?, attempt.number))).min();
        let wake_ms = wake_at_ms.unwrap_or(u64::MAX);
        let idle_ms = idle.map_or(u64::MAX, |(at_ms, _)| at_ms);
        let first_ms = due_ms.min(wake_ms).min(idle_ms);
        if first_ms == u64::MAX {
            return Err("the call waits for nothing and does not end".into());
        }
        self.now_ms = self.now_ms.max(first_ms);
        let (call, now_ms) = (self.call, self.now_ms);
        let answer = if due_ms == first_ms {
            self.tell()
        } else if wake_ms == first_ms {
            self.engine.call_wake(call, None, now_ms)
        } else {
            let silent = idle.map(|(_, number)| number);
            self.attempts.iter_mut().filter(|attempt| Some(attempt.number) == silent).for_each(|attempt| {
                attempt.heard_ms = now_ms;
            });
            self.engine.call_wake(call, silent, now_ms)
        };
        read(&answer.map_err(|error| format!("a happening was refused: {error}"))?)
    }

    /// Tells what is due.
    fn tell(&mut self) -> Result<String, String> {
        let (call, now_ms) = (self.call, self.now_ms);
        let at = self.attempts.iter().position(|attempt| attempt.due_ms <= now_ms).unwrap_or_default();
        let attempt = &mut self.attempts[at];
        attempt.heard_ms = now_ms;
        let (number, head_seen) = (attempt.number, attempt.head_seen);
        let happening = attempt.happenings.pop_front();
        let over = !matches!(happening, Some(Happening::Deed(Deed::Head(..) | Deed::Bytes(_))));
        if matches!(happening, Some(Happening::Deed(Deed::Head(..)))) {
            attempt.head_seen = true;
        }
        if over {
            self.attempts.remove(at);
        }
        let engine = &mut self.engine;
        match happening {
            Some(Happening::Deed(Deed::Head(status, headers))) => {
                let headers = headers.into_iter().map(|(name, value)| Header { name, value }).collect();
                engine.call_head(call, number, &document(&ResponseHead { status, headers }), now_ms)
            }
            Some(Happening::Deed(Deed::Bytes(bytes))) => engine.call_body(call, number, &bytes, now_ms),
            Some(Happening::Failed(failure)) => engine.call_failed(call, number, &document(&failure), now_ms),
            Some(Happening::Deed(Deed::Break)) => {
                let reached = if head_seen { Reached::BodySeen } else { Reached::Unknown };
                let failure = failure(FailureKind::Reset, reached);
                engine.call_failed(call, number, &document(&failure), now_ms)
            }
            _ => engine.call_end(call, number, now_ms),
        }
    }
}

fn failure(kind: FailureKind, reached: Reached) -> TransportFailure {
    TransportFailure { kind, reached, message: "as the script says".into() }
}

/// The notice in an event, or the event.
fn notice(event: Event) -> Result<Notice, Event> {
    match event {
        Event::Notice(event) => Ok(event.notice),
        event => Err(event),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("the core wrote what its types cannot read: {error}: {text}"))
}

fn document(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| panic!("our types can always be written: {error}"))
}
