//! `models`, `verify`, `mock --list-faults`, `--help`.

use serde_json::Value;

use crate::support::{program, run};

#[test]
fn models_name_providers_origins_and_keys() {
    let ran = run(&mut program(&["models", "--json"]));
    let rows: Value = serde_json::from_str(&ran.out).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 12, "{}", rows.len());
    let openai = rows.iter().find(|row| row["provider"] == "openai").unwrap();
    assert_eq!(openai["protocol"], "openai-chat");
    assert_eq!(openai["origins"][0], "https://api.openai.com");
    assert_eq!((&openai["key_env"][0], &openai["key_set"]), (&"OPENAI_API_KEY".into(), &false.into()));
    let ran = run(program(&["models", "--provider", "openai"]).env("OPENAI_API_KEY", "sk-x"));
    assert!(ran.out.contains("OPENAI_API_KEY (set)") && !ran.out.contains("groq"), "{}", ran.out);
    let ran = run(&mut program(&["models", "--provider", "nobody"]));
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("openai"), "{}", ran.err);
}

#[test]
fn verify_shows_the_component_inside_and_refuses_what_is_none() {
    let ran = run(&mut program(&["verify", "--json"]));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&found["core_modules"], &found["kind"]), (&1.into(), &"component".into()));
    assert_eq!(
        (&found["core_imports"], &found["component_imports"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.wasm");
    // A module that imports `env.f`: type () -> (), one import.
    std::fs::write(&file, b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0").unwrap();
    let ran = run(program(&["verify"]).arg(&file));
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("env.f") && ran.err.contains("imports `env.f`"), "{} {}", ran.out, ran.err);

    std::fs::write(&file, "text").unwrap();
    let ran = run(program(&["verify"]).arg(&file));
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(run(&mut program(&["verify", "no-such-file"])).code, 2);
}

#[test]
fn the_simulator_lists_its_faults_and_refuses_others() {
    let ran = run(&mut program(&["mock", "--list-faults"]));
    assert!(ran.code == 0 && ran.out.contains("reset-mid-stream"), "{}", ran.out);
    let ran = run(&mut program(&["mock", "--fault", "earthquake"]));
    assert!(ran.code == 2 && ran.err.contains("known are"), "{}", ran.err);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = run(&mut program(&["mock", "--port", &port]));
    assert!(ran.code == 1 && ran.err.contains(&port), "{}", ran.err);
}

#[test]
fn help_teaches_the_exit_codes() {
    let ran = run(&mut program(&["chat", "--help"]));
    assert_eq!(ran.code, 0);
    for word in ["Exit codes", "rate_limit", "circuit_open", "--fallback <PROVIDER/MODEL>", "LITERLLM_CONFIG"]
    {
        assert!(ran.out.contains(word), "{word} is missing in {}", ran.out);
    }
}
