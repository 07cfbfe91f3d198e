//! The `literllm` program, run as a user runs it, against the simulator in this process.
//!
//! What is tested here is what a shell sees: standard output, standard error, exit codes, signals. What the
//! core and the host do with providers is tested where they are.

mod answers;
mod failures;
mod formats;
mod interrupt;
mod keys;
mod others;
mod policy;
mod support;
