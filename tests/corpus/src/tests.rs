//! The comparison itself: what agrees agrees, and every wrong reading is seen in its field.

use literllm_core::engine::Engine as Native;
use literllm_core::types::{OutcomeResult, Part, Response};
use serde_json::{Value, json};

use crate::compare;
use crate::exchange::{Exchange, Scope};
use crate::play::{Played, Player};

fn exchange(api: &str, body: &Value, oracle: &Value) -> Exchange {
    let exchange = json!({
        "id": format!("p-{api}-1-2"), "provider": "p", "api": api, "oracle": oracle,
        "response": {"status": 200, "headers": {}, "streaming": false, "body_text": body.to_string()},
    });
    serde_json::from_value(exchange).unwrap()
}

/// One exchange of each API in which every matter has something to say.
fn exchanges() -> Vec<Exchange> {
    let call = json!([{"id": "a", "name": "now", "arguments": {"x": 1}}]);
    let oracle = |more: Value| {
        let mut oracle = json!({
            "text": "Hi", "reasoning_text": "Hm", "tool_calls": call, "finish_reason_raw": "end",
        });
        oracle.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        oracle
    };
    let function = json!({"name": "now", "arguments": "{\"x\":1}"});
    let chat = json!({"choices": [{"index": 0, "finish_reason": "end", "message": {
        "content": "Hi", "reasoning": "Hm", "refusal": "No", "annotations": [{"type": "url_citation"}],
        "reasoning_details": [{"type": "reasoning.encrypted", "data": "U2lnbmVk"}],
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}});
    let messages = json!({"type": "message", "role": "assistant", "stop_reason": "end", "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "U2lnbmVk"},
        {"type": "text", "text": "Hi", "citations": [{"type": "char_location", "cited_text": "Hi"}]},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "tool_use", "id": "a", "name": "now", "input": {"x": 1}},
    ], "usage": {"input_tokens": 7, "output_tokens": 2}});
    let cohere = json!({"id": "c", "finish_reason": "end", "message": {
        "role": "assistant", "tool_plan": "", "citations": [{"start": 0, "end": 2, "text": "Hi", "sources": []}],
        "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hi"}],
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }, "usage": {"tokens": {"input_tokens": 7, "output_tokens": 2}}});
    vec![
        exchange(
            "chat",
            &chat,
            &oracle(json!({"refusal": "No", "usage_raw": {"prompt_tokens": 7, "completion_tokens": 2}})),
        ),
        exchange(
            "messages",
            &messages,
            &oracle(json!({"usage_raw": {"input_tokens": 7, "output_tokens": 2}})),
        ),
        exchange(
            "chat_v2",
            &cohere,
            &oracle(json!({"usage_raw": {"tokens": {"input_tokens": 7.0, "output_tokens": 2.0}}})),
        ),
    ]
}

fn play(exchange: &Exchange) -> (Played, &'static str) {
    let Scope::In { protocol } = exchange.scope() else { panic!("{} is out of scope", exchange.id) };
    (Player::on(Native::new()).exchange(exchange, protocol).unwrap(), protocol)
}

fn differing(exchange: &Exchange, protocol: &str, played: &Played) -> Vec<&'static str> {
    let fields = compare::all(exchange, protocol, played);
    fields.into_iter().filter(|field| field.ours != field.theirs).map(|field| field.name).collect()
}

fn answer(played: &mut Played) -> &mut Response {
    match &mut played.result {
        OutcomeResult::Response(response) => response,
        OutcomeResult::Error(error) => panic!("{error}"),
    }
}

#[test]
fn a_right_reading_agrees() {
    for exchange in exchanges() {
        let (played, protocol) = play(&exchange);
        assert_eq!(differing(&exchange, protocol, &played), Vec::<&str>::new(), "{protocol}");
    }
}

#[test]
fn every_other_reading_of_the_sdk_is_seen() {
    for (field, name, value) in [
        ("text", "text", json!("Ho")),
        ("reasoning", "reasoning_text", json!(null)),
        ("refusal", "refusal", json!("Never")),
        ("tool_calls", "tool_calls", json!([])),
        ("finish", "finish_reason_raw", json!("stop")),
        ("usage", "usage_raw", json!({"prompt_tokens": 8})),
        ("error", "error", json!({"class": "APIError", "status": null})),
    ] {
        for mut exchange in exchanges() {
            let (played, protocol) = play(&exchange);
            exchange.oracle[name] = value.clone();
            let seen = differing(&exchange, protocol, &played);
            // Chat compares the next turn's words with the SDK's reading as well.
            assert!(seen.contains(&field), "{protocol} {field}: {seen:?}");
        }
    }
}

#[test]
fn what_is_lost_of_an_answer_is_seen() {
    for exchange in exchanges() {
        let (mut played, protocol) = play(&exchange);
        for part in &mut answer(&mut played).choices[0].content {
            if let Part::Reasoning(part) = part {
                part.provider_data = None;
            }
        }
        // Cohere signs nothing.
        let expected: &[&str] = if protocol == "cohere-chat" { &[] } else { &["signatures"] };
        assert_eq!(differing(&exchange, protocol, &played), expected, "{protocol}");

        let (mut played, _) = play(&exchange);
        answer(&mut played).choices[0].content.retain(|part| !matches!(part, Part::Citation(_)));
        assert_eq!(differing(&exchange, protocol, &played), ["citations"], "{protocol}");

        let (mut played, _) = play(&exchange);
        let next = played.next.as_mut().unwrap().as_mut().unwrap();
        let turn = next.body["messages"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .find(|message| message["role"] == "assistant");
        let turn = turn.unwrap();
        for lost in ["content", "tool_calls", "reasoning_details"] {
            if let Some(list) = turn[lost].as_array_mut() {
                list.pop();
            }
        }
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{protocol}");
    }
}

#[test]
fn a_signature_that_goes_back_twice_is_seen() {
    let exchange = &exchanges()[0];
    let (mut played, protocol) = play(exchange);
    let next = played.next.as_mut().unwrap().as_mut().unwrap();
    let turn = next.body["messages"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|message| message["role"] == "assistant");
    let details = turn.unwrap()["reasoning_details"].as_array_mut().unwrap();
    details.push(details[0].clone());
    assert_eq!(differing(exchange, protocol, &played), ["turn"]);
}
