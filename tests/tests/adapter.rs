//! A wire format of one's own, written outside the core and registered in native Rust.
//!
//! It talks in lines: the question is `ASK model` and the words, the answer is words, a full stop and a count.

use literllm_core::framing::Frame;
use literllm_core::protocol::{Decoder, Encoded, EventSink, ProviderAdapter, Target};
use literllm_core::types::{
    BodySegment, CallOptions, ClientConfig, Error, ErrorKind, Event, FinishReason, Header, Message,
    OutcomeResult, Part, ProviderRow, Request, Response, ResponseHead, Role, TextSegment, Usage,
};
use literllm_core::{Client, ProviderRegistry};

struct Lines;

impl ProviderAdapter for Lines {
    fn protocol(&self) -> &'static str {
        "lines"
    }

    fn encode(&self, request: &Request, target: &Target) -> Result<Encoded, Error> {
        let mut text = format!("ASK {}\n", target.model);
        for part in request.messages.iter().flat_map(|message| &message.content) {
            match part {
                Part::Text(part) => text.push_str(&part.text),
                _ => return Err(Error::new(ErrorKind::InvalidRequest, "lines carry words only")),
            }
        }
        Ok(Encoded {
            method: "PUT",
            url: format!("{}/ask", target.base_url),
            headers: vec![Header { name: "content-type".into(), value: "text/plain".into() }],
            body_length: text.len() as u64,
            body: vec![BodySegment::Text(TextSegment { text })],
            warnings: Vec::new(),
        })
    }

    fn decoder(&self, _target: &Target) -> Box<dyn Decoder> {
        Box::new(LinesDecoder)
    }

    fn decode_error(&self, target: &Target, head: &ResponseHead, _body: &[u8]) -> Error {
        let mut error = Error::new(ErrorKind::Overloaded, format!("{} is tired", target.provider));
        (error.status, error.retryable) = (Some(head.status), true);
        error
    }
}

struct LinesDecoder;

impl Decoder for LinesDecoder {
    fn frame(&mut self, frame: Frame<'_>, sink: &mut EventSink) -> Result<(), Error> {
        let Frame::Event { name, data } = frame else { return Ok(()) };
        let data = String::from_utf8_lossy(data);
        match name {
            Some(b"end") => {
                sink.usage(Usage { output_tokens: data.parse().ok(), ..Usage::default() });
                sink.finish(0, Some("."), FinishReason::Stop);
                sink.mark_whole();
            }
            _ => sink.text(0, &data),
        }
        Ok(())
    }

    fn body(&mut self, body: &[u8], sink: &mut EventSink) -> Result<(), Error> {
        let text = String::from_utf8_lossy(body);
        let (words, count) =
            text.rsplit_once('.').ok_or_else(|| Error::new(ErrorKind::Protocol, "no full stop"))?;
        sink.text(0, words);
        sink.usage(Usage { output_tokens: count.trim().parse().ok(), ..Usage::default() });
        sink.finish(0, Some("."), FinishReason::Stop);
        Ok(())
    }
}

fn client() -> Client {
    let mut registry = ProviderRegistry::builtin();
    registry.register(Box::new(Lines));
    let row = ProviderRow {
        id: "toy".into(),
        protocol: Some("lines".into()),
        base_url: Some("http://127.0.0.1:7".into()),
        ..ProviderRow::default()
    };
    Client::with_registry(ClientConfig { providers: vec![row], ..ClientConfig::default() }, registry)
        .expect("a good row")
}

fn ask(stream: bool) -> Request {
    let messages = vec![Message::text(Role::User, "How are you?")];
    Request { model: "toy/one".into(), messages, stream: Some(stream), ..Request::default() }
}

fn head(status: u16) -> ResponseHead {
    ResponseHead { status, headers: Vec::new() }
}

fn assert_well(response: &Response) {
    let choice = &response.choices[0];
    assert!(matches!(choice.content.as_slice(), [Part::Text(part)] if part.text == "very well"));
    assert_eq!(choice.finish.as_ref().map(|finish| finish.unified), Some(FinishReason::Stop));
    assert_eq!(response.usage.as_ref().and_then(|usage| usage.output_tokens), Some(2));
    assert_eq!(response.provider, "toy");
}

#[test]
fn a_plain_call_through_a_format_of_ones_own() {
    let (mut call, step) = client().start(ask(false), CallOptions::default(), 0, 0).expect("a good request");
    let request = &step.send[0].request;
    assert_eq!((request.method.as_str(), request.url.as_str()), ("PUT", "http://127.0.0.1:7/ask"));
    assert!(
        matches!(request.body.as_slice(), [BodySegment::Text(segment)] if segment.text == "ASK one\nHow are you?")
    );
    call.head(1, &head(200), 0).expect("in order");
    call.body(1, b"very well. 2", 0).expect("in order");
    let outcome = call.end(1, 0).expect("in order").outcome.expect("the end");
    let OutcomeResult::Response(response) = outcome.result else { panic!("{outcome:?}") };
    assert_well(&response);
}

#[test]
fn a_streamed_call_through_a_format_of_ones_own() {
    let (mut call, _) = client().start(ask(true), CallOptions::default(), 0, 0).expect("a good request");
    call.head(1, &head(200), 0).expect("in order");
    let mut deltas = Vec::new();
    for piece in [&b"data: very\n\nda"[..], b"ta:  well\n\n", b"event: end\ndata: 2\n\n"] {
        let step = call.body(1, piece, 0).expect("in order");
        deltas.extend(
            step.events.into_iter().filter_map(|event| {
                if let Event::TextDelta(delta) = event { Some(delta.text) } else { None }
            }),
        );
    }
    assert_eq!(deltas, ["very", " well"]);
    let outcome = call.end(1, 0).expect("in order").outcome.expect("the end");
    let OutcomeResult::Response(response) = outcome.result else { panic!("{outcome:?}") };
    assert_well(&response);
}

#[test]
fn its_errors_are_tried_again_like_any_other() {
    let (mut call, _) = client().start(ask(false), CallOptions::default(), 0, 0).expect("a good request");
    call.head(1, &head(418), 0).expect("in order");
    let waiting = call.end(1, 0).expect("in order");
    let again = call.wake(None, waiting.wake_at_ms.expect("a pause")).expect("in order");
    assert_eq!(again.send.iter().map(|send| send.attempt).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_row_that_names_no_known_format_is_refused() {
    let row = ProviderRow {
        id: "toy".into(),
        protocol: Some("lines".into()),
        base_url: Some("http://h".into()),
        ..ProviderRow::default()
    };
    let error = Client::new(ClientConfig { providers: vec![row], ..ClientConfig::default() })
        .expect_err("nobody registered it");
    assert!(error.message.contains("lines"), "{error}");
}
