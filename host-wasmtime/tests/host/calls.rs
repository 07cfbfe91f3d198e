//! Calls that go as they should, and the ways in which a caller leaves one.

use futures_util::{FutureExt as _, StreamExt as _};
use literllm_host::types::{Event, FailureKind, FinishReason, Part, Reached, Request};
use literllm_host::{Chat, Client};
use serde_json::{Value, json};

use crate::script::{Act, Script, delta, done, engines, head, on_each, saying, tell, tell_outcome};

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_its_pieces_and_folds_to_the_answer() {
    let told = on_each(|engine| async move {
        let script = Script::new([saying(&["Hel", "lo"])]);
        let told = tell(script.client(engine).stream(hello()).unwrap()).await;
        let sent = script.sent().remove(0);
        assert_eq!(sent.url, "https://api.openai.com/v1/chat/completions");
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body["stream"], true);
        told
    })
    .await;
    let texts: Vec<&Value> =
        told["events"].as_array().unwrap().iter().filter(|event| event["type"] == "text_delta").collect();
    assert_eq!(texts.len(), 2, "{told}");
    assert_eq!(told["answer"]["choices"][0]["content"][0]["text"], "Hello");
    assert_eq!(told["answer"]["request_id"], "req_1");
    assert_eq!(told["report"]["attempts"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn bytes_cut_anywhere_tell_the_same() {
    let whole: Vec<u8> = saying(&["né", "🦀", "!"]).into_iter().fold(Vec::new(), |mut all, act| {
        if let Act::Bytes(bytes) = act {
            all.extend_from_slice(&bytes);
        }
        all
    });
    let mut told = Vec::new();
    for size in [whole.len(), 1, 7] {
        let pieces = whole.chunks(size).flat_map(|piece| [Act::Bytes(piece.to_vec().into()), Act::Wait(0)]);
        let exchange: Vec<Act> = [head()].into_iter().chain(pieces).collect();
        told.push(
            on_each(|engine| {
                let exchange = exchange.clone();
                async move { tell(Script::new([exchange]).client(engine).stream(hello()).unwrap()).await }
            })
            .await,
        );
    }
    for other in &told[1..] {
        assert_eq!((&told[0]["events"], &told[0]["answer"]), (&other["events"], &other["answer"]));
    }
    assert_eq!(told[0]["answer"]["choices"][0]["content"][0]["text"], "né🦀!");
}

#[tokio::test(start_paused = true)]
async fn infer_gives_text_pieces_usage_and_finish() {
    on_each(|engine| async move {
        let client = Script::new([saying(&["Li", "ma"])]).client(engine);
        let answer = client.infer("openai/gpt-4o-mini", "What is the capital of Peru?").await.unwrap();
        assert_eq!(
            (answer.text.as_str(), answer.tokens.as_slice()),
            ("Lima", &["Li".to_owned(), "ma".to_owned()][..])
        );
        assert_eq!(answer.usage.as_ref().unwrap().output_tokens, Some(2));
        assert_eq!(answer.finish.as_ref().unwrap().unified, FinishReason::Stop);
        assert_eq!(answer.report.attempts.len(), 1);
        tell_outcome(Ok((answer.response, answer.report)))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_plain_chat_needs_no_stream_and_shows_tool_calls() {
    let body = json!({ "id": "c1", "model": "gpt-4o-mini", "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": {
        "role": "assistant", "content": null,
        "tool_calls": [{ "id": "t1", "type": "function", "function": { "name": "weather", "arguments": "{\"city\":\"Lima\"}" } }] } }] });
    on_each(|engine| {
        let body = body.to_string();
        async move {
            let exchange = vec![
                Act::Head(200, vec![("content-type", "application/json".into())]),
                Act::Bytes(body.into()),
            ];
            let script = Script::new([exchange]);
            let chat =
                hello().function("weather", "The weather of a city", r#"{"type":"object"}"#).temperature(0.5);
            let answer = script.client(engine).chat(chat).await.unwrap();
            let calls = answer.tool_calls();
            assert_eq!(
                (calls[0].name.as_str(), calls[0].arguments.as_str()),
                ("weather", r#"{"city":"Lima"}"#)
            );
            assert_eq!(
                (answer.text(), answer.finish().unwrap().unified),
                (String::new(), FinishReason::ToolCalls)
            );
            let sent: Value = serde_json::from_slice(&script.sent()[0].body).unwrap();
            assert_eq!(
                (&sent["temperature"], &sent["tools"][0]["function"]["name"]),
                (&json!(0.5), &json!("weather"))
            );
            tell_outcome(Ok((answer.response, answer.report)))
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn pictures_travel_as_base64_beside_the_core() {
    let picture: Vec<u8> = (0..100_001u32).map(|n| (n % 251) as u8).collect();
    for engine in engines() {
        let script = Script::new([saying(&["A", " crab"])]);
        let chat = hello().image(picture.clone(), "image/png").image(&b"two"[..], "image/jpeg");
        assert!(!format!("{chat:?}").contains("two"), "Debug shows lengths, not bytes");
        script.client(engine).stream(chat).unwrap().finish().await.unwrap();
        let sent: Value = serde_json::from_slice(&script.sent()[0].body).unwrap();
        let parts = sent["messages"][0]["content"].as_array().unwrap();
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(&picture);
        assert!(parts[1]["image_url"]["url"] == format!("data:image/png;base64,{encoded}"), "{engine:?}");
        assert_eq!(parts[2]["image_url"]["url"], "data:image/jpeg;base64,dHdv");
    }
}

#[tokio::test(start_paused = true)]
async fn a_blob_that_is_not_there_costs_no_request() {
    let told = on_each(|engine| async move {
        let with = hello().image(&b"png"[..], "image/png");
        let script = Script::default();
        // A request alone: its blobs were left behind.
        let told = tell(script.client(engine).stream(with.request).unwrap()).await;
        assert!(script.sent().is_empty());
        told
    })
    .await;
    assert_eq!(told["error"]["kind"], "invalid_request");
    assert!(told["error"]["message"].as_str().unwrap().contains("blob-1"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_cut_stream_is_an_error_with_the_text_so_far() {
    let told = on_each(|engine| async move {
        let failing = vec![head(), delta("Half an"), Act::Fail(FailureKind::Reset, Reached::BodySeen)];
        let mut stream = Script::new([failing]).client(engine).stream(hello()).unwrap();
        let mut errors = 0;
        while let Some(item) = stream.next().await {
            if let Err(error) = item {
                errors += 1;
                assert_eq!(error.text_so_far(), "Half an");
            }
        }
        assert_eq!(errors, 1, "the error comes once, and then the stream is over");
        assert!(stream.next().await.is_none());
        assert!(stream.outcome().unwrap().is_err());
        tell_outcome(stream.finish().await.map(|answer| (answer.response, answer.report)))
    })
    .await;
    assert_eq!(told["error"]["kind"], "cut", "{told}");
}

#[tokio::test(start_paused = true)]
async fn unsound_requests_fail_before_anything_is_sent() {
    let told = on_each(|engine| async move {
        let script = Script::default();
        let client = script.client(engine);
        let kind = |chat: Chat| client.stream(chat).map(drop).unwrap_err().kind();
        let kinds = [
            kind(Chat::new("openai/m")),
            kind(Chat::new("nobody/m").user("x")),
            kind(Chat::new("m").user("x")),
        ];
        assert!(script.sent().is_empty());
        json!(kinds)
    })
    .await;
    assert_eq!(told, json!(["invalid_request", "unknown_provider", "invalid_request"]));
}

#[tokio::test(start_paused = true)]
async fn dropping_ends_the_exchange_wherever_it_stands() {
    for engine in engines() {
        let script = Script::new([vec![Act::Hang], vec![head(), delta("a"), Act::Hang], vec![Act::Hang]]);
        let client = script.client(engine);
        let mut before_head = client.stream(hello()).unwrap();
        assert!(before_head.next().now_or_never().is_none());
        let mut in_body = client.stream(hello()).unwrap();
        assert!(matches!(in_body.next().await, Some(Ok(Event::Start(_)))), "{engine:?}");
        let infer = Box::pin(client.infer("openai/gpt-4o-mini", "x"));
        let mut infer = infer.fuse();
        assert!((&mut infer).now_or_never().is_none());
        assert_eq!(script.under_way(2), 3);
        drop(before_head);
        assert_eq!(script.under_way(2), 2);
        drop(in_body);
        drop(infer);
        assert_eq!(script.under_way(2), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn cancel_ends_the_exchange_and_tells_what_had_come() {
    let told = on_each(|engine| async move {
        let script = Script::new([vec![head(), delta("so far"), Act::Hang]]);
        let mut stream = script.client(engine).stream(hello()).unwrap();
        while !matches!(stream.next().await, Some(Ok(Event::TextDelta(_)))) {}
        stream.cancel();
        assert_eq!(script.under_way(2), 0);
        tell(stream).await
    })
    .await;
    assert_eq!(told["error"]["kind"], "cancelled");
    assert_eq!(told["error"]["partial"]["choices"][0]["content"][0]["text"], "so far");
}

#[tokio::test(start_paused = true)]
async fn two_calls_of_one_client_run_at_once() {
    for engine in engines() {
        let first = vec![head(), delta("one"), Act::Wait(50), delta(" and"), Act::Wait(50), done()];
        let second = vec![head(), Act::Wait(25), delta("two"), Act::Wait(50), done()];
        let client = Script::new([first, second]).client(engine);
        let other = client.clone();
        let (one, two) = tokio::join!(client.infer("openai/a", "x"), other.infer("openai/b", "x"));
        assert_eq!((one.unwrap().text, two.unwrap().text), ("one and".to_owned(), "two".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_run_from_many_threads() {
    fn is_fit<T: Send + Sync + Clone + 'static>(_: &T) {}
    fn may_move<T: Send>(_: &T) {}
    for engine in engines() {
        let client = Script::default().client(engine);
        is_fit(&client);
        may_move(&client.infer("openai/a", "x"));
        may_move(&client.stream(hello()).unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_a_futures_stream() {
    for engine in engines() {
        let mut stream = Script::new([saying(&["a", "b"])]).client(engine).stream(hello()).unwrap();
        let events: Vec<Event> = stream.by_ref().map(|event| event.unwrap()).collect().await;
        let text: String = events
            .iter()
            .filter_map(|e| if let Event::TextDelta(d) = e { Some(d.text.as_str()) } else { None })
            .collect();
        assert_eq!(text, "ab");
        let content = &stream.outcome().unwrap().as_ref().unwrap().response.choices[0].content;
        assert!(matches!(&content[0], Part::Text(text) if text.text == "ab"));
    }
}

#[test]
fn a_request_of_ones_own_is_a_chat() {
    let request: Request = serde_json::from_value(json!({
        "model": "openai/gpt-4o-mini", "messages": [{ "role": "user", "content": "Hi" }] }))
    .unwrap();
    assert_eq!(Chat::from(request.clone()).request, request);
}

#[test]
fn a_client_says_what_it_is() {
    for engine in engines() {
        let client = Client::builder().engine(engine).build().unwrap();
        assert!(client.egress().iter().any(|row| row.provider == "openai"));
        assert!(format!("{client:?}").contains("openai"));
        #[cfg(feature = "component")]
        assert_eq!(client.component_info().is_some(), engine == literllm_host::Engine::Component);
    }
}
