//! The program, the simulator, and how they meet.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use literllm_mock::{Config, FORMATS, Format, Mock, Stats};

/// A simulator with a runtime of its own, so that tests can wait for programs without stopping it.
pub(crate) struct Simulator {
    // Dropped in this order: the simulator ends inside its runtime.
    pub(crate) mock: Option<Mock>,
    runtime: tokio::runtime::Runtime,
}

impl Simulator {
    pub(crate) fn start(config: Config) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mock = Some(runtime.block_on(Mock::start(config)).unwrap());
        Self { mock, runtime }
    }

    /// One that answers every request with this fault.
    pub(crate) fn with_fault(fault: &str) -> Self {
        Self::start(Config { fault: Some(fault.parse().unwrap()), ..Config::default() })
    }

    pub(crate) fn well() -> Self {
        Self::start(Config::default())
    }

    pub(crate) fn mock(&self) -> &Mock {
        self.mock.as_ref().unwrap()
    }

    /// For `--base-url`, in OpenAI's format.
    pub(crate) fn base_url(&self) -> String {
        format!("{}{}", self.mock().base_url(), FORMATS[0].base)
    }

    /// The counts once nothing is under way.
    pub(crate) fn stats_when_idle(&self) -> Stats {
        self.runtime.block_on(self.mock().idle());
        self.mock().stats()
    }

    /// Authorization headers of all requests so far.
    pub(crate) fn keys_seen(&self) -> Vec<Option<String>> {
        self.mock().requests().iter().map(|seen| seen.header("authorization").map(str::to_owned)).collect()
    }

    /// `literllm chat` that asks this simulator. The native engine starts at once, and most of these tests are not
    /// about the engine.
    pub(crate) fn chat(&self, arguments: &[&str]) -> Command {
        self.chat_in(&FORMATS[0], arguments)
    }

    /// The same in another format.
    pub(crate) fn chat_in(&self, format: &Format, arguments: &[&str]) -> Command {
        let base_url = format!("{}{}", self.mock().base_url(), format.base);
        let mut command = program(&["chat", "--engine", "native", "--model", format.model]);
        command.args(["--base-url", &base_url]).args(arguments);
        command
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(self.mock.take());
    }
}

/// The program with no environment: neither keys nor proxies of the machine that runs the tests.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_literllm"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command
}

/// How it ended and what it wrote.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        // A signal has no code; shells show it so.
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    ran(command.output().unwrap())
}

/// Runs it with text on standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    ran(child.wait_with_output().unwrap())
}

/// What a simulator was asked: the content of its last message of the user.
pub(crate) fn last_prompt(simulator: &Simulator) -> String {
    let requests = simulator.mock().requests();
    let body: serde_json::Value = serde_json::from_str(&requests.last().unwrap().body).unwrap();
    let message = body["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(message["role"], "user");
    message["content"].as_str().map_or_else(|| message["content"].to_string(), str::to_owned)
}
