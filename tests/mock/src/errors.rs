//! Error bodies, in the shapes that providers use.

use http::StatusCode;
use serde::Serialize;

/// An error as OpenAI writes it: `{"error":{"message","type","param","code"}}`.
#[derive(Debug, Serialize)]
pub(crate) struct ApiError {
    #[serde(skip)]
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
}

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

impl ApiError {
    /// A request that was wrong in this place.
    pub(crate) fn bad_request(param: impl Into<String>, code: &'static str, message: String) -> Self {
        Self { code: Some(code), param: Some(param.into()), ..Self::of(StatusCode::BAD_REQUEST, message) }
    }

    /// An error with the type and code that usually come with the status.
    pub(crate) fn of(status: StatusCode, message: impl Into<String>) -> Self {
        let found = MEANINGS.iter().find(|(known, ..)| *known == status.as_u16());
        let fallback = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
        let (kind, code) = found.map_or((fallback, None), |(_, kind, code)| (*kind, *code));
        Self { status, message: message.into(), kind, param: None, code }
    }

    /// The JSON text of it.
    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            error: &'a ApiError,
        }
        // Strings only: nothing in it can fail to serialize.
        serde_json::to_string(&Body { error: self }).unwrap_or_default()
    }

    /// The body in one of `faults::ERROR_BODIES`, with its content type.
    pub(crate) fn shaped(&self, shape: &str) -> (&'static str, String) {
        let one = |key: &str| serde_json::json!({ key: self.message }).to_string();
        match shape {
            "string" => (JSON, one("error")),
            "message" => (JSON, one("message")),
            "detail" => (JSON, one("detail")),
            "text" => ("text/plain; charset=utf-8", self.message.clone()),
            "html" => (HTML, html_page(&format!("{} from the simulator", self.status))),
            "empty" => (JSON, String::new()),
            _ => (JSON, self.json()),
        }
    }
}

pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// A page as proxies and captive portals send it.
pub(crate) fn html_page(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1>\
         <p>The simulator was asked for a page instead of an answer.</p></body></html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::ERROR_BODIES;

    #[test]
    fn the_shape_is_openais() {
        let error = ApiError::bad_request("model", "invalid_value", "No \"x\".".into());
        let wanted = r#"{"error":{"message":"No \"x\".","type":"invalid_request_error","param":"model","code":"invalid_value"}}"#;
        assert_eq!(error.json(), wanted);
    }

    #[test]
    fn each_body_has_a_shape_of_its_own() {
        let error = ApiError::of(StatusCode::TOO_MANY_REQUESTS, "slow down");
        let bodies: Vec<String> = ERROR_BODIES.iter().map(|shape| error.shaped(shape).1).collect();
        for (place, body) in bodies.iter().enumerate() {
            assert!(!bodies[..place].contains(body), "{} is like another", ERROR_BODIES[place]);
        }
        assert!(bodies[0].contains("rate_limit_exceeded"));
    }
}
