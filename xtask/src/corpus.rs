//! `cargo xtask corpus`: recorded exchanges through the built component, compared with the official SDKs' reading.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::{build, cli, run};

/// Which exchanges.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the recordings [default: ../shared/recorded, or `recorded` in the folder LITERLLM_SHARED names]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Only this provider, such as `groq`.
    #[arg(long)]
    provider: Option<String>,
    /// Only this API: `chat`, `messages`, `chat_v2`.
    #[arg(long)]
    api: Option<String>,
    /// Print one JSON object: counts of all, per provider, api and field, and every difference.
    #[arg(long)]
    json: bool,
}

/// Where the recordings lie when nobody says.
pub(crate) fn folder(place: &Place) -> PathBuf {
    let beside = || place.root.join("../shared");
    std::env::var_os("LITERLLM_SHARED").map_or_else(beside, PathBuf::from).join("recorded")
}

/// What is said when they are not there.
pub(crate) fn absent(folder: &Path) -> String {
    format!(
        "there are no recordings at {}, which are not part of the project; name their folder with --dir, or the one above it in LITERLLM_SHARED",
        folder.display()
    )
}

/// Compares and fails on a difference that is not known.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    let dir = args.dir.clone().unwrap_or_else(|| folder(place));
    if !dir.is_dir() {
        // Loud, and no success: what was asked for was not done.
        bail!("NOTHING WAS COMPARED: {}", absent(&dir));
    }
    let mut command = program(place, &dir)?;
    for (flag, value) in [("--provider", &args.provider), ("--api", &args.api)] {
        if let Some(value) = value {
            command.args([flag, value]);
        }
    }
    if args.json {
        command.arg("--json");
    }
    run::run(&mut command)
}

/// The program that compares, with the component that was just built.
pub(crate) fn program(place: &Place, dir: &Path) -> Result<Command> {
    build::lay(place)?;
    let mut command = Command::new(cli::program(place, "corpus")?);
    command.arg("--dir").arg(dir);
    Ok(command)
}
