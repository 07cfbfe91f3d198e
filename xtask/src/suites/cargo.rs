//! Suites that are cargo's: run in the open, and counted from what the test programs say.

use anyhow::{Context, Result, bail};

use super::{Outcome, Shared};
use crate::place::Place;
use crate::run;

/// Test programs of crates that embed no component.
const NEED_NO_COMPONENT: &[&str] = &["inspect", "faults", "server"];

/// The crates that need no component: fast to build, fast to run.
pub(crate) fn quick_units(place: &Place) -> Result<usize> {
    let packages = ["literllm-core", "literllm-verify", "literllm-mock", "xtask"];
    let mut arguments = packages.iter().flat_map(|name| ["--package", name]).collect::<Vec<_>>();
    arguments.extend(["--lib", "--bins", "--tests"]); // Examples in the documentation belong to `docs`.
    test(place, &arguments)
}

/// Test programs that embed the component, by name. See `cli::binary` for why the whole workspace is named.
pub(super) fn after_component(shared: &Shared, programs: &[&str]) -> Result<Outcome> {
    shared.need_component()?;
    let mut arguments = vec!["--workspace"];
    arguments.extend(programs.iter().flat_map(|program| ["--test", program]));
    test(shared.place, &arguments).map(Outcome::Passed)
}

/// Units of every crate, and the simulator and the verifier seen from outside.
pub(super) fn units(shared: &Shared) -> Result<Outcome> {
    shared.need_component()?;
    let mut arguments = vec!["--workspace", "--lib", "--bins"];
    arguments.extend(NEED_NO_COMPONENT.iter().flat_map(|program| ["--test", program]));
    test(shared.place, &arguments).map(Outcome::Passed)
}

/// Documentation of every crate without a warning, and its examples.
pub(super) fn docs(shared: &Shared) -> Result<Outcome> {
    shared.need_component()?;
    let mut doc = run::cargo(shared.place);
    doc.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings");
    run::run(&mut doc)
        .context("a page of the documentation is not good; next: `cargo doc --workspace --no-deps`")?;
    let examples = test(shared.place, &["--workspace", "--doc"])?;
    Ok(Outcome::Passed(examples + 1))
}

/// Runs `cargo test` to the end, whatever fails on the way, and counts what passed.
fn test(place: &Place, arguments: &[&str]) -> Result<usize> {
    let mut command = run::cargo(place);
    command.args(["test", "--no-fail-fast"]).args(arguments);
    let (status, output) = run::tee(&mut command)?;
    let counts = count(&output);
    if !status.success() {
        let which = if counts.failed > 0 {
            format!("{} of its tests failed; ", counts.failed)
        } else {
            String::new()
        };
        bail!("{which}{}", run::failed(&command, status));
    }
    if counts.passed == 0 {
        bail!(
            "`{}` ran no test at all; next: see that its test files are where cargo looks",
            run::line(&command)
        );
    }
    if counts.ignored > 0 {
        println!("!!! {} tests are marked as ignored and did not run", counts.ignored);
    }
    Ok(counts.passed)
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: usize,
    failed: usize,
    ignored: usize,
}

/// Adds up the lines `test result: ok. 12 passed; 0 failed; 1 ignored; ...`, one of each test program.
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
}
