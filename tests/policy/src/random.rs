//! Random lives: clients of random configuration, calls side by side, happenings of every kind in every order.

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use literllm_core::types::{
    CallOptions, ClientConfig, ErrorKind, FailureKind, FallbackStep, Guards, Policy, ProviderRow, Reached,
    ResendUnknown, Step,
};
use literllm_core::{Call, Client};

use crate::happen::{Happening, Piece, request, tell};
use crate::model::{Health, Life};

/// Calls of one client, one after the other and side by side.
const CALLS: u32 = 40;

/// Calls under way at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Models of one provider share its keys, those of another do not.
const MODELS: [&str; 4] = ["openai/a", "openai/b", "groq/a", "deepseek/a"];

/// Plays so many happenings.
pub(crate) fn run(steps: u64, seed: u64, alone: Option<u64>) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let mut tally = Tally::default();
    if let Some(own) = alone {
        tally.told = true;
        client(own, &mut tally)?;
    }
    while alone.is_none() && tally.steps < steps {
        // Of each client, so that a failure can be played alone.
        let own = rng.u64(..);
        client(own, &mut tally).with_context(|| {
            format!("the rules do not hold; next: `policy random --client {own}` plays that client alone")
        })?;
    }
    println!(
        "{} happenings ({} refused as out of order), {} clients, {} calls, {} attempts, {} answers, {} frozen and taken up, seed {seed}: every rule held",
        tally.steps, tally.refused, tally.clients, tally.calls, tally.attempts, tally.answers, tally.frozen
    );
    Ok(())
}

#[derive(Default)]
struct Tally {
    steps: u64,
    refused: u64,
    clients: u64,
    calls: u64,
    attempts: u64,
    answers: u64,
    frozen: u64,
    /// Print what happens.
    told: bool,
}

struct Running {
    call: Call,
    life: Life,
}

fn client(seed: u64, tally: &mut Tally) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let keys = rng.u32(1..=3);
    let guards = Guards {
        retry_budget: Some(rng.u32(0..=12)),
        retry_refill_percent: Some(rng.u32(0..=100)),
        breaker_failures: Some(rng.u32(0..=5)),
        breaker_open_ms: Some(rng.u64(1..=2_000)),
        breaker_probes: Some(rng.u32(1..=2)),
        cooldown_cap_ms: Some(rng.u64(0..=500)),
        key_rest_ms: Some(rng.u64(0..=2_000)),
    };
    let row = |id: &str| ProviderRow {
        id: id.into(),
        spare_key_env: (1..keys).map(|key| format!("KEY_{key}")).collect(),
        idempotency_header: (id == "groq").then(|| "idempotency-key".into()),
        ..ProviderRow::default()
    };
    let config = ClientConfig {
        providers: ["openai", "groq", "deepseek"].into_iter().map(row).collect(),
        guards: Some(guards.clone()),
        ..ClientConfig::default()
    };
    let mut client = Client::new(config)?;
    let mut health = Health::new(guards);
    let mut running: Vec<Running> = Vec::new();
    let mut now_ms = rng.u64(0..1 << 41);
    let mut begun = 0;
    tally.clients += 1;
    while begun < CALLS || !running.is_empty() {
        tally.steps += 1;
        if begun < CALLS && running.len() < SIDE_BY_SIDE && rng.u8(..4) == 0 {
            begun += 1;
            tally.calls += 1;
            let (policy, caller_ms) = (policy(&mut rng), (rng.u8(..8) == 0).then(|| rng.u64(0..5_000)));
            let mut life = Life::new(u64::from(begun), policy.clone(), keys, now_ms, caller_ms);
            let options = CallOptions {
                policy: Some(policy),
                caller_timeout_ms: caller_ms,
                resumable: Some(true),
                ..CallOptions::default()
            };
            let model = MODELS[rng.usize(..MODELS.len())];
            let (call, step) = client.start(request(model), options, now_ms, rng.u64(..))?;
            life.step(&step, &mut health, now_ms)?;
            keep(Running { call, life }, &step, &mut running, &mut health, tally);
            continue;
        }
        if running.is_empty() {
            continue;
        }
        let place = rng.usize(..running.len());
        let mut own = running.swap_remove(place);
        match rng.u8(..80) {
            // Forgotten.
            0 => health.forgotten(life_id(&own)),
            1..=4 => {
                let snapshot = own.call.snapshot()?;
                drop(own.call);
                let (call, step) = client.restore_call(&snapshot, now_ms)?;
                ensure!(step.send.is_empty() && step.events.is_empty(), "taking up does something");
                ensure!(
                    step.wake_at_ms == own.life.wake_at_ms,
                    "a call taken up wants to wake at another time"
                );
                tally.frozen += 1;
                running.push(Running { call, life: own.life });
            }
            _ => {
                now_ms = pass(&own, now_ms, &mut rng);
                let happening = choose(&own, &mut rng);
                let step = happen(&mut own, happening, &mut health, now_ms, tally)?;
                keep(own, &step, &mut running, &mut health, tally);
            }
        }
    }
    Ok(())
}

fn life_id(own: &Running) -> u64 {
    own.life.id()
}

/// Keeps a call that goes on.
fn keep(own: Running, step: &Step, running: &mut Vec<Running>, health: &mut Health, tally: &mut Tally) {
    tally.attempts += step.send.len() as u64;
    match &step.outcome {
        None => running.push(own),
        Some(outcome) => {
            tally.answers +=
                u64::from(matches!(outcome.result, literllm_core::types::OutcomeResult::Response(_)));
            health.forgotten(life_id(&own));
        }
    }
}

/// Tells a happening and holds what comes of it against the model.
fn happen(
    own: &mut Running,
    happening: Happening,
    health: &mut Health,
    now_ms: u64,
    tally: &mut Tally,
) -> Result<Step> {
    let waited_for = own.life.wake_at_ms;
    own.life.about(happening);
    let id = own.life.id();
    let told = tally.told;
    let say = |what: &dyn std::fmt::Debug| {
        if told {
            println!("{now_ms} call {id}: {happening:?} -> {what:?}");
        }
    };
    let step = match tell(&mut own.call, happening, now_ms) {
        Ok(step) => step,
        Err(error) => {
            ensure!(error.kind == ErrorKind::InvalidState, "{happening:?} was refused: {error}");
            tally.refused += 1;
            say(&error.message);
            return Ok(Step::default());
        }
    };
    say(&step.events);
    own.life.step(&step, health, now_ms).with_context(|| format!("after {happening:?} at {now_ms}"))?;
    if happening == (Happening::Wake { idle: None }) {
        let due = waited_for.is_some_and(|at_ms| now_ms >= at_ms);
        let moved = step.outcome.is_some() || step.wake_at_ms != waited_for;
        ensure!(
            moved == due || (due && step.wake_at_ms > Some(now_ms)),
            "woken at {now_ms}, due {waited_for:?}: {step:?}"
        );
    }
    Ok(step)
}

/// Time passes: a little, or until the call wants to be woken.
fn pass(own: &Running, now_ms: u64, rng: &mut Rng) -> u64 {
    match rng.u8(..6) {
        0 => own.life.wake_at_ms.map_or(now_ms, |at_ms| at_ms.max(now_ms)),
        1 => now_ms + rng.u64(..300),
        _ => now_ms + rng.u64(..3),
    }
}

fn choose(own: &Running, rng: &mut Rng) -> Happening {
    let life = &own.life;
    if rng.u8(..120) == 0 {
        return Happening::Cancel;
    }
    let now = life.wake_at_ms.is_some() && (life.running.is_none() || rng.u8(..12) == 0);
    if now {
        return Happening::Wake { idle: None };
    }
    // Now and then one that is over, or never was.
    let attempt = match rng.u8(..12) {
        0 => rng.u32(..8),
        _ => life.running.unwrap_or_else(|| rng.u32(1..4)),
    };
    let before_head = !life.has_head || rng.u8(..20) == 0;
    match rng.u8(..10) {
        0 if rng.bool() => Happening::Wake { idle: Some(attempt) },
        1 if rng.bool() => failed(attempt, rng),
        2 if !before_head => Happening::End { attempt },
        _ if before_head => Happening::Head {
            attempt,
            status: [429, 429, 401, 403, 400, 404, 500, 503, 529, 999, 200, 200][rng.usize(..20).min(11)],
            hint_ms: (rng.u8(..3) == 0).then(|| rng.u32(..400)),
        },
        _ => Happening::Body { attempt, piece: piece(rng) },
    }
}

/// Mostly what makes an answer.
fn piece(rng: &mut Rng) -> Piece {
    match rng.u8(..10) {
        0..=2 => Piece::Role,
        3..=6 => Piece::Text,
        7 => Piece::Finish,
        _ => Piece::ALL[rng.usize(..Piece::ALL.len())],
    }
}

fn failed(attempt: u32, rng: &mut Rng) -> Happening {
    let (kind, reached) = [
        (FailureKind::Connect, Reached::NotConnected),
        (FailureKind::ConnectTimeout, Reached::NotConnected),
        (FailureKind::Dns, Reached::NotConnected),
        (FailureKind::Tls, Reached::Connected),
        (FailureKind::Reset, Reached::Sent),
        (FailureKind::Reset, Reached::PartlySent),
        (FailureKind::Reset, Reached::BodySeen),
        (FailureKind::Other, Reached::Unknown),
        (FailureKind::MissingKey, Reached::NotConnected),
        (FailureKind::Lost, Reached::Unknown),
    ][rng.usize(..10)];
    Happening::Failed { attempt, kind, reached }
}

fn policy(rng: &mut Rng) -> Policy {
    let step = |rng: &mut Rng| FallbackStep {
        model: MODELS[rng.usize(..MODELS.len())].into(),
        on: if rng.bool() { Vec::new() } else { vec![ErrorKind::RateLimit, ErrorKind::Server] },
    };
    let resend = [ResendUnknown::Never, ResendUnknown::BeforeHead, ResendUnknown::BeforeToken];
    Policy {
        max_attempts: Some(rng.u32(1..=5)),
        backoff_base_ms: Some(rng.u64(0..=200)),
        backoff_cap_ms: Some(rng.u64(0..=1_000)),
        total_timeout_ms: Some(rng.u64(1..=20_000)),
        idle_timeout_ms: Some(rng.u64(1..=1_000)),
        connect_timeout_ms: Some(rng.u64(1..=1_000)),
        first_token_timeout_ms: rng.bool().then(|| rng.u64(1..=2_000)),
        resend_unknown: Some(resend[rng.usize(..3)]),
        fallback: (0..rng.usize(..3)).map(|_| step(rng)).collect(),
    }
}
