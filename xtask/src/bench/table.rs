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

/// Case, contender, and something for each unit.
type Row<T> = (String, String, BTreeMap<&'static str, T>);

/// In the order in which they were measured.
type Medians = Vec<Row<f64>>;

/// Prints the table of what a program printed.
pub(super) fn print(program: &str, lines: &str, rounds: u16) -> Result<()> {
    let medians = medians(lines)?;
    println!("\n{program}: CPU time of the process, medians of {rounds} rounds, contenders alternated");
    let shown: Vec<_> =
        UNITS.iter().filter(|unit| medians.iter().any(|row| row.2.contains_key(unit.0))).collect();
    let width = medians.iter().map(|row| row.0.len()).max().unwrap_or(0).max(8);
    let titles: String = shown.iter().map(|(_, title, _)| format!(" {title:>12}")).collect();
    println!("{:<width$} {:<10}{titles} {:>8}  mark", "case", "contender", "x floor");
    for (case, contender, units) in &medians {
        let numbers: String = shown
            .iter()
            .map(|(unit, _, digits)| match units.get(unit) {
                Some(number) => format!(" {number:>12.digits$}"),
                None => format!(" {:>12}", ""),
            })
            .collect();
        let ratio = ratio(&medians, case, units);
        let shown = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        println!(
            "{case:<width$} {contender:<10}{numbers} {shown:>8}  {}",
            verdicts(program, contender, case, ratio)
        );
    }
    Ok(())
}

fn ratio(medians: &Medians, case: &str, units: &BTreeMap<&'static str, f64>) -> Option<f64> {
    let unit = COMPARED.iter().find(|unit| units.contains_key(**unit))?;
    let floor = medians.iter().find(|row| row.0 == case && row.1 == "floor")?;
    Some(units.get(unit)? / floor.2.get(unit)?)
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
        for (unit, ..) in UNITS {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_each_contender_is_taken_and_held_against_the_floor() {
        let line = |contender: &str, number: f64| {
            format!("{{\"case\":\"plain\",\"contender\":\"{contender}\",\"cpu_us_per_call\":{number}}}\n")
        };
        let lines: String = [("floor", 3.0), ("x", 9.0), ("floor", 1.0), ("x", 7.0), ("floor", 2.0)]
            .map(|(c, n)| line(c, n))
            .concat();
        let medians = medians(&lines).unwrap();
        assert_eq!((medians[0].1.as_str(), medians[0].2["cpu_us_per_call"]), ("floor", 2.0));
        assert_eq!((medians[1].1.as_str(), medians[1].2["cpu_us_per_call"]), ("x", 8.0));
        assert_eq!(ratio(&medians, "plain", &medians[1].2), Some(4.0));
        assert!(super::medians("").is_err() && super::medians("no JSON").is_err());
    }

    #[test]
    fn a_mark_is_of_a_case_or_of_every_case() {
        assert_eq!(verdicts("rust", "native", "bursts", Some(2.6)), "at most 2.5: MISSED");
        assert_eq!(verdicts("core", "native", "any", Some(1.7)), "at most 2: met, aim 1.5: MISSED");
        assert_eq!(verdicts("core", "floor", "any", Some(1.0)), "");
    }
}
