//! `cargo xtask verify`: what a component file can reach, shown and judged.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use literllm_verify::Inspection;

use crate::flags::{self, Compiler};
use crate::place::Place;

/// Largest component we publish, in bytes: packages carry it, edge workers load it.
const MAX_BYTES: u64 = 520_000;

/// What to look at.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file. Default: target/literllm.wasm.
    file: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Shows the file and fails on any import or path of a builder.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    let file = args.file.clone().unwrap_or_else(|| place.component());
    let bytes = std::fs::read(&file)
        .with_context(|| format!("{} cannot be read; next: `cargo xtask build` makes it", file.display()))?;
    let inspection = inspect(place, &flags::compiler(place)?, &bytes)?;
    match args.json {
        true => println!("{}", serde_json::to_string_pretty(&inspection)?),
        false => println!("file      {}\n{inspection}", file.display()),
    }
    judge(&inspection).with_context(|| format!("{} is not good", file.display()))
}

/// Everything that must hold of a component we publish.
pub(crate) fn judge(inspection: &Inspection) -> Result<()> {
    let mut problems = inspection.problems();
    problems.extend(too_large(inspection));
    match problems.as_slice() {
        [] => Ok(()),
        problems => bail!(
            "{} found:\n- {}",
            if problems.len() == 1 { "a problem" } else { "problems" },
            problems.join("\n- ")
        ),
    }
}

/// What to say of a component that has grown too much.
pub(crate) fn too_large(inspection: &Inspection) -> Option<String> {
    (inspection.size_bytes > MAX_BYTES).then(|| {
        format!(
            "it has {} bytes; expected at most {MAX_BYTES}: see which dependency grew (`cargo tree -p literllm-component`)",
            inspection.size_bytes
        )
    })
}

/// Inspects bytes and looks for the folders of this machine as well.
pub(crate) fn inspect(place: &Place, compiler: &Compiler, bytes: &[u8]) -> Result<Inspection> {
    let folders = [
        Some(place.root.clone()),
        place.cargo_home(),
        std::env::home_dir(),
        Some(PathBuf::from(&compiler.sysroot)),
    ];
    let folders =
        folders.into_iter().flatten().filter_map(|path| path.to_str().map(str::to_owned)).collect::<Vec<_>>();
    let folders = folders.iter().map(String::as_str).collect::<Vec<_>>();
    Ok(literllm_verify::inspect_with(bytes, &folders)?)
}
