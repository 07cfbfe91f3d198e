//! From a reply in good order, and a fault, to what is done on the wire.
//!
//! The result is a list of acts: send these bytes, wait, break the connection. Everything a fault does is
//! decided here, by value, so it can be read and tested without a socket; `body` then performs the acts.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::errors::{HTML, JSON, Refusal, html_page};
use crate::faults::{Fault, FaultKind};
use crate::format::Format;
use crate::reply::{Event, Part, Reply, inside_text};

/// One thing to do on the wire.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Send these bytes as one chunk, and flush.
    Send(Bytes),
    /// Send so many times the letter `x`. Not held in memory.
    Fill(u64),
    /// Wait.
    PauseMs(u64),
    /// Nothing more, for as long as the client stays.
    Hang,
    /// Break the connection.
    Break(Break),
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// In good order: FIN.
    Close,
    /// TCP reset: RST.
    Reset,
}

/// A head, and what follows it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The content length; `None` for chunks.
    pub(crate) length: Option<u64>,
    pub(crate) acts: Vec<Act>,
    /// Whether the body is server-sent events.
    pub(crate) is_stream: bool,
    /// Whether every byte is sent alone.
    pub(crate) one_byte: bool,
}

/// In whose words errors are told, and on which request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    pub(crate) format: &'static Format,
    pub(crate) number: u64,
}

/// What some faults do instead of answering.
#[derive(Debug)]
pub(crate) enum Instead {
    Answer(Answer),
    Break(Break),
}

/// The piece of a plain answer that counts as one event, in bytes.
const PLAIN_PIECE_BYTES: usize = 64;

/// The bytes of `invalid-utf8`: a lead byte of two, followed by what cannot follow it.
const NOT_UTF8: &[u8] = &[0xc3, 0x28];

impl Answer {
    /// A whole body with its length.
    pub(crate) fn plain(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let mut answer = Self::head(status, content_type, Some(body.len() as u64));
        if !body.is_empty() {
            answer.acts.push(Act::Send(body));
        }
        answer
    }

    /// An error as the format writes it.
    pub(crate) fn error(refusal: &Refusal, voice: Voice) -> Self {
        Self::plain(refusal.status, JSON, (voice.format.error)(refusal, voice.number))
    }

    fn head(status: StatusCode, content_type: &'static str, length: Option<u64>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, length, acts: Vec::new(), is_stream: false, one_byte: false }
    }
}

/// For the faults that do not need an answer to spoil.
pub(crate) fn instead(fault: &Fault, voice: Voice) -> Option<Instead> {
    Some(match fault.row().kind {
        FaultKind::ResetBeforeHead => Instead::Break(Break::Reset),
        FaultKind::CloseBeforeHead => Instead::Break(Break::Close),
        FaultKind::Status => Instead::Answer(status(fault, voice)),
        FaultKind::Html => Instead::Answer(Answer::plain(
            StatusCode::OK,
            HTML,
            html_page("Welcome to the simulator's network"),
        )),
        FaultKind::EmptyBody => Instead::Answer(Answer::plain(StatusCode::OK, JSON, Bytes::new())),
        FaultKind::Redirect => {
            let mut answer = Answer::plain(StatusCode::TEMPORARY_REDIRECT, JSON, Bytes::new());
            set(&mut answer, LOCATION, fault.text("to"));
            Instead::Answer(answer)
        }
        _ => return None,
    })
}

/// The `code` of the fault.
fn code(fault: &Fault) -> StatusCode {
    // The table keeps it between 200 and 599.
    let code = fault.number("code").and_then(|code| u16::try_from(code).ok());
    code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn status(fault: &Fault, voice: Voice) -> Answer {
    let status = code(fault);
    let message = format!("The simulator answers {}, as it was asked to.", status.as_u16());
    let shape = fault.text("body").unwrap_or_default();
    let (content_type, body) = Refusal::of(status, message).shaped(shape, voice.format, voice.number);
    // These two never have a body.
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let mut answer = Answer::plain(status, content_type, if bodiless { String::new() } else { body });
    if bodiless {
        answer.length = None;
    }
    set(&mut answer, RETRY_AFTER, fault.text("retry_after"));
    set(&mut answer, HeaderName::from_static("retry-after-ms"), fault.text("retry_after_ms"));
    answer
}

fn set(answer: &mut Answer, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value.and_then(|text| HeaderValue::from_str(text).ok()) {
        answer.headers.insert(name, value);
    }
}

/// How a stream that nothing spoils is written.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// The pause between writes.
    pub(crate) chunk_delay_ms: u64,
    /// Events of one write. Faults that strike between two events are written one by one.
    pub(crate) events_per_write: usize,
}

/// A reply on the wire, spoilt by the fault if there is one.
pub(crate) fn shape(reply: Reply, fault: Option<&Fault>, pace: Pace, voice: Voice) -> Answer {
    match reply {
        Reply::Plain(body) => plain(Bytes::from(body), fault, voice),
        Reply::Stream(events) if fault.is_none() && pace.events_per_write > 1 => bursts(&events, pace),
        Reply::Stream(events) => stream(events, fault, pace.chunk_delay_ms, voice),
    }
}

fn plain(body: Bytes, fault: Option<&Fault>, voice: Voice) -> Answer {
    let whole = Answer::plain(StatusCode::OK, JSON, body.clone());
    let Some(fault) = fault else { return whole };
    let pieces = usize::try_from(fault.number("after").unwrap_or(0)).unwrap_or(usize::MAX);
    let cut = pieces.saturating_mul(PLAIN_PIECE_BYTES).min(body.len().saturating_sub(1));
    let (start, rest) = (body.slice(..cut), body.slice(cut..));
    // The head still promises the whole length; the acts differ.
    let acts = |acts| Answer { acts, ..Answer::head(StatusCode::OK, JSON, Some(body.len() as u64)) };
    match fault.row().kind {
        FaultKind::Cut => Answer::plain(StatusCode::OK, JSON, start),
        FaultKind::BrokenJson => Answer::plain(StatusCode::OK, JSON, body.slice(..body.len() / 2)),
        FaultKind::InvalidUtf8 => Answer::plain(StatusCode::OK, JSON, with_inside(&body, NOT_UTF8)),
        FaultKind::ErrorIn200 => {
            Answer { status: StatusCode::OK, ..Answer::error(&failure_in_200(fault), voice) }
        }
        FaultKind::ResetAfterHead => acts(vec![Act::Break(Break::Reset)]),
        FaultKind::ResetMidStream => acts(vec![Act::Send(start), Act::Break(Break::Reset)]),
        FaultKind::AbortMidStream => acts(vec![Act::Send(start), Act::Break(Break::Close)]),
        FaultKind::Stall => acts(vec![Act::Send(start), silence(fault), Act::Send(rest)]),
        FaultKind::SlowFirstToken => acts(vec![delay(fault), Act::Send(body.clone())]),
        FaultKind::OneByte => Answer { one_byte: true, ..whole },
        FaultKind::HugeLine => {
            let (acts, length) = huge(&body, fault);
            Answer { acts, ..Answer::head(StatusCode::OK, JSON, Some(length)) }
        }
        _ => whole,
    }
}

/// Several events in each write.
fn bursts(events: &[Event], pace: Pace) -> Answer {
    let mut answer = stream_head();
    for (place, burst) in events.chunks(pace.events_per_write).enumerate() {
        if place > 0 && pace.chunk_delay_ms > 0 {
            answer.acts.push(Act::PauseMs(pace.chunk_delay_ms));
        }
        let bytes: Vec<u8> = burst.iter().flat_map(|event| frame(event, "\n")).collect();
        answer.acts.push(Act::Send(bytes.into()));
    }
    answer
}

fn stream_head() -> Answer {
    let mut answer = Answer::head(StatusCode::OK, "text/event-stream; charset=utf-8", None);
    answer.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.is_stream = true;
    answer
}

fn stream(mut events: Vec<Event>, fault: Option<&Fault>, chunk_delay_ms: u64, voice: Voice) -> Answer {
    let kind = fault.map(|fault| fault.row().kind);
    if kind == Some(FaultKind::NoDone) {
        events.retain(|event| event.part != Part::Done);
    }
    let strike = place_of_strike(&events, fault);
    let line_end = if kind == Some(FaultKind::Crlf) { "\r\n" } else { "\n" };

    let mut answer = stream_head();
    answer.one_byte = kind == Some(FaultKind::OneByte);
    let acts = &mut answer.acts;
    match (fault, kind) {
        (Some(fault), Some(FaultKind::SlowFirstToken)) => acts.push(delay(fault)),
        (_, Some(FaultKind::ResetAfterHead)) => {
            acts.push(Act::Break(Break::Reset));
            return answer;
        }
        _ => {}
    }
    for (place, event) in events.iter().enumerate() {
        if place > 0 && chunk_delay_ms > 0 {
            acts.push(Act::PauseMs(chunk_delay_ms));
        }
        let good = frame(event, line_end);
        match (fault, kind) {
            (_, Some(FaultKind::Comments)) => {
                acts.push(Act::Send(Bytes::from_static(b"\n\n: the simulator says hello\n\n")));
                acts.push(Act::Send(good));
            }
            (_, Some(FaultKind::UnknownEvents)) => {
                acts.extend([Act::Send(frame(&(voice.format.unknown)(), line_end)), Act::Send(good)]);
            }
            (Some(fault), Some(kind)) if place == strike => match kind {
                FaultKind::Cut => return answer,
                FaultKind::ErrorIn200 => {
                    let events = (voice.format.failure)(&failure_in_200(fault), voice.number);
                    acts.extend(events.iter().map(|event| Act::Send(frame(event, line_end))));
                    return answer;
                }
                FaultKind::ResetMidStream => {
                    acts.push(Act::Break(Break::Reset));
                    return answer;
                }
                FaultKind::AbortMidStream => {
                    acts.push(Act::Break(Break::Close));
                    return answer;
                }
                FaultKind::Stall => acts.extend([silence(fault), Act::Send(good)]),
                FaultKind::BrokenJson => {
                    let half = &event.data[..event.data.floor_char_boundary(event.data.len() / 2)];
                    let broken = Event { data: half.to_owned(), ..*event };
                    acts.push(Act::Send(frame(&broken, line_end)));
                }
                FaultKind::InvalidUtf8 => acts.push(Act::Send(with_inside(&good, NOT_UTF8))),
                FaultKind::HugeLine => acts.extend(huge(&good, fault).0),
                _ => acts.push(Act::Send(good)),
            },
            _ => acts.push(Act::Send(good)),
        }
    }
    answer
}

/// The number of the event at which a fault in the middle strikes: before the stream has said how it ends, and
/// where the text is what gets spoilt, at an event that has some.
fn place_of_strike(events: &[Event], fault: Option<&Fault>) -> usize {
    let middle =
        events.iter().take_while(|event| matches!(event.part, Part::Delta | Part::Structure)).count();
    let after = fault.and_then(|fault| fault.number("after")).and_then(|after| usize::try_from(after).ok());
    let place = after.unwrap_or(1).min(middle.saturating_sub(1));
    let spoils_text =
        fault.is_some_and(|fault| matches!(fault.row().kind, FaultKind::InvalidUtf8 | FaultKind::HugeLine));
    if !spoils_text {
        return place;
    }
    let is_delta = |place: &usize| events[*place].part == Part::Delta;
    (place..middle).find(is_delta).or_else(|| (0..place).rfind(is_delta)).unwrap_or(place)
}

/// One event as lines.
fn frame(event: &Event, line_end: &str) -> Bytes {
    let name = event.name.map(|name| format!("event: {name}{line_end}")).unwrap_or_default();
    format!("{name}data: {}{line_end}{line_end}", event.data).into()
}

/// What went wrong when the status had been sent already.
fn failure_in_200(fault: &Fault) -> Refusal {
    Refusal::of(code(fault), "The simulator lost its thread in the middle of the answer.")
}

fn silence(fault: &Fault) -> Act {
    fault.number("stall_ms").map_or(Act::Hang, Act::PauseMs)
}

fn delay(fault: &Fault) -> Act {
    Act::PauseMs(fault.number("delay_ms").unwrap_or(0))
}

fn with_inside(body: &Bytes, inserted: &[u8]) -> Bytes {
    let place = inside_text(body);
    [&body[..place], inserted, &body[place..]].concat().into()
}

/// The same bytes with so much text inserted that they are as long as was asked, and that length.
fn huge(body: &Bytes, fault: &Fault) -> (Vec<Act>, u64) {
    let place = inside_text(body);
    // The line ends are no part of the line.
    let line = body.iter().rposition(|byte| *byte != b'\n').map_or(0, |last| last as u64 + 1);
    let missing = fault.number("bytes").unwrap_or(0).saturating_sub(line);
    let acts = vec![Act::Send(body.slice(..place)), Act::Fill(missing), Act::Send(body.slice(place..))];
    (acts, missing.saturating_add(body.len() as u64))
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
