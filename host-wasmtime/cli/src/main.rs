//! `literllm`: the library, at the command line.
//!
//! Thin on purpose: each subcommand has one file and leans on a library that other programs can use
//! as well. What is decided here is only what a shell sees: what goes to standard output (the answer),
//! what to standard error (everything else) and with which code the program ends (`exit`).

mod chat;
mod exit;
mod mock;
mod models;
mod output;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const AFTER_HELP: &str = "\
Try it without a key:
  literllm mock --port 4010                         in one terminal
  literllm chat -m openai/gpt-4o-mini --base-url http://127.0.0.1:4010/v1 'Tell me a story'

With one:
  export OPENAI_API_KEY=...
  literllm chat -m openai/gpt-4o-mini 'Why is the sky blue?'
  literllm chat -m openai/gpt-4o-mini 'Summarise this:' < report.txt
  literllm models                                   who can be asked, and which variable holds the key";

/// One client for language models. Its core runs in a sandbox that can reach nothing.
#[derive(Parser)]
#[command(name = "literllm", version, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Ask a model; the answer streams to standard output.
    Chat(chat::Args),
    /// List the providers that can be asked, where their requests go and where their keys are looked for.
    Models(models::Args),
    /// Show what a component file imports (it should be nothing), exports and weighs.
    Verify(verify::Args),
    /// Run a simulated provider on this machine, for trying things out; it can also fail on request.
    Mock(mock::Args),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Chat(args) => chat::run(&args),
        Command::Models(args) => models::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Mock(args) => mock::run(args),
    };
    exit::code_of(done)
}
