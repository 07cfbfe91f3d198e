//! Recorded answers, read as the official clients read them.
//!
//! A smoke run: every exchange of `../shared/recorded` (or of the folder `recorded` in `LITERLLM_SHARED`) that speaks
//! a wire format we know and has an accepted oracle, whole and byte by byte, against the core linked in. The data live
//! outside the project; without them this says so and passes.

#![allow(clippy::print_stdout, reason = "a test program of its own: it prints what it counted")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use literllm_core::Client;
use literllm_core::types::{
    Choice, ClientConfig, Event, Message, OutcomeResult, Part, Policy, ProviderRow, Request, Response,
    ResponseHead, Role, Step,
};
use literllm_tests::grammar;
use serde_json::Value;

/// The recordings' names of an API, and the wire format that reads it.
const FORMATS: &[(&str, &str)] =
    &[("chat", "openai-chat"), ("messages", "anthropic-messages"), ("chat_v2", "cohere-chat")];

/// Several answers that the recorder joined in one body.
const ODD: &[&str] = &["anthropic-messages-744087c3f9-37ef7a"];

/// How many of a thousand exchanges must agree, where not all do: one server sends the JSON it was asked for as an
/// object, which the oracle prints as Python does.
const FLOORS: &[(&str, usize)] = &[("text", 999)];

/// Disagreements that are printed for each matter.
const SHOWN: usize = 8;

#[derive(Default)]
struct Tally {
    exchanges: usize,
    broken: Vec<String>,
    /// Matter, how many agree, and those that do not.
    matters: BTreeMap<&'static str, (usize, Vec<String>)>,
}

fn main() -> ExitCode {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("LITERLLM_SHARED").map_or(beside, PathBuf::from).join("recorded");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!(
            "!!! SKIPPED recorded: there are no recordings at {}; set LITERLLM_SHARED to the folder they lie in",
            folder.display()
        );
        println!("test result: ok. 0 passed; 0 failed; 1 ignored");
        return ExitCode::SUCCESS;
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".jsonl.gz"));
    files.sort();
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    read_file(file, &tally);
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    report(&tally)
}

fn report(tally: &Tally) -> ExitCode {
    let mut failed = tally.broken.len();
    tally.broken.iter().take(SHOWN).for_each(|why| println!("BROKEN {why}"));
    for (matter, (agreed, differ)) in &tally.matters {
        let total = agreed + differ.len();
        println!("{matter:<10} {agreed:>5} of {total} agree");
        differ.iter().take(SHOWN).for_each(|difference| println!("    {difference}"));
        let floor = FLOORS.iter().find(|(name, _)| name == matter).map_or(1000, |(_, floor)| *floor);
        if agreed * 1000 < floor * total {
            println!(
                "    FAILED: expected at least {floor} of 1000; next: make a vector of the smallest bytes that show it"
            );
            failed += 1;
        }
    }
    println!("{} exchanges, whole and byte by byte", tally.exchanges);
    let word = if failed == 0 && tally.exchanges > 0 { "ok" } else { "FAILED" };
    println!(
        "test result: {word}. {} passed; {failed} failed; 0 ignored",
        tally.exchanges - tally.broken.len()
    );
    ExitCode::from(u8::from(word != "ok"))
}

fn read_file(path: &Path, tally: &Mutex<Tally>) {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for line in BufReader::new(flate2::read::GzDecoder::new(file)).lines() {
        let line = line.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let exchange: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let oracle = &exchange["oracle"];
        let id = text(&exchange["id"]);
        if protocol(&exchange).is_none()
            || oracle.is_null()
            || !oracle["rejected"].is_null()
            || ODD.contains(&id)
        {
            continue;
        }
        let outcome =
            std::panic::catch_unwind(|| replay(&exchange)).unwrap_or_else(|_| Err("a panic".into()));
        let mut tally = tally.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        tally.exchanges += 1;
        match outcome {
            Err(why) => tally.broken.push(format!("{id}: {why}")),
            Ok(result) => compare(&result, oracle, id, &mut tally),
        }
    }
}

fn protocol(exchange: &Value) -> Option<&'static str> {
    let (_, protocol) = FORMATS.iter().find(|(api, _)| exchange["api"] == *api)?;
    Some(protocol)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The result, which must be the same whole and byte by byte.
fn replay(exchange: &Value) -> Result<OutcomeResult, String> {
    let body = text(&exchange["response"]["body_text"]).as_bytes();
    let (events, whole) = play(exchange, &[body])?;
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    let (events_of_bytes, mut of_bytes) = play(exchange, &bytes)?;
    if let (OutcomeResult::Error(whole), OutcomeResult::Error(of_bytes)) = (&whole, &mut of_bytes) {
        // An error ends the call where it is read; how much had come by then depends on the cutting.
        of_bytes.bytes_seen = whole.bytes_seen;
    }
    if events != events_of_bytes || whole != of_bytes {
        return Err("byte by byte it means something else".into());
    }
    if exchange["response"]["streaming"] == true {
        grammar::check(&events, &whole)?;
    }
    Ok(whole)
}

fn play(exchange: &Value, pieces: &[&[u8]]) -> Result<(Vec<Event>, OutcomeResult), String> {
    let (provider, response) = (text(&exchange["provider"]), &exchange["response"]);
    let row = ProviderRow {
        id: provider.into(),
        protocol: protocol(exchange).map(str::to_owned),
        base_url: Some("http://127.0.0.1/v1".into()),
        ..ProviderRow::default()
    };
    let policy = Policy { max_attempts: Some(1), ..Policy::default() };
    let config = ClientConfig { providers: vec![row], policy: Some(policy), ..ClientConfig::default() };
    let request = Request {
        model: format!("{provider}/m"),
        messages: vec![Message::text(Role::User, "?")],
        stream: Some(response["streaming"] == true),
        ..Request::default()
    };
    let headers = response["headers"].as_object().into_iter().flatten();
    let headers: Vec<Value> =
        headers.map(|(name, value)| serde_json::json!({"name": name, "value": value})).collect();
    let head = serde_json::json!({"status": response["status"], "headers": headers});
    let head: ResponseHead = serde_json::from_value(head).map_err(|error| error.to_string())?;
    let said = |error: literllm_core::types::Error| format!("{error}");
    let (mut call, _) =
        Client::new(config).map_err(said)?.start(request, Default::default(), 0, 0).map_err(said)?;
    let mut events = Vec::new();
    let mut told = |mut step: Step| {
        events.append(&mut step.events);
        step.outcome
    };
    let mut outcome = told(call.head(1, &head, 0).map_err(said)?);
    for piece in pieces {
        if outcome.is_none() {
            outcome = told(call.body(1, piece, 0).map_err(said)?);
        }
    }
    if outcome.is_none() {
        outcome = told(call.end(1, 0).map_err(said)?);
    }
    Ok((events, outcome.ok_or("the call did not end")?.result))
}

fn compare(result: &OutcomeResult, oracle: &Value, id: &str, tally: &mut Tally) {
    let nothing = Response::default();
    let (answer, error) = match result {
        OutcomeResult::Response(response) => (response, None),
        OutcomeResult::Error(error) => (error.partial.as_deref().unwrap_or(&nothing), Some(error)),
    };
    let mut matter = |name: &'static str, ours: String, theirs: String| {
        let (agreed, differ) = tally.matters.entry(name).or_default();
        if ours == theirs {
            *agreed += 1;
        } else {
            let clip = |text: &str| text.chars().take(160).collect::<String>();
            differ.push(format!("{id}: ours {} theirs {}", clip(&ours), clip(&theirs)));
        }
    };
    let failed = |failed: bool| if failed { "an error" } else { "no error" }.to_owned();
    let message = error.map(|error| format!(" ({})", error.message)).unwrap_or_default();
    let theirs = failed(!oracle["error"].is_null());
    let ours = failed(error.is_some());
    let shown = if ours == theirs { ours } else { ours + &message };
    matter("error", shown, theirs);
    if oracle["error"]["status"].as_u64().is_some_and(|status| status >= 300) {
        return;
    }
    let first = answer.choices.first();
    let parts = first.map(|choice| choice.content.as_slice()).unwrap_or_default();
    let joined =
        |pick: fn(&Part) -> Option<&str>| format!("{:?}", parts.iter().filter_map(pick).collect::<String>());
    let said = |name: &str| format!("{:?}", text(&oracle[name]));
    matter(
        "text",
        joined(|part| if let Part::Text(part) = part { Some(&part.text) } else { None }),
        said("text"),
    );
    let reasoning = joined(|part| if let Part::Reasoning(part) = part { Some(&part.text) } else { None });
    matter("reasoning", reasoning, said("reasoning_text"));
    matter(
        "refusal",
        joined(|part| if let Part::Refusal(part) = part { Some(&part.text) } else { None }),
        said("refusal"),
    );
    matter("tool calls", our_calls(parts), their_calls(oracle));
    let finish = |choice: &Choice| choice.finish.as_ref().and_then(|finish| finish.raw.clone());
    matter("finish", format!("{:?}", first.and_then(finish).unwrap_or_default()), said("finish_reason_raw"));
    let raw = answer.usage.as_ref().and_then(|usage| usage.raw.as_deref());
    let usage = raw.map_or(Value::Null, |raw| serde_json::from_str(raw).unwrap_or_default());
    matter("usage", without_nulls(&usage), without_nulls(&oracle["usage_raw"]));
}

fn our_calls(parts: &[Part]) -> String {
    let call = |part: &Part| match part {
        Part::ToolCall(call) => {
            Some(one_call(&call.id, &call.name, &serde_json::from_str(&call.arguments).unwrap_or_default()))
        }
        _ => None,
    };
    parts.iter().filter_map(call).collect::<Vec<_>>().join(", ")
}

fn their_calls(oracle: &Value) -> String {
    let older = oracle.get("function_call").filter(|call| !text(&call["name"]).is_empty());
    let calls = oracle["tool_calls"].as_array().into_iter().flatten().chain(older);
    calls
        .map(|call| one_call(text(&call["id"]), text(&call["name"]), &call["arguments"]))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Ids that the core made do not count.
fn one_call(id: &str, name: &str, arguments: &Value) -> String {
    let id = if id.starts_with("call_") && id.len() < 8 { "" } else { id };
    format!("{name}#{id} {arguments}")
}

/// SDKs leave out what is null and keep the rest.
fn without_nulls(value: &Value) -> String {
    fn clean(value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), clean(value)))
                .collect(),
            other => other.clone(),
        }
    }
    clean(value).to_string()
}
