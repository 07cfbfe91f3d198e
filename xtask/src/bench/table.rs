//! What the programs of `cargo xtask bench` print, line by line, as medians in a table with ratios and marks.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What is measured: its name in the lines, its column, its digits.
const UNITS: [(&str, &str, usize); 4] = [
    ("cpu_us_per_call", "us per call", 1),
    ("cpu_us_per_chunk", "us per chunk", 2),
    ("cpu_ns_per_event", "ns per event", 0),
    ("mb_per_s", "MB/s", 1),
];

/// Of a row's units the first of these is held against the floor.
const COMPARED: [&str; 3] = ["cpu_us_per_chunk", "cpu_us_per_call", "cpu_ns_per_event"];

/// First marks: program, contender, case (empty: every case), what the mark is, and how many times the floor it allows.
const MARKS: &[(&str, &str, &str, &str, f64)] = &[
    ("core", "native", "", "at most", 2.0),
    ("core", "native", "", "aim", 1.5),
    ("rust", "native", "plain", "at most", 1.3),
    ("rust", "native", "bursts", "at most", 2.5),
    ("rust", "component", "plain", "at most", 2.5),
    ("rust", "component", "bursts", "at most", 6.0),
    ("py", "literllm", "plain", "at most", 2.2),
    ("py", "literllm", "bursts", "at most", 1.7),
    ("go", "literllm", "plain", "at most", 2.2),
    ("go", "literllm", "bursts", "at most", 2.2),
    ("js", "literllm", "plain", "at most", 1.25),
    ("js", "literllm", "bursts", "at most", 1.4),
];

/// What a contender printed for a case: for each unit a number of every round.
struct Row {
    case: String,
    contender: String,
    rounds: BTreeMap<&'static str, Vec<f64>>,
}

/// Prints the table of what a program printed.
pub(super) fn print(program: &str, lines: &str, rounds: u16) -> Result<()> {
    let rows = read(lines)?;
    println!("\n{program}: CPU time of the process, medians of {rounds} rounds, contenders alternated");
    let shown: Vec<_> =
        UNITS.iter().filter(|unit| rows.iter().any(|row| row.rounds.contains_key(unit.0))).collect();
    let width = rows.iter().map(|row| row.case.len()).max().unwrap_or(0).max(8);
    let titles: String = shown.iter().map(|(_, title, _)| format!(" {title:>12}")).collect();
    println!("{:<width$} {:<10}{titles} {:>8}  mark", "case", "contender", "x floor");
    for row in &rows {
        let numbers: String = shown
            .iter()
            .map(|(unit, _, digits)| match row.rounds.get(unit) {
                Some(numbers) => format!(" {:>12.digits$}", median(numbers.clone())),
                None => format!(" {:>12}", ""),
            })
            .collect();
        let ratio = ratio(&rows, row);
        println!(
            "{:<width$} {:<10}{numbers} {:>8}  {}",
            row.case,
            row.contender,
            ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            verdicts(program, &row.contender, &row.case, ratio)
        );
    }
    Ok(())
}

/// How many times the floor, in the median of the rounds: each is held against the floor of the same moment.
fn ratio(rows: &[Row], row: &Row) -> Option<f64> {
    let unit = COMPARED.iter().find(|unit| row.rounds.contains_key(**unit))?;
    let floor = rows.iter().find(|other| other.case == row.case && other.contender == "floor")?;
    let pairs = row.rounds.get(unit)?.iter().zip(floor.rounds.get(unit)?);
    Some(median(pairs.map(|(ours, floor)| ours / floor).collect()))
}

fn verdicts(program: &str, contender: &str, case: &str, ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else { return String::new() };
    let ours =
        MARKS.iter().filter(|mark| (mark.0, mark.1) == (program, contender) && [case, ""].contains(&mark.2));
    let verdicts: Vec<String> = ours
        .map(|(_, _, _, word, bound)| {
            format!("{word} {bound}: {}", if ratio <= *bound { "met" } else { "MISSED" })
        })
        .collect();
    verdicts.join(", ")
}

/// In the order in which they were measured.
fn read(lines: &str) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line)
            .with_context(|| format!("the bench printed a line that is no JSON: {line}"))?;
        let (case, contender) = (text(&value, "case")?, text(&value, "contender")?);
        let known = rows.iter().position(|row| row.case == case && row.contender == contender);
        let place = known.unwrap_or(rows.len());
        if known.is_none() {
            rows.push(Row { case, contender, rounds: BTreeMap::new() });
        }
        for (unit, ..) in UNITS {
            if let Some(number) = value[unit].as_f64() {
                rows[place].rounds.entry(unit).or_default().push(number);
            }
        }
    }
    if rows.is_empty() {
        bail!("the bench printed nothing");
    }
    Ok(rows)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_round_is_held_against_the_floor_of_its_moment() {
        let line = |contender: &str, number: f64| {
            format!("{{\"case\":\"plain\",\"contender\":\"{contender}\",\"cpu_us_per_call\":{number}}}\n")
        };
        // The machine was busy in the second round.
        let lines: String =
            [("floor", 2.0), ("x", 4.0), ("floor", 20.0), ("x", 60.0), ("floor", 3.0), ("x", 9.0)]
                .map(|(contender, number)| line(contender, number))
                .concat();
        let rows = read(&lines).unwrap();
        assert_eq!((rows.len(), rows[0].contender.as_str()), (2, "floor"));
        assert_eq!(median(rows[0].rounds["cpu_us_per_call"].clone()), 3.0);
        assert_eq!((ratio(&rows, &rows[0]), ratio(&rows, &rows[1])), (Some(1.0), Some(3.0)));
        assert!(read("").is_err() && read("no JSON").is_err());
    }

    #[test]
    fn a_mark_is_of_a_case_or_of_every_case() {
        assert_eq!(verdicts("rust", "native", "bursts", Some(2.6)), "at most 2.5: MISSED");
        assert_eq!(verdicts("core", "native", "any", Some(1.7)), "at most 2: met, aim 1.5: MISSED");
        assert_eq!(verdicts("core", "floor", "any", Some(1.0)), "");
    }
}
