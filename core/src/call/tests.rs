//! Stories on a virtual clock: what a provider does, and what comes of it.

mod policy;

use super::*;
use crate::Client;
use crate::types::{
    ClientConfig, Event, FailureKind, FinishReason, Header, Message, Notice, NoticeEvent, Phase, Reached,
    Role,
};

fn hello(stream: bool) -> Request {
    Request {
        model: "openai/gpt-4o-mini".into(),
        messages: vec![Message::text(Role::User, "Hello")],
        stream: Some(stream),
        ..Request::default()
    }
}

fn start_with(request: Request, policy: Policy) -> (Call, Step) {
    let mut client = Client::new(ClientConfig::default()).unwrap();
    let options = CallOptions { policy: Some(policy), ..CallOptions::default() };
    client.start(request, options, 0, 7).unwrap()
}

fn streaming() -> (Call, Step) {
    start_with(hello(true), Policy::default())
}

fn plain() -> (Call, Step) {
    start_with(hello(false), Policy::default())
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    let headers =
        headers.iter().map(|(name, value)| Header { name: (*name).into(), value: (*value).into() }).collect();
    ResponseHead { status, headers }
}

fn delta(text: &str) -> String {
    format!(
        "data: {{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
    )
}

const FINISH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

fn error(step: Step) -> Error {
    match step.outcome.expect("an outcome").result {
        OutcomeResult::Error(error) => error,
        OutcomeResult::Response(response) => panic!("expected an error, got {}", response.text()),
    }
}

fn response(step: Step) -> crate::types::Response {
    match step.outcome.expect("an outcome").result {
        OutcomeResult::Response(response) => response,
        OutcomeResult::Error(error) => panic!("expected an answer, got {error}"),
    }
}

fn lost(reached: Reached) -> TransportFailure {
    TransportFailure { kind: FailureKind::Reset, reached, message: "connection reset".into() }
}

#[test]
fn a_stream_comes_piece_by_piece_and_ends_folded() {
    let (mut call, first) = streaming();
    assert_eq!((first.send.len(), first.wake_at_ms), (1, Some(600_000)));
    call.head(1, &head(200, &[("x-request-id", "req_1")]), 10).unwrap();
    let step = call.body(1, delta("Hel").as_bytes(), 20).unwrap();
    assert!(matches!(step.events.as_slice(), [Event::Start(_), Event::PartStart(_), Event::TextDelta(_)]));
    call.body(1, format!("{}{FINISH}{DONE}", delta("lo")).as_bytes(), 30).unwrap();
    let step = call.end(1, 40).unwrap();
    let report = step.outcome.as_ref().unwrap().report.clone();
    assert_eq!((report.first_token_ms, report.attempts.len(), report.ended_ms), (Some(20), 1, 40));
    let answer = response(step);
    assert_eq!((answer.text().as_str(), answer.request_id.as_deref()), ("Hello", Some("req_1")));
    assert_eq!(answer.choices[0].finish.as_ref().unwrap().unified, FinishReason::Stop);
}

#[test]
fn a_429_with_retry_after_waits_that_long_and_sends_again() {
    let (mut call, first) = plain();
    let attempt = first.send[0].attempt;
    call.head(attempt, &head(429, &[("retry-after", "2")]), 10).unwrap();
    let step = call.end(attempt, 10).unwrap();
    assert_eq!((step.send.len(), step.wake_at_ms), (0, Some(2_010)));
    assert_eq!(call.wake(None, 2_009).unwrap().send.len(), 0);
    let again = call.wake(None, 2_010).unwrap();
    assert_eq!((again.send.len(), again.send[0].attempt, again.wake_at_ms), (1, 2, Some(600_000)));
}

#[test]
fn a_lost_connection_is_tried_until_the_attempts_are_spent() {
    let (mut call, _) = plain();
    for attempt in 1..3 {
        let step = call.failed(attempt, &lost(Reached::Unknown), u64::from(attempt) * 10_000).unwrap();
        let wake = step.wake_at_ms.unwrap();
        assert!(matches!(step.events.as_slice(), [Event::Notice(NoticeEvent { notice: Notice::Retry(_) })]));
        assert_eq!(call.wake(None, wake).unwrap().send.len(), 1);
    }
    let step = call.failed(3, &lost(Reached::Unknown), 40_000).unwrap();
    let report = step.outcome.as_ref().unwrap().report.clone();
    assert!(report.attempts.iter().all(|attempt| attempt.maybe_billed && attempt.end == AttemptEnd::Failed));
    let error = error(step);
    assert_eq!((error.kind, error.retryable), (ErrorKind::Connection, true));
    assert!(error.message.contains("all 3 attempts failed"), "{error}");
}

#[test]
fn after_the_first_visible_token_an_error_carries_the_text_and_nothing_is_sent_again() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, delta("half an ans").as_bytes(), 2).unwrap();
    let error = error(call.failed(1, &lost(Reached::BodySeen), 3).unwrap());
    assert_eq!(error.kind, ErrorKind::Cut);
    assert_eq!(error.partial.unwrap().text(), "half an ans");
}

#[test]
fn before_it_an_error_inside_200_is_tried_again_and_nothing_was_shown() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    let role = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    assert!(call.body(1, role.as_bytes(), 2).unwrap().events.is_empty());
    let step = call.body(1, b"data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n", 3).unwrap();
    assert_eq!(step.abort, [1]);
    assert!(matches!(step.events.as_slice(), [Event::Notice(_)]));
    let wake = step.wake_at_ms.unwrap();
    assert_eq!(call.wake(None, wake).unwrap().send[0].attempt, 2);
    // What still arrives of the first is ignored, also its end.
    assert_eq!(call.body(1, b"more", wake).unwrap().events.len(), 0);
    assert!(call.end(1, wake).unwrap().outcome.is_none());
}

#[test]
fn a_body_that_ends_before_its_finish_is_cut() {
    for (body, whole) in [
        (delta("x"), false),
        (format!("{}{FINISH}", delta("x")), true),
        (format!("{}{DONE}", delta("x")), true),
        (format!("{}data: {{\"choices\":[{{\"ind", delta("x")), false),
        (String::new(), false),
    ] {
        let (mut call, _) = start_with(hello(true), Policy { max_attempts: Some(1), ..Policy::default() });
        call.head(1, &head(200, &[]), 1).unwrap();
        call.body(1, body.as_bytes(), 2).unwrap();
        let step = call.end(1, 3).unwrap();
        if whole {
            assert_eq!(response(step).text(), "x", "{body}");
        } else {
            assert_eq!(error(step).kind, ErrorKind::Cut, "{body}");
        }
    }
}

#[test]
fn a_server_that_never_ends_does_not_hold_back_a_whole_answer() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    let step = call.body(1, format!("{}{FINISH}{DONE}", delta("x")).as_bytes(), 2).unwrap();
    assert_eq!(step.wake_at_ms, Some(2 + LINGER_MS));
    let step = call.wake(None, 2 + LINGER_MS).unwrap();
    assert_eq!((step.abort.as_slice(), response(step.clone()).text().as_str()), ([1].as_slice(), "x"));
}

#[test]
fn silence_and_the_total_time_are_told_apart() {
    let (mut call, first) = start_with(
        hello(true),
        Policy { max_attempts: Some(1), idle_timeout_ms: Some(50), ..Policy::default() },
    );
    assert_eq!(first.send[0].idle_ms, Some(50));
    let step = call.wake(Some(1), 50).unwrap();
    assert_eq!(step.abort, [1]);
    assert!(error(step).message.contains("idle_timeout_ms"));

    let (mut call, first) =
        start_with(hello(true), Policy { total_timeout_ms: Some(100), ..Policy::default() });
    assert_eq!(first.wake_at_ms, Some(100));
    let failed = error(call.wake(None, 100).unwrap());
    assert!(failed.message.contains("total_timeout_ms") && failed.kind == ErrorKind::Timeout);
}

#[test]
fn a_pause_longer_than_what_is_left_fails_at_once() {
    let (mut call, _) =
        start_with(hello(false), Policy { total_timeout_ms: Some(5_000), ..Policy::default() });
    call.head(1, &head(429, &[("retry-after", "60")]), 10).unwrap();
    let error = error(call.end(1, 10).unwrap());
    assert_eq!((error.kind, error.retry_after_ms), (ErrorKind::RateLimit, Some(60_000)));
    assert!(error.message.contains("60000 ms"), "{error}");
}

#[test]
fn cancel_aborts_what_runs_and_keeps_what_came() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, delta("so far").as_bytes(), 2).unwrap();
    let step = call.cancel(3).unwrap();
    assert_eq!(step.abort, [1]);
    let error = error(step);
    assert_eq!((error.kind, error.partial.unwrap().text().as_str()), (ErrorKind::Cancelled, "so far"));
    assert_eq!(call.cancel(4).unwrap(), Step::default());
    assert_eq!(call.wake(None, 5).unwrap(), Step::default());
}

#[test]
fn happenings_out_of_order_change_nothing() {
    let (mut call, _) = streaming();
    let state = |result: Result<Step, Error>| result.unwrap_err().kind;
    assert_eq!(state(call.end(1, 1)), ErrorKind::InvalidState);
    assert_eq!(state(call.body(1, b"x", 1)), ErrorKind::InvalidState);
    assert_eq!(state(call.head(2, &head(200, &[]), 1)), ErrorKind::InvalidState);
    assert_eq!(state(call.head(1, &head(100, &[]), 1)), ErrorKind::InvalidState);
    call.head(1, &head(200, &[]), 1).unwrap();
    assert_eq!(state(call.head(1, &head(200, &[]), 2)), ErrorKind::InvalidState);
    call.body(1, format!("{}{FINISH}", delta("x")).as_bytes(), 2).unwrap();
    assert_eq!(response(call.end(1, 3).unwrap()).text(), "x");
    assert_eq!(state(call.body(1, b"x", 4)), ErrorKind::InvalidState);
    assert_eq!(state(call.end(1, 4)), ErrorKind::InvalidState);
}

#[test]
fn time_never_goes_backwards() {
    let (mut call, _) = plain();
    call.head(1, &head(500, &[]), 1_000).unwrap();
    let step = call.end(1, 5).unwrap();
    assert!(step.wake_at_ms.unwrap() >= 1_000);
}

#[test]
fn a_missing_key_is_not_tried_again_and_says_what_to_set() {
    let (mut call, _) = plain();
    let failure = TransportFailure {
        kind: FailureKind::MissingKey,
        reached: Reached::NotConnected,
        message: String::new(),
    };
    let step = call.failed(1, &failure, 0).unwrap();
    assert!(!step.outcome.as_ref().unwrap().report.attempts[0].maybe_billed);
    let error = error(step);
    assert_eq!((error.kind, error.phase), (ErrorKind::Authentication, Phase::Connect));
    assert!(
        error.message.contains("OPENAI_API_KEY") && error.message.contains("nothing was sent"),
        "{error}"
    );
}

#[test]
fn bodies_beyond_the_bound_end_the_call_that_sent_them() {
    let limits =
        crate::types::Limits { max_body_bytes: Some(100), max_line_bytes: Some(200), ..Default::default() };
    for (stream, body) in [
        (false, vec![b' '; 101]),
        (true, format!("data: {}", "x".repeat(300)).into_bytes()),
        (true, delta(&"y".repeat(110)).into_bytes()),
    ] {
        let config = ClientConfig { limits: Some(limits.clone()), ..ClientConfig::default() };
        let mut client = Client::new(config).unwrap();
        let (mut call, _) = client.start(hello(stream), CallOptions::default(), 0, 7).unwrap();
        call.head(1, &head(200, &[]), 1).unwrap();
        let step = call.body(1, &body, 2).unwrap();
        assert_eq!(step.abort, [1]);
        assert_eq!(error(step).kind, ErrorKind::TooLarge);
    }
}

#[test]
fn an_endless_error_body_is_cut_off() {
    let (mut call, _) = start_with(hello(false), Policy { max_attempts: Some(1), ..Policy::default() });
    call.head(1, &head(500, &[]), 1).unwrap();
    let step = call.body(1, &vec![b'x'; 2 << 20], 2).unwrap();
    assert_eq!(step.abort, [1]);
    assert_eq!(error(step).raw.unwrap().len(), 4096);
}

#[test]
fn strict_turns_a_loss_into_an_error_before_anything_is_sent() {
    let mut client = Client::new(ClientConfig::default()).unwrap();
    let request = Request { top_k: Some(3), ..hello(false) };
    let (_, step) = client.start(request.clone(), CallOptions::default(), 0, 7).unwrap();
    assert_eq!(step.send.len(), 1);
    let strict = CallOptions { strict: Some(true), ..CallOptions::default() };
    assert!(client.start(request, strict, 0, 7).unwrap_err().message.contains("top_k"));
}

#[test]
fn a_broken_or_silent_error_body_does_not_hide_its_status() {
    for silent in [false, true] {
        let (mut call, _) = plain();
        call.head(1, &head(401, &[]), 1).unwrap();
        call.body(1, b"{\"error\":{\"mess", 2).unwrap();
        let step =
            if silent { call.wake(Some(1), 3) } else { call.failed(1, &lost(Reached::BodySeen), 3) }.unwrap();
        let error = error(step);
        assert_eq!(
            (error.kind, error.status, error.retryable),
            (ErrorKind::Authentication, Some(401), false)
        );
    }
}

#[test]
fn an_end_mark_without_an_answer_is_cut() {
    let (mut call, _) = start_with(hello(true), Policy { max_attempts: Some(1), ..Policy::default() });
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, DONE.as_bytes(), 2).unwrap();
    assert_eq!(error(call.end(1, 3).unwrap()).kind, ErrorKind::Cut);
}

#[test]
fn a_whole_answer_survives_the_deadline_and_what_follows_it() {
    let whole = format!("{}{FINISH}{DONE}", delta("x"));
    let (mut call, _) = start_with(hello(true), Policy { total_timeout_ms: Some(100), ..Policy::default() });
    call.head(1, &head(200, &[]), 1).unwrap();
    assert_eq!(call.body(1, whole.as_bytes(), 90).unwrap().wake_at_ms, Some(100));
    assert_eq!(response(call.wake(None, 100).unwrap()).text(), "x");

    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, whole.as_bytes(), 2).unwrap();
    assert_eq!(response(call.body(1, b"data: {broken\n\n", 3).unwrap()).text(), "x");
}

#[test]
fn a_status_that_http_does_not_have_is_the_providers_fault() {
    let (mut call, _) = plain();
    let step = call.head(1, &head(999, &[]), 1).unwrap();
    assert_eq!(step.abort, [1]);
    assert_eq!(error(step).kind, ErrorKind::Protocol);
}

#[test]
fn an_answer_of_nothing_but_pieces_is_too_large_and_not_slow() {
    let many = |piece: &str, count: usize| vec![piece; count].join(",");
    let fields: Vec<String> = (0..20_000).map(|n| format!("\"f{n}\":0")).collect();
    let choices: Vec<String> =
        (0..2_000).map(|n| format!("{{\"index\":{n},\"finish_reason\":\"stop\"}}")).collect();
    for body in [
        format!("{{\"choices\":[{}]}}", choices.join(",")),
        format!(
            "{{\"choices\":[{{\"message\":{{\"content\":[{}]}}}}]}}",
            many("{\"type\":\"odd\"}", 200_000)
        ),
        format!("{{\"choices\":[{{\"message\":{{}}}}],{}}}", fields.join(",")),
    ] {
        let (mut call, _) = plain();
        call.head(1, &head(200, &[]), 1).unwrap();
        call.body(1, body.as_bytes(), 2).unwrap();
        assert_eq!(error(call.end(1, 3).unwrap()).kind, ErrorKind::TooLarge, "{}", &body[..40]);
    }
    // Elements that are no choices are none, however many.
    let (mut call, _) = start_with(hello(false), Policy { max_attempts: Some(1), ..Policy::default() });
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, format!("{{\"choices\":[{}]}}", many("0", 1_000_000)).as_bytes(), 2).unwrap();
    assert_eq!(error(call.end(1, 3).unwrap()).kind, ErrorKind::Protocol);
}
