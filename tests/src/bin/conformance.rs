//! Plays the vectors to an engine of the Rust side and prints everything that crosses, as the runner of every host does.
//!
//! `conformance native|component [CUTTING...]`, the cuttings `whole`, `bytes` and `seeded` (all of them when none is
//! named). One line for each crossing, its fields apart by tabs: vector, cutting, number of the crossing from 0, function,
//! `ok` or `err`, the core's document as it came, and the same read into Rust's types and written again in canonical
//! form (RFC 8785). Here it is also seen that reading into types loses nothing.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::fmt::Write as _;
use std::process::ExitCode;

use literllm_core::engine::Engine as Native;
use literllm_core::types::{Created, Error, Started, Step};
use literllm_tests::component::Sandbox;
use literllm_tests::cutting::{Cuts, Cutting};
use literllm_tests::engine::Engine;
use literllm_tests::{replay, vector};
use serde::Serialize;
use serde::de::DeserializeOwned;

fn main() -> ExitCode {
    match run() {
        Ok(lines) => {
            print!("{lines}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("conformance: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let mut arguments = std::env::args().skip(1);
    let make: fn() -> Result<Box<dyn Engine>, String> = match arguments.next().as_deref() {
        Some("native") => || Ok(Box::new(Native::new())),
        Some("component") => || Ok(Box::new(Sandbox::new()?)),
        _ => return Err("usage: conformance native|component [whole|bytes|seeded]...".into()),
    };
    let named: Vec<String> = arguments.collect();
    let mut lines = String::new();
    for vector in vector::all()? {
        // Both doors say the same (`vectors` shows it); every host has one of them.
        for cutting in Cutting::all(&vector.name).into_iter().filter(|cutting| !cutting.latin1) {
            let cuts = word(cutting);
            if !named.is_empty() && !named.iter().any(|named| named == cuts) {
                continue;
            }
            let run = replay::play(&mut *make()?, &vector, cutting)
                .map_err(|why| format!("{}, {cutting}: {why}", vector.name))?;
            for (index, (function, answer)) in run.crossings.iter().enumerate() {
                let (kind, document) = match answer {
                    Ok(document) => ("ok", document),
                    Err(document) => ("err", document),
                };
                let canonical = canonical(function, kind, document)
                    .map_err(|why| format!("{}, {cutting}, {function}: {why}: {document}", vector.name))?;
                let _ = writeln!(
                    lines,
                    "{}\t{cuts}\t{index}\t{function}\t{kind}\t{document}\t{canonical}",
                    vector.name
                );
            }
        }
    }
    Ok(lines)
}

fn word(cutting: Cutting) -> &'static str {
    match cutting.cuts {
        Cuts::Whole => "whole",
        Cuts::Bytes => "bytes",
        Cuts::Seeded(_) => "seeded",
    }
}

fn canonical(function: &str, kind: &str, document: &str) -> Result<String, String> {
    match (kind, function) {
        ("err", _) => again::<Error>(document),
        (_, "client-create") => again::<Created>(document),
        (_, "call-start") => again::<Started>(document),
        _ => again::<Step>(document),
    }
}

/// Read as `T` and written canonically, which must be the document itself written canonically.
fn again<T: DeserializeOwned + Serialize>(document: &str) -> Result<String, String> {
    let typed: T = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let plain: serde_json::Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let typed = serde_json_canonicalizer::to_string(&typed).map_err(|error| error.to_string())?;
    let plain = serde_json_canonicalizer::to_string(&plain).map_err(|error| error.to_string())?;
    if typed == plain { Ok(typed) } else { Err(format!("Rust's types lose something: {typed}")) }
}
