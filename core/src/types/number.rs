//! A number of the caller, kept as it was written.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON number as text: what the caller wrote is what the provider gets, in every language (`0.1`, not
/// `0.1000000000000000055`).
///
/// In the WIT it is an `f64`, in the JSON form a number. One that is not finite is refused when the call starts.
///
/// ```
/// use literllm_core::types::Number;
/// assert_eq!(Number::from(0.7).as_str(), "0.7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Takes over JSON text; whether it is a number is the reader's to know.
    pub(crate) fn as_written(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        // The shortest text that reads back as the same number; not finite: no JSON, which `validate` finds.
        Self(number.to_string())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match RawValue::from_string(self.0.clone()) {
            Ok(raw) => raw.serialize(to),
            // Not finite. As text it is refused with its place.
            Err(_) => to.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        f64::deserialize(from).map(Self::from)
    }
}
