//! A fleet against a provider that fails for a minute: does it make things worse?

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anyhow::{Result, ensure};
use fastrand::Rng;
use literllm_core::types::{CallOptions, ClientConfig, OutcomeResult, Step};
use literllm_core::{Call, Client};

use crate::happen::{Happening, Piece, request, tell};

const CLIENTS: usize = 1_000;
const CALLS: usize = 100;
const FAILS_FOR_MS: u64 = 60_000;

/// How long the provider takes to answer.
const ANSWER_MS: u64 = 200;

/// The mark: attempts for each call.
const MARK: f64 = 1.2;

/// How calls come and what the provider says while it fails.
struct Weather {
    name: &'static str,
    /// Between two calls of a client.
    every_ms: u64,
    status: u16,
    hint_ms: Option<u32>,
    /// Held against the mark. A provider that names a pause gets those back whom it asked back.
    held: bool,
}

const WEATHERS: [Weather; 5] = [
    Weather { name: "503, a call a second", every_ms: 1_000, status: 503, hint_ms: None, held: true },
    Weather { name: "503, all calls at once", every_ms: 0, status: 503, hint_ms: None, held: true },
    Weather { name: "429, a call a second", every_ms: 1_000, status: 429, hint_ms: None, held: true },
    Weather {
        name: "429 that names 5 s, a call a second",
        every_ms: 1_000,
        status: 429,
        hint_ms: Some(5_000),
        held: false,
    },
    Weather {
        name: "503 that names 5 s, a call a second",
        every_ms: 1_000,
        status: 503,
        hint_ms: Some(5_000),
        held: true,
    },
];

/// Plays every weather.
///
/// # Errors
/// When the fleet asks more than the mark allows.
pub(crate) fn run() -> Result<()> {
    println!("{CLIENTS} clients with {CALLS} calls each, the provider fails for {} s", FAILS_FOR_MS / 1_000);
    println!(
        "{:<38} {:>9} {:>10} {:>9} {:>12} {:>9}",
        "", "calls", "attempts", "a call", "busiest s", "answered"
    );
    for weather in &WEATHERS {
        let storm = play(weather)?;
        let calls = (CLIENTS * CALLS) as f64;
        let ratio = storm.attempts as f64 / calls;
        println!(
            "{:<38} {calls:>9} {:>10} {ratio:>9.3} {:>12} {:>9}",
            weather.name, storm.attempts, storm.busiest, storm.answered
        );
        ensure!(
            !weather.held || ratio <= MARK,
            "{}: {ratio:.3} attempts a call, {MARK} are allowed",
            weather.name
        );
    }
    Ok(())
}

struct Storm {
    attempts: u64,
    answered: u64,
    /// Attempts of the second in which most came.
    busiest: u64,
}

/// What is due, the soonest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A client begins a call.
    Begin {
        client: usize,
    },
    /// The answer to an attempt is there.
    Answer {
        call: usize,
        attempt: u32,
    },
    Wake {
        call: usize,
    },
}

fn play(weather: &Weather) -> Result<Storm> {
    let mut rng = Rng::with_seed(7);
    let mut clients = Vec::with_capacity(CLIENTS);
    let mut due: BinaryHeap<Reverse<(u64, Due)>> = BinaryHeap::new();
    for client in 0..CLIENTS {
        clients.push(Client::new(ClientConfig::default())?);
        // A fleet does not beat in time.
        let offset_ms = if weather.every_ms > 0 { rng.u64(..weather.every_ms) } else { 0 };
        (0..CALLS as u64)
            .for_each(|call| due.push(Reverse((offset_ms + call * weather.every_ms, Due::Begin { client }))));
    }
    let mut calls: Vec<Option<Call>> = Vec::new();
    let mut storm = Storm { attempts: 0, answered: 0, busiest: 0 };
    let mut by_second = std::collections::BTreeMap::<u64, u64>::new();
    while let Some(Reverse((now_ms, what))) = due.pop() {
        let (place, step) = match what {
            Due::Begin { client } => {
                let options = CallOptions::default();
                let (call, step) =
                    clients[client].start(request("openai/a"), options, now_ms, rng.u64(..))?;
                calls.push(Some(call));
                (calls.len() - 1, step)
            }
            Due::Answer { call, attempt } => match &mut calls[call] {
                Some(living) => (call, answer(living, attempt, weather, now_ms)?),
                None => continue,
            },
            Due::Wake { call } => match &mut calls[call] {
                Some(living) => (call, tell(living, Happening::Wake { idle: None }, now_ms)?),
                None => continue,
            },
        };
        for send in &step.send {
            storm.attempts += 1;
            *by_second.entry(now_ms / 1_000).or_default() += 1;
            due.push(Reverse((now_ms + ANSWER_MS, Due::Answer { call: place, attempt: send.attempt })));
        }
        match (&step.outcome, step.wake_at_ms) {
            (Some(outcome), _) => {
                storm.answered += u64::from(matches!(outcome.result, OutcomeResult::Response(_)));
                calls[place] = None;
            }
            (None, Some(wake_at_ms)) if step.send.is_empty() => {
                due.push(Reverse((wake_at_ms.max(now_ms), Due::Wake { call: place })));
            }
            _ => {}
        }
    }
    storm.busiest = by_second.values().copied().max().unwrap_or_default();
    ensure!(calls.iter().all(Option::is_none), "a call did not end");
    Ok(storm)
}

/// The provider fails until it is well again.
fn answer(call: &mut Call, attempt: u32, weather: &Weather, now_ms: u64) -> Result<Step> {
    let fails = now_ms < FAILS_FOR_MS;
    let (status, hint_ms) = if fails { (weather.status, weather.hint_ms) } else { (200, None) };
    tell(call, Happening::Head { attempt, status, hint_ms }, now_ms)?;
    if !fails {
        tell(call, Happening::Body { attempt, piece: Piece::Text }, now_ms)?;
        tell(call, Happening::Body { attempt, piece: Piece::Finish }, now_ms)?;
    }
    Ok(tell(call, Happening::End { attempt }, now_ms)?)
}
