//! Hosts make mistakes: handles that are stale, foreign or made up, happenings out of order, documents that are none.
//!
//! Each is answered with an ordinary error, natively and in the component, and both live on.

use literllm_core::engine::Engine as Native;
use literllm_core::types::{Error, ErrorKind, OutcomeResult, Phase, Started, Step};
use literllm_tests::component::Sandbox;
use literllm_tests::engine::{Answer, Engine};

const REQUEST: &str = r#"{"model":"openai/m","stream":true,"messages":[{"role":"user","content":"Hello"}]}"#;
const HEAD: &str = r#"{"status":200,"headers":[{"name":"content-type","value":"text/event-stream"}]}"#;
const TEXT: &[u8] = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const LAST: &[u8] =
    b"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

/// Runs the same story with both engines.
fn both(story: impl Fn(&mut dyn Engine)) {
    story(&mut Native::new());
    story(&mut Sandbox::new().unwrap_or_else(|why| panic!("{why}")));
}

fn client(engine: &mut dyn Engine) -> u64 {
    let created = engine.client_create("{}", 3, None).expect("an empty configuration is good");
    let created: serde_json::Value = serde_json::from_str(&created).expect("a document");
    created["client"].as_u64().expect("a handle")
}

fn start(engine: &mut dyn Engine, client: u64) -> u64 {
    let started = engine.call_start(client, REQUEST, "{}", 0, 0).expect("a good request");
    serde_json::from_str::<Started>(&started).expect("a document").call
}

fn step(answer: Answer) -> Step {
    serde_json::from_str(&answer.expect("a step, not an error")).expect("a document")
}

#[track_caller]
fn refused(answer: Answer, kind: ErrorKind, word: &str) {
    let error: Error = serde_json::from_str(&answer.expect_err("an error")).expect("an error document");
    assert_eq!((error.kind, error.phase), (kind, Phase::Request), "{}", error.message);
    assert!(error.message.contains(word), "expected `{word}` in: {}", error.message);
}

/// A whole call from start to end: the engine is well.
#[track_caller]
fn lives(engine: &mut dyn Engine) {
    let client = client(engine);
    let call = start(engine, client);
    step(engine.call_head(call, 1, HEAD, 0));
    step(engine.call_body(call, 1, TEXT, 0));
    step(engine.call_body(call, 1, LAST, 0));
    let outcome = step(engine.call_end(call, 1, 0)).outcome.expect("the end");
    assert!(matches!(outcome.result, OutcomeResult::Response(_)));
    engine.call_drop(call);
    engine.client_drop(client);
}

/// Every function that takes a call, with good documents.
fn tell_all(engine: &mut dyn Engine, call: u64, check: fn(Answer)) {
    check(engine.call_head(call, 1, HEAD, 0));
    check(engine.call_body(call, 1, TEXT, 0));
    check(engine.call_body_latin1(call, 1, "x", 0));
    check(engine.call_end(call, 1, 0));
    check(engine.call_failed(call, 1, r#"{"kind":"other","reached":"unknown","message":""}"#, 0));
    check(engine.call_wake(call, None, 0));
    check(engine.call_wake(call, Some(1), 0));
    check(engine.call_cancel(call, 0));
}

#[test]
fn garbage_for_a_handle() {
    both(|engine| {
        let good = client(engine);
        for handle in [
            0,
            1,
            u64::MAX,
            1 << 52,
            (1 << 53) - 1,
            good + 1,
            good ^ (1 << 20),
            good ^ (1 << 36),
            good | 1 << 60,
        ] {
            tell_all(engine, handle, |answer| refused(answer, ErrorKind::InvalidState, "names no call"));
            refused(
                engine.call_start(handle, REQUEST, "{}", 0, 0),
                ErrorKind::InvalidState,
                "names no client",
            );
            refused(engine.client_snapshot(handle), ErrorKind::InvalidState, "names no client");
            engine.call_drop(handle);
            engine.client_drop(handle);
        }
        assert!(engine.client_snapshot(good).is_ok(), "dropping what is not there must not drop what is");
        lives(engine);
    });
}

#[test]
fn a_dropped_handle_is_stale_also_when_its_place_is_taken_again() {
    both(|engine| {
        let client = client(engine);
        let old = start(engine, client);
        engine.call_drop(old);
        let new = start(engine, client);
        assert_ne!(old, new);
        tell_all(engine, old, |answer| refused(answer, ErrorKind::InvalidState, "it was dropped"));
        engine.call_drop(old);
        step(engine.call_head(new, 1, HEAD, 0));
        engine.client_drop(client);
        refused(engine.call_start(client, REQUEST, "{}", 0, 0), ErrorKind::InvalidState, "names no client");
        // Its calls go on.
        step(engine.call_body(new, 1, TEXT, 0));
        lives(engine);
    });
}

#[test]
fn handles_are_small_and_belong_to_one_instance() {
    for instance in [0, 1, 65_535] {
        both(|engine| {
            let created = engine.client_create("{}", instance, None).expect("a client");
            let created: serde_json::Value = serde_json::from_str(&created).expect("a document");
            let client = created["client"].as_u64().expect("a handle");
            let call = start(engine, client);
            assert!([client, call].iter().all(|handle| (1..1 << 53).contains(handle)), "{client} {call}");
        });
    }
    both(|engine| refused(engine.client_create("{}", 65_536, None), ErrorKind::InvalidRequest, "65535"));
    let mut other = Native::new();
    let foreign = other.client_create("{}", 9, None).expect("a client");
    let foreign: serde_json::Value = serde_json::from_str(&foreign).expect("a document");
    let foreign = foreign["client"].as_u64().expect("a handle");
    let mut here = Native::new();
    client(&mut here);
    refused(
        Engine::call_start(&mut here, foreign, REQUEST, "{}", 0, 0),
        ErrorKind::InvalidState,
        "another instance",
    );
}

#[test]
fn happenings_out_of_order_change_nothing() {
    both(|engine| {
        let client = client(engine);
        let call = start(engine, client);
        let out_of_order = |answer, word| refused(answer, ErrorKind::InvalidState, word);
        out_of_order(engine.call_body(call, 1, TEXT, 0), "before its head");
        out_of_order(engine.call_body_latin1(call, 1, "x", 0), "before its head");
        out_of_order(engine.call_end(call, 1, 0), "before its head");
        out_of_order(engine.call_head(call, 2, HEAD, 0), "never begun");
        out_of_order(engine.call_head(call, 0, HEAD, 0), "never begun");
        out_of_order(engine.call_wake(call, Some(7), 0), "never begun");
        out_of_order(engine.call_head(call, 1, r#"{"status":100,"headers":[]}"#, 0), "status 100");
        step(engine.call_head(call, 1, HEAD, 0));
        out_of_order(engine.call_head(call, 1, HEAD, 0), "its head already");
        step(engine.call_body(call, 1, TEXT, 0));
        out_of_order(engine.call_body_latin1(call, 1, "\u{100}", 0), "U+00FF");
        step(engine.call_body(call, 1, LAST, 0));
        let outcome = step(engine.call_end(call, 1, 0)).outcome.expect("the end");
        let OutcomeResult::Response(response) = outcome.result else {
            panic!("mistakes of the host must not fail the call")
        };
        assert_eq!(response.choices.len(), 1);
        // The outcome was the end of the call: nobody has to drop it.
        tell_all(engine, call, |answer| refused(answer, ErrorKind::InvalidState, "names no call"));
        engine.call_drop(call);
        lives(engine);
    });
}

#[test]
fn a_cancelled_call_aborts_what_is_under_way_and_is_over() {
    both(|engine| {
        let client = client(engine);
        let call = start(engine, client);
        step(engine.call_head(call, 1, HEAD, 0));
        let cancelled = step(engine.call_cancel(call, 0));
        assert_eq!(cancelled.abort, [1]);
        let outcome = cancelled.outcome.expect("a cancelled call is over");
        assert!(matches!(outcome.result, OutcomeResult::Error(error) if error.kind == ErrorKind::Cancelled));
        tell_all(engine, call, |answer| refused(answer, ErrorKind::InvalidState, "names no call"));
        lives(engine);
    });
}

#[test]
fn late_happenings_of_an_aborted_attempt_are_ignored_while_the_call_goes_on() {
    both(|engine| {
        let client = client(engine);
        let started = engine.call_start(client, REQUEST, "{}", 0, 0).expect("a good request");
        let Started { call, step: first } = serde_json::from_str(&started).expect("a document");
        let idle_ms = first.send[0].idle_ms.expect("a bound of silence");
        let aborted = step(engine.call_wake(call, Some(1), idle_ms));
        assert_eq!((aborted.abort, aborted.outcome), (vec![1], None), "silence is tried again");
        for answer in [engine.call_head(call, 1, HEAD, idle_ms), engine.call_body(call, 1, TEXT, idle_ms)] {
            assert_eq!(step(answer).events, []);
        }
        let wake_at_ms = step(engine.call_end(call, 1, idle_ms)).wake_at_ms.expect("a pause");
        assert_eq!(step(engine.call_wake(call, None, wake_at_ms)).send[0].attempt, 2);
        engine.call_drop(call);
        lives(engine);
    });
}

#[test]
fn waking_early_does_nothing_and_the_clock_never_goes_back() {
    both(|engine| {
        let client = client(engine);
        let started = engine.call_start(client, REQUEST, "{}", 1_000, 0).expect("a good request");
        let Started { call, step: first } = serde_json::from_str(&started).expect("a document");
        let early = step(engine.call_wake(call, None, 0));
        assert_eq!((early.send.len(), early.wake_at_ms, early.outcome), (0, first.wake_at_ms, None));
        let failure = r#"{"kind":"connect","reached":"not_connected","message":"refused"}"#;
        let waiting = step(engine.call_failed(call, 1, failure, 500));
        let wake_at_ms = waiting.wake_at_ms.expect("a pause");
        assert!(wake_at_ms >= 1_000, "500 counts as 1000: {wake_at_ms}");
        let early = step(engine.call_wake(call, None, wake_at_ms - 1));
        assert_eq!((early.send.len(), early.wake_at_ms), (0, Some(wake_at_ms)));
        // The alarm for an attempt may cross with its end: too late to matter.
        let late = step(engine.call_wake(call, Some(1), wake_at_ms - 1));
        assert_eq!((late.send.len(), late.wake_at_ms), (0, Some(wake_at_ms)));
        refused(engine.call_wake(call, Some(9), wake_at_ms - 1), ErrorKind::InvalidState, "never begun");
        assert_eq!(step(engine.call_wake(call, None, wake_at_ms)).send.len(), 1);
        assert_eq!(step(engine.call_wake(call, None, wake_at_ms)).send.len(), 0);
        lives(engine);
    });
}

#[test]
fn documents_that_are_none() {
    both(|engine| {
        let client = client(engine);
        let call = start(engine, client);
        let deep = "[".repeat(100_000);
        for text in [
            "",
            "{",
            "null",
            "[]",
            "3",
            "\"x\"",
            "{\"what\":1}",
            "{} {}",
            "\u{0}",
            "{\"model\":",
            "\u{FEFF}{}",
            deep.as_str(),
        ] {
            let bad = |answer| refused(answer, ErrorKind::InvalidRequest, "cannot be read");
            bad(engine.client_create(text, 3, None));
            bad(engine.client_create("{}", 3, Some(text)));
            bad(engine.call_start(client, text, "{}", 0, 0));
            bad(engine.call_start(client, REQUEST, text, 0, 0));
            bad(engine.call_head(call, 1, text, 0));
            bad(engine.call_failed(call, 1, text, 0));
        }
        let newer = r#"{"state_version":999,"now_ms":0}"#;
        refused(engine.client_create("{}", 3, Some(newer)), ErrorKind::InvalidState, "state version 999");
        step(engine.call_head(call, 1, HEAD, 0));
        lives(engine);
    });
}

#[test]
fn a_snapshot_makes_the_next_client() {
    both(|engine| {
        let client = client(engine);
        engine.call_start(client, REQUEST, "{}", 5_000, 0).expect("a good request");
        let snapshot = engine.client_snapshot(client).expect("a snapshot");
        engine.client_create("{}", 3, Some(&snapshot)).expect("our own snapshot");
    });
}
