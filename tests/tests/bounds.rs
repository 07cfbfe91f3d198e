//! Answers that are too much: whatever a server sends, a call ends with an answer or a typed error, the sandbox stays under
//! its memory limit, and the other calls of the client go on.

use literllm_core::engine::Engine as Native;
use literllm_core::types::{Error, ErrorKind, OutcomeResult, Part, Response, Started, Step};
use literllm_tests::component::Sandbox;
use literllm_tests::engine::Engine;

const HEAD: &str = r#"{"status":200,"headers":[{"name":"content-type","value":"text/event-stream"}]}"#;
const TEXT: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const LAST: &[u8] =
    b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// What a network gives at once.
const PIECE_BYTES: usize = 1 << 20;

/// Runs the same story with both engines.
fn both(story: impl Fn(&mut dyn Engine)) {
    story(&mut Native::new());
    story(&mut sandbox());
}

fn sandbox() -> Sandbox {
    Sandbox::new().unwrap_or_else(|why| panic!("{why}"))
}

fn client(engine: &mut dyn Engine, config: &str) -> u64 {
    let created = engine.client_create(config, 3, None).expect("a good configuration");
    serde_json::from_str::<serde_json::Value>(&created).expect("a document")["client"]
        .as_u64()
        .expect("a handle")
}

/// A call that has its head.
fn start(engine: &mut dyn Engine, client: u64) -> u64 {
    let request = r#"{"model":"openai/m","stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;
    let once = r#"{"policy":{"max_attempts":1}}"#;
    let started = engine.call_start(client, request, once, 0, 0).expect("a good request");
    let call = serde_json::from_str::<Started>(&started).expect("a document").call;
    engine.call_head(call, 1, HEAD, 0).expect("a good head");
    call
}

/// Tells a piece and answers with the end, if it came. A step without one is not read: that would be the slowest part.
fn tell(engine: &mut dyn Engine, call: u64, piece: &[u8]) -> Option<OutcomeResult> {
    let step = engine.call_body(call, 1, piece, 0).expect("a step, not an error");
    if !step.contains("\"outcome\":") {
        return None;
    }
    let step: Step = serde_json::from_str(&step).expect("a document");
    step.outcome.map(|outcome| outcome.result)
}

fn finish(engine: &mut dyn Engine, call: u64) -> OutcomeResult {
    let step: Step = serde_json::from_str(&engine.call_end(call, 1, 0).expect("a step, not an error"))
        .expect("a document");
    step.outcome.expect("the end of a body ends a call").result
}

fn answered(result: OutcomeResult) -> Response {
    match result {
        OutcomeResult::Response(response) => response,
        OutcomeResult::Error(error) => panic!("{error}"),
    }
}

fn refused(result: OutcomeResult) -> Error {
    match result {
        OutcomeResult::Error(error) => error,
        OutcomeResult::Response(response) => panic!("an answer: {:.300}", format!("{response:?}")),
    }
}

/// One body from beginning to end.
fn play(engine: &mut dyn Engine, client: u64, body: &[u8]) -> OutcomeResult {
    let call = start(engine, client);
    for piece in body.chunks(PIECE_BYTES) {
        if let Some(result) = tell(engine, call, piece) {
            return result;
        }
    }
    finish(engine, call)
}

/// An event with that value for its content, and the end of a good stream.
fn content(value: &str) -> Vec<u8> {
    [
        format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{value}}}}}]}}\n\n").as_bytes(),
        LAST,
    ]
    .concat()
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn brackets_without_end_are_kept_as_they_came() {
    both(|engine| {
        let client = client(engine, "{}");
        let response = answered(play(engine, client, &content(&nested(100_000))));
        assert!(
            matches!(&response.choices[0].content[..], [Part::Opaque(part)] if part.provider_data.data.len() == 199_998)
        );
        // The same as one document, and never closed.
        assert_eq!(refused(play(engine, client, nested(100_000).as_bytes())).kind, ErrorKind::Protocol);
        assert_eq!(refused(play(engine, client, "[".repeat(100_000).as_bytes())).kind, ErrorKind::Cut);
    });
}

#[test]
fn a_line_of_32_mib_is_too_large() {
    both(|engine| {
        let client = client(engine, "{}");
        let error = refused(play(engine, client, &content(&format!("\"{}\"", "x".repeat(32 << 20)))));
        assert_eq!(error.kind, ErrorKind::TooLarge, "{error}");
        assert!(error.message.contains("max_line_bytes"), "{error}");
        assert!(error.bytes_seen <= 10 << 20, "it was read on: {}", error.bytes_seen);
    });
}

#[test]
fn numbers_beyond_all_measure_and_keys_twice_are_read_gently() {
    let usage =
        r#"{"prompt_tokens":1e400,"completion_tokens":123456789012345678901234567890,"prompt_tokens":7}"#;
    let body = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"a\",\"content\":\"b\"}},\"x\":-1e999}}],\"usage\":{usage},\"created\":1e400}}\n\n"
    );
    both(|engine| {
        let client = client(engine, "{}");
        let response = answered(play(engine, client, &[body.as_bytes(), LAST].concat()));
        assert_eq!(response.text(), "b");
        assert_eq!(response.created_ms, None);
        let told = response.usage.expect("usage");
        assert_eq!((told.input_tokens, told.output_tokens), (Some(7), None));
        assert_eq!(told.raw.as_deref(), Some(usage));
        assert_eq!(response.choices[0].extra[0].value, "-1e999");
    });
}

#[test]
fn fifty_endless_lines_at_once_leave_room_for_others() {
    let filler = vec![b'x'; PIECE_BYTES];
    both(|engine| {
        let client = client(engine, "{}");
        let calls: Vec<u64> = (0..50).map(|_| start(engine, client)).collect();
        let mut ended = vec![None; calls.len()];
        for turn in 0..32 {
            for (call, end) in calls.iter().zip(&mut ended).filter(|(_, end)| end.is_none()) {
                let piece = if turn == 0 { b"data: \"" } else { filler.as_slice() };
                *end = tell(engine, *call, piece).map(refused);
            }
            // Another call of the same client, beside those that hold what they may.
            let result = play(engine, client, &[TEXT, LAST].concat());
            assert_eq!(answered(result).text(), "Hi", "turn {turn}");
        }
        for end in ended {
            let error = end.expect("32 MiB of one line are too much");
            assert_eq!(error.kind, ErrorKind::TooLarge, "{error}");
        }
    });
}

#[test]
fn what_all_calls_hold_is_bounded_and_given_back() {
    both(|engine| {
        let client = client(engine, r#"{"limits":{"max_held_bytes":100000}}"#);
        let long = content(&format!("\"{}\"", "x".repeat(30_000)));
        let held: Vec<u64> = (0..3).map(|_| start(engine, client)).collect();
        for call in &held {
            let text = &long[..long.len() - LAST.len()];
            assert!(tell(engine, *call, text).is_none());
        }
        let error = refused(play(engine, client, &long));
        assert!(error.kind == ErrorKind::TooLarge && error.message.contains("max_held_bytes"), "{error}");
        // A request that does not fit is refused before anything is sent.
        let words = "x".repeat(20_000);
        let request = format!(r#"{{"model":"openai/m","messages":[{{"role":"user","content":"{words}"}}]}}"#);
        let error = engine.call_start(client, &request, "{}", 0, 0).expect_err("no room");
        assert!(error.contains("max_held_bytes"), "{error}");
        engine.call_drop(held[0]);
        assert_eq!(answered(play(engine, client, &long)).text().len(), 30_000);
        assert_eq!(answered(play(engine, client, &long)).text().len(), 30_000);
        for call in &held[1..] {
            assert!(matches!(tell(engine, *call, LAST), None | Some(OutcomeResult::Response(_))));
        }
    });
}

/// Only in the sandbox, which is what it is about.
#[test]
fn fifty_streams_of_100_000_events_at_once() {
    let engine = &mut sandbox();
    let client = client(engine, "{}");
    let piece: Vec<u8> = (0..1_000).flat_map(|_| TEXT.to_vec()).collect();
    let calls: Vec<u64> = (0..50).map(|_| start(engine, client)).collect();
    for _ in 0..100 {
        for call in &calls {
            assert!(tell(engine, *call, &piece).is_none());
        }
    }
    for call in calls {
        let result = tell(engine, call, LAST);
        let response = answered(result.unwrap_or_else(|| finish(engine, call)));
        assert_eq!(response.text().len(), 200_000);
    }
}

/// Only in the sandbox, which is what it is about.
#[test]
fn fifty_deep_answers_at_once() {
    let engine = &mut sandbox();
    let client = client(engine, "{}");
    let body = content(&nested(100_000));
    let calls: Vec<u64> = (0..50).map(|_| start(engine, client)).collect();
    for part in body.chunks(body.len().div_ceil(3)) {
        for call in &calls {
            assert!(tell(engine, *call, part).is_none());
        }
    }
    for call in calls {
        assert!(matches!(answered(finish(engine, call)).choices[0].content[..], [Part::Opaque(_)]));
    }
}

/// A long name, word or number in each event, where providers have a short one: none is kept beyond what is counted. Only in the
/// sandbox, whose memory would end.
#[test]
fn long_words_in_odd_places_do_not_fill_the_memory() {
    let engine = &mut sandbox();
    let client = client(engine, "{}");
    let long = "x".repeat(7 << 20);
    let digits = "1".repeat(7 << 20);
    let shapes: [&dyn Fn(u32) -> String; 6] = [
        &|at| format!(r#"{{"choices":[{{"index":{at},"delta":{{}},"finish_reason":"{long}"}}]}}"#),
        &|at| {
            format!(
                r#"{{"choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":{at},"function":{{"name":"{long}"}}}}]}}}}]}}"#
            )
        },
        &|at| format!(r#"{{"choices":[],"{at}{long}":1}}"#),
        &|_| {
            format!(
                r#"{{"choices":[{{"index":0,"delta":{{}},"logprobs":{{"content":[{{"token":"a","logprob":-0.{digits}}}]}}}}]}}"#
            )
        },
        &|at| format!(r#"{{"choices":[{{"index":0,"delta":{{"audio":{{"{at}":"{long}"}}}}}}]}}"#),
        &|at| format!(r#"{{"choices":[],"usage":{{"{at}":"{long}"}}}}"#),
    ];
    for (shape, body) in shapes.iter().enumerate() {
        let call = start(engine, client);
        let mut end = None;
        for at in 0..40 {
            if end.is_none() {
                end = tell(engine, call, format!("event: {long}\ndata: {}\n\n", body(at)).as_bytes());
            }
        }
        // What is kept once and replaced, or clipped, is an answer; the rest is too large.
        match end.unwrap_or_else(|| finish(engine, call)) {
            OutcomeResult::Response(_) => {}
            OutcomeResult::Error(error) => {
                assert!(matches!(error.kind, ErrorKind::TooLarge | ErrorKind::Cut), "{shape}: {error}");
            }
        }
        assert_eq!(answered(play(engine, client, &[TEXT, LAST].concat())).text(), "Hi");
    }
}

/// What a server says again in every chunk is held once.
#[test]
fn repeated_fields_are_counted_once() {
    let found = "y".repeat(8_000);
    let chunk = format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"a\"}}}}],\"search_results\":\"{found}\"}}\n\n"
    );
    let body = [chunk.repeat(3_000).as_bytes(), LAST].concat();
    let engine = &mut sandbox();
    let client = client(engine, "{}");
    assert_eq!(answered(play(engine, client, &body)).text().len(), 3_000);
}

/// As many pieces of what goes back as a long answer has tokens: their cost is their bytes.
#[test]
fn many_pieces_of_opaque_reasoning() {
    let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"word\"}]}}]}\n\n";
    let body = [chunk.repeat(50_000).as_bytes(), LAST].concat();
    let engine = &mut sandbox();
    let client = client(engine, "{}");
    let response = answered(play(engine, client, &body));
    assert!(matches!(&response.choices[0].content[..], [Part::Reasoning(_)]));
}
