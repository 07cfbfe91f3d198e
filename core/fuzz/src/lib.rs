//! What the fuzz targets check. A target is a few lines in `fuzz_targets/`; a broken rule is a panic.
//!
//! The fuzzer turns bytes into other bytes and keeps those that reach new code. What its bytes mean is said in
//! [`input`] for bodies and in [`life`] for calls; `examples/seeds.rs` writes the first ones from vectors and
//! recordings.

pub mod adapter;
pub mod framing;
mod grammar;
pub mod input;
pub mod life;
mod sent;
