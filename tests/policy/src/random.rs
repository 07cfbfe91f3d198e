//! Random lives: clients of random configuration, calls side by side, happenings of every kind in every order.

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use literllm_core::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, ErrorKind, Event, FailureKind, FallbackStep,
    Guards, Notice, OutcomeResult, Policy, ProviderRow, Reached, ResendUnknown, Step,
};
use literllm_core::{Call, Client};

use crate::happen::{Happening, Piece, request, tell};
use crate::model::{Health, IDEMPOTENCY_HEADER, Life};

/// Calls of one client, one after the other and side by side.
const CALLS: u32 = 40;

/// Calls under way at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Models of one provider share its keys, those of another do not.
const MODELS: [&str; 4] = ["openai/a", "openai/b", "groq/a", "deepseek/a"];

/// Statuses that refuse. Some come often.
const REFUSALS: [u16; 19] =
    [429, 429, 429, 503, 503, 529, 500, 500, 502, 504, 524, 401, 401, 402, 403, 400, 404, 408, 999];

/// Failures before a head.
const FAILURES: [(FailureKind, Reached); 16] = [
    (FailureKind::Connect, Reached::NotConnected),
    (FailureKind::ConnectTimeout, Reached::NotConnected),
    (FailureKind::Dns, Reached::NotConnected),
    (FailureKind::Tls, Reached::Connected),
    (FailureKind::Reset, Reached::Connected),
    (FailureKind::Reset, Reached::PartlySent),
    (FailureKind::Reset, Reached::Sent),
    (FailureKind::Other, Reached::Unknown),
    (FailureKind::Other, Reached::NotConnected),
    (FailureKind::Http, Reached::Sent),
    (FailureKind::MissingKey, Reached::NotConnected),
    (FailureKind::MissingKey, Reached::NotConnected),
    (FailureKind::MissingBlob, Reached::NotConnected),
    (FailureKind::Egress, Reached::NotConnected),
    (FailureKind::Lost, Reached::Unknown),
    (FailureKind::Lost, Reached::Unknown),
];

/// Failures after it.
const BREAKS: [(FailureKind, Reached); 6] = [
    (FailureKind::Reset, Reached::HeadSeen),
    (FailureKind::Reset, Reached::BodySeen),
    (FailureKind::Other, Reached::BodySeen),
    (FailureKind::Http, Reached::BodySeen),
    (FailureKind::TooLarge, Reached::BodySeen),
    (FailureKind::Lost, Reached::Unknown),
];

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
        "{} happenings ({} refused as out of order), {} clients, {} calls, {} attempts ({} again, {} at other models), {} held back, {} answers, {} frozen and taken up ({} by another client), seed {seed}: every rule held",
        tally.steps,
        tally.refused,
        tally.clients,
        tally.calls,
        tally.attempts,
        tally.retries,
        tally.fallbacks,
        tally.holds,
        tally.answers,
        tally.frozen,
        tally.moved
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
    retries: u64,
    fallbacks: u64,
    holds: u64,
    answers: u64,
    frozen: u64,
    moved: u64,
    /// Print what happens.
    told: bool,
}

struct Running {
    call: Call,
    life: Life,
    resumable: bool,
}

fn client(seed: u64, tally: &mut Tally) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let keys = rng.u32(1..=3);
    // Of ten heads so many are good.
    let good = rng.u8(0..=8);
    let config = config(keys, &mut rng);
    let mut client = Client::new(config.clone())?;
    let mut health = Health::new(config.guards.clone().unwrap_or_default());
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
            let resumable = rng.u8(..8) > 0;
            let options = CallOptions {
                policy: Some(policy),
                caller_timeout_ms: caller_ms,
                resumable: Some(resumable),
                ..CallOptions::default()
            };
            let model = MODELS[rng.usize(..MODELS.len())];
            let (call, step) = client.start(request(model), options, now_ms, rng.u64(..))?;
            if tally.told {
                println!("{now_ms} call {begun} asks {model}: {} sent", step.send.len());
            }
            life.step(&step, &mut health, now_ms)?;
            keep(Running { call, life, resumable }, &step, &mut running, &mut health, tally);
            continue;
        }
        if running.is_empty() {
            continue;
        }
        let place = rng.usize(..running.len());
        let mut own = running.swap_remove(place);
        match rng.u8(..80) {
            // Forgotten.
            0 => health.forgotten(own.life.id()),
            1..=4 => {
                if let Some(snapshot) = freeze(&own)? {
                    if running.is_empty() && rng.bool() {
                        client = moved(&client, &config)?;
                        tally.moved += 1;
                        if tally.told {
                            println!("{now_ms} another client: {:?}", client.snapshot());
                        }
                    }
                    drop(own.call);
                    let (call, step) = client.restore_call(&snapshot, now_ms)?;
                    ensure!(step.send.is_empty() && step.events.is_empty(), "taking up does something");
                    ensure!(
                        step.wake_at_ms == own.life.wake_at_ms,
                        "a call taken up wants to wake at another time"
                    );
                    tally.frozen += 1;
                    own.call = call;
                }
                running.push(own);
            }
            _ => {
                now_ms = pass(&own, now_ms, &mut rng);
                let happening = choose(&own.life, good, &mut rng);
                let before = (rng.u8(..16) == 0).then(|| client.snapshot());
                let step = happen(&mut own, happening, &mut health, now_ms, tally)?;
                if let Some(before) = before.filter(|_| !step.state_changed) {
                    ensure!(is_same(&before, &client.snapshot()), "the memory moved and nobody says so");
                }
                keep(own, &step, &mut running, &mut health, tally);
            }
        }
    }
    Ok(())
}

/// Another client with the memory of the first.
fn moved(client: &Client, config: &ClientConfig) -> Result<Client> {
    let memory = client.snapshot();
    let mut next = Client::new(config.clone())?;
    next.restore(&memory)?;
    ensure!(next.snapshot() == memory, "a memory that was taken over is another one");
    Ok(next)
}

/// The call as data, if it can be frozen where it is.
fn freeze(own: &Running) -> Result<Option<CallSnapshot>> {
    match own.call.snapshot() {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(error) => {
            let inside = own.life.running.is_some() && own.life.has_head() && !own.life.is_refused();
            ensure!(!own.resumable && inside, "a call is not frozen: {error}");
            Ok(None)
        }
    }
}

/// Whether nothing moved that is worth writing down.
fn is_same(one: &ClientSnapshot, two: &ClientSnapshot) -> bool {
    let worth =
        |memory: &ClientSnapshot| (memory.retry_hundredths, memory.deployments.clone(), memory.keys.clone());
    worth(one) == worth(two)
}

/// Keeps a call that goes on.
fn keep(own: Running, step: &Step, running: &mut Vec<Running>, health: &mut Health, tally: &mut Tally) {
    tally.attempts += step.send.len() as u64;
    for event in &step.events {
        let Event::Notice(notice) = event else { continue };
        match notice.notice {
            Notice::Retry(_) => tally.retries += 1,
            Notice::Fallback(_) => tally.fallbacks += 1,
            Notice::Hold(_) => tally.holds += 1,
        }
    }
    match &step.outcome {
        None => running.push(own),
        Some(outcome) => {
            tally.answers += u64::from(matches!(outcome.result, OutcomeResult::Response(_)));
            health.forgotten(own.life.id());
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
    for send in step.send.iter().filter(|_| told) {
        println!("  attempt {} goes to {} with key {}", send.attempt, send.provider, send.key_slot);
    }
    if let Some(outcome) = step.outcome.as_ref().filter(|_| told) {
        println!("  the end: {:?}", outcome.result);
    }
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

fn choose(life: &Life, good: u8, rng: &mut Rng) -> Happening {
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
    let before_head = !life.has_head() || rng.u8(..20) == 0;
    match rng.u8(..10) {
        0 if rng.bool() => Happening::Wake { idle: Some(attempt) },
        1 if rng.bool() => {
            let (kind, reached) = match life.has_head() {
                true => BREAKS[rng.usize(..BREAKS.len())],
                false => FAILURES[rng.usize(..FAILURES.len())],
            };
            Happening::Failed { attempt, kind, reached }
        }
        2 if !before_head => Happening::End { attempt },
        _ if before_head => head(attempt, good, rng),
        _ if life.is_refused() && rng.bool() => Happening::End { attempt },
        _ => Happening::Body { attempt, piece: piece(rng) },
    }
}

fn head(attempt: u32, good: u8, rng: &mut Rng) -> Happening {
    let status = if rng.u8(..10) < good { 200 } else { REFUSALS[rng.usize(..REFUSALS.len())] };
    let hint_ms = (rng.u8(..3) == 0).then(|| rng.u32(..400));
    match rng.u8(..8) {
        0 => Happening::Advice { attempt, status, hint_ms, again: rng.bool() },
        _ => Happening::Head { attempt, status, hint_ms },
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

fn config(keys: u32, rng: &mut Rng) -> ClientConfig {
    let row = |id: &str| ProviderRow {
        id: id.into(),
        spare_key_env: (1..keys).map(|key| format!("KEY_{key}")).collect(),
        idempotency_header: (id == "groq").then(|| IDEMPOTENCY_HEADER.into()),
        ..ProviderRow::default()
    };
    ClientConfig {
        providers: ["openai", "groq", "deepseek"].into_iter().map(row).collect(),
        guards: Some(guards(rng)),
        ..ClientConfig::default()
    }
}

/// Half of the clients are held back by next to nothing, so that their calls come to the last attempt.
fn guards(rng: &mut Rng) -> Guards {
    let loose = rng.bool();
    let breaker_failures = match loose {
        true if rng.bool() => 0,
        true => rng.u32(5..=50),
        false => rng.u32(0..=5),
    };
    Guards {
        retry_budget: Some(if loose { rng.u32(100..=10_000) } else { rng.u32(0..=12) }),
        retry_refill_percent: Some(rng.u32(0..=100)),
        retry_refill_ms: Some(if rng.bool() { 0 } else { rng.u64(1..=5_000) }),
        breaker_failures: Some(breaker_failures),
        breaker_open_ms: Some(rng.u64(1..=2_000)),
        breaker_probes: Some(rng.u32(1..=2)),
        cooldown_cap_ms: Some(rng.u64(0..=500)),
        key_rest_ms: Some(if loose { rng.u64(2_000..=400_000) } else { rng.u64(0..=2_000) }),
    }
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
