//! `cargo xtask bench`: what the core costs beside a plain parse, and what a call costs in each host beside the bare HTTP
//! client of its language.
//!
//! Each has a program that lets the contenders take turns in one process and prints the CPU time of that process. Here
//! what the programs need is started, the medians taken and the ratios held against the marks. Speed is never a test: a
//! mark that is missed is shown as missed, and the command succeeds.

mod table;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::demo::Simulator;
use crate::hosts::{Host, Program};
use crate::place::Place;
use crate::{build, cli, run, web};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `core`, `policy`, `rust`, `py`, `go` or `js`. None: all six.
    #[arg(value_parser = ["core", "policy", "rust", "py", "go", "js"])]
    programs: Vec<String>,
    /// Turns of each contender; the median counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(5..))]
    rounds: u16,
    /// Plain calls in each turn of a host; streams are a fifth of it.
    #[arg(long, default_value_t = 200)]
    calls: u16,
    /// `core` without its sandbox: nothing of wasmtime is compiled.
    #[arg(long)]
    native: bool,
    /// `core` reads the recorded streams too: ../shared/recorded, or the folder `recorded` in LITERLLM_SHARED.
    #[arg(long)]
    recorded: bool,
}

/// Measures and prints a table for each program.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    let all = args.programs.is_empty();
    let wanted = |name: &str| all || args.programs.iter().any(|named| named == name);
    if wanted("core") {
        core(place, args)?;
    }
    if wanted("policy") {
        policy(place, args)?;
    }
    let hosts = ["rust", "py", "go", "js"].into_iter().filter(|host| wanted(host)).collect::<Vec<_>>();
    if hosts.is_empty() {
        return Ok(());
    }
    build::lay(place)?;
    let program = cli::binary(place)?;
    let bursts = Simulator::start(&program, &["--chunk-delay-ms", "1", "--events-per-write", "10"])?;
    let wakes = Simulator::start(&program, &["--chunk-delay-ms", "1"])?;
    for host in hosts {
        let mut bench = match command(place, host) {
            Ok(bench) => bench,
            Err(cause) if all => {
                println!("\n!!! {host} is not measured: {cause:#}");
                continue;
            }
            Err(cause) => return Err(cause),
        };
        bench.args(["--base-url", &format!("{}/v1", bursts.base_url)]);
        bench.args(["--wakes-url", &format!("{}/v1", wakes.base_url)]);
        bench.args(["--calls", &args.calls.to_string()]);
        // A simulator takes no key, but a client wants to have one. Nothing of this leaves the machine.
        bench.env("OPENAI_API_KEY", "sk-bench").env("NO_PROXY", "127.0.0.1");
        measure(host, bench, args)?;
    }
    Ok(())
}

/// Runs a program and prints its table.
fn measure(name: &str, mut bench: Command, args: &Args) -> Result<()> {
    bench.args(["--rounds", &args.rounds.to_string()]);
    println!("$ {}", run::line(&bench));
    let lines = run::capture(&mut bench)?;
    table::print(name, &lines, args.rounds)
}

/// The core by itself: bytes in, steps out, no network.
fn core(place: &Place, args: &Args) -> Result<()> {
    let mut bench = if args.native {
        Command::new(optimised(place, "literllm-bench", "literllm-bench", "bin")?)
    } else {
        build::lay(place)?;
        let mut bench = Command::new(optimised(place, "literllm-host", "bench_core", "example")?);
        bench.arg("--component").arg(place.component());
        bench
    };
    if args.recorded {
        let beside = || place.root.join("../shared");
        let shared = std::env::var_os("LITERLLM_SHARED").map_or_else(beside, PathBuf::from);
        bench.arg("--recorded").arg(shared.join("recorded"));
    }
    measure("core", bench, args)
}

fn command(place: &Place, host: &str) -> Result<Command> {
    let host = match host {
        "rust" => return Ok(Command::new(optimised(place, "literllm-host", "bench", "example")?)),
        "py" => Host::Python,
        "go" => Host::Go,
        _ => Host::JavaScript,
    };
    web::lay(place)?;
    host.ready(place)?.program(Program::Bench)
}

/// Calls on a virtual clock: what the policy costs.
fn policy(place: &Place, args: &Args) -> Result<()> {
    let mut bench = Command::new(optimised(place, "literllm-policy", "policy", "bin")?);
    bench.args(["bench", "--rounds", &args.rounds.to_string()]);
    println!("$ {}", run::line(&bench));
    println!("{}", run::capture(&mut bench)?);
    Ok(())
}

/// Compiles a Rust program as a user would, and tells where it lies.
pub(crate) fn optimised(place: &Place, package: &str, name: &str, kind: &str) -> Result<PathBuf> {
    let mut build = run::cargo(place);
    build.args(["build", "--release", "--package", package, &format!("--{kind}"), name]);
    cli::built(&mut build, name, kind)
}
