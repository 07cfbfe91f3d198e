//! Suites that are cargo's: all test programs are compiled once, and each suite runs its own.
//!
//! Cargo chooses the features of a dependency by the packages it is asked to build. Asked package by
//! package it would compile the largest of them, wasmtime, again and again, each time a little
//! differently (measured: 3 minutes each). So it is asked once, for the whole workspace, and named
//! no package afterwards.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Outcome, Shared};
use crate::place::Place;
use crate::run;

/// One compiled test program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// Folder of its package below the checkout, such as `tests/mock`.
    folder: String,
    /// Name of the package.
    package: String,
    /// Name of the target, such as `vectors`; for unit tests that of the crate.
    pub(super) target: String,
    /// How cargo is asked for it: `--test vectors`, `--lib`.
    selector: String,
    executable: PathBuf,
}

impl Program {
    /// Whether it tests the package in that folder from outside. Unit tests do not.
    pub(super) fn is_test_of(&self, folder: &str) -> bool {
        self.folder == folder && self.selector.starts_with("--test ")
    }
}

/// Compiles every test of the workspace.
pub(super) fn programs(place: &Place) -> Result<Vec<Program>> {
    let mut build = run::cargo(place);
    build.args(["test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"]);
    println!("$ cargo test --workspace --no-run");
    let messages = run::capture(&mut build).context("the tests do not compile")?;
    let found = messages.lines().filter_map(|line| program(place, &serde_json::from_str(line).ok()?));
    Ok(found.collect())
}

/// Reads one message of cargo. Most are about libraries and name no test program.
fn program(place: &Place, message: &Value) -> Option<Program> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let executable = PathBuf::from(message["executable"].as_str()?);
    let manifest = PathBuf::from(message["manifest_path"].as_str()?);
    let folder = manifest.parent()?.strip_prefix(&place.root).ok()?.to_str()?.replace('\\', "/");
    // `path+file:///checkout/core#literllm-core@0.1.0`, or `...xtask#0.1.0` where folder and package share a name.
    let id = message["package_id"].as_str()?.rsplit_once('#')?.1;
    let package = id
        .split_once('@')
        .map_or_else(|| folder.rsplit('/').next().unwrap_or(id), |(name, _)| name)
        .to_owned();
    let target = message["target"]["name"].as_str()?.to_owned();
    let selector = match message["target"]["kind"][0].as_str()? {
        "test" => format!("--test {target}"),
        "bin" => format!("--bin {target}"),
        _ => "--lib".to_owned(),
    };
    Some(Program { folder, package, target, selector, executable })
}

/// Runs the programs a suite chooses, whatever fails on the way, and counts what passed.
pub(super) fn run_programs(shared: &Shared, chosen: impl Fn(&Program) -> bool) -> Result<Outcome> {
    let (mut passed, mut broken) = (0, Vec::new());
    for program in shared.programs()?.iter().filter(|program| chosen(program)) {
        println!("\n--- {} {}", program.package, program.selector);
        let folder = shared.place.root.join(&program.folder);
        let mut command = Command::new(&program.executable);
        let (status, output) = run::tee(command.current_dir(&folder).env("CARGO_MANIFEST_DIR", &folder))?;
        let counts = count(&output);
        passed += counts.passed;
        if counts.ignored > 0 {
            println!("!!! {} tests are marked as ignored and did not run", counts.ignored);
        }
        if !status.success() {
            let next = format!("cargo test --package {} {}", program.package, program.selector);
            broken.push(format!("{} failed of `{next}`", counts.failed.max(1)));
        }
    }
    if !broken.is_empty() {
        bail!("{}; next: run it alone", broken.join(", "));
    }
    if passed == 0 {
        bail!(
            "no test ran at all; next: see that the test files are where cargo looks (`cargo test --workspace`)"
        );
    }
    Ok(Outcome::Passed(passed))
}

/// Runs a program that prints its counts as cargo's test programs do.
pub(super) fn run_counted(command: &mut Command) -> Result<Outcome> {
    let (status, output) = run::tee(command)?;
    let counts = count(&output);
    if !status.success() {
        bail!("{} failed; {}", counts.failed, run::failed(command, status));
    }
    Ok(Outcome::Passed(counts.passed))
}

/// Documentation of every crate without a warning, and its examples.
pub(super) fn docs(shared: &Shared) -> Result<Outcome> {
    shared.need_component()?;
    let mut doc = run::cargo(shared.place);
    doc.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings");
    run::run(&mut doc)
        .context("a page of the documentation is not good; next: `cargo doc --workspace --no-deps`")?;
    let mut examples = run::cargo(shared.place);
    examples.args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    let (status, output) = run::tee(&mut examples)?;
    let counts = count(&output);
    if !status.success() {
        bail!("{} examples failed; {}", counts.failed, run::failed(&examples, status));
    }
    Ok(Outcome::Passed(counts.passed + 1))
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Adds up the lines `test result: ok. 12 passed; 0 failed; 1 ignored; ...`. Programs without cargo's harness
/// print one as well.
fn count(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines().filter(|line| line.starts_with("test result:")) {
        for item in line.split(['.', ';']) {
            match item.trim().split_once(' ') {
                Some((number, "passed")) => counts.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => counts.failed += number.parse().unwrap_or(0),
                Some((number, "ignored")) => counts.ignored += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_programs_are_added_up() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 9 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.14s\n";
        assert_eq!(count(output), Counts { passed: 11, failed: 1, ignored: 1 });
    }

    #[test]
    fn test_programs_are_found_among_the_messages_of_cargo() {
        let place = Place { root: "/w".into(), cargo_home: None, locked: false };
        let message = |id: &str, folder: &str, kind: &str, test: bool| {
            serde_json::json!({
                "reason": "compiler-artifact", "package_id": id, "manifest_path": format!("/w/{folder}/Cargo.toml"),
                "target": {"kind": [kind], "name": "some"}, "profile": {"test": test}, "executable": "/t/some-1",
            })
        };
        let found = program(
            &place,
            &message("path+file:///w/tests/mock#literllm-mock@0.1.0", "tests/mock", "test", true),
        );
        let found = found.unwrap();
        assert_eq!((found.package.as_str(), found.selector.as_str()), ("literllm-mock", "--test some"));
        assert!(found.is_test_of("tests/mock") && !found.is_test_of("tests"));
        let found = program(&place, &message("path+file:///w/xtask#0.1.0", "xtask", "bin", true)).unwrap();
        assert_eq!((found.package.as_str(), found.selector.as_str()), ("xtask", "--bin some"));
        assert_eq!(program(&place, &message("path+file:///w/xtask#0.1.0", "xtask", "bin", false)), None);
    }
}
