//! `literllm verify`: nobody should have to believe that the sandbox is closed.

use std::io::Write;
use std::path::PathBuf;

use literllm_host::{Client, Engine};

use crate::exit::Failure;
use crate::output;

/// Which component.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// A component file. Default: the one inside this program.
    file: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Shows the component; a problem with it is an error.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let (name, bytes) = match &args.file {
        Some(file) => {
            let read = std::fs::read(file);
            let help = |cause| {
                Failure::usage(format!("{} cannot be read: {cause}; name a component file", file.display()))
            };
            (file.display().to_string(), read.map_err(help)?)
        }
        None => ("the component inside this program".to_owned(), embedded()?),
    };
    let inspection =
        literllm_verify::inspect(&bytes).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    match args.json {
        true => output::json(&inspection)?,
        false => writeln!(std::io::stdout(), "file      {name}\n{inspection}")?,
    }
    match inspection.problems().as_slice() {
        [] => Ok(()),
        problems => Err(Failure::Other(format!("{name} is not good:\n- {}", problems.join("\n- ")))),
    }
}

fn embedded() -> Result<Vec<u8>, Failure> {
    let client = Client::builder().engine(Engine::Component).build()?;
    let info = client
        .component_info()
        .ok_or_else(|| Failure::Other("this program was built without a component".into()))?;
    Ok(info.bytes.to_vec())
}
