//! Handles and documents: whatever a host does, it gets an ordinary error.

use super::*;

const REQUEST: &str = r#"{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}"#;

fn handle(answer: &str, name: &str) -> u64 {
    let value: serde_json::Value = serde_json::from_str(answer).unwrap();
    value[name].as_u64().unwrap()
}

fn kind(answer: Answer) -> ErrorKind {
    serde_json::from_str::<Error>(&answer.unwrap_err()).unwrap().kind
}

fn client(engine: &mut Engine, instance: u32) -> u64 {
    handle(&engine.client_create("{}", instance, None).unwrap(), "client")
}

#[test]
fn stale_and_foreign_handles_are_ordinary_errors() {
    let (mut one, mut two) = (Engine::new(), Engine::new());
    let (first, other) = (client(&mut one, 1), client(&mut two, 2));
    assert_ne!(first, other);
    assert!(first < 1 << 53 && other < 1 << 53);
    assert_eq!(kind(one.client_snapshot(other)), ErrorKind::InvalidState);
    one.client_drop(first);
    one.client_drop(first);
    assert_eq!(kind(one.call_start(first, REQUEST, "{}", 0, 0)), ErrorKind::InvalidState);
    // The slot is used again, and the old handle still names nothing.
    let second = client(&mut one, 1);
    assert_ne!(first, second);
    assert_eq!(kind(one.client_snapshot(first)), ErrorKind::InvalidState);
    for handle in [0, u64::MAX, 1 << 36] {
        assert_eq!(kind(one.call_end(handle, 1, 0)), ErrorKind::InvalidState);
    }
}

#[test]
fn an_instance_keeps_its_number() {
    let mut engine = Engine::new();
    let client = client(&mut engine, 3);
    assert_eq!(kind(engine.client_create("{}", 0, Some("{"))), ErrorKind::InvalidState);
    assert_eq!(kind(engine.client_create("{", 3, None)), ErrorKind::InvalidRequest);
    assert!(engine.client_snapshot(client).is_ok());
}

#[test]
fn a_call_outlives_its_client() {
    let mut engine = Engine::new();
    let client = client(&mut engine, 1);
    let call = handle(&engine.call_start(client, REQUEST, "{}", 0, 0).unwrap(), "call");
    engine.client_drop(client);
    assert!(engine.call_head(call, 1, r#"{"status":200,"headers":[]}"#, 1).is_ok());
    assert!(engine.call_cancel(call, 2).unwrap().contains("cancelled"));
    engine.call_drop(call);
    assert_eq!(kind(engine.call_cancel(call, 3)), ErrorKind::InvalidState);
}

#[test]
fn documents_that_cannot_be_read_change_nothing() {
    let mut engine = Engine::new();
    let client = client(&mut engine, 1);
    for bad in ["", "{", "null", "[]", "3", "\u{0}", r#"{"model":"openai/x"}"#] {
        assert_eq!(kind(engine.call_start(client, bad, "{}", 0, 0)), ErrorKind::InvalidRequest, "{bad}");
    }
    assert_eq!(kind(engine.call_start(client, REQUEST, "[", 0, 0)), ErrorKind::InvalidRequest);
    let call = handle(&engine.call_start(client, REQUEST, "{}", 0, 0).unwrap(), "call");
    assert_eq!(kind(engine.call_head(call, 1, "{}", 0)), ErrorKind::InvalidRequest);
    assert_eq!(kind(engine.call_failed(call, 1, r#"{"kind":"bored"}"#, 0)), ErrorKind::InvalidRequest);
    assert_eq!(kind(engine.call_body_latin1(call, 1, "\u{100}", 0)), ErrorKind::InvalidState);
    assert!(engine.call_head(call, 1, r#"{"status":200}"#, 0).is_ok());
}

#[test]
fn both_doors_for_bytes_lead_to_the_same_room() {
    let bytes: Vec<u8> = (0..=255).collect();
    let latin1: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let mut answers = Vec::new();
    for door in 0..2 {
        let mut engine = Engine::new();
        let client = client(&mut engine, 1);
        let call = handle(&engine.call_start(client, REQUEST, "{}", 0, 0).unwrap(), "call");
        engine.call_head(call, 1, r#"{"status":400}"#, 0).unwrap();
        if door == 0 {
            engine.call_body(call, 1, &bytes, 0).unwrap()
        } else {
            engine.call_body_latin1(call, 1, &latin1, 0).unwrap()
        };
        answers.push(engine.call_end(call, 1, 0).unwrap());
    }
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn a_snapshot_of_another_version_is_refused() {
    let mut engine = Engine::new();
    let client = client(&mut engine, 1);
    let snapshot = engine.client_snapshot(client).unwrap();
    assert!(engine.client_create("{}", 1, Some(&snapshot)).is_ok());
    let other = snapshot.replace("\"state_version\":2", "\"state_version\":999");
    assert_eq!(kind(engine.client_create("{}", 1, Some(&other))), ErrorKind::InvalidState);
    assert_eq!(kind(engine.client_create("{}", 65_536, None)), ErrorKind::InvalidRequest);
}
