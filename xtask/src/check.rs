//! `cargo xtask check`: the quick round before a commit.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::suites::{self, Shared};
use crate::{build, generate, run};

/// Format, generated types, component, clippy, fuzz targets, unit tests; stops at the first that fails.
pub(crate) fn run(place: &Place) -> Result<()> {
    let mut times = Vec::new();
    let mut step = |name: &'static str, work: &dyn Fn() -> Result<()>| {
        let began = Instant::now();
        println!("\n--- {name}");
        work().with_context(|| format!("`cargo xtask check` stopped at {name}"))?;
        times.push((name, began.elapsed().as_secs_f64()));
        anyhow::Ok(())
    };
    step("format", &|| {
        run::run(run::cargo(place).args(["fmt", "--all", "--check"]))
            .context("next: `cargo fmt --all` puts it right")?;
        // A workspace of its own; to format it nobody needs nightly.
        run::run(run::cargo(place).args(["fmt", "--check", "--manifest-path", "core/fuzz/Cargo.toml"]))
            .context("next: `cargo fmt --manifest-path core/fuzz/Cargo.toml` puts it right")
    })?;
    step("types", &|| generate::run(place, &generate::Args { check: true }))?;
    // The Rust host embeds it, so nothing else compiles without.
    step("component", &|| build::lay(place).map(|_| ()))?;
    step("clippy", &|| {
        run::run(run::cargo(place).args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("fuzz targets", &|| {
        // Without the fuzzer itself, which alone wants nightly.
        run::run(run::cargo(place).args([
            "clippy",
            "--manifest-path",
            "core/fuzz/Cargo.toml",
            "--target-dir",
            "core/fuzz/target",
            "--no-default-features",
            "--lib",
            "--examples",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("unit tests", &|| suites::unit(&Shared::new(place)).map(|_| ()))?;
    println!();
    for (name, seconds) in &times {
        println!("{name:<12} {seconds:>6.1} s");
    }
    println!("check passed; next: `cargo xtask test` runs every suite");
    Ok(())
}
