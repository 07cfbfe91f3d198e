//! One attempt over `wasi:http`: a request on its way out, and what happens to it, in the core's words.

use bytes::Bytes;
use literllm_core::types::{
    BodySegment, FailureKind, Header, HttpRequest, Reached, ResponseHead, Send, TransportFailure,
};
use literllm_lend::{Egress, Scrubber, not_sent};
use url::Url;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody,
    OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::WasiEnvironment;

/// Most bytes told to the core at once.
const READ_BYTES: u64 = 64 * 1024;

/// What can happen to a call. One variant for each verb of the engine.
pub(crate) enum Happening {
    Head(u32, ResponseHead),
    Body(u32, Bytes),
    End(u32),
    Failed(u32, TransportFailure),
    Wake(Option<u32>),
    Cancel,
}

/// An attempt under way. Dropped, its exchange ends.
pub(crate) struct Attempt {
    /// The core's number for it.
    pub(crate) number: u32,
    idle_ms: Option<u64>,
    /// When it has been silent for too long, in what the call has waited.
    idle_at_ms: Option<u64>,
    scrubber: Scrubber,
    upload: Option<Upload>,
    stage: Stage,
}

enum Stage {
    Head(Coming),
    /// Children stand before their parents, which must outlive them.
    Body {
        ready: Pollable,
        stream: InputStream,
        _body: IncomingBody,
        _response: IncomingResponse,
        seen: bool,
    },
    /// Only this is left to tell.
    Last(Happening),
    Over,
}

/// A head that is awaited. Never taken apart: dropped, the child goes before its parent.
struct Coming {
    ready: Pollable,
    response: FutureIncomingResponse,
}

impl Attempt {
    /// Begins one. What forbids the sending is told as the first happening.
    pub(crate) fn begin(send: Send, egress: &Egress, waited_ms: u64) -> Self {
        let (number, idle_ms) = (send.attempt, send.idle_ms);
        let mut scrubber = Scrubber::default();
        let sent = Self::send(send, egress, &mut scrubber);
        let (upload, stage) = match sent {
            Ok((upload, response)) => {
                (Some(upload), Stage::Head(Coming { ready: response.subscribe(), response }))
            }
            Err(failure) => (None, Stage::Last(Happening::Failed(number, failure))),
        };
        let mut attempt = Self { number, idle_ms, idle_at_ms: None, scrubber, upload, stage };
        attempt.heard(waited_ms);
        attempt
    }

    fn send(
        send: Send,
        egress: &Egress,
        scrubber: &mut Scrubber,
    ) -> Result<(Upload, FutureIncomingResponse), TransportFailure> {
        let mut request = send.request;
        let secret = egress.fill(&send.provider, send.key_slot, &mut request, &WasiEnvironment)?;
        *scrubber = Scrubber::new(secret.as_ref());
        let bytes = joined(&request.body)?;
        let outgoing = outgoing(&request)?;
        let unusable = |what: &str| {
            not_sent(FailureKind::Other, format!("{what} of this request is not taken by wasi:http"))
        };
        let body = outgoing.body().map_err(|()| unusable("the body"))?;
        let stream = body.write().map_err(|()| unusable("the body"))?;
        let options = RequestOptions::new();
        if let Some(connect_timeout_ms) = send.connect_timeout_ms {
            // A host that cannot bound it says so; then there is no bound.
            let _ = options.set_connect_timeout(Some(connect_timeout_ms.saturating_mul(1_000_000)));
        }
        let response =
            outgoing_handler::handle(outgoing, Some(options)).map_err(|code| failed(&code, false))?;
        Ok((Upload { ready: stream.subscribe(), stream, body, bytes }, response))
    }

    /// It was not silent just now: its patience begins anew.
    pub(crate) fn heard(&mut self, waited_ms: u64) {
        self.idle_at_ms = self.idle_ms.map(|idle_ms| waited_ms.saturating_add(idle_ms));
    }

    /// How much longer it may be silent, in ms; zero, and the core wants to know.
    pub(crate) fn patience_ms(&self, waited_ms: u64) -> u64 {
        self.idle_at_ms.map_or(u64::MAX, |idle_at_ms| idle_at_ms.saturating_sub(waited_ms))
    }

    /// Nothing more will come.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// What to wait for.
    pub(crate) fn watched(&self) -> impl Iterator<Item = &Pollable> {
        let stage = match &self.stage {
            Stage::Head(Coming { ready, .. }) | Stage::Body { ready, .. } => Some(ready),
            Stage::Last(_) | Stage::Over => None,
        };
        stage.into_iter().chain(self.upload.as_ref().map(|upload| &upload.ready))
    }

    /// What has happened, if anything has.
    pub(crate) fn happening(&mut self) -> Option<Happening> {
        if let Some(upload) = self.upload.take() {
            // A request that the provider does not read to its end may have an answer all the same.
            self.upload = upload.go_on();
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Head(coming) => match coming.response.get() {
                None => {
                    self.stage = Stage::Head(coming);
                    None
                }
                Some(Ok(Ok(response))) => Some(self.head(response)),
                Some(Ok(Err(code))) => Some(self.failure(failed(&code, false))),
                Some(Err(())) => Some(self.failure(broken("the answer was taken twice"))),
            },
            body @ Stage::Body { .. } => {
                self.stage = body;
                self.body()
            }
            Stage::Last(happening) => Some(happening),
            Stage::Over => None,
        }
    }

    fn head(&mut self, response: IncomingResponse) -> Happening {
        let entries = response.headers().entries();
        let latin1 = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect();
        let mut headers: Vec<Header> = entries
            .into_iter()
            .map(|(name, value)| Header { name: name.to_ascii_lowercase(), value: latin1(value) })
            .collect();
        self.scrubber.headers(&mut headers);
        let head = ResponseHead { status: response.status(), headers };
        self.stage = match response.consume().and_then(|body| Ok((body.stream()?, body))) {
            Ok((stream, body)) => Stage::Body {
                ready: stream.subscribe(),
                stream,
                _body: body,
                _response: response,
                seen: false,
            },
            Err(()) => Stage::Last(Happening::Failed(self.number, broken("the body cannot be read"))),
        };
        Happening::Head(self.number, head)
    }

    fn body(&mut self) -> Option<Happening> {
        let Stage::Body { stream, seen, .. } = &mut self.stage else { return None };
        match stream.read(READ_BYTES) {
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => {
                *seen = true;
                // Empty when all of it may be the beginning of the key.
                let bytes = self.scrubber.push(bytes.into());
                (!bytes.is_empty()).then_some(Happening::Body(self.number, bytes))
            }
            Err(error) => {
                let last = match error {
                    StreamError::Closed => Happening::End(self.number),
                    StreamError::LastOperationFailed(error) => {
                        let (code, seen) = (http_error_code(&error), *seen);
                        let failure =
                            code.map_or_else(|| broken(&error.to_debug_string()), |code| failed(&code, true));
                        let reached = if seen { Reached::BodySeen } else { Reached::HeadSeen };
                        self.failure(TransportFailure { reached, ..failure })
                    }
                };
                let rest = self.scrubber.finish();
                if rest.is_empty() {
                    self.stage = Stage::Over;
                    return Some(last);
                }
                self.stage = Stage::Last(last);
                Some(Happening::Body(self.number, rest))
            }
        }
    }

    fn failure(&mut self, mut failure: TransportFailure) -> Happening {
        failure.message = self.scrubber.text(&failure.message);
        Happening::Failed(self.number, failure)
    }
}

/// A request body on its way out, as fast as the host takes it.
struct Upload {
    ready: Pollable,
    stream: OutputStream,
    body: OutgoingBody,
    bytes: Bytes,
}

impl Upload {
    /// Writes what is taken now. `None`: it is done, or nobody wants the rest.
    fn go_on(mut self) -> Option<Self> {
        while !self.bytes.is_empty() {
            match self.stream.check_write() {
                Ok(0) => return Some(self),
                Ok(room) => {
                    let part = self
                        .bytes
                        .split_to(self.bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
                    self.stream.write(&part).ok()?;
                }
                Err(_) => return None,
            }
        }
        let Self { ready, stream, body, .. } = self;
        let flushed = stream.flush();
        drop((ready, stream));
        flushed.ok()?;
        // What goes wrong here is told by the answer that does not come.
        let _ = OutgoingBody::finish(body, None);
        None
    }
}

/// The body's text. Nothing else can be in it: blobs have no way into this component yet.
fn joined(segments: &[BodySegment]) -> Result<Bytes, TransportFailure> {
    let mut joined = Vec::new();
    for segment in segments {
        match segment {
            BodySegment::Text(segment) => joined.extend_from_slice(segment.text.as_bytes()),
            BodySegment::Blob(segment) => {
                let message = format!("{:?} is a blob, and this component is not given any", segment.id);
                return Err(not_sent(FailureKind::MissingBlob, message));
            }
        }
    }
    Ok(joined.into())
}

fn outgoing(request: &HttpRequest) -> Result<OutgoingRequest, TransportFailure> {
    let unusable =
        |what: &str| not_sent(FailureKind::Other, format!("{what} of this request is not valid HTTP"));
    let url = Url::parse(&request.url).map_err(|_| unusable("the URL"))?;
    let fields = Fields::new();
    let length = Header { name: "content-length".into(), value: request.body_length.to_string() };
    for header in request.headers.iter().chain([&length]) {
        let value: Result<Vec<u8>, _> = header.value.chars().map(|c| u8::try_from(u32::from(c))).collect();
        let value = value.map_err(|_| unusable("a header"))?;
        fields.append(&header.name, &value).map_err(|_| unusable("a header"))?;
    }
    let outgoing = OutgoingRequest::new(fields);
    let method = if request.method == "POST" { Method::Post } else { Method::Other(request.method.clone()) };
    let scheme = if url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let set = outgoing.set_method(&method).and_then(|()| outgoing.set_scheme(Some(&scheme)));
    let set = set.and_then(|()| outgoing.set_authority(Some(url.authority())));
    set.and_then(|()| outgoing.set_path_with_query(Some(&path))).map_err(|()| unusable("the URL"))?;
    Ok(outgoing)
}

fn broken(message: &str) -> TransportFailure {
    TransportFailure { kind: FailureKind::Other, reached: Reached::Unknown, message: message.to_owned() }
}

/// What a failure of `wasi:http` means.
fn failed(code: &ErrorCode, in_body: bool) -> TransportFailure {
    let kind = match code {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) => FailureKind::Dns,
        ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused => FailureKind::Connect,
        ErrorCode::ConnectionTimeout => FailureKind::ConnectTimeout,
        ErrorCode::TlsProtocolError | ErrorCode::TlsCertificateError | ErrorCode::TlsAlertReceived(_) => {
            FailureKind::Tls
        }
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => FailureKind::Reset,
        ErrorCode::HttpProtocolError => FailureKind::Http,
        _ => FailureKind::Other,
    };
    let early = matches!(
        kind,
        FailureKind::Dns | FailureKind::Connect | FailureKind::ConnectTimeout | FailureKind::Tls
    );
    let reached = if early && !in_body { Reached::NotConnected } else { Reached::Unknown };
    TransportFailure { kind, reached, message: code.to_string() }
}
