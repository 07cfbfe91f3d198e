//! What a call costs on a virtual clock: CPU of this process, contenders in turn.

use literllm_core::types::{CallOptions, ClientConfig, Guards, Policy, Step};
use literllm_core::{Call, Client};
use rustix::time::{ClockId, clock_gettime};

use crate::happen::{Happening, Piece, request, tell};

/// One contender.
struct Contender {
    name: &'static str,
    policy: fn() -> Option<Policy>,
    guards: fn() -> Option<Guards>,
    /// Every so many calls the first attempt fails. 0: none.
    fails_every: u32,
}

const CONTENDERS: [Contender; 3] = [
    Contender {
        name: "plain call, one attempt and no guards",
        policy: one_attempt,
        guards: no_guards,
        fails_every: 0,
    },
    Contender { name: "plain call, default policy", policy: || None, guards: || None, fails_every: 0 },
    Contender { name: "every tenth call is tried again", policy: || None, guards: plenty, fails_every: 10 },
];

fn one_attempt() -> Option<Policy> {
    Some(Policy { max_attempts: Some(1), ..Policy::default() })
}

fn no_guards() -> Option<Guards> {
    Some(Guards {
        retry_budget: Some(0),
        breaker_failures: Some(0),
        cooldown_cap_ms: Some(0),
        ..Guards::default()
    })
}

fn plenty() -> Option<Guards> {
    Some(Guards { retry_budget: Some(1_000_000), ..Guards::default() })
}

/// Prints the median of each, in ns a call.
pub(crate) fn run(rounds: u16, calls: u32) {
    let mut turns = [const { Vec::new() }; CONTENDERS.len()];
    for round in 0..=rounds {
        for (contender, turns) in CONTENDERS.iter().zip(&mut turns) {
            let spent_ns = turn(contender, calls);
            // The first round warms up.
            if round > 0 {
                turns.push(spent_ns / u64::from(calls));
            }
        }
    }
    let mut medians = Vec::new();
    for (contender, turns) in CONTENDERS.iter().zip(&mut turns) {
        turns.sort_unstable();
        let median_ns = turns[turns.len() / 2];
        medians.push(median_ns);
        println!(
            "{:<40} {median_ns:>7} ns a call, {:>6.2} s a million",
            contender.name,
            median_ns as f64 / 1_000.0
        );
    }
    // Less than nothing is noise, and shown as it is.
    let adds_ns = i128::from(medians[1]) - i128::from(medians[0]);
    println!(
        "the policy adds {adds_ns} ns to a plain call (1000 are allowed); {rounds} rounds of {calls} calls"
    );
}

fn turn(contender: &Contender, calls: u32) -> u64 {
    let config = ClientConfig { guards: (contender.guards)(), ..ClientConfig::default() };
    let Ok(mut client) = Client::new(config) else { return 0 };
    let before_ns = cpu_ns();
    let mut now_ms = 0;
    for call in 0..calls {
        let options = CallOptions { policy: (contender.policy)(), ..CallOptions::default() };
        let fails = contender.fails_every > 0 && call % contender.fails_every == 0;
        if life(&mut client, options, fails, &mut now_ms, u64::from(call)).is_none() {
            println!("a call did not go as it should: the figures mean nothing");
        }
    }
    cpu_ns() - before_ns
}

/// One call from its start to its end.
fn life(client: &mut Client, options: CallOptions, fails: bool, now_ms: &mut u64, seed: u64) -> Option<Step> {
    let (mut call, _) = client.start(request("openai/a"), options, *now_ms, seed).ok()?;
    let mut attempt = 1;
    if fails {
        tell(&mut call, Happening::Head { attempt, status: 503, hint_ms: None }, *now_ms).ok()?;
        let step = tell(&mut call, Happening::End { attempt }, *now_ms).ok()?;
        *now_ms = step.wake_at_ms?;
        if step.send.is_empty() {
            tell(&mut call, Happening::Wake { idle: None }, *now_ms).ok()?;
        }
        attempt = 2;
    }
    answer(&mut call, attempt, *now_ms).filter(|step| step.outcome.is_some())
}

fn answer(call: &mut Call, attempt: u32, now_ms: u64) -> Option<Step> {
    tell(call, Happening::Head { attempt, status: 200, hint_ms: None }, now_ms).ok()?;
    tell(call, Happening::Body { attempt, piece: Piece::Text }, now_ms).ok()?;
    tell(call, Happening::Body { attempt, piece: Piece::Finish }, now_ms).ok()?;
    tell(call, Happening::End { attempt }, now_ms).ok()
}

fn cpu_ns() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap_or_default() * 1_000_000_000
        + u64::try_from(time.tv_nsec).unwrap_or_default()
}
