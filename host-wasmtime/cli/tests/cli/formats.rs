//! Every wire format the simulator speaks, from the command line to the wire and back.

use literllm_mock::{Config, FORMATS, Format};
use serde_json::Value;

use crate::support::{Simulator, program, run};

/// The protocol that the registry gives the provider of a format's model.
fn protocol_of(format: &Format) -> Value {
    let provider = format.model.split('/').next().unwrap();
    let rows: Value = serde_json::from_str(&run(&mut program(&["models", "--json"])).out).unwrap();
    let row = rows.as_array().unwrap().iter().find(|row| row["provider"] == provider);
    row.unwrap_or_else(|| panic!("no provider {provider}"))["protocol"].clone()
}

#[test]
fn streamed_and_plain_answers_are_the_same_in_every_format() {
    for format in FORMATS {
        assert_eq!(protocol_of(format), format.name);
        let simulator = Simulator::well();
        let streamed = run(&mut simulator.chat_in(format, &["Tell me a story"]));
        assert_eq!((streamed.code, streamed.err.as_str()), (0, ""), "{format:?}");
        assert!(streamed.out.starts_with("[simulator]") && streamed.out.ends_with('\n'), "{}", streamed.out);
        let plain = run(&mut simulator.chat_in(format, &["--no-stream", "Tell me a story"]));
        assert_eq!((plain.code, plain.err.as_str(), &plain.out), (0, "", &streamed.out), "{format:?}");
        let stats = simulator.mock().stats();
        let path = format!("{}{}", format.base, format.path);
        assert_eq!((stats.streams, stats.by_path.get(&path)), (1, Some(&2)), "{stats:?}");
    }
}

#[test]
fn usage_and_finish_are_read_in_every_format() {
    for format in FORMATS {
        let simulator = Simulator::well();
        let mut usages = Vec::new();
        for arguments in [&["--json", "Hello"][..], &["--json", "--no-stream", "Hello"]] {
            let ran = run(&mut simulator.chat_in(format, arguments));
            assert_eq!(ran.code, 0, "{format:?}: {}", ran.err);
            let answer: Value = serde_json::from_str(&ran.out).unwrap();
            assert_eq!(answer["finish"]["unified"], "stop", "{format:?}: {answer}");
            assert_eq!(answer["warnings"], Value::Array(vec![]), "{format:?}");
            usages.push((answer["usage"]["input_tokens"].clone(), answer["usage"]["output_tokens"].clone()));
        }
        assert!(usages[0].0.as_u64() > Some(0) && usages[0].1.as_u64() > Some(20), "{format:?}: {usages:?}");
        assert_eq!(usages[0], usages[1], "{format:?}");
    }
}

/// Fault and exit code; one attempt each, so that nothing waits.
const FAULTS: &[(&str, i32)] = &[
    ("status=400", 2),
    ("status=401", 3),
    ("status=404", 4),
    ("status=429", 5),
    ("status=500", 6),
    ("status=529", 6),
    ("reset-before-head", 7),
    ("cut;after=6", 9),
    ("reset-mid-stream;after=6", 9),
    ("html", 9),
    ("empty-body", 9),
];

#[test]
fn each_fault_has_the_same_exit_code_in_every_format() {
    for format in FORMATS {
        for (fault, code) in FAULTS {
            let simulator = Simulator::with_fault(fault);
            let ran = run(&mut simulator.chat_in(format, &["--max-attempts", "1", "Hello"]));
            assert_eq!(ran.code, *code, "{format:?} {fault}: {}", ran.err);
        }
    }
}

#[test]
fn what_does_not_hurt_changes_nothing_in_any_format() {
    for format in FORMATS {
        let whole = run(&mut Simulator::well().chat_in(format, &["Hello"])).out;
        for fault in ["crlf", "comments", "unknown-events", "one-byte", "no-usage", "plain-for-stream"] {
            let ran = run(&mut Simulator::with_fault(fault).chat_in(format, &["Hello"]));
            assert_eq!((ran.code, &ran.out), (0, &whole), "{format:?} {fault}: {}", ran.err);
        }
    }
}

/// How a stream that fails in the middle ends for a shell: code and words. Cohere's ends in good order, for the
/// reason `ERROR`: the answer stands, and a note says what became of it.
const FAILURES: &[(&str, i32, &str)] = &[
    ("openai-chat", 6, "lost its thread"),
    ("anthropic-messages", 6, "lost its thread"),
    ("cohere-chat", 0, "the provider failed while it wrote"),
];

#[test]
fn a_stream_that_fails_keeps_its_text_and_says_so_in_every_format() {
    for format in FORMATS {
        let (_, code, words) = FAILURES.iter().find(|(name, ..)| *name == format.name).unwrap();
        let simulator = Simulator::with_fault("error-in-200;after=8");
        let ran = run(&mut simulator.chat_in(format, &["Hello"]));
        assert!(ran.out.starts_with("[simulator]"), "{format:?}: {:?}", ran.out);
        assert!(ran.code == *code && ran.err.contains(words), "{format:?}: {} {}", ran.code, ran.err);
    }
}

#[test]
fn a_key_goes_where_the_format_has_it() {
    for format in FORMATS {
        let config = Config { require_key: Some("sk-right".into()), ..Config::default() };
        let simulator = Simulator::start(config);
        let with = |key| run(simulator.chat_in(format, &["--key-env", "MY_KEY", "Hello"]).env("MY_KEY", key));
        assert_eq!(with("sk-right").code, 0, "{format:?}");
        let wrong = with("sk-wrong-0123456789");
        // The simulator prints the wrong key back; we do not.
        assert!(wrong.code == 3 && !wrong.err.contains("sk-wrong-0123456789"), "{format:?}: {}", wrong.err);
    }
}

#[test]
fn the_help_names_every_format_and_how_to_reach_it() {
    let ran = run(&mut program(&["mock", "--help"]));
    for format in FORMATS {
        for words in [format.name, format.model, &format!("POST {}{}", format.base, format.path)] {
            assert!(ran.code == 0 && ran.out.contains(words), "{words} is missing in {}", ran.out);
        }
    }
}
