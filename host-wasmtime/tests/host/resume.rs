//! A call as plain data: taken up by another client, as another process would.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use literllm_host::types::{ClientConfig, ErrorKind, Event, Guards, Policy, ResendUnknown};
use literllm_host::{Chat, ChatStream, Client, Engine, Memory, Resume, Snapshot};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::script::{Act, KEY, START_MS, Script, delta, done, engines, head, on_each, refusal, saying, tell};

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

/// On its way between two processes.
fn sent_over(snapshot: &Snapshot) -> Snapshot {
    let text = snapshot.to_json().unwrap();
    assert!(!text.contains(KEY), "the key is in {text}");
    Snapshot::from_json(&text).unwrap()
}

/// A client of the process that takes the call up, so long after the call's start.
fn later(script: &Script, engine: Engine, after_ms: u64) -> Client {
    script.builder(engine).clock(move || START_MS + after_ms).seed(|| 1234).build().unwrap()
}

async fn until_notice(stream: &mut ChatStream) {
    while !matches!(stream.next().await, Some(Ok(Event::Notice(_)))) {}
}

async fn until_text(stream: &mut ChatStream) {
    while !matches!(stream.next().await, Some(Ok(Event::TextDelta(_)))) {}
}

fn attempts(told: &Value, names: &[&str]) -> Value {
    let attempts = told["report"]["attempts"].as_array().unwrap().iter();
    attempts.map(|attempt| names.iter().map(|name| attempt[name].clone()).collect::<Value>()).collect()
}

#[tokio::test(start_paused = true)]
async fn in_a_pause_it_goes_on_as_if_nothing_had_been() {
    let exchanges =
        || [refusal(429, &[("retry-after", "2")], "slow down"), refusal(500, &[], "oh"), saying(&["ok"])];
    let whole = on_each(|engine| async move {
        tell(Script::new(exchanges()).client(engine).stream(hello()).unwrap()).await
    })
    .await;
    let told = on_each(|engine| async move {
        let script = Script::new(exchanges());
        let mut stream = script.client(engine).stream(hello()).unwrap();
        until_notice(&mut stream).await;
        let snapshot = sent_over(&stream.snapshot().unwrap());
        assert!(snapshot.running().is_empty());
        drop(stream);
        // The other process begins in the middle of the pause.
        let resumed = tell(later(&script, engine, 500).resume(snapshot).unwrap()).await;
        assert_eq!(script.sent().len(), 3);
        let bodies: Vec<_> = script.sent().into_iter().map(|sent| sent.body).collect();
        assert!(bodies.iter().all(|body| body == &bodies[0]));
        resumed
    })
    .await;
    // The waits by chance too: the dice travel with the call, and the other client's seed is not asked.
    assert_eq!((&told["report"], &told["answer"]), (&whole["report"], &whole["answer"]));
    assert_eq!(told["report"]["attempts"][0]["wait_ms"], 2000);
    assert!(told["report"]["attempts"][1]["wait_ms"].as_u64().unwrap() > 0);
    let events = whole["events"].as_array().unwrap();
    assert_eq!(told["events"], json!(events[1..]), "what the first reader had taken is not told again");
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_long_over_is_not_waited_for() {
    for engine in engines() {
        let script = Script::new([refusal(429, &[("retry-after", "2")], "slow down"), saying(&["ok"])]);
        let mut stream = script.client(engine).stream(hello()).unwrap();
        until_notice(&mut stream).await;
        let snapshot = sent_over(&stream.snapshot().unwrap());
        drop(stream);
        let begun = Instant::now();
        let answer = later(&script, engine, 60_000).resume(snapshot).unwrap().finish().await.unwrap();
        assert_eq!((answer.text().as_str(), begun.elapsed()), ("ok", Duration::ZERO), "{engine:?}");
        assert_eq!(answer.report.ended_ms, START_MS + 60_000);
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_goes_on_from_the_first_start() {
    let told = on_each(|engine| async move {
        let script = Script::new([vec![Act::Hang], vec![Act::Hang]]);
        let policy = Policy { total_timeout_ms: Some(5_000), backoff_base_ms: Some(1), ..Policy::default() };
        let mut stream = script.client(engine).stream(hello().policy(policy)).unwrap();
        assert!(stream.next().now_or_never().is_none());
        let snapshot = sent_over(&stream.snapshot().unwrap());
        drop(stream);
        tell(later(&script, engine, 4_000).resume(snapshot).unwrap()).await
    })
    .await;
    assert_eq!((&told["error"]["kind"], &told["error"]["deadline"]), (&json!("timeout"), &json!("total")));
    assert_eq!(told["report"]["ended_ms"], START_MS + 5_000);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_under_way_is_lost_and_sent_again_where_the_policy_allows_it() {
    let cases = [
        (None, vec![Act::Hang], true),
        (None, vec![head(), Act::Hang], true),
        (Some(ResendUnknown::BeforeHead), vec![Act::Hang], true),
        (Some(ResendUnknown::BeforeHead), vec![head(), Act::Hang], false),
        (Some(ResendUnknown::Never), vec![Act::Hang], false),
    ];
    for (resend_unknown, exchange, again) in cases {
        let told = on_each(|engine| {
            let exchange = exchange.clone();
            async move {
                let script = Script::new([exchange, saying(&["ok"])]);
                let policy = Policy { resend_unknown, ..Policy::default() };
                let mut stream = script.client(engine).stream(hello().policy(policy)).unwrap();
                assert!(stream.next().now_or_never().is_none());
                let snapshot = sent_over(&stream.snapshot().unwrap());
                assert_eq!(snapshot.running(), [1]);
                drop(stream);
                let resumed = later(&script, engine, 500).resume(snapshot).unwrap();
                assert_eq!(script.sent().len(), 1, "nothing is sent before somebody reads");
                let told = tell(resumed).await;
                assert_eq!(script.sent().len(), if again { 2 } else { 1 });
                told
            }
        })
        .await;
        let lost = json!(["failed", "connection", "unknown", true]);
        assert_eq!(attempts(&told, &["end", "error", "reached", "maybe_billed"])[0], lost, "{told}");
        if again {
            assert_eq!(told["answer"]["choices"][0]["content"][0]["text"], "ok");
        } else {
            assert_eq!(
                (&told["error"]["kind"], &told["error"]["maybe_billed"]),
                (&json!("connection"), &json!(true))
            );
            assert!(told["error"]["message"].as_str().unwrap().contains("resend_unknown"), "{told}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn in_the_middle_of_an_answer_only_what_is_resumable() {
    let exchange = || vec![head(), delta("Half an"), Act::Hang];
    let told = on_each(|engine| async move {
        let mut stream = Script::new([exchange()]).client(engine).stream(hello()).unwrap();
        until_text(&mut stream).await;
        let refused = stream.snapshot().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidState);
        assert!(refused.to_string().contains("resumable"), "{refused}");

        let script = Script::new([exchange()]);
        let mut stream = script.client(engine).stream(hello().resumable(true)).unwrap();
        until_text(&mut stream).await;
        let snapshot = sent_over(&stream.snapshot().unwrap());
        assert!(stream.outcome().is_none(), "the call goes on undisturbed");
        drop(stream);
        let told = tell(later(&script, engine, 500).resume(snapshot).unwrap()).await;
        assert_eq!(script.sent().len(), 1, "what was seen is not asked for again");
        told
    })
    .await;
    let error = &told["error"];
    assert_eq!(error["partial"]["choices"][0]["content"][0]["text"], "Half an");
    assert_eq!((&error["maybe_billed"], &error["next"][0]), (&json!(true), &json!("continue")), "{told}");
    assert_eq!(told["events"], json!([]), "the first reader had it all");
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_took_travel_along() {
    let told = on_each(|engine| async move {
        // Both pieces lie ready and cross as one.
        let script = Script::new([vec![head(), delta("Hel"), delta("lo"), Act::Hang]]);
        let mut stream = script.client(engine).stream(hello().resumable(true)).unwrap();
        until_text(&mut stream).await;
        let snapshot = sent_over(&stream.snapshot().unwrap());
        let mut resumed = later(&script, engine, 500).resume(snapshot).unwrap();
        // And once more, before anybody read.
        let again = sent_over(&resumed.snapshot().unwrap());
        let rest = resumed.next().await.unwrap().unwrap();
        assert_eq!(rest, stream.next().await.unwrap().unwrap());
        let told = tell(later(&script, engine, 900).resume(again).unwrap()).await;
        assert_eq!(told["events"], json!([rest]));
        told
    })
    .await;
    assert_eq!(told["events"][0]["text"], "lo", "{told}");
    assert_eq!(told["error"]["partial"]["choices"][0]["content"][0]["text"], "Hello");
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_belongs_to_one_core() {
    let mut written: Vec<(Engine, Snapshot, Memory)> = Vec::new();
    for engine in engines() {
        let client = Script::default().client(engine);
        let snapshot = client.stream(hello()).unwrap().snapshot().unwrap();
        written.push((engine, sent_over(&snapshot), client.memory().unwrap()));
    }
    for (theirs, snapshot, memory) in &written {
        for ours in engines() {
            let client = Script::default().client(ours);
            let resumed = client.resume(snapshot.clone()).map(drop).map_err(|error| error.kind());
            let made = Script::default().builder(ours).restore(memory.clone()).build();
            let made = made.map(drop).map_err(|error| error.kind());
            let expected = if ours == *theirs { Ok(()) } else { Err(ErrorKind::InvalidState) };
            assert_eq!((&resumed, &made), (&expected, &expected), "{theirs:?} {ours:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_changed_hash_is_refused_and_both_are_named() {
    for engine in engines() {
        let client = Script::default().client(engine);
        let snapshot = client.stream(hello()).unwrap().snapshot().unwrap().to_json().unwrap();
        let mut changed: Value = serde_json::from_str(&snapshot).unwrap();
        let ours = changed["component"].as_str().unwrap().to_owned();
        #[cfg(feature = "component")]
        if let Some(info) = client.component_info() {
            assert_eq!(ours, info.sha256);
        }
        let theirs = "0".repeat(64);
        changed["component"] = json!(theirs);
        let error = client.resume(Snapshot::from_json(&changed.to_string()).unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState);
        let words = error.to_string();
        assert!(words.contains(&ours) && words.contains(&theirs), "{words}");
        let mut memory: Value = serde_json::from_str(&client.memory().unwrap().to_json().unwrap()).unwrap();
        memory["component"] = json!(theirs);
        let memory = Memory::from_json(&memory.to_string()).unwrap();
        let words = Script::default().builder(engine).restore(memory).build().unwrap_err().to_string();
        assert!(words.contains(&ours) && words.contains(&theirs), "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_snapshot_is_refused() {
    for engine in engines() {
        let client = Script::default().client(engine);
        let memory = client.memory().unwrap().to_json().unwrap();
        let snapshot = client.stream(hello()).unwrap().snapshot().unwrap().to_json().unwrap();
        let whole = snapshot.replacen('{', r#"{"more":1,"#, 1);
        let no_call = [
            "",
            "[]",
            "{}",
            "null",
            r#"{"component":"x"}"#,
            r#"{"component":"x","snapshot":3}"#,
            &whole,
            &memory,
        ];
        for text in no_call {
            assert_eq!(Snapshot::from_json(text).unwrap_err().kind(), ErrorKind::InvalidState, "{text}");
        }
        for text in ["", "{}", &snapshot] {
            assert_eq!(Memory::from_json(text).unwrap_err().kind(), ErrorKind::InvalidState, "{text}");
        }
        for (field, value) in [("state", json!("{}")), ("state_version", json!(9_999))] {
            let mut changed: Value = serde_json::from_str(&snapshot).unwrap();
            changed["snapshot"][field] = value;
            let changed = Snapshot::from_json(&changed.to_string()).unwrap();
            assert_eq!(client.resume(changed).unwrap_err().kind(), ErrorKind::InvalidState, "{field}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_has_ended_has_no_snapshot() {
    for engine in engines() {
        let client = Script::new([saying(&["ok"]), refusal(400, &[], "no")]).client(engine);
        for _ in 0..2 {
            let mut stream = client.stream(hello()).unwrap();
            while stream.next().await.is_some() {}
            let error = stream.snapshot().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidState, "{error}");
            assert!(error.to_string().contains("has ended"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn blobs_are_named_and_given_again() {
    for engine in engines() {
        let script = Script::new([saying(&["A crab"])]);
        let mut stream = script.client(engine).stream(hello().image(&b"two"[..], "image/jpeg")).unwrap();
        let snapshot = sent_over(&stream.snapshot().unwrap());
        assert_eq!(snapshot.blobs(), ["blob-1"]);
        drop(stream);
        let client = later(&script, engine, 500);
        let refused = client.resume(snapshot.clone()).unwrap_err();
        assert!(
            refused.kind() == ErrorKind::InvalidRequest && refused.to_string().contains("blob-1"),
            "{refused}"
        );
        let resume = Resume::new(snapshot).blob("blob-1", &b"two"[..]);
        assert!(!format!("{resume:?}").contains("two"));
        assert_eq!(client.resume(resume).unwrap().finish().await.unwrap().text(), "A crab");
        let sent: Value = serde_json::from_slice(&script.sent()[0].body).unwrap();
        assert_eq!(sent["messages"][0]["content"][1]["image_url"]["url"], "data:image/jpeg;base64,dHdv");
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_goes_over_to_another_client() {
    let told = on_each(|engine| async move {
        let script = Script::new([refusal(500, &[], "oh"), saying(&["well"])]);
        let guards = Guards { breaker_failures: Some(1), ..Guards::default() };
        let config = || ClientConfig { guards: Some(guards.clone()), ..ClientConfig::default() };
        let once = || hello().policy(Policy { max_attempts: Some(1), ..Policy::default() });
        let ill = script.builder(engine).config(config()).build().unwrap();
        let mut stream = ill.stream(once()).unwrap();
        while stream.next().await.is_some() {}

        let text = ill.memory().unwrap().to_json().unwrap();
        assert!(!text.contains(KEY));
        let memory = Memory::from_json(&text).unwrap();
        assert_eq!(memory.state().deployments[0].model, "gpt-4o-mini");
        let taught = script.builder(engine).config(config()).restore(memory).build().unwrap();
        let told = tell(taught.stream(once()).unwrap()).await;
        assert_eq!(script.sent().len(), 1, "an open circuit lets nothing through");
        // Who remembers nothing asks.
        let fresh = script.builder(engine).config(config()).build().unwrap();
        assert_eq!(fresh.stream(once()).unwrap().finish().await.unwrap().text(), "well");
        told
    })
    .await;
    assert_eq!(
        (&told["error"]["kind"], &told["error"]["retry_after_ms"]),
        (&json!("circuit_open"), &json!(10_000))
    );
}

/// Keeps every snapshot, with how many requests had been sent until then.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<(usize, Snapshot)>>>);

impl Kept {
    fn keeper(
        &self,
        script: &Script,
    ) -> impl Fn(Snapshot) -> std::future::Ready<Result<(), std::io::Error>> + use<> {
        let (kept, script) = (self.clone(), script.clone());
        move |snapshot| {
            kept.0.lock().unwrap().push((script.sent().len(), snapshot));
            std::future::ready(Ok(()))
        }
    }

    fn moments(&self) -> Vec<(usize, Vec<u32>)> {
        self.0.lock().unwrap().iter().map(|(sent, kept)| (*sent, kept.running().to_vec())).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_kept_before_each_attempt_and_each_pause() {
    for engine in engines() {
        let script = Script::new([
            refusal(429, &[("retry-after", "1")], "slow"),
            refusal(503, &[], "busy"),
            saying(&["ok"]),
        ]);
        let kept = Kept::default();
        let chat = hello().on_snapshot(kept.keeper(&script));
        assert_eq!(script.client(engine).stream(chat).unwrap().finish().await.unwrap().text(), "ok");
        // Requests so far, and what is under way: an attempt, a pause, and so on.
        let moments = [(0, vec![1]), (1, vec![]), (1, vec![2]), (2, vec![]), (2, vec![3])];
        assert_eq!(kept.moments(), moments, "{engine:?}");

        // A plain chat too, and whoever takes a call up keeps it from there on.
        let (_, in_pause) = kept.0.lock().unwrap()[1].clone();
        let script = Script::new([refusal(503, &[], "busy"), saying(&["ok"])]);
        let kept = Kept::default();
        let resume = Resume::new(sent_over(&in_pause)).on_snapshot(kept.keeper(&script));
        let answer = later(&script, engine, 500).resume(resume).unwrap().finish().await.unwrap();
        assert_eq!((answer.text().as_str(), answer.report.attempts.len()), ("ok", 3));
        assert_eq!(kept.moments(), [(0, vec![2]), (1, vec![]), (1, vec![3])]);
        let script = Script::new([refusal(400, &[], "no")]);
        let kept = Kept::default();
        script.client(engine).chat(hello().on_snapshot(kept.keeper(&script))).await.unwrap_err();
        assert_eq!(kept.moments(), [(0, vec![1])]);
    }
}

#[tokio::test(start_paused = true)]
async fn keeping_takes_its_time_and_nothing_is_sent_meanwhile() {
    for engine in engines() {
        let script = Script::new([saying(&["ok"])]);
        let seen = script.clone();
        // Longer than the provider may be silent.
        let chat = hello().policy(Policy { idle_timeout_ms: Some(1_000), ..Policy::default() }).on_snapshot(
            move |_| {
                let seen = seen.clone();
                async move {
                    sleep(Duration::from_secs(3)).await;
                    assert!(seen.sent().is_empty());
                    std::io::Result::Ok(())
                }
            },
        );
        let mut stream = script.client(engine).stream(chat).unwrap();
        assert!(stream.next().now_or_never().is_none());
        // A reader that leaves in the middle of it loses nothing.
        let begun = Instant::now();
        let answer = stream.finish().await.unwrap();
        assert_eq!((answer.text().as_str(), begun.elapsed()), ("ok", Duration::from_secs(3)), "{engine:?}");
        assert_eq!(answer.report.ended_ms, START_MS + 3_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_be_kept_is_not_made() {
    let told = on_each(|engine| async move {
        let script = Script::default();
        let chat = hello().on_snapshot(|_| async { Err("no space left") });
        let told = tell(script.client(engine).stream(chat).unwrap()).await;
        assert!(script.sent().is_empty());
        told
    })
    .await;
    assert_eq!(
        (&told["error"]["kind"], &told["error"]["maybe_billed"]),
        (&json!("cancelled"), &json!(false)),
        "{told}"
    );
    assert!(told["error"]["message"].as_str().unwrap().contains("no space left"), "{told}");
    assert_eq!(attempts(&told, &["end", "maybe_billed"]), json!([["aborted", false]]));
    // Nor is it tried again, when the first attempt is gone already.
    let told = on_each(|engine| async move {
        let script = Script::new([vec![Act::Fail(
            literllm_host::types::FailureKind::Reset,
            literllm_host::types::Reached::Sent,
        )]]);
        let chat = hello().on_snapshot(|snapshot: Snapshot| async move {
            if snapshot.running() == [1] { Ok(()) } else { Err("no space left") }
        });
        tell(script.client(engine).stream(chat).unwrap()).await
    })
    .await;
    assert_eq!(
        (&told["error"]["kind"], &told["error"]["maybe_billed"]),
        (&json!("cancelled"), &json!(true)),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn giving_up_while_it_is_being_kept_sends_nothing() {
    for engine in engines() {
        let script = Script::new([vec![head(), delta("never"), done()]]);
        let chat = hello().on_snapshot(|_| std::future::pending::<std::io::Result<()>>());
        let mut stream = script.client(engine).stream(chat).unwrap();
        assert!(stream.next().now_or_never().is_none());
        stream.cancel();
        let error = stream.finish().await.unwrap_err();
        assert_eq!((error.kind(), script.sent().len()), (ErrorKind::Cancelled, 0), "{engine:?}");
    }
}
