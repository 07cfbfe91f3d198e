//! Every host plays every vector; what crosses must be the same bytes.
//!
//! The runner of each host prints one line for each crossing (its columns are told in `tests/vectors/README.md`). The lines
//! of the core linked into Rust are the measure: the others must print the same, whichever way bodies are cut.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, bail};
use literllm_verify::sha256_hex;

use super::{Outcome, Shared};
use crate::hosts::{Host, Program};
use crate::run;

pub(super) fn run(shared: &Shared) -> Result<Outcome> {
    let runner = shared.rust_program("conformance")?;
    let rust = |engine: &str| {
        let mut command = Command::new(&runner);
        command.arg(engine);
        lines("rust", &mut command)
    };
    let measure = rust("native")?;
    let mut others = vec![("rust component", rust("component")?)];
    let mut absent = Vec::new();
    for host in Host::ALL {
        match host.ready(shared.place) {
            Ok(ready) => {
                let mut command = ready.program(Program::Conformance)?;
                command.arg(shared.place.root.join("tests/vectors"));
                others.push((host.name(), lines(host.name(), &mut command)?));
            }
            Err(cause) => absent.push(format!("{}: {cause:#}", host.name())),
        }
    }
    if !absent.is_empty() {
        return Ok(Outcome::Skipped(absent.join("; ")));
    }
    let vectors = measure.keys().map(|key| key.0.as_str()).collect::<std::collections::BTreeSet<_>>().len();
    let digest =
        |lines: &Lines| sha256_hex(lines.values().map(String::as_str).collect::<String>().as_bytes());
    println!("\n{:<16} {:>9} {:>10}  sha256 of all that crossed", "host", "vectors", "crossings");
    println!("{:<16} {vectors:>9} {:>10}  {}", "rust native", measure.len(), digest(&measure));
    for (name, lines) in &others {
        println!("{name:<16} {vectors:>9} {:>10}  {}", lines.len(), digest(lines));
        if let Some(difference) = difference(&measure, lines) {
            bail!("{name} differs from rust native: {difference}");
        }
    }
    let compared = measure.len() * others.len();
    println!(
        "\n{} hosts x {vectors} vectors x 3 cuttings: {compared} comparisons, all byte-equal",
        others.len() + 1
    );
    Ok(Outcome::Passed(vectors * (others.len() + 1)))
}

/// Vector, cutting, number of the crossing; and the rest of the line.
type Lines = BTreeMap<(String, String, u32), String>;

fn lines(host: &str, command: &mut Command) -> Result<Lines> {
    println!("$ {}", run::line(command));
    let text = run::capture(command).with_context(|| format!("the conformance runner of {host} failed"))?;
    let mut lines = Lines::new();
    for line in text.lines() {
        let mut columns = line.splitn(4, '\t');
        let mut column =
            || columns.next().with_context(|| format!("{host} printed a line without columns: {line}"));
        let (vector, cutting, index, rest) = (column()?, column()?, column()?, column()?);
        let index = index.parse().with_context(|| format!("{host} printed no number: {line}"))?;
        if lines.insert((vector.into(), cutting.into(), index), rest.into()).is_some() {
            bail!("{host} printed a crossing twice: {line}");
        }
    }
    Ok(lines)
}

/// The first difference, in words.
fn difference(measure: &Lines, lines: &Lines) -> Option<String> {
    let place =
        |key: &(String, String, u32)| format!("vector {}, cutting {}, crossing {}", key.0, key.1, key.2);
    for (key, expected) in measure {
        match lines.get(key) {
            None => return Some(format!("{} is missing", place(key))),
            Some(found) if found != expected => {
                return Some(format!("{}\nexpected {expected}\nfound    {found}", place(key)));
            }
            Some(_) => {}
        }
    }
    lines.keys().find(|key| !measure.contains_key(*key)).map(|key| format!("{} is one too many", place(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_missing_and_an_additional_line_are_found() {
        let lines = |texts: &[(u32, &str)]| -> Lines {
            texts.iter().map(|(index, text)| (("v".into(), "whole".into(), *index), (*text).into())).collect()
        };
        let measure = lines(&[(0, "a"), (1, "b")]);
        assert_eq!(difference(&measure, &measure), None);
        for (other, word) in [(vec![(0, "a"), (1, "c")], "found    c"), (vec![(0, "a")], "is missing")] {
            assert!(difference(&measure, &lines(&other)).unwrap().contains(word));
        }
        assert!(difference(&lines(&[(0, "a")]), &measure).unwrap().contains("one too many"));
    }
}
