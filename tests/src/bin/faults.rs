//! Plays fault scripts on a virtual clock, and judges what runners say.
//!
//! - `faults play native|component [PART]`: plays the scripts with `PART` in their names; one line of JSON for each.
//! - `faults show PART`: the same for people, as the `[[expect]]` of a script.
//! - `faults judge NAME=FILE...`: the lines of several runners, held against the scripts and against the first runner.

#![allow(clippy::print_stdout, reason = "a program that prints")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use literllm_core::engine::Engine as Native;
use literllm_faults::judge;
use literllm_faults::line::{CallLine, Line};
use literllm_faults::script::{self, Clock, Script};
use literllm_tests::component::Sandbox;
use literllm_tests::engine::Engine;
use literllm_tests::faults::play;

/// Faults of one runner at one script that are shown: the others follow from these.
const MOST_SHOWN: usize = 6;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["play", engine] => play_all(engine, ""),
        ["play", engine, part] => play_all(engine, part),
        ["show", part] => show(part),
        ["judge", ref runners @ ..] if !runners.is_empty() => judge_all(runners),
        _ => Err("usage: faults play native|component [PART] | show PART | judge NAME=FILE...".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("faults: {why}");
            ExitCode::FAILURE
        }
    }
}

fn play_all(engine: &str, part: &str) -> Result<(), String> {
    let make: fn() -> Result<Box<dyn Engine>, String> = match engine {
        "native" => || Ok(Box::new(Native::new())),
        "component" => || Ok(Box::new(Sandbox::new()?)),
        _ => return Err(format!("there is no engine {engine}: native or component")),
    };
    let (began, scripts) = (Instant::now(), script::all(&script::folder(), part)?);
    for script in &scripts {
        let line = play(&mut *make()?, script).map_err(|why| format!("{}: {why}", script.name))?;
        println!("{}", serde_json::to_string(&line).map_err(|error| error.to_string())?);
    }
    eprintln!("{} scripts in {:.2} s", scripts.len(), began.elapsed().as_secs_f64());
    Ok(())
}

fn show(part: &str) -> Result<(), String> {
    for script in script::all(&script::folder(), part)? {
        println!("\n# {}: {}", script.name, script.about);
        let line = match play(&mut Native::new(), &script) {
            Ok(line) => line,
            Err(why) => {
                println!("# NOT PLAYED: {why}");
                continue;
            }
        };
        line.calls.iter().for_each(|call| println!("{}", expectation(&script, call)));
        judge::faults(&script, &line).iter().for_each(|fault| println!("# NOT AS EXPECTED: {fault}"));
    }
    Ok(())
}

/// A call as the script would expect it.
fn expectation(script: &Script, call: &CallLine) -> String {
    let mut text = format!("[[expect]]\noutcome = {:?}\n", call.outcome);
    let mut field = |name: &str, value: String| text.push_str(&format!("{name} = {value}\n"));
    if call.outcome != "response" {
        field("text", format!("{:?}", call.text));
        field("next", format!("{:?}", call.next));
    }
    if call.maybe_billed {
        field("maybe_billed", "true".into());
    }
    if let Some(deadline) = &call.deadline {
        field("deadline", format!("{deadline:?}"));
    }
    if !call.warnings.is_empty() {
        field("warnings", format!("{:?}", call.warnings));
    }
    let pairs = |pairs: Vec<(&str, Option<String>)>| {
        let given = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name} = {}", value?)));
        format!("    {{ {} }},\n", given.collect::<Vec<_>>().join(", "))
    };
    let word = |word: &Option<String>| word.as_ref().map(|word| format!("{word:?}"));
    let attempts = call.attempts.iter().map(|attempt| {
        pairs(vec![
            ("model", (attempt.model != script.model).then(|| format!("{:?}", attempt.model))),
            ("status", attempt.status.map(|status| status.to_string())),
            ("error", word(&attempt.error)),
            ("wait_ms", attempt.wait_ms.map(|wait_ms| wait_ms.to_string())),
            ("wait_reason", word(&attempt.wait_reason)),
            ("key_slot", (attempt.key_slot != 0).then(|| attempt.key_slot.to_string())),
            ("maybe_billed", attempt.maybe_billed.then(|| "true".into())),
        ])
    });
    let attempts: String = attempts.collect();
    let notices = call.notices.iter().map(|notice| {
        pairs(vec![
            ("type", Some(format!("{:?}", notice.r#type))),
            ("from_model", word(&notice.from_model)),
            ("to_model", word(&notice.to_model)),
            ("model", word(&notice.model)),
            ("error", word(&notice.error)),
            ("reason", word(&notice.reason)),
            ("delay_ms", notice.delay_ms.map(|delay_ms| delay_ms.to_string())),
        ])
    });
    let notices: String = notices.collect();
    text.push_str(&format!("attempts = [\n{attempts}]\nnotices = [\n{notices}]\n"));
    if let Some(message) = &call.message {
        text.push_str(&format!("# it says: {message}\n"));
    }
    text
}

fn judge_all(runners: &[&str]) -> Result<(), String> {
    let scripts = script::all(&script::folder(), "")?;
    let mut said = Vec::new();
    for runner in runners {
        let (name, file) = runner.split_once('=').ok_or_else(|| format!("{runner} is no NAME=FILE"))?;
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let mut lines = BTreeMap::new();
        for line in text.lines() {
            let line: Line =
                serde_json::from_str(line).map_err(|error| format!("{name}: {error}: {line}"))?;
            lines.insert(line.script.clone(), line);
        }
        said.push((name, lines));
    }
    let names: Vec<&str> = said.iter().map(|(name, _)| *name).collect();
    println!("{:<44} {}", "script", names.join(" "));
    let (mut passed, mut broken) = (0, 0);
    for script in &scripts {
        let mut marks = String::new();
        let mut faults = Vec::new();
        for (name, lines) in &said {
            let virtual_runner = name.starts_with("virtual");
            if script.clock == Clock::Virtual && !virtual_runner {
                marks.push_str(&format!(" {:>width$}", "-", width = name.len()));
                continue;
            }
            let found = match lines.get(&script.name) {
                None => vec!["no line".to_owned()],
                Some(line) => {
                    let mut found = judge::faults(script, line);
                    let measure = said.first().and_then(|(_, lines)| lines.get(&script.name));
                    found.extend(measure.and_then(|measure| judge::difference(measure, line)));
                    found
                }
            };
            let mark = if found.is_empty() { "ok" } else { "WRONG" };
            marks.push_str(&format!(" {mark:>width$}", width = name.len()));
            if found.is_empty() {
                passed += 1
            } else {
                broken += 1
            }
            faults.extend(found.into_iter().take(MOST_SHOWN).map(|fault| format!("    {name}: {fault}")));
        }
        println!("{:<44}{marks}", script.name);
        faults.iter().for_each(|fault| println!("{fault}"));
    }
    let real = scripts.iter().filter(|script| script.clock == Clock::Any).count();
    println!("\n{} scripts, {real} of them also on the real clock; {} runners", scripts.len(), said.len());
    let word = if broken == 0 { "ok" } else { "FAILED" };
    println!("test result: {word}. {passed} passed; {broken} failed; 0 ignored; 0 measured; 0 filtered out");
    if broken == 0 { Ok(()) } else { Err(format!("{broken} are not as expected")) }
}
