//! What the component's build is shielded from: the machine it runs on.
//!
//! A panic message carries the path of its source file. The compiler is told to write neutral names
//! instead: ours for the workspace, `/cargo` for dependencies, and for the standard library the very
//! name it has when its source is not installed. With that, two machines write the same bytes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::run;

/// Target of the component: nothing of any operating system in it.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Variables that would change the bytes. `CARGO_ENCODED_RUSTFLAGS`, which we set, beats the others and
/// any configuration file; profiles are those of the workspace and of nobody else.
fn disturbs(name: &str) -> bool {
    matches!(name, "RUSTFLAGS" | "CARGO_ENCODED_RUSTFLAGS" | "CARGO_BUILD_RUSTFLAGS" | "CARGO_INCREMENTAL")
        || ["CARGO_TARGET_WASM32", "CARGO_PROFILE_", "CARGO_BUILD_TARGET"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// The compiler the workspace is built with.
pub(crate) struct Compiler {
    /// Such as `1.95.0`.
    pub(crate) release: String,
    /// Hash of the commit it was made from.
    commit: String,
    /// Folder it is installed in.
    pub(crate) sysroot: String,
}

/// Asks the compiler who it is.
pub(crate) fn compiler(place: &Place) -> Result<Compiler> {
    let ask =
        |arguments: &[&str]| run::capture(Command::new("rustc").args(arguments).current_dir(&place.root));
    let version = ask(&["-vV"])?;
    let field = |name: &str| {
        let value = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.map(str::to_owned).with_context(|| format!("`rustc -vV` does not tell its {name}: {version}"))
    };
    let sysroot = ask(&["--print", "sysroot"])?.trim().to_owned();
    Ok(Compiler { release: field("release")?, commit: field("commit-hash")?, sysroot })
}

/// A cargo command for the component, shielded.
pub(crate) fn shielded_cargo(place: &Place, compiler: &Compiler) -> Result<Command> {
    let mut command = run::cargo(place);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(disturbs) {
            command.env_remove(name);
        }
    }
    let renamed = renamed_paths(place, compiler)?;
    let flags =
        renamed.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect::<Vec<_>>();
    // Encoded, since a folder may have a space in its name.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    Ok(command)
}

/// Folders and the names they get. Of several that fit, the compiler takes the last.
fn renamed_paths(place: &Place, compiler: &Compiler) -> Result<Vec<(String, String)>> {
    let text = |path: &Path| {
        let text = path.to_str().map(str::to_owned);
        text.with_context(|| format!("the path {} is not Unicode; next: move the checkout", path.display()))
    };
    let mut renamed = Vec::new();
    if let Some(home) = place.cargo_home() {
        renamed.push((text(&home)?, "/cargo".to_owned()));
        // Below `registry/src` each source of crates has a folder named after its address. The name says
        // which mirror served this machine, so it goes as well.
        for sources in ["registry/src", "git/checkouts"] {
            let Ok(entries) = std::fs::read_dir(home.join(sources)) else { continue };
            let mut folders = entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>();
            folders.sort();
            for folder in folders {
                renamed.push((text(&folder)?, "/cargo".to_owned()));
            }
        }
    }
    renamed.push((text(&place.root)?, "/literllm".to_owned()));
    let library = Path::new(&compiler.sysroot).join("lib/rustlib/src/rust");
    renamed.push((text(&library)?, format!("/rustc/{}", compiler.commit)));
    Ok(renamed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_machine_disturb_and_others_do_not() {
        for name in
            ["RUSTFLAGS", "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "CARGO_PROFILE_RELEASE_LTO"]
        {
            assert!(disturbs(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_TARGET_DIR", "RUSTUP_HOME", "PATH", "CARGO_NET_OFFLINE"] {
            assert!(!disturbs(name), "{name}");
        }
    }
}
