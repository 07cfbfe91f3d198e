//! `literllm mock`: a simulated provider, for trying things out without a key.

use std::io::{IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use literllm_faults::script;
use literllm_mock::{Config, FORMATS, Fault, Scripted, Step};

use crate::exit::Failure;
use crate::output::note;

const EXAMPLES: &str = "Each format meets the same faults; ADDRESS/stats counts the requests.

  literllm mock --port 4010
  literllm mock --fault 'status=429;retry_after=2'      every answer asks for a pause
  literllm mock --plan 'status=503,cut,ok'              the first two fail, the rest is well
  literllm mock --list-faults
  literllm mock --scripts tests/faults                  whole scripts, told at ADDRESS/faults";

/// How each format is reached is read from the simulator's own table.
fn after_help() -> String {
    let mut text = "The first line on standard output is its ADDRESS. It speaks:\n\n".to_owned();
    for format in FORMATS {
        let (name, base, path, model) = (format.name, format.base, format.path, format.model);
        let path = format!("POST {base}{path}");
        text += &format!("  {name:<20}{path:<28}chat -m {model} --base-url ADDRESS{base}\n");
    }
    text + "\n" + EXAMPLES
}

/// How it should behave.
#[derive(clap::Args)]
#[command(after_help = after_help())]
pub(crate) struct Args {
    /// Port on 127.0.0.1. 0: a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What goes wrong with every answer, as `name` or `name;key=value`.
    #[arg(long)]
    fault: Option<Fault>,
    /// What goes wrong with the first answers, one step each: faults, or `ok`.
    #[arg(long, value_delimiter = ',', value_name = "STEP,STEP")]
    plan: Vec<Step>,
    /// Pause before each answer.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency_ms: u64,
    /// Pause between the pieces of a stream; the default reads like a model writing.
    #[arg(long, default_value_t = 20, value_name = "MS")]
    chunk_delay_ms: u64,
    /// Pieces of a stream that are written at once; the pause comes between the writes.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    events_per_write: u16,
    /// Refuse requests that do not carry this key. Any text will do; it is no secret.
    #[arg(long, value_name = "KEY")]
    require_key: Option<String>,
    /// Another seed gives other stories.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Fault scripts to play below ADDRESS/faults, a folder of folders of TOML files.
    #[arg(long, value_name = "DIR")]
    scripts: Option<PathBuf>,
    /// Name the faults and their parameters, and run nothing.
    #[arg(long)]
    list_faults: bool,
}

/// Serves until Ctrl-C.
pub(crate) fn run(args: Args) -> Result<(), Failure> {
    if args.list_faults {
        return Ok(std::io::stdout().write_all(literllm_mock::list_faults().as_bytes())?);
    }
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)),
        latency_ms: args.latency_ms,
        chunk_delay_ms: args.chunk_delay_ms,
        events_per_write: usize::from(args.events_per_write),
        fault: args.fault,
        plan: args.plan,
        seed: args.seed,
        require_key: args.require_key,
        scripts: args.scripts.as_deref().map_or_else(|| Ok(Vec::new()), scripts)?,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Other(format!("no runtime could be started: {error}")))?;
    let ready = |mock: &literllm_mock::Mock| {
        // A script may read this one line and close the pipe; the simulator goes on.
        let _ = writeln!(std::io::stdout(), "{}", mock.base_url());
        if std::io::stdout().is_terminal() {
            note("this is a simulator; Ctrl-C ends it. In another terminal:");
            for format in FORMATS {
                let base_url = format!("{}{}", mock.base_url(), format.base);
                note(&format!("  literllm chat -m {} --base-url {base_url} 'Tell me a story'", format.model));
            }
        }
    };
    let stats = runtime.block_on(literllm_mock::serve_until_ctrl_c(config, ready)).map_err(|error| {
        Failure::Other(format!("the simulator cannot listen on port {}: {error}; try --port 0", args.port))
    })?;
    note(&format!(
        "served {} requests, {} of them given up by the client",
        stats.requests, stats.aborted_by_client
    ));
    Ok(())
}

/// The scripts of a folder.
fn scripts(folder: &Path) -> Result<Vec<Scripted>, Failure> {
    let all = script::all(folder, "").map_err(Failure::Other)?;
    all.iter()
        .map(|script| script.scripted().map_err(|why| Failure::Other(format!("{}: {why}", script.name))))
        .collect()
}
