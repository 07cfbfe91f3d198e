//! From a request to an answer: paths, limits, keys, and which fault strikes.
//!
//! The order is that of a provider's front door: is there such a path, may you enter, are you unlucky, and
//! only then is the question read. A fault that replaces the answer therefore wins over a bad request.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{ALLOW, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::sleep;

use crate::body::ScriptBody;
use crate::errors::{ApiError, JSON};
use crate::faults::{Fault, FaultKind, Step};
use crate::openai_chat::{self, Options};
use crate::reply::Reply;
use crate::script::{self, Answer, Break, Instead, Pace};
use crate::seen::{Seen, Seens};
use crate::socket::Link;
use crate::stats::{Counters, Ticket};
use crate::{Config, MAX_BODY_BYTES};

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) counters: Arc<Counters>,
    pub(crate) seen: Seens,
    plan: Mutex<VecDeque<Step>>,
    next_request: AtomicU64,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Self {
        let plan = Mutex::new(config.plan.iter().cloned().collect());
        let counters = Arc::new(Counters::new());
        Self { config, counters, seen: Seens::default(), plan, next_request: AtomicU64::new(1) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Route {
    Chat,
    Models,
    Stats,
    ResetStats,
    Health,
}

/// Method, path, and whether the path may have something before it, as compatible providers do
/// (`/openai/v1/chat/completions`).
const ROUTES: &[(Method, &str, bool, Route)] = &[
    (Method::POST, "/chat/completions", true, Route::Chat),
    (Method::GET, "/models", true, Route::Models),
    (Method::GET, "/stats", false, Route::Stats),
    (Method::POST, "/stats/reset", false, Route::ResetStats),
    (Method::GET, "/healthz", false, Route::Health),
];

/// Where a request goes; without a route, the method that the path would have allowed.
fn route(method: &Method, path: &str) -> Result<Route, Option<&'static Method>> {
    let fits = |&&(_, known, prefixed, _): &&(_, &str, bool, _)| {
        if prefixed { path.ends_with(known) } else { path == known }
    };
    match ROUTES.iter().find(fits) {
        Some((allowed, _, _, route)) if allowed == method => Ok(*route),
        Some((allowed, ..)) => Err(Some(allowed)),
        None => Err(None),
    }
}

/// Answers one request. It never fails: a connection to be broken is broken through the `link`.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    link: Arc<Link>,
    request: Request<Incoming>,
) -> Result<Response<ScriptBody>, Infallible> {
    let number = shared.next_request.fetch_add(1, Relaxed);
    let path = request.uri().path().to_owned();
    let (answer, ticket) = match route(request.method(), &path) {
        Ok(Route::Stats) => {
            let stats = serde_json::to_string_pretty(&shared.counters.snapshot()).unwrap_or_default();
            (Answer::plain(StatusCode::OK, JSON, stats), None)
        }
        Ok(Route::ResetStats) => {
            shared.counters.reset();
            (Answer::plain(StatusCode::OK, JSON, r#"{"reset":true}"#), None)
        }
        Ok(Route::Health) => (Answer::plain(StatusCode::OK, JSON, r#"{"status":"ok"}"#), None),
        found => {
            let mut ticket = shared.counters.begin(&path);
            match api(&shared, found, request).await {
                Ok(answer) => (answer, Some(ticket)),
                Err(how) => {
                    ticket.finish();
                    link.sever(how);
                    pending().await
                }
            }
        }
    };
    Ok(respond(&shared, link, number, answer, ticket))
}

fn respond(
    shared: &Shared,
    link: Arc<Link>,
    number: u64,
    answer: Answer,
    ticket: Option<Ticket>,
) -> Response<ScriptBody> {
    if ticket.is_some() {
        shared.counters.answered(answer.status.as_u16(), answer.is_stream);
    }
    let mut response = Response::new(ScriptBody::new(answer.acts, answer.one_byte, link, ticket));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("x-simulator"),
        HeaderValue::from_static(concat!("literllm-mock/", env!("CARGO_PKG_VERSION"))),
    );
    if let Ok(id) = HeaderValue::try_from(format!("req_mock_{number}")) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if let Some(length) = answer.length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// The routes a provider has, and the paths it has not. `Err` breaks the connection without an answer.
async fn api(
    shared: &Shared,
    found: Result<Route, Option<&'static Method>>,
    request: Request<Incoming>,
) -> Result<Answer, Break> {
    let (head, body) = request.into_parts();
    let too_large = || {
        let message = format!("The request body is larger than {MAX_BODY_BYTES} bytes.");
        Answer::error(&ApiError::of(StatusCode::PAYLOAD_TOO_LARGE, message))
    };
    // Refused by its head where the head says so: `Limited` only counts what has come.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Ok(too_large());
    }
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Ok(too_large()),
        // The client left or broke the framing; hyper will notice, so this is rarely read by anyone.
        Err(_) => return Ok(bad_request("The request body ended too early.")),
    };
    shared.seen.push(Seen::new(&head, &body));
    let route = match found {
        Ok(route) => route,
        Err(allowed) => return Ok(no_route(&head, allowed)),
    };
    if let Err(error) = check_key(shared.config.require_key.as_deref(), &head) {
        return Ok(Answer::error(&error));
    }
    let fault = match choose_fault(shared, &head, route) {
        Ok(fault) => fault,
        Err(message) => return Ok(bad_request(message)),
    };
    let kind = fault.as_ref().map(|fault| fault.row().kind);
    let slow_ms =
        fault.as_ref().filter(|_| kind == Some(FaultKind::SlowHead)).and_then(|f| f.number("delay_ms"));
    wait_ms(shared.config.latency_ms).await;
    wait_ms(slow_ms.unwrap_or(0)).await;

    let instead = fault.as_ref().and_then(script::instead);
    let reply = match (&instead, route) {
        (Some(_), _) => None,
        (None, Route::Chat) => {
            let options = Options {
                seed: shared.config.seed,
                usage: kind != Some(FaultKind::NoUsage),
                stream: kind != Some(FaultKind::PlainForStream),
            };
            match openai_chat::reply(&body, options) {
                Ok(reply) => Some(reply),
                Err(error) => return Ok(Answer::error(&error)),
            }
        }
        (None, _) => Some(Reply::Plain(openai_chat::models())),
    };
    if let Some(fault) = &fault {
        shared.counters.fault(fault.row().name);
    }
    match (instead, reply) {
        (Some(Instead::Break(how)), _) => Err(how),
        (Some(Instead::Answer(answer)), _) => Ok(answer),
        (None, Some(reply)) => {
            let Config { chunk_delay_ms, events_per_write, .. } = shared.config;
            let mut answer = script::shape(reply, fault.as_ref(), Pace { chunk_delay_ms, events_per_write });
            answer.headers.extend(asked_header(&head));
            Ok(answer)
        }
        (None, None) => Ok(bad_request("The simulator found nothing to say.")),
    }
}

/// `x-mock-header: name=value` in the request comes back as that header, for tests of what a header does.
fn asked_header(head: &Parts) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = head.headers.get("x-mock-header")?.to_str().ok()?.split_once('=')?;
    Some((name.trim().parse().ok()?, value.parse().ok()?))
}

async fn wait_ms(delay_ms: u64) {
    if delay_ms > 0 {
        sleep(Duration::from_millis(delay_ms)).await;
    }
}

fn bad_request(message: impl Into<String>) -> Answer {
    Answer::error(&ApiError::of(StatusCode::BAD_REQUEST, message))
}

fn no_route(head: &Parts, allowed: Option<&'static Method>) -> Answer {
    let (method, path) = (&head.method, head.uri.path());
    let Some(allowed) = allowed else {
        let error = ApiError {
            code: Some("unknown_url"),
            ..ApiError::of(StatusCode::NOT_FOUND, format!("Invalid URL ({method} {path})"))
        };
        return Answer::error(&error);
    };
    let message = format!("Not allowed to {method} on {path} (HINT: use {allowed}).");
    let error = ApiError {
        code: Some("method_not_supported"),
        ..ApiError::of(StatusCode::METHOD_NOT_ALLOWED, message)
    };
    let mut answer = Answer::error(&error);
    answer
        .headers
        .insert(ALLOW, HeaderValue::from_static(if allowed == Method::POST { "POST" } else { "GET" }));
    answer
}

/// Some providers print the wrong key back. So do we, because clients must not pass it on.
fn check_key(required: Option<&str>, head: &Parts) -> Result<(), ApiError> {
    let Some(required) = required else { return Ok(()) };
    let given =
        head.headers.get(http::header::AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let given = given.as_deref().map(|text| text.strip_prefix("Bearer ").unwrap_or(text));
    let message = match given {
        Some(given) if given == required => return Ok(()),
        Some(given) => format!("Incorrect API key provided: {given}. This is a simulator; it knows one key."),
        None => "You didn't provide an API key. Use 'Authorization: Bearer YOUR_KEY'.".to_owned(),
    };
    Err(ApiError::of(StatusCode::UNAUTHORIZED, message))
}

/// The header wins, then the plan (for chats), then the configured fault.
fn choose_fault(shared: &Shared, head: &Parts, route: Route) -> Result<Option<Fault>, String> {
    let step = match head.headers.get("x-mock-fault") {
        Some(value) => {
            let text =
                value.to_str().map_err(|_| "The header x-mock-fault must be plain ASCII.".to_owned())?;
            Some(text.parse::<Step>().map_err(|error| format!("The header x-mock-fault: {error}."))?)
        }
        None if route == Route::Chat => {
            shared.plan.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
        }
        None => None,
    };
    Ok(match step {
        Some(Step::Ok) => None,
        Some(Step::Fault(fault)) => Some(fault),
        None => shared.config.fault.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_for_provider_routes_only() {
        assert_eq!(route(&Method::POST, "/openai/v1/chat/completions"), Ok(Route::Chat));
        assert_eq!(route(&Method::GET, "/v1/models"), Ok(Route::Models));
        assert_eq!(route(&Method::GET, "/v1/stats"), Err(None));
        assert_eq!(route(&Method::GET, "/v1/chat/completions"), Err(Some(&Method::POST)));
        assert_eq!(route(&Method::POST, "/stats/reset"), Ok(Route::ResetStats));
        assert_eq!(route(&Method::GET, ""), Err(None));
    }
}
