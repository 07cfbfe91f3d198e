//! `cargo xtask repro`: anyone who builds this source gets these bytes.
//!
//! Two copies of the checkout in folders of different length, one built with the usual cargo home, the
//! other with an empty one, so that every dependency is downloaded again. Equal hashes mean that nothing
//! of the machine went into the file, and that nobody has to trust ours.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::{build, run};

/// Builds twice, compares and gives the common sha256.
pub(crate) fn run(place: &Place) -> Result<String> {
    let files = files(place)?;
    let folder = tempfile::Builder::new().prefix("literllm-repro-").tempdir()?;
    let fresh_home = folder.path().join("cargo-home");
    prepare_home(place, &fresh_home)?;
    let locked = place.root.join("Cargo.lock").is_file();
    let one = Place { root: folder.path().join("one"), cargo_home: None, locked };
    let two = Place { root: folder.path().join("and/another one"), cargo_home: Some(fresh_home), locked };
    let mut hashes = Vec::new();
    for copy in [&one, &two] {
        copy_files(place, copy, &files)?;
        println!("building {} files in {}", files.len(), copy.root.display());
        let (_, inspection) = build::component(copy, build::Core::Published)?;
        println!("  {} bytes, sha256 {}", inspection.size_bytes, inspection.sha256);
        hashes.push(inspection.sha256);
    }
    if hashes[0] != hashes[1] {
        bail!(
            "the component is not reproducible: {} in one folder, {} in the other; next: build in two folders, keep both \
             target/literllm.wasm and compare them with `cmp -l` or `strings`",
            hashes[0],
            hashes[1]
        );
    }
    println!("reproducible: sha256 {} from two folders and two cargo homes", hashes[0]);
    Ok(hashes.swap_remove(0))
}

/// What git knows and what it would add: the source as the next commit has it.
fn files(place: &Place) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&place.root);
    let list =
        run::capture(&mut git).context("the source is listed by git; next: run this in a git checkout")?;
    // A file that was deleted and not yet committed is still listed.
    let there = |name: &&str| !name.is_empty() && place.root.join(name).is_file();
    Ok(list.split('\0').filter(there).map(str::to_owned).collect())
}

fn copy_files(from: &Place, to: &Place, files: &[String]) -> Result<()> {
    for file in files {
        let target = to.root.join(file);
        std::fs::create_dir_all(target.parent().unwrap_or(&to.root))?;
        std::fs::copy(from.root.join(file), &target)
            .with_context(|| format!("{file} could not be copied"))?;
    }
    Ok(())
}

/// An empty cargo home. Only the settings come along: a network may need its mirror or proxy named.
fn prepare_home(place: &Place, home: &Path) -> Result<()> {
    std::fs::create_dir_all(home)?;
    let settings = place.cargo_home().map(|usual| usual.join("config.toml")).filter(|file| file.is_file());
    if let Some(settings) = settings {
        std::fs::copy(settings, home.join("config.toml"))?;
    }
    Ok(())
}
