//! Vectors that every host runs, and what runs them in Rust.
//!
//! [`vector`] reads a folder, [`replay`] plays it to an [`engine::Engine`] with its bodies cut as [`cutting`] says.
//! Two engines stand behind that trait: the core linked in, and the same core in the [`component`], so that every
//! document that crosses can be compared byte for byte. The format of a vector is told in `vectors/README.md`. [`faults`]
//! plays fault scripts to the same engines; `faults/README.md` tells of them.

pub mod component;
pub mod cutting;
pub mod diff;
pub mod engine;
pub mod faults;
pub mod grammar;
pub mod layout;
pub mod replay;
pub mod vector;
