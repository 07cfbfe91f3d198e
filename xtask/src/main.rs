//! `cargo xtask`: the only task runner of this project.
//!
//! A newcomer needs two of its commands, `cargo xtask demo` and `cargo xtask test`; both set up what
//! they need. The rest are the pieces these two are made of. Each file here is one command, and beside
//! them stand `run` (child processes that never outlive us) and `place` (where things lie).

#![expect(clippy::print_stdout, reason = "a task runner talks to the person who runs it")]

mod bench;
mod build;
mod check;
mod cli;
mod corpus;
mod demo;
mod flags;
mod fuzz;
mod generate;
mod hosts;
mod pack;
mod place;
mod python;
mod repro;
mod run;
mod suites;
mod verify;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use place::Place;

const AFTER_HELP: &str = "\
Start here:
  cargo xtask demo            see one chat stream through the component, no key needed
  cargo xtask test            run every test; what it needs and can install, it installs
  cargo xtask check           the quick round before a commit

Then:
  cargo xtask build           make target/literllm.wasm and lay it where the Rust host embeds it
  cargo xtask verify          what that file imports (nothing), exports, weighs; its sha256
  cargo xtask test real       one suite; `cargo xtask test --list` names them all";

/// The task runner of Liter-LLM.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the component: target/literllm.wasm, proven to have no imports, and the same bytes everywhere.
    Build,
    /// Write the types of every language from wit/types.wit, and hold the Rust types against it.
    Generate(generate::Args),
    /// Show what a component file imports, exports and weighs; fail on any import or path of a builder.
    Verify(verify::Args),
    /// Build the component in two folders with two cargo homes and compare the sha256.
    Repro,
    /// The main job, end to end: component, simulator (or the real provider), one streamed chat, its report.
    Demo(demo::Args),
    /// Run every test suite, or the named ones, and count them.
    Test(suites::Args),
    /// Recorded exchanges through the built component, compared with what the official SDKs read.
    Corpus(corpus::Args),
    /// What the core costs beside a plain parse, and a call in each host beside the bare HTTP client of its language.
    Bench(bench::Args),
    /// Fuzz the core on nightly: every target of core/fuzz, or the named ones.
    Fuzz(fuzz::Args),
    /// The quick round: format, generated types, component, clippy with warnings as errors, unit tests.
    Check,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done =
        run::end_children_on_ctrl_c().and_then(|()| Place::of_checkout()).and_then(|place| match cli.task {
            Task::Build => build::run(&place),
            Task::Generate(args) => generate::run(&place, &args),
            Task::Verify(args) => verify::run(&place, &args),
            Task::Repro => repro::run(&place).map(|_| ()),
            Task::Demo(args) => demo::run(&place, &args),
            Task::Test(args) => suites::run(&place, &args),
            Task::Corpus(args) => corpus::run(&place, &args),
            Task::Bench(args) => bench::run(&place, &args),
            Task::Fuzz(args) => fuzz::run(&place, &args),
            Task::Check => check::run(&place),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
