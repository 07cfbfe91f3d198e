//! The schema of a configuration, its documentation and the core say the same of a document.
//!
//! The schema may let pass what the core refuses (a pause of a century, an address that is none), never the other way round; but for
//! `null`, which the core takes for absent and the contract does not write.

use std::path::{Path, PathBuf};

use literllm_core::Client;
use literllm_core::types::ClientConfig;
use serde_json::{Value, json};

/// Longest time a field takes; docs/configuration.md says `a year`.
const YEAR_MS: u64 = 366 * 24 * 3_600 * 1_000;

fn read(path: &str) -> String {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn schema() -> Value {
    serde_json::from_str(&read("docs/client-config.schema.json")).expect("JSON")
}

/// What the core says: a client is made of it, or why not.
fn core(document: &Value) -> Result<(), String> {
    let config = ClientConfig::from_json(&document.to_string());
    config.and_then(Client::new).map(drop).map_err(|error| error.message)
}

/// What the schema says. It knows the words that the schema uses, and stops at any other.
fn judge(root: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let bad = |why: &str| Err(format!("{place}: {why}: {value}"));
    for (keyword, said) in schema.as_object().expect("a schema") {
        let sound = match keyword.as_str() {
            "$comment" | "$schema" | "$defs" | "title" | "description" | "default" => true,
            "$ref" => {
                let name = said.as_str().and_then(|name| name.strip_prefix("#/$defs/")).expect("a name");
                judge(root, &root["$defs"][name], value, place)?;
                true
            }
            "type" => match said.as_str().expect("a word") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64() || value.is_u64(),
                other => panic!("{other}"),
            },
            "minimum" => value.as_i64().is_none_or(|number| number >= said.as_i64().expect("a number")),
            "maximum" => value.as_u64().is_none_or(|number| number <= said.as_u64().expect("a number")),
            "const" => value == said,
            "enum" => said.as_array().expect("a list").contains(value),
            "required" => {
                let names = said.as_array().expect("a list");
                names.iter().all(|name| value.get(name.as_str().expect("a name")).is_some())
            }
            "items" => {
                for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                    judge(root, said, item, &format!("{place}[{at}]"))?;
                }
                true
            }
            "properties" => {
                for (name, inside) in said.as_object().expect("an object") {
                    if let Some(value) = value.get(name) {
                        judge(root, inside, value, &format!("{place}.{name}"))?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().expect("an object");
                value.as_object().is_none_or(|object| object.keys().all(|name| known.contains_key(name)))
            }
            "oneOf" => {
                let cases = said.as_array().expect("a list").iter();
                cases.filter(|case| judge(root, case, value, place).is_ok()).count() == 1
            }
            other => panic!("the schema uses {other}, which is not known here"),
        };
        if !sound {
            return bad(keyword);
        }
    }
    Ok(())
}

fn both(document: &Value) -> (Result<(), String>, Result<(), String>) {
    let schema = schema();
    (judge(&schema, &schema, document, ""), core(document))
}

/// Every field there is.
fn full() -> Value {
    json!({
        "providers": [
            { "id": "openai", "protocol": "openai-chat", "base_url": "https://llm.example.com/v1",
              "auth": { "type": "header", "name": "x-key", "prefix": "Key " }, "key_env": ["A"], "spare_key_env": ["B"],
              "idempotency_header": "idempotency-key" },
            { "id": "mine", "base_url": "http://127.0.0.1:8080", "auth": { "type": "query", "name": "key" }, "key_env": ["C"] }
        ],
        "policy": {
            "max_attempts": 2, "backoff_base_ms": 1, "backoff_cap_ms": 2, "total_timeout_ms": 3, "idle_timeout_ms": 4,
            "connect_timeout_ms": 5, "first_token_timeout_ms": 6, "resend_unknown": "never",
            "fallback": [{ "model": "anthropic/claude-sonnet-4-5", "on": ["server", "circuit_open"] }, { "model": "mine/x" }]
        },
        "limits": { "max_line_bytes": 1, "max_body_bytes": 2, "max_request_bytes": 3, "max_held_bytes": 4 },
        "guards": { "retry_budget": 0, "retry_refill_percent": 1, "retry_refill_ms": 0, "breaker_failures": 0, "breaker_open_ms": 1, "breaker_probes": 1,
            "cooldown_cap_ms": 0, "key_rest_ms": 0 }
    })
}

/// Pointers to everything in a document, itself included.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, &format!("{pointer}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, value)| places(value, &format!("{pointer}/{at}"), found))
        }
        _ => {}
    }
}

#[test]
fn every_field_is_known_to_both() {
    let full = full();
    assert_eq!(both(&full), (Ok(()), Ok(())));
    assert_eq!(both(&json!({})), (Ok(()), Ok(())));
    let schema = schema();
    for (record, value) in
        [("policy", &full["policy"]), ("limits", &full["limits"]), ("guards", &full["guards"])]
    {
        let known = schema["$defs"][record]["properties"].as_object().expect("an object");
        assert_eq!(
            known.keys().collect::<Vec<_>>(),
            value.as_object().expect("an object").keys().collect::<Vec<_>>()
        );
    }
}

/// One change after the other, at every place: a field nobody knows, a value of another type, nothing at all.
#[test]
fn what_is_wrong_in_its_form_is_refused_by_both() {
    let full = full();
    let mut pointers = Vec::new();
    places(&full, "", &mut pointers);
    assert!(pointers.len() > 50, "{pointers:?}");
    for pointer in &pointers {
        for other in [json!(true), json!(-1), json!(1.5), json!(["x", 7]), json!({ "wrong": 1 })] {
            let mut changed = full.clone();
            *changed.pointer_mut(pointer).expect("a place") = other;
            let (schema, core) = both(&changed);
            assert!(schema.is_err() && core.is_err(), "{pointer}: {changed}: {schema:?}, {core:?}");
        }
        let mut changed = full.clone();
        *changed.pointer_mut(pointer).expect("a place") = Value::Null;
        assert!(both(&changed).0.is_err(), "{pointer}");
        let mut changed = full.clone();
        if let Some(fields) = changed.pointer_mut(pointer).and_then(Value::as_object_mut) {
            fields.insert("wrong".into(), json!(1));
            let (schema, core) = both(&changed);
            assert!(schema.is_err(), "{pointer}: {schema:?}");
            assert!(
                core.as_ref().is_err_and(|why| why.contains("unknown field wrong")),
                "{pointer}: {core:?}"
            );
        }
    }
}

/// What the schema requires the core requires, and nothing that the core takes is refused by the schema.
#[test]
fn a_field_that_is_left_out_is_missed_by_both_or_by_the_core_alone() {
    let full = full();
    let mut pointers = Vec::new();
    places(&full, "", &mut pointers);
    let mut missed = Vec::new();
    for pointer in pointers.iter().filter(|pointer| !pointer.is_empty()) {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let mut changed = full.clone();
        match changed.pointer_mut(parent).expect("a place") {
            Value::Object(fields) => drop(fields.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().expect("a number"))),
            _ => unreachable!("something stands in it"),
        }
        let (schema, core) = both(&changed);
        assert!(schema.is_ok() || core.is_err(), "{pointer}: {schema:?}");
        if schema.is_err() {
            missed.push(pointer.as_str());
        }
    }
    missed.sort_unstable();
    assert_eq!(
        missed,
        [
            "/policy/fallback/0/model",
            "/policy/fallback/1/model",
            "/providers/0/auth/name",
            "/providers/0/auth/prefix",
            "/providers/0/auth/type",
            "/providers/0/id",
            "/providers/1/auth/name",
            "/providers/1/auth/type",
            "/providers/1/id",
        ]
    );
}

/// Words that are none, and numbers beside the range that a sentence of the contract names.
#[test]
fn words_and_ranges_that_the_contract_names_are_those_of_both() {
    for (pointer, good, bad) in [
        ("/policy/resend_unknown", json!("before_head"), json!("before-head")),
        ("/policy/fallback/0/on/0", json!("rate_limit"), json!("overload")),
        ("/providers/0/auth/type", json!("header"), json!("cookie")),
        ("/policy/max_attempts", json!(1), json!(0)),
        ("/policy/max_attempts", json!(100), json!(101)),
        ("/guards/retry_budget", json!(1_000_000), json!(1_000_001)),
        ("/guards/retry_refill_percent", json!(10_000), json!(10_001)),
        ("/guards/breaker_probes", json!(1_000), json!(0)),
        ("/guards/breaker_failures", json!(u32::MAX), json!(u64::from(u32::MAX) + 1)),
    ] {
        let mut changed = full();
        *changed.pointer_mut(pointer).expect("a place") = good;
        assert_eq!(both(&changed), (Ok(()), Ok(())), "{pointer}");
        *changed.pointer_mut(pointer).expect("a place") = bad;
        let (schema, core) = both(&changed);
        assert!(schema.is_err() && core.is_err(), "{pointer}: {schema:?}, {core:?}");
    }
}

/// The numbers of the third column: the core takes the ends of a range and nothing beside it.
#[test]
fn ranges_of_the_documentation_are_those_of_the_core() {
    let (text, mut record, mut checked) = (read("docs/configuration.md"), "", 0);
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            record = heading.trim_matches(['#', ' ', '`']);
        }
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, _, range, ..] = cells[..] else { continue };
        let Some((low, high)) = ends(range).filter(|_| matches!(record, "policy" | "guards" | "limits"))
        else {
            continue;
        };
        let takes = |value: u64| core(&json!({ record: { name.trim_matches('`'): value } })).is_ok();
        assert!(takes(low) && takes(high), "{line}");
        assert!(low == 0 || !takes(low - 1), "{line}");
        assert!(range.ends_with("and more") || !takes(high + 1), "{line}");
        checked += 1;
    }
    assert_eq!(checked, 19, "fields with a range of numbers");
}

fn ends(range: &str) -> Option<(u64, u64)> {
    if let Some(low) = range.strip_suffix(" and more") {
        return Some((low.parse().ok()?, u64::from(u32::MAX)));
    }
    let (low, high) = range.split_once(" to ")?;
    Some((low.parse().ok()?, if high == "a year" { YEAR_MS } else { high.parse().ok()? }))
}

#[test]
fn the_example_is_the_same_in_both_languages_and_good() {
    let text = read("docs/configuration.md");
    let block = |language: &str| {
        let (_, rest) = text.split_once(&format!("```{language}\n")).expect(language);
        rest.split_once("```").expect(language).0
    };
    let from_toml: Value = toml::from_str(block("toml")).expect("TOML");
    let from_json: Value = serde_json::from_str(block("json")).expect("JSON");
    assert_eq!(from_toml, from_json);
    assert_eq!(both(&from_json), (Ok(()), Ok(())));
}

/// Messages that the documentation shows, and that users will search for.
#[test]
fn mistakes_look_as_the_documentation_shows_them() {
    let text = read("docs/configuration.md");
    for bad in [
        json!({ "policy": { "max_atempts": 4 } }),
        json!({ "policy": { "max_attempts": "4" } }),
        json!({ "guards": { "breaker_probes": 0 } }),
    ] {
        let message = core(&bad).expect_err("a mistake");
        assert!(text.contains(&format!("{message}\n")), "{message}");
    }
}
