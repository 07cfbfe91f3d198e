//! A job that outlives its process.
//!
//! `durable FILE [--model PROVIDER/MODEL] [--base-url URL] [--policy JSON] [PROMPT]`
//!
//! The call is kept in FILE before each attempt is sent and before each pause. Kill the process whenever you like and
//! start it again with the same arguments: it goes on where it was, with the attempts that were made, the pause that
//! was begun and the deadline that was set. What came of it goes to standard output as one JSON object, how it is going
//! to standard error.
//!
//! Try it without a key: `literllm mock --port 4010 --fault 'status=429;retry_after=60'` in one terminal, and in another
//! `cargo run --example durable -- job.json --base-url http://127.0.0.1:4010/v1`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use literllm_host::types::Policy;
use literllm_host::{Chat, ChatStream, Client, Resume, Snapshot};
use serde_json::json;

const USAGE: &str = "usage: durable FILE [--model PROVIDER/MODEL] [--base-url URL] [--policy JSON] [PROMPT]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let job = Job::from_arguments(std::env::args().skip(1))?;
    let outcome = job.take_up()?.finish().await;
    let (told, code) = match &outcome {
        Ok(answer) => {
            (json!({ "text": answer.text(), "attempts": answer.report.attempts }), ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}");
            let attempts = error.report.as_ref().map_or(&[][..], |report| &report.attempts);
            let detail = &error.detail;
            let told =
                json!({ "error": detail.kind, "maybe_billed": detail.maybe_billed, "attempts": attempts });
            (told, ExitCode::FAILURE)
        }
    };
    // First the result is safe, then the call is forgotten: who dies in between does the last attempt once more.
    println!("{told}");
    io::stdout().flush()?;
    match fs::remove_file(&job.file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(code),
    }
}

/// What is to be done.
struct Job {
    /// Where the call is kept.
    file: PathBuf,
    model: String,
    /// Another address of the model's provider, such as a simulator's.
    base_url: Option<String>,
    policy: Policy,
    prompt: String,
}

impl Job {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut job = Self {
            file: PathBuf::new(),
            model: "openai/gpt-4o-mini".into(),
            base_url: None,
            policy: Policy::default(),
            prompt: "Tell me a short story about a river.".into(),
        };
        let mut plain = Vec::new();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--model" => job.model = arguments.next().ok_or(USAGE)?,
                "--base-url" => job.base_url = Some(arguments.next().ok_or(USAGE)?),
                "--policy" => job.policy = serde_json::from_str(&arguments.next().ok_or(USAGE)?)?,
                _ => plain.push(argument),
            }
        }
        let mut plain = plain.into_iter();
        job.file = plain.next().ok_or(USAGE)?.into();
        job.prompt = plain.next().unwrap_or(job.prompt);
        Ok(job)
    }

    /// The call: the one that was kept, or a new one.
    fn take_up(&self) -> Result<ChatStream, Box<dyn Error>> {
        let client = self.client()?;
        let file = self.file.clone();
        // A queue would await its database here.
        let keep = move |snapshot| std::future::ready(keep(&file, &snapshot));
        Ok(match fs::read_to_string(&self.file) {
            Ok(kept) => client.resume(Resume::new(Snapshot::from_json(&kept)?).on_snapshot(keep))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let chat = Chat::new(&self.model).user(&self.prompt).policy(self.policy.clone());
                client.stream(chat.on_snapshot(keep))?
            }
            Err(error) => return Err(error.into()),
        })
    }

    /// Of the same configuration each time: a call is taken up by a client like the one that began it.
    fn client(&self) -> Result<Client, literllm_host::Error> {
        let mut builder = Client::builder();
        if let (Some(url), Some((provider, _))) = (&self.base_url, self.model.split_once('/')) {
            builder = builder.base_url(provider, url);
        }
        builder.build()
    }
}

/// In one move, so that no crash leaves half a file.
fn keep(file: &Path, snapshot: &Snapshot) -> io::Result<()> {
    let text = snapshot.to_json().map_err(io::Error::other)?;
    let part = file.with_extension("part");
    let mut out = File::create(&part)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    fs::rename(&part, file)?;
    eprintln!("kept, under way: {:?}", snapshot.running());
    Ok(())
}
