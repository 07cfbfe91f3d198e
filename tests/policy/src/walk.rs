//! Every order of happenings, to a depth: nothing is left to chance.
//!
//! A state is what a snapshot holds: the call, the client's memory, and what the model saw. States that were reached
//! before are not walked again. Time stands still but for waking, so that many orders lead to the same state.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use anyhow::{Context as _, Result, ensure};
use literllm_core::Client;
use literllm_core::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, ErrorKind, FailureKind, FallbackStep, Guards,
    Policy, ProviderRow, Reached, Step,
};

use crate::happen::{Happening, Piece, request, tell};
use crate::model::{Health, Life};

/// Wakes that any call may need to come to its end.
const MOST_WAKES: usize = 200;

/// One way the walk is begun.
struct Start {
    name: &'static str,
    policy: Policy,
    guards: Guards,
    keys: u32,
    /// Frozen in the middle of a stream, too. Where it cannot be, the walk goes on to the end by time alone.
    resumable: bool,
}

#[derive(Clone)]
struct State {
    call: CallSnapshot,
    memory: ClientSnapshot,
    life: Life,
    health: Health,
    now_ms: u64,
}

/// Walks every start.
pub(crate) fn run(depth: u32) -> Result<()> {
    for start in starts() {
        // What cannot be frozen differs in the middle of a stream alone: one happening less shows it as well.
        let depth = if start.resumable { depth } else { depth.saturating_sub(1) };
        let mut walk = Walk {
            config: config(&start),
            resumable: start.resumable,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            told: 0,
            ends: 0,
        };
        walk.from(&start, depth).with_context(|| format!("walking {}", start.name))?;
        println!(
            "{:<28} depth {depth}: {} states, {} happenings told, {} ends, every rule held",
            start.name,
            walk.seen.len(),
            walk.told,
            walk.ends
        );
    }
    Ok(())
}

fn starts() -> Vec<Start> {
    let policy = || Policy {
        max_attempts: Some(2),
        backoff_base_ms: Some(10),
        total_timeout_ms: Some(1_000),
        first_token_timeout_ms: Some(100),
        ..Policy::default()
    };
    let fallback = vec![FallbackStep { model: "groq/b".into(), on: Vec::new() }];
    // Every one of them is said, as the model wants it.
    let plain = Guards {
        retry_budget: Some(10),
        retry_refill_percent: Some(20),
        retry_refill_ms: Some(10_000),
        breaker_failures: Some(10),
        breaker_open_ms: Some(10_000),
        breaker_probes: Some(1),
        cooldown_cap_ms: Some(60_000),
        key_rest_ms: Some(300_000),
    };
    let twitchy = Guards { breaker_failures: Some(1), breaker_open_ms: Some(50), ..plain.clone() };
    let start = |name, policy, guards: &Guards, keys| Start {
        name,
        policy,
        guards: guards.clone(),
        keys,
        resumable: true,
    };
    vec![
        start("two attempts", policy(), &plain, 1),
        Start { resumable: false, ..start("two attempts, not resumable", policy(), &plain, 1) },
        start("another model", Policy { fallback, ..policy() }, &plain, 1),
        start("two keys", policy(), &plain, 2),
        start("a circuit that opens at once", policy(), &twitchy, 1),
    ]
}

fn config(start: &Start) -> ClientConfig {
    let row = ProviderRow {
        id: "openai".into(),
        spare_key_env: (1..start.keys).map(|key| format!("KEY_{key}")).collect(),
        ..ProviderRow::default()
    };
    ClientConfig { providers: vec![row], guards: Some(start.guards.clone()), ..ClientConfig::default() }
}

struct Walk {
    config: ClientConfig,
    resumable: bool,
    seen: HashSet<u64>,
    hasher: RandomState,
    told: u64,
    ends: u64,
}

impl Walk {
    fn from(&mut self, start: &Start, depth: u32) -> Result<()> {
        let mut client = Client::new(self.config.clone())?;
        let options = CallOptions {
            policy: Some(start.policy.clone()),
            resumable: Some(start.resumable),
            ..CallOptions::default()
        };
        let (call, step) = client.start(request("openai/a"), options, 0, 7)?;
        let mut life = Life::new(0, start.policy.clone(), start.keys, 0, None);
        let mut health = Health::new(start.guards.clone());
        life.step(&step, &mut health, 0)?;
        let first = State { call: call.snapshot()?, memory: client.snapshot(), life, health, now_ms: 0 };
        let mut edge = vec![first];
        for _ in 0..depth {
            let mut next = Vec::new();
            for state in &edge {
                for happening in happenings(&state.life) {
                    next.extend(self.follow(state, happening)?);
                }
            }
            edge = next;
        }
        // No dead end: from everywhere time alone leads to an end.
        edge.into_iter().try_for_each(|state| {
            let (_client, mut call) = self.awake(&state)?;
            self.wake_until_it_ends(&mut call, state)
        })
    }

    /// The state after a happening; none if it is known, or the end.
    fn follow(&mut self, state: &State, happening: Happening) -> Result<Option<State>> {
        self.told += 1;
        let mut next = state.clone();
        if happening == (Happening::Wake { idle: None }) {
            next.now_ms = next.life.wake_at_ms.unwrap_or(next.now_ms);
        }
        let (mut client, mut call) = self.awake(&next)?;
        let before = next.life.wake_at_ms;
        next.life.about(happening);
        let step = match tell(&mut call, happening, next.now_ms) {
            Ok(step) => step,
            Err(error) => {
                ensure!(error.kind == ErrorKind::InvalidState, "{happening:?} was refused: {error}");
                ensure!(call.snapshot()?.state == state.call.state, "a refused happening changed the call");
                return Ok(None);
            }
        };
        let context = || format!("{happening:?} at {}", next.now_ms);
        next.life.step(&step, &mut next.health, next.now_ms).with_context(context)?;
        if happening == (Happening::Wake { idle: None }) {
            let moved = step.outcome.is_some() || step.wake_at_ms > before;
            ensure!(moved, "woken at {before:?} for nothing: {step:?}");
        }
        if step.outcome.is_some() {
            self.ends += 1;
            next.health.forgotten(0);
            return self.late(&mut call, &next).map(|()| None);
        }
        next.call = match call.snapshot() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let inside = next.life.has_head() && !next.life.is_refused();
                ensure!(!self.resumable && inside, "a call is not frozen: {error}");
                return self.wake_until_it_ends(&mut call, next).map(|()| None);
            }
        };
        next.memory = client.snapshot();
        drop(call);
        client.restore(&next.memory)?;
        let key = self.hasher.hash_one((&next.call.state, format!("{:?}", next.memory), next.life.seen()));
        Ok(self.seen.insert(key).then_some(next))
    }

    /// A client and a call as they were.
    fn awake(&self, state: &State) -> Result<(Client, literllm_core::Call)> {
        let mut client = Client::new(self.config.clone())?;
        client.restore(&state.memory)?;
        let (call, _) = client.restore_call(&state.call, state.now_ms)?;
        Ok((client, call))
    }

    /// What comes after the end does nothing.
    fn late(&mut self, call: &mut literllm_core::Call, state: &State) -> Result<()> {
        for happening in happenings(&state.life) {
            self.told += 1;
            match tell(call, happening, state.now_ms + 1) {
                Ok(step) => ensure!(step == Step::default(), "{happening:?} after the end: {step:?}"),
                Err(error) => ensure!(error.kind == ErrorKind::InvalidState, "{error}"),
            }
        }
        Ok(())
    }

    fn wake_until_it_ends(&mut self, call: &mut literllm_core::Call, state: State) -> Result<()> {
        let (mut life, mut health) = (state.life, state.health);
        for _ in 0..MOST_WAKES {
            let Some(now_ms) = life.wake_at_ms else { return Ok(()) };
            self.told += 1;
            let step = tell(call, Happening::Wake { idle: None }, now_ms)?;
            life.step(&step, &mut health, now_ms)?;
        }
        anyhow::bail!("a call that is only woken does not come to its end")
    }
}

/// What may happen: to the attempt under way, to one that is over, and to the call.
fn happenings(life: &Life) -> Vec<Happening> {
    let mut all = vec![Happening::Wake { idle: None }, Happening::Cancel];
    let last = life.sent.last().map_or(1, |sent| sent.attempt);
    let late = last.saturating_sub(1).max(1);
    all.push(Happening::End { attempt: late });
    all.push(Happening::Body { attempt: late, piece: Piece::Text });
    let attempt = life.running.unwrap_or(last);
    all.push(Happening::Wake { idle: Some(attempt) });
    for (status, hint_ms) in
        [(200, None), (401, None), (429, None), (429, Some(30)), (500, None), (400, None)]
    {
        all.push(Happening::Head { attempt, status, hint_ms });
    }
    all.extend(Piece::ALL.map(|piece| Happening::Body { attempt, piece }));
    all.push(Happening::End { attempt });
    // A host that has a head does not say that nothing was connected.
    let failures: &[(FailureKind, Reached)] = match life.has_head() {
        true => &[(FailureKind::Reset, Reached::BodySeen), (FailureKind::Lost, Reached::Unknown)],
        false => &[
            (FailureKind::Connect, Reached::NotConnected),
            (FailureKind::Reset, Reached::Sent),
            (FailureKind::MissingKey, Reached::NotConnected),
        ],
    };
    all.extend(failures.iter().map(|&(kind, reached)| Happening::Failed { attempt, kind, reached }));
    all
}
