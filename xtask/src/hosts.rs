//! The hosts in other languages: how each is made ready with its own tools, and how its programs are started.
//!
//! A language that is not on this machine is an error that says what to install; who calls decides whether that is a
//! skip or a failure.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::python::Tool;
use crate::run;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Python,
    Go,
    JavaScript,
}

/// A program that every host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// Plays vectors and prints what crosses.
    Conformance,
    /// Plays fault scripts to the simulator and prints what came of them.
    Faults,
    /// Measures itself beside the bare HTTP client of its language.
    Bench,
    /// One question by the one-liner.
    Infer,
}

/// The packages of the Python host, pinned.
const PYTHON: Tool =
    Tool { name: "python-host", installs: &[&["--requirement", "py-host/requirements-dev.txt"]] };

impl Host {
    pub(crate) const ALL: [Self; 3] = [Self::Python, Self::Go, Self::JavaScript];

    /// As a person types it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Go => "go",
            Self::JavaScript => "js",
        }
    }

    /// Its folder in the checkout.
    pub(crate) fn folder(self, place: &Place) -> PathBuf {
        place.root.join(match self {
            Self::Python => "py-host",
            Self::Go => "go-host",
            Self::JavaScript => "js",
        })
    }

    /// Installs what it needs. An error says what this machine lacks.
    pub(crate) fn ready(self, place: &Place) -> Result<Ready> {
        let folder = self.folder(place);
        let python = match self {
            Self::Python => {
                PYTHON.python(place).context("the Python host's packages could not be installed")?
            }
            Self::Go => {
                present("go", "version", "Go 1.25 or newer (https://go.dev/dl)")?;
                PathBuf::new()
            }
            Self::JavaScript => {
                present("node", "--version", "Node 20 or newer with npm (https://nodejs.org)")?;
                let (lock, mark) =
                    (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
                let time = |path: &PathBuf| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
                if time(&mark) < time(&lock) || time(&mark).is_none() {
                    run::run(npm(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
                }
                run::run(npm(&folder).args(["run", "--silent", "build"]))?;
                PathBuf::new()
            }
        };
        Ok(Ready { host: self, folder, python, tools: place.tools() })
    }
}

/// A host whose tools are there.
pub(crate) struct Ready {
    host: Host,
    folder: PathBuf,
    python: PathBuf,
    tools: PathBuf,
}

impl Ready {
    /// Python, Go's tool or npm, in the host's folder.
    pub(crate) fn tool(&self) -> Command {
        let mut tool = match self.host {
            Host::Python => Command::new(&self.python),
            Host::Go => Command::new("go"),
            Host::JavaScript => npm(&self.folder),
        };
        tool.current_dir(&self.folder);
        tool
    }

    /// One of its programs, compiled where the language wants that.
    pub(crate) fn program(&self, program: Program) -> Result<Command> {
        let (name, interpreted) = match program {
            Program::Conformance => ("conformance", ["tests/conformance.py", "test/conformance.mjs"]),
            Program::Faults => ("faults", ["tests/faults.py", "test/faults.mjs"]),
            Program::Bench => ("bench", ["bench/bench.py", "bench/bench.mjs"]),
            Program::Infer => ("infer", ["examples/infer.py", "examples/infer.mjs"]),
        };
        let mut command = match self.host {
            Host::Python => {
                let mut command = Command::new(&self.python);
                command.arg(interpreted[0]).env("PYTHONPATH", &self.folder);
                command
            }
            Host::Go => {
                let binary = self.tools.join("go-host").join(name);
                run::run(self.tool().args(["build", "-o"]).arg(&binary).arg(format!("./internal/{name}")))?;
                Command::new(binary)
            }
            Host::JavaScript => {
                let mut command = Command::new("node");
                command.arg(interpreted[1]);
                command
            }
        };
        command.current_dir(&self.folder);
        Ok(command)
    }
}

fn npm(folder: &PathBuf) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(folder);
    npm
}

fn present(program: &str, argument: &str, what: &str) -> Result<()> {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if command.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    bail!("no `{program}` on this machine; next: install {what}")
}
