//! Errors as OpenAI writes them: `{"error":{"message","type","param","code"}}`.

use serde::Serialize;

use crate::errors::Refusal;
use crate::reply::{Event, Part};

/// For each status that providers use with a meaning: the `type` and the `code` OpenAI sends with it.
const MEANINGS: &[(u16, &str, Option<&str>)] = &[
    (401, "invalid_request_error", Some("invalid_api_key")),
    (403, "invalid_request_error", Some("unsupported_country_region_territory")),
    (404, "invalid_request_error", Some("model_not_found")),
    (402, "insufficient_quota", Some("insufficient_quota")),
    (429, "requests", Some("rate_limit_exceeded")),
    (500, "server_error", None),
    (503, "server_error", Some("service_unavailable")),
];

#[derive(Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

/// The body of an HTTP error.
pub(crate) fn error(refusal: &Refusal, _number: u64) -> String {
    let found = MEANINGS.iter().find(|(known, ..)| *known == refusal.status.as_u16());
    let fallback = if refusal.status.is_server_error() { "server_error" } else { "invalid_request_error" };
    let (kind, code) = found.map_or((fallback, None), |(_, kind, code)| (*kind, *code));
    let Refusal { message, place, .. } = refusal;
    let error = Error { message, kind, param: place.as_deref(), code: refusal.code.or(code) };
    // Strings only: nothing in it can fail to serialize.
    serde_json::to_string(&Body { error }).unwrap_or_default()
}

/// The error as an event without a name; nothing follows it.
pub(crate) fn failure(refusal: &Refusal, number: u64) -> Vec<Event> {
    vec![Event { name: None, data: error(refusal, number), part: Part::Closing }]
}

/// A chunk of another object, without choices.
pub(crate) fn unknown() -> Event {
    let data =
        r#"{"id":"chatcmpl-mock-0","object":"simulator.unknown","choices":[],"note":"Nobody knows this."}"#;
    Event { name: None, data: data.to_owned(), part: Part::Structure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_openais() {
        let refusal = Refusal { code: Some("invalid_value"), ..Refusal::at("model", "No \"x\".") };
        let wanted = r#"{"error":{"message":"No \"x\".","type":"invalid_request_error","param":"model","code":"invalid_value"}}"#;
        assert_eq!(error(&refusal, 1), wanted);
    }
}
