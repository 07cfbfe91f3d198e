//! Liter-LLM's core: a client for language models that does no I/O.
//!
//! A host hands it a request, the time and a seed; it answers with a [`types::Step`]: send this, call me then, give
//! these events to the caller, done. The host tells what happened, and gets the next step. Nothing here opens a
//! socket, reads a clock or rolls dice (`clippy.toml` beside this crate forbids it), so the same bytes in give the
//! same bytes out, in Rust, in the sandbox and in every language around it.
//!
//! Start at [`Client`] and [`Call`]; [`engine::Engine`] is the same with documents for arguments, as the component
//! exports it.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing
    )
)]

mod attempt;
#[cfg_attr(feature = "hooks", expect(unreachable_pub, reason = "the hooks' own call stands before it"))]
mod call;
mod client;
pub mod engine;
mod error;
pub mod framing;
pub mod grammar;
mod held;
#[cfg(feature = "hooks")]
mod hooks;
mod json;
mod policy;
pub mod protocol;
mod registry;
pub mod types;
mod validate;

#[cfg(not(feature = "hooks"))]
pub use call::Call;
pub use client::Client;
#[cfg(feature = "hooks")]
pub use hooks::Call;
pub use registry::{ProviderRegistry, Quirks};
