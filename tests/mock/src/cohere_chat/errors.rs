//! Errors as Cohere writes them: `{"id","message"}`, and as its streams end with them.

use serde::Serialize;

use super::uuid;
use super::wire::{done, message_end};
use crate::errors::Refusal;
use crate::reply::{Event, Part};

#[derive(Serialize)]
struct Body<'a> {
    id: String,
    message: &'a str,
}

/// The body of an HTTP error.
pub(crate) fn error(refusal: &Refusal, number: u64) -> String {
    // Strings only: nothing in it can fail to serialize.
    serde_json::to_string(&Body { id: uuid(number), message: &refusal.message }).unwrap_or_default()
}

/// A stream that failed ends as any other does, for the reason `ERROR`.
pub(crate) fn failure(refusal: &Refusal, _number: u64) -> Vec<Event> {
    vec![message_end("ERROR", None, Some(&refusal.message)), done()]
}

/// An event with a type that the API does not have.
pub(crate) fn unknown() -> Event {
    let data = r#"{"type":"simulator-unknown","index":0,"delta":{"note":"Nobody knows this."}}"#;
    Event { name: Some("simulator-unknown"), data: data.to_owned(), part: Part::Structure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_coheres() {
        let wanted = r#"{"id":"00000000-0000-4000-8000-000000000007","message":"no api key supplied"}"#;
        assert_eq!(error(&Refusal::bad("no api key supplied"), 7), wanted);
    }
}
