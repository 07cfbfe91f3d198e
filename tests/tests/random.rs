//! Whatever comes, in whatever order: no panic, the same meaning however it is cut, and a call ends when it is told to.

use literllm_core::engine::Engine as Native;
use literllm_core::types::{Event, OutcomeResult, Started, Step};
use literllm_tests::grammar;
use proptest::prelude::*;

const PLAIN: &str = r#"{"model":"openai/m","messages":[{"role":"user","content":"Hello"}]}"#;
const STREAM: &str = r#"{"model":"openai/m","stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;
const ONCE: &str = r#"{"policy":{"max_attempts":1}}"#;

/// Bytes that a failure prints as text.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A piece of a chat completion, of something like it, or of nothing known.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let values = r#"(null|true|"[a-z\u{e9}\u{1F600}]{0,4}"|\[\]|\{\}|-?[0-9]{1,30}|1e400|"\\ud83d")"#;
    let known = prop::sample::select(vec![
        "id",
        "choices",
        "delta",
        "message",
        "content",
        "tool_calls",
        "function",
        "arguments",
        "name",
        "index",
        "usage",
        "error",
        "finish_reason",
        "reasoning",
        "reasoning_details",
        "logprobs",
        "annotations",
        "function_call",
        "text",
        "type",
        "prompt_tokens",
    ]);
    let field = (known, values).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    let leaf =
        prop::collection::vec(field.clone(), 0..4).prop_map(|fields| format!("{{{}}}", fields.join(",")));
    let chunk = (leaf.clone(), leaf.clone(), field, 0..5_u8).prop_map(|(delta, call, field, shape)| match shape {
        0 => format!("{{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}"),
        1 => format!("{{\"choices\":[{{\"index\":1,\"delta\":{{\"tool_calls\":[{{\"index\":0,\"function\":{call}}},{delta}]}},{field}}}]}}"),
        2 => format!("{{\"choices\":[{{\"delta\":{{\"content\":\"x\",\"tool_calls\":[{call}],\"reasoning_details\":[{delta}]}}}}],{field}}}"),
        3 => format!("{{\"choices\":[{delta},{call}],\"usage\":{delta},{field}}}"),
        _ => delta,
    });
    let event = (chunk, "(\n\n|\r\n\r\n|\r\r|\n)").prop_map(|(chunk, end)| format!("data: {chunk}{end}"));
    prop_oneof![
        8 => event.prop_map(String::into_bytes),
        1 => Just(b"data: [DONE]\n\n".to_vec()),
        1 => Just(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n".to_vec()),
        1 => "(event: |: |id|\u{FEFF}|<html>|\\{|\\[|\n|\r)".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn body() -> impl Strategy<Value = Bytes> {
    let pieces = prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![4 => pieces, 1 => prop::collection::vec(any::<u8>(), 0..64)].prop_map(Bytes)
}

/// Feeds a body in pieces; answers with its events and its end, without what depends on the cutting.
fn feed(request: &str, status: u16, pieces: &[&[u8]]) -> (Vec<Event>, OutcomeResult) {
    let mut engine = Native::new();
    let created = engine.client_create("{}", 0, None).expect("an empty configuration is good");
    let client = serde_json::from_str::<serde_json::Value>(&created).expect("a document")["client"]
        .as_u64()
        .expect("a handle");
    let started = engine.call_start(client, request, ONCE, 0, 0).expect("a good request");
    let call = serde_json::from_str::<Started>(&started).expect("a document").call;
    let read = |answer: Result<String, String>| {
        serde_json::from_str::<Step>(&answer.expect("a step")).expect("a document")
    };
    let mut events = Vec::new();
    let mut step = read(engine.call_head(call, 1, &format!("{{\"status\":{status},\"headers\":[]}}"), 0));
    for piece in pieces {
        if step.outcome.is_none() {
            step = read(engine.call_body(call, 1, piece, 0));
            events.append(&mut step.events);
        }
    }
    if step.outcome.is_none() {
        step = read(engine.call_end(call, 1, 0));
        events.append(&mut step.events);
    }
    let mut result = step.outcome.expect("an end is an end").result;
    if let OutcomeResult::Error(error) = &mut result {
        error.bytes_seen = 0;
    }
    (events, result)
}

/// Something a host may tell, rightly or not.
#[derive(Debug, Clone)]
enum Happening {
    Head(u32, u16),
    Body(u32, Bytes),
    Latin1(u32, String),
    End(u32),
    Failed(u32),
    Wake(Option<u32>),
    Cancel,
    Drop,
}

fn happening() -> impl Strategy<Value = Happening> {
    let attempt = || 0..4_u32;
    let status = prop::sample::select(vec![0_u16, 100, 200, 204, 307, 400, 429, 500, 599, 600, 65_535]);
    prop_oneof![
        4 => (attempt(), status).prop_map(|(attempt, status)| Happening::Head(attempt, status)),
        6 => (attempt(), piece()).prop_map(|(attempt, bytes)| Happening::Body(attempt, Bytes(bytes))),
        1 => (attempt(), "[\u{0}-\u{120}]{0,8}").prop_map(|(attempt, text)| Happening::Latin1(attempt, text)),
        3 => attempt().prop_map(Happening::End),
        2 => attempt().prop_map(Happening::Failed),
        3 => prop::option::of(attempt()).prop_map(Happening::Wake),
        1 => Just(Happening::Cancel),
        1 => Just(Happening::Drop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_means_the_same_however_it_is_cut(
        Bytes(body) in body(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        streamed in any::<bool>(),
        status in prop::sample::select(vec![200_u16, 200, 200, 307, 400, 500]),
    ) {
        let request = if streamed { STREAM } else { PLAIN };
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).chain([0, body.len()]).collect();
        places.sort_unstable();
        let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
        let bytes: Vec<&[u8]> = body.chunks(1).collect();
        let whole = feed(request, status, &[&body]);
        prop_assert_eq!(&feed(request, status, &pieces), &whole);
        prop_assert_eq!(&feed(request, status, &bytes), &whole);
        if streamed {
            grammar::check(&whole.0, &whole.1).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn no_order_of_happenings_panics_and_cancel_ends_the_call(
        happenings in prop::collection::vec((happening(), 0..100_000_u64), 0..40),
        seed in any::<u64>(),
    ) {
        let mut engine = Native::new();
        let created = engine.client_create("{}", 0, None).expect("an empty configuration is good");
        let client = serde_json::from_str::<serde_json::Value>(&created).expect("a document")["client"].as_u64().expect("a handle");
        let started = engine.call_start(client, STREAM, "{}", 0, seed).expect("a good request");
        let call = serde_json::from_str::<Started>(&started).expect("a document").call;
        let (mut outcomes, mut dropped) = (0, false);
        let mut take = |answer: &Result<String, String>| {
            if let Ok(step) = answer {
                let step: Step = serde_json::from_str(step).expect("a step");
                outcomes += usize::from(step.outcome.is_some());
            }
        };
        for (happening, now_ms) in happenings {
            let answer = match happening {
                Happening::Head(attempt, status) => {
                    engine.call_head(call, attempt, &format!("{{\"status\":{status},\"headers\":[]}}"), now_ms)
                }
                Happening::Body(attempt, bytes) => engine.call_body(call, attempt, &bytes.0, now_ms),
                Happening::Latin1(attempt, text) => engine.call_body_latin1(call, attempt, &text, now_ms),
                Happening::End(attempt) => engine.call_end(call, attempt, now_ms),
                Happening::Failed(attempt) => {
                    engine.call_failed(call, attempt, r#"{"kind":"reset","reached":"sent","message":""}"#, now_ms)
                }
                Happening::Wake(idle) => engine.call_wake(call, idle, now_ms),
                Happening::Cancel => engine.call_cancel(call, now_ms),
                Happening::Drop => {
                    engine.call_drop(call);
                    dropped = true;
                    continue;
                }
            };
            prop_assert!(!dropped || answer.is_err());
            take(&answer);
        }
        take(&engine.call_cancel(call, 0));
        prop_assert!(outcomes == 1 || dropped && outcomes == 0, "{} outcomes", outcomes);
    }
}
