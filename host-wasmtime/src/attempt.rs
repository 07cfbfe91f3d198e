//! One attempt: a request lent to the transport, and what happens to it, in the core's words.
//!
//! Here the host's three duties meet: the key is filled in on the way out, an echo of it is overwritten on the
//! way in, and nothing is read from the network that nobody waits for.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use literllm_core::types::{Send, TransportFailure};
use literllm_lend::{Egress, KeySource, Scrubber};

use crate::body::{Blobs, Body};
use crate::engine::Happening;
use crate::transport::{ResponseBody, ResponseFuture, Transport, TransportRequest};

/// Most bytes told to the core at once, when that many lie ready.
///
/// One crossing for several small chunks; beyond this a crossing costs little compared to its bytes.
const JOINED_BYTES: usize = 64 * 1024;

/// What a client lends its calls.
#[derive(Clone)]
pub(crate) struct Lender {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) keys: Arc<dyn KeySource>,
    pub(crate) egress: Arc<Egress>,
    /// The blobs of the call; a client has none of its own.
    pub(crate) blobs: Blobs,
}

impl Lender {
    /// Checks a request, fills its key in and hands it to the transport. The scrubber knows the key.
    fn lend(&self, send: Send) -> Result<(ResponseFuture, Scrubber), TransportFailure> {
        let mut request = send.request;
        let secret = self.egress.fill(&send.provider, send.key_slot, &mut request, &*self.keys)?;
        let body = Body::join(request.body, &self.blobs, request.body_length)?;
        let response = self.transport.send(TransportRequest {
            method: request.method,
            url: request.url,
            headers: request.headers,
            body,
            connect_timeout_ms: send.connect_timeout_ms,
        });
        Ok((response, Scrubber::new(secret.as_ref())))
    }
}

/// An attempt under way. Dropped, its exchange ends.
pub(crate) struct Attempt {
    /// The core's number for it.
    pub(crate) number: u32,
    idle: Option<Duration>,
    /// When it has been silent for too long, in what the call has waited.
    idle_at: Option<Duration>,
    scrubber: Scrubber,
    stage: Stage,
}

enum Stage {
    Head(ResponseFuture),
    Body(ResponseBody),
    /// Only this is left to tell.
    Last(Happening),
    Over,
}

impl Attempt {
    /// Begins one. `waited` is how long the call has waited so far. What forbids the sending is told as the first happening.
    pub(crate) fn begin(send: Send, lender: &Lender, waited: Duration) -> Self {
        let (number, idle) = (send.attempt, send.idle_ms.map(Duration::from_millis));
        let (stage, scrubber) = match lender.lend(send) {
            Ok((response, scrubber)) => (Stage::Head(response), scrubber),
            Err(failure) => (Stage::Last(Happening::Failed(number, failure)), Scrubber::default()),
        };
        let mut attempt = Self { number, idle, idle_at: None, scrubber, stage };
        attempt.heard(waited);
        attempt
    }

    /// It was not silent just now: its patience begins anew.
    pub(crate) fn heard(&mut self, waited: Duration) {
        self.idle_at = self.idle.map(|idle| waited.saturating_add(idle));
    }

    /// How much longer it may be silent; zero, and the core wants to know.
    pub(crate) fn patience(&self, waited: Duration) -> Duration {
        self.idle_at.map_or(Duration::MAX, |idle_at| idle_at.saturating_sub(waited))
    }

    /// Nothing more will come.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// What happens next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        if let Stage::Head(response) = &mut self.stage {
            match ready!(response.as_mut().poll(cx)) {
                Ok(response) => {
                    let mut head = response.head;
                    self.scrubber.headers(&mut head.headers);
                    self.stage = Stage::Body(response.body);
                    return Poll::Ready(Happening::Head(self.number, head));
                }
                Err(failure) => self.fail(failure),
            }
        }
        if let Stage::Body(_) = self.stage {
            let bytes = ready!(self.poll_body(cx));
            if !bytes.is_empty() {
                return Poll::Ready(Happening::Body(self.number, bytes));
            }
        }
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Last(happening) => Poll::Ready(happening),
            // Polled after its end, which `drive` does not do.
            _ => Poll::Pending,
        }
    }

    /// All bytes that lie ready, up to a bound. Empty: the body is over and `stage` says how.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Bytes> {
        let mut joined = Joined::default();
        while let Stage::Body(body) = &mut self.stage {
            match body.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(chunk))) => joined.push(self.scrubber.push(chunk)),
                Poll::Ready(Some(Err(failure))) => {
                    joined.push(self.scrubber.finish());
                    self.fail(failure);
                }
                Poll::Ready(None) => {
                    joined.push(self.scrubber.finish());
                    self.stage = Stage::Last(Happening::End(self.number));
                }
                Poll::Pending if joined.length == 0 => return Poll::Pending,
                Poll::Pending => break,
            }
            if joined.length >= JOINED_BYTES {
                break;
            }
        }
        Poll::Ready(joined.into_bytes())
    }

    fn fail(&mut self, mut failure: TransportFailure) {
        failure.message = self.scrubber.text(&failure.message);
        self.stage = Stage::Last(Happening::Failed(self.number, failure));
    }
}

/// Chunks that become one; a single one is not copied.
#[derive(Default)]
struct Joined {
    chunks: Vec<Bytes>,
    length: usize,
}

impl Joined {
    fn push(&mut self, chunk: Bytes) {
        self.length += chunk.len();
        if !chunk.is_empty() {
            self.chunks.push(chunk);
        }
    }

    fn into_bytes(mut self) -> Bytes {
        if self.chunks.len() == 1 {
            return self.chunks.remove(0);
        }
        let mut bytes = BytesMut::with_capacity(self.length);
        self.chunks.iter().for_each(|chunk| bytes.extend_from_slice(chunk));
        bytes.freeze()
    }
}
