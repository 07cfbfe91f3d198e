//! One attempt: from a head and bytes cut anywhere to what a decoder makes of them.
//!
//! It decides how a body is to be read (events, one document, an error's words) and whether it came to its end.
//! It knows nothing of other attempts.

use std::sync::Arc;

use crate::framing::Frame;
use crate::framing::sse::{BYTE_ORDER_MARK, FrameSink, LineTooLong, SseDecoder};
use crate::protocol::{Decoder, EventSink, ProviderAdapter, Target};
use crate::types::{Error, ErrorKind, Phase, ResponseHead};

use crate::call::Route;
use crate::client::{Bounds, Shared};
use crate::held::Share;
use crate::policy::health::Probe;

/// Most of an error's body that is read. Error documents are small; an endless one is cut off here.
const MAX_ERROR_BODY_BYTES: usize = 1 << 20;

/// Headers in which providers name a request, the commonest first.
const REQUEST_ID_HEADERS: &[&str] =
    &["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "cf-ray"];

/// An attempt under way.
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) started_ms: u64,
    pub(crate) head: Option<(ResponseHead, u64)>,
    pub(crate) bytes_seen: u64,
    /// Which of the provider's keys it uses.
    pub(crate) key_slot: u32,
    /// It tests a half-open circuit.
    pub(crate) probe: Option<Probe>,
    pub(crate) sink: EventSink,
    decoder: Box<dyn Decoder>,
    body: Body,
    streamed: bool,
    answers: u32,
    bounds: Bounds,
    /// The bytes of a streamed answer, where they are kept: read again they make the same of another instance.
    journal: Option<Vec<u8>>,
    /// What it has of the bytes that the client's calls may hold together.
    share: Share,
}

enum Body {
    /// Nothing but white space has come, or these first bytes of a byte order mark.
    Undecided(Vec<u8>),
    /// One document.
    Whole(Vec<u8>),
    /// Server-sent events.
    Events(SseDecoder),
    /// The words of an error; the status is not 2xx.
    Failure(Vec<u8>),
}

impl Attempt {
    /// An attempt that was just handed to the host.
    pub(crate) fn new(
        number: u32,
        now_ms: u64,
        route: &Route,
        answers: u32,
        streamed: bool,
        shared: &Shared,
    ) -> Self {
        let target = &route.target;
        Self {
            number,
            started_ms: now_ms,
            head: None,
            bytes_seen: 0,
            key_slot: 0,
            probe: None,
            sink: EventSink::new(&target.provider, None).asked(answers),
            decoder: route.adapter.decoder(target),
            body: Body::Undecided(Vec::new()),
            streamed,
            answers,
            bounds: shared.bounds,
            journal: None,
            share: shared.held.share(),
        }
    }

    /// Keeps the bytes of a streamed answer, so that [`Attempt::so_far`] can hand them over.
    pub(crate) fn keep_bytes(&mut self) {
        self.journal = Some(Vec::new());
    }

    /// The body so far: read by an attempt that was just given the same head, it makes the same of it. Absent: it is a
    /// stream, and its bytes were not kept.
    pub(crate) fn so_far(&self) -> Option<&[u8]> {
        match (&self.body, &self.journal) {
            (Body::Undecided(bytes) | Body::Whole(bytes) | Body::Failure(bytes), _) => Some(bytes),
            (Body::Events(_), journal) => journal.as_deref(),
        }
    }

    /// The head has come.
    pub(crate) fn head(&mut self, head: &ResponseHead, target: &Target, now_ms: u64) {
        self.sink = EventSink::new(&target.provider, request_id(head)).asked(self.answers);
        let event_stream = head.header("content-type").is_some_and(|value| {
            value.trim_start().get(..17).is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"))
        });
        self.body = match head.status {
            200..=299 if self.streamed || event_stream => Body::Undecided(Vec::new()),
            200..=299 => Body::Whole(Vec::new()),
            _ => Body::Failure(Vec::new()),
        };
        self.head = Some((head.clone(), now_ms));
    }

    /// The provider's id of this request.
    pub(crate) fn request_id(&self) -> Option<String> {
        request_id(&self.head.as_ref()?.0)
    }

    /// Bytes have come. An error ends the attempt; what was read before it is in the sink.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes_seen = self.bytes_seen.saturating_add(bytes.len() as u64);
        self.share.set(self.held_bytes().saturating_add(bytes.len() as u64))?;
        let read = self.read(bytes);
        // What was read is kept once, in the answer or in a buffer.
        read.and(self.share.set(self.held_bytes()))
    }

    /// What is kept of the answer so far, read or not.
    fn held_bytes(&self) -> u64 {
        let unread = match &self.body {
            Body::Undecided(bytes) | Body::Whole(bytes) | Body::Failure(bytes) => bytes.len(),
            Body::Events(events) => events.held_bytes(),
        };
        let journal = self.journal.as_ref().map_or(0, Vec::len);
        self.sink.kept_bytes().saturating_add(unread as u64).saturating_add(journal as u64)
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let begun;
        let mut bytes = bytes;
        if let Body::Undecided(held) = &mut self.body {
            held.extend_from_slice(bytes);
            begun = std::mem::take(held);
            bytes = begun.trim_ascii_start();
            // Each of them, so that it does not matter where the bytes were cut.
            while let Some(rest) = bytes.strip_prefix(BYTE_ORDER_MARK) {
                bytes = rest.trim_ascii_start();
            }
            self.body = match bytes.first() {
                _ if BYTE_ORDER_MARK.starts_with(bytes) => Body::Undecided(bytes.to_vec()),
                // A document where events were asked for: some servers ignore `stream`, some answer with an error.
                Some(b'{' | b'[' | b'<') => Body::Whole(Vec::new()),
                _ => Body::Events(SseDecoder::new(self.bounds.max_line_bytes)),
            };
        }
        match &mut self.body {
            Body::Undecided(_) => {}
            Body::Whole(body) => {
                if (body.len() as u64).saturating_add(bytes.len() as u64) > self.bounds.max_body_bytes {
                    return Err(too_large("body", "max_body_bytes", self.bounds.max_body_bytes));
                }
                body.extend_from_slice(bytes);
            }
            Body::Events(events) => {
                let between = events.is_between_events();
                let kept = self.journal.as_ref().map_or(0, Vec::len);
                if let Some(journal) = &mut self.journal {
                    journal.extend_from_slice(bytes);
                }
                let mut reader = Reader::new(&mut *self.decoder, &mut self.sink, self.bounds);
                let read = events.push(bytes, &mut reader);
                // A provider that says for hours that it is alive says nothing that must be kept.
                if let Some(journal) = &mut self.journal
                    && between
                    && events.is_between_events()
                    && reader.only_comments
                {
                    journal.truncate(kept);
                }
                read?;
            }
            Body::Failure(body) => {
                let room = MAX_ERROR_BODY_BYTES.saturating_sub(body.len());
                body.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
        }
        Ok(())
    }

    /// Whether what comes is the body of an error.
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self.body, Body::Failure(_))
    }

    /// Whether an error's body has come as far as it will be read.
    pub(crate) fn failure_is_read(&self) -> bool {
        matches!(&self.body, Body::Failure(body) if body.len() >= MAX_ERROR_BODY_BYTES)
    }

    /// The body has ended: reads what is left and says whether the answer is whole.
    pub(crate) fn end(&mut self, adapter: &Arc<dyn ProviderAdapter>, target: &Target) -> Result<(), Error> {
        let read = match std::mem::replace(&mut self.body, Body::Undecided(Vec::new())) {
            Body::Undecided(_) => Ok(()),
            Body::Whole(body) if body.trim_ascii().is_empty() => Ok(()),
            Body::Whole(body) => {
                self.decoder.body(&body, &mut self.sink)?;
                return within_bounds(&self.sink, self.bounds);
            }
            Body::Events(mut events) => {
                let mut reader = Reader::new(&mut *self.decoder, &mut self.sink, self.bounds);
                events.end(&mut reader).map_err(Error::from)
            }
            Body::Failure(body) => {
                let Some((head, _)) = &self.head else { return Ok(()) };
                return Err(adapter.decode_error(target, head, &body));
            }
        };
        match read {
            // What ends in the middle of an event is cut, whatever the half event looks like.
            Err(error) if error.kind == ErrorKind::Protocol => Err(self.cut(target)),
            Err(error) => Err(error),
            Ok(()) if self.sink.is_whole() => Ok(()),
            Ok(()) => Err(self.cut(target)),
        }
    }

    /// The answer broke off.
    fn cut(&self, target: &Target) -> Error {
        let message = match self.bytes_seen {
            0 => format!("{} ended its answer for model {} before it began", target.provider, target.model),
            bytes => format!(
                "{} ended its answer for model {} after {bytes} bytes without a finish reason: what came is not the whole answer",
                target.provider, target.model
            ),
        };
        let mut error = Error::new(ErrorKind::Cut, message);
        error.retryable = true;
        error.in_phase(Phase::Body)
    }
}

/// Hands frames to the decoder and keeps count.
struct Reader<'a> {
    decoder: &'a mut dyn Decoder,
    sink: &'a mut EventSink,
    bounds: Bounds,
    /// No event has come.
    only_comments: bool,
}

impl<'a> Reader<'a> {
    fn new(decoder: &'a mut dyn Decoder, sink: &'a mut EventSink, bounds: Bounds) -> Self {
        Self { decoder, sink, bounds, only_comments: true }
    }
}

impl FrameSink for Reader<'_> {
    type Error = FrameError;

    fn frame(&mut self, frame: Frame<'_>) -> Result<(), FrameError> {
        self.only_comments &= !matches!(frame, Frame::Event { .. });
        self.decoder.frame(frame, self.sink).map_err(FrameError::Decoder)?;
        within_bounds(self.sink, self.bounds).map_err(FrameError::Decoder)
    }
}

enum FrameError {
    Decoder(Error),
    Line,
}

impl From<LineTooLong> for FrameError {
    fn from(_: LineTooLong) -> Self {
        Self::Line
    }
}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Decoder(error) => error,
            FrameError::Line => {
                Error::new(ErrorKind::TooLarge, "a line of the stream passed max_line_bytes: raise the limit if the provider sends such lines")
                    .in_phase(Phase::Body)
            }
        }
    }
}

fn request_id(head: &ResponseHead) -> Option<String> {
    REQUEST_ID_HEADERS.iter().find_map(|name| head.header(name)).map(str::to_owned)
}

fn within_bounds(sink: &EventSink, bounds: Bounds) -> Result<(), Error> {
    if sink.is_overfull() {
        let message = "the answer has more choices, parts or unknown fields than any model writes; the rest was not read";
        return Err(Error::new(ErrorKind::TooLarge, message).in_phase(Phase::Body));
    }
    if sink.kept_bytes() > bounds.max_body_bytes {
        return Err(too_large("answer", "max_body_bytes", bounds.max_body_bytes));
    }
    Ok(())
}

fn too_large(what: &str, limit: &str, bytes: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("the {what} passed {limit} ({bytes}): raise the limit if such answers are expected"),
    )
    .in_phase(Phase::Body)
}
