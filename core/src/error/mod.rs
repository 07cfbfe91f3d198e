//! From what a provider said to our one error table. Knows nothing of retries' delays, only whether one may help.

use std::borrow::Cow;

use crate::json::read::{Object, Value};
use crate::policy::wait_hint;
use crate::types::{Error, ErrorKind, Phase};

/// Longest piece of a provider's own words kept in an error, in bytes. Enough for every error body in the
/// recorded traffic; short enough for a log line.
const MAX_RAW_BYTES: usize = 4096;

/// What a status says when the body says nothing better.
const STATUSES: &[(u16, ErrorKind)] = &[
    (400, ErrorKind::InvalidRequest),
    (401, ErrorKind::Authentication),
    (402, ErrorKind::Quota),
    (403, ErrorKind::Permission),
    (404, ErrorKind::NotFound),
    (408, ErrorKind::Timeout),
    (409, ErrorKind::Server),
    (413, ErrorKind::TooLarge),
    (422, ErrorKind::InvalidRequest),
    (425, ErrorKind::Server),
    (429, ErrorKind::RateLimit),
    (503, ErrorKind::Overloaded),
    (529, ErrorKind::Overloaded),
];

/// What a provider's own code or type says; it is more exact than the status.
const CODES: &[(&str, ErrorKind)] = &[
    ("insufficient_quota", ErrorKind::Quota),
    ("billing_hard_limit_reached", ErrorKind::Quota),
    ("context_length_exceeded", ErrorKind::ContextLength),
    ("exceed_context_size_error", ErrorKind::ContextLength),
    ("TOO_MANY_TOKENS", ErrorKind::ContextLength),
    ("content_filter", ErrorKind::ContentFilter),
    ("content_policy_violation", ErrorKind::ContentFilter),
    ("model_not_found", ErrorKind::NotFound),
    ("invalid_api_key", ErrorKind::Authentication),
    ("authentication_error", ErrorKind::Authentication),
    ("rate_limit_exceeded", ErrorKind::RateLimit),
    ("rate_limit_error", ErrorKind::RateLimit),
    ("overloaded_error", ErrorKind::Overloaded),
    ("permission_error", ErrorKind::Permission),
    ("not_found_error", ErrorKind::NotFound),
    ("billing_error", ErrorKind::Quota),
    ("request_too_large", ErrorKind::TooLarge),
    ("timeout_error", ErrorKind::Timeout),
    ("ERROR_TOXIC", ErrorKind::ContentFilter),
    ("TIMEOUT", ErrorKind::Timeout),
    ("server_error", ErrorKind::Server),
    ("invalid_request_error", ErrorKind::InvalidRequest),
];

/// What a status means.
pub(crate) fn kind_of_status(status: u16) -> ErrorKind {
    match STATUSES.iter().find(|(known, _)| *known == status) {
        Some((_, kind)) => *kind,
        None if (300..400).contains(&status) => ErrorKind::Redirect,
        None if (400..500).contains(&status) => ErrorKind::InvalidRequest,
        None => ErrorKind::Server,
    }
}

/// Whether sending the same request again may help.
///
/// The statuses are those the official OpenAI and Anthropic SDKs send again: 408, 409, 429 and 5xx.
pub(crate) fn may_retry(kind: ErrorKind, status: Option<u16>) -> bool {
    match kind {
        ErrorKind::RateLimit | ErrorKind::Server | ErrorKind::Overloaded => {
            !matches!(status, Some(501 | 505))
        }
        ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Cut => true,
        _ => false,
    }
}

/// A provider's words, however it wrote them: `{error: {...}}`, `{error: "..."}`, `{message}`, `{detail}`,
/// a list around one of these, plain text, a page, or nothing.
#[derive(Debug, Default)]
pub(crate) struct ProviderWords<'a> {
    pub(crate) message: Option<Cow<'a, str>>,
    pub(crate) code: Option<Cow<'a, str>>,
    pub(crate) kind: Option<Cow<'a, str>>,
    /// The pause asked for inside the body (`google.rpc.RetryInfo`), in ms.
    pub(crate) retry_after_ms: Option<u64>,
}

impl<'a> ProviderWords<'a> {
    /// Reads a body.
    pub(crate) fn read(body: &'a str) -> Self {
        let text = body.trim();
        match Value::parse(text) {
            Ok(value) => Self::of(value),
            Err(_) if text.is_empty() || text.starts_with('<') => Self::default(),
            Err(_) => Self { message: Some(Cow::Borrowed(text)), ..Self::default() },
        }
    }

    /// Reads the document that stands for an error.
    pub(crate) fn of(value: Value<'a>) -> Self {
        if let Some(text) = value.string() {
            return Self { message: Some(text), ..Self::default() };
        }
        if let Some(first) = value.as_list().and_then(|list| list.first().copied()) {
            return Self::of(first);
        }
        let object = value.object();
        match object.get("error") {
            Some(inner) if inner.as_object().is_some() => {
                let mut words = Self::of_object(&inner.object());
                words.message = words.message.or_else(|| object.words("message"));
                words
            }
            Some(inner) => Self { message: inner.string(), ..Self::of_object(&object) },
            None => Self::of_object(&object),
        }
    }

    fn of_object(object: &Object<'a>) -> Self {
        let text = |name: &str| {
            let value = object.get(name)?;
            Some(value.string().unwrap_or(Cow::Borrowed(value.raw()))).filter(|text| !text.is_empty())
        };
        Self {
            message: text("message").or_else(|| text("detail")).or_else(|| text("msg")),
            code: text("code"),
            kind: text("type").or_else(|| text("status")).or_else(|| text("error_type")),
            retry_after_ms: object.get("details").and_then(|details| retry_info(&details.as_list()?)),
        }
    }

    /// Our kind for these words; `status` decides where they say nothing.
    pub(crate) fn error_kind(&self, status: Option<u16>) -> ErrorKind {
        let known = |word: &Option<Cow<'_, str>>| {
            let word = word.as_deref()?;
            CODES.iter().find(|(code, _)| *code == word).map(|(_, kind)| *kind)
        };
        // A number for a code is a status (OpenRouter, inside answers that began with 200).
        let status = status.filter(|status| *status >= 300).or_else(|| self.code.as_deref()?.parse().ok());
        let by_status = status.filter(|status| (300..600).contains(status)).map(kind_of_status);
        match (known(&self.code), by_status, known(&self.kind)) {
            // DeepSeek calls every refusal an invalid request; the status says which.
            (Some(ErrorKind::InvalidRequest), Some(kind), _) | (Some(kind), _, _) => kind,
            (None, Some(ErrorKind::InvalidRequest), Some(kind)) => kind,
            (None, Some(ErrorKind::RateLimit), Some(ErrorKind::Quota)) => ErrorKind::Quota,
            (None, Some(kind), _) => kind,
            (None, None, Some(kind)) => kind,
            (None, None, None) => ErrorKind::Server,
        }
    }
}

/// The pause that a list of Google's details asks for: `{"@type": ".../google.rpc.RetryInfo", "retryDelay": "23s"}`.
fn retry_info(details: &[Value<'_>]) -> Option<u64> {
    details.iter().find_map(|detail| {
        let detail = detail.object();
        let kind = detail.words("@type")?;
        kind.ends_with("google.rpc.RetryInfo").then(|| wait_hint::duration(&detail.words("retryDelay")?))?
    })
}

/// An error that a provider wrote, `status` being that of the head.
pub(crate) fn from_provider(provider: &str, model: &str, status: Option<u16>, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    from_words(provider, model, status, &ProviderWords::read(&text), &text)
}

/// An error of which the words have been read already; `raw` is where they stood.
pub(crate) fn from_words(
    provider: &str,
    model: &str,
    status: Option<u16>,
    words: &ProviderWords<'_>,
    raw: &str,
) -> Error {
    let kind = words.error_kind(status);
    let said = words.message.as_deref().map_or_else(
        || {
            if raw.trim().is_empty() {
                "and said nothing".to_owned()
            } else {
                "with a body that is no error document".to_owned()
            }
        },
        |message| format!("and said: {}", clip(message.trim(), 1000)),
    );
    let answered = match status {
        Some(status) if status >= 300 => format!("answered {status}"),
        _ => "reported an error inside its answer".to_owned(),
    };
    let hint = hint(kind).map_or_else(String::new, |hint| format!(" ({hint})"));
    let mut error = Error::new(kind, format!("{provider} {answered} for model {model} {said}{hint}"));
    error.status = status;
    error.provider_code =
        words.code.as_deref().or(words.kind.as_deref()).map(|code| clip(code, 200).to_owned());
    error.retryable = may_retry(kind, status);
    error.retry_after_ms = words.retry_after_ms.filter(|_| error.retryable);
    error.raw = Some(clip(raw, MAX_RAW_BYTES).to_owned()).filter(|raw| !raw.is_empty());
    error.in_phase(Phase::Body)
}

/// Whose turn it is.
fn hint(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Authentication => "check the key",
        ErrorKind::Permission => "the key may not do this",
        ErrorKind::Quota => "money or a quota is spent; a pause does not help",
        ErrorKind::NotFound => "check the model's name and the base URL",
        ErrorKind::ContextLength => "shorten the messages or take a model with a larger context",
        ErrorKind::Redirect => "redirects are not followed; set the base URL to where it points",
        _ => return None,
    })
}

/// At most `max_bytes` of `text`, whole characters.
pub(crate) fn clip(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> ErrorKind {
        from_provider("p", "m", Some(status), body.as_bytes()).kind
    }

    #[test]
    fn every_shape_of_error_body_gives_its_message() {
        for body in [
            r#"{"error":{"message":"no such thing","code":null}}"#,
            r#"{"error":"no such thing"}"#,
            r#"{"message":"no such thing"}"#,
            r#"{"detail":"no such thing"}"#,
            r#"[{"error":{"message":"no such thing"}}]"#,
            r#""no such thing""#,
            "no such thing",
        ] {
            let error = from_provider("groq", "m", Some(400), body.as_bytes());
            assert!(error.message.contains("and said: no such thing"), "{body}: {}", error.message);
            assert_eq!(error.raw.as_deref(), Some(body));
        }
    }

    #[test]
    fn a_page_or_nothing_still_makes_an_error() {
        assert!(
            from_provider("p", "m", Some(502), b"<html>Bad Gateway</html>")
                .message
                .contains("no error document")
        );
        assert!(from_provider("p", "m", Some(500), b"").message.contains("said nothing"));
        assert!(from_provider("p", "m", Some(500), b"\xff\xfe").retryable);
    }

    #[test]
    fn the_code_is_more_exact_than_the_status() {
        assert_eq!(kind(429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#), ErrorKind::Quota);
        assert_eq!(
            kind(429, r#"{"error":{"message":"x","type":"insufficient_quota","code":null}}"#),
            ErrorKind::Quota
        );
        assert_eq!(
            kind(400, r#"{"error":{"message":"x","code":"context_length_exceeded"}}"#),
            ErrorKind::ContextLength
        );
        assert_eq!(
            kind(404, r#"{"error":{"message":"x","type":"invalid_request_error"}}"#),
            ErrorKind::NotFound
        );
        assert_eq!(kind(200, r#"{"error":{"message":"x","code":429}}"#), ErrorKind::RateLimit);
        assert_eq!(
            kind(
                401,
                r#"{"error":{"message":"x","type":"authentication_error","code":"invalid_request_error"}}"#
            ),
            ErrorKind::Authentication
        );
        assert_eq!(kind(418, "{}"), ErrorKind::InvalidRequest);
    }

    #[test]
    fn spent_money_is_not_tried_again() {
        assert!(!from_provider("p", "m", Some(429), br#"{"error":{"code":"insufficient_quota"}}"#).retryable);
        assert!(from_provider("p", "m", Some(429), b"").retryable);
        assert!(!from_provider("p", "m", Some(501), b"").retryable);
    }

    #[test]
    fn googles_pause_stands_in_the_body() {
        let body = br#"[{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"23.5s"}]}}]"#;
        assert_eq!(from_provider("gemini", "m", Some(429), body).retry_after_ms, Some(23_500));
        let body =
            br#"{"error":{"details":[{"@type":"x.RetryInfo","retryDelay":23},7,{"retryDelay":"1s"}]}}"#;
        assert_eq!(from_provider("gemini", "m", Some(429), body).retry_after_ms, None);
    }

    #[test]
    fn long_words_are_clipped_at_a_character() {
        assert_eq!(clip("aé", 2), "a");
        assert_eq!(
            from_provider("p", "m", Some(500), "é".repeat(5000).as_bytes()).raw.map(|raw| raw.len()),
            Some(4096)
        );
    }
}
