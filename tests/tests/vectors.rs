//! Every vector, natively and in the component, its bodies cut in every way.
//!
//! `cargo test --workspace --test vectors [-- PART_OF_A_NAME]`. With `LITERLLM_BLESS=1` the files
//! `http.json` and `expected.json` are written anew from the native engine: read what changed before you keep it.

#![allow(clippy::print_stdout, reason = "a test program of its own: it prints what it counted")]

use std::process::ExitCode;

use literllm_core::engine::Engine as Native;
use literllm_tests::component::Sandbox;
use literllm_tests::cutting::Cutting;
use literllm_tests::engine::Engine;
use literllm_tests::replay::{self, Run};
use literllm_tests::vector::{self, Vector};
use literllm_tests::{diff, layout};

#[derive(Default)]
struct Counts {
    vectors: usize,
    failed: usize,
    runs: usize,
    crossings: usize,
    comparisons: usize,
}

fn main() -> ExitCode {
    let part = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let bless = std::env::var_os("LITERLLM_BLESS").is_some_and(|value| value == "1");
    let vectors = match vector::all() {
        Ok(vectors) => vectors,
        Err(why) => return fail(&why),
    };
    let chosen: Vec<Vector> = vectors.into_iter().filter(|vector| vector.name.contains(&part)).collect();
    if chosen.is_empty() {
        return fail(&format!("no vector's name contains `{part}`"));
    }
    let absent = Sandbox::new().err();
    if let (Some(why), false) = (&absent, bless) {
        return fail(why);
    }
    let mut counts = Counts::default();
    for mut vector in chosen {
        counts.vectors += 1;
        if let Err(why) = check(&mut vector, bless, absent.is_none(), &mut counts) {
            counts.failed += 1;
            println!("FAILED {}: {why}\n  next: cargo test --workspace --test vectors -- {0}\n", vector.name);
        }
    }
    let Counts { vectors, failed, runs, crossings, comparisons } = counts;
    println!(
        "{vectors} vectors, {runs} runs (6 cuttings, 2 engines), {crossings} crossings, {comparisons} comparisons"
    );
    // The line that cargo's own test programs end with; `cargo xtask test` counts it.
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {} passed; {failed} failed; 0 ignored", vectors - failed);
    match absent {
        Some(why) => fail(&why),
        None => ExitCode::from(u8::from(failed > 0)),
    }
}

fn fail(why: &str) -> ExitCode {
    println!("FAILED: {why}");
    ExitCode::FAILURE
}

fn check(vector: &mut Vector, bless: bool, in_sandbox: bool, counts: &mut Counts) -> Result<(), String> {
    let mut native = Native::new();
    let mut sandbox = if in_sandbox { Some(Sandbox::new()?) } else { None };
    let mut whole: Option<Run> = None;
    for cutting in Cutting::all(&vector.name) {
        let place = |why: String| format!("{cutting}: {why}");
        let run =
            play(&mut native, vector, cutting, counts).map_err(|why| place(format!("native: {why}")))?;
        if let Some(sandbox) = &mut sandbox {
            let boxed =
                play(sandbox, vector, cutting, counts).map_err(|why| place(format!("component: {why}")))?;
            counts.comparisons += same_crossings(&run, &boxed).map_err(place)?;
        }
        match &whole {
            None => {
                if bless {
                    vector.bless(run.http.as_deref().map(layout::pretty), layout::pretty(&run.expected()))?;
                }
                same("http.json", vector.http.as_deref(), run.http.as_deref()).map_err(place)?;
                same("expected.json", vector.expected.as_deref(), Some(&run.expected())).map_err(place)?;
                counts.comparisons += 2;
                whole = Some(run);
            }
            Some(whole) => {
                same("the request of the whole body", whole.http.as_deref(), run.http.as_deref())
                    .map_err(place)?;
                same("what the whole body means", Some(&whole.comparable()), Some(&run.comparable()))
                    .map_err(place)?;
                counts.comparisons += 2;
            }
        }
    }
    Ok(())
}

fn play(
    engine: &mut dyn Engine,
    vector: &Vector,
    cutting: Cutting,
    counts: &mut Counts,
) -> Result<Run, String> {
    let run = replay::play(engine, vector, cutting)?;
    counts.runs += 1;
    counts.crossings += run.crossings.len();
    Ok(run)
}

/// Equal but for white space between tokens.
fn same(what: &str, expected: Option<&str>, got: Option<&str>) -> Result<(), String> {
    match (expected.map(layout::compact), got.map(layout::compact)) {
        (None, None) => Ok(()),
        (None, Some(got)) => {
            Err(format!("there is no {what}; LITERLLM_BLESS=1 would write\n{}", layout::pretty(&got)))
        }
        (Some(_), None) => Err(format!("nothing was sent, but {what} expects a request")),
        (Some(expected), Some(got)) if expected == got => Ok(()),
        (Some(expected), Some(got)) => Err(format!(
            "differs from {what}\n{}",
            diff::lines(&layout::pretty(&expected), &layout::pretty(&got))
        )),
    }
}

/// How many crossings were compared, byte for byte.
fn same_crossings(native: &Run, boxed: &Run) -> Result<usize, String> {
    for (at, (ours, theirs)) in native.crossings.iter().zip(&boxed.crossings).enumerate() {
        if ours != theirs {
            return Err(format!("crossing {at} differs\n  native    {ours:?}\n  component {theirs:?}"));
        }
    }
    match (native.crossings.len(), boxed.crossings.len()) {
        (ours, theirs) if ours == theirs => Ok(ours),
        (ours, theirs) => Err(format!("{ours} crossings natively, {theirs} in the component")),
    }
}
