//! JSON that is not ours: read gently, written exactly.
//!
//! Providers leave fields out, send `null` where a list belongs and numbers as strings, and repeat keys.
//! So their documents are not deserialised into fixed structs: [`read::Object`] looks one level deep and
//! keeps every value as the text it was written in. [`write::JsonWriter`] builds request bodies and lets
//! foreign JSON through unchanged.

mod bytes;
mod check;
pub(crate) mod decimal;
pub(crate) mod read;
pub(crate) mod write;
