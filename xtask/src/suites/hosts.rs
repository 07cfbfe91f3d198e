//! Suites of the hosts in other languages: their own tests, by their own runners.

use anyhow::{Result, bail};

use super::{Outcome, Shared};
use crate::hosts::{Host, Ready};
use crate::run;

/// Go's linter, pinned. It is compiled once, into the folder of tools.
const STATICCHECK: &str = "honnef.co/go/tools/cmd/staticcheck@v0.8.2";

/// Types, style and tests of the Python host.
pub(super) fn python(shared: &Shared) -> Result<Outcome> {
    of(shared, Host::Python, |ready| {
        run::run(ready.tool().args(["-m", "ruff", "check", "--quiet", "."]))?;
        run::run(ready.tool().args(["-m", "ruff", "format", "--check", "--quiet", "."]))?;
        run::run(ready.tool().args(["-m", "mypy", "--strict", "literllm"]))?;
        let mut tests = ready.tool();
        with_simulator(shared, &mut tests)?;
        let (status, output) = run::tee(tests.args(["-m", "pytest", "-q", "--color=no"]))?;
        counted(status.success(), number_before(&output, " passed"), "python -m pytest")
    })
}

/// Style and tests of the Go host.
pub(super) fn go(shared: &Shared) -> Result<Outcome> {
    of(shared, Host::Go, |ready| {
        run::run(ready.tool().args(["vet", "./..."]))?;
        let bin = shared.place.tools().join("go");
        let linter = bin.join("staticcheck");
        if !linter.exists() {
            run::run(ready.tool().args(["install", STATICCHECK]).env("GOBIN", &bin))?;
        }
        let mut lint = std::process::Command::new(linter);
        run::run(lint.arg("./...").current_dir(Host::Go.folder(shared.place)))?;
        let mut tests = ready.tool();
        with_simulator(shared, &mut tests)?;
        // `-count=1`: the component is not part of Go's cache key.
        let (status, output) = run::tee(tests.args(["test", "-count=1", "-v", "./..."]))?;
        let passed = output.lines().filter(|line| line.trim_start().starts_with("--- PASS")).count();
        counted(status.success(), Some(passed), "go test ./...")
    })
}

/// Tests of the JavaScript host; its types were checked when it was built.
pub(super) fn javascript(shared: &Shared) -> Result<Outcome> {
    of(shared, Host::JavaScript, |ready| {
        let mut tests = ready.tool();
        with_simulator(shared, &mut tests)?;
        let (status, output) = run::tee(tests.args(["test", "--silent"]))?;
        let passed = output.lines().rev().find_map(|line| line.split_once("pass ")?.1.trim().parse().ok());
        counted(status.success(), passed, "npm test")
    })
}

/// Makes a host ready, or says why it cannot be tested here.
fn of(shared: &Shared, host: Host, test: impl FnOnce(&Ready) -> Result<Outcome>) -> Result<Outcome> {
    shared.need_component()?;
    match host.ready(shared.place) {
        Ok(ready) => test(&ready),
        Err(cause) => Ok(Outcome::Skipped(format!("{cause:#}"))),
    }
}

/// Tells a test run where the simulator is, and that nothing may be skipped: what it needs has been laid.
fn with_simulator(shared: &Shared, tests: &mut std::process::Command) -> Result<()> {
    tests.env("LITERLLM_MOCK", shared.program()?).env("LITERLLM_REQUIRE_ALL", "1");
    Ok(())
}

fn counted(success: bool, passed: Option<usize>, command: &str) -> Result<Outcome> {
    match passed {
        _ if !success => bail!("`{command}` failed; next: read what it said above, or run it alone"),
        Some(passed) if passed > 0 => Ok(Outcome::Passed(passed)),
        _ => bail!("`{command}` ran no test at all"),
    }
}

/// `12` of `12 passed in 3 s`.
fn number_before(output: &str, word: &str) -> Option<usize> {
    let (before, _) = output.rsplit_once(word)?;
    before.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
