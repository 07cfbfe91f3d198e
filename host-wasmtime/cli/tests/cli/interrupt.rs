//! Ctrl-C: the request is broken off, so that nobody pays for an answer that nobody reads.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use literllm_mock::Config;

use crate::support::{Simulator, program, ran, run};

/// Sends what a terminal sends for Ctrl-C.
fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn in_the_middle_of_an_answer() {
    for engine in ["native", "component"] {
        let simulator = Simulator::start(Config { chunk_delay_ms: 50, ..Config::default() });
        let mut chat = program(&[
            "chat",
            "--engine",
            engine,
            "-m",
            "openai/mock-small",
            "--base-url",
            &simulator.base_url(),
        ]);
        let mut child =
            chat.arg("Tell me a story").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 1]).unwrap();
        interrupt(&child);
        let ran = ran(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 130, "{engine}: {}", ran.err);
        let stats = simulator.stats_when_idle();
        assert_eq!((stats.requests, stats.aborted_by_client), (1, 1), "{engine}");
    }
}

#[test]
fn while_the_provider_is_silent() {
    let simulator = Simulator::with_fault("slow-head;delay_ms=60000");
    let mut child = simulator.chat(&["Hello"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while simulator.mock().stats().requests == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    interrupt(&child);
    let _ = child.wait().unwrap();
    assert_eq!(ran(child.wait_with_output().unwrap()).code, 130);
    assert_eq!(simulator.stats_when_idle().aborted_by_client, 1);
}

#[test]
fn the_simulator_ends_by_it_and_says_what_it_served() {
    let mut mock = program(&["mock", "--chunk-delay-ms", "0", "--plan", "status=404,ok"]);
    let mut child = mock.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
    let base_url = format!("{}/v1", address.trim());
    let chat = ["chat", "--engine", "native", "-m", "openai/mock-small", "--base-url", &base_url, "Hello"];
    assert_eq!(run(&mut program(&chat)).code, 4);
    let second = run(&mut program(&chat));
    assert_eq!(second.code, 0, "{}", second.err);
    interrupt(&child);
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("served 2 requests"), "{}", ran.err);
}
