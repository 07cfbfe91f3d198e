//! `cargo xtask generate`: the types of every language, written from `wit/types.wit`; and the schema of a configuration.
//!
//! One walk ([`model`]) and one emitter for each language. The Rust types are written by hand and proven equal.

mod convert;
#[cfg(test)]
mod defaults;
mod go;
mod model;
mod python;
mod rust;
mod schema;
mod typescript;

use anyhow::{Result, bail};

use crate::build::write_if_changed;
use crate::place::{Place, shown};
use model::Contract;

/// Which way.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail when a file is not what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

/// One generated file.
struct Output {
    path: &'static str,
    emit: fn(&Contract) -> String,
}

const OUTPUTS: &[Output] = &[
    Output { path: "core/component-http/src/convert.rs", emit: convert::emit },
    Output { path: "py-host/literllm/types.py", emit: python::emit },
    Output { path: "go-host/types.go", emit: go::types },
    Output { path: "go-host/types_json.go", emit: go::json },
    Output { path: "go-host/request_options.go", emit: go::options },
    Output { path: "js/src/types.ts", emit: typescript::emit },
    Output { path: "docs/client-config.schema.json", emit: schema::emit },
];

/// Writes every file, or says which is stale; and compares the Rust types.
pub(crate) fn run(place: &Place, args: &Args) -> Result<()> {
    let contract = Contract::read(&place.root.join("wit"))?;
    let mut stale = Vec::new();
    for output in OUTPUTS {
        let (path, text) = (place.root.join(output.path), (output.emit)(&contract));
        if std::fs::read_to_string(&path).is_ok_and(|there| there == text) {
            continue;
        }
        if args.check {
            stale.push(output.path);
        } else {
            write_if_changed(&path, text.as_bytes())?;
            println!("{} written", shown(place, &path));
        }
    }
    if !stale.is_empty() {
        bail!("{} do not follow wit/types.wit; next: `cargo xtask generate`", stale.join(", "));
    }
    let differences = rust::differences(&contract, &place.root.join("core/src/types"))?;
    if !differences.is_empty() {
        bail!("core/src/types and wit/types.wit differ:\n- {}", differences.join("\n- "));
    }
    println!(
        "{} types in {} files and in core/src/types follow wit/types.wit",
        contract.types.len(),
        OUTPUTS.len()
    );
    Ok(())
}
