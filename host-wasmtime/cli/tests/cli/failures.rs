//! Calls that go wrong: which code, which words, and what stays of the answer.

use serde_json::Value;

use crate::support::{Simulator, program, run, run_with_input};

/// Fault, exit code, a word of the message. One attempt each, so that nothing waits.
const FAULTS: &[(&str, i32, &str)] = &[
    ("status=400", 2, "400"),
    ("status=401", 3, "401"),
    ("status=403", 3, "403"),
    ("status=404", 4, "404"),
    ("status=429", 5, "429"),
    ("status=402", 5, "402"),
    ("status=500", 6, "500"),
    ("status=503", 6, "503"),
    ("reset-before-head", 7, ""),
    ("close-before-head", 7, ""),
    ("cut;after=6", 9, ""),
    ("reset-mid-stream;after=6", 9, ""),
    ("html", 9, ""),
    ("empty-body", 9, ""),
    ("redirect", 9, "307"),
];

#[test]
fn each_fault_has_its_exit_code_and_says_why() {
    for (fault, code, word) in FAULTS {
        let simulator = Simulator::with_fault(fault);
        let ran = run(&mut simulator.chat(&["--max-attempts", "1", "Hello"]));
        assert_eq!(ran.code, *code, "{fault}: {}", ran.err);
        assert!(ran.err.starts_with("error: ") && ran.err.contains(word), "{fault}: {}", ran.err);
        assert_eq!(simulator.mock().stats().requests, 1, "{fault}");
    }
}

#[test]
fn silence_ends_with_the_deadline() {
    for fault in ["slow-head;delay_ms=60000", "stall;after=6"] {
        let simulator = Simulator::with_fault(fault);
        let ran = run(&mut simulator.chat(&["--max-attempts", "1", "--timeout-ms", "400", "Hello"]));
        assert_eq!(ran.code, 8, "{fault}: {}", ran.err);
    }
}

#[test]
fn a_server_that_is_not_there_is_a_connection_error() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let base_url = format!("http://127.0.0.1:{port}/v1");
    let chat = [
        "chat",
        "--engine",
        "native",
        "-m",
        "openai/x",
        "--max-attempts",
        "1",
        "--base-url",
        &base_url,
        "Hello",
    ];
    let ran = run(&mut program(&chat));
    assert_eq!(ran.code, 7, "{}", ran.err);
}

#[test]
fn the_text_of_a_cut_answer_stays_and_the_error_begins_on_its_own_line() {
    let simulator = Simulator::with_fault("cut;after=8");
    let ran = run(&mut simulator.chat(&["--report", "Hello"]));
    assert_eq!(ran.code, 9);
    assert!(ran.out.starts_with("[simulator]") && ran.out.ends_with('\n'), "{:?}", ran.out);
    assert!(ran.err.contains("\nerror: ") && ran.err.contains("attempts     1"), "{}", ran.err);
}

#[test]
fn an_error_as_json_is_one_object_with_what_had_come() {
    let simulator = Simulator::with_fault("cut;after=8");
    for engine in ["native", "component"] {
        let chat = [
            "chat",
            "--engine",
            engine,
            "--json",
            "-m",
            "openai/mock-small",
            "--base-url",
            &simulator.base_url(),
            "Hi",
        ];
        let ran = run(&mut program(&chat));
        assert_eq!((ran.code, ran.err.as_str()), (9, ""));
        let object: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(object["error"]["kind"], "cut");
        assert!(
            object["error"]["partial"]["choices"][0]["content"][0]["text"]
                .as_str()
                .unwrap()
                .starts_with("[simulator]")
        );
        assert_eq!(object["report"]["attempts"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_request_that_cannot_be_meant_is_refused_before_anything_is_sent() {
    let simulator = Simulator::well();
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.png");
    std::fs::write(&text, "no picture").unwrap();
    let text = text.to_str().unwrap();
    let base_url = simulator.base_url();
    for (arguments, code, words) in [
        (&["Hello"][..], 2, "--model openai/gpt-4o-mini"),
        (&["-m", "gpt-4o-mini", "Hello"], 2, "provider/model"),
        (&["-m", "nobody/x", "Hello"], 4, "nobody"),
        (&["-m", "openai/x", "--base-url", "not a url", "Hello"], 2, "http://"),
        (&["-m", "openai/x", "--base-url", &base_url, ""], 2, "prompt"),
        (&["-m", "openai/x", "--base-url", &base_url, "--image", "no-such-file", "Hello"], 2, "no-such-file"),
        (&["-m", "openai/x", "--base-url", &base_url, "--image", text, "Hello"], 2, "PNG"),
        (&["-m", "openai/x", "--base-url", &base_url, "--max-attempts", "0", "Hello"], 2, "max_attempts"),
        (&["-m", "openai/x", "--temperature", "warm", "Hello"], 2, "--temperature"),
        (&["--no-such-option"], 2, "--no-such-option"),
    ] {
        let ran = run(program(&["chat", "--engine", "native"]).args(arguments));
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    let ran = run_with_input(&mut simulator.chat(&[]), b"\xff\xfe no text");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(simulator.mock().stats().requests, 0);
}

#[test]
fn an_empty_prompt_as_json_is_an_error_object_too() {
    let ran = run(program(&["chat", "--json", "-m", "openai/x"]).arg(" "));
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &object["error"]["kind"]), (2, &"invalid_request".into()));
}
