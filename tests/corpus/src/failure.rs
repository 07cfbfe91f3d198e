//! Errors: what an exception of the SDKs may be to us, and what both say of trying again.

use literllm_core::types::{Error, ErrorKind};
use serde_json::Value;

/// Kinds that an exception of the SDKs may be to us, which look closer.
const KINDS: &[(&str, &[ErrorKind])] = &[
    (
        "BadRequestError",
        &[ErrorKind::InvalidRequest, ErrorKind::ContextLength, ErrorKind::ContentFilter, ErrorKind::NotFound],
    ),
    ("UnprocessableEntityError", &[ErrorKind::InvalidRequest]),
    ("AuthenticationError", &[ErrorKind::Authentication]),
    ("UnauthorizedError", &[ErrorKind::Authentication]),
    ("PermissionDeniedError", &[ErrorKind::Permission]),
    ("ForbiddenError", &[ErrorKind::Permission]),
    ("NotFoundError", &[ErrorKind::NotFound]),
    ("RateLimitError", &[ErrorKind::RateLimit, ErrorKind::Quota]),
    ("TooManyRequestsError", &[ErrorKind::RateLimit, ErrorKind::Quota]),
    ("InternalServerError", &[ErrorKind::Server, ErrorKind::Overloaded]),
    ("OverloadedError", &[ErrorKind::Overloaded]),
    ("ServiceUnavailableError", &[ErrorKind::Overloaded]),
    ("APITimeoutError", &[ErrorKind::Timeout]),
];

/// What no provider says: it would be our own doing.
const NOT_SAID: &[ErrorKind] = &[
    ErrorKind::Cut,
    ErrorKind::Protocol,
    ErrorKind::Internal,
    ErrorKind::Cancelled,
    ErrorKind::InvalidState,
];

/// Ours and theirs, in their words where both may mean the same.
///
/// `named_elsewhere`: the provider named a pause where the SDKs do not look for one.
pub(crate) fn compare(error: Option<&Error>, oracle: &Value, named_elsewhere: bool) -> (String, String) {
    let theirs = &oracle["error"];
    let said = if theirs.is_null() { "none".to_owned() } else { class(theirs) };
    let Some(error) = error else { return ("none".to_owned(), said) };
    let ours = if !theirs.is_null() && may_be(theirs, error) {
        class(theirs)
    } else {
        format!("{:?} {:?}: {}", error.kind, error.status, error.message)
    };
    let Some(would_retry) = oracle["sdk_retry"]["would_retry"].as_bool() else { return (ours, said) };
    // The SDKs ask again whatever a 429 says; that a quota is spent does not pass with a pause.
    let would_retry = would_retry && error.kind != ErrorKind::Quota;
    let pause = oracle["sdk_retry"]["retry_after_s"].as_f64().map(|seconds| (seconds * 1000.0) as u64);
    let ours_ms = error.retry_after_ms.filter(|_| pause.is_some() || !named_elsewhere);
    (format!("{ours}, {}", again(error.retryable, ours_ms)), format!("{said}, {}", again(would_retry, pause)))
}

fn class(error: &Value) -> String {
    format!("{} {}", error["class"].as_str().unwrap_or_default(), error["status"])
}

fn again(retryable: bool, pause_ms: Option<u64>) -> String {
    format!("retry {retryable} after {pause_ms:?} ms")
}

fn may_be(theirs: &Value, error: &Error) -> bool {
    let status = theirs["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let kind_agrees = match (theirs["class"].as_str().unwrap_or_default(), status) {
        // What an SDK raises inside a stream has no class of its own.
        ("APIError", _) => !NOT_SAID.contains(&error.kind),
        ("APIStatusError", Some(408)) => error.kind == ErrorKind::Timeout,
        (class, _) => KINDS.iter().any(|(known, kinds)| *known == class && kinds.contains(&error.kind)),
    };
    kind_agrees && status.is_none_or(|status| error.status == Some(status))
}
