//! What a Rust host does for the core around HTTP, whatever carries the HTTP out.
//!
//! Keys stay here and never enter the core: [`Egress`] fills one into a request, if the request goes where the
//! table says that keys may go, and [`Scrubber`] overwrites what a provider echoes of it. No I/O happens here, so the same
//! code serves the host on wasmtime and the component that speaks `wasi:http` itself.

mod egress;
mod keys;
mod scrub;

pub use egress::Egress;
pub use keys::{EnvKeys, KeySource, Secret, StaticKeys};
pub use scrub::Scrubber;

use literllm_core::types::{FailureKind, Reached, TransportFailure};

/// A failure before anything left this host.
pub fn not_sent(kind: FailureKind, message: impl Into<String>) -> TransportFailure {
    TransportFailure { kind, reached: Reached::NotConnected, message: message.into() }
}
