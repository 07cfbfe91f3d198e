//! A core that traps and hedges on request (`target/literllm-hooks.wasm`, laid by `cargo xtask build`).
//!
//! Every host has such tests. What they show: the host serves the whole step before a policy needs it,
//! and a trap ends the calls of one instance and nothing else.

use literllm_host::types::{ErrorKind, ExtraBody};
use literllm_host::{Chat, ChatStream, Client, Engine, Error};

use crate::script::{Act, Script, delta, head, saying};

fn component() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/literllm-hooks.wasm");
    std::fs::read(path).expect("target/literllm-hooks.wasm is missing; next: `cargo xtask build`")
}

fn client(script: &Script) -> Client {
    script.builder(Engine::Component).component(component()).build().unwrap()
}

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

fn hedged(after_ms: u64) -> Chat {
    let mut chat = hello();
    let body = format!("{{\"hedge_after_ms\":{after_ms}}}");
    chat.request.extra.push(ExtraBody { protocol: "test-hook".into(), body });
    chat
}

/// The head that makes the core trap.
fn trap() -> Vec<Act> {
    vec![Act::Head(200, vec![("x-literllm-hook", "trap".into())])]
}

/// Reads until the first visible piece is there.
async fn begun(client: &Client) -> ChatStream {
    let mut stream = client.stream(hello()).unwrap();
    while !matches!(stream.next().await, Some(Ok(literllm_host::types::Event::TextDelta(_)))) {}
    stream
}

fn is_gone(error: &Error) -> bool {
    error.kind() == ErrorKind::Internal && error.detail.retryable
}

#[tokio::test(start_paused = true)]
async fn the_second_attempt_wins_and_the_first_is_broken_off() {
    let script = Script::new([vec![Act::Hang], saying(&["two", "!"])]);
    let client = client(&script);
    let answer = client.stream(hedged(50)).unwrap().finish().await.unwrap();
    assert_eq!((answer.text().as_str(), script.sent().len(), script.under_way(2)), ("two!", 2, 0));
    assert_eq!(answer.report.ended_ms - answer.report.started_ms, 50);
}

#[tokio::test(start_paused = true)]
async fn the_first_attempt_wins_though_the_second_was_sent() {
    let mut first = saying(&["one"]);
    first.insert(0, Act::Wait(80));
    let script = Script::new([first, vec![Act::Hang]]);
    let answer = client(&script).stream(hedged(50)).unwrap().finish().await.unwrap();
    assert_eq!((answer.text().as_str(), script.sent().len(), script.under_way(1)), ("one", 2, 0));
}

#[tokio::test(start_paused = true)]
async fn no_second_attempt_when_the_first_is_quick_and_both_end_when_the_reader_leaves() {
    let script = Script::new([saying(&["one"]), vec![Act::Hang], vec![Act::Hang]]);
    let client = client(&script);
    assert_eq!(client.stream(hedged(50)).unwrap().finish().await.unwrap().text(), "one");
    assert_eq!(script.sent().len(), 1);
    let mut left = client.stream(hedged(50)).unwrap();
    let waited = tokio::time::timeout(std::time::Duration::from_millis(60), left.next()).await;
    assert!(waited.is_err() && script.sent().len() == 3 && script.under_way(2) == 2);
    drop(left);
    assert_eq!(script.under_way(2), 0);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_with_a_trap_in_every_hundredth() {
    let exchange = |number: usize| if number.is_multiple_of(100) { trap() } else { saying(&["fine"]) };
    let script = Script::new((1..=1000).map(exchange));
    let client = client(&script);
    let (mut answers, mut traps) = (0, 0);
    for _ in 1..=1000 {
        match client.infer("openai/gpt-4o-mini", "Hello").await {
            Ok(answer) => answers += usize::from(answer.text == "fine"),
            Err(error) => {
                assert!(error.kind() == ErrorKind::Internal && !error.detail.retryable, "{error}");
                traps += 1;
            }
        }
    }
    assert_eq!((answers, traps), (990, 10));
}

#[tokio::test(start_paused = true)]
async fn fifty_at_once_with_one_trap() {
    let open = || vec![head(), delta("a"), Act::Hang];
    let script = Script::new((0..49).map(|_| open()).chain([trap(), saying(&["next"])]));
    let other_script = Script::new([vec![head(), delta("a"), Act::Wait(5), delta("b")]]);
    let (client, other) = (client(&script), client(&other_script));
    let mut beside = begun(&other).await;
    let mut streams = Vec::new();
    for _ in 0..49 {
        streams.push(begun(&client).await);
    }
    let broken = client.infer("openai/gpt-4o-mini", "Hello").await.unwrap_err();
    assert!(broken.kind() == ErrorKind::Internal && !broken.detail.retryable, "{broken}");
    // They wait for bytes that never come; the reader's next question finds the instance dead.
    for stream in &mut streams {
        stream.cancel();
        assert!(matches!(stream.next().await, Some(Err(error)) if is_gone(&error)));
    }
    assert_eq!(client.infer("openai/gpt-4o-mini", "Hello").await.unwrap().text, "next");
    drop(streams);
    assert_eq!(script.under_way(2), 0);
    // Another client is another instance.
    assert!(matches!(beside.next().await, Some(Ok(_))));
}

#[test]
fn a_component_that_is_none_is_refused_when_the_client_is_made() {
    for bytes in [&b""[..], b"\0asm", b"not wasm at all"] {
        let error = Client::builder().engine(Engine::Component).component(bytes).build().unwrap_err();
        assert!(
            error.kind() == ErrorKind::InvalidRequest && error.to_string().contains("component"),
            "{error}"
        );
    }
}
