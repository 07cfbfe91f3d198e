//! Keys: where they go, and that they never come back.

use literllm_host::types::{EgressRow, FailureKind, Reached};
use literllm_host::{Chat, Engine, KeySource, Secret, StaticKeys};
use serde_json::Value;

use crate::script::{Act, KEY, Script, delta, engines, head, on_each, refusal, saying, tell};

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

async fn play(engine: Engine, exchange: Vec<Act>) -> Value {
    tell(Script::new([exchange]).client(engine).stream(hello()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn the_key_stands_in_its_header_and_nowhere_else() {
    for engine in engines() {
        let script = Script::new([saying(&["ok"])]);
        script.client(engine).infer("openai/m", "x").await.unwrap();
        let sent = script.sent().remove(0);
        let holders: Vec<&str> = sent
            .headers
            .iter()
            .filter(|header| header.value.contains(KEY))
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(holders, ["authorization"]);
        assert!(!sent.url.contains(KEY) && !String::from_utf8_lossy(&sent.body).contains(KEY));
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_is_said_before_anything_is_sent() {
    let told = on_each(|engine| async move {
        let script = Script::default();
        let client = script.builder(engine).keys(StaticKeys::new()).build().unwrap();
        let told = tell(client.stream(hello()).unwrap()).await;
        assert!(script.sent().is_empty());
        told
    })
    .await;
    assert_eq!(told["error"]["kind"], "authentication");
    assert!(told["error"]["message"].as_str().unwrap().contains("OPENAI_API_KEY"), "{told}");
    assert_eq!(told["report"]["attempts"][0]["maybe_billed"], false);
}

#[tokio::test(start_paused = true)]
async fn a_key_with_a_line_break_is_refused_without_showing_it() {
    let told = on_each(|engine| async move {
        let keys = StaticKeys::new().with("openai", "sk-from-a-file\n");
        let client = Script::default().builder(engine).keys(keys).build().unwrap();
        tell(client.stream(hello()).unwrap()).await
    })
    .await;
    assert_eq!(told["error"]["kind"], "authentication");
    assert!(told["error"]["message"].as_str().unwrap().contains("line break"), "{told}");
    assert!(!told.to_string().contains("sk-from-a-file"));
}

/// `tell` holds every error and its `Debug` against the key, so these show that it is not there.
#[tokio::test(start_paused = true)]
async fn an_echo_of_the_key_never_reaches_an_error() {
    let echo = format!("Incorrect API key provided: {KEY}. Find yours at ...");
    let told = on_each(|engine| {
        let echo = echo.clone();
        async move { play(engine, refusal(401, &[("x-request-id", KEY)], &echo)).await }
    })
    .await;
    assert_eq!(told["error"]["kind"], "authentication");
    assert!(told["error"]["raw"].as_str().unwrap().contains(&"*".repeat(KEY.len())), "{told}");
    assert_eq!(told["error"]["request_id"], "*".repeat(KEY.len()));
    assert!(!told.to_string().contains(KEY));
}

#[tokio::test(start_paused = true)]
async fn an_echo_cut_in_two_in_a_stream_is_found_too() {
    let told = on_each(|engine| async move {
        let (one, two) = KEY.split_at(9);
        let Act::Bytes(event) = delta(&format!("your key is {KEY}!")) else { unreachable!() };
        let event = String::from_utf8(event.to_vec()).unwrap();
        let at = event.find(KEY).unwrap() + one.len();
        let (before, after) = event.split_at(at);
        assert!(after.starts_with(two));
        let cut = Act::Fail(FailureKind::Reset, Reached::BodySeen);
        let pieces =
            [Act::Bytes(before.to_owned().into()), Act::Wait(5), Act::Bytes(after.to_owned().into()), cut];
        play(engine, [head()].into_iter().chain(pieces).collect()).await
    })
    .await;
    assert_eq!(
        told["error"]["partial"]["choices"][0]["content"][0]["text"],
        format!("your key is {}!", "*".repeat(KEY.len()))
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_of_ones_own_gets_a_key_only_when_told_so() {
    for engine in engines() {
        let script = Script::new([saying(&["a"]), saying(&["b"])]);
        let moved =
            |builder: literllm_host::ClientBuilder| builder.base_url("openai", "http://127.0.0.1:9/v1");
        moved(script.builder(engine)).build().unwrap().infer("openai/m", "x").await.unwrap();
        let named = moved(script.builder(engine)).key_env("openai", "MY_KEY").build().unwrap();
        named.infer("openai/m", "x").await.unwrap();
        let with_key: Vec<bool> = script
            .sent()
            .iter()
            .map(|sent| sent.headers.iter().any(|header| header.name == "authorization"))
            .collect();
        assert_eq!(with_key, [false, true], "{engine:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_asked_for_again_at_each_request() {
    struct Rotating(std::sync::atomic::AtomicU32);
    impl KeySource for Rotating {
        fn key(&self, row: &EgressRow, slot: u32) -> Option<Secret> {
            assert_eq!((row.provider.as_str(), slot), ("openai", 0));
            let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Some(Secret::new(format!("sk-rotating-{number}")))
        }
    }
    for engine in engines() {
        let script = Script::new([refusal(503, &[], "busy"), saying(&["ok"])]);
        let client = script.builder(engine).keys(Rotating(0.into())).build().unwrap();
        client.infer("openai/m", "x").await.unwrap();
        let keys: Vec<String> = script
            .sent()
            .iter()
            .flat_map(|sent| sent.headers.clone())
            .filter(|header| header.name == "authorization")
            .map(|header| header.value)
            .collect();
        assert_eq!(keys, ["Bearer sk-rotating-0", "Bearer sk-rotating-1"]);
    }
}
