//! What the policy does, as a shell sees it: configuration files, other models, spare keys, the lines below an error.

use std::path::Path;

use literllm_mock::Config;
use serde_json::{Value, json};

use crate::support::{Simulator, program, run};

const KEY: &str = "sk-test-0123456789abcdef";
const SPARE: &str = "sk-spare-0123456789abcdef";

/// One that fails by a plan, one step for each request.
fn planned(steps: &[&str]) -> Simulator {
    let plan = steps.iter().map(|step| step.parse().unwrap()).collect();
    Simulator::start(Config { plan, ..Config::default() })
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Models of all requests so far.
fn models_asked(simulator: &Simulator) -> Vec<String> {
    let requests = simulator.mock().requests();
    let model =
        |body: &str| serde_json::from_str::<Value>(body).unwrap()["model"].as_str().unwrap().to_owned();
    requests.iter().map(|seen| model(&seen.body)).collect()
}

#[test]
fn a_configuration_file_is_the_policy_and_options_come_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[policy]\nmax_attempts = 2\nbackoff_base_ms = 1\n";
    let toml = write(folder.path(), "a.toml", text);
    let json = write(folder.path(), "a.json", r#"{"policy":{"max_attempts":2,"backoff_base_ms":1}}"#);
    for (arguments, requests) in [
        (&["--config", &toml, "Hello"][..], 2),
        (&["--config", &json, "Hello"], 2),
        (&["--config", &toml, "--max-attempts", "1", "Hello"], 1),
    ] {
        let simulator = Simulator::with_fault("status=500");
        let ran = run(&mut simulator.chat(arguments));
        assert_eq!(ran.code, 6, "{}", ran.err);
        assert_eq!(simulator.mock().stats().requests, requests, "{arguments:?}");
    }
    let simulator = Simulator::with_fault("status=500");
    let ran = run(simulator.chat(&["Hello"]).env("LITERLLM_CONFIG", &toml));
    assert_eq!((ran.code, simulator.mock().stats().requests), (6, 2), "{}", ran.err);
}

#[test]
fn a_configuration_that_nobody_understands_is_refused_with_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::well();
    for (name, text, words) in [
        ("field.toml", "[policy]\nmax_attemps = 2\n", &["max_attemps", "did you mean max_attempts"][..]),
        ("table.toml", "[polcy]\nmax_attempts = 2\n", &["polcy", "did you mean policy"]),
        ("field.json", r#"{"guards":{"breaker_failure":1}}"#, &["did you mean breaker_failures"]),
        ("value.toml", "[policy]\nmax_attempts = 0\n", &["max_attempts"]),
        ("type.toml", "[policy]\nmax_attempts = \"two\"\n", &["max_attempts"]),
        ("none.toml", "max_attempts: 2\n", &["none.toml", "line 1"]),
        ("none.json", "{", &["none.json"]),
    ] {
        let file = write(folder.path(), name, text);
        let ran = run(&mut simulator.chat(&["--config", &file, "Hello"]));
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        for word in words {
            assert!(ran.err.contains(word), "{name}: {}", ran.err);
        }
        let ran = run(&mut simulator.chat(&["--json", "--config", &file, "Hello"]));
        let object: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.code, &object["error"]["kind"]), (2, &json!("invalid_request")), "{name}");
    }
    let ran = run(&mut simulator.chat(&["--config", "no-such-file.toml", "Hello"]));
    assert!(ran.code == 2 && ran.err.contains("no-such-file.toml"), "{}", ran.err);
    assert_eq!(simulator.mock().stats().requests, 0);
}

#[test]
fn another_model_is_asked_when_the_first_fails() {
    let simulator = planned(&["status=503", "ok"]);
    let ran = run(&mut simulator.chat(&["--max-attempts", "1", "--fallback", "openai/mock-large", "Hello"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("openai/mock-large is asked now"), "{}", ran.err);
    assert_eq!(models_asked(&simulator), ["mock-small", "mock-large"]);

    let simulator = Simulator::with_fault("status=503");
    let fallback = ["--fallback", "openai/mock-large", "--fallback", "openai/mock-third"];
    let ran = run(simulator.chat(&["--max-attempts", "1", "Hello"]).args(fallback));
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert_eq!(models_asked(&simulator), ["mock-small", "mock-large", "mock-third"]);
    for (attempt, model) in [(1, "mock-small"), (2, "mock-large"), (3, "mock-third")] {
        let line = format!("\n  attempt {attempt} at openai/{model}: failed 503 overloaded after ");
        assert!(ran.err.contains(&line), "{line} {}", ran.err);
    }
    let ran = run(&mut simulator.chat(&["--fallback", "nobody/x", "Hello"]));
    assert!(ran.code == 4 && ran.err.contains("policy.fallback[0]"), "{}", ran.err);
    assert_eq!(simulator.mock().stats().requests, 3);
}

#[test]
fn below_an_error_stand_its_attempts_the_bill_and_what_may_be_done() {
    let simulator = planned(&["status=503;retry_after_ms=30", "cut;after=8"]);
    let ran = run(&mut simulator.chat(&["Hello"]));
    assert_eq!(ran.code, 9, "{}", ran.err);
    let lines: Vec<&str> = ran.err.lines().skip_while(|line| !line.starts_with("error: ")).collect();
    let [error, first, second, bill, next] = lines[..] else { panic!("{lines:?}") };
    assert!(error.contains("not the whole answer"), "{error}");
    assert!(first.starts_with("  attempt 1 at openai/mock-small: failed 503 overloaded after "), "{first}");
    assert!(first.ends_with(", then the pause of 30 ms it asked for"), "{first}");
    assert!(second.starts_with("  attempt 2 at openai/mock-small: failed 200 cut after "), "{second}");
    assert!(second.ends_with(", may be billed"), "{second}");
    assert_eq!(bill, "  it may be billed, although no whole answer came");
    assert_eq!(next, "  what may be done: ask the model to go on from what came, or send it again");

    // A single attempt is told by the error, and one that cannot be helped ends there.
    let ran = run(&mut Simulator::with_fault("status=400").chat(&["Hello"]));
    assert_eq!((ran.code, ran.err.lines().count()), (2, 1), "{}", ran.err);
    let ran = run(&mut Simulator::with_fault("status=503;retry_after_ms=30").chat(&[
        "--max-attempts",
        "1",
        "Hello",
    ]));
    assert!(ran.err.ends_with("\n  what may be done: send it again after 30 ms\n"), "{}", ran.err);
}

#[test]
fn the_report_tells_attempts_once_and_why_each_failed() {
    for streaming in [&[][..], &["--no-stream"]] {
        let simulator = Simulator::with_fault("status=503;retry_after_ms=5");
        let ran = run(simulator.chat(&["--report", "Hello"]).args(streaming));
        assert_eq!(ran.code, 6, "{}", ran.err);
        let (report, error) = ran.err.split_once("\nerror: ").unwrap();
        assert!(report.contains("attempts     3\n"), "{report}");
        let told: Vec<&str> = report.lines().filter(|line| line.starts_with("  ")).collect();
        assert_eq!(told.len(), 3, "{report}");
        assert!(
            told.iter()
                .all(|line| line.contains("openai/mock-small: failed 503") && line.contains("answered 503"))
        );
        assert!(!error.contains("  attempt ") && error.contains("what may be done"), "{error}");
    }
}

#[test]
fn an_open_circuit_has_the_code_of_the_providers_turn() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "a.toml", "[guards]\nbreaker_failures = 1\n");
    let simulator = Simulator::with_fault("status=500");
    // The only way to meet it in one call: to turn to the model that has just failed.
    let arguments = ["--config", &file, "--fallback", "openai/mock-small", "Hello"];
    let ran = run(&mut simulator.chat(&arguments));
    assert_eq!(ran.code, 6, "{}", ran.err);
    assert!(ran.err.contains("guards.breaker_open_ms"), "{}", ran.err);
    let ran = run(simulator.chat(&arguments).arg("--json"));
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &object["error"]["kind"]), (6, &json!("circuit_open")));
    assert_eq!(object["error"]["retry_after_ms"], 10_000);
    assert_eq!(simulator.mock().stats().requests, 2, "an open circuit lets nothing through");
}

#[test]
fn an_error_as_json_says_which_deadline_what_was_billed_and_what_may_be_done() {
    let simulator = Simulator::with_fault("stall;after=6");
    let arguments = ["--json", "--max-attempts", "1", "--timeout-ms", "400", "Hello"];
    let ran = run(&mut simulator.chat(&arguments));
    assert_eq!((ran.code, ran.err.as_str()), (8, ""));
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    let error = &object["error"];
    assert_eq!((&error["kind"], &error["deadline"]), (&json!("timeout"), &json!("total")), "{error}");
    assert_eq!((&error["maybe_billed"], &error["next"]), (&json!(true), &json!(["continue", "resend"])));

    let simulator = planned(&["status=429;retry_after_ms=7", "reset-before-head"]);
    let ran = run(&mut simulator.chat(&["--json", "--max-attempts", "2", "Hello"]));
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(ran.code, 7, "{object}");
    let report = &object["report"];
    let (first, second) = (&report["attempts"][0], &report["attempts"][1]);
    assert_eq!((&first["wait_ms"], &first["wait_reason"]), (&json!(7), &json!("hint")), "{object}");
    assert_eq!((&first["key_slot"], &first["maybe_billed"]), (&json!(0), &json!(false)));
    assert_eq!(second["maybe_billed"], true);
    assert!(second["reached"].is_string() && report["held_ms"] == 0, "{object}");
}

#[test]
fn a_spare_key_is_turned_to_and_no_key_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let require_key = Some(SPARE.to_owned());
    for engine in ["native", "component"] {
        let simulator = Simulator::start(Config { require_key: require_key.clone(), ..Config::default() });
        let base_url = simulator.base_url();
        let row = format!(
            "[[providers]]\nid = \"mine\"\nbase_url = \"{base_url}\"\nkey_env = [\"FIRST\"]\nspare_key_env = [\"SECOND\", \"THIRD\"]\n"
        );
        let file = write(folder.path(), "keys.toml", &row);
        let chat =
            ["chat", "--engine", engine, "-m", "mine/mock-small", "--config", &file, "--report", "Hello"];
        // The second variable is not set: it is passed over.
        let ran = run(program(&chat).env("FIRST", KEY).env("THIRD", SPARE));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(simulator.keys_seen(), [KEY, SPARE].map(|key| Some(format!("Bearer {key}"))));
        assert!(ran.err.contains("3 at mine/mock-small with spare key 2: answered 200"), "{}", ran.err);
        let ran_without = run(program(&chat).env("FIRST", KEY));
        assert_eq!(ran_without.code, 3, "{}", ran_without.err);
        let shown = [ran.out, ran.err, ran_without.out, ran_without.err].concat();
        assert!(!shown.contains(KEY) && !shown.contains(SPARE), "{shown}");

        let models = ["models", "--config", &file, "--provider", "mine"];
        let ran = run(program(&models).env("THIRD", SPARE));
        let keys = "FIRST (not set), then SECOND (not set), then THIRD (set)";
        assert!(
            ran.code == 0 && ran.out.contains(keys) && !ran.out.contains(SPARE),
            "{}{}",
            ran.out,
            ran.err
        );
    }
}
