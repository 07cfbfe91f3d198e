//! The common contract, written by hand to be read.
//!
//! Every record here stands in `wit/types.wit` with the same fields in the same order; field order is
//! the byte order of the JSON form (docs/adr/0001). Change one and the other in the same commit.

mod client;
mod error;
mod event;
mod message;
mod number;
pub(crate) mod read;
mod request;
mod response;
mod shared;
mod step;
mod tool;

pub use client::*;
pub use error::*;
pub use event::*;
pub use message::*;
pub use number::Number;
pub use request::*;
pub use response::*;
pub use shared::*;
pub use step::*;
pub use tool::*;

/// JSON text of a provider or a caller, kept as it was written. Not parsed unless its meaning is needed.
pub type Json = String;

/// Bytes as base64 text, the JSON form of `list<u8>`.
mod base64_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(de::Error::custom)
    }
}
