//! The wire format, request by request, without a socket.

use serde_json::{Value, json};

use super::*;
use crate::reply::{Event, Part};

const OPTIONS: Options = Options { seed: 0, usage: true, stream: true };

fn ask(fields: Value) -> Value {
    let mut request =
        json!({"model": "mock-small", "messages": [{"role": "user", "content": "Tell me of Rome"}]});
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

/// The events of a stream, `[DONE]` checked and removed. Each must have its type as its name.
fn events(mut fields: Value) -> Vec<Value> {
    fields["stream"] = true.into();
    let Ok(Reply::Stream(mut events)) = reply(ask(fields).to_string().as_bytes(), OPTIONS) else {
        panic!("no stream")
    };
    let done = events.pop().expect("an end");
    assert_eq!((done.name, done.data.as_str(), done.part), (None, "[DONE]", Part::Done));
    assert_eq!(events.last().map(|event| event.part), Some(Part::Closing));
    let read = |event: &Event| {
        let value: Value = serde_json::from_str(&event.data).expect("JSON");
        assert_eq!(value["type"].as_str(), event.name);
        value
    };
    events.iter().map(read).collect()
}

/// The response that the events add up to, as a client would add them.
fn added_up(events: &[Value]) -> Value {
    let mut response = json!({"id": events[0]["id"], "message": events[0]["delta"]["message"]});
    let message = &mut response["message"];
    let mut end = Value::Null;
    for event in events {
        let (delta, at) = (&event["delta"]["message"], event["index"].as_u64().unwrap_or(0) as usize);
        let add = |place: &mut Value, piece: &Value| {
            *place = format!("{}{}", place.as_str().unwrap(), piece.as_str().unwrap()).into();
        };
        let push = |list: &mut Value, item: &Value| list.as_array_mut().unwrap().push(item.clone());
        match event["type"].as_str().unwrap() {
            "content-start" => push(&mut message["content"], &delta["content"]),
            "content-delta" => {
                for (name, piece) in delta["content"].as_object().unwrap() {
                    add(&mut message["content"][at][name], piece);
                }
            }
            "tool-plan-delta" => add(&mut message["tool_plan"], &delta["tool_plan"]),
            "tool-call-start" => push(&mut message["tool_calls"], &delta["tool_calls"]),
            "tool-call-delta" => add(
                &mut message["tool_calls"][at]["function"]["arguments"],
                &delta["tool_calls"]["function"]["arguments"],
            ),
            "citation-start" => push(&mut message["citations"], &delta["citations"]),
            "message-end" => end = event["delta"].clone(),
            "message-start" | "content-end" | "tool-call-end" | "citation-end" => {}
            other => panic!("{other}"),
        }
    }
    // What a stream opens empty, a plain answer leaves out.
    let is_empty = |value: &Value| *value == json!([]) || *value == json!("");
    message.as_object_mut().unwrap().retain(|_, value| !is_empty(value));
    for (name, value) in end.as_object().unwrap() {
        response[name] = value.clone();
    }
    response
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object",
        "properties": {"city": {"type": "string"}}, "required": ["city"]}}})
}

fn clock() -> Value {
    json!({"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}})
}

fn after_a_call() -> Value {
    json!([{"role": "user", "content": "Weather?"},
        {"role": "assistant", "tool_plan": "I ask.", "tool_calls": [{"id": "c1", "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "12 °C"}])
}

#[test]
fn a_plain_answer_says_what_it_is_and_what_it_costs() {
    let answer = plain(json!({}));
    assert_eq!(answer["message"]["role"], "assistant");
    assert!(answer["message"]["content"][0]["text"].as_str().unwrap().starts_with("[simulator] "));
    assert_eq!(answer["finish_reason"], "COMPLETE");
    let (billed, all) = (&answer["usage"]["billed_units"], &answer["usage"]["tokens"]);
    assert!(billed["output_tokens"].as_u64() > Some(20) && billed["input_tokens"].as_u64() > Some(3));
    assert!(all["input_tokens"].as_u64() > billed["input_tokens"].as_u64());
    assert!(answer["usage"]["cached_tokens"].as_u64() < all["input_tokens"].as_u64());
    assert_eq!(answer["id"].as_str().unwrap().len(), 36);
}

#[test]
fn the_events_add_up_to_the_plain_answer() {
    let documents = json!([{"id": "a", "data": {"title": "Rome", "text": "Roma è eterna. It has seven hills."}}, "Text."]);
    for fields in [
        json!({}),
        json!({"model": "mock-reason"}),
        json!({"model": "mock-refuse"}),
        json!({"max_tokens": 5}),
        json!({"stop_sequences": ["ulator"]}),
        json!({"documents": documents, "thinking": {"type": "enabled", "token_budget": 100}}),
        json!({"messages": after_a_call()}),
        json!({"tools": [weather()]}),
        json!({"tools": [weather(), clock()], "messages": [{"role": "user", "content": "Both, please"}]}),
        json!({"response_format": {"type": "json_object"}}),
    ] {
        let (mut streamed, mut whole) = (added_up(&events(fields.clone())), plain(fields.clone()));
        // Ids are hashes of requests, and these were two.
        assert!(streamed["id"].take() != whole["id"].take());
        assert_eq!(streamed, whole, "{fields}");
    }
}

#[test]
fn contents_and_calls_are_opened_and_closed() {
    let kinds = |fields| {
        let mut kinds: Vec<String> =
            events(fields).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
        kinds.dedup();
        kinds.join(" ")
    };
    assert_eq!(
        kinds(json!({"model": "mock-reason"})),
        "message-start content-start content-delta content-end content-start content-delta content-end message-end"
    );
    assert_eq!(
        kinds(json!({"tools": [weather()]})),
        "message-start tool-plan-delta tool-call-start tool-call-delta tool-call-end message-end"
    );
    assert_eq!(
        kinds(json!({"messages": after_a_call()})),
        "message-start content-start content-delta citation-start citation-end content-end message-end"
    );
}

#[test]
fn what_is_quoted_is_cited_in_characters() {
    let check = |answer: &Value, text: &str, source: Value| {
        let content = answer["message"]["content"].as_array().unwrap().last().unwrap();
        let citation = &answer["message"]["citations"][0];
        let number = |name: &str| citation[name].as_u64().unwrap() as usize;
        let (start, end) = (number("start"), number("end"));
        let cited: String = content["text"].as_str().unwrap().chars().skip(start).take(end - start).collect();
        assert_eq!((cited.as_str(), citation["text"].as_str()), (text, Some(text)));
        assert_eq!(citation["sources"], json!([source]));
    };
    let answer = plain(json!({"messages": after_a_call()}));
    check(&answer, "12 °C", json!({"type": "tool", "id": "c1:0", "tool_output": {"content": "12 °C"}}));
    let data = json!({"title": "Rome", "text": "Roma è eterna. It has seven hills."});
    let with = |fields: Value| {
        let mut all = json!({"documents": [{"id": "a", "data": data}], "model": "mock-reason"});
        all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        plain(all)
    };
    let mut shown = data.clone();
    shown["id"] = "a".into();
    check(&with(json!({})), "Roma è eterna", json!({"type": "document", "id": "a", "document": shown}));
    assert_eq!(with(json!({}))["message"]["citations"][0]["content_index"], 1);
    assert!(with(json!({"citation_options": {"mode": "OFF"}}))["message"].get("citations").is_none());
}

#[test]
fn tools_are_planned_and_called() {
    let answer = plain(json!({"tools": [weather(), clock()], "messages": [{"role": "user",
        "content": "use get_time, then get_weather in Oslo"}]}));
    assert_eq!(answer["finish_reason"], "TOOL_CALL");
    let calls = answer["message"]["tool_calls"].as_array().unwrap();
    assert!(calls[0]["id"].as_str().unwrap().starts_with("get_time_") && calls.len() == 2);
    assert_eq!(calls[1]["function"]["arguments"], json!({"city": "Oslo"}).to_string());
    assert_eq!(answer["message"]["tool_plan"], "[simulator] I will ask get_time and get_weather.");
    assert!(answer["message"].get("content").is_none());
    let forced = plain(json!({"tools": [clock()], "tool_choice": "REQUIRED"}));
    assert!(forced["message"].get("tool_plan").is_none());
    let none = plain(json!({"tools": [clock()], "tool_choice": "NONE"}));
    assert_eq!(none["finish_reason"], "COMPLETE");
}

#[test]
fn every_end_has_its_word() {
    let end = |fields| plain(fields)["finish_reason"].clone();
    assert_eq!(end(json!({"max_tokens": 4})), "MAX_TOKENS");
    assert_eq!(end(json!({"stop_sequences": ["ulator"]})), "STOP_SEQUENCE");
    assert_eq!(end(json!({"model": "mock-refuse"})), "COMPLETE");
    assert_eq!(
        plain(json!({"model": "mock-reason", "thinking": {"type": "disabled"}}))["message"]["content"][0]["type"],
        "text"
    );
    let quiet =
        reply(ask(json!({"stream": true})).to_string().as_bytes(), Options { usage: false, ..OPTIONS });
    let Ok(Reply::Stream(events)) = quiet else { panic!("no stream") };
    assert!(events.iter().all(|event| !event.data.contains("usage")));
}

#[test]
fn json_is_answered_where_json_is_asked_for() {
    let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    for name in ["schema", "json_schema"] {
        let answer = plain(json!({"response_format": {"type": "json_object", name: schema}}));
        let text = answer["message"]["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), json!({"n": 1}));
    }
}

#[test]
fn bad_requests_are_refused_in_the_right_place() {
    let refused = |fields: Value| {
        let refusal = reply(ask(fields).to_string().as_bytes(), OPTIONS).expect_err("refused");
        (refusal.status.as_u16(), refusal.place.unwrap_or_default())
    };
    let call = &after_a_call()[1];
    let (user, result) = (&after_a_call()[0], &after_a_call()[2]);
    for (fields, status, place) in [
        (json!({"model": null}), 400, "model"),
        (json!({"model": 7}), 422, "model"),
        (json!({"top_p": 1}), 422, "top_p"),
        (json!({"messages": null}), 400, "messages"),
        (json!({"messages": []}), 400, "messages"),
        (json!({"messages": "hi"}), 422, "messages"),
        (json!({"messages": [{"role": "developer", "content": "x"}]}), 400, "messages[0].role"),
        (json!({"messages": [{"role": "user"}]}), 400, "messages[0].content"),
        (json!({"messages": [{"role": "user", "content": ""}]}), 400, "messages[0].content"),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "audio"}]}]}),
            400,
            "messages[0].content[0].type",
        ),
        (json!({"messages": [{"role": "assistant"}]}), 400, "messages[0].content"),
        (json!({"messages": [{"role": "system", "content": "x"}]}), 400, "messages"),
        (json!({"messages": [user, {"role": "tool", "content": "x"}]}), 400, "messages[1].tool_call_id"),
        (json!({"messages": [user, result]}), 400, "messages[1].tool_call_id"),
        (json!({"messages": [user, call]}), 400, "messages[1].tool_calls"),
        (json!({"messages": [user, call, user]}), 400, "messages[1].tool_calls"),
        (json!({"max_tokens": 0}), 400, "max_tokens"),
        (json!({"p": 1.0}), 400, "p"),
        (json!({"k": 501}), 400, "k"),
        (json!({"stream": "yes"}), 422, "stream"),
        (json!({"safety_mode": "NONE"}), 400, "safety_mode"),
        (json!({"tools": [{"type": "function"}]}), 400, "tools[0].function"),
        (json!({"tool_choice": "REQUIRED"}), 400, "tool_choice"),
        (json!({"tools": [clock()], "tool_choice": "auto"}), 400, "tool_choice"),
        (json!({"response_format": {"type": "json_schema"}}), 400, "response_format.type"),
        (json!({"thinking": {"type": "adaptive"}}), 400, "thinking.type"),
        (json!({"documents": [{"id": "a"}]}), 400, "documents[0].data"),
        (json!({"stop_sequences": ["a", "b", "c", "d", "e", "f"]}), 400, "stop_sequences"),
    ] {
        assert_eq!(refused(fields.clone()), (status, place.to_owned()), "{fields}");
    }
    assert!(
        reply(b"{", OPTIONS).is_err()
            && reply(b"[]", OPTIONS).is_err()
            && reply(b"\xc3\x28", OPTIONS).is_err()
    );
}
