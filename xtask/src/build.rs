//! `cargo xtask build`: the component, proven before anybody embeds it.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use literllm_verify::Inspection;

use crate::flags::{self, Compiler, TARGET};
use crate::place::{Place, shown};
use crate::{pack, run, verify, web};

/// Builds the component of the checkout and the module for JavaScript, lays them where hosts embed them and says
/// what the component is.
pub(crate) fn run(place: &Place) -> Result<()> {
    let inspection = lay(place)?;
    lay_hooks(place)?;
    lay_typed(place)?;
    web::lay(place)?;
    web::lay_hooks(place)?;
    println!("{inspection}\nno imports, no paths of this machine");
    Ok(())
}

/// Builds, checks and lays the component, with one line of output.
pub(crate) fn lay(place: &Place) -> Result<Inspection> {
    let began = Instant::now();
    let (bytes, inspection) = component(place, Core::Published)?;
    for path in [place.component()].into_iter().chain(place.embedded()) {
        write_if_changed(&path, &bytes)?;
    }
    eprintln!(
        "{}: {} bytes, {} imports, sha256 {} ({:.1} s)",
        shown(place, &place.component()),
        inspection.size_bytes,
        inspection.imports(),
        inspection.sha256,
        began.elapsed().as_secs_f64()
    );
    if let Some(problem) = verify::too_large(&inspection) {
        // It works nevertheless, so whoever builds can go on; `verify` and the suites refuse it.
        eprintln!("warning: {problem}");
    }
    Ok(inspection)
}

/// Builds the component that traps and hedges on request. The tests of every host load it by hand.
pub(crate) fn lay_hooks(place: &Place) -> Result<()> {
    let (bytes, _) = component(place, Core::Hooks)?;
    write_if_changed(&place.hooks(), &bytes)
}

/// Which core goes into a component.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Core {
    /// The one that hosts embed.
    Published,
    /// With the feature `hooks`, for tests of hosts.
    Hooks,
}

/// Builds the component of any place and checks it.
pub(crate) fn component(place: &Place, core: Core) -> Result<(Vec<u8>, Inspection)> {
    let (bytes, inspection) = packed(place, "literllm-component", core)?;
    match inspection.problems().as_slice() {
        [] => Ok((bytes, inspection)),
        problems => {
            bail!("the component was built and is not good:\n{inspection}\n- {}", problems.join("\n- "))
        }
    }
}

/// What the typed sibling may ask for: HTTP, and what waiting, chance and keys need. (`wasi:cli` has the environment;
/// nothing else of it is named here.)
const TYPED_IMPORTS: &[&str] =
    &["wasi:http/", "wasi:io/", "wasi:clocks/", "wasi:random/random@", "wasi:cli/environment@"];

/// Builds the typed sibling, checks what it imports, lays it and says so in one line.
pub(crate) fn lay_typed(place: &Place) -> Result<Inspection> {
    let (bytes, inspection) = packed(place, "literllm-component-http", Core::Published)?;
    let allowed = |import: &&String| TYPED_IMPORTS.iter().any(|allowed| import.starts_with(allowed));
    let imports = &inspection.component_imports;
    if let Some(other) = imports.iter().find(|import| !allowed(import)) {
        bail!("the typed component imports {other}; it may import only {}", TYPED_IMPORTS.join(", "));
    }
    if let Some(path) = inspection.builder_paths.first() {
        bail!("the typed component holds a path of the machine that built it: {path}");
    }
    write_if_changed(&place.typed(), &bytes)?;
    eprintln!(
        "{}: {} bytes, imports {}, sha256 {}",
        shown(place, &place.typed()),
        inspection.size_bytes,
        imports.join(" "),
        inspection.sha256
    );
    Ok(inspection)
}

/// Compiles a crate for wasm, shielded from this machine, and packs what comes out as a component.
fn packed(place: &Place, package: &str, core: Core) -> Result<(Vec<u8>, Inspection)> {
    let compiler = flags::compiler(place)?;
    warn_about_another_compiler(place, &compiler);
    add_target(place, &compiler)?;
    fetch(place, package)?;
    run::run(
        flags::shielded_cargo(place, &compiler)?
            .args(["build", "--package", package, "--lib", "--target", TARGET, "--profile", "component"])
            .arg("--target-dir")
            .arg(place.component_target(core))
            .args((core == Core::Hooks).then_some("--features=hooks"))
            .args(place.locked.then_some("--locked")),
    )?;
    let file = format!("component/{}.wasm", package.replace('-', "_"));
    let built = place.component_target(core).join(TARGET).join(file);
    let module = std::fs::read(&built).with_context(|| {
        format!("cargo did not write {}; next: see that {package} is a cdylib", built.display())
    })?;
    let bytes = pack::component(&module)?;
    let inspection = verify::inspect(place, &compiler, &bytes)?;
    Ok((bytes, inspection))
}

/// Other compilers work, but they write other bytes than the published ones.
fn warn_about_another_compiler(place: &Place, compiler: &Compiler) {
    if pinned(place).is_some_and(|pinned| pinned != compiler.release) {
        eprintln!(
            "warning: this is rustc {}, and rust-toolchain.toml pins {}; the sha256 will not be the published one",
            compiler.release,
            pinned(place).unwrap_or_default()
        );
    }
}

/// The channel in `rust-toolchain.toml`.
fn pinned(place: &Place) -> Option<String> {
    let text = std::fs::read_to_string(place.root.join("rust-toolchain.toml")).ok()?;
    let line = text.lines().find_map(|line| line.trim().strip_prefix("channel"))?;
    Some(line.trim_start().strip_prefix('=')?.trim().trim_matches('"').to_owned())
}

/// Adds the wasm target when it is missing.
fn add_target(place: &Place, compiler: &Compiler) -> Result<()> {
    if Path::new(&compiler.sysroot).join("lib/rustlib").join(TARGET).join("lib").is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(&place.root);
    if let Some(pinned) = pinned(place).filter(|pinned| *pinned == compiler.release) {
        rustup.args(["--toolchain", &pinned]);
    }
    run::run(&mut rustup).with_context(|| {
        format!(
            "rustc {} has no standard library for {TARGET}; next: install it with your package manager",
            compiler.release
        )
    })
}

/// Downloads a component's dependencies, and only those. The flags name the folders they unpack to,
/// so they must lie there before.
pub(crate) fn fetch(place: &Place, package: &str) -> Result<()> {
    let mut tree = run::cargo(place);
    tree.args(["tree", "--quiet", "--package", package, "--target", TARGET, "--edges", "normal,build"]);
    run::capture(tree.args(place.locked.then_some("--locked"))).map(|_| ())
}

/// Leaves an equal file alone: cargo looks at its time and would rebuild the host.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes).with_context(|| format!("{} could not be written", path.display()))
}
