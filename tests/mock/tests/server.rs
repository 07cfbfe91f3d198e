//! Routes, limits, keys, counts, both HTTP versions, and how it ends.

mod common;

use bytes::Bytes;
use common::{PLAIN, STREAM, WIRES, chat, get, request, send, start};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use literllm_mock::{Config, Mock, SEEN_REQUESTS, Scripted, Step, Turn};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn every_answer_says_that_it_is_a_simulator() {
    let mock = start().await;
    let bad = "{}";
    for heard in [
        chat(&mock, "", PLAIN).await,
        chat(&mock, "", STREAM).await,
        chat(&mock, "", bad).await,
        get(&mock, "/v1/models").await,
        get(&mock, "/nowhere").await,
        get(&mock, "/stats").await,
        get(&mock, "/v1/chat/completions").await,
    ] {
        assert!(heard.header("x-simulator").unwrap().starts_with("literllm-mock/"), "{}", heard.head());
        assert!(heard.header("x-request-id").unwrap().starts_with("req_mock_"));
    }
}

#[tokio::test]
async fn every_event_is_a_chunk_of_its_own() {
    let mock = start().await;
    for wire in WIRES {
        let (chunks, terminated) = wire.chat(&mock, "", wire.stream).await.chunks();
        assert!(terminated && chunks.len() > 20);
        let is_event = |chunk: &Vec<u8>| chunk.starts_with(b"data: ") || chunk.starts_with(b"event: ");
        assert!(chunks.iter().all(|chunk| is_event(chunk) && chunk.ends_with(b"\n\n")));
        assert!(chunks.last().unwrap().starts_with(wire.last.as_bytes()));
    }
}

#[tokio::test]
async fn equal_requests_get_equal_bodies_from_different_simulators() {
    for wire in WIRES {
        let with = async |seed| {
            let mock = Mock::start(Config { seed, ..Config::default() }).await.unwrap();
            (
                wire.chat(&mock, "", wire.plain).await.body(),
                wire.chat(&mock, "", wire.stream).await.streamed(),
            )
        };
        let first = with(3).await;
        assert_eq!(first, with(3).await);
        assert_ne!(first, with(4).await);
    }
}

#[tokio::test]
async fn routes_and_refusals() {
    let mock = start().await;
    let elsewhere = send(&mock, &request("POST", "/openai/v1/chat/completions?x=1", "", PLAIN)).await;
    assert_eq!(elsewhere.status(), 200);
    let models: Value = serde_json::from_slice(&get(&mock, "/v1/models").await.body()).unwrap();
    assert_eq!((&models["object"], &models["data"][0]["object"]), (&"list".into(), &"model".into()));
    for (heard, status) in [
        (get(&mock, "/v1/nothing").await, 404),
        (get(&mock, "/v1/chat/completions").await, 405),
        (send(&mock, &request("DELETE", "/v1/models", "", "")).await, 405),
        (chat(&mock, "", "{\"model\"").await, 400),
        (chat(&mock, "", "{}").await, 400),
        (chat(&mock, "", r#"{"model":"m","messages":[]}"#).await, 400),
    ] {
        let body: Value = serde_json::from_slice(&heard.body()).unwrap();
        assert_eq!(heard.status(), status, "{body}");
        let error = body["error"].as_object().unwrap();
        assert!(["message", "type", "param", "code"].iter().all(|field| error.contains_key(*field)));
    }
    assert_eq!(get(&mock, "/v1/chat/completions").await.header("allow").as_deref(), Some("POST"));
}

#[tokio::test]
async fn a_body_past_the_bound_is_refused_by_its_head() {
    let mock = start().await;
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\ncontent-length: 67108865\r\n\r\n";
    assert_eq!(send(&mock, head).await.status(), 413);

    // Without a length it is refused as soon as too much has come; the rest is not read.
    let mut stream = TcpStream::connect(mock.addr()).await.unwrap();
    let head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\ntransfer-encoding: chunked\r\n\r\n4000001\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let block = vec![b' '; 1 << 20];
    while stream.write_all(&block).await.is_ok() {}
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert!(status.ends_with(b" 413"));
}

#[tokio::test]
async fn the_wrong_key_is_refused_and_echoed_and_never_printed() {
    let config = Config { require_key: Some("sk-right".into()), ..Config::default() };
    assert!(!format!("{config:?}").contains("sk-right"));
    let mock = Mock::start(config).await.unwrap();
    assert_eq!(chat(&mock, "authorization: Bearer sk-right\r\n", PLAIN).await.status(), 200);
    let wrong = chat(&mock, "authorization: Bearer sk-wrong\r\n", PLAIN).await;
    assert!(wrong.status() == 401 && wrong.text().contains("provided: sk-wrong"));
    assert_eq!(chat(&mock, "", PLAIN).await.status(), 401);
    assert_eq!(get(&mock, "/v1/models").await.status(), 401);
    assert_eq!(get(&mock, "/stats").await.status(), 200);

    let seen = mock.requests();
    assert_eq!(seen[1].header("authorization"), Some("Bearer sk-wrong"));
    assert_eq!((seen[1].method.as_str(), seen[1].path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(seen[1].body, PLAIN);
    let printed = format!("{seen:?} {mock:?}");
    assert!(!printed.contains("sk-right") && !printed.contains("sk-wrong"));
}

#[tokio::test]
async fn each_format_has_its_key_its_request_id_and_its_refusals() {
    let config = Config { require_key: Some("sk-right".into()), ..Config::default() };
    let mock = Mock::start(config).await.unwrap();
    for (wire, header, id) in [
        (&WIRES[0], "authorization: Bearer ", "x-request-id"),
        (&WIRES[1], "x-api-key: ", "request-id"),
        (&WIRES[2], "authorization: Bearer ", "x-debug-trace-id"),
    ] {
        let with = async |key: &str| wire.chat(&mock, &format!("{header}{key}\r\n"), wire.plain).await;
        let right = with("sk-right").await;
        assert_eq!(right.status(), 200, "{}", right.text());
        assert_eq!(right.header(id), right.header("x-request-id"));
        let wrong = with("sk-wrong").await;
        assert!(wrong.status() == 401 && wrong.text().contains(": sk-wrong"), "{}", wrong.text());
        assert_eq!(wire.chat(&mock, "", wire.plain).await.status(), 401);
        let method = get(&mock, &wire.path()).await;
        assert_eq!((method.status(), method.header("allow").as_deref()), (405, Some("POST")));
    }
    let printed = format!("{:?}", mock.requests());
    assert!(!printed.contains("sk-right") && !printed.contains("sk-wrong"));
}

#[tokio::test]
async fn anthropic_demands_a_version_and_names_the_request_in_its_errors() {
    let mock = start().await;
    let heard = send(&mock, &request("POST", "/v1/messages", "", WIRES[1].plain)).await;
    let body: Value = serde_json::from_slice(&heard.body()).unwrap();
    assert_eq!(heard.status(), 400);
    assert_eq!(body["error"]["message"], "anthropic-version: header is required");
    assert_eq!(body["request_id"].as_str(), heard.header("request-id").as_deref());
}

#[tokio::test]
async fn only_the_last_requests_are_kept() {
    let mock = start().await;
    for number in 0..SEEN_REQUESTS + 3 {
        get(&mock, &format!("/{number}")).await;
    }
    assert_eq!((mock.requests().len(), mock.requests()[0].path.as_str()), (SEEN_REQUESTS, "/3"));
}

#[tokio::test]
async fn counts_are_right_and_can_be_reset() {
    let mock = start().await;
    chat(&mock, "", PLAIN).await;
    chat(&mock, "", STREAM).await;
    chat(&mock, "", "{}").await;
    chat(&mock, "x-mock-fault: reset-before-head\r\n", PLAIN).await;
    let stats: Value = serde_json::from_slice(&get(&mock, "/stats").await.body()).unwrap();
    assert_eq!(
        (&stats["requests"], &stats["streams"], &stats["connections"]),
        (&4.into(), &1.into(), &5.into())
    );
    assert_eq!((&stats["by_status"]["200"], &stats["by_status"]["400"]), (&2.into(), &1.into()));
    assert_eq!(stats["by_path"]["/v1/chat/completions"], 4);
    assert_eq!(stats["by_fault"]["reset-before-head"], 1);
    assert!(stats["bytes_sent"].as_u64() > Some(1000));
    assert_eq!((&stats["in_flight"], &stats["aborted_by_client"]), (&0.into(), &0.into()));
    send(&mock, &request("POST", "/stats/reset", "", "")).await;
    assert_eq!(mock.stats().requests, 0);
}

#[tokio::test]
async fn a_client_that_leaves_is_counted() {
    let mock = start().await;
    for fault in ["stall=2", "stall=0", "slow-head=86400000", "slow-first-token=86400000"] {
        let mut stream = TcpStream::connect(mock.addr()).await.unwrap();
        let text = request("POST", "/v1/chat/completions", &format!("x-mock-fault: {fault}\r\n"), STREAM);
        stream.write_all(text.as_bytes()).await.unwrap();
        if !fault.starts_with("slow-head") {
            stream.read_u8().await.unwrap();
        }
        while mock.stats().in_flight == 0 {
            tokio::task::yield_now().await;
        }
        drop(stream);
        mock.idle().await;
    }
    assert_eq!(mock.stats().aborted_by_client, 4);
}

#[tokio::test]
async fn one_connection_serves_many_requests_and_rubbish_ends_only_its_own() {
    let mock = start().await;
    let one = request("POST", "/v1/chat/completions", "", PLAIN).replace("connection: close\r\n", "");
    let last = request("POST", "/v1/chat/completions", "", STREAM);
    let heard = send(&mock, &format!("{one}{one}{last}")).await;
    assert_eq!(String::from_utf8_lossy(&heard.raw).matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!(mock.stats().connections, 1);
    for rubbish in
        ["\0\u{7f}\u{1}\r\n\r\n", "GET\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish rubbish rubbish"]
    {
        send(&mock, rubbish).await;
    }
    assert_eq!(get(&mock, "/healthz").await.status(), 200);
}

async fn over_h2(mock: &Mock, fault: &str, body: &'static str) -> (u16, Vec<Bytes>, bool) {
    let stream = TcpStream::connect(mock.addr()).await.unwrap();
    let (mut client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let uri = format!("{}/v1/chat/completions", mock.base_url());
    let request =
        Request::post(uri).header("x-mock-fault", fault).body(Full::new(Bytes::from(body))).unwrap();
    let Ok(response) = client.send_request(request).await else { return (0, Vec::new(), false) };
    let (status, mut body) = (response.status().as_u16(), response.into_body());
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => frames.extend(frame.into_data()),
            Err(_) => return (status, frames, false),
        }
    }
    (status, frames, true)
}

/// On several threads, since that is where a body can race with its connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_without_tls() {
    let mock = start().await;
    let (status, frames, whole) = over_h2(&mock, "ok", STREAM).await;
    assert_eq!((status, whole), (200, true));
    assert_eq!(String::from_utf8(frames.concat()).unwrap(), chat(&mock, "", STREAM).await.streamed());
    assert!(over_h2(&mock, "ok", PLAIN).await.1.concat().ends_with(b"}"));
    assert_eq!(over_h2(&mock, "reset-before-head", STREAM).await, (0, vec![], false));
    for fault in ["reset-mid-stream=3", "abort-mid-stream=3"].repeat(20) {
        let (status, frames, whole) = over_h2(&mock, fault, STREAM).await;
        assert_eq!((status, whole), (200, false), "{fault}");
        let events = String::from_utf8(frames.concat()).unwrap().matches("data: ").count();
        assert_eq!(events, 3, "{fault}");
    }
    assert_eq!(mock.stats().aborted_by_client, 0);
}

#[tokio::test]
async fn it_stops_with_an_answer_under_way_and_frees_its_address() {
    let mock = Mock::start(Config { stop_grace_ms: 0, ..Config::default() }).await.unwrap();
    let addr = mock.addr();
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let text = request("POST", "/v1/chat/completions", "x-mock-fault: stall\r\n", STREAM);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.read_u8().await.unwrap();
    mock.stop().await;
    assert!(TcpStream::connect(addr).await.is_err());
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(!String::from_utf8_lossy(&rest).contains("DONE"));
}

#[tokio::test]
async fn dropped_it_ends() {
    let mock = start().await;
    let mut stream = TcpStream::connect(mock.addr()).await.unwrap();
    let text = request("POST", "/v1/chat/completions", "x-mock-fault: stall\r\n", STREAM);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.read_u8().await.unwrap();
    drop(mock);
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn only_loopback() {
    let error =
        Mock::start(Config { addr: "0.0.0.0:0".parse().unwrap(), ..Config::default() }).await.unwrap_err();
    assert!(error.to_string().contains("loopback only"));
}

#[tokio::test]
async fn a_script_is_told_and_each_run_of_it_is_played_by_itself() {
    let headers = vec![("retry-after".to_owned(), "{date+9s}".to_owned())];
    let (body, wants) = (Some("enough".to_owned()), vec![("x-want".to_owned(), "1".to_owned())]);
    let limited = Turn { step: "status=429".parse().unwrap(), headers, body, wants: Vec::new() };
    let picky = Turn { step: Step::Ok, headers: Vec::new(), body: None, wants };
    let telling = serde_json::json!({"base_url": "{base}/v1", "closed": "{refused}"});
    let scripted =
        Scripted { name: "group/name".into(), turns: vec![limited, picky.clone(), picky], telling };
    let mock = Mock::start(Config { scripts: vec![scripted], ..Config::default() }).await.unwrap();

    for _ in 0..2 {
        let told: Value = serde_json::from_slice(&get(&mock, "/faults").await.body()).unwrap();
        let base = told[0]["base_url"].as_str().unwrap().strip_prefix(&mock.base_url()).unwrap().to_owned();
        let path = format!("{base}/chat/completions");
        let ask = async |headers: &str| send(&mock, &request("POST", &path, headers, PLAIN)).await;
        let heard = ask("").await;
        assert_eq!((heard.status(), &heard.body()[..]), (429, &b"enough"[..]));
        assert!(heard.header("retry-after").unwrap().ends_with(" GMT"));
        assert_eq!(ask("").await.status(), 400);
        assert_eq!(ask("x-want: 1\r\n").await.status(), 200);
        assert_eq!(ask("").await.status(), 501);

        let closed = told[0]["closed"].as_str().unwrap().strip_prefix("http://").unwrap();
        let refused = TcpStream::connect(closed).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}
