//! The usual transport: reqwest on rustls, HTTP/2 where the server offers it.
//!
//! It does less than reqwest can: redirects are not followed (a redirect would take the key along), nothing is
//! repeated, no deadline of reqwest applies after the connection stands. The core decides about all of these.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body::Body as _;
use literllm_core::types::{FailureKind, Header, Reached, ResponseHead, TransportFailure};
use reqwest::{Body, Client, Url, redirect};
use url::Host;

use crate::failure::describe;
use crate::tls;
use crate::transport::{ResponseFuture, Transport, TransportRequest, TransportResponse};
use literllm_lend::not_sent;

/// Most clients kept: one for each connect timeout in use, twice with those for loopback.
///
/// The timeout is part of the policy, so one or two are usual. A program that makes up a new one for each call loses
/// the sharing of connections, and nothing else.
const MAX_CLIENTS: usize = 8;

/// When an HTTP/2 connection is asked for a sign of life, while a call waits on it.
///
/// Without it a connection that died without a word (a NAT entry that expired) would be given to one call after
/// the other. Well below the 60 s after which common load balancers forget a connection.
const PING_EVERY: Duration = Duration::from_secs(30);

/// HTTP by reqwest. Clones share their connections.
///
/// Connections are kept and shared; TCP_NODELAY is set; gzip is decoded. The proxies of `HTTP_PROXY`, `HTTPS_PROXY`,
/// `ALL_PROXY` and `NO_PROXY` are honoured, except for loopback addresses, which are always reached directly.
/// It needs a tokio runtime with I/O and time enabled.
#[derive(Clone, Default)]
pub struct HttpTransport(Arc<Mutex<Vec<(Kind, Client)>>>);

/// What reqwest can set for a client only, and we want to choose for a request.
#[derive(Clone, Copy, PartialEq)]
struct Kind {
    connect_timeout_ms: Option<u64>,
    direct: bool,
}

impl HttpTransport {
    /// A transport without connections yet. Certificates are read when the first request is sent.
    pub fn new() -> Self {
        Self::default()
    }

    fn client(&self, kind: Kind) -> Result<Client, TransportFailure> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == kind) {
            return Ok(client.clone());
        }
        let client = build(kind).map_err(|cause| not_sent(FailureKind::Other, cause))?;
        if clients.len() >= MAX_CLIENTS {
            clients.remove(0);
        }
        clients.push((kind, client.clone()));
        Ok(client)
    }
}

/// Said to every provider; some gateways refuse requests that name no agent. A header of the request wins.
const USER_AGENT: &str = concat!("literllm/", env!("CARGO_PKG_VERSION"));

fn build(kind: Kind) -> Result<Client, String> {
    let tls = tls::config().map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(PING_EVERY)
        .http2_keep_alive_timeout(PING_EVERY);
    if let Some(timeout_ms) = kind.connect_timeout_ms {
        builder = builder.connect_timeout(Duration::from_millis(timeout_ms));
    }
    if kind.direct {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| format!("the HTTP client cannot be set up: {}", describe(&error)))
}

impl Transport for HttpTransport {
    fn send(&self, request: TransportRequest) -> ResponseFuture {
        let transport = self.clone();
        Box::pin(async move {
            let unfit = |what| {
                move |_| not_sent(FailureKind::Other, format!("{what} of this request is not valid HTTP"))
            };
            let url =
                Url::parse(&request.url).map_err(|error| not_sent(FailureKind::Other, error.to_string()))?;
            let method = Method::from_bytes(request.method.as_bytes()).map_err(unfit("the method"))?;
            let kind = Kind { connect_timeout_ms: request.connect_timeout_ms, direct: is_loopback(&url) };
            let mut builder = transport.client(kind)?.request(method, url);
            builder = builder.headers(headers(&request.headers)?);
            if request.body.length_bytes() > 0 {
                builder = builder.body(Body::wrap(request.body));
            }
            let response = builder.send().await.map_err(|error| failure(error, Reached::Unknown))?;
            let head = ResponseHead { status: response.status().as_u16(), headers: told(response.headers()) };
            let body = Chunks { body: Box::pin(response.into()), reached: Reached::HeadSeen };
            Ok(TransportResponse { head, body: Box::pin(body) })
        })
    }
}

/// Loopback never goes through a proxy (Go's `net/http` holds it so too): a proxy's loopback is another machine's.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn headers(headers: &[Header]) -> Result<HeaderMap, TransportFailure> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let unfit =
            || not_sent(FailureKind::Other, format!("the header {:?} is not valid HTTP", header.name));
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| unfit())?;
        let latin1: Option<Vec<u8>> = header.value.chars().map(|c| u8::try_from(c).ok()).collect();
        let mut value = HeaderValue::from_bytes(&latin1.ok_or_else(unfit)?).map_err(|_| unfit())?;
        // One of them holds the key, and h2 logs what is not marked when a program traces it.
        value.set_sensitive(true);
        map.append(name, value);
    }
    Ok(map)
}

fn told(headers: &HeaderMap) -> Vec<Header> {
    let told = headers.iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: value.as_bytes().iter().copied().map(char::from).collect(),
    });
    told.collect()
}

/// The body of an answer.
struct Chunks {
    body: Pin<Box<Body>>,
    reached: Reached,
}

impl Stream for Chunks {
    type Item = Result<Bytes, TransportFailure>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.body.as_mut().poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(failure(error, self.reached)))),
                // What is not data are trailers, of which no wire format makes use.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.reached = Reached::BodySeen;
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}

fn failure(error: reqwest::Error, reached: Reached) -> TransportFailure {
    let (kind, connected) = crate::failure::classify(&error);
    let reached = if connected { reached } else { Reached::NotConnected };
    TransportFailure { kind, reached, message: describe(&error.without_url()) }
}
