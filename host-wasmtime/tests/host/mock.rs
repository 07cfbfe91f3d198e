//! The real HTTP stack against the simulator: bytes over sockets, and connections that break.

use literllm_host::types::{Error as Detail, ErrorKind, Event, Header, Policy};
use literllm_host::{Chat, Client, ClientBuilder, Error};
use literllm_mock::{Config, Mock};
use serde_json::Value;

use crate::script::{KEY, engines};

async fn mock() -> Mock {
    Mock::start(Config { require_key: Some(KEY.to_owned()), ..Config::default() }).await.unwrap()
}

fn builder(mock: &Mock) -> ClientBuilder {
    Client::builder()
        .base_url("openai", format!("{}/v1", mock.base_url()))
        .key_env("openai", "LITERLLM_TEST_KEY")
        .keys(literllm_host::StaticKeys::new().with("openai", KEY))
}

/// A chat that meets a fault. One attempt, unless the test is about a second.
fn meeting(fault: &str) -> Chat {
    let mut chat = Chat::new("openai/gpt-4o-mini").user("Tell me a story");
    chat.request.headers.push(Header { name: "x-mock-fault".into(), value: fault.into() });
    chat.policy(Policy { max_attempts: Some(1), ..Policy::default() })
}

/// The error of a streamed chat on every engine; they must say the same.
async fn error_of(fault: &str) -> Error {
    let mut errors: Vec<Error> = Vec::new();
    for engine in engines() {
        let mock = mock().await;
        let client = builder(&mock).engine(engine).build().unwrap();
        let error = client.stream(meeting(fault)).unwrap().finish().await.expect_err(fault);
        assert!(!format!("{error} {error:?}").contains(KEY));
        errors.push(error);
    }
    // How many bytes had come when it failed depends on the luck of the sockets.
    let essence = |error: &Error| Detail { message: String::new(), bytes_seen: 0, ..(*error.detail).clone() };
    assert!(errors.iter().all(|error| essence(error) == essence(&errors[0])), "{fault}: {errors:?}");
    errors.remove(0)
}

#[tokio::test]
async fn plain_and_streamed_chats_over_sockets() {
    for engine in engines() {
        let mock = mock().await;
        let client = builder(&mock).engine(engine).build().unwrap();
        let chat = || Chat::new("openai/gpt-4o-mini").user("Tell me a story");
        let plain = client.chat(chat()).await.unwrap();
        let mut stream = client.stream(chat()).unwrap();
        let mut text = String::new();
        while let Some(event) = stream.next().await {
            if let Event::TextDelta(delta) = event.unwrap() {
                text.push_str(&delta.text);
            }
        }
        let streamed = stream.finish().await.unwrap();
        assert_eq!((plain.text(), text), (streamed.text(), streamed.text()));
        assert!(!plain.text().is_empty() && plain.usage().is_some());

        let seen = mock.requests();
        let length = seen[0].header("content-length").map(str::parse::<usize>);
        assert_eq!(length, Some(Ok(seen[0].body.len())), "the body has a length, not chunks");
        assert_eq!(seen[0].header("user-agent"), Some(concat!("literllm/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(mock.stats().connections, 1, "the connection was kept");
    }
}

#[tokio::test]
async fn a_picture_arrives_whole() {
    for engine in engines() {
        let mock = mock().await;
        let picture: Vec<u8> = (0..300_001u32).map(|n| (n % 253) as u8).collect();
        let chat = Chat::new("openai/gpt-4o-mini").user("What is this?").image(picture.clone(), "image/png");
        builder(&mock).engine(engine).build().unwrap().chat(chat).await.unwrap();
        let body: Value = serde_json::from_str(&mock.requests()[0].body).unwrap();
        use base64::Engine as _;
        let encoded = base64::engine::general_purpose::STANDARD.encode(&picture);
        assert!(body["messages"][0]["content"][1]["image_url"]["url"].as_str().unwrap().ends_with(&encoded));
    }
}

#[tokio::test]
async fn answers_that_are_odd_but_whole_are_read() {
    for fault in ["one-byte", "crlf", "comments", "no-done", "no-usage", "plain-for-stream"] {
        for engine in engines() {
            let mock = mock().await;
            let client = builder(&mock).engine(engine).build().unwrap();
            let answer = client.stream(meeting(fault)).unwrap().finish().await;
            assert!(!answer.unwrap_or_else(|error| panic!("{fault}: {error}")).text().is_empty());
        }
    }
}

#[tokio::test]
async fn every_fault_is_an_error_of_its_kind() {
    use ErrorKind::*;
    let table: &[(&str, ErrorKind, bool)] = &[
        ("status;code=400", InvalidRequest, false),
        ("status;code=401", Authentication, false),
        ("status;code=403", Permission, false),
        ("status;code=404", NotFound, false),
        ("status;code=429;retry_after=1", RateLimit, false),
        ("status;code=500;body=html", Server, false),
        ("status;code=503;body=empty", Overloaded, false),
        ("redirect", Redirect, false),
        ("reset-before-head", Connection, false),
        ("close-before-head", Connection, false),
        ("reset-after-head", Cut, false),
        ("cut;after=2", Cut, true),
        ("reset-mid-stream;after=2", Cut, true),
        ("abort-mid-stream;after=2", Cut, true),
        ("error-in-200;after=2", Server, true),
    ];
    for (fault, kind, has_text) in table {
        let error = error_of(fault).await;
        assert_eq!(error.kind(), *kind, "{fault}: {error}");
        assert_eq!(!error.text_so_far().is_empty(), *has_text, "{fault}: {error:?}");
    }
}

#[tokio::test]
async fn nonsense_is_an_error_and_never_a_short_answer() {
    for fault in ["broken-json;after=2", "invalid-utf8;after=2", "html", "empty-body"] {
        let error = error_of(fault).await;
        assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::Cut), "{fault}: {error:?}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_take_the_key_along() {
    let elsewhere = mock().await;
    let error = error_of(&format!("redirect;to={}/v1/chat/completions", elsewhere.base_url())).await;
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!((elsewhere.stats().connections, error.detail.status), (0, Some(307)));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_connection_error() {
    let mock = mock().await;
    let address = mock.base_url();
    mock.stop().await;
    for engine in engines() {
        let client =
            Client::builder().engine(engine).base_url("openai", format!("{address}/v1")).build().unwrap();
        let error = client.chat(meeting("one-byte")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(!error.report.unwrap().attempts[0].maybe_billed, "nothing was sent");
    }
}

#[tokio::test]
async fn the_server_sees_a_dropped_stream() {
    for engine in engines() {
        let mock = mock().await;
        let client = builder(&mock).engine(engine).build().unwrap();
        let mut stream = client.stream(meeting("stall;after=3")).unwrap();
        while !matches!(stream.next().await, Some(Ok(Event::TextDelta(_)))) {}
        drop(stream);
        mock.idle().await;
        assert_eq!(mock.stats().aborted_by_client, 1, "{engine:?}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_an_authentication_error() {
    for engine in engines() {
        let mock = mock().await;
        let keys = literllm_host::StaticKeys::new().with("openai", "sk-wrong-but-long-enough");
        let client = builder(&mock).engine(engine).keys(keys).build().unwrap();
        let error = client.infer("openai/gpt-4o-mini", "x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(!format!("{error:?}").contains("sk-wrong"));
    }
}
