//! Failures in words and in kinds: of the transport, of time, of attempts that were held back; and what may be done next.

use crate::policy::health::Verdict;
use crate::policy::retry::Fate;
use crate::policy::settings::Settings;
use crate::protocol::Target;
use crate::types::{
    AttemptReport, Deadline, Error, ErrorKind, FailureKind, NextStep, Part, Phase, Reached, Response,
    TransportFailure, WaitReason,
};

/// What a transport failure means. `keys` names where the keys may be set.
pub(crate) fn of_transport(
    failure: &TransportFailure,
    target: &Target,
    url: &str,
    keys: &[String],
    settings: &Settings,
) -> Error {
    let provider = &target.provider;
    let phase = match failure.reached {
        Reached::NotConnected | Reached::Connected => Phase::Connect,
        Reached::PartlySent | Reached::Sent | Reached::Unknown => Phase::Head,
        Reached::HeadSeen | Reached::BodySeen => Phase::Body,
    };
    let said = &failure.message;
    // Not for want of a network: the host could not make an HTTP request of it.
    let refused = failure.kind == FailureKind::Other && failure.reached == Reached::NotConnected;
    let (kind, message) = match failure.kind {
        FailureKind::MissingKey => (ErrorKind::Authentication, missing_key(provider, keys, said)),
        FailureKind::Egress => (
            ErrorKind::InvalidRequest,
            format!(
                "a request to {provider} was held back, since its address is outside the egress table: {said}"
            ),
        ),
        FailureKind::MissingBlob => {
            (ErrorKind::InvalidRequest, format!("a blob of the request is missing or changed: {said}"))
        }
        FailureKind::TooLarge => {
            (ErrorKind::TooLarge, format!("the body of {provider} passed max_body_bytes: {said}"))
        }
        FailureKind::ConnectTimeout => (
            ErrorKind::Timeout,
            format!(
                "no connection to {provider} stood after {} ms (connect_timeout_ms): {said}",
                settings.connect_timeout_ms
            ),
        ),
        FailureKind::Http => (ErrorKind::Protocol, format!("what {provider} sent is not HTTP: {said}")),
        FailureKind::Dns | FailureKind::Connect | FailureKind::Tls => {
            (ErrorKind::Connection, format!("no connection to {provider} at {url}: {said}"))
        }
        FailureKind::Other if refused => {
            (ErrorKind::InvalidRequest, format!("the request to {provider} could not be sent: {said}"))
        }
        FailureKind::Lost => {
            (ErrorKind::Connection, format!("the connection to {provider} ended with its process: {said}"))
        }
        FailureKind::Reset | FailureKind::Other if phase == Phase::Body => {
            (ErrorKind::Cut, format!("the connection to {provider} broke inside its answer: {said}"))
        }
        FailureKind::Reset | FailureKind::Other => {
            (ErrorKind::Connection, format!("the connection to {provider} broke before it answered: {said}"))
        }
    };
    let mut error = Error::new(kind, message);
    // A wrong certificate does not mend itself; everything else about connections may.
    error.retryable = crate::error::may_retry(kind, None) && failure.kind != FailureKind::Tls && !refused;
    error.deadline = (failure.kind == FailureKind::ConnectTimeout).then_some(Deadline::Connect);
    let unsent =
        matches!(failure.kind, FailureKind::MissingKey | FailureKind::Egress | FailureKind::MissingBlob);
    error.in_phase(if unsent { Phase::Connect } else { phase })
}

fn missing_key(provider: &str, names: &[String], said: &str) -> String {
    let names = names.join(" or ");
    let why = if said.is_empty() { String::new() } else { format!(" ({said})") };
    format!("no key for {provider}: set {names} in the environment of this program{why}; nothing was sent")
}

/// A bound of time that an attempt, or the whole call, passed.
pub(crate) fn of_time(deadline: Deadline, target: &Target, bound_ms: u64) -> Error {
    let provider = &target.provider;
    let message = match deadline {
        Deadline::FirstToken => {
            format!("{provider} said nothing within {bound_ms} ms (first_token_timeout_ms)")
        }
        Deadline::Idle => format!("{provider} was silent for {bound_ms} ms (idle_timeout_ms)"),
        Deadline::Caller => {
            format!("{provider} did not finish within the {bound_ms} ms that the caller's own deadline left")
        }
        Deadline::Total | Deadline::Connect => {
            format!("{provider} did not finish within {bound_ms} ms (total_timeout_ms)")
        }
    };
    let mut error = Error::new(ErrorKind::Timeout, message);
    error.retryable = matches!(deadline, Deadline::FirstToken | Deadline::Idle);
    error.deadline = Some(deadline);
    error
}

/// An attempt that may not begin for `delay_ms`.
pub(crate) fn of_holding(
    model: &str,
    reason: WaitReason,
    delay_ms: u64,
    last: Option<&AttemptReport>,
) -> Error {
    let why = if reason == WaitReason::Keys {
        "all keys of its provider were limited"
    } else {
        "its provider asked for a pause"
    };
    let message = format!("{model} is held back for {delay_ms} ms more, since {why}");
    held_back(ErrorKind::RateLimit, &message, delay_ms, last)
}

/// A deployment whose circuit is open for `delay_ms`.
pub(crate) fn of_open_circuit(model: &str, delay_ms: u64, last: Option<&AttemptReport>) -> Error {
    let message = format!(
        "{model} failed too often of late: it is left alone for {delay_ms} ms more (guards.breaker_open_ms)"
    );
    held_back(ErrorKind::CircuitOpen, &message, delay_ms, last)
}

/// What the last attempt met is what helps, if there was one.
fn held_back(kind: ErrorKind, message: &str, delay_ms: u64, last: Option<&AttemptReport>) -> Error {
    let before = last.and_then(|last| last.cause.as_deref());
    let message = match before {
        Some(cause) => format!("{message}, and nothing more was sent; before that: {cause}"),
        None => format!("{message}, and nothing was sent"),
    };
    let mut error = Error::new(kind, message);
    (error.retryable, error.retry_after_ms) = (true, Some(delay_ms));
    error.status = last.and_then(|last| last.status);
    error
}

/// Statuses by which something between us and the provider says that it lost the answer: Bad Gateway, Gateway Timeout (RFC
/// 9110 sections 15.6.3 and 15.6.5), and Cloudflare's 524, the same after a connection. The work may have been done.
const LOST_ANSWERS: &[u16] = &[502, 504, 524];

/// Whether a status says that an answer was lost on its way.
pub(crate) fn lost_the_answer(status: u16) -> bool {
    LOST_ANSWERS.contains(&status)
}

/// What became of the request of a failed attempt; `status` is that of its head.
pub(crate) fn fate(error: &Error, status: Option<u16>) -> Fate {
    match status {
        Some(status) if lost_the_answer(status) => Fate::LostBeforeHead,
        // Refused in so many words.
        Some(status) if !(200..300).contains(&status) => Fate::Known,
        Some(_) => match error.kind {
            ErrorKind::Cut | ErrorKind::Protocol | ErrorKind::Connection | ErrorKind::Internal => {
                Fate::LostInside
            }
            ErrorKind::Timeout if error.deadline.is_some() => Fate::LostInside,
            // The provider reported it inside its answer.
            _ => Fate::Known,
        },
        None if matches!(error.phase, Phase::Request | Phase::Connect) => Fate::Known,
        None => Fate::LostBeforeHead,
    }
}

/// What a failed attempt says of the deployment. `other_key`: another key of the provider may do.
pub(crate) fn verdict(error: &Error, failure: Option<FailureKind>, other_key: bool) -> Verdict {
    match error.kind {
        _ if error.deadline == Some(Deadline::Caller) => Verdict::Unknown,
        // Nothing was sent, or nobody is left to say what came of it.
        _ if matches!(
            failure,
            Some(
                FailureKind::Lost
                    | FailureKind::MissingKey
                    | FailureKind::Egress
                    | FailureKind::MissingBlob
                    | FailureKind::TooLarge
            )
        ) =>
        {
            Verdict::Unknown
        }
        ErrorKind::InvalidRequest if failure.is_some() => Verdict::Unknown,
        // A limit of one key is none of the deployment.
        ErrorKind::RateLimit if other_key => Verdict::Unknown,
        ErrorKind::Cancelled | ErrorKind::Internal | ErrorKind::InvalidState | ErrorKind::CircuitOpen => {
            Verdict::Unknown
        }
        // The cooldown takes care of a provider that says when it can bear more.
        ErrorKind::RateLimit if error.retry_after_ms.is_some() => Verdict::Unknown,
        ErrorKind::RateLimit
        | ErrorKind::Server
        | ErrorKind::Overloaded
        | ErrorKind::Connection
        | ErrorKind::Cut
        | ErrorKind::Protocol
        | ErrorKind::Timeout => Verdict::Ill,
        _ => Verdict::Well,
    }
}

/// What the caller may do after a call that failed.
pub(crate) fn next(error: &Error) -> Vec<NextStep> {
    let mut next = Vec::new();
    let broke_off = matches!(
        error.kind,
        ErrorKind::Cut
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::Server
            | ErrorKind::Overloaded
            | ErrorKind::RateLimit
            | ErrorKind::Protocol
            | ErrorKind::Cancelled
    );
    if broke_off && error.partial.as_deref().is_some_and(has_words) {
        next.push(NextStep::Continue);
    }
    if error.retryable || error.kind == ErrorKind::Timeout {
        next.push(NextStep::Resend);
    }
    if next.is_empty() {
        next.push(NextStep::GiveUp);
    }
    next
}

/// Whether there is text that a model could go on from.
fn has_words(partial: &Response) -> bool {
    let words = |part: &Part| matches!(part, Part::Text(text) if !text.text.is_empty());
    partial.choices.iter().any(|choice| choice.content.iter().any(words))
}
