//! Waiting: retries, deadlines, and whose silence counts. Time is paused, so hours pass at once.

use std::time::Duration;

use futures_util::StreamExt as _;
use literllm_host::Chat;
use literllm_host::types::{Event, Policy};
use tokio::time::{Instant, sleep};

use crate::script::{Act, START_MS, Script, delta, done, engines, head, on_each, refusal, saying, tell};

fn hello() -> Chat {
    Chat::new("openai/gpt-4o-mini").user("Hello")
}

fn once(policy: Policy) -> Chat {
    hello().policy(Policy { max_attempts: Some(1), ..policy })
}

#[tokio::test(start_paused = true)]
async fn a_429_with_retry_after_waits_that_long_and_sends_again() {
    let told = on_each(|engine| async move {
        let begun = Instant::now();
        let script = Script::new([refusal(429, &[("retry-after", "2")], "slow down"), saying(&["ok"])]);
        let told = tell(script.client(engine).stream(hello()).unwrap()).await;
        assert_eq!((script.sent().len(), begun.elapsed()), (2, Duration::from_secs(2)));
        told
    })
    .await;
    assert_eq!(told["answer"]["choices"][0]["content"][0]["text"], "ok", "{told}");
    assert_eq!(told["report"]["attempts"][0]["wait_ms"], 2000);
    assert_eq!(told["report"]["started_ms"], START_MS);
    assert_eq!(told["report"]["ended_ms"], START_MS + 2000);
    let notices =
        told["events"].as_array().unwrap().iter().filter(|event| event["notice"]["delay_ms"] == 2000).count();
    assert_eq!(notices, 1);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_waits_the_same_in_both_engines() {
    let told = on_each(|engine| async move {
        let script = Script::new((0..3).map(|_| refusal(500, &[], "oh")));
        tell(script.client(engine).stream(hello()).unwrap()).await
    })
    .await;
    assert_eq!(told["error"]["kind"], "server");
    assert_eq!(told["report"]["attempts"].as_array().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn silence_before_the_head_and_in_the_body_is_a_timeout() {
    for exchange in [vec![Act::Hang], vec![head(), Act::Wait(999), delta("a"), Act::Hang]] {
        let told = on_each(|engine| {
            let script = Script::new([exchange.clone()]);
            let chat = once(Policy { idle_timeout_ms: Some(1000), ..Policy::default() });
            async move {
                let told = tell(script.client(engine).stream(chat).unwrap()).await;
                assert_eq!(script.under_way(1), 0);
                told
            }
        })
        .await;
        assert_eq!(told["error"]["kind"], "timeout", "{told}");
        let silent_ms = if exchange.len() == 1 { 1000 } else { 1999 };
        assert_eq!(told["report"]["ended_ms"], START_MS + silent_ms);
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_deadline_ends_a_call_that_is_never_silent() {
    let told = on_each(|engine| async move {
        let chatter = (0..100).flat_map(|_| [delta("on "), Act::Wait(100)]);
        let script = Script::new([[head()].into_iter().chain(chatter).collect()]);
        let chat = once(Policy { total_timeout_ms: Some(1050), ..Policy::default() });
        tell(script.client(engine).stream(chat).unwrap()).await
    })
    .await;
    assert_eq!(told["error"]["kind"], "timeout");
    assert_eq!(told["report"]["ended_ms"], START_MS + 1050);
}

#[tokio::test(start_paused = true)]
async fn the_sooner_of_the_callers_deadline_and_the_policys_ends_the_call_and_says_which() {
    for (caller_ms, total_ms, deadline) in [(2_000, 5_000, "caller"), (5_000, 2_000, "total")] {
        let told = on_each(|engine| async move {
            let script = Script::new([vec![Act::Hang]]);
            let policy = Policy { total_timeout_ms: Some(total_ms), ..Policy::default() };
            let chat = hello().policy(policy).timeout(Duration::from_millis(caller_ms));
            tell(script.client(engine).stream(chat).unwrap()).await
        })
        .await;
        let error = &told["error"];
        assert_eq!((&error["kind"], &error["deadline"]), (&"timeout".into(), &deadline.into()), "{told}");
        assert_eq!(error["maybe_billed"], true);
        assert_eq!(told["report"]["ended_ms"], START_MS + 2_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_caller_cannot_wait_for_is_not_begun() {
    let told = on_each(|engine| async move {
        let begun = Instant::now();
        let script = Script::new([refusal(429, &[("retry-after", "2")], "slow down")]);
        let chat = hello().timeout(Duration::from_millis(1_500));
        let told = tell(script.client(engine).stream(chat).unwrap()).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        told
    })
    .await;
    assert_eq!(
        (&told["error"]["kind"], &told["error"]["retry_after_ms"]),
        (&"rate_limit".into(), &2000.into())
    );
    assert_eq!(told["error"]["next"], serde_json::json!(["resend"]));
}

fn patient() -> Chat {
    once(Policy { idle_timeout_ms: Some(1000), total_timeout_ms: Some(86_400_000), ..Policy::default() })
}

/// A provider that pauses for less than the bound before each piece.
fn talker() -> Vec<Act> {
    vec![head(), Act::Wait(900), delta("a"), Act::Wait(900), delta("b"), Act::Wait(900), done()]
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_not_a_stalled_provider() {
    for engine in engines() {
        let mut stream = Script::new([talker()]).client(engine).stream(patient()).unwrap();
        while let Some(event) = stream.next().await {
            event.unwrap();
            // Not one wait too long, but many that would be together.
            sleep(Duration::from_secs(3600)).await;
        }
        assert_eq!(stream.finish().await.unwrap().text(), "ab", "{engine:?}");

        // The same through the `Stream` trait.
        let stream = Script::new([talker()]).client(engine).stream(patient()).unwrap();
        let slow = stream.then(|event| async {
            sleep(Duration::from_secs(3600)).await;
            event
        });
        let texts = slow.filter(|event| std::future::ready(matches!(event, Ok(Event::TextDelta(_)))));
        assert_eq!(texts.count().await, 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_leaves_in_the_middle_of_waiting_is_not_counted_either() {
    for engine in engines() {
        let mut stream = Script::new([talker()]).client(engine).stream(patient()).unwrap();
        let mut text = String::new();
        loop {
            // Gives up waiting after a while, does something else for longer than any bound, comes back.
            let event = tokio::select! {
                event = stream.next() => event,
                () = sleep(Duration::from_millis(400)) => {
                    sleep(Duration::from_millis(1400)).await;
                    continue;
                }
            };
            match event {
                Some(Ok(Event::TextDelta(delta))) => text.push_str(&delta.text),
                Some(event) => drop(event.unwrap()),
                None => break,
            }
        }
        assert_eq!(text, "ab", "{engine:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_while_the_reader_does_not_want_it() {
    for engine in engines() {
        let script = Script::new([vec![head(), delta("a"), Act::Wait(1), delta("b"), Act::Wait(1), done()]]);
        let mut stream = script.client(engine).stream(hello()).unwrap();
        assert!(script.sent().is_empty(), "nothing is sent before somebody waits");
        while !matches!(stream.next().await, Some(Ok(Event::TextDelta(_)))) {}
        let taken = script.chunks_taken();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(script.chunks_taken(), taken, "{engine:?}");
        assert_eq!(stream.finish().await.unwrap().text(), "ab");
    }
}
