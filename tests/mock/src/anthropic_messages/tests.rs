//! The wire format, request by request, without a socket.

use serde_json::{Value, json};

use super::*;
use crate::reply::{Event, Part};

const OPTIONS: Options = Options { seed: 0, usage: true, stream: true };

fn ask(fields: Value) -> Value {
    let mut request = json!({"model": "mock-small", "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Tell me of Rome"}]});
    for (name, value) in fields.as_object().expect("fields") {
        request[name] = value.clone();
    }
    request
}

fn plain(fields: Value) -> Value {
    match reply(ask(fields).to_string().as_bytes(), OPTIONS) {
        Ok(Reply::Plain(body)) => serde_json::from_slice(&body).expect("JSON"),
        other => panic!("not a plain answer: {other:?}"),
    }
}

fn stream(mut fields: Value) -> Vec<Event> {
    fields["stream"] = true.into();
    match reply(ask(fields).to_string().as_bytes(), OPTIONS) {
        Ok(Reply::Stream(events)) => events,
        other => panic!("no stream: {other:?}"),
    }
}

/// The events as JSON. Each must have its type as its name.
fn events(fields: Value) -> Vec<Value> {
    let read = |event: &Event| {
        let value: Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(value["type"].as_str(), event.name);
        value
    };
    stream(fields).iter().map(read).collect()
}

/// The message that the events add up to, as a client would add them.
fn added_up(events: &[Value]) -> Value {
    let mut message = Value::Null;
    let mut json = String::new();
    for event in events {
        let at = event["index"].as_u64().unwrap_or(0) as usize;
        let add = |place: &mut Value, piece: &Value| {
            *place = format!("{}{}", place.as_str().unwrap(), piece.as_str().unwrap()).into();
        };
        match event["type"].as_str().unwrap() {
            "message_start" => message = event["message"].clone(),
            "content_block_start" => {
                assert_eq!(message["content"].as_array().unwrap().len(), at, "blocks come in order");
                message["content"].as_array_mut().unwrap().push(event["content_block"].clone());
            }
            "content_block_delta" => {
                let (delta, block) = (&event["delta"], &mut message["content"][at]);
                match delta["type"].as_str().unwrap() {
                    "text_delta" => add(&mut block["text"], &delta["text"]),
                    "thinking_delta" => add(&mut block["thinking"], &delta["thinking"]),
                    "signature_delta" => block["signature"] = delta["signature"].clone(),
                    "citations_delta" => {
                        block["citations"].as_array_mut().unwrap().push(delta["citation"].clone());
                    }
                    "input_json_delta" => json += delta["partial_json"].as_str().unwrap(),
                    other => panic!("{other}"),
                }
            }
            "content_block_stop" if message["content"][at]["type"] == "tool_use" => {
                message["content"][at]["input"] = serde_json::from_str(&std::mem::take(&mut json)).unwrap();
            }
            "message_delta" => {
                for (name, value) in event["delta"].as_object().unwrap() {
                    message[name] = value.clone();
                }
                for (name, value) in event["usage"].as_object().unwrap() {
                    message["usage"][name] = value.clone();
                }
            }
            "content_block_stop" | "message_stop" | "ping" => {}
            other => panic!("{other}"),
        }
    }
    message
}

/// Where a request is refused; its message must begin there, or say the words.
fn refused(fields: Value) -> String {
    let refusal = reply(ask(fields).to_string().as_bytes(), OPTIONS).expect_err("refused");
    assert_eq!(refusal.status, 400);
    refusal.message
}

fn weather() -> Value {
    json!({"name": "get_weather", "input_schema": {"type": "object", "required": ["city"],
        "properties": {"city": {"type": "string"}}}})
}

fn clock() -> Value {
    json!({"name": "get_time", "input_schema": {"type": "object", "properties": {}}})
}

fn thinking() -> Value {
    json!({"type": "enabled", "budget_tokens": 1024})
}

#[test]
fn a_plain_answer_says_what_it_is_and_what_it_costs() {
    let answer = plain(json!({}));
    assert_eq!((&answer["type"], &answer["role"]), (&json!("message"), &json!("assistant")));
    assert!(answer["content"][0]["text"].as_str().unwrap().starts_with("[simulator] "));
    assert_eq!((&answer["stop_reason"], &answer["stop_sequence"]), (&json!("end_turn"), &Value::Null));
    assert!(
        answer["usage"]["input_tokens"].as_u64() > Some(3)
            && answer["usage"]["output_tokens"].as_u64() > Some(20)
    );
}

#[test]
fn the_events_add_up_to_the_plain_answer() {
    let document = json!({"type": "document", "title": "Rome", "citations": {"enabled": true},
        "source": {"type": "text", "media_type": "text/plain", "data": "Roma è eterna. It has seven hills."}});
    let asked = json!([{"role": "user", "content": [document, {"type": "text", "text": "What is it?"}]}]);
    for fields in [
        json!({}),
        json!({"model": "mock-refuse"}),
        json!({"thinking": thinking()}),
        json!({"max_tokens": 5}),
        json!({"stop_sequences": ["ulator"]}),
        json!({"messages": asked}),
        json!({"tools": [weather()], "thinking": {"type": "adaptive"}}),
        json!({"tools": [weather(), clock()], "messages": [{"role": "user", "content": "Both, please"}]}),
        json!({"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}),
    ] {
        let (mut streamed, mut whole) = (added_up(&events(fields.clone())), plain(fields.clone()));
        // Ids are hashes of requests, and these were two.
        assert!(streamed["id"].take() != whole["id"].take());
        assert_eq!(streamed, whole, "{fields}");
    }
}

#[test]
fn a_stream_opens_pings_and_ends_as_anthropics_do() {
    let all = stream(json!({}));
    let names: Vec<&str> = all.iter().filter_map(|event| event.name).collect();
    assert_eq!(names[..4], ["message_start", "content_block_start", "ping", "content_block_delta"]);
    assert_eq!(names[names.len() - 3..], ["content_block_stop", "message_delta", "message_stop"]);
    assert_eq!(all[all.len() - 2].part, Part::Closing);
    assert_eq!(all[all.len() - 1].part, Part::Done);
    let padded = all.iter().filter(|event| event.data.contains(" }")).count();
    assert!(padded > all.len() / 2, "events are filled up with blanks");
}

#[test]
fn thoughts_are_signed_and_must_come_back_as_they_went() {
    let first = plain(json!({"thinking": thinking(), "tools": [weather()]}));
    let blocks = first["content"].as_array().unwrap();
    let kinds: Vec<&Value> = blocks.iter().map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_use"]);
    assert_eq!(first["stop_reason"], "tool_use");
    assert!(first["usage"]["output_tokens_details"]["thinking_tokens"].as_u64() > Some(3));
    let next = |content: Value| {
        let result = json!({"type": "tool_result", "tool_use_id": blocks[2]["id"], "content": "12 degrees"});
        json!({"thinking": thinking(), "tools": [weather()], "messages": [{"role": "user", "content": "Weather?"},
            {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]})
    };
    let answer = plain(next(first["content"].clone()));
    let text = answer["content"][1]["text"].as_str().unwrap();
    assert!(text.contains("The get_weather says: 12 degrees."), "{text}");

    assert!(refused(next(json!(blocks[1..]))).starts_with("messages.1.content.0.type: Expected `thinking`"));
    let mut changed = first["content"].clone();
    changed[0]["thinking"] = "something else".into();
    assert_eq!(
        refused(next(changed.clone())),
        "messages.1.content.0: Invalid `signature` in `thinking` block"
    );
    changed[0].as_object_mut().unwrap().remove("signature");
    assert_eq!(refused(next(changed)), "messages.1.content.0.thinking.signature: Field required");
}

#[test]
fn a_document_is_cited_where_it_is_quoted() {
    let document = |enabled: bool| {
        json!({"type": "document", "title": "Rome", "citations": {"enabled": enabled},
            "source": {"type": "text", "media_type": "text/plain", "data": "Roma è eterna. It has seven hills."}})
    };
    let content = json!([document(false), document(true), {"type": "text", "text": "What is it?"}]);
    let answer = plain(json!({"messages": [{"role": "user", "content": content}]}));
    let quoted = &answer["content"][1];
    assert_eq!(quoted["text"], "Roma è eterna");
    let wanted = json!([{"type": "char_location", "cited_text": "Roma è eterna", "document_index": 1,
        "document_title": "Rome", "start_char_index": 0, "end_char_index": 13}]);
    assert_eq!(quoted["citations"], wanted);
    assert!(
        answer["content"][0].get("citations").is_none() && answer["content"][2].get("citations").is_none()
    );
}

#[test]
fn tools_are_called_as_the_choice_says() {
    let calls = |choice: Value| {
        let asked = json!([{"role": "user", "content": "use get_time, then get_weather in Oslo"}]);
        let answer = plain(json!({"tools": [weather(), clock()], "tool_choice": choice, "messages": asked}));
        let names = answer["content"].as_array().unwrap().iter().filter_map(|block| block["name"].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(calls(json!({"type": "auto"})), ["get_time", "get_weather"]);
    assert_eq!(calls(json!({"type": "any", "disable_parallel_tool_use": true})), ["get_time"]);
    assert_eq!(calls(json!({"type": "tool", "name": "get_weather"})), ["get_weather"]);
    assert!(calls(json!({"type": "none"})).is_empty());
    let forced = plain(json!({"tools": [clock()], "tool_choice": {"type": "any"}}));
    assert_eq!(
        (&forced["content"][0]["type"], &forced["stop_reason"]),
        (&json!("tool_use"), &json!("tool_use"))
    );
}

#[test]
fn every_end_has_its_word() {
    let end = |fields| {
        let answer = plain(fields);
        (answer["stop_reason"].clone(), answer["stop_sequence"].clone())
    };
    assert_eq!(end(json!({"max_tokens": 4})), (json!("max_tokens"), Value::Null));
    assert_eq!(end(json!({"stop_sequences": ["zzz", "ulator"]})), (json!("stop_sequence"), json!("ulator")));
    assert_eq!(end(json!({"model": "mock-refuse"})), (json!("refusal"), Value::Null));
    let refusal = plain(json!({"model": "mock-refuse"}));
    assert_eq!(refusal["content"], json!([]));
    assert!(refusal["stop_details"]["explanation"].as_str().unwrap().contains("simulator"));
}

#[test]
fn the_cache_is_used_when_it_is_asked_for() {
    let long = "x".repeat(8000);
    let block = |cache: Value| json!([{"type": "text", "text": long, "cache_control": cache}]);
    let usage = |system: Value| plain(json!({"system": system}))["usage"].clone();
    assert_eq!(usage(json!(long))["cache_read_input_tokens"], 0);
    let short = usage(block(json!({"type": "ephemeral"})));
    assert_eq!(
        (&short["cache_read_input_tokens"], &short["cache_creation_input_tokens"]),
        (&json!(896), &json!(256))
    );
    assert_eq!(short["cache_creation"]["ephemeral_5m_input_tokens"], 256);
    let hour = usage(block(json!({"type": "ephemeral", "ttl": "1h"})));
    assert_eq!(hour["cache_creation"]["ephemeral_1h_input_tokens"], 256);
    let quiet =
        reply(ask(json!({"stream": true})).to_string().as_bytes(), Options { usage: false, ..OPTIONS });
    let Ok(Reply::Stream(events)) = quiet else { panic!("no stream") };
    assert!(events.iter().all(|event| !event.data.contains("usage")));
}

#[test]
fn turns_of_one_speaker_are_joined_and_instructions_may_follow_the_user() {
    let user = json!({"role": "user", "content": "hi"});
    let call = |id: &str| json!({"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": "x", "input": {}}]});
    let result = |id: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]});
    for messages in [
        json!([user, call("t1"), call("t2"), result("t2"), result("t1")]),
        json!([user, {"role": "system", "content": "Be brief."}]),
        json!([{"role": "assistant", "content": "Hello."}, user]),
        json!([user, {"role": "assistant", "content": "Hel"}]),
    ] {
        assert_eq!(plain(json!({"messages": messages}))["stop_reason"], "end_turn");
    }
}

#[test]
fn bad_requests_are_refused_in_the_right_place() {
    let messages = |messages: Value| refused(json!({"messages": messages}));
    let user = json!({"role": "user", "content": "hi"});
    let says = |fields: Value, words: &str| {
        let message = refused(fields.clone());
        assert!(message.starts_with(words), "{fields}: {message}");
    };
    for (fields, words) in [
        (json!({"max_tokens": null}), "max_tokens: Field required"),
        (json!({"max_tokens": 0}), "max_tokens: Input should be greater than or equal to 1"),
        (json!({"max_tokens": "many"}), "max_tokens: Input should be a valid integer"),
        (json!({"model": null}), "model: Field required"),
        (json!({"seed": 1}), "seed: Extra inputs are not permitted"),
        (json!({"messages": null}), "messages: Field required"),
        (json!({"messages": []}), "messages: at least one message is required"),
        (json!({"messages": "hi"}), "messages: Input should be a valid list"),
        (json!({"temperature": 1.5}), "temperature: Input should be less than or equal to 1"),
        (json!({"stream": "yes"}), "stream: Input should be a valid boolean"),
        (json!({"stop_sequences": [" "]}), "stop_sequences: each stop sequence must contain"),
        (json!({"tools": [{"name": "x"}]}), "tools.0.custom.input_schema: Field required"),
        (
            json!({"tools": [{"name": "x", "input_schema": {}}]}),
            "tools.0.custom.input_schema.type: Field required",
        ),
        (
            json!({"tools": [{"name": "x y", "input_schema": {"type": "object"}}]}),
            "tools.0.custom.name: String should",
        ),
        (json!({"tools": [clock(), clock()]}), "tools: Tool names must be unique."),
        (json!({"tool_choice": {"type": "any"}}), "tool_choice: tool_choice may only be specified"),
        (
            json!({"tools": [clock()], "tool_choice": {"type": "tool", "name": "x"}}),
            "tool_choice: Tool 'x' not found",
        ),
        (json!({"thinking": {"type": "enabled"}}), "thinking.enabled.budget_tokens: Field required"),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 5000}}),
            "`max_tokens` must be greater than",
        ),
        (json!({"thinking": thinking(), "temperature": 0.5}), "`temperature` may only be set to 1"),
        (
            json!({"thinking": thinking(), "tools": [clock()], "tool_choice": {"type": "any"}}),
            "Thinking may not be",
        ),
        (json!({"output_config": {"format": {"type": "json"}}}), "output_config.format: Input tag 'json'"),
    ] {
        says(fields, words);
    }
    assert!(messages(json!([{"role": "system", "content": "x"}])).contains("top-level `system` parameter"));
    assert_eq!(
        messages(json!([{"role": "tool", "content": "x"}])),
        "messages.0.role: Input should be 'user' or 'assistant'"
    );
    assert_eq!(messages(json!([{"role": "user"}])), "messages.0.content: Field required");
    assert!(messages(json!([{"role": "user", "content": []}])).contains("must have non-empty content"));
    assert!(
        messages(json!([{"role": "user", "content": [{"type": "text", "text": ""}]}]))
            .contains("must be non-empty")
    );
    assert!(
        messages(json!([{"role": "user", "content": [{"type": "robot"}]}])).contains("Input tag 'robot'")
    );
    assert!(messages(json!([user, {"role": "assistant", "content": "So "}])).contains("trailing whitespace"));
    let call =
        json!({"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "x", "input": {}}]});
    let result = |id: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]});
    assert!(messages(json!([user, call])).starts_with("messages.1: `tool_use` ids were found"));
    assert!(messages(json!([user, call, user])).contains("immediately after: t1"));
    assert!(
        messages(json!([user, result("t1")])).starts_with("messages.1.content.0: unexpected `tool_use_id`")
    );
    assert!(messages(json!([user, call, result("t2")])).contains("blocks: t2"));
    assert!(plain(json!({"messages": [user, user, call, result("t1")]}))["content"][0]["text"].is_string());
    let strict =
        |number| json!({"name": format!("t{number}"), "strict": true, "input_schema": {"type": "object"}});
    let many: Vec<Value> = (0..21).map(strict).collect();
    assert!(refused(json!({"tools": many})).starts_with("Too many strict tools (21)"));
    let block = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    let five = json!([{"role": "user", "content": vec![block; 5]}]);
    assert!(messages(five).contains("maximum of 4 blocks"));
    assert!(
        reply(b"{", OPTIONS).is_err()
            && reply(b"[]", OPTIONS).is_err()
            && reply(b"\xc3\x28", OPTIONS).is_err()
    );
}
