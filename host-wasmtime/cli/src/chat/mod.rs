//! `literllm chat`: one question, one answer.
//!
//! The answer goes to standard output piece by piece as it comes; everything about it (retries, the
//! report, errors) goes to standard error, so that a pipe gets the answer and nothing else.

mod json;
mod prompt;
mod report;

use std::path::PathBuf;

use literllm_host::types::{
    ClientConfig, ErrorKind, Event, FallbackStep, FinishReason, Notice, NoticeEvent, Part, Policy,
    ProviderRow,
};
use literllm_host::{Answer, Chat, Client, Engine};

use crate::exit::{Failure, TABLE};
use crate::output::{AnswerOut, note, printable};

pub(crate) use report::attempt;

/// What to ask, of whom, and how to show it.
#[derive(clap::Args)]
#[command(after_help = TABLE)]
pub(crate) struct Args {
    /// What to say. `-` or nothing: read it from standard input. With both, standard input comes after it.
    prompt: Option<String>,
    /// Whom to ask: PROVIDER/MODEL, such as `openai/gpt-4o-mini`; `literllm models` lists the providers.
    #[arg(long, short, env = "LITERLLM_MODEL")]
    model: Option<String>,
    /// Standing instructions.
    #[arg(long, short)]
    system: Option<String>,
    /// A picture (PNG, JPEG, GIF, WebP) to look at. May be given several times.
    #[arg(long, value_name = "FILE")]
    image: Vec<PathBuf>,
    /// Longest answer, in tokens.
    #[arg(long, value_name = "N")]
    max_output_tokens: Option<u64>,
    /// 0 for the likeliest words, up to 2 for surprising ones.
    #[arg(long)]
    temperature: Option<f64>,
    /// Wait for the whole answer instead of showing it as it comes.
    #[arg(long)]
    no_stream: bool,
    /// Print one JSON object: text, tokens, usage, finish, warnings, report; or an error.
    #[arg(long)]
    json: bool,
    /// Afterwards tell usage, time to the first token, attempts and the component, on standard error.
    #[arg(long)]
    report: bool,
    /// Send the requests here instead. No key goes along, unless --key-env names one.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Take the key from this environment variable.
    #[arg(long, value_name = "NAME")]
    key_env: Option<String>,
    /// Where the core runs: in the sandbox, or linked in.
    #[arg(long, value_enum, default_value_t = EngineName::Component)]
    engine: EngineName,
    /// Refuse what the provider cannot honour, instead of leaving it out with a warning.
    #[arg(long)]
    strict: bool,
    /// Longest time for all of it, in ms.
    #[arg(long, value_name = "MS")]
    timeout_ms: Option<u64>,
    /// How often to try each model.
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,
    /// Whom to ask when the model fails. May be given several times: they are asked in this order.
    #[arg(long, value_name = "PROVIDER/MODEL")]
    fallback: Vec<String>,
    /// Providers, policy, limits and guards from this file, TOML or JSON (its schema: docs/client-config.schema.json).
    #[arg(long, value_name = "FILE", env = "LITERLLM_CONFIG")]
    config: Option<PathBuf>,
}

/// Where the core runs.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum EngineName {
    /// A component without imports, run by wasmtime.
    Component,
    /// The same core, compiled into this program.
    Native,
}

/// Asks and shows.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let done = ask(args);
    match done {
        // A program that asked for JSON gets the error as JSON, and in one place.
        Err(Failure::Call(error) | Failure::Reported(error)) if args.json => {
            json::error(&error)?;
            Err(Failure::Told(error.kind()))
        }
        done => done,
    }
}

fn ask(args: &Args) -> Result<(), Failure> {
    let model = args.model.as_deref().ok_or_else(|| {
        Failure::usage(
            "no model is named: say which with --model PROVIDER/MODEL (or LITERLLM_MODEL), such as --model openai/gpt-4o-mini, \
             --model groq/llama-3.3-70b-versatile, --model ollama/llama3.2; `literllm models` lists the providers",
        )
    })?;
    let chat = chat(args, model)?;
    let client = client(args, model)?;
    // One thread: one call needs no more, and dropping the runtime closes its connection.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Other(format!("no runtime could be started: {error}")))?;
    runtime.block_on(async {
        tokio::select! {
            done = call(args, &client, chat) => done,
            // The call is dropped here, which breaks its request off.
            _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        }
    })
}

fn chat(args: &Args, model: &str) -> Result<Chat, Failure> {
    let mut chat = Chat::new(model);
    if let Some(system) = &args.system {
        chat = chat.system(system.as_str());
    }
    chat = chat.user(prompt::read(args.prompt.as_deref())?);
    for file in &args.image {
        let (bytes, media_type) = prompt::image(file)?;
        chat = chat.image(bytes, media_type);
    }
    chat.request.max_output_tokens = args.max_output_tokens;
    if let Some(temperature) = args.temperature {
        chat = chat.temperature(temperature);
    }
    let fallback = args.fallback.iter().map(|model| FallbackStep { model: model.clone(), on: Vec::new() });
    let policy = Policy {
        max_attempts: args.max_attempts,
        total_timeout_ms: args.timeout_ms,
        fallback: fallback.collect(),
        ..Policy::default()
    };
    Ok(chat.policy(policy).strict(args.strict))
}

fn client(args: &Args, model: &str) -> Result<Client, Failure> {
    let mut config = match &args.config {
        Some(file) => literllm_host::read_config(file)?,
        None => ClientConfig::default(),
    };
    if args.base_url.is_some() || args.key_env.is_some() {
        // A model without a prefix has no provider; the core says so in a moment, and better.
        let id = model.split_once('/').map_or("openai", |(provider, _)| provider).to_owned();
        let key_env = args.key_env.iter().cloned().collect();
        config.providers.push(ProviderRow {
            id,
            base_url: args.base_url.clone(),
            key_env,
            ..ProviderRow::default()
        });
    }
    let engine = match args.engine {
        EngineName::Component => Engine::Component,
        EngineName::Native => Engine::Native,
    };
    Ok(Client::builder().engine(engine).config(config).build()?)
}

/// What there is to tell of an answer, beside the answer.
struct Told {
    answer: Answer,
    /// The visible text in the pieces in which it came.
    tokens: Vec<String>,
}

async fn call(args: &Args, client: &Client, chat: Chat) -> Result<(), Failure> {
    let mut out = AnswerOut::new();
    let done =
        if args.no_stream { whole(client, chat).await } else { streamed(args, client, chat, &mut out).await };
    // What had come of a failed answer stands there already; the error begins on a line of its own.
    out.end_line()?;
    let told = done.map_err(|failure| match failure {
        Failure::Call(error) if args.report => {
            report::failed(&error, client);
            Failure::Reported(error)
        }
        failure => failure,
    })?;
    if args.json {
        json::answer(&told, args.engine)?;
    } else if args.no_stream {
        out.piece(&told.answer.text())?;
        out.end_line()?;
    }
    note_about_the_end(args, &told.answer);
    if args.report {
        report::answered(&told.answer, client);
    }
    Ok(())
}

async fn whole(client: &Client, chat: Chat) -> Result<Told, Failure> {
    let answer = client.chat(chat).await?;
    let text = answer.text();
    Ok(Told { answer, tokens: if text.is_empty() { Vec::new() } else { vec![text] } })
}

async fn streamed(args: &Args, client: &Client, chat: Chat, out: &mut AnswerOut) -> Result<Told, Failure> {
    let mut stream = client.stream(chat)?;
    let mut tokens = Vec::new();
    while let Some(event) = stream.next().await {
        let piece = match event? {
            Event::TextDelta(delta) if delta.choice == 0 => delta.text,
            Event::Part(part) if part.choice == 0 => match part.content {
                Part::Text(text) => text.text,
                _ => continue,
            },
            Event::Notice(NoticeEvent { notice }) => {
                note(&printable(&told(&notice)));
                continue;
            }
            _ => continue,
        };
        if !args.json {
            out.piece(&piece)?;
        }
        tokens.push(piece);
    }
    Ok(Told { answer: stream.finish().await?, tokens })
}

/// What the policy did, in a line.
fn told(notice: &Notice) -> String {
    match notice {
        Notice::Retry(retry) => {
            format!(
                "attempt {} failed ({}); the next follows in {} ms",
                retry.attempt, retry.cause, retry.delay_ms
            )
        }
        Notice::Fallback(turn) => {
            format!("{} failed ({}); {} is asked now", turn.from_model, turn.cause, turn.to_model)
        }
        Notice::Hold(hold) => format!("{} rests; it is asked in {} ms", hold.model, hold.delay_ms),
    }
}

/// An answer can come whole and still not be what was hoped for.
fn note_about_the_end(args: &Args, answer: &Answer) {
    for warning in &answer.response.warnings {
        note(&format!("warning: {}: {}", warning.field, printable(&warning.message)));
    }
    let parts = answer.response.choices.first().map_or(&[][..], |choice| &choice.content);
    for part in parts {
        if let (Part::Refusal(refusal), false) = (part, args.json) {
            note(&format!("the model declines: {}", printable(&refusal.text)));
        }
    }
    let words = match answer.finish().map(|finish| finish.unified) {
        Some(FinishReason::Length) => "the answer stopped at a bound of length; --max-output-tokens moves it",
        Some(FinishReason::ContentFilter) => "the provider withheld something; say it in other words",
        Some(FinishReason::Error) => "the provider failed while it wrote; try again",
        _ => return,
    };
    note(&format!("note: {words}"));
}

/// The word a program matches on, as it stands in JSON.
pub(crate) fn word(kind: ErrorKind) -> String {
    serde_json::to_value(kind).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}
