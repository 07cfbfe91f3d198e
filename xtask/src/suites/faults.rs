//! Every host plays every fault script; what it decides, and how long it means to wait, must be what the script says.
//!
//! The core plays them on a virtual clock first, linked in and as a component; then each host plays them to the
//! simulator in real time. The runner of each prints one line for each script (`tests/faults/README.md`), and
//! `faults judge` holds the lines against the scripts and against each other.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use super::{Outcome, Shared, cargo};
use crate::demo::Simulator;
use crate::hosts::{Host, Program};
use crate::{cli, run};

/// Keys that scripts speak of, by slot. They open nothing; the simulator looks whether the right one came.
const KEYS: [(&str, &str); 4] = [
    ("FAULTS_KEY_0", "faults-key-0"),
    ("FAULTS_KEY_1", "faults-key-1"),
    ("FAULTS_KEY_2", "faults-key-2"),
    ("FAULTS_KEY_3", "faults-key-3"),
];

pub(super) fn run(shared: &Shared) -> Result<Outcome> {
    let (player, host) = (shared.rust_program("faults")?, cli::example(shared.place, "faults")?);
    let scripts = shared.place.root.join("tests/faults");
    let scripts = scripts.to_str().context("the path of the checkout is not Unicode")?;
    let simulator = Simulator::start(&shared.program()?, &["--chunk-delay-ms", "0", "--scripts", scripts])?;
    let mut runners = Vec::new();
    for engine in ["native", "component"] {
        let mut command = Command::new(&player);
        command.args(["play", engine]);
        runners.push((format!("virtual-{engine}"), command));
    }
    for engine in ["native", "component"] {
        let mut command = Command::new(&host);
        command.args([&simulator.base_url, engine]);
        runners.push((format!("rust-{engine}"), command));
    }
    let mut absent = Vec::new();
    for host in Host::ALL {
        match host.ready(shared.place) {
            Ok(ready) => {
                let mut command = ready.program(Program::Faults)?;
                command.arg(&simulator.base_url);
                runners.push((host.name().to_owned(), command));
            }
            Err(cause) => absent.push(format!("{}: {cause:#}", host.name())),
        }
    }
    let folder = tempfile::tempdir()?;
    let mut judge = Command::new(&player);
    judge.arg("judge");
    let mut times = String::new();
    for (name, command) in &mut runners {
        println!("$ {}", run::line(command));
        let began = Instant::now();
        let lines = run::capture(command.envs(KEYS).env("NO_PROXY", "127.0.0.1"));
        let lines = lines.with_context(|| format!("the fault runner of {name} failed"))?;
        let (count, seconds) = (lines.lines().count(), began.elapsed().as_secs_f64());
        times.push_str(&format!("{name:<18} {count:>7} {seconds:>8.1}\n"));
        let file = folder.path().join(&*name);
        std::fs::write(&file, lines)?;
        judge.arg(format!("{name}={}", file.display()));
    }
    println!();
    let judged = cargo::run_counted(&mut judge).context(
        "scripts came out otherwise than they say; next: `cargo run --bin faults show NAME` for one of them",
    );
    println!("\n{:<18} {:>7} {:>8}\n{times}", "runner", "scripts", "seconds");
    if !absent.is_empty() {
        return judged.map(|_| Outcome::Skipped(absent.join("; ")));
    }
    judged
}
