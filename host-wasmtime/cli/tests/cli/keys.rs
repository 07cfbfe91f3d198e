//! Keys: to their own provider only, and never into anything we print.

use std::io::{BufRead, BufReader, Write};

use crate::support::{Simulator, program, run};

const KEY: &str = "sk-test-0123456789abcdef";

#[test]
fn a_missing_key_is_told_before_any_request() {
    let ran = run(&mut program(&["chat", "--engine", "native", "-m", "openai/gpt-4o-mini", "Hello"]));
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("OPENAI_API_KEY"), "{}", ran.err);
    let simulator = Simulator::well();
    let ran = run(&mut simulator.chat(&["--key-env", "NO_SUCH_KEY", "Hello"]));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("NO_SUCH_KEY"), "{}", ran.err);
    assert_eq!(simulator.mock().stats().requests, 0);
}

#[test]
fn another_address_gets_no_key_unless_one_is_named() {
    let simulator = Simulator::well();
    let ran = run(simulator.chat(&["Hello"]).env("OPENAI_API_KEY", KEY));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = run(simulator
        .chat(&["--key-env", "MY_KEY", "Hello"])
        .env("OPENAI_API_KEY", "wrong")
        .env("MY_KEY", KEY));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(simulator.keys_seen(), [None, Some(format!("Bearer {KEY}"))]);
}

/// Some servers repeat a wrong key in their error.
#[test]
fn a_key_that_a_server_repeats_is_not_printed() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/v1", server.local_addr().unwrap());
    let echo = std::thread::spawn(move || {
        // One connection for each way of showing it.
        for connection in server.incoming().take(3) {
            let mut connection = connection.unwrap();
            let head = BufReader::new(connection.try_clone().unwrap()).lines().map(Result::unwrap);
            let head = head.take_while(|line| !line.is_empty()).collect::<Vec<_>>();
            let key =
                head.iter().find(|line| line.starts_with("authorization:")).expect("a key came").clone();
            let body = format!(r#"{{"error":{{"message":"wrong key: {key}","code":"invalid_api_key"}}}}"#);
            let head =
                format!("HTTP/1.1 401 Unauthorized\r\nx-echo: {key}\r\ncontent-length: {}", body.len());
            write!(connection, "{head}\r\nconnection: close\r\n\r\n{body}").unwrap();
        }
    });
    for arguments in [&["--engine", "native"][..], &["--engine", "native", "--json"], &["--report"]] {
        let mut chat = program(&["chat", "-m", "openai/x", "--base-url", &base_url, "--key-env", "MY_KEY"]);
        let ran = run(chat.args(arguments).arg("Hello").env("MY_KEY", KEY));
        assert_eq!(ran.code, 3, "{}", ran.err);
        let shown = ran.out + &ran.err;
        assert!(shown.contains("wrong key") && !shown.contains(KEY), "{shown}");
    }
    echo.join().unwrap();
}

#[test]
fn models_tell_whether_a_key_is_set_and_never_which() {
    for arguments in [&["models"][..], &["models", "--json"]] {
        let ran = run(program(arguments).env("OPENAI_API_KEY", KEY));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("OPENAI_API_KEY") && !ran.out.contains(KEY), "{}", ran.out);
    }
}
