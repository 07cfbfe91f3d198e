//! Programs of this checkout, built here: `literllm`, run by `demo` and by the suites, and runners of suites.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::run;

/// Builds the `literllm` program and tells where it lies.
pub(crate) fn binary(place: &Place) -> Result<PathBuf> {
    program(place, "literllm")
}

/// Builds a program and tells where it lies. Cargo is asked, since `CARGO_TARGET_DIR` may point anywhere.
pub(crate) fn program(place: &Place, name: &str) -> Result<PathBuf> {
    let mut build = run::cargo(place);
    // Cargo chooses the features of dependencies by what it is asked to build. Asked for less here than in the
    // suites it would compile wasmtime twice (without `--workspace`), or tokio and HTTP (without any test).
    build.args(["build", "--workspace", "--bin", name, "--test", "cli"]);
    built(&mut build, name, "bin")
}

/// The same for an example of the Rust host.
pub(crate) fn example(place: &Place, name: &str) -> Result<PathBuf> {
    let mut build = run::cargo(place);
    build.args(["build", "--workspace", "--example", name, "--test", "cli"]);
    built(&mut build, name, "example")
}

/// Runs a build and finds the program of that name and kind (`bin`, `example`) in what cargo says.
pub(crate) fn built(build: &mut Command, name: &str, kind: &str) -> Result<PathBuf> {
    eprintln!("$ {}", run::line(build));
    let messages = run::capture(build.args(["--message-format", "json-render-diagnostics"]))?;
    let found = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["target"]["name"] == name && message["target"]["kind"][0] == kind;
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    found.with_context(|| format!("cargo named no {kind} `{name}`; next: see the manifests of the workspace"))
}
