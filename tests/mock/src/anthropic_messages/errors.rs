//! Errors as Anthropic writes them: `{"type":"error","error":{"type","message"},"request_id"}`.

use serde::Serialize;

use crate::errors::Refusal;
use crate::reply::{Event, Part};
use crate::route::request_id;

/// The `type` that comes with each status (<https://docs.claude.com/en/api/errors>).
const TYPES: &[(u16, &str)] = &[
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Error<'a>,
    request_id: String,
}

#[derive(Serialize)]
struct Error<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
}

/// The body of an HTTP error.
pub(crate) fn error(refusal: &Refusal, number: u64) -> String {
    let found = TYPES.iter().find(|(known, _)| *known == refusal.status.as_u16());
    let fallback = if refusal.status.is_server_error() { "api_error" } else { "invalid_request_error" };
    let kind = found.map_or(fallback, |(_, kind)| *kind);
    let error = Error { kind, message: &refusal.message };
    // Strings only: nothing in it can fail to serialize.
    serde_json::to_string(&Body { kind: "error", error, request_id: request_id(number) }).unwrap_or_default()
}

/// The same body as an event called `error`; nothing follows it.
pub(crate) fn failure(refusal: &Refusal, number: u64) -> Vec<Event> {
    vec![Event { name: Some("error"), data: error(refusal, number), part: Part::Closing }]
}

/// An event with a name that the API does not have. Its versioning policy announces such.
pub(crate) fn unknown() -> Event {
    let data = r#"{"type":"simulator_unknown","index":0,"note":"Nobody knows this."}"#;
    Event { name: Some("simulator_unknown"), data: data.to_owned(), part: Part::Structure }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;

    #[test]
    fn the_shape_is_anthropics() {
        let overloaded = Refusal::of(StatusCode::from_u16(529).unwrap(), "Overloaded");
        let wanted = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_mock_3"}"#;
        assert_eq!(error(&overloaded, 3), wanted);
        assert!(error(&Refusal::bad("no"), 3).contains("invalid_request_error"));
        assert!(error(&Refusal::of(StatusCode::BAD_GATEWAY, "no"), 3).contains("api_error"));
    }
}
