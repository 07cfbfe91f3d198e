//! The life of a call, from documents that the fuzzer wrote and happenings it put in any order.
//!
//! Whatever comes: no panic; every answer is a document that reads back as it was; a call ends at most once, or waits
//! for something named; what is sent may be sent; a snapshot makes the next instance, and there the call goes on; and
//! when nothing more happens the call ends by its total time.

use literllm_core::engine::{Answer, Engine};
use literllm_core::types::{
    CallOptions, CallSnapshot, ClientConfig, Created, EgressRow, Error, Event, Outcome, Started, Step,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{grammar, sent};

/// What stands between the pieces of an input. It is in no UTF-8 text, so it ends every document.
pub const BETWEEN: u8 = 0xFF;

/// When every life begins.
const START_MS: u64 = 1_700_000_000_000;

/// `total_timeout_ms` where no policy says otherwise.
const TOTAL_TIMEOUT_MS: u64 = 600_000;

/// Wakes after which a call must have ended when nothing else happens. Each attempt takes a few (its first token, a pause, a
/// cooldown), and there may be a hundred at each of seventeen models.
const WAKES_TO_THE_END: usize = 10_000;

/// Bytes to an input: a request, call options, a client's configuration, and happenings.
///
/// A happening is a letter, an attempt (a digit; anything else is the newest), a clock (see [`Life::at`]) and, as the
/// letter wants it, a document or bytes.
pub fn write(request: &[u8], options: &[u8], config: &[u8], happenings: &[Vec<u8>]) -> Vec<u8> {
    let documents = [request, options, config].into_iter();
    documents.chain(happenings.iter().map(Vec::as_slice)).collect::<Vec<_>>().join(&BETWEEN)
}

/// Plays one life.
pub fn check(data: &[u8]) {
    let mut pieces = data.split(|byte| *byte == BETWEEN);
    let mut text = || String::from_utf8_lossy(pieces.next().unwrap_or_default()).into_owned();
    let (request, options, config) = (text(), text(), text());
    let [options, config] = [options, config].map(|text| if text.is_empty() { "{}".into() } else { text });
    let Some(mut life) = Life::begin(&request, &options, &config) else { return };
    for happening in pieces {
        life.happens(happening);
    }
    life.end();
}

/// A document of the core, which must say the same when it is read and written again.
fn read<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let value: T = serde_json::from_str(text)
        .unwrap_or_else(|error| panic!("the core wrote what its own types cannot read: {error}: {text}"));
    let again = serde_json::to_string(&value).unwrap_or_else(|error| panic!("cannot be written: {error}"));
    assert_eq!(again, text, "a document changes when it is read and written again");
    value
}

/// The right side of an answer, or none; the wrong one must be an `error` document.
fn good<T: DeserializeOwned + Serialize>(answer: &Answer) -> Option<T> {
    match answer {
        Ok(document) => Some(read(document)),
        Err(error) => {
            read::<Error>(error);
            None
        }
    }
}

struct Life {
    engine: Engine,
    client: u64,
    call: u64,
    config: String,
    egress: Vec<EgressRow>,
    /// The core's clock: the latest moment it was told.
    now_ms: u64,
    deadline_ms: u64,
    wake_at_ms: Option<u64>,
    newest: u32,
    running: Option<u32>,
    events: Vec<Event>,
    outcome: Option<Outcome>,
    dropped: bool,
}

impl Life {
    /// A client and a call, or nothing when a document was refused.
    fn begin(request: &str, options: &str, config: &str) -> Option<Self> {
        let mut engine = Engine::new();
        let created: Created = good(&engine.client_create(config, 1, None))?;
        let started = engine.call_start(created.client, request, options, START_MS, 7);
        let Started { call, step } = good(&started)?;
        let mut life = Self {
            engine,
            client: created.client,
            call,
            config: config.to_owned(),
            egress: created.egress,
            now_ms: START_MS,
            deadline_ms: START_MS.saturating_add(total_timeout_ms(options, config)),
            wake_at_ms: None,
            newest: 0,
            running: None,
            events: Vec::new(),
            outcome: None,
            dropped: false,
        };
        life.step(step);
        Some(life)
    }

    fn happens(&mut self, happening: &[u8]) {
        let byte = |at: usize| happening.get(at).copied().unwrap_or_default();
        let rest = happening.get(3..).unwrap_or_default();
        let attempt = match byte(1) {
            digit @ b'0'..=b'9' => u32::from(digit - b'0'),
            _ => self.newest,
        };
        let (call, now_ms) = (self.call, self.at(byte(2)));
        let text = String::from_utf8_lossy(rest);
        let ends = matches!(byte(0), b'e' | b'f');
        let answer = match byte(0) {
            b'h' => {
                // Three digits are short for a head without headers.
                let head = match text.parse::<u16>() {
                    Ok(status) => format!("{{\"status\":{status}}}"),
                    Err(_) => text.into_owned(),
                };
                self.engine.call_head(call, attempt, &head, now_ms)
            }
            b'b' => self.engine.call_body(call, attempt, rest, now_ms),
            b'l' => self.engine.call_body_latin1(call, attempt, &text, now_ms),
            b'e' => self.engine.call_end(call, attempt, now_ms),
            b'f' => {
                let reset = r#"{"kind":"reset","reached":"sent","message":""}"#;
                let failure = if text.is_empty() { reset } else { &text };
                self.engine.call_failed(call, attempt, failure, now_ms)
            }
            b'i' => self.engine.call_wake(call, Some(attempt), now_ms),
            b'w' => self.engine.call_wake(call, None, now_ms),
            b'c' => self.engine.call_cancel(call, now_ms),
            b'd' => {
                self.engine.call_drop(call);
                self.dropped = true;
                return;
            }
            b's' => return self.next_instance(),
            b'z' => return self.move_on(),
            _ => return,
        };
        let Some(step) = good::<Step>(&answer) else { return };
        assert!(!self.dropped && self.outcome.is_none(), "a call that is over answers with a step: {step:?}");
        self.now_ms = self.now_ms.max(now_ms);
        if ends && self.running == Some(attempt) {
            self.running = None;
        }
        self.step(step);
    }

    /// The time of a happening: later by 10 to the power of a digit in ms, the moment of the wake (`w`), long ago
    /// (`<`), the end of time (`>`), else the same moment.
    fn at(&self, clock: u8) -> u64 {
        match clock {
            digit @ b'1'..=b'9' => self.now_ms.saturating_add(10_u64.pow(u32::from(digit - b'0'))),
            b'w' => self.wake_at_ms.unwrap_or(self.now_ms),
            b'<' => 1,
            b'>' => u64::MAX,
            _ => self.now_ms,
        }
    }

    fn step(&mut self, mut step: Step) {
        for attempt in &step.abort {
            assert_eq!(Some(*attempt), self.running.take(), "an attempt is broken off that does not run");
        }
        for send in &step.send {
            assert_eq!(send.attempt, self.newest + 1, "attempts are not numbered from 1");
            assert_eq!(self.running, None, "two attempts run at once");
            (self.newest, self.running) = (send.attempt, Some(send.attempt));
            let row = self.egress.iter().find(|row| row.provider == send.provider);
            let row = row.unwrap_or_else(|| panic!("{} is not in the egress table", send.provider));
            assert!(
                send.key_slot as usize <= row.spare_key_env.len(),
                "key {} of {}",
                send.key_slot,
                row.provider
            );
            assert_eq!(row.auth, send.request.auth, "the key goes elsewhere than the egress table says");
            sent::check(&send.request);
        }
        self.events.append(&mut step.events);
        self.wake_at_ms = step.wake_at_ms;
        match step.outcome {
            Some(outcome) => {
                assert!(step.wake_at_ms.is_none(), "a call that is over wants to be woken");
                assert_eq!(self.running, None, "a call that is over leaves an attempt running");
                if self.events.iter().any(|event| matches!(event, Event::Start(_))) {
                    grammar::check(&self.events, &outcome.result);
                }
                self.outcome = Some(outcome);
            }
            None => {
                let Some(wake_at_ms) = step.wake_at_ms else { panic!("the call waits for nothing") };
                assert!(
                    wake_at_ms <= self.deadline_ms,
                    "the call waits until {wake_at_ms}, beyond its total time at {}",
                    self.deadline_ms
                );
            }
        }
    }

    /// The memory of this instance makes another, which knows nothing of the calls of the first.
    fn next_instance(&mut self) {
        let snapshot = self.engine.client_snapshot(self.client);
        let snapshot = snapshot.unwrap_or_else(|error| panic!("no snapshot of a client that lives: {error}"));
        let mut next = Engine::new();
        let created = next.client_create(&self.config, 2, Some(&snapshot));
        let created: Created =
            good(&created).unwrap_or_else(|| panic!("refused its own snapshot: {created:?}"));
        assert_eq!(created.egress, self.egress, "the next instance may do something else");
        assert_eq!(
            next.client_snapshot(created.client),
            Ok(snapshot),
            "the next instance remembers otherwise"
        );
        let late = next.call_end(self.call, self.newest, self.now_ms);
        assert!(late.is_err(), "a call of another instance is known: {late:?}");
    }

    /// The call is frozen and goes on in another instance, if it can be frozen where it is.
    fn move_on(&mut self) {
        let Some(snapshot) = good::<CallSnapshot>(&self.engine.call_snapshot(self.call)) else { return };
        assert!(!self.dropped && self.outcome.is_none(), "a call that is over can be frozen");
        let running: Vec<u32> = self.running.into_iter().collect();
        assert_eq!(snapshot.running, running, "the snapshot names other attempts than those under way");
        let memory = self.engine.client_snapshot(self.client);
        let memory = memory.unwrap_or_else(|error| panic!("no snapshot of a client that lives: {error}"));
        let mut next = Engine::new();
        let created = next.client_create(&self.config, 1, Some(&memory));
        let created: Created =
            good(&created).unwrap_or_else(|| panic!("refused its own snapshot: {created:?}"));
        let text = serde_json::to_string(&snapshot).unwrap_or_default();
        let started = next.call_restore(created.client, &text, self.now_ms);
        let Some(Started { call, step }) = good(&started) else {
            panic!("refused its own call: {started:?}")
        };
        assert!(step.send.is_empty() && step.events.is_empty(), "taking up a call does something: {step:?}");
        assert_eq!(step.wake_at_ms, self.wake_at_ms, "a call that was taken up wakes at another time");
        let again = next.call_snapshot(call);
        assert_eq!(again.as_deref(), Ok(text.as_str()), "a call that was taken up is another one");
        (self.engine, self.client, self.call) = (next, created.client, call);
    }

    /// Nothing more happens but time.
    fn end(mut self) {
        for _ in 0..WAKES_TO_THE_END {
            if self.dropped || self.outcome.is_some() {
                return;
            }
            self.happens(b"w*w");
        }
        panic!("after {WAKES_TO_THE_END} wakes the call has not ended: it waits until {:?}", self.wake_at_ms);
    }
}

/// What the documents say of the total time; both were accepted.
fn total_timeout_ms(options: &str, config: &str) -> u64 {
    let options = serde_json::from_str::<CallOptions>(options).ok();
    let caller_ms = options.as_ref().and_then(|options| options.caller_timeout_ms).unwrap_or(u64::MAX);
    let options = options.and_then(|options| options.policy);
    let config = serde_json::from_str::<ClientConfig>(config).ok().and_then(|config| config.policy);
    let said = [options, config].into_iter().flatten().find_map(|policy| policy.total_timeout_ms);
    said.unwrap_or(TOTAL_TIMEOUT_MS).min(caller_ms)
}
