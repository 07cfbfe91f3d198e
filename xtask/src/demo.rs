//! `cargo xtask demo`: the main job, end to end, on a machine that has only just cloned this.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::hosts::{Host, Program};
use crate::place::Place;
use crate::run::{self, Running};
use crate::{build, cli, web};

/// What to show.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Ask the real provider, with the key in its environment variable, instead of the simulator.
    #[arg(long)]
    live: bool,
    /// Which model, as `provider/model`.
    #[arg(long, default_value = "openai/gpt-4o-mini")]
    model: String,
    /// What to say to it.
    #[arg(long, default_value = "Tell me a short story about a river.")]
    prompt: String,
}

/// Builds what is needed, streams one chat and says what it was.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    let began = Instant::now();
    let inspection = build::lay(place)?;
    let program = cli::binary(place)?;
    println!("everything is built ({:.0} s)\n", began.elapsed().as_secs_f64());

    let simulator = if args.live { None } else { Some(Simulator::start(&program, &[])?) };
    let mut chat = Command::new(&program);
    chat.args(["chat", "--report", "--model", &args.model]);
    if let Some(simulator) = &simulator {
        println!("simulator: {}", simulator.base_url);
        chat.args(["--base-url", &format!("{}/v1", simulator.base_url)]);
    }
    let (status, text) = run::tee(chat.arg("--").arg(&args.prompt))?;

    if !status.success() {
        let help = if args.live { "see what it said above about the key" } else { "`cargo xtask test cli`" };
        bail!("the demo did not go well: `literllm chat` ended with {status}; next: {help}");
    }
    if text.trim().is_empty() {
        bail!("the demo did not go well: the answer has no text; next: `cargo xtask test cli`");
    }
    // The report above counts the imports of the file that ran; this says that it is the file we built.
    let inside: serde_json::Value =
        serde_json::from_str(&run::capture(Command::new(&program).args(["verify", "--json"]))?)?;
    if inside["sha256"] != inspection.sha256.as_str() {
        bail!(
            "the program embeds another component ({}) than was built; next: `cargo xtask build`, then again",
            inside["sha256"]
        );
    }
    println!(
        "\nthe component that ran is target/literllm.wasm: {} imports, sha256 {}",
        inspection.imports(),
        inspection.sha256
    );
    if let Some(simulator) = &simulator {
        others(place, &program, &format!("{}/v1", simulator.base_url), args, &inspection.sha256)?;
    }
    println!(
        "All is well: one chat streamed through the component in {:.0} s, building included.",
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The same question in the other languages. What they make of it must be what Rust makes of it.
fn others(place: &Place, program: &Path, base_url: &str, args: &Args, sha256: &str) -> Result<()> {
    let mut chat = Command::new(program);
    chat.args(["chat", "--json", "--model", &args.model, "--base-url", base_url, "--", &args.prompt]);
    let rust = essence(&run::capture(&mut chat)?)?;
    println!("\nthe same question in every language, each with its own HTTP:");
    println!("  {:<7} {} bytes of answer, core sha256 {sha256}", "rust", rust.len());
    for host in Host::ALL {
        if host == Host::JavaScript {
            web::lay(place)?;
        }
        let ready = match host.ready(place) {
            Ok(ready) => ready,
            Err(cause) => {
                println!("  {:<7} left out: {cause:#}", host.name());
                continue;
            }
        };
        let mut infer = ready.program(Program::Infer)?;
        let said = run::capture(infer.args([&args.model, base_url, &args.prompt]))?;
        let core: serde_json::Value = serde_json::from_str(&said)?;
        let core = core["core_sha256"].as_str().unwrap_or_default();
        // JavaScript runs the same core by wasm-bindgen, which is another file.
        if host != Host::JavaScript && core != sha256 {
            bail!(
                "{} embeds another component ({core}) than was built; next: `cargo xtask build`",
                host.name()
            );
        }
        let answer = essence(&said)?;
        if answer != rust {
            bail!("{} makes another answer of it than rust:\n{answer}\n{rust}", host.name());
        }
        println!("  {:<7} the same {} bytes, core sha256 {core}", host.name(), answer.len());
    }
    Ok(())
}

/// What every language must say alike, in one spelling.
fn essence(said: &str) -> Result<String> {
    let said: serde_json::Value =
        serde_json::from_str(said).with_context(|| format!("this is no JSON: {said}"))?;
    Ok(["text", "tokens", "finish", "usage"].map(|name| format!("{name}: {}\n", said[name])).concat())
}

/// `literllm mock` on a free port; it ends when this is dropped.
pub(crate) struct Simulator {
    pub(crate) base_url: String,
    _running: Running,
}

impl Simulator {
    /// Starts it and waits for the line that tells its address.
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Result<Simulator> {
        let mut mock = Command::new(program);
        mock.args(["mock", "--port", "0"]).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut running = run::start(&mut mock)?;
        let mut line = String::new();
        BufReader::new(running.stdout()?).read_line(&mut line)?;
        let base_url = line.trim().to_owned();
        if !base_url.starts_with("http://") {
            return Err(running.ended()?.map_or_else(
                || anyhow::anyhow!("its first line was `{base_url}`"),
                |status| anyhow::anyhow!("it ended with {status}"),
            ))
            .context("`literllm mock` should print its address first; next: run `literllm mock` alone");
        }
        Ok(Simulator { base_url, _running: running })
    }
}
