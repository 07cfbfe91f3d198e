//! The comparison itself: what agrees agrees, and every wrong reading is seen in its field.

use literllm_core::engine::Engine as Native;
use literllm_core::types::{Error, ErrorKind, FinishReason, OutcomeResult, Part, Response};
use serde_json::{Value, json};

use crate::exchange::{Exchange, Scope};
use crate::play::{Next, Played, Player};
use crate::{compare, failure, finish, kept, usage, wire};

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
            "response_id": "r",
        });
        oracle.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        oracle
    };
    let function = json!({"name": "now", "arguments": "{\"x\":1}"});
    let chat = json!({"id": "r", "model": "m", "tier": 1, "choices": [{"index": 0, "finish_reason": "end", "seed": 2, "message": {
        "channel": "final",
        "content": "Hi", "reasoning": "Hm", "refusal": "No", "annotations": [{"type": "url_citation"}],
        "reasoning_details": [{"type": "reasoning.encrypted", "data": "U2lnbmVk"}],
        "tool_calls": [{"id": "a", "type": "function", "function": function, "signature": "U2lnbmVk"}],
    }}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}});
    let messages = json!({"id": "r", "model": "m", "container": {"id": "c"}, "type": "message", "role": "assistant", "stop_reason": "end", "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "U2lnbmVk"},
        {"type": "text", "text": "Hi", "citations": [{"type": "char_location", "cited_text": "Hi"}]},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "tool_use", "id": "a", "name": "now", "input": {"x": 1}, "caller": {"type": "direct"}},
    ], "usage": {"input_tokens": 7, "output_tokens": 2}});
    let cohere = json!({"id": "r", "tier": 1, "finish_reason": "end", "message": {
        "role": "assistant", "tool_plan": "", "citations": [{"start": 0, "end": 2, "text": "Hi", "sources": []}],
        "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hi"}],
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }, "usage": {"tokens": {"input_tokens": 7, "output_tokens": 2}}});
    vec![
        exchange(
            "chat",
            &chat,
            &oracle(
                json!({"model": "m", "refusal": "No", "usage_raw": {"prompt_tokens": 7, "completion_tokens": 2}}),
            ),
        ),
        exchange(
            "messages",
            &messages,
            &oracle(json!({"model": "m", "usage_raw": {"input_tokens": 7, "output_tokens": 2}})),
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

fn next(played: &mut Played) -> &mut Next {
    played.next.as_mut().unwrap().as_mut().unwrap()
}

/// The answer as it would be sent back.
fn turn(played: &mut Played) -> &mut Value {
    let messages = next(played).body["messages"].as_array_mut().unwrap();
    messages.iter_mut().find(|message| message["role"] == "assistant").unwrap()
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
        ("identity", "response_id", json!("s")),
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
        let turn = turn(&mut played);
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
    let details = turn(&mut played)["reasoning_details"].as_array_mut().unwrap();
    details.push(details[0].clone());
    assert_eq!(differing(exchange, protocol, &played), ["turn"]);
}

#[test]
fn a_warning_that_is_not_due_is_seen() {
    for exchange in exchanges() {
        let (mut played, protocol) = play(&exchange);
        let due = if protocol == "openai-chat" { 1 } else { 0 };
        assert_eq!(next(&mut played).warnings.len(), due, "{protocol}: {:?}", next(&mut played).warnings);
        next(&mut played).warnings.push("messages[1]: it was lost".to_owned());
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{protocol}");
    }
}

#[test]
fn a_field_that_we_add_is_seen() {
    for exchange in exchanges() {
        let (mut played, protocol) = play(&exchange);
        if protocol == "anthropic-messages" {
            turn(&mut played)["content"][1]["cache_control"] = Value::Null;
        } else {
            turn(&mut played)["refusal"] = Value::Null;
        }
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{protocol}");
    }
}

#[test]
fn arguments_that_were_cut_are_compared_as_text() {
    let [mut exchange, ..] = <[Exchange; 3]>::try_from(exchanges()).ok().unwrap();
    let cut = |text: &str| json!([{"id": "a", "name": "now", "arguments": null, "arguments_text": text}]);
    let call = json!([{"id": "a", "type": "function", "function": {"name": "now", "arguments": "{\"x\":"}}]);
    let message = json!({"content": "Hi", "tool_calls": call});
    let body = json!({"choices": [{"message": message, "finish_reason": "length"}]});
    let oracle = |text: &str| json!({"text": "Hi", "tool_calls": cut(text), "finish_reason_raw": "length", "usage_raw": null});
    exchange = self::exchange(&exchange.api, &body, &oracle("{\"x\":"));
    let (played, protocol) = play(&exchange);
    assert_eq!(differing(&exchange, protocol, &played), Vec::<&str>::new());
    exchange.oracle = oracle("{\"y\":");
    assert_eq!(differing(&exchange, protocol, &played), ["tool_calls", "turn"]);
}

#[test]
fn our_word_for_the_finish_is_compared() {
    for exchange in exchanges() {
        let (mut played, protocol) = play(&exchange);
        answer(&mut played).choices[0].finish.as_mut().unwrap().unified = FinishReason::Stop;
        assert_eq!(differing(&exchange, protocol, &played), ["finish"], "{protocol}");
    }
    for (api, raw, called, expected) in [
        ("chat", "stop", false, "stop"),
        ("chat", "eos", true, "tool_calls"),
        ("chat", "length", true, "length"),
        ("messages", "pause_turn", false, "pause"),
        ("messages", "refusal", false, "content_filter"),
        ("chat_v2", "COMPLETE", false, "stop"),
        ("chat_v2", "ERROR", false, "error"),
        ("chat_v2", "stop", false, "other"),
    ] {
        let calls = if called { json!([{"name": "now"}]) } else { json!([]) };
        let oracle = json!({"finish_reason_raw": raw, "tool_calls": calls});
        assert_eq!(finish::theirs(api, &oracle, false), format!("{raw:?} {expected}"));
    }
}

#[test]
fn tokens_written_to_a_cache_and_thought_are_compared() {
    for exchange in exchanges() {
        for change in [
            |usage: &mut literllm_core::types::Usage| usage.input_cache_write_tokens = Some(5),
            |usage: &mut literllm_core::types::Usage| usage.output_reasoning_tokens = Some(1),
        ] {
            let (mut played, protocol) = play(&exchange);
            change(answer(&mut played).usage.as_mut().unwrap());
            assert_eq!(differing(&exchange, protocol, &played), ["usage"], "{protocol}");
        }
    }
    let raw = json!({
        "input_tokens": 7, "output_tokens": 2, "cache_creation_input_tokens": 5,
        "output_tokens_details": {"thinking_tokens": 1},
    });
    let said = usage::theirs("messages", &raw);
    assert!(said.ends_with("written Some(5) reasoning Some(1)"), "{said}");
    let said = usage::theirs("chat", &json!({"prompt_tokens_details": {"cache_write_tokens": 5}}));
    assert!(said.contains("written Some(5)"), "{said}");
}

#[test]
fn a_field_that_vanished_is_seen() {
    for exchange in exchanges() {
        let (mut played, protocol) = play(&exchange);
        answer(&mut played).extra.clear();
        assert_eq!(differing(&exchange, protocol, &played), ["kept"], "{protocol}");
    }
    let exchange = &exchanges()[0];
    let (mut played, protocol) = play(exchange);
    answer(&mut played).choices[0].extra.retain(|extra| extra.name != "seed");
    assert_eq!(differing(exchange, protocol, &played), ["kept"]);
    answer(&mut played).choices[0].extra.clear();
    let lost = compare::all(exchange, protocol, &played).into_iter().find(|field| field.name == "kept");
    let lost = lost.unwrap().ours;
    assert!(lost.contains("choice seed") && lost.contains("message channel"), "{lost}");
}

#[test]
fn every_level_of_a_body_is_looked_at() {
    let new = json!({"new": 1});
    for (protocol, level, document) in [
        ("openai-chat", "answer", json!({"new": 1})),
        ("openai-chat", "x_groq", json!({"x_groq": {"seed": 1, "usage": {}}})),
        ("openai-chat", "choice", json!({"choices": [new]})),
        ("openai-chat", "logprobs", json!({"choices": [{"logprobs": new}]})),
        ("openai-chat", "message", json!({"choices": [{"message": new}]})),
        ("openai-chat", "message", json!({"choices": [{"delta": new}]})),
        ("openai-chat", "call", json!({"choices": [{"delta": {"tool_calls": [new]}}]})),
        ("openai-chat", "function", json!({"choices": [{"delta": {"tool_calls": [{"function": new}]}}]})),
        ("openai-chat", "part", json!({"choices": [{"message": {"content": [{"type": "text", "new": 1}]}}]})),
        ("anthropic-messages", "message", json!({"type": "message", "new": 1})),
        ("anthropic-messages", "block", json!({"content": [{"type": "text", "new": 1}]})),
        ("anthropic-messages", "message", json!({"type": "message_start", "message": new})),
        ("anthropic-messages", "event", json!({"type": "message_delta", "new": 1})),
        ("anthropic-messages", "end", json!({"type": "message_delta", "delta": new})),
        ("anthropic-messages", "block", json!({"delta": {"type": "thinking_delta", "new": 1}})),
        ("cohere-chat", "answer", json!({"new": 1, "message": {}})),
        ("cohere-chat", "message", json!({"message": new})),
        ("cohere-chat", "part", json!({"message": {"content": [{"type": "text", "new": 1}]}})),
        ("cohere-chat", "call", json!({"message": {"tool_calls": [new]}})),
        ("cohere-chat", "function", json!({"delta": {"message": {"tool_calls": {"function": new}}}})),
        ("cohere-chat", "end", json!({"type": "message-end", "delta": new})),
    ] {
        for streaming in [false, true] {
            let (ours, theirs) =
                kept::compare(protocol, streaming, std::slice::from_ref(&document), &Response::default());
            assert_ne!(ours, theirs, "{document}");
            assert!(ours.contains(&format!("\"{level} ")), "{document}: {ours}");
        }
    }
    let silent = json!({"new": null, "x_groq": {"usage": {}}, "choices": []});
    let (ours, theirs) = kept::compare("openai-chat", true, &[silent], &Response::default());
    assert_eq!(ours, theirs);
}

#[test]
fn what_goes_back_is_found_in_every_place() {
    let body = json!({"choices": [{"message": {
        "content": [{"type": "text", "text": "Hi"}, {"type": "thinking", "thinking": "Hm", "signature": "s"}],
        "tool_calls": [{"id": "a", "seal": 1, "function": {"name": "now", "arguments": "{}", "inner": 2}}],
    }}]});
    let thinking = json!({"type": "thinking", "thinking": "Hm", "signature": "s"});
    let signatures = wire::read(&[body], "openai-chat").signatures;
    assert_eq!(signatures, [thinking, json!({"seal": 1}), json!({"inner": 2})]);
}

#[test]
fn a_block_that_nobody_knows_is_counted() {
    let block = json!({"type": "hologram", "of": null});
    let content = json!([{"type": "text", "text": "Hi"}, block]);
    let oracle = json!({"text": "Hi", "tool_calls": [], "finish_reason_raw": "end", "usage_raw": null});
    for (api, body) in [
        ("chat", json!({"choices": [{"message": {"content": content}, "finish_reason": "end"}]})),
        ("messages", json!({"type": "message", "content": content, "stop_reason": "end"})),
        ("chat_v2", json!({"message": {"content": content}, "finish_reason": "end"})),
    ] {
        let exchange = exchange(api, &body, &oracle);
        let (mut played, protocol) = play(&exchange);
        assert_eq!(differing(&exchange, protocol, &played), Vec::<&str>::new(), "{protocol}");
        answer(&mut played).choices[0].content.pop();
        assert_eq!(differing(&exchange, protocol, &played), ["signatures"], "{protocol}");
        let (mut played, _) = play(&exchange);
        turn(&mut played)["content"].as_array_mut().unwrap().pop();
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{protocol}");
    }
}

#[test]
fn reasoning_that_does_not_go_back_is_seen() {
    for (provider, name) in [("deepseek", "reasoning_content"), ("ollama", "reasoning")] {
        let message = json!({"content": "Hi", name: "Hm"});
        let body = json!({"choices": [{"message": message, "finish_reason": "stop"}]});
        let oracle = json!({"text": "Hi", "reasoning_text": "Hm", "finish_reason_raw": "stop"});
        let mut exchange = exchange("chat", &body, &oracle);
        exchange.provider = provider.to_owned();
        let (mut played, protocol) = play(&exchange);
        assert_eq!(differing(&exchange, protocol, &played), Vec::<&str>::new(), "{provider}");
        turn(&mut played)[name] = json!("Hmm");
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{provider}");
        turn(&mut played).as_object_mut().unwrap().remove(name);
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{provider}");
        // A warning does not make up for it.
        let (mut played, _) = play(&exchange);
        next(&mut played)
            .warnings
            .push(format!("messages[1].content[0]: {provider} takes no reasoning back"));
        assert_eq!(differing(&exchange, protocol, &played), ["turn"], "{provider}");
    }
}

fn failed(kind: ErrorKind, status: Option<u16>) -> Error {
    Error { status, ..Error::new(kind, "no") }
}

#[test]
fn whether_to_try_again_is_compared() {
    let oracle = |would_retry: bool, after: Value| {
        json!({
            "error": {"class": "RateLimitError", "status": 429},
            "sdk_retry": {"would_retry": would_retry, "retry_after_s": after},
        })
    };
    let agrees = |error: &Error, oracle: Value| {
        let (ours, theirs) = failure::compare(Some(error), &oracle, false);
        ours == theirs
    };
    let limited =
        Error { retryable: true, retry_after_ms: Some(47_000), ..failed(ErrorKind::RateLimit, Some(429)) };
    assert!(agrees(&limited, oracle(true, json!(47.0))));
    assert!(!agrees(&limited, oracle(false, json!(47.0))));
    assert!(!agrees(&limited, oracle(true, json!(4.0))));
    assert!(!agrees(&limited, oracle(true, Value::Null)));
    // Where the provider names a pause in a place that the SDKs do not know, ours is not held against theirs.
    let (ours, theirs) = failure::compare(Some(&limited), &oracle(true, Value::Null), true);
    assert_eq!(ours, theirs);
    let (ours, theirs) = failure::compare(Some(&limited), &oracle(true, json!(4.0)), true);
    assert_ne!(ours, theirs);
    let quota = failed(ErrorKind::Quota, Some(429));
    assert!(agrees(&quota, oracle(true, Value::Null)));
    assert!(!agrees(&Error { retryable: true, ..quota }, oracle(true, Value::Null)));
}

#[test]
fn a_kind_that_an_exception_cannot_be_is_seen() {
    for (class, status, kind, may_be) in [
        ("APIError", None, ErrorKind::Server, true),
        ("APIError", None, ErrorKind::InvalidRequest, true),
        ("APIError", None, ErrorKind::Cut, false),
        ("APIError", None, ErrorKind::Protocol, false),
        ("APIError", None, ErrorKind::InvalidState, false),
        ("APIStatusError", Some(408), ErrorKind::Timeout, true),
        ("APIStatusError", Some(408), ErrorKind::Server, false),
        ("NotFoundError", Some(404), ErrorKind::Server, false),
        ("UnheardOfError", None, ErrorKind::Server, false),
    ] {
        let oracle = json!({"error": {"class": class, "status": status}});
        let (ours, theirs) = failure::compare(Some(&failed(kind, status)), &oracle, false);
        assert_eq!(ours == theirs, may_be, "{class} {kind:?}: {ours} {theirs}");
    }
}
