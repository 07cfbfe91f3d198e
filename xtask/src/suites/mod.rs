//! `cargo xtask test`: every suite, as a table; what each needs, it installs or says loudly that it lacks.
//!
//! A suite is a row. One that cannot run here is skipped, never passed: the skip is counted and printed
//! last, where it is seen. `--require-all`, which the CI passes, turns a skip into a failure, except for
//! suites whose data live outside the project.

mod cargo;
mod conformance;
mod faults;
mod hosts;
mod policy;
mod real;
mod typed;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use literllm_verify::Inspection;

use crate::place::Place;
use crate::{build, cli, corpus, repro, verify, web};
use cargo::Program;

/// Which suites, and how strictly.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Suites to run. None: all of them.
    #[arg(value_name = "SUITE")]
    names: Vec<String>,
    /// A suite that cannot run here is a failure (not one whose data live outside the project).
    #[arg(long)]
    require_all: bool,
    /// Name the suites and what each needs, and run nothing.
    #[arg(long)]
    list: bool,
}

/// How a suite ended, if it did not fail.
pub(crate) enum Outcome {
    /// All held; so many tests or assertions.
    Passed(usize),
    /// It could not run here, and why.
    Skipped(String),
}

/// One row of the table.
struct Suite {
    name: &'static str,
    /// What it shows, when it passes.
    shows: &'static str,
    /// What it needs beside the Rust toolchain.
    needs: &'static str,
    /// Its data live outside the project, so that a clone alone cannot run it.
    outside: bool,
    run: fn(&Shared) -> Result<Outcome>,
}

/// What suites share: each is made when the first suite asks for it.
pub(crate) struct Shared<'a> {
    pub(crate) place: &'a Place,
    component: OnceCell<Inspection>,
    programs: OnceCell<Vec<Program>>,
    program: OnceCell<PathBuf>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(place: &'a Place) -> Self {
        Self { place, component: OnceCell::new(), programs: OnceCell::new(), program: OnceCell::new() }
    }

    /// Builds the component; the Rust host embeds it, so nothing else compiles without.
    fn need_component(&self) -> Result<&Inspection> {
        if self.component.get().is_none() {
            let _ = self.component.set(build::lay(self.place)?);
            build::lay_hooks(self.place)?;
            web::lay(self.place)?;
            web::lay_hooks(self.place)?;
        }
        self.component.get().context("the component was just built (a mistake in xtask)")
    }

    /// The `literllm` program, which is also the simulator.
    fn program(&self) -> Result<PathBuf> {
        if self.program.get().is_none() {
            let _ = self.program.set(cli::binary(self.place)?);
        }
        self.program.get().cloned().context("the program was just built (a mistake in xtask)")
    }

    /// Another program of the workspace. It lies beside `literllm`.
    fn rust_program(&self, name: &str) -> Result<PathBuf> {
        self.need_component()?;
        cli::program(self.place, name)
    }

    /// Compiles all test programs.
    fn programs(&self) -> Result<&[Program]> {
        self.need_component()?;
        if self.programs.get().is_none() {
            let _ = self.programs.set(cargo::programs(self.place)?);
        }
        Ok(self.programs.get().map_or(&[], Vec::as_slice))
    }
}

/// Cheap ones first, so that a mistake shows early.
const SUITES: &[Suite] = &[
    Suite {
        name: "component",
        shows: "literllm.wasm: no imports, one module, no paths, small",
        needs: "",
        outside: false,
        run: component,
    },
    Suite {
        name: "unit",
        shows: "every crate by itself, the simulator and the verifier also from outside",
        needs: "",
        outside: false,
        run: unit,
    },
    Suite {
        name: "vectors",
        shows: "bytes of every kind, whole and cut, handles and happenings of every kind: native and sandbox alike",
        needs: "",
        outside: false,
        run: |shared| cargo::run_programs(shared, |program| program.is_test_of("tests")),
    },
    Suite {
        name: "host",
        shows: "the Rust host: both engines, transport, keys, cancellation",
        needs: "",
        outside: false,
        run: |shared| cargo::run_programs(shared, |program| program.is_test_of("host-wasmtime")),
    },
    Suite {
        name: "cli",
        shows: "the `literllm` program, run as a user runs it",
        needs: "",
        outside: false,
        run: |shared| cargo::run_programs(shared, |program| program.is_test_of("host-wasmtime/cli")),
    },
    Suite {
        name: "conformance",
        shows: "Rust native, Rust component, Python, Go and Node: every document that crosses, byte for byte",
        needs: "Python 3 with venv, Go, Node with npm; installs their packages",
        outside: false,
        run: conformance::run,
    },
    Suite {
        name: "faults",
        shows: "what goes wrong, by script: the same decisions and waits on a virtual clock and, in real time, in every host",
        needs: "Python 3 with venv, Go, Node with npm; installs their packages",
        outside: false,
        run: faults::run,
    },
    Suite {
        name: "policy",
        shows: "random lives and every order of happenings against a model of the policy; a fleet in a storm; a million open calls",
        needs: "",
        outside: false,
        run: |shared| policy::run(shared.place).map(Outcome::Passed),
    },
    Suite {
        name: "python",
        shows: "the Python host: types, style, tests against the simulator",
        needs: "Python 3 with venv; installs its packages below target/tools",
        outside: false,
        run: hosts::python,
    },
    Suite {
        name: "go",
        shows: "the Go host: vet, staticcheck, tests against the simulator",
        needs: "Go; downloads its modules",
        outside: false,
        run: hosts::go,
    },
    Suite {
        name: "js",
        shows: "the JavaScript host on Node: types, tests against the simulator",
        needs: "Node 20 or newer with npm; installs its packages below js/node_modules",
        outside: false,
        run: hosts::javascript,
    },
    Suite {
        name: "typed",
        shows: "literllm-wasi.wasm over wasi:http: its imports, its events equal to the engine's",
        needs: "Python 3 with venv",
        outside: false,
        run: typed::run,
    },
    Suite {
        name: "docs",
        shows: "documentation without warnings; its examples run",
        needs: "",
        outside: false,
        run: cargo::docs,
    },
    Suite {
        name: "repro",
        shows: "the same sha256 from two folders and two cargo homes",
        needs: "git; downloads the component's crates again",
        outside: false,
        run: |shared| repro::run(shared.place).map(|_| Outcome::Passed(1)),
    },
    Suite {
        name: "real",
        shows: "a real model (SmolLM2 on llama.cpp) through the program, streamed and plain, both engines",
        needs: "Python 3 with venv; installs 205 MB of packages below target/tools",
        outside: false,
        run: real::run,
    },
    Suite {
        name: "corpus",
        shows: "recorded exchanges through the component, read as the official clients read them, going back as they came",
        needs: "../shared/recorded, which is not part of the project",
        outside: true,
        run: recorded_exchanges,
    },
];

/// Runs them, in the order of the table, and counts.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    if args.list {
        for suite in SUITES {
            println!("{:<10} {}", suite.name, suite.shows);
            if !suite.needs.is_empty() {
                println!("{:<10} needs {}", "", suite.needs);
            }
        }
        return Ok(());
    }
    let names = || SUITES.iter().map(|suite| suite.name).collect::<Vec<_>>().join(", ");
    if let Some(name) = args.names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        bail!("there is no suite `{name}`; there are: {}", names());
    }
    let shared = Shared::new(place);
    let chosen = |suite: &&Suite| args.names.is_empty() || args.names.iter().any(|name| name == suite.name);
    let results = SUITES.iter().filter(chosen).map(|suite| {
        println!("\n=== {}: {}", suite.name, suite.shows);
        let began = Instant::now();
        let outcome = (suite.run)(&shared);
        match &outcome {
            Ok(Outcome::Passed(_)) => {}
            Ok(Outcome::Skipped(reason)) => println!("!!! SKIPPED {}: {reason}", suite.name),
            Err(error) => println!("!!! FAILED {}: {error:#}", suite.name),
        }
        (suite, outcome, began.elapsed().as_secs_f64())
    });
    summary(&results.collect::<Vec<_>>(), args.require_all)
}

/// The table at the end. Fails when a suite failed, or was skipped and must not be.
fn summary(results: &[(&Suite, Result<Outcome>, f64)], require_all: bool) -> Result<()> {
    println!("\n{:<10} {:<8} {:>6} {:>8}", "suite", "result", "tests", "seconds");
    let (mut tests, mut passed, mut skipped, mut failed) = (0, 0, Vec::new(), Vec::new());
    for (suite, outcome, seconds) in results {
        let (word, count, why) = match outcome {
            Ok(Outcome::Passed(count)) => ("passed", *count, String::new()),
            Ok(Outcome::Skipped(reason)) if require_all && !suite.outside => {
                ("FAILED", 0, format!("skipped: {reason}"))
            }
            Ok(Outcome::Skipped(reason)) => ("SKIPPED", 0, reason.clone()),
            Err(error) => ("FAILED", 0, error.to_string()),
        };
        println!("{:<10} {word:<8} {count:>6} {seconds:>8.1}  {why}", suite.name);
        tests += count;
        match word {
            "passed" => passed += 1,
            "SKIPPED" => skipped.push(suite.name),
            _ => failed.push(suite.name),
        }
    }
    println!(
        "\n{passed} passed ({tests} tests), {} skipped{}, {} failed{}",
        skipped.len(),
        named(&skipped),
        failed.len(),
        named(&failed)
    );
    match failed.first() {
        None => Ok(()),
        Some(first) => bail!("not every suite passed; next: `cargo xtask test {first}` runs that one alone"),
    }
}

fn named(names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// Builds and proves.
fn component(shared: &Shared) -> Result<Outcome> {
    let inspection = shared.need_component()?;
    println!("{inspection}");
    verify::judge(inspection)?;
    // Kind, one module, no imports, no paths, size.
    Ok(Outcome::Passed(5))
}

/// Folders whose test programs have a suite of their own.
const CLAIMED: &[&str] = &["tests", "host-wasmtime", "host-wasmtime/cli"];

/// Every test program that no other suite claims, so that none is ever forgotten.
pub(crate) fn unit(shared: &Shared) -> Result<Outcome> {
    cargo::run_programs(shared, |program| !CLAIMED.iter().any(|folder| program.is_test_of(folder)))
}

fn recorded_exchanges(shared: &Shared) -> Result<Outcome> {
    let dir = corpus::folder(shared.place);
    if !dir.is_dir() {
        return Ok(Outcome::Skipped(corpus::absent(&dir)));
    }
    shared.need_component()?;
    cargo::run_counted(&mut corpus::program(shared.place, &dir)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite(outside: bool) -> Suite {
        Suite { name: "x", shows: "", needs: "", outside, run: |_| Ok(Outcome::Passed(0)) }
    }

    #[test]
    fn a_skip_fails_only_when_all_are_required_and_the_data_are_ours() {
        let skipped = || Ok(Outcome::Skipped("no model".to_owned()));
        for (outside, require_all, good) in [(false, false, true), (false, true, false), (true, true, true)] {
            let suite = suite(outside);
            assert_eq!(
                summary(&[(&suite, skipped(), 0.1)], require_all).is_ok(),
                good,
                "{outside} {require_all}"
            );
        }
    }

    #[test]
    fn a_failure_fails_and_names_what_to_run_next() {
        let suite = suite(false);
        let error = summary(&[(&suite, Err(anyhow::anyhow!("broken")), 0.1)], false).unwrap_err();
        assert!(error.to_string().contains("cargo xtask test x"), "{error}");
    }

    #[test]
    fn names_are_unique() {
        for (index, suite) in SUITES.iter().enumerate() {
            assert!(SUITES[..index].iter().all(|other| other.name != suite.name), "{}", suite.name);
        }
    }
}
