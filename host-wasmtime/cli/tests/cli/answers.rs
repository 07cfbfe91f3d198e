//! Calls that go well.

use std::io::Read;
use std::process::Stdio;

use literllm_mock::Config;
use serde_json::Value;

use crate::support::{Simulator, last_prompt, program, run, run_with_input};

#[test]
fn the_answer_and_nothing_else_is_on_standard_output() {
    let simulator = Simulator::well();
    let streamed = run(&mut simulator.chat(&["Tell me a story"]));
    assert_eq!((streamed.code, streamed.err.as_str()), (0, ""));
    assert!(streamed.out.starts_with("[simulator]") && streamed.out.ends_with('\n'), "{}", streamed.out);
    let plain = run(&mut simulator.chat(&["--no-stream", "Tell me a story"]));
    assert_eq!((plain.code, plain.out), (0, streamed.out));
    assert_eq!(simulator.mock().stats().streams, 1);
}

#[test]
fn the_sandbox_gives_the_same_answer() {
    let simulator = Simulator::well();
    let native = run(&mut simulator.chat(&["Hello"]));
    let mut chat =
        program(&["chat", "--model", "openai/mock-small", "--base-url", &simulator.base_url(), "--report"]);
    let sandboxed = run(chat.arg("Hello"));
    assert_eq!((sandboxed.code, sandboxed.out), (0, native.out));
    for word in ["usage", "first token", "attempts     1", " 0 imports, sha256 "] {
        assert!(sandboxed.err.contains(word), "{word} is missing in {}", sandboxed.err);
    }
}

#[test]
fn pieces_are_seen_as_they_come() {
    let simulator = Simulator::start(Config { chunk_delay_ms: 100, ..Config::default() });
    let mut child = simulator.chat(&["Tell me a story"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(simulator.mock().stats().in_flight, 1, "the first piece was held back until the end");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn json_has_everything_and_both_engines_agree() {
    let simulator = Simulator::well();
    let mut answers = Vec::new();
    for arguments in [&["--json"][..], &["--json", "--no-stream"], &["--json", "--engine", "component"]] {
        let mut chat = program(&["chat", "-m", "openai/mock-small", "--base-url", &simulator.base_url()]);
        if !arguments.contains(&"--engine") {
            chat.args(["--engine", "native"]);
        }
        let ran = run(chat.args(arguments).arg("Hello"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        let tokens = answer["tokens"].as_array().unwrap();
        assert_eq!(tokens.iter().map(|token| token.as_str().unwrap()).collect::<String>(), answer["text"]);
        assert_eq!(tokens.len() > 1, !arguments.contains(&"--no-stream"));
        assert_eq!((&answer["provider"], &answer["model"]), (&"openai".into(), &"mock-small".into()));
        assert_eq!(
            (&answer["finish"]["unified"], &answer["warnings"]),
            (&"stop".into(), &Value::Array(vec![]))
        );
        assert!(answer["usage"]["output_tokens"].as_u64().unwrap() > 0);
        assert_eq!(answer["report"]["attempts"][0]["status"], 200);
        answers.push(answer);
    }
    assert_eq!(answers[0]["text"], answers[1]["text"]);
    assert_eq!(answers[0]["tokens"], answers[2]["tokens"]);
    assert_eq!(answers[0]["usage"], answers[2]["usage"]);
}

#[test]
fn the_prompt_comes_from_the_argument_from_standard_input_or_from_both() {
    let simulator = Simulator::well();
    for (arguments, input, prompt) in [
        (&["Hello"][..], "", "Hello"),
        (&[][..], "from a pipe\n", "from a pipe\n"),
        (&["-"][..], "from a pipe\n", "from a pipe\n"),
        (&["Summarise:"][..], "the text\n", "Summarise:\n\nthe text\n"),
    ] {
        let ran = run_with_input(&mut simulator.chat(arguments), input.as_bytes());
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(last_prompt(&simulator), prompt);
    }
}

#[test]
fn options_reach_the_request() {
    let simulator = Simulator::well();
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("picture");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n-the rest-").unwrap();
    let ran = run(simulator
        .chat(&["--system", "Be brief.", "--temperature", "0.5", "--max-output-tokens", "77", "--image"])
        .arg(&picture)
        .arg("What is it?"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let body: Value = serde_json::from_str(&simulator.mock().requests()[0].body).unwrap();
    assert_eq!(body["messages"][0]["content"], "Be brief.");
    assert_eq!(body["temperature"], 0.5);
    assert!(body.to_string().contains(":77"), "{body}");
    let url = body["messages"][1]["content"][1]["image_url"]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBORw0KGgot"), "{url}");
}

#[test]
fn the_model_may_come_from_the_environment() {
    let simulator = Simulator::well();
    let mut chat = program(&["chat", "--engine", "native", "--base-url", &simulator.base_url(), "Hello"]);
    let ran = run(chat.env("LITERLLM_MODEL", "openai/mock-small"));
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_retry_is_told_on_standard_error_and_the_answer_is_whole() {
    let plan = vec!["status=503;retry_after_ms=1".parse().unwrap()];
    let simulator = Simulator::start(Config { plan, ..Config::default() });
    let ran = run(&mut simulator.chat(&["--report", "Hello"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.starts_with("[simulator]"), "{}", ran.out);
    assert!(ran.err.contains("attempt 1 failed") && ran.err.contains("attempts     2"), "{}", ran.err);
}

#[test]
fn a_reader_that_leaves_ends_the_call_quietly() {
    let simulator = Simulator::start(Config { chunk_delay_ms: 20, ..Config::default() });
    let mut chat = simulator.chat(&["Tell me a story"]);
    let mut child = chat.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 1]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
    assert_eq!(simulator.stats_when_idle().aborted_by_client, 1);
}
