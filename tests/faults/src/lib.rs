//! Fault scripts: what a provider does, and what must come of it in every host.
//!
//! [`script`] reads a script, [`mod@line`] is what a runner says of one it has played, [`judge`] holds the two together.
//! The simulator plays the provider (`literllm_mock::Turn`), with a socket or without. `README.md` tells the format.

pub mod judge;
pub mod line;
pub mod script;
