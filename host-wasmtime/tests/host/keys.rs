//! Keys: where they go, and that they never come back.

use literllm_host::types::{EgressRow, FailureKind, Policy, Reached};
use literllm_host::{Chat, Engine, EnvKeys, KeySource, Secret, StaticKeys};
use serde_json::{Value, json};

use crate::script::{Act, KEY, Script, delta, engines, head, on_each, refusal, saying, tell};

/// The second key of the provider.
const SPARE: &str = "sk-9876543210-spare";

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
        assert_eq!(keys_sent(&script), ["sk-rotating-0", "sk-rotating-1"]);
    }
}

fn keys_sent(script: &Script) -> Vec<String> {
    let headers = script.sent().into_iter().flat_map(|sent| sent.headers);
    let keys = headers.filter(|header| header.name == "authorization");
    keys.map(|header| header.value.strip_prefix("Bearer ").unwrap().to_owned()).collect()
}

/// Of each attempt the key it used, what it met and what was waited for.
fn slots(told: &Value) -> Value {
    let attempts = told["report"]["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| {
            json!([attempt["key_slot"], attempt["error"], attempt["wait_ms"], attempt["wait_reason"]])
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_refused_or_limited_key_turns_to_the_next_at_once() {
    for (status, kind) in [(401, "authentication"), (403, "permission"), (429, "rate_limit")] {
        let told = on_each(|engine| async move {
            let script =
                Script::new([refusal(status, &[("retry-after", "9")], "not with this key"), saying(&["ok"])]);
            let keys = StaticKeys::new().with("openai", KEY).with_spare("openai", SPARE);
            let builder = script.builder(engine).spare_key_env("openai", "THE_SECOND_KEY").keys(keys);
            let client = builder.build().unwrap();
            assert!(!format!("{client:?}").contains("sk-"));
            let told = tell(client.stream(hello()).unwrap()).await;
            assert_eq!(keys_sent(&script), [KEY, SPARE]);
            told
        })
        .await;
        assert_eq!(slots(&told), json!([[0, kind, 0, "none"], [1, null, null, null]]), "{told}");
        assert!(!told.to_string().contains("sk-"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_rests_in_the_calls_that_follow() {
    for engine in engines() {
        let script = Script::new([refusal(401, &[], "no such key"), saying(&["one"]), saying(&["two"])]);
        let keys = StaticKeys::new().with("openai", KEY).with_spare("openai", SPARE);
        let client =
            script.builder(engine).spare_key_env("openai", "THE_SECOND_KEY").keys(keys).build().unwrap();
        client.infer("openai/m", "x").await.unwrap();
        client.infer("openai/m", "x").await.unwrap();
        assert_eq!(keys_sent(&script), [KEY, SPARE, SPARE], "{engine:?}");
        let memory = client.memory().unwrap();
        assert_eq!((memory.state().keys.len(), memory.state().keys[0].refused), (1, true));
        assert!(!format!("{memory:?}{}", memory.to_json().unwrap()).contains("sk-"));
    }
}

#[tokio::test(start_paused = true)]
async fn when_every_key_is_refused_the_error_shows_none() {
    let told = on_each(|engine| async move {
        let echo = |key: &str| refusal(401, &[("x-request-id", key)], &format!("wrong key: {key}"));
        let script = Script::new([echo(KEY), echo(SPARE)]);
        let keys = StaticKeys::new().with("openai", KEY).with_spare("openai", SPARE);
        let client =
            script.builder(engine).spare_key_env("openai", "THE_SECOND_KEY").keys(keys).build().unwrap();
        let error = client.stream(hello()).unwrap().finish().await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("wrong key") && !shown.contains("sk-"), "{shown}");
        json!({ "error": *error.detail, "report": error.report })
    })
    .await;
    assert_eq!(told["error"]["kind"], "authentication");
    assert_eq!(
        slots(&told),
        json!([[0, "authentication", 0, "none"], [1, "authentication", null, null]]),
        "{told}"
    );
}

/// cargo sets these for every test; what is in them goes for a key here.
const IS_SET: &str = "CARGO_PKG_NAME";
const IS_SET_TOO: &str = "CARGO_PKG_VERSION";

#[tokio::test(start_paused = true)]
async fn spare_keys_come_from_one_variable_each() {
    let [first, second] = [IS_SET, IS_SET_TOO].map(|name| std::env::var(name).unwrap());
    for engine in engines() {
        let script = Script::new([refusal(401, &[], "no"), saying(&["ok"])]);
        let builder = script.builder(engine).keys(EnvKeys).key_env("openai", IS_SET);
        let client = builder.spare_key_env("openai", IS_SET_TOO).build().unwrap();
        let row = client.egress().iter().find(|row| row.provider == "openai").unwrap().clone();
        assert_eq!((row.key_env, row.spare_key_env), (vec![IS_SET.to_owned()], vec![IS_SET_TOO.to_owned()]));
        client.infer("openai/m", "x").await.unwrap();
        assert_eq!(keys_sent(&script), [first.as_str(), &second], "{engine:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_not_set_turns_to_the_next_and_costs_nothing() {
    let told = on_each(|engine| async move {
        let script = Script::new([saying(&["ok"])]);
        let builder = script.builder(engine).keys(EnvKeys).key_env("openai", "LITERLLM_TEST_NO_SUCH_KEY");
        let builder =
            builder.spare_key_env("openai", "LITERLLM_TEST_NOR_SUCH_KEY").spare_key_env("openai", IS_SET);
        // One attempt, and yet the third key is reached.
        let once = Policy { max_attempts: Some(1), ..Policy::default() };
        let told = tell(builder.build().unwrap().stream(hello().policy(once)).unwrap()).await;
        assert_eq!(keys_sent(&script), [std::env::var(IS_SET).unwrap()]);
        told
    })
    .await;
    assert_eq!(
        slots(&told),
        json!([[0, "authentication", 0, "none"], [1, "authentication", 0, "none"], [2, null, null, null]]),
        "{told}"
    );
    assert_eq!(told["report"]["attempts"][0]["maybe_billed"], false);
}

#[tokio::test(start_paused = true)]
async fn when_no_key_is_set_the_last_variable_is_named() {
    let told = on_each(|engine| async move {
        let script = Script::default();
        let builder = script.builder(engine).keys(EnvKeys).key_env("openai", "LITERLLM_TEST_NO_SUCH_KEY");
        let builder = builder.spare_key_env("openai", "LITERLLM_TEST_NOR_SUCH_KEY");
        let told = tell(builder.build().unwrap().stream(hello()).unwrap()).await;
        assert!(script.sent().is_empty());
        told
    })
    .await;
    assert_eq!(
        (&told["error"]["kind"], &told["error"]["maybe_billed"]),
        (&json!("authentication"), &json!(false))
    );
    assert!(told["error"]["message"].as_str().unwrap().contains("LITERLLM_TEST_NOR_SUCH_KEY"), "{told}");
    let causes = told["report"]["attempts"].as_array().unwrap();
    assert!(causes[0]["cause"].as_str().unwrap().contains("LITERLLM_TEST_NO_SUCH_KEY"), "{told}");
}
