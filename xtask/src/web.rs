//! The core for JavaScript: `core/web` through wasm-bindgen, laid where `js/` takes it from.
//!
//! wasm-bindgen writes an ES module that holds one instance in its module-level variables. We want one instance for
//! each client: a trap then ends the calls of that client and of no other, and a new instance takes over
//! without anything to reset. So the glue is put, as it was written, into the body of a function, and the variables become
//! that function's own. Its loading part (fetch, streaming compilation, global state) is left out: six lines of ours do
//! what is needed. (`reset_state_function` would give one instance after another, never two at a time.)
//!
//! The memory is imported and not the module's own, so that whoever makes an instance bounds it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::build::{self, Core, write_if_changed};
use crate::flags::{self, TARGET};
use crate::place::{Place, shown};
use crate::run;

/// Pages of 64 KiB an instance starts with: 1 MiB of stack, 50 kB of data, some air. Fixed, so that every build fits the glue.
const INITIAL_PAGES: u32 = 20;

/// The crate, and the file it becomes.
const PACKAGE: &str = "literllm-web";

const FILE: &str = "literllm_web.wasm";

/// Builds the module and lays it and its glue into `js/core`, with one line of output.
pub(crate) fn lay(place: &Place) -> Result<()> {
    let began = Instant::now();
    let folder = place.root.join("js/core");
    let built = bound(place, Core::Published)?;
    write_if_changed(&folder.join(FILE), &built.wasm)?;
    write_if_changed(&folder.join("glue.js"), built.js.as_bytes())?;
    write_if_changed(&folder.join("glue.d.ts"), built.types.as_bytes())?;
    write_if_changed(&folder.join("inline.js"), inline(&built.wasm).as_bytes())?;
    write_if_changed(&folder.join("inline.d.ts"), INLINE_TYPES.as_bytes())?;
    println!(
        "{}: {} bytes, glue {} bytes ({:.1} s)",
        shown(place, &folder.join(FILE)),
        built.wasm.len(),
        built.js.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Builds the module that traps and hedges on request, for the tests of `js/`. It works with the glue of the other.
pub(crate) fn lay_hooks(place: &Place) -> Result<()> {
    let built = bound(place, Core::Hooks)?;
    let glue = std::fs::read_to_string(place.root.join("js/core/glue.js")).unwrap_or_default();
    if glue != built.js {
        bail!("the glue of the module with hooks is not that of js/core; next: `cargo xtask build`");
    }
    write_if_changed(&place.root.join("target/literllm-web-hooks.wasm"), &built.wasm)
}

/// What wasm-bindgen makes of the crate.
struct Built {
    wasm: Vec<u8>,
    js: String,
    types: String,
}

fn bound(place: &Place, core: Core) -> Result<Built> {
    let module = compile(place, core)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
        .out_name("literllm_web")
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .web(true)?;
    let mut output = bindgen.generate_output().context("wasm-bindgen did not take the module")?;
    let help = "wasm-bindgen writes its glue in another shape than xtask/src/web.rs expects; next: read both";
    let js = factory(output.js()).context(help)?;
    let types = interface(output.ts().unwrap_or_default()).context(help)?;
    Ok(Built { wasm: output.wasm_mut().emit_wasm(), js, types })
}

/// Compiles the crate, shielded from this machine as the component is.
fn compile(place: &Place, core: Core) -> Result<PathBuf> {
    let compiler = flags::compiler(place)?;
    build::fetch(place, PACKAGE)?;
    let mut cargo = flags::shielded_cargo(place, &compiler)?;
    cargo.args(["rustc", "--package", PACKAGE, "--lib", "--target", TARGET, "--profile", "component"]);
    cargo.args(place.locked.then_some("--locked"));
    cargo.args((core == Core::Hooks).then_some("--features=hooks"));
    cargo.arg("--target-dir").arg(place.component_target(core));
    // wasm-bindgen strips the file itself; before that it reads there which features the code may use.
    cargo.args(["--", "-C", "strip=none", "-C", "link-arg=--import-memory"]);
    cargo.args(["-C", &format!("link-arg=--initial-memory={}", INITIAL_PAGES * 65_536)]);
    run::run(&mut cargo)?;
    Ok(place.component_target(core).join(TARGET).join("component").join(FILE))
}

/// Where the glue's loading part begins.
const LOADING: &str = "let wasmModule, wasmInstance, wasm;";

/// wasm-bindgen's glue as the body of a function.
fn factory(glue: &str) -> Result<String> {
    let loading = glue.find(LOADING).with_context(|| format!("it has no `{LOADING}`"))?;
    let (mut body, mut names) = (String::new(), Vec::new());
    for line in glue[..loading].lines().filter(|line| !line.starts_with("/* @ts-self-types")) {
        let line = match line.strip_prefix("export function ") {
            Some(rest) => {
                names.push(rest.split('(').next().unwrap_or_default());
                format!("function {rest}")
            }
            None => line.to_owned(),
        };
        if line.starts_with("import ") || line.starts_with("export ") {
            bail!("a line stands at the top of a module only: {line}");
        }
        writeln!(body, "{}", line.trim_end())?;
    }
    let function = "function __wbg_get_imports(memory)";
    if names.is_empty() || !body.contains(function) {
        bail!("it exports no functions, or has no `{function}`");
    }
    let names = names.join(", ");
    Ok(format!(
        "// Written by `cargo xtask build` (xtask/src/web.rs) from core/web by wasm-bindgen.\n\n\
         export const INITIAL_PAGES = {INITIAL_PAGES};\n\n\
         export function instantiate(module, memory) {{\n\
         let wasm;\n\
         {body}\n\
         const instance = new WebAssembly.Instance(module, __wbg_get_imports(memory));\n\
         wasm = instance.exports;\n\
         wasm.__wbindgen_start();\n\
         return {{ {names} }};\n\
         }}\n"
    ))
}

/// The types of those functions, as one interface.
fn interface(types: &str) -> Result<String> {
    let functions = types.split("export type InitInput").next().unwrap_or_default();
    if !functions.contains("export function ") {
        bail!("its types name no functions");
    }
    let functions = functions.replace("/* tslint:disable */\n", "").replace("/* eslint-disable */\n", "");
    let methods = functions.replace("export function ", "");
    Ok(format!(
        "// Written by `cargo xtask build` (xtask/src/web.rs) from core/web by wasm-bindgen.\n\n\
         /** The functions of one instance. An error document is thrown as the string it is. */\n\
         export interface Core {{\n{}\n}}\n\n\
         /** Pages of 64 KiB that the memory needs at first. */\n\
         export const INITIAL_PAGES: number;\n\n\
         /** Makes an instance of the module that works in `memory`. */\n\
         export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Core;\n",
        methods.trim()
    ))
}

/// The module as text in a module: survives every bundler and needs no file.
fn inline(wasm: &[u8]) -> String {
    format!(
        "// Written by `cargo xtask build` (xtask/src/web.rs): literllm_web.wasm as base64.\n\
         export const BASE64 =\n  \"{}\";\n",
        STANDARD.encode(wasm)
    )
}

const INLINE_TYPES: &str = "// Written by `cargo xtask build` (xtask/src/web.rs).\n\
    /** literllm_web.wasm as base64. */\nexport const BASE64: string;\n";
