//! From a request to an answer: paths, limits, keys, and which fault strikes.
//!
//! The order is that of a provider's front door: is there such a path, may you enter, are you unlucky, and
//! only then is the question read. A fault that replaces the answer therefore wins over a bad request.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_LENGTH};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use tokio::time::sleep;

use crate::body::ScriptBody;
use crate::errors::{JSON, Refusal};
use crate::faults::{Fault, FaultKind, Step};
use crate::format::{FORMATS, Format, Options};
use crate::openai_chat;
use crate::play::Scripts;
use crate::reply::Reply;
use crate::script::{self, Answer, Break, Instead, Pace, Voice};
use crate::seen::{Seen, Seens};
use crate::socket::Link;
use crate::stats::{Counters, Ticket};
use crate::{Config, MAX_BODY_BYTES};

/// What all connections share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) counters: Arc<Counters>,
    pub(crate) seen: Seens,
    pub(crate) scripts: Scripts,
    plan: Mutex<VecDeque<Step>>,
    next_request: AtomicU64,
}

impl Shared {
    pub(crate) fn new(config: Config, scripts: Scripts) -> Self {
        let plan = Mutex::new(config.plan.iter().cloned().collect());
        let counters = Arc::new(Counters::new());
        Self { config, counters, seen: Seens::default(), scripts, plan, next_request: AtomicU64::new(1) }
    }
}

#[derive(Clone, Copy, Debug)]
enum Route {
    Chat(&'static Format),
    Models,
    Stats,
    ResetStats,
    Health,
    Scripts,
}

/// Method, path, and whether the path may have something before it, as compatible providers do
/// (`/openai/v1/models`). The paths of chats are in `FORMATS`, and all have this freedom.
const ROUTES: &[(Method, &str, bool, Route)] = &[
    (Method::GET, "/models", true, Route::Models),
    (Method::GET, "/stats", false, Route::Stats),
    (Method::POST, "/stats/reset", false, Route::ResetStats),
    (Method::GET, "/healthz", false, Route::Health),
    (Method::GET, "/faults", false, Route::Scripts),
];

/// The format in whose words a path is answered.
fn format_of(path: &str) -> &'static Format {
    FORMATS.iter().find(|format| path.ends_with(format.path)).unwrap_or(&FORMATS[0])
}

/// Where a request goes; without a route, the method that the path would have allowed.
fn route(method: &Method, path: &str) -> Result<Route, Option<&'static Method>> {
    let chats = FORMATS.iter().map(|format| (&Method::POST, format.path, true, Route::Chat(format)));
    let others = ROUTES.iter().map(|(method, path, prefixed, route)| (method, *path, *prefixed, *route));
    let fits = |(_, known, prefixed, _): &(&Method, &str, bool, Route)| {
        if *prefixed { path.ends_with(known) } else { path == *known }
    };
    match chats.chain(others).find(fits) {
        Some((allowed, _, _, route)) if allowed == method => Ok(route),
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
    let voice = Voice { format: format_of(&path), number };
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
        Ok(Route::Scripts) => (Answer::plain(StatusCode::OK, JSON, shared.scripts.tell()), None),
        found => {
            let mut ticket = shared.counters.begin(&path);
            match api(&shared, found, request, voice).await {
                Ok(answer) => (answer, Some(ticket)),
                Err(Trouble::Refused(refusal)) => (Answer::error(&refusal, voice), Some(ticket)),
                Err(Trouble::Method(allowed)) => (wrong_method(&path, allowed, voice), Some(ticket)),
                Err(Trouble::Broken(how)) => {
                    ticket.finish();
                    link.sever(how);
                    pending().await
                }
            }
        }
    };
    Ok(respond(&shared, link, voice, answer, ticket))
}

fn respond(
    shared: &Shared,
    link: Arc<Link>,
    voice: Voice,
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
    if let Ok(id) = HeaderValue::try_from(request_id(voice.number)) {
        headers.insert(HeaderName::from_static(voice.format.request_id), id.clone());
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    if let Some(length) = answer.length {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// How a request is called in headers and errors.
pub(crate) fn request_id(number: u64) -> String {
    format!("req_mock_{number}")
}

/// Why a request gets no answer in good order.
#[derive(Debug)]
pub(crate) enum Trouble {
    Refused(Refusal),
    /// The path wants this method.
    Method(&'static Method),
    /// The connection is to be broken, without an answer.
    Broken(Break),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The routes a provider has, and the paths it has not.
async fn api(
    shared: &Shared,
    found: Result<Route, Option<&'static Method>>,
    request: Request<Incoming>,
    voice: Voice,
) -> Result<Answer, Trouble> {
    let (head, body) = request.into_parts();
    let body = whole(body).await?;
    shared.seen.push(Seen::new(&head, &body));
    let route = match found {
        Ok(route) => route,
        Err(Some(allowed)) => return Err(Trouble::Method(allowed)),
        Err(None) => {
            let message = format!("Invalid URL ({} {})", head.method, head.uri.path());
            let refusal = Refusal::of(StatusCode::NOT_FOUND, message);
            return Err(Refusal { code: Some("unknown_url"), ..refusal }.into());
        }
    };
    voice.format.check_key(shared.config.require_key.as_deref(), &head.headers)?;
    let turn = shared.scripts.next(head.uri.path()).transpose()?;
    if let Some(turn) = &turn {
        turn.check_wants(&head.headers)?;
    }
    let fault = match &turn {
        Some(turn) => turn.fault().cloned(),
        None => choose_fault(shared, &head, route).map_err(Refusal::bad)?,
    };
    let slow_head = fault.as_ref().filter(|fault| fault.row().kind == FaultKind::SlowHead);
    wait_ms(shared.config.latency_ms).await;
    wait_ms(slow_head.and_then(|fault| fault.number("delay_ms")).unwrap_or(0)).await;

    let Config { chunk_delay_ms, events_per_write, seed, .. } = shared.config;
    let manner = Manner { seed, pace: Pace { chunk_delay_ms, events_per_write } };
    let answer = match route {
        Route::Chat(format) => chat(format, &head.headers, &body, fault.as_ref(), manner, voice),
        _ => spoilt(|| Ok(Reply::Plain(openai_chat::models())), fault.as_ref(), manner, voice),
    };
    if let (Some(fault), Ok(_) | Err(Trouble::Broken(_))) = (&fault, &answer) {
        shared.counters.fault(fault.row().name);
    }
    let mut answer = answer?;
    if let Some(turn) = &turn {
        turn.dress(&mut answer, now_ms());
    }
    answer.headers.extend(asked_header(&head));
    Ok(answer)
}

/// How answers are made, whatever is asked.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) seed: u64,
    pub(crate) pace: Pace,
}

/// The answer to a chat, by value: no time passes and nothing is sent.
pub(crate) fn chat(
    format: &Format,
    headers: &HeaderMap,
    body: &[u8],
    fault: Option<&Fault>,
    manner: Manner,
    voice: Voice,
) -> Result<Answer, Trouble> {
    let is = |kind| fault.is_some_and(|fault| fault.row().kind == kind);
    let options =
        Options { seed: manner.seed, usage: !is(FaultKind::NoUsage), stream: !is(FaultKind::PlainForStream) };
    let reply = || format.check_demanded(headers).and_then(|()| (format.reply)(body, options));
    spoilt(reply, fault, manner, voice)
}

/// A reply as the fault leaves it, or what the fault does instead.
fn spoilt(
    reply: impl FnOnce() -> Result<Reply, Refusal>,
    fault: Option<&Fault>,
    manner: Manner,
    voice: Voice,
) -> Result<Answer, Trouble> {
    match fault.and_then(|fault| script::instead(fault, voice)) {
        Some(Instead::Break(how)) => Err(Trouble::Broken(how)),
        Some(Instead::Answer(answer)) => Ok(answer),
        None => Ok(script::shape(reply()?, fault, manner.pace, voice)),
    }
}

/// Unix milliseconds.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The whole request body, as far as it is not too large.
async fn whole(body: Incoming) -> Result<Bytes, Refusal> {
    let too_large = || {
        let message = format!("The request body is larger than {MAX_BODY_BYTES} bytes.");
        Refusal::of(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    // Refused by its head where the head says so: `Limited` only counts what has come.
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(too_large());
    }
    match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        // The client left or broke the framing; hyper will notice, so this is rarely read by anyone.
        Err(_) => Err(Refusal::bad("The request body ended too early.")),
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

fn wrong_method(path: &str, allowed: &'static Method, voice: Voice) -> Answer {
    let message = format!("This method is not allowed on {path} (HINT: use {allowed}).");
    let refusal = Refusal::of(StatusCode::METHOD_NOT_ALLOWED, message);
    let mut answer = Answer::error(&Refusal { code: Some("method_not_supported"), ..refusal }, voice);
    let allowed = if allowed == Method::POST { "POST" } else { "GET" };
    answer.headers.insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// The header wins, then the plan (for chats), then the configured fault.
fn choose_fault(shared: &Shared, head: &Parts, route: Route) -> Result<Option<Fault>, String> {
    let step = match head.headers.get("x-mock-fault") {
        Some(value) => {
            let text =
                value.to_str().map_err(|_| "The header x-mock-fault must be plain ASCII.".to_owned())?;
            Some(text.parse::<Step>().map_err(|error| format!("The header x-mock-fault: {error}."))?)
        }
        None if matches!(route, Route::Chat(_)) => {
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
        let is_chat = |method, path: &str| match route(&method, path) {
            Ok(Route::Chat(format)) => format.name,
            _ => "no chat",
        };
        assert_eq!(is_chat(Method::POST, "/openai/v1/chat/completions"), "openai-chat");
        assert_eq!(is_chat(Method::POST, "/anthropic/v1/messages"), "anthropic-messages");
        assert_eq!(is_chat(Method::POST, "/v2/chat"), "cohere-chat");
        assert!(matches!(route(&Method::GET, "/v1/models"), Ok(Route::Models)));
        assert!(matches!(route(&Method::GET, "/v1/stats"), Err(None)));
        assert!(matches!(route(&Method::GET, "/v1/chat/completions"), Err(Some(&Method::POST))));
        assert!(matches!(route(&Method::POST, "/stats/reset"), Ok(Route::ResetStats)));
        assert!(matches!(route(&Method::GET, ""), Err(None)));
    }

    #[test]
    fn no_path_of_a_format_ends_like_another() {
        for format in FORMATS {
            assert_eq!(format_of(&format!("{}{}", format.base, format.path)).name, format.name);
        }
    }
}
