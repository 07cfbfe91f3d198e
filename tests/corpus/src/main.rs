//! Recorded exchanges through the built component, compared with what the official SDKs made of the same bytes.
//!
//! Every exchange in scope is played whole, byte by byte and cut at seeded places; all must say the same, keep the grammar
//! of a stream and go back as they came. `cargo xtask corpus` builds the component and runs this.

#![allow(clippy::print_stdout, reason = "a program that prints")]

mod calls;
mod compare;
mod exchange;
mod failure;
mod finish;
mod kept;
mod known;
mod play;
mod tally;
#[cfg(test)]
mod tests;
mod turn;
mod usage;
mod wire;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use clap::Parser as _;

use exchange::{Exchange, Scope};
use known::Known;
use play::Player;
use tally::Tally;

/// Recorded exchanges through the built component, compared with what the official SDKs read.
#[derive(clap::Parser)]
struct Args {
    /// Folder of the recordings: `<provider>.jsonl.gz`, in the form its README tells.
    #[arg(long)]
    dir: PathBuf,
    /// Only this provider, such as `groq`.
    #[arg(long)]
    provider: Option<String>,
    /// Only this API: `chat`, `messages`, `chat_v2`.
    #[arg(long)]
    api: Option<String>,
    /// Print one JSON object and nothing else.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("corpus: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every exchange agrees or is known not to.
fn run(args: &Args) -> Result<bool> {
    let files = files(&args.dir)?;
    let known = Known::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("known.toml"))?;
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || -> Result<()> {
        let mut player = Player::new()?;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            exchange::each(file, |exchange| {
                if wanted(args, &exchange) {
                    one(&mut player, &exchange, &known, &tally);
                }
            })?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread of the run panicked")))
        })
    })?;
    let mut tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let stale = known.stale(&tally);
    if args.json {
        println!("{}", tally.json());
    } else {
        tally.print();
    }
    for id in &stale {
        eprintln!("tests/corpus/known.toml: `{id}` agrees; next: remove the entry");
    }
    Ok(tally.differ() == 0 && stale.is_empty())
}

fn wanted(args: &Args, exchange: &Exchange) -> bool {
    args.provider.as_ref().is_none_or(|provider| *provider == exchange.provider)
        && args.api.as_ref().is_none_or(|api| *api == exchange.api)
}

fn one(player: &mut Player, exchange: &Exchange, known: &Known, tally: &Mutex<Tally>) {
    let verdict = match exchange.scope() {
        Scope::Out => None,
        Scope::In { protocol } => Some(match player.exchange(exchange, protocol) {
            Ok(played) => compare::all(exchange, protocol, &played),
            Err(why) => vec![compare::broken(&why)],
        }),
    };
    let mut tally = tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match verdict {
        None => tally.skip(exchange),
        Some(fields) => tally.count(exchange, &fields, known.reason(&exchange.id).is_some()),
    }
}

/// The largest first, so that the threads end together.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!("there are no recordings at {}; name their folder with --dir", folder.display())
    })?;
    let mut files: Vec<(u64, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.path().to_string_lossy().ends_with(".jsonl.gz"))
        .map(|entry| (entry.metadata().map_or(0, |metadata| metadata.len()), entry.path()))
        .collect();
    files.sort_by(|(a, path_a), (b, path_b)| b.cmp(a).then(path_a.cmp(path_b)));
    anyhow::ensure!(!files.is_empty(), "there is no file *.jsonl.gz in {}", folder.display());
    Ok(files.into_iter().map(|(_, path)| path).collect())
}
