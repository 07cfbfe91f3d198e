//! `literllm models`: who can be asked, where requests go, and where keys are looked for.
//!
//! It shows the egress table of a client: the very rows by which the host decides. Whether a key is set
//! is told, never the key.

use std::io::Write;
use std::path::PathBuf;

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
    /// Those of this configuration file, TOML or JSON, too.
    #[arg(long, value_name = "FILE", env = "LITERLLM_CONFIG")]
    config: Option<PathBuf>,
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
    /// Variables of further keys, one each.
    spare_key_env: &'a [String],
}

/// Lists the providers.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    // Both engines have the same table, and this one needs no compiling.
    let mut builder = Client::builder().engine(Engine::Native);
    if let Some(file) = &args.config {
        builder = builder.config_file(file)?;
    }
    let client = builder.build()?;
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
        let spare = row.spare_key_env.iter().map(|name| format!(", then {name}{}", set(is_set(name))));
        let key = match (row.key_env.join(" or "), row.key_set) {
            (names, _) if names.is_empty() => "none is needed".to_owned(),
            (names, found) => format!("{names}{}{}", set(found), spare.collect::<String>()),
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
    Row {
        provider: &row.provider,
        protocol: &row.protocol,
        origins: &row.origins,
        key_env: &row.key_env,
        key_set: row.key_env.iter().any(is_set),
        spare_key_env: &row.spare_key_env,
    }
}

/// Set to nothing counts as not set, as it does when the key is filled in.
fn is_set(name: &String) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn set(is_set: bool) -> &'static str {
    if is_set { " (set)" } else { " (not set)" }
}
