//! `cargo xtask bench`: what a call costs in each host, beside the bare HTTP client of its language.
//!
//! Each host has a program that lets the contenders take turns in one process and prints the CPU time of that process. Here the
//! simulators are started, the medians taken and the ratios held against the marks. Speed is never a test: a mark
//! that is missed is shown as missed, and the command succeeds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::demo::Simulator;
use crate::hosts::{Host, Program};
use crate::place::Place;
use crate::{build, cli, run, web};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `rust`, `py`, `go` or `js`. None: all four.
    #[arg(value_parser = ["rust", "py", "go", "js"])]
    hosts: Vec<String>,
    /// Turns of each contender; the median counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(5..))]
    rounds: u16,
    /// Plain calls in each turn; streams are a fifth of it.
    #[arg(long, default_value_t = 200)]
    calls: u16,
}

/// First marks of each host: at most so many times the floor, for a plain call and for a chunk in bursts.
const MARKS: &[(&str, &str, f64, f64)] = &[
    ("rust", "native", 1.3, 2.5),
    ("rust", "component", 2.5, 6.0),
    ("py", "literllm", 2.2, 1.7),
    ("go", "literllm", 2.2, 2.2),
    ("js", "literllm", 1.25, 1.4),
];

/// Measures and prints a table for each host.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    build::lay(place)?;
    let program = cli::binary(place)?;
    let bursts = Simulator::start(&program, &["--chunk-delay-ms", "1", "--events-per-write", "10"])?;
    let wakes = Simulator::start(&program, &["--chunk-delay-ms", "1"])?;
    for host in ["rust", "py", "go", "js"] {
        if !args.hosts.is_empty() && !args.hosts.iter().any(|named| named == host) {
            continue;
        }
        let mut bench = match command(place, host) {
            Ok(bench) => bench,
            Err(cause) if args.hosts.is_empty() => {
                println!("\n!!! {host} is not measured: {cause:#}");
                continue;
            }
            Err(cause) => return Err(cause),
        };
        bench.args(["--base-url", &format!("{}/v1", bursts.base_url)]);
        bench.args(["--wakes-url", &format!("{}/v1", wakes.base_url)]);
        bench.args(["--rounds", &args.rounds.to_string(), "--calls", &args.calls.to_string()]);
        // A simulator takes no key, but a client wants to have one. Nothing of this leaves the machine.
        bench.env("OPENAI_API_KEY", "sk-bench").env("NO_PROXY", "127.0.0.1");
        println!("$ {}", run::line(&bench));
        let lines = run::capture(&mut bench)?;
        print_table(host, &medians(&lines)?, args.rounds);
    }
    Ok(())
}

fn command(place: &Place, host: &str) -> Result<Command> {
    let host = match host {
        "rust" => return Ok(Command::new(rust(place)?)),
        "py" => Host::Python,
        "go" => Host::Go,
        _ => Host::JavaScript,
    };
    web::lay(place)?;
    host.ready(place)?.program(Program::Bench)
}

/// Compiles the Rust program as a user would: optimised.
fn rust(place: &Place) -> Result<PathBuf> {
    let mut build = run::cargo(place);
    build.args(["build", "--release", "--package", "literllm-host", "--example", "bench"]);
    cli::built(&mut build, "bench", "example")
}

/// Case, contender, and something for each unit.
type Row<T> = (String, String, BTreeMap<&'static str, T>);

/// In the order in which they were measured.
type Medians = Vec<Row<f64>>;

const UNITS: [&str; 2] = ["cpu_us_per_call", "cpu_us_per_chunk"];

fn medians(lines: &str) -> Result<Medians> {
    let mut rows: Vec<Row<Vec<f64>>> = Vec::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line)
            .with_context(|| format!("the bench printed a line that is no JSON: {line}"))?;
        let (case, contender) = (text(&value, "case")?, text(&value, "contender")?);
        let known = rows.iter().position(|row| row.0 == case && row.1 == contender);
        let place = known.unwrap_or(rows.len());
        if known.is_none() {
            rows.push((case, contender, BTreeMap::new()));
        }
        for unit in UNITS {
            if let Some(number) = value[unit].as_f64() {
                rows[place].2.entry(unit).or_default().push(number);
            }
        }
    }
    if rows.is_empty() {
        bail!("the bench printed nothing");
    }
    Ok(rows
        .into_iter()
        .map(|(case, contender, units)| {
            let units = units.into_iter().map(|(unit, numbers)| (unit, median(numbers))).collect();
            (case, contender, units)
        })
        .collect())
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value[name].as_str().with_context(|| format!("the bench printed no `{name}`: {value}"))?.to_owned())
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    if numbers.len().is_multiple_of(2) {
        (numbers[middle - 1] + numbers[middle]) / 2.0
    } else {
        numbers[middle]
    }
}

fn print_table(host: &str, medians: &Medians, rounds: u16) {
    println!("\n{host}: CPU of the process in us, medians of {rounds} rounds, contenders alternated");
    println!(
        "{:<8} {:<10} {:>10} {:>10} {:>8}  mark",
        "case", "contender", "per call", "per chunk", "x floor"
    );
    for (case, contender, units) in medians {
        let unit =
            if units.contains_key("cpu_us_per_chunk") { "cpu_us_per_chunk" } else { "cpu_us_per_call" };
        let floor =
            medians.iter().find(|row| row.0 == *case && row.1 == "floor").and_then(|row| row.2.get(unit));
        let ratio = floor.map(|floor| units[unit] / floor);
        let mark = MARKS.iter().find(|mark| mark.0 == host && mark.1 == contender);
        let mark = mark.and_then(|mark| match case.as_str() {
            "plain" => Some(mark.2),
            "bursts" => Some(mark.3),
            _ => None,
        });
        let verdict = match (ratio, mark) {
            (Some(ratio), Some(mark)) if ratio <= mark => format!("at most {mark}: met"),
            (Some(_), Some(mark)) => format!("at most {mark}: MISSED"),
            _ => String::new(),
        };
        let shown = |number: Option<&f64>, digits| {
            number.map_or(String::new(), |number| format!("{number:.digits$}"))
        };
        println!(
            "{case:<8} {contender:<10} {:>10} {:>10} {:>8}  {verdict}",
            shown(units.get("cpu_us_per_call"), 1),
            shown(units.get("cpu_us_per_chunk"), 2),
            shown(ratio.as_ref(), 2),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_each_contender_is_taken() {
        let line = |contender: &str, number: f64| {
            format!("{{\"case\":\"plain\",\"contender\":\"{contender}\",\"cpu_us_per_call\":{number}}}\n")
        };
        let lines: String = [("floor", 3.0), ("x", 9.0), ("floor", 1.0), ("x", 7.0), ("floor", 2.0)]
            .map(|(c, n)| line(c, n))
            .concat();
        let medians = medians(&lines).unwrap();
        assert_eq!((medians[0].1.as_str(), medians[0].2["cpu_us_per_call"]), ("floor", 2.0));
        assert_eq!((medians[1].1.as_str(), medians[1].2["cpu_us_per_call"]), ("x", 8.0));
        assert!(super::medians("").is_err() && super::medians("no JSON").is_err());
    }
}
