//! Refusals: what went wrong, before a wire format puts it into its own words.

use http::StatusCode;

use crate::format::Format;
use crate::openai_chat;

/// An error on its way to the client. Each format writes what it has a field for.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// Where in the request, spelt as the format spells it: OpenAI's `param`.
    pub(crate) place: Option<String>,
    /// OpenAI's `code`, when it is not the one that usually comes with the status.
    pub(crate) code: Option<&'static str>,
}

impl Refusal {
    /// An error with what usually comes with the status.
    pub(crate) fn of(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), place: None, code: None }
    }

    /// A request that was wrong as a whole.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, message)
    }

    /// A request that was wrong in this place.
    pub(crate) fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: Some(place.into()), ..Self::bad(message) }
    }

    /// The body in one of `faults::ERROR_BODIES`, with its content type.
    pub(crate) fn shaped(&self, shape: &str, format: &Format, number: u64) -> (&'static str, String) {
        let one = |key: &str| serde_json::json!({ key: self.message }).to_string();
        match shape {
            "openai" => (JSON, openai_chat::error(self, number)),
            "string" => (JSON, one("error")),
            "message" => (JSON, one("message")),
            "detail" => (JSON, one("detail")),
            "text" => ("text/plain; charset=utf-8", self.message.clone()),
            "html" => (HTML, html_page(&format!("{} from the simulator", self.status))),
            "empty" => (JSON, String::new()),
            _ => (JSON, (format.error)(self, number)),
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
    use crate::format::FORMATS;

    #[test]
    fn each_body_has_a_shape_of_its_own() {
        let error = Refusal::of(StatusCode::TOO_MANY_REQUESTS, "slow down");
        for format in FORMATS {
            let mut bodies: Vec<String> =
                ERROR_BODIES.iter().map(|shape| error.shaped(shape, format, 7).1).collect();
            let own = (format.error)(&error, 7);
            assert_eq!(bodies[0], own, "{}: the first body is the format's own", format.name);
            assert!(bodies[1].contains("rate_limit_exceeded"), "the second is OpenAI's");
            bodies.sort();
            bodies.dedup();
            let twins = usize::from(format.name == "openai-chat");
            assert_eq!(bodies.len(), ERROR_BODIES.len() - twins, "{}: {bodies:?}", format.name);
        }
    }
}
