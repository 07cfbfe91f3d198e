//! `literllm models`: who can be asked, where requests go, and where keys are looked for.
//!
//! It shows the egress table of a client: the very rows by which the host decides. Whether a key is set
//! is told, never the key.

use std::io::Write;

use literllm_host::types::{EgressRow, Error, ErrorKind};
use literllm_host::{Client, Engine};
use serde::Serialize;

use crate::exit::Failure;
use crate::output;

/// Which providers.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this provider.
    #[arg(long, short)]
    provider: Option<String>,
    /// Print one JSON array.
    #[arg(long)]
    json: bool,
}

/// One provider as `--json` shows it.
#[derive(Serialize)]
struct Row<'a> {
    provider: &'a str,
    protocol: &'a str,
    origins: &'a [String],
    /// Variables that may hold the key. Empty: it takes none.
    key_env: &'a [String],
    /// Whether one of them is set.
    key_set: bool,
}

/// Lists the providers.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    // Both engines have the same table, and this one needs no compiling.
    let client = Client::builder().engine(Engine::Native).build()?;
    let chosen = |row: &&EgressRow| args.provider.as_ref().is_none_or(|name| *name == row.provider);
    let rows = client.egress().iter().filter(chosen).map(row).collect::<Vec<_>>();
    if let (Some(name), true) = (&args.provider, rows.is_empty()) {
        let known = client.egress().iter().map(|row| row.provider.as_str()).collect::<Vec<_>>().join(", ");
        let message =
            format!("there is no provider {name:?}; there are: {known}. Others are reached by --base-url");
        return Err(literllm_host::Error::from(Error::new(ErrorKind::UnknownProvider, message)).into());
    }
    if args.json {
        return Ok(output::json(&rows)?);
    }
    let mut out = std::io::stdout();
    writeln!(out, "{:<13} {:<12} {:<45} key", "provider", "protocol", "requests go to")?;
    for row in &rows {
        let key = match (row.key_env.join(" or "), row.key_set) {
            (names, _) if names.is_empty() => "none is needed".to_owned(),
            (names, true) => format!("{names} (set)"),
            (names, false) => format!("{names} (not set)"),
        };
        writeln!(out, "{:<13} {:<12} {:<45} {key}", row.provider, row.protocol, row.origins.join(", "))?;
    }
    writeln!(
        out,
        "\nA model is named PROVIDER/MODEL, with the provider's own name of the model behind the first slash:"
    )?;
    writeln!(out, "  literllm chat --model openai/gpt-4o-mini 'Hello'")?;
    writeln!(
        out,
        "Any other server that speaks one of these protocols is reached by --base-url, under a name of your own:"
    )?;
    writeln!(out, "  literllm chat --model mine/some-model --base-url http://127.0.0.1:8080/v1 'Hello'")?;
    Ok(())
}

fn row(row: &EgressRow) -> Row<'_> {
    // Set to nothing counts as not set, as it does when the key is filled in.
    let is_set = |name: &String| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    Row {
        provider: &row.provider,
        protocol: &row.protocol,
        origins: &row.origins,
        key_env: &row.key_env,
        key_set: row.key_env.iter().any(is_set),
    }
}
