//! Each fault does on the wire what its row says.

mod common;

use std::io::ErrorKind::ConnectionReset;
use std::time::Duration;

use common::{PLAIN, STREAM, chat, faulty, start};
use literllm_mock::{Config, FAULTS, Fault, FaultKind, Mock, Step};
use tokio::time::Instant;

#[tokio::test]
async fn every_fault_strikes_is_counted_and_leaves_the_simulator_alive() {
    let mock = start().await;
    for row in FAULTS {
        let mut fault = Fault::new(row.kind);
        for param in row.params.iter().filter(|param| param.name.ends_with("_ms")) {
            fault = fault.with(param.name, 0).unwrap();
        }
        let spoilt = faulty(&mock, &fault.to_string(), STREAM).await;
        faulty(&mock, &fault.to_string(), PLAIN).await;
        assert_eq!(mock.stats().by_fault.get(row.name), Some(&2), "{}", row.name);
        assert_eq!(chat(&mock, "", PLAIN).await.status(), 200, "after {}", row.name);
        let resets = row.name.starts_with("reset-");
        assert_eq!(spoilt.error, resets.then_some(ConnectionReset), "{}", row.name);
    }
    mock.idle().await;
    assert_eq!(mock.stats().aborted_by_client, 0);
}

#[tokio::test]
async fn resets_are_resets_and_what_was_sent_before_them_arrives() {
    let mock = start().await;
    let before = faulty(&mock, "reset-before-head", STREAM).await;
    assert_eq!((before.raw.len(), before.error), (0, Some(ConnectionReset)));

    for body in [STREAM, PLAIN] {
        let after = faulty(&mock, "reset-after-head", body).await;
        assert_eq!((after.status(), after.body().len(), after.error), (200, 0, Some(ConnectionReset)));
    }

    let middle = faulty(&mock, "reset-mid-stream;after=5", STREAM).await;
    let (chunks, terminated) = middle.chunks();
    assert_eq!((chunks.len(), terminated, middle.error), (5, false, Some(ConnectionReset)));

    let plain = faulty(&mock, "reset-mid-stream=2", PLAIN).await;
    assert_eq!((plain.body().len(), plain.error), (128, Some(ConnectionReset)));
    assert!(plain.header("content-length").unwrap().parse::<usize>().unwrap() > 128);
}

#[tokio::test]
async fn closes_are_clean_but_early() {
    let mock = start().await;
    let before = faulty(&mock, "close-before-head", STREAM).await;
    assert_eq!((before.raw.len(), before.error), (0, None));
    let middle = faulty(&mock, "abort-mid-stream=2", STREAM).await;
    let (chunks, terminated) = middle.chunks();
    assert_eq!((chunks.len(), terminated, middle.error), (2, false, None));
    let plain = faulty(&mock, "abort-mid-stream=1", PLAIN).await;
    assert_eq!((plain.body().len(), plain.error), (64, None));
}

#[tokio::test]
async fn cut_is_well_framed() {
    let mock = start().await;
    let stream = faulty(&mock, "cut=4", STREAM).await;
    let (chunks, terminated) = stream.chunks();
    assert_eq!((chunks.len(), terminated), (4, true));
    assert!(!stream.streamed().contains("DONE") && !stream.streamed().contains("\"stop\""));
    let plain = faulty(&mock, "cut=1", PLAIN).await;
    assert_eq!((plain.header("content-length").as_deref(), plain.body().len()), (Some("64"), 64));
    // hyper knows that nothing will come, and says so.
    let nothing = faulty(&mock, "cut=0", STREAM).await;
    assert_eq!((nothing.status(), nothing.header("content-length").as_deref()), (200, Some("0")));
}

#[tokio::test]
async fn status_has_code_body_and_pauses() {
    let mock = start().await;
    let plain = faulty(&mock, "status;retry_after=2;retry_after_ms=1500", PLAIN).await;
    assert_eq!((plain.status(), plain.header("retry-after").as_deref()), (429, Some("2")));
    assert_eq!(plain.header("retry-after-ms").as_deref(), Some("1500"));
    assert!(plain.text().starts_with(r#"{"error":{"message":"#));
    let date = faulty(&mock, "status=503;retry_after=Wed, 21 Oct 2015 07:28:00 GMT;body=html", STREAM).await;
    assert_eq!(date.header("retry-after").as_deref(), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
    assert_eq!(
        (date.status(), date.header("content-type").as_deref()),
        (503, Some("text/html; charset=utf-8"))
    );
    assert_eq!(faulty(&mock, "status=500;body=empty", PLAIN).await.text(), "");
    for code in [200, 204, 304, 301, 599] {
        assert_eq!(faulty(&mock, &format!("status={code}"), PLAIN).await.status(), code);
    }
}

#[tokio::test]
async fn one_byte_is_one_byte() {
    let mock = start().await;
    let whole = chat(&mock, "", STREAM).await.streamed();
    let slow = faulty(&mock, "one-byte", STREAM).await;
    assert!(slow.chunks().0.iter().all(|chunk| chunk.len() == 1) && slow.chunks().1);
    assert_eq!(slow.streamed(), whole);
    assert_eq!(faulty(&mock, "one-byte", PLAIN).await.body(), chat(&mock, "", PLAIN).await.body());
}

#[tokio::test]
async fn spoilt_events() {
    let mock = start().await;
    let whole = chat(&mock, "", STREAM).await.streamed();
    let is_json =
        |line: &str| serde_json::from_str::<serde_json::Value>(line.trim_start_matches("data: ")).is_ok();
    let broken = faulty(&mock, "broken-json=2", STREAM).await.streamed();
    let bad: Vec<&str> = broken.split("\n\n").filter(|event| !event.is_empty() && !is_json(event)).collect();
    assert_eq!((bad.len(), *bad.last().unwrap()), (2, "data: [DONE]"));

    let bytes = faulty(&mock, "invalid-utf8=2", STREAM).await.chunks().0;
    let invalid: Vec<usize> =
        (0..bytes.len()).filter(|place| std::str::from_utf8(&bytes[*place]).is_err()).collect();
    assert_eq!(invalid, [2]);
    assert!(bytes[2].windows(2).any(|pair| pair == [0xc3, 0x28]));

    let error = faulty(&mock, "error-in-200=2", STREAM).await;
    let (events, terminated) = error.chunks();
    assert!(events.len() == 3 && terminated && events[2].starts_with(b"data: {\"error\":{"));
    assert!(faulty(&mock, "error-in-200", PLAIN).await.text().starts_with("{\"error\":{"));

    assert_eq!(faulty(&mock, "no-done", STREAM).await.streamed() + "data: [DONE]\n\n", whole);
    assert_eq!(faulty(&mock, "crlf", STREAM).await.streamed(), whole.replace('\n', "\r\n"));
    let comments = faulty(&mock, "comments", STREAM).await.streamed();
    let lines =
        |text: &str| text.lines().filter(|l| l.starts_with("data")).map(str::to_owned).collect::<Vec<_>>();
    assert!(comments.starts_with("\n\n: ") && lines(&comments) == lines(&whole));
    assert!(!faulty(&mock, "no-usage", STREAM).await.streamed().contains("usage"));
    assert!(!faulty(&mock, "no-usage", PLAIN).await.text().contains("usage"));
}

#[tokio::test]
async fn a_huge_line_is_as_long_as_asked() {
    let mock = start().await;
    let streamed = faulty(&mock, "huge-line=3000000", STREAM).await.streamed();
    assert_eq!(streamed.lines().map(str::len).max(), Some(3_000_000));
    assert!(streamed.ends_with("data: [DONE]\n\n"));
    let plain = faulty(&mock, "huge-line=200000", PLAIN).await;
    assert_eq!((plain.header("content-length").as_deref(), plain.body().len()), (Some("200000"), 200_000));
    assert!(serde_json::from_slice::<serde_json::Value>(&plain.body()).is_ok());
}

#[tokio::test]
async fn answers_of_another_kind() {
    let mock = start().await;
    let html = faulty(&mock, "html", STREAM).await;
    assert_eq!(
        (html.status(), html.header("content-type").as_deref()),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(html.text().starts_with("<!DOCTYPE html>"));
    let redirect = faulty(&mock, "redirect", STREAM).await;
    assert_eq!(
        (redirect.status(), redirect.header("location").as_deref()),
        (307, Some("http://127.0.0.1:9/"))
    );
    let empty = faulty(&mock, "empty-body", STREAM).await;
    assert_eq!((empty.status(), empty.header("content-length").as_deref()), (200, Some("0")));
    let plain = faulty(&mock, "plain-for-stream", STREAM).await;
    assert_eq!(plain.header("content-type").as_deref(), Some("application/json"));
    assert!(serde_json::from_slice::<serde_json::Value>(&plain.body()).is_ok());
}

/// The clock is paused: it jumps to the next timer whenever everybody waits.
#[tokio::test(start_paused = true)]
async fn delays_are_as_long_as_asked_and_change_nothing_else() {
    let hour = Duration::from_secs(3600);
    let mock = start().await;
    let whole = chat(&mock, "", STREAM).await.streamed();
    for fault in ["slow-head;delay_ms=3600000", "slow-first-token=3600000", "stall;after=2;stall_ms=3600000"]
    {
        let before = Instant::now();
        assert_eq!(faulty(&mock, fault, STREAM).await.streamed(), whole, "{fault}");
        assert_eq!(before.elapsed().as_secs(), hour.as_secs(), "{fault}");
    }
    let config = Config { latency_ms: 5_000, chunk_delay_ms: 1_000, ..Config::default() };
    let mock = Mock::start(config).await.unwrap();
    let before = Instant::now();
    let events = chat(&mock, "", STREAM).await.chunks().0.len() as u64;
    assert_eq!(before.elapsed().as_secs(), 5 + events - 1);
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
    let unknown = faulty(&mock, "cutt", PLAIN).await;
    assert!(unknown.status() == 400 && unknown.text().contains("known are: status"));
}

#[test]
fn the_readme_has_a_row_for_every_fault() {
    let readme = include_str!("../README.md");
    for row in FAULTS {
        let params: Vec<String> = row.params.iter().map(|param| format!("`{}`", param.name)).collect();
        let line = format!("| `{}` | {} | {} |", row.name, params.join(", "), row.about);
        assert!(readme.contains(&line), "README.md lacks this row of FAULTS; add it:\n{line}");
    }
}
