//! What a component file can reach, read from its bytes and never by running it.
//!
//! `literllm.wasm` promises that it has no imports: no network, no disk, no clock, no environment.
//! Nobody should have to believe that. This crate parses and validates the file, lists everything it
//! asks for and everything it offers, and looks for traces of the machine that built it. The build,
//! the CI and `literllm verify` all use it, so a user checks with the very code that we check with.
//!
//! ```
//! // The smallest component there is: a header and nothing else. It has no core module, and we say so.
//! let inspection = literllm_verify::inspect(b"\0asm\x0d\0\x01\0")?;
//! assert_eq!(inspection.imports(), 0);
//! assert!(inspection.problems()[0].contains("core module"));
//! # Ok::<(), literllm_verify::VerifyError>(())
//! ```
//!
//! Absent: it trusts no tool chain and no signature, and it does not judge what the code computes.

mod paths;
mod report;
mod sections;

use serde::Serialize;
use sha2::{Digest, Sha256};

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Component or plain core module.
    pub kind: Kind,
    /// Length of the file, in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How many core modules it holds, at any depth. A plain module counts as one.
    pub core_modules: u32,
    /// Everything core modules import, at any depth, as `module.name`.
    pub core_imports: Vec<String>,
    /// Everything the component itself imports. What components nested in it import is not counted:
    /// the outer one provides it (the shims of `wit-component` work so).
    pub component_imports: Vec<String>,
    /// What it offers.
    pub exports: Vec<Export>,
    /// Paths of the machine that built it, each with some text after it.
    pub builder_paths: Vec<String>,
}

/// Which of the two binary forms of WebAssembly a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A component: it describes its own types.
    Component,
    /// A plain core module.
    Module,
}

/// One thing a file offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Export {
    /// Its name, such as `literllm:engine/engine@0.1.0`.
    pub name: String,
    /// For an interface, the functions that the core module implements for it. Empty: none, only types.
    pub functions: Vec<String>,
}

impl Inspection {
    /// How many things the file asks of the outside, in all.
    pub fn imports(&self) -> usize {
        self.core_imports.len() + self.component_imports.len()
    }
}

/// A file that cannot be read as WebAssembly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Reads a file; see [`inspect_with`], which can also look for folders of yours.
///
/// # Errors
/// The bytes are not valid WebAssembly.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, VerifyError> {
    inspect_with(bytes, &[])
}

/// Reads a file and also looks for `folders` in its bytes, such as the checkout it was built in.
///
/// The well-known homes (`/home/`, `/root/`, `/Users/`, a cargo registry, ...) are always looked for.
/// `/rustc/` may stand: it is the name the standard library gives itself, the same on every machine.
///
/// # Errors
/// The bytes are not valid WebAssembly.
pub fn inspect_with(bytes: &[u8], folders: &[&str]) -> Result<Inspection, VerifyError> {
    let found = sections::read(bytes).map_err(|cause| VerifyError {
        message: format!(
            "this is not a valid WebAssembly file ({} bytes): {cause}; expected the component that \
             `cargo xtask build` writes to target/literllm.wasm",
            bytes.len()
        ),
    })?;
    Ok(Inspection {
        kind: found.kind,
        size_bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
        core_modules: found.core_modules,
        core_imports: found.core_imports,
        component_imports: found.component_imports,
        exports: found.exports,
        builder_paths: paths::find(bytes, folders),
    })
}

/// SHA-256 as 64 lower-case hexadecimal digits: the name under which a file is published.
///
/// ```
/// assert!(literllm_verify::sha256_hex(b"").starts_with("e3b0c442"));
/// ```
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
