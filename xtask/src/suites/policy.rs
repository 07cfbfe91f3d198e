//! The policy engine against a model that is simpler than it: `tests/policy` on a virtual clock, optimised.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::place::Place;
use crate::{bench, run};

/// What is played, each a proof of its own. The seed is fixed: what fails here fails again.
const PROOFS: [&[&str]; 4] = [
    &["random", "--steps", "3000000", "--seed", "1"],
    &["walk", "--depth", "5"],
    &["storm"],
    &["open", "--calls", "1000000"],
];

/// Plays all of them and answers with how many there were.
pub(super) fn run(place: &Place) -> Result<usize> {
    let program = bench::optimised(place, "literllm-policy", "policy", "bin")?;
    for proof in PROOFS {
        let mut command = Command::new(&program);
        command.args(proof);
        println!("$ {}", run::line(&command));
        ensure!(command.status()?.success(), "`policy {}` failed", proof.join(" "));
    }
    Ok(PROOFS.len())
}
