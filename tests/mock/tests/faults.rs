//! Each fault does on the wire what its row says, in every wire format.

mod common;

use std::io::ErrorKind::ConnectionReset;
use std::time::Duration;

use common::{PLAIN, STREAM, WIRES, chat, faulty, start};
use literllm_mock::{Config, FAULTS, FORMATS, Fault, FaultKind, Mock, Step};
use serde_json::Value;
use tokio::time::Instant;

/// The events of a stream, each with its blank line.
fn events(text: &str) -> Vec<String> {
    text.split_inclusive("\n\n").map(str::to_owned).collect()
}

/// The JSON of an event.
fn data(event: &str) -> Result<Value, serde_json::Error> {
    let line = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
    serde_json::from_str(line)
}

#[test]
fn every_format_is_tested_here() {
    let named: Vec<&str> = WIRES.iter().map(|wire| wire.format().name).collect();
    let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(named, known);
}

#[tokio::test]
async fn every_fault_strikes_is_counted_and_leaves_the_simulator_alive() {
    for wire in WIRES {
        let mock = start().await;
        for row in FAULTS {
            let mut fault = Fault::new(row.kind);
            for param in row.params.iter().filter(|param| param.name.ends_with("_ms")) {
                fault = fault.with(param.name, 0).unwrap();
            }
            let spoilt = wire.faulty(&mock, &fault.to_string(), wire.stream).await;
            wire.faulty(&mock, &fault.to_string(), wire.plain).await;
            assert_eq!(mock.stats().by_fault.get(row.name), Some(&2), "{wire:?} {}", row.name);
            assert_eq!(wire.chat(&mock, "", wire.plain).await.status(), 200, "after {}", row.name);
            let resets = row.name.starts_with("reset-");
            assert_eq!(spoilt.error, resets.then_some(ConnectionReset), "{wire:?} {}", row.name);
        }
        mock.idle().await;
        assert_eq!(mock.stats().aborted_by_client, 0);
    }
}

#[tokio::test]
async fn a_stream_in_good_order_has_a_text_an_end_and_a_mark() {
    let mock = start().await;
    for wire in WIRES {
        let whole = wire.chat(&mock, "", wire.stream).await.streamed();
        let events = events(&whole);
        assert!(events.last().unwrap().starts_with(wire.last), "{whole}");
        assert!(whole.contains(wire.finish) && whole.contains("usage"), "{whole}");
        assert!(events.iter().filter(|event| event.contains(wire.text_mark)).count() > 20, "{whole}");
    }
}

#[tokio::test]
async fn resets_are_resets_and_what_was_sent_before_them_arrives() {
    let mock = start().await;
    for wire in WIRES {
        let before = wire.faulty(&mock, "reset-before-head", wire.stream).await;
        assert_eq!((before.raw.len(), before.error), (0, Some(ConnectionReset)));

        for body in [wire.stream, wire.plain] {
            let after = wire.faulty(&mock, "reset-after-head", body).await;
            assert_eq!((after.status(), after.body().len(), after.error), (200, 0, Some(ConnectionReset)));
        }

        let middle = wire.faulty(&mock, "reset-mid-stream;after=5", wire.stream).await;
        let (chunks, terminated) = middle.chunks();
        assert_eq!((chunks.len(), terminated, middle.error), (5, false, Some(ConnectionReset)));

        let plain = wire.faulty(&mock, "reset-mid-stream=2", wire.plain).await;
        assert_eq!((plain.body().len(), plain.error), (128, Some(ConnectionReset)));
        assert!(plain.header("content-length").unwrap().parse::<usize>().unwrap() > 128);
    }
}

#[tokio::test]
async fn closes_are_clean_but_early() {
    let mock = start().await;
    for wire in WIRES {
        let before = wire.faulty(&mock, "close-before-head", wire.stream).await;
        assert_eq!((before.raw.len(), before.error), (0, None));
        let middle = wire.faulty(&mock, "abort-mid-stream=2", wire.stream).await;
        let (chunks, terminated) = middle.chunks();
        assert_eq!((chunks.len(), terminated, middle.error), (2, false, None));
        let plain = wire.faulty(&mock, "abort-mid-stream=1", wire.plain).await;
        assert_eq!((plain.body().len(), plain.error), (64, None));
    }
}

#[tokio::test]
async fn cut_is_well_framed_and_comes_before_the_finish_at_every_place() {
    let mock = start().await;
    for wire in WIRES {
        let whole = events(&wire.chat(&mock, "", wire.stream).await.streamed());
        for after in [1, 2, 4, 9, 1_000_000] {
            let stream = wire.faulty(&mock, &format!("cut={after}"), wire.stream).await;
            let (chunks, terminated) = stream.chunks();
            assert!(terminated && (chunks.len() == after || after == 1_000_000), "{wire:?} {after}");
            let heard = events(&stream.streamed());
            assert_eq!(heard, whole[..heard.len()]);
            assert!(!stream.streamed().contains(wire.last) && !stream.streamed().contains(wire.finish));
        }
        let plain = wire.faulty(&mock, "cut=1", wire.plain).await;
        assert_eq!((plain.header("content-length").as_deref(), plain.body().len()), (Some("64"), 64));
        // hyper knows that nothing will come, and says so.
        let nothing = wire.faulty(&mock, "cut=0", wire.stream).await;
        assert_eq!((nothing.status(), nothing.header("content-length").as_deref()), (200, Some("0")));
    }
}

#[tokio::test]
async fn status_has_code_body_and_pauses() {
    let mock = start().await;
    for wire in WIRES {
        let plain = wire.faulty(&mock, "status;retry_after=2;retry_after_ms=1500", wire.plain).await;
        assert_eq!((plain.status(), plain.header("retry-after").as_deref()), (429, Some("2")));
        assert_eq!(plain.header("retry-after-ms").as_deref(), Some("1500"));
        let date = "status=503;retry_after=Wed, 21 Oct 2015 07:28:00 GMT;body=html";
        let date = wire.faulty(&mock, date, wire.stream).await;
        assert_eq!(date.header("retry-after").as_deref(), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
        assert_eq!(
            (date.status(), date.header("content-type").as_deref()),
            (503, Some("text/html; charset=utf-8"))
        );
        assert_eq!(wire.faulty(&mock, "status=500;body=empty", wire.plain).await.text(), "");
        let gateway = wire.faulty(&mock, "status=500;body=openai", wire.plain).await;
        assert!(gateway.text().starts_with("{\"error\":{\"message\":"));
        for code in [200, 204, 304, 301, 529, 599] {
            assert_eq!(wire.faulty(&mock, &format!("status={code}"), wire.plain).await.status(), code);
        }
    }
}

/// Format, status, and where in the body what is said of it.
const ERRORS: &[(&str, u16, &str, &str)] = &[
    ("openai-chat", 429, "/error/code", "rate_limit_exceeded"),
    ("openai-chat", 401, "/error/code", "invalid_api_key"),
    ("anthropic-messages", 400, "/error/type", "invalid_request_error"),
    ("anthropic-messages", 401, "/error/type", "authentication_error"),
    ("anthropic-messages", 403, "/error/type", "permission_error"),
    ("anthropic-messages", 404, "/error/type", "not_found_error"),
    ("anthropic-messages", 413, "/error/type", "request_too_large"),
    ("anthropic-messages", 429, "/error/type", "rate_limit_error"),
    ("anthropic-messages", 500, "/error/type", "api_error"),
    ("anthropic-messages", 529, "/error/type", "overloaded_error"),
    ("anthropic-messages", 529, "/type", "error"),
    ("cohere-chat", 429, "/message", "The simulator answers 429, as it was asked to."),
    ("cohere-chat", 500, "/message", "The simulator answers 500, as it was asked to."),
];

#[tokio::test]
async fn errors_have_the_shape_and_the_words_of_the_format() {
    let mock = start().await;
    for (name, status, pointer, words) in ERRORS {
        let wire = WIRES.iter().find(|wire| wire.format().name == *name).unwrap();
        let heard = wire.faulty(&mock, &format!("status={status}"), wire.plain).await;
        let body: Value = serde_json::from_slice(&heard.body()).unwrap();
        assert_eq!((heard.status(), body.pointer(pointer)), (*status, Some(&(*words).into())), "{body}");
    }
    for wire in WIRES {
        // One that the simulator found itself has the same shape as one it was asked for.
        let keys = |body: Vec<u8>| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            body.as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        let asked = keys(wire.faulty(&mock, "status=400", wire.plain).await.body());
        let bad = wire.chat(&mock, "", "{}").await;
        assert_eq!((bad.status(), keys(bad.body())), (400, asked.clone()));
        assert_eq!(keys(wire.faulty(&mock, "no-such-fault", wire.plain).await.body()), asked);
        assert_eq!(keys(wire.faulty(&mock, "error-in-200", wire.plain).await.body()), asked);
    }
}

#[tokio::test]
async fn a_stream_fails_in_the_words_of_the_format() {
    let mock = start().await;
    for wire in WIRES {
        let error = wire.faulty(&mock, "error-in-200=2;code=529", wire.stream).await;
        let (events, terminated) = error.chunks();
        assert_eq!((error.status(), events.len(), terminated), (200, 2 + wire.failure_events, true));
        let failure = String::from_utf8_lossy(&events[2]).into_owned();
        assert!(failure.starts_with(wire.failure) && failure.contains("lost its thread"), "{failure}");
        assert_eq!(failure.contains("overloaded_error"), wire.format().name == "anthropic-messages");
    }
}

#[tokio::test]
async fn one_byte_is_one_byte() {
    let mock = start().await;
    for wire in WIRES {
        let whole = wire.chat(&mock, "", wire.stream).await.streamed();
        let slow = wire.faulty(&mock, "one-byte", wire.stream).await;
        assert!(slow.chunks().0.iter().all(|chunk| chunk.len() == 1) && slow.chunks().1);
        assert_eq!(slow.streamed(), whole);
        let plain = wire.chat(&mock, "", wire.plain).await.body();
        assert_eq!(wire.faulty(&mock, "one-byte", wire.plain).await.body(), plain);
    }
}

#[tokio::test]
async fn spoilt_events() {
    let mock = start().await;
    for wire in WIRES {
        let whole = events(&wire.chat(&mock, "", wire.stream).await.streamed());
        let broken = events(&wire.faulty(&mock, "broken-json=2", wire.stream).await.streamed());
        let differ: Vec<usize> = (0..whole.len()).filter(|place| whole[*place] != broken[*place]).collect();
        assert_eq!((broken.len(), &differ[..]), (whole.len(), &[2][..]));
        assert!(data(&broken[2]).is_err() && data(&whole[2]).is_ok());

        let bytes = wire.faulty(&mock, "invalid-utf8=2", wire.stream).await.chunks().0;
        let invalid: Vec<&Vec<u8>> =
            bytes.iter().filter(|chunk| std::str::from_utf8(chunk).is_err()).collect();
        assert_eq!((invalid.len(), bytes.len()), (1, whole.len()));
        assert!(invalid[0].windows(2).any(|pair| pair == [0xc3, 0x28]));
        assert!(String::from_utf8_lossy(invalid[0]).contains(wire.text_mark), "{wire:?}");
    }
}

#[tokio::test]
async fn what_stands_around_the_events_changes_nothing_in_them() {
    let mock = start().await;
    for wire in WIRES {
        let whole = wire.chat(&mock, "", wire.stream).await.streamed();
        let all = events(&whole);
        let no_done = wire.faulty(&mock, "no-done", wire.stream).await.streamed();
        assert_eq!(no_done, all[..all.len() - 1].concat());
        assert_eq!(wire.faulty(&mock, "crlf", wire.stream).await.streamed(), whole.replace('\n', "\r\n"));

        let comments = wire.faulty(&mock, "comments", wire.stream).await.streamed();
        assert!(comments.starts_with("\n\n: "));
        assert_eq!(comments.replace("\n\n: the simulator says hello\n\n", ""), whole);

        let unknown = events(&wire.faulty(&mock, "unknown-events", wire.stream).await.streamed());
        let (strangers, known): (Vec<_>, Vec<_>) =
            unknown.into_iter().partition(|event| event.contains("Nobody knows this."));
        assert_eq!((strangers.len(), known), (all.len(), all));
        assert!(strangers.iter().all(|event| data(event).is_ok()));

        let quiet = wire.faulty(&mock, "no-usage", wire.stream).await.streamed();
        assert!(quiet.contains(wire.finish) && !quiet.contains("usage"));
        assert!(!wire.faulty(&mock, "no-usage", wire.plain).await.text().contains("usage"));
    }
}

#[tokio::test]
async fn a_huge_line_is_as_long_as_asked() {
    let mock = start().await;
    for wire in WIRES {
        let streamed = wire.faulty(&mock, "huge-line=3000000", wire.stream).await.streamed();
        let events = events(&streamed);
        let huge = events.iter().find(|event| event.len() > 2_000_000).unwrap();
        assert!(huge.contains(wire.text_mark) && data(huge).is_ok());
        // The name of an event is on a line of its own.
        let names = huge.find("data: ").unwrap();
        assert_eq!(huge.lines().map(str::len).max(), Some(3_000_000 - names));
        assert!(events.last().unwrap().starts_with(wire.last));
        let plain = wire.faulty(&mock, "huge-line=200000", wire.plain).await;
        assert_eq!(
            (plain.header("content-length").as_deref(), plain.body().len()),
            (Some("200000"), 200_000)
        );
        assert!(serde_json::from_slice::<Value>(&plain.body()).is_ok());
    }
}

#[tokio::test]
async fn answers_of_another_kind() {
    let mock = start().await;
    for wire in WIRES {
        let html = wire.faulty(&mock, "html", wire.stream).await;
        assert_eq!(
            (html.status(), html.header("content-type").as_deref()),
            (200, Some("text/html; charset=utf-8"))
        );
        assert!(html.text().starts_with("<!DOCTYPE html>"));
        let redirect = wire.faulty(&mock, "redirect", wire.stream).await;
        assert_eq!(
            (redirect.status(), redirect.header("location").as_deref()),
            (307, Some("http://127.0.0.1:9/"))
        );
        let empty = wire.faulty(&mock, "empty-body", wire.stream).await;
        assert_eq!((empty.status(), empty.header("content-length").as_deref()), (200, Some("0")));
        let plain = wire.faulty(&mock, "plain-for-stream", wire.stream).await;
        assert_eq!(plain.header("content-type").as_deref(), Some("application/json"));
        assert!(serde_json::from_slice::<Value>(&plain.body()).is_ok());
    }
}

/// The clock is paused: it jumps to the next timer whenever everybody waits.
#[tokio::test(start_paused = true)]
async fn delays_are_as_long_as_asked_and_change_nothing_else() {
    let hour = Duration::from_secs(3600);
    for wire in WIRES {
        let mock = start().await;
        let whole = wire.chat(&mock, "", wire.stream).await.streamed();
        for fault in
            ["slow-head;delay_ms=3600000", "slow-first-token=3600000", "stall;after=2;stall_ms=3600000"]
        {
            let before = Instant::now();
            assert_eq!(wire.faulty(&mock, fault, wire.stream).await.streamed(), whole, "{fault}");
            assert_eq!(before.elapsed().as_secs(), hour.as_secs(), "{fault}");
        }
        let config = Config { latency_ms: 5_000, chunk_delay_ms: 1_000, ..Config::default() };
        let mock = Mock::start(config).await.unwrap();
        let before = Instant::now();
        let events = wire.chat(&mock, "", wire.stream).await.chunks().0.len() as u64;
        assert_eq!(before.elapsed().as_secs(), 5 + events - 1);
    }
}

#[tokio::test]
async fn the_header_wins_over_the_plan_and_the_plan_over_the_configured_fault() {
    let plan = vec!["status=429;retry_after=2".parse().unwrap(), Step::Ok];
    let fault = Some(Fault::new(FaultKind::Html));
    let mock = Mock::start(Config { plan, fault, ..Config::default() }).await.unwrap();
    assert_eq!(faulty(&mock, "status=500", PLAIN).await.status(), 500);
    assert_eq!(chat(&mock, "", PLAIN).await.status(), 429);
    assert_eq!(
        common::get(&mock, "/v1/models").await.header("content-type").unwrap(),
        "text/html; charset=utf-8"
    );
    assert!(chat(&mock, "", PLAIN).await.text().contains("chat.completion"));
    assert!(chat(&mock, "", PLAIN).await.text().contains("<html>"));
    assert!(faulty(&mock, "ok", PLAIN).await.text().contains("chat.completion"));
    assert_eq!(common::get(&mock, "/healthz").await.text(), r#"{"status":"ok"}"#);
    let unknown = faulty(&mock, "cutt", STREAM).await;
    assert!(unknown.status() == 400 && unknown.text().contains("known are: status"));
}

#[test]
fn the_readme_has_a_row_for_every_fault_and_every_format() {
    let readme = include_str!("../README.md");
    for row in FAULTS {
        let params: Vec<String> = row.params.iter().map(|param| format!("`{}`", param.name)).collect();
        let line = format!("| `{}` | {} | {} |", row.name, params.join(", "), row.about);
        assert!(readme.contains(&line), "README.md lacks this row of FAULTS; add it:\n{line}");
    }
    for format in FORMATS {
        let line = format!("| `{}` | `POST {}{}` |", format.name, format.base, format.path);
        assert!(readme.contains(&line), "README.md lacks this row of FORMATS; add it:\n{line}");
    }
}
