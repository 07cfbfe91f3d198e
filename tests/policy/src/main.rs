//! The policy engine on a virtual clock: nothing here sleeps or sends.
//!
//! | command | what it shows |
//! |---|---|
//! | `random` | random clients, calls, failures and clocks keep to a simple model |
//! | `walk` | every order of happenings to a depth: no panic, no dead end, the same rules |
//! | `storm` | a fleet against a provider that fails for a minute |
//! | `bench` | what a call costs, with the policy and with one attempt alone |
//! | `open` | what a suspended call holds |

#![allow(clippy::print_stdout, reason = "a program that prints")]

mod bench;
mod happen;
mod model;
mod open;
mod random;
mod storm;
mod walk;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

/// The policy engine on a virtual clock.
#[derive(clap::Parser)]
enum Command {
    /// Random clients, calls, failures and clocks against a simple model.
    Random {
        /// Happenings in all.
        #[arg(long, default_value_t = 3_000_000)]
        steps: u64,
        /// Where chance begins; the same seed plays the same lives. Absent: a new one, which is printed.
        #[arg(long)]
        seed: Option<u64>,
        /// Play one client alone: the number that a failure names.
        #[arg(long)]
        client: Option<u64>,
    },
    /// Every order of happenings.
    Walk {
        /// Happenings in a row.
        #[arg(long, default_value_t = 7)]
        depth: u32,
    },
    /// 1,000 clients with 100 calls each against a provider that fails for 60 s.
    Storm,
    /// A million simulated calls. Prints CPU times as lines for `cargo xtask bench`.
    Bench {
        /// Turns of each contender.
        #[arg(long, default_value_t = 5)]
        rounds: u16,
        /// Calls in each turn.
        #[arg(long, default_value_t = 200_000)]
        calls: u32,
    },
    /// Calls that are open at the same time, and the memory they take.
    Open {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        calls: usize,
    },
}

fn main() -> ExitCode {
    let done: Result<()> = match Command::parse() {
        Command::Random { steps, seed, client } => {
            random::run(steps, seed.unwrap_or_else(|| fastrand::u64(..)), client)
        }
        Command::Walk { depth } => walk::run(depth),
        Command::Storm => storm::run(),
        Command::Bench { rounds, calls } => {
            bench::run(rounds, calls);
            Ok(())
        }
        Command::Open { calls } => open::run(calls),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("policy: {error:#}");
            ExitCode::FAILURE
        }
    }
}
