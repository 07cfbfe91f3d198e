//! The wire format, request by request, without a socket.

use serde_json::{Value, json};

use super::*;
use crate::reply::Part;

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

/// The chunks of a stream, `[DONE]` checked and removed.
fn chunks(mut fields: Value) -> Vec<Value> {
    fields["stream"] = true.into();
    let Ok(Reply::Stream(mut events)) = reply(ask(fields).to_string().as_bytes(), OPTIONS) else {
        panic!("no stream")
    };
    let done = events.pop().expect("an end");
    assert_eq!((done.data.as_str(), done.part), ("[DONE]", Part::Done));
    events.iter().map(|event| serde_json::from_str(&event.data).expect("JSON")).collect()
}

/// One text field of all deltas of one choice, joined.
fn joined(chunks: &[Value], index: u64, pointer: &str) -> String {
    let choices = chunks.iter().flat_map(|chunk| chunk["choices"].as_array().expect("choices"));
    let mine = choices.filter(|choice| choice["index"] == index);
    mine.filter_map(|choice| choice["delta"].pointer(pointer)?.as_str().map(str::to_owned)).collect()
}

fn refused(request: &Value) -> Refusal {
    reply(request.to_string().as_bytes(), OPTIONS).expect_err("refused")
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}, "days": {"type": "integer"}},
        "required": ["city", "unit"]}}})
}

fn clock() -> Value {
    json!({"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}})
}

#[test]
fn a_plain_answer_says_what_it_is_and_what_it_costs() {
    let answer = plain(json!({}));
    assert_eq!((&answer["object"], &answer["created"]), (&json!("chat.completion"), &json!(CREATED_S)));
    assert_eq!(answer["system_fingerprint"], "simulator");
    let choice = &answer["choices"][0];
    assert!(choice["message"]["content"].as_str().unwrap().starts_with("[simulator] "));
    assert_eq!((&choice["finish_reason"], &choice["logprobs"]), (&json!("stop"), &Value::Null));
    let tokens = |name: &str| answer["usage"][name].as_u64().unwrap();
    assert!(tokens("prompt_tokens") > 0 && tokens("completion_tokens") > 20);
    assert_eq!(tokens("total_tokens"), tokens("prompt_tokens") + tokens("completion_tokens"));
}

#[test]
fn a_model_can_be_asked_for_so_many_tokens() {
    for (model, count) in [("mock-tokens-3", 3), ("mock-tokens-500", 500), ("models/mock-tokens-1", 1)] {
        assert_eq!(plain(json!({"model": model}))["usage"]["completion_tokens"], count);
    }
    assert_ne!(plain(json!({"model": "mock-tokens-0"}))["usage"]["completion_tokens"], 0);
}

#[test]
fn the_stream_and_the_plain_answer_say_the_same() {
    for fields in [json!({}), json!({"n": 3}), json!({"model": "mock-reason"}), json!({"max_tokens": 5})] {
        let (answer, chunks) = (plain(fields.clone()), chunks(fields));
        for (index, choice) in answer["choices"].as_array().unwrap().iter().enumerate() {
            assert_eq!(choice["message"]["content"], joined(&chunks, index as u64, "/content"));
            let thought = choice["message"]["reasoning_content"].as_str().unwrap_or_default();
            assert_eq!(thought, joined(&chunks, index as u64, "/reasoning_content"));
            let finish =
                &chunks[chunks.len() - answer["choices"].as_array().unwrap().len() + index]["choices"][0];
            assert_eq!((&finish["delta"], &finish["finish_reason"]), (&json!({}), &choice["finish_reason"]));
        }
    }
}

#[test]
fn chunks_have_openais_shape() {
    let all = chunks(json!({}));
    assert_eq!(all[0]["choices"][0]["delta"], json!({"role": "assistant", "content": "", "refusal": null}));
    assert_eq!(all[0]["choices"][0]["finish_reason"], Value::Null);
    assert!(
        all.iter().all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["id"] == all[0]["id"])
    );
    assert!(all.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn usage_comes_last_and_only_when_asked_for() {
    let all = chunks(json!({"stream_options": {"include_usage": true}}));
    let (last, before) = all.split_last().unwrap();
    assert!(before.iter().all(|chunk| chunk["usage"].is_null() && chunk.get("usage").is_some()));
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], before.len() - 2);
    let body = ask(json!({})).to_string();
    let Ok(Reply::Plain(body)) = reply(body.as_bytes(), Options { usage: false, ..OPTIONS }) else {
        panic!()
    };
    assert!(!String::from_utf8(body).unwrap().contains("usage"));
}

#[test]
fn a_long_prompt_is_partly_cached_and_thoughts_are_counted() {
    let messages = json!([{"role": "user", "content": "x".repeat(8000)}]);
    let usage = plain(json!({"messages": messages, "reasoning_effort": "low"}))["usage"].clone();
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 896);
    assert!(usage["completion_tokens_details"]["reasoning_tokens"].as_u64() > Some(3));
}

#[test]
fn answers_are_cut_by_length_and_by_stop() {
    let short = plain(json!({"max_completion_tokens": 4}));
    assert_eq!(short["choices"][0]["finish_reason"], "length");
    assert_eq!(short["usage"]["completion_tokens"], 4);
    let stopped = plain(json!({"stop": ["ulator"]}));
    assert_eq!(stopped["choices"][0]["message"]["content"], "[sim");
    assert_eq!(stopped["choices"][0]["finish_reason"], "stop");
    let call = plain(json!({"tools": [weather()], "max_tokens": 2}));
    let arguments = call["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(arguments).is_err(), "{arguments}");
}

#[test]
fn a_tool_is_called_with_arguments_from_the_prompt() {
    let message = &plain(json!({"tools": [weather()]}))["choices"][0];
    assert_eq!(
        (&message["finish_reason"], &message["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let function = &message["message"]["tool_calls"][0]["function"];
    assert_eq!(function["name"], "get_weather");
    assert_eq!(function["arguments"], json!({"city": "Rome", "unit": "c"}).to_string());

    let all = chunks(json!({"tools": [weather()]}));
    let first = &all[0]["choices"][0]["delta"];
    assert_eq!(
        (&first["role"], &first["tool_calls"][0]["function"]["arguments"]),
        (&json!("assistant"), &json!(""))
    );
    assert_eq!(joined(&all, 0, "/tool_calls/0/function/arguments"), function["arguments"].as_str().unwrap());
    assert!(all.len() > 4, "arguments come in several pieces");
}

#[test]
fn two_calls_when_both_are_meant() {
    let calls = |text: &str, parallel: bool| {
        let messages = json!([{"role": "user", "content": text}]);
        let fields =
            json!({"messages": messages, "tools": [weather(), clock()], "parallel_tool_calls": parallel});
        let message = plain(fields)["choices"][0]["message"].clone();
        let calls = message["tool_calls"].as_array().unwrap().clone();
        calls
            .iter()
            .map(|c| format!("{}{}", c["function"]["name"], c["function"]["arguments"]))
            .collect::<Vec<_>>()
    };
    let both = calls("Is the weather nice in both Oslo and Rome?", true);
    assert!(both.len() == 2 && both[0].contains("Oslo") && both[1].contains("Rome"), "{both:?}");
    let named = calls("use get_time, then get_weather", true);
    assert!(
        named.len() == 2 && named[0].contains("get_time") && named[1].contains("get_weather"),
        "{named:?}"
    );
    assert_eq!(calls("use get_time, then get_weather", false).len(), 1);
    assert_eq!(calls("hello", true).len(), 1);
}

#[test]
fn tool_choice_is_honoured() {
    let with = |choice: Value| plain(json!({"tools": [weather(), clock()], "tool_choice": choice}));
    assert!(with(json!("none"))["choices"][0]["message"]["content"].is_string());
    assert!(with(json!("required"))["choices"][0]["message"]["tool_calls"].is_array());
    let named = with(json!({"type": "function", "function": {"name": "get_time"}}));
    assert_eq!(named["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "get_time");
    assert_eq!(named["choices"][0]["finish_reason"], "stop");
}

#[test]
fn a_tool_result_is_spoken_of() {
    let messages = json!([{"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
            "function": {"name": "get_weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "12 degrees"}]);
    let answer = plain(json!({"messages": messages, "tools": [weather()]}));
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("The get_weather says: 12 degrees."), "{text}");
}

#[test]
fn json_is_answered_where_json_is_asked_for() {
    let content = |fields| {
        let answer = plain(fields);
        let text = answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    assert!(content(json!({"response_format": {"type": "json_object"}})).is_object());
    let schema = json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
    assert_eq!(content(json!({"response_format": format})), json!({"n": 1}));
}

#[test]
fn refusals_thoughts_and_images() {
    let refusal = plain(json!({"model": "mock-refuse"}))["choices"][0]["message"].clone();
    assert!(refusal["refusal"].is_string() && refusal["content"].is_null());
    assert!(joined(&chunks(json!({"model": "mock-refuse"})), 0, "/refusal").len() > 20);
    let parts = json!([{"role": "user", "content": [{"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}]}]);
    let answer = plain(json!({"messages": parts}));
    assert!(answer["choices"][0]["message"]["content"].as_str().unwrap().contains("You sent 1 image."));
}

#[test]
fn logprobs_belong_to_the_tokens() {
    let fields = json!({"logprobs": true, "top_logprobs": 3});
    let answer = plain(fields.clone());
    let tokens = answer["choices"][0]["logprobs"]["content"].as_array().unwrap().clone();
    let text: String = tokens.iter().map(|token| token["token"].as_str().unwrap()).collect();
    assert_eq!(text, answer["choices"][0]["message"]["content"].as_str().unwrap());
    for token in &tokens {
        let top = token["top_logprobs"].as_array().unwrap();
        let at = |place: usize| top[place]["logprob"].as_f64().unwrap();
        assert!(top.len() == 3 && at(0) > at(1) && at(1) > at(2) && top[0]["token"] == token["token"]);
        assert!(top[1]["token"] != token["token"] && top[2]["token"] != token["token"]);
        assert_eq!(token["bytes"].as_array().unwrap().len(), token["token"].as_str().unwrap().len());
    }
    let streamed = chunks(fields);
    assert_eq!(streamed[1]["choices"][0]["logprobs"]["content"][0], tokens[0]);
}

#[test]
fn equal_requests_get_equal_bytes_and_seeds_change_the_story() {
    let bytes = |fields: Value, seed: u64| match reply(
        ask(fields).to_string().as_bytes(),
        Options { seed, ..OPTIONS },
    ) {
        Ok(Reply::Plain(body)) => body,
        other => panic!("{other:?}"),
    };
    assert_eq!(bytes(json!({}), 7), bytes(json!({}), 7));
    assert_ne!(bytes(json!({}), 7), bytes(json!({}), 8));
    assert_ne!(bytes(json!({"seed": 1}), 7), bytes(json!({}), 7));
    let two = plain(json!({"n": 2}));
    assert_ne!(two["choices"][0]["message"], two["choices"][1]["message"]);
}

#[test]
fn bad_requests_are_refused_in_the_right_place() {
    let param = |fields: Value| refused(&ask(fields)).place.unwrap_or_default();
    assert_eq!(param(json!({"messages": null})), "messages");
    assert_eq!(param(json!({"messages": []})), "messages");
    assert_eq!(param(json!({"messages": "hi"})), "messages");
    assert_eq!(param(json!({"messages": [1]})), "messages[0]");
    assert_eq!(param(json!({"messages": [{"role": "robot", "content": ""}]})), "messages[0].role");
    assert_eq!(param(json!({"messages": [{"role": "user"}]})), "messages[0].content");
    assert_eq!(
        param(json!({"messages": [{"role": "user", "content": [{}]}]})),
        "messages[0].content[0].type"
    );
    assert_eq!(
        param(json!({"messages": [{"role": "tool", "content": "", "tool_call_id": "c"}]})),
        "messages[0].role"
    );
    assert_eq!(param(json!({"model": 7})), "model");
    assert_eq!(param(json!({"model": null})), "model");
    assert_eq!(param(json!({"n": 0})), "n");
    assert_eq!(param(json!({"n": -1})), "n");
    assert_eq!(param(json!({"n": 129})), "n");
    assert_eq!(param(json!({"n": 1.5})), "n");
    assert_eq!(param(json!({"stream": "yes"})), "stream");
    assert_eq!(param(json!({"top_logprobs": 3})), "top_logprobs");
    assert_eq!(param(json!({"stream_options": {}})), "stream_options");
    assert_eq!(param(json!({"tools": []})), "tools");
    assert_eq!(param(json!({"tools": [{}]})), "tools[0].function.name");
    assert_eq!(param(json!({"tool_choice": "required"})), "tool_choice");
    assert_eq!(param(json!({"tools": [clock()], "tool_choice": {"function": {"name": "x"}}})), "tool_choice");
    assert_eq!(param(json!({"response_format": {"type": "xml"}})), "response_format.type");
    assert_eq!(param(json!({"response_format": {"type": "json_schema"}})), "response_format.json_schema");
    assert_eq!(param(json!({"stop": ["a", "b", "c", "d", "e"]})), "stop");
    assert!(
        reply(b"{", OPTIONS).is_err()
            && reply(b"[]", OPTIONS).is_err()
            && reply(b"\xc3\x28", OPTIONS).is_err()
    );
}
