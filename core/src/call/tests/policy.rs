//! What the policy makes of failures: keys, circuits, cooldowns, other models, budgets, and calls frozen in the middle.

use super::*;
use crate::types::{FallbackStep, Guards, NextStep, ProviderRow, ResendUnknown, WaitReason};

const GROQ: &str = "groq/llama-3.3-70b-versatile";

fn client(config: ClientConfig) -> Client {
    Client::new(config).unwrap()
}

fn guarded(guards: Guards) -> Client {
    client(ClientConfig { guards: Some(guards), ..ClientConfig::default() })
}

/// Three keys for OpenAI.
fn with_keys() -> Client {
    let row = ProviderRow {
        id: "openai".into(),
        spare_key_env: vec!["SECOND".into(), "THIRD".into()],
        ..ProviderRow::default()
    };
    client(ClientConfig { providers: vec![row], ..ClientConfig::default() })
}

fn fallback(on: &[ErrorKind]) -> Policy {
    let step = FallbackStep { model: GROQ.into(), on: on.to_vec() };
    Policy { fallback: vec![step], ..Policy::default() }
}

fn begin(client: &mut Client, stream: bool, policy: Policy, now_ms: u64) -> (Call, Step) {
    let options = CallOptions { policy: Some(policy), ..CallOptions::default() };
    client.start(hello(stream), options, now_ms, 7).unwrap()
}

/// The answer of an attempt is a status without a body.
fn refuse(call: &mut Call, attempt: u32, status: u16, headers: &[(&str, &str)], now_ms: u64) -> Step {
    call.head(attempt, &head(status, headers), now_ms).unwrap();
    call.end(attempt, now_ms).unwrap()
}

fn answer(call: &mut Call, attempt: u32, now_ms: u64) -> Step {
    call.head(attempt, &head(200, &[]), now_ms).unwrap();
    let body = format!("{}{FINISH}{DONE}", delta("Hello"));
    call.body(attempt, body.as_bytes(), now_ms).unwrap();
    call.end(attempt, now_ms).unwrap()
}

fn notices(step: &Step) -> Vec<&Notice> {
    let notices = step.events.iter().filter_map(|event| match event {
        Event::Notice(event) => Some(&event.notice),
        _ => None,
    });
    notices.collect()
}

#[test]
fn a_first_token_that_does_not_come_is_another_attempt() {
    let policy = Policy { first_token_timeout_ms: Some(100), ..Policy::default() };
    let (mut call, first) = start_with(hello(true), policy);
    assert_eq!(first.wake_at_ms, Some(100));
    call.head(1, &head(200, &[]), 10).unwrap();
    // A role is nothing that can be seen.
    let role = "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    let step = call.body(1, role.as_bytes(), 20).unwrap();
    assert!(step.events.is_empty(), "start-up events are held");
    assert_eq!(step.wake_at_ms, Some(100));
    let step = call.wake(None, 100).unwrap();
    assert_eq!(step.abort, [1]);
    let again = call.wake(None, step.wake_at_ms.unwrap()).unwrap();
    assert_eq!(again.send[0].attempt, 2);
    let now_ms = again.wake_at_ms.unwrap() - 1;
    let step = answer(&mut call, 2, now_ms);
    let report = step.outcome.as_ref().unwrap().report.clone();
    assert_eq!((report.attempts[0].error, report.attempts[0].maybe_billed), (Some(ErrorKind::Timeout), true));
    assert_eq!(response(step).text(), "Hello");
}

#[test]
fn the_sooner_of_two_deadlines_ends_the_call_and_says_so() {
    for (caller_ms, total_ms, deadline) in [(50, 90, Deadline::Caller), (90, 50, Deadline::Total)] {
        let mut client = Client::new(ClientConfig::default()).unwrap();
        let policy = Policy { total_timeout_ms: Some(total_ms), ..Policy::default() };
        let options = CallOptions {
            policy: Some(policy),
            caller_timeout_ms: Some(caller_ms),
            ..CallOptions::default()
        };
        let (mut call, first) = client.start(hello(true), options, 0, 7).unwrap();
        assert_eq!(first.wake_at_ms, Some(50));
        let error = error(call.wake(None, 50).unwrap());
        assert_eq!((error.kind, error.deadline), (ErrorKind::Timeout, Some(deadline)));
        assert!(error.maybe_billed);
        assert_eq!(error.next, [NextStep::Resend]);
    }
}

#[test]
fn a_call_whose_caller_has_no_time_left_ends_at_once() {
    let mut client = Client::new(ClientConfig::default()).unwrap();
    let options = CallOptions { caller_timeout_ms: Some(0), ..CallOptions::default() };
    let (_call, first) = client.start(hello(false), options, 5, 7).unwrap();
    assert!(first.send.is_empty());
    let error = error(first);
    assert_eq!((error.deadline, error.maybe_billed), (Some(Deadline::Caller), false));
}

#[test]
fn a_call_that_is_taken_up_too_late_sends_nothing_more() {
    let (mut call, _) =
        start_with(hello(true), Policy { total_timeout_ms: Some(5_000), ..Policy::default() });
    refuse(&mut call, 1, 500, &[], 1);
    let snapshot = call.snapshot().unwrap();
    let (mut call, _) = guarded(Guards::default()).restore_call(&snapshot, 3_600_000).unwrap();
    let step = call.wake(None, 3_600_000).unwrap();
    assert!(step.send.is_empty());
    assert_eq!(step.outcome.as_ref().unwrap().report.attempts.len(), 1);
    assert_eq!(error(step).deadline, Some(Deadline::Total));
}

#[test]
fn a_refused_key_gives_way_to_the_next_and_rests() {
    let mut client = with_keys();
    let (mut call, first) =
        begin(&mut client, true, Policy { max_attempts: Some(1), ..Policy::default() }, 0);
    assert_eq!(first.send[0].key_slot, 0);
    let step = refuse(&mut call, 1, 401, &[], 1);
    assert_eq!(step.send[0].key_slot, 1, "at once, and not counted as an attempt");
    assert!(step.state_changed);
    let step = answer(&mut call, 2, 2);
    let report = step.outcome.unwrap().report;
    let slots: Vec<_> =
        report.attempts.iter().map(|attempt| (attempt.key_slot, attempt.wait_reason)).collect();
    assert_eq!(slots, [(0, Some(WaitReason::None)), (1, None)]);
    // The next call does not try the refused one.
    let (_call, step) = begin(&mut client, true, Policy::default(), 3);
    assert_eq!(step.send[0].key_slot, 1);
}

#[test]
fn when_all_keys_are_refused_the_error_is_the_providers() {
    let mut client = with_keys();
    let (mut call, _) = begin(&mut client, false, Policy::default(), 0);
    refuse(&mut call, 1, 401, &[], 1);
    refuse(&mut call, 2, 403, &[], 2);
    let error = error(refuse(&mut call, 3, 401, &[], 3));
    assert_eq!((error.kind, error.next), (ErrorKind::Authentication, vec![NextStep::GiveUp]));
    // Nobody waits five minutes to hear the same.
    let (_call, step) = begin(&mut client, false, Policy::default(), 4);
    assert_eq!(step.send[0].key_slot, 0);
}

#[test]
fn a_key_that_is_not_set_gives_way_and_is_named() {
    let mut client = with_keys();
    let (mut call, _) = begin(&mut client, false, Policy::default(), 0);
    let missing = || TransportFailure {
        kind: FailureKind::MissingKey,
        reached: Reached::NotConnected,
        message: String::new(),
    };
    for (attempt, name) in [(1, "OPENAI_API_KEY"), (2, "SECOND")] {
        let step = call.failed(attempt, &missing(), 1).unwrap();
        let Notice::Retry(retry) = notices(&step)[0] else { panic!("no retry") };
        assert!(retry.cause.contains(&format!("set {name} in the environment")), "{}", retry.cause);
    }
    assert!(error(call.failed(3, &missing(), 1).unwrap()).message.contains("set THIRD in"));
}

#[test]
fn each_key_is_tried_once_also_when_none_rests() {
    for (status, headers, kind) in
        [(401, &[][..], ErrorKind::Authentication), (429, &[("retry-after-ms", "0")], ErrorKind::RateLimit)]
    {
        let row = ProviderRow {
            id: "openai".into(),
            spare_key_env: vec!["SECOND".into()],
            ..ProviderRow::default()
        };
        let guards = Guards { key_rest_ms: Some(0), ..Guards::default() };
        let config = ClientConfig { providers: vec![row], guards: Some(guards), ..ClientConfig::default() };
        let policy = Policy { max_attempts: Some(2), ..Policy::default() };
        let (mut call, _) = begin(&mut client(config), false, policy, 0);
        assert_eq!(refuse(&mut call, 1, status, headers, 1).send[0].key_slot, 1);
        assert_eq!(error(refuse(&mut call, 2, status, headers, 2)).kind, kind);
    }
}

#[test]
fn limited_keys_take_turns_and_then_are_waited_for() {
    let mut client = with_keys();
    let (mut call, _) = begin(&mut client, true, Policy { max_attempts: Some(9), ..Policy::default() }, 0);
    let hint = |ms| [("retry-after-ms", ms)];
    assert_eq!(refuse(&mut call, 1, 429, &hint("500"), 0).send[0].key_slot, 1);
    assert_eq!(refuse(&mut call, 2, 429, &hint("300"), 0).send[0].key_slot, 2);
    let step = refuse(&mut call, 3, 429, &hint("400"), 0);
    assert_eq!((step.send.len(), step.wake_at_ms), (0, Some(300)), "until the first of them wakes");
    let Notice::Retry(retry) = notices(&step)[0] else { panic!("no retry") };
    assert_eq!((retry.delay_ms, retry.reason), (300, WaitReason::Keys));
    let step = call.wake(None, 300).unwrap();
    assert_eq!(step.send[0].key_slot, 1);
    // Another call is held until a key is free.
    let mut other = with_keys();
    let (mut one, _) = begin(&mut other, true, Policy { max_attempts: Some(3), ..Policy::default() }, 0);
    (1..=3).for_each(|attempt| drop(refuse(&mut one, attempt, 429, &hint("700"), 0)));
    let (two, step) = begin(&mut other, true, Policy::default(), 10);
    let Notice::Hold(hold) = notices(&step)[0] else { panic!("no hold") };
    assert!(
        step.send.is_empty() && hold.reason == WaitReason::Keys && (690..=1_190).contains(&hold.delay_ms)
    );
    drop(two);
}

#[test]
fn a_circuit_opens_after_failures_in_a_row_and_a_probe_closes_it() {
    let mut client = guarded(Guards { breaker_failures: Some(2), ..Guards::default() });
    let once = || Policy { max_attempts: Some(1), ..Policy::default() };
    for now_ms in 0..2 {
        let (mut call, _) = begin(&mut client, true, once(), now_ms);
        assert!(refuse(&mut call, 1, 503, &[], now_ms).state_changed);
    }
    let (_call, step) = begin(&mut client, true, once(), 10);
    let report = step.outcome.as_ref().unwrap().report.clone();
    assert_eq!((step.send.len(), report.attempts.len()), (0, 0));
    let failed = error(step);
    assert_eq!((failed.kind, failed.retry_after_ms), (ErrorKind::CircuitOpen, Some(9_991)));
    assert_eq!((failed.next, failed.maybe_billed), (vec![NextStep::Resend], false));
    // Half-open: one probe, the others are told at once.
    let (mut probe, step) = begin(&mut client, true, once(), 10_001);
    assert_eq!(step.send.len(), 1);
    assert_eq!(error(begin(&mut client, true, once(), 10_001).1).kind, ErrorKind::CircuitOpen);
    answer(&mut probe, 1, 10_002);
    assert_eq!(begin(&mut client, true, once(), 10_003).1.send.len(), 1);
}

#[test]
fn a_probe_that_is_forgotten_makes_room_for_another() {
    let mut client = guarded(Guards { breaker_failures: Some(1), ..Guards::default() });
    let (mut call, _) = begin(&mut client, true, Policy { max_attempts: Some(1), ..Policy::default() }, 0);
    refuse(&mut call, 1, 500, &[], 0);
    let (probe, step) = begin(&mut client, true, Policy::default(), 40_000);
    assert_eq!(step.send.len(), 1);
    drop(probe);
    assert_eq!(begin(&mut client, true, Policy::default(), 40_001).1.send.len(), 1);
}

#[test]
fn a_retry_into_a_circuit_that_opened_is_not_waited_for() {
    let mut client = guarded(Guards { breaker_failures: Some(2), ..Guards::default() });
    let (mut call, _) = begin(&mut client, true, Policy { max_attempts: Some(9), ..Policy::default() }, 0);
    let wake_at_ms = refuse(&mut call, 1, 500, &[], 0).wake_at_ms.unwrap();
    call.wake(None, wake_at_ms).unwrap();
    let error = error(refuse(&mut call, 2, 500, &[], wake_at_ms));
    assert_eq!(error.kind, ErrorKind::Server);
    assert!(error.message.contains("the circuit of this model is open for 10000 ms"), "{error}");
}

#[test]
fn a_named_pause_holds_other_calls_of_that_model() {
    let mut client = guarded(Guards::default());
    let (mut one, _) = begin(&mut client, true, Policy::default(), 0);
    assert_eq!(refuse(&mut one, 1, 429, &[("retry-after", "2")], 0).wake_at_ms, Some(2_000));
    let (mut two, step) = begin(&mut client, true, Policy::default(), 100);
    let Notice::Hold(hold) = notices(&step)[0] else { panic!("no hold") };
    assert_eq!((step.send.len(), hold.reason), (0, WaitReason::Cooldown));
    assert!(
        (1_900..=2_850).contains(&hold.delay_ms),
        "until it is over, and a jitter so that not all come at once"
    );
    assert_eq!(step.wake_at_ms, Some(100 + hold.delay_ms));
    assert_eq!(
        one.wake(None, 2_000).unwrap().send.len(),
        1,
        "the one that was told comes when it was told to"
    );
    let sent = two.wake(None, 100 + hold.delay_ms).unwrap();
    assert_eq!(sent.send.len(), 1);
    let report = answer(&mut two, 1, 3_000).outcome.unwrap().report;
    assert_eq!(report.held_ms, hold.delay_ms);
    // A pause longer than the time that is left fails at once.
    let mut client = guarded(Guards::default());
    let (mut one, _) = begin(&mut client, true, Policy::default(), 0);
    refuse(&mut one, 1, 429, &[("retry-after", "20")], 0);
    let error =
        error(begin(&mut client, true, Policy { total_timeout_ms: Some(5_000), ..Policy::default() }, 0).1);
    assert_eq!(error.kind, ErrorKind::RateLimit);
    assert!(error.retry_after_ms.unwrap() >= 20_000 && error.message.contains("nothing was sent"), "{error}");
}

#[test]
fn another_model_takes_over_when_the_first_is_spent() {
    let (mut call, first) = start_with(hello(true), Policy { max_attempts: Some(1), ..fallback(&[]) });
    assert_eq!(first.send[0].provider, "openai");
    let step = refuse(&mut call, 1, 500, &[], 5);
    let Notice::Fallback(turn) = notices(&step)[0] else { panic!("no fallback") };
    assert_eq!((turn.from_model.as_str(), turn.to_model.as_str()), ("openai/gpt-4o-mini", GROQ));
    assert_eq!((turn.error, step.send[0].provider.as_str()), (ErrorKind::Server, "groq"));
    assert!(step.send[0].request.url.starts_with("https://api.groq.com/"));
    let step = answer(&mut call, 2, 6);
    let outcome = step.outcome.unwrap();
    let asked: Vec<_> = outcome.report.attempts.iter().map(|attempt| attempt.provider.as_str()).collect();
    assert_eq!(asked, ["openai", "groq"]);
    assert!(matches!(outcome.result, OutcomeResult::Response(response) if response.provider == "groq"));
}

#[test]
fn a_condition_decides_whether_another_model_helps() {
    for (on, status, turns) in [
        (&[ErrorKind::RateLimit][..], 429, true),
        (&[ErrorKind::RateLimit], 500, false),
        (&[ErrorKind::InvalidRequest], 400, true),
        (&[], 400, false),
        (&[], 401, true),
        (&[], 404, true),
    ] {
        let (mut call, _) = start_with(hello(true), Policy { max_attempts: Some(1), ..fallback(on) });
        let step = refuse(&mut call, 1, status, &[], 5);
        assert_eq!(step.outcome.is_none(), turns, "{on:?} {status}");
    }
}

#[test]
fn a_second_refusal_of_a_key_counts() {
    // The first key is refused for ever, the second serves a provider that fails.
    let row =
        ProviderRow { id: "openai".into(), spare_key_env: vec!["SECOND".into()], ..ProviderRow::default() };
    let guards = Guards { key_rest_ms: Some(0), breaker_failures: Some(0), ..Guards::default() };
    let config = ClientConfig { providers: vec![row], guards: Some(guards), ..ClientConfig::default() };
    let (mut call, mut step) =
        begin(&mut client(config), false, Policy { max_attempts: Some(4), ..Policy::default() }, 0);
    let mut now_ms = 0;
    let report = loop {
        if let Some(outcome) = step.outcome {
            break outcome.report;
        }
        step = match step.send.first() {
            Some(send) => {
                let status = if send.key_slot == 0 { 401 } else { 500 };
                refuse(&mut call, send.attempt, status, &[], now_ms)
            }
            None => {
                now_ms = step.wake_at_ms.unwrap();
                call.wake(None, now_ms).unwrap()
            }
        };
    };
    assert_eq!(report.attempts.len(), 5, "four, and the one refusal that is free");
}

#[test]
fn a_provider_that_wants_to_be_asked_again_is_so_within_the_limits() {
    let (mut call, _) = plain();
    let mut now_ms = 0;
    for attempt in 1..3 {
        let step = refuse(&mut call, attempt, 401, &[("x-should-retry", "true")], now_ms);
        now_ms = step.wake_at_ms.unwrap();
        if step.send.is_empty() {
            call.wake(None, now_ms).unwrap();
        }
    }
    let error = error(refuse(&mut call, 3, 401, &[("x-should-retry", "true")], now_ms));
    assert!(error.message.contains("all 3 attempts failed"), "{error}");
}

#[test]
fn a_limit_of_one_key_is_none_of_the_deployment() {
    let guards = Guards { breaker_failures: Some(2), ..Guards::default() };
    let row = ProviderRow {
        id: "openai".into(),
        spare_key_env: (1..4).map(|key| format!("KEY_{key}")).collect(),
        ..ProviderRow::default()
    };
    let config = ClientConfig { providers: vec![row], guards: Some(guards), ..ClientConfig::default() };
    let policy = Policy { max_attempts: Some(9), ..Policy::default() };
    let (mut call, _) = begin(&mut client(config), false, policy, 0);
    for attempt in 1..4 {
        assert_eq!(refuse(&mut call, attempt, 429, &[], 0).send[0].key_slot, attempt);
    }
    assert!(refuse(&mut call, 4, 429, &[], 0).outcome.is_none());
}

#[test]
fn what_was_never_sent_says_nothing_of_the_deployment() {
    let mut client = guarded(Guards { breaker_failures: Some(1), ..Guards::default() });
    let once = || Policy { max_attempts: Some(1), ..Policy::default() };
    let (mut call, _) = begin(&mut client, true, once(), 0);
    refuse(&mut call, 1, 500, &[], 0);
    let (mut probe, _) = begin(&mut client, true, once(), 10_000);
    let missing = TransportFailure {
        kind: FailureKind::MissingBlob,
        reached: Reached::NotConnected,
        message: "cat".into(),
    };
    probe.failed(1, &missing, 10_000).unwrap();
    let (mut probe, step) = begin(&mut client, true, once(), 10_001);
    assert_eq!(step.send.len(), 1, "it is half-open still: another probe");
    assert_eq!(error(begin(&mut client, true, once(), 10_001).1).kind, ErrorKind::CircuitOpen);
    answer(&mut probe, 1, 10_002);
}

#[test]
fn a_gateway_that_lost_the_answer_leaves_its_fate_unknown() {
    for (status, resent) in [(502, false), (504, false), (524, false), (500, true), (503, true), (408, true)]
    {
        let never = Policy { resend_unknown: Some(ResendUnknown::Never), ..Policy::default() };
        let (mut call, _) = start_with(hello(true), never);
        let step = refuse(&mut call, 1, status, &[], 1);
        assert_eq!(step.outcome.is_none(), resent, "{status}");
        if !resent {
            assert!(error(step).maybe_billed);
        }
    }
}

#[test]
fn a_limited_key_rests_no_longer_than_a_cooldown_may_last() {
    let mut client = with_keys();
    let (mut call, _) = begin(&mut client, true, Policy::default(), 0);
    let year = [("retry-after", "31536000")];
    (1..=3).for_each(|attempt| drop(refuse(&mut call, attempt, 429, &year, 0)));
    assert_eq!(begin(&mut client, true, Policy::default(), 60_000).1.send[0].key_slot, 0);
}

#[test]
fn a_hold_fits_into_the_time_that_is_left() {
    for seed in 0..200 {
        let mut client = guarded(Guards::default());
        let (mut one, _) = begin(&mut client, true, Policy::default(), 0);
        refuse(&mut one, 1, 429, &[("retry-after-ms", "700")], 0);
        let policy = Policy { total_timeout_ms: Some(1_000), ..Policy::default() };
        let options = CallOptions { policy: Some(policy), ..CallOptions::default() };
        let (_call, step) = client.start(hello(true), options, 0, seed).unwrap();
        assert!(step.wake_at_ms.unwrap() < 1_000, "seed {seed}");
    }
}

#[test]
fn a_call_under_an_open_circuit_says_what_it_met_before() {
    let mut client = guarded(Guards { breaker_failures: Some(2), ..Guards::default() });
    let (mut one, _) = begin(&mut client, true, Policy::default(), 0);
    let wake_at_ms = refuse(&mut one, 1, 500, &[], 0).wake_at_ms.unwrap();
    let (mut two, _) = begin(&mut client, true, Policy::default(), 0);
    refuse(&mut two, 1, 500, &[], 0);
    let error = error(one.wake(None, wake_at_ms).unwrap());
    assert_eq!((error.kind, error.status), (ErrorKind::CircuitOpen, Some(500)));
    assert!(error.message.contains("nothing more was sent; before that: openai answered 500"), "{error}");
}

#[test]
fn the_callers_own_header_is_the_idempotency_key() {
    let row = ProviderRow {
        id: "openai".into(),
        idempotency_header: Some("idempotency-key".into()),
        ..ProviderRow::default()
    };
    let mut client = client(ClientConfig { providers: vec![row], ..ClientConfig::default() });
    let headers = vec![Header { name: "idempotency-key".into(), value: "mine".into() }];
    let request = Request { headers, ..hello(true) };
    let (_call, step) = client.start(request, CallOptions::default(), 0, 7).unwrap();
    let sent = step.send[0].request.headers.iter().filter(|header| header.name == "idempotency-key");
    assert_eq!(sent.map(|header| header.value.as_str()).collect::<Vec<_>>(), ["mine"]);
}

#[test]
fn a_clock_that_is_behind_does_not_lengthen_what_is_left() {
    let policy = Policy { total_timeout_ms: Some(10_000), ..Policy::default() };
    let mut client = Client::new(ClientConfig::default()).unwrap();
    let (mut call, _) = begin(&mut client, true, policy, 7_200_000);
    refuse(&mut call, 1, 429, &[("retry-after-ms", "1500")], 7_200_000);
    let snapshot = call.snapshot().unwrap();
    // The next process believes that it is an hour earlier.
    let (mut call, step) = guarded(Guards::default()).restore_call(&snapshot, 3_600_000).unwrap();
    assert_eq!(step.wake_at_ms, Some(3_601_500));
    let step = call.wake(None, 3_601_500).unwrap();
    assert_eq!((step.send.len(), step.wake_at_ms), (1, Some(3_610_000)));
    // And a circuit is left alone no longer than one of its own.
    let mut client = guarded(Guards { breaker_failures: Some(1), ..Guards::default() });
    let once = || Policy { max_attempts: Some(1), ..Policy::default() };
    refuse(&mut begin(&mut client, true, once(), 7_200_000).0, 1, 500, &[], 7_200_000);
    let memory = client.snapshot();
    let mut other = guarded(Guards { breaker_failures: Some(1), ..Guards::default() });
    other.restore(&memory).unwrap();
    let error = error(begin(&mut other, true, once(), 3_600_000).1);
    assert_eq!(error.retry_after_ms, Some(10_000));
}

#[test]
fn comments_of_a_resumable_stream_are_not_kept() {
    let options = CallOptions { resumable: Some(true), ..CallOptions::default() };
    let limits = crate::types::Limits { max_held_bytes: Some(10_000), ..Default::default() };
    let mut client = client(ClientConfig { limits: Some(limits), ..ClientConfig::default() });
    let (mut call, _) = client.start(hello(true), options, 0, 7).unwrap();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, delta("Hel").as_bytes(), 2).unwrap();
    for _ in 0..10_000 {
        assert!(call.body(1, b": alive\n\n", 3).unwrap().outcome.is_none());
    }
    let (mut call, _) = client.restore_call(&call.snapshot().unwrap(), 4).unwrap();
    call.body(1, format!("{}{FINISH}{DONE}", delta("lo")).as_bytes(), 5).unwrap();
    assert_eq!(response(call.end(1, 6).unwrap()).text(), "Hello");
}

#[test]
fn a_plain_call_that_is_answered_by_a_stream_can_be_frozen_too() {
    let options = CallOptions { resumable: Some(true), ..CallOptions::default() };
    let mut client = guarded(Guards::default());
    let (mut call, _) = client.start(hello(false), options, 0, 7).unwrap();
    call.head(1, &head(200, &[("content-type", "text/event-stream")]), 1).unwrap();
    call.body(1, delta("Hel").as_bytes(), 2).unwrap();
    let (mut call, _) = client.restore_call(&call.snapshot().unwrap(), 3).unwrap();
    call.body(1, format!("{}{FINISH}{DONE}", delta("lo")).as_bytes(), 4).unwrap();
    assert_eq!(response(call.end(1, 5).unwrap()).text(), "Hello");
}

#[test]
fn an_open_circuit_or_a_cooldown_turns_to_the_other_model_at_once() {
    let mut client = guarded(Guards { breaker_failures: Some(1), ..Guards::default() });
    let (mut call, _) = begin(&mut client, true, Policy { max_attempts: Some(1), ..Policy::default() }, 0);
    refuse(&mut call, 1, 500, &[], 0);
    let (_call, step) = begin(&mut client, true, fallback(&[]), 1);
    assert_eq!(step.send[0].provider, "groq");
    let Notice::Fallback(turn) = notices(&step)[0] else { panic!("no fallback") };
    assert_eq!(turn.error, ErrorKind::CircuitOpen);
}

#[test]
fn a_model_to_turn_to_must_be_able_to_take_the_request() {
    let mut client = Client::new(ClientConfig::default()).unwrap();
    let mut refused = |model: &str| {
        let step = FallbackStep { model: model.into(), on: Vec::new() };
        let policy = Policy { fallback: vec![step], ..Policy::default() };
        let options = CallOptions { policy: Some(policy), ..CallOptions::default() };
        client.start(hello(false), options, 0, 7).unwrap_err()
    };
    let error = refused("nobody/x");
    assert_eq!(error.kind, ErrorKind::UnknownProvider);
    assert!(error.message.starts_with("policy.fallback[0]: "), "{error}");
    assert_eq!(refused("openai").kind, ErrorKind::InvalidRequest);
    let config = ClientConfig {
        policy: Some(Policy {
            fallback: vec![FallbackStep { model: "nobody/x".into(), on: Vec::new() }],
            ..Policy::default()
        }),
        ..ClientConfig::default()
    };
    assert_eq!(Client::new(config).unwrap_err().kind, ErrorKind::UnknownProvider);
}

#[test]
fn an_unknown_fate_is_final_for_those_who_pay_dearly() {
    let never = || Policy { resend_unknown: Some(ResendUnknown::Never), ..fallback(&[]) };
    for reached in [Reached::Sent, Reached::PartlySent, Reached::Unknown] {
        let (mut call, _) = start_with(hello(true), never());
        let step = call.failed(1, &lost(reached), 1).unwrap();
        assert_eq!(step.outcome.as_ref().unwrap().report.attempts[0].reached, Some(reached));
        let error = error(step);
        assert!(error.message.contains("resend_unknown") && error.maybe_billed, "{error}");
    }
    for (reached, waits) in [(Reached::NotConnected, true), (Reached::Connected, true)] {
        let (mut call, _) = start_with(hello(true), never());
        assert_eq!(call.failed(1, &lost(reached), 1).unwrap().outcome.is_none(), waits);
    }
    // Silence before the head is a fate unknown as well; a refusal is known.
    let (mut call, _) = start_with(hello(true), never());
    assert!(error(call.wake(Some(1), 300_000).unwrap()).message.contains("resend_unknown"));
    let (mut call, _) = start_with(hello(true), never());
    assert!(refuse(&mut call, 1, 503, &[], 1).outcome.is_none());
}

#[test]
fn a_provider_that_honours_a_key_is_asked_again_with_the_same_one() {
    let row = ProviderRow {
        id: "openai".into(),
        idempotency_header: Some("idempotency-key".into()),
        ..ProviderRow::default()
    };
    let mut client = client(ClientConfig { providers: vec![row], ..ClientConfig::default() });
    let key = |step: &Step| {
        let headers = &step.send[0].request.headers;
        headers
            .iter()
            .find(|header| header.name == "idempotency-key")
            .map(|header| header.value.clone())
            .unwrap()
    };
    let policy = || Policy { resend_unknown: Some(ResendUnknown::Never), ..Policy::default() };
    // Another provider does not honour it: what may be done here already is not asked of it, however it goes on.
    let once = Policy { max_attempts: Some(2), ..fallback(&[]) };
    let (mut call, _) =
        begin(&mut client, true, Policy { resend_unknown: Some(ResendUnknown::Never), ..once }, 0);
    let step = call.failed(1, &lost(Reached::Sent), 1).unwrap();
    call.wake(None, step.wake_at_ms.unwrap()).unwrap();
    assert_eq!(error(refuse(&mut call, 2, 500, &[], 1_000)).kind, ErrorKind::Server);
    let (mut call, first) = begin(&mut client, true, policy(), 0);
    let step = call.failed(1, &lost(Reached::Sent), 1).unwrap();
    let again = call.wake(None, step.wake_at_ms.unwrap()).unwrap();
    assert_eq!(key(&first), key(&again));
    assert!(key(&first).starts_with("literllm-") && key(&first).len() == 41);
    let options = CallOptions { idempotency_key: Some("order-7".into()), ..CallOptions::default() };
    assert_eq!(key(&client.start(hello(true), options, 0, 8).unwrap().1), "order-7");
    let bad = CallOptions { idempotency_key: Some("a b".into()), ..CallOptions::default() };
    assert_eq!(client.start(hello(true), bad, 0, 8).unwrap_err().kind, ErrorKind::InvalidRequest);
    // Where nobody honours it, that is told.
    let options = CallOptions { idempotency_key: Some("order-7".into()), ..CallOptions::default() };
    let (_call, step) =
        Client::new(ClientConfig::default()).unwrap().start(hello(true), options, 0, 8).unwrap();
    assert!(matches!(&step.events[0], Event::Warning(warning) if warning.field == "options.idempotency_key"));
}

#[test]
fn a_spent_budget_stops_retries_and_good_answers_refill_it() {
    let mut client = guarded(Guards {
        retry_budget: Some(1),
        retry_refill_percent: Some(100),
        breaker_failures: Some(0),
        ..Guards::default()
    });
    let (mut one, _) = begin(&mut client, true, Policy::default(), 0);
    assert!(refuse(&mut one, 1, 500, &[], 0).outcome.is_none());
    let (mut two, _) = begin(&mut client, true, Policy::default(), 0);
    let error = error(refuse(&mut two, 1, 500, &[], 0));
    assert!(error.message.contains("retry budget"), "{error}");
    assert_eq!(error.next, [NextStep::Resend]);
    // What the provider itself asks for costs nothing.
    let (mut three, _) = begin(&mut client, true, Policy::default(), 0);
    assert!(refuse(&mut three, 1, 429, &[("retry-after", "1")], 0).outcome.is_none());
    let wake_at_ms = 9_000;
    one.wake(None, wake_at_ms).unwrap();
    answer(&mut one, 2, wake_at_ms);
    let (mut four, _) = begin(&mut client, true, Policy::default(), wake_at_ms);
    assert!(refuse(&mut four, 1, 500, &[], wake_at_ms).outcome.is_none());
}

#[test]
fn an_error_says_what_may_be_done() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, delta("half an ans").as_bytes(), 2).unwrap();
    let cut = error(call.failed(1, &lost(Reached::BodySeen), 3).unwrap());
    assert_eq!(cut.next, [NextStep::Continue, NextStep::Resend]);
    assert!(cut.maybe_billed);
    let (mut call, _) = plain();
    let refused = error(refuse(&mut call, 1, 400, &[], 1));
    assert_eq!((refused.next, refused.maybe_billed), (vec![NextStep::GiveUp], false));
}

/// Plays a happening and answers with what came of it, as the JSON that would cross.
fn play(call: &mut Call, happening: &Happening) -> Result<Step, Error> {
    match happening {
        Happening::Head(attempt, status, now_ms) => {
            call.head(*attempt, &head(*status, &[("retry-after-ms", "40")]), *now_ms)
        }
        Happening::Body(attempt, bytes, now_ms) => call.body(*attempt, bytes, *now_ms),
        Happening::End(attempt, now_ms) => call.end(*attempt, *now_ms),
        Happening::Lost(attempt, now_ms) => call.failed(*attempt, &lost(Reached::Sent), *now_ms),
        Happening::Wake(now_ms) => call.wake(None, *now_ms),
    }
}

enum Happening {
    Head(u32, u16, u64),
    Body(u32, Vec<u8>, u64),
    End(u32, u64),
    Lost(u32, u64),
    Wake(u64),
}

impl Happening {
    fn now_ms(&self) -> u64 {
        match self {
            Self::Head(_, _, now_ms)
            | Self::Body(_, _, now_ms)
            | Self::End(_, now_ms)
            | Self::Lost(_, now_ms)
            | Self::Wake(now_ms) => *now_ms,
        }
    }
}

#[test]
fn a_call_that_is_frozen_and_taken_up_at_any_step_goes_on_the_same() {
    use Happening::{Body, End, Head, Lost, Wake};
    let tools = "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\"}}]}}]}\n\ndata: {\"choi";
    let rest = "ces\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\":1}\"}}]},\"finish_reason\":\"tool_calls\"}]}\n\n";
    let story = [
        Head(1, 429, 1),
        End(1, 2),
        Wake(42),
        Lost(2, 50),
        Wake(9_000),
        Head(3, 500, 9_001),
        Body(3, b"{\"error\":{\"mess".to_vec(), 9_002),
        End(3, 9_003),
        Head(4, 200, 9_100),
        Body(4, b"  ".to_vec(), 9_101),
        Body(4, delta("He").into_bytes(), 9_102),
        Body(4, tools.as_bytes().to_vec(), 9_103),
        Body(4, rest.as_bytes().to_vec(), 9_104),
        Body(4, DONE.as_bytes().to_vec(), 9_105),
        End(4, 9_106),
    ];
    let start = || {
        let mut client = guarded(Guards::default());
        let options =
            CallOptions { policy: Some(fallback(&[])), resumable: Some(true), ..CallOptions::default() };
        let (call, _) = client.start(hello(true), options, 0, 3).unwrap();
        (client, call)
    };
    let json = |step: &Step| serde_json::to_string(step).unwrap();
    let (_client, mut call) = start();
    let straight: Vec<String> = story.iter().map(|next| json(&play(&mut call, next).unwrap())).collect();
    assert!(straight.last().unwrap().contains("\"tool_calls\""));
    for frozen_at in 0..story.len() {
        let (client, mut call) = start();
        for next in &story[..frozen_at] {
            play(&mut call, next).unwrap();
        }
        let frozen_ms = story[..frozen_at].last().map_or(0, Happening::now_ms);
        let snapshot = call.snapshot().unwrap();
        assert_eq!(call.snapshot().unwrap(), snapshot, "taking one changes nothing");
        let text = serde_json::to_string(&snapshot).unwrap();
        let memory = client.snapshot();
        drop((client, call));
        let mut other = guarded(Guards::default());
        other.restore(&memory).unwrap();
        let (mut call, step) = other.restore_call(&serde_json::from_str(&text).unwrap(), frozen_ms).unwrap();
        assert!(step.send.is_empty() && step.events.is_empty());
        assert_eq!(call.snapshot().unwrap(), snapshot, "at {frozen_at}");
        for (at, next) in story.iter().enumerate().skip(frozen_at) {
            assert_eq!(
                json(&play(&mut call, next).unwrap()),
                straight[at],
                "frozen at {frozen_at}, step {at}"
            );
        }
    }
}

#[test]
fn a_call_whose_connection_died_goes_on_with_another_attempt() {
    let mut client = guarded(Guards::default());
    let (mut call, _) = begin(&mut client, true, Policy::default(), 0);
    call.head(1, &head(200, &[]), 1).unwrap();
    let snapshot = call.snapshot().unwrap();
    assert_eq!(snapshot.running, [1]);
    let (mut call, step) = client.restore_call(&snapshot, 50).unwrap();
    assert_eq!(step.wake_at_ms, Some(600_000));
    let gone =
        TransportFailure { kind: FailureKind::Lost, reached: Reached::Unknown, message: "gone".into() };
    let step = call.failed(1, &gone, 50).unwrap();
    let again = call.wake(None, step.wake_at_ms.unwrap()).unwrap();
    let report = answer(&mut call, again.send[0].attempt, 5_000).outcome.unwrap().report;
    assert_eq!(
        (report.attempts[0].error, report.attempts[0].maybe_billed),
        (Some(ErrorKind::Connection), true)
    );
}

#[test]
fn a_snapshot_names_the_blobs_of_every_model_that_may_be_asked() {
    use crate::types::{BlobSource, MediaPart, MediaSource, Part};
    let blob = |id: &str| {
        let source = MediaSource::Blob(BlobSource { id: id.into(), length: 3 });
        let media_type = Some("image/png".into());
        Part::Image(MediaPart {
            source,
            media_type,
            name: None,
            detail: None,
            cache: None,
            provider_data: None,
        })
    };
    let mut request = hello(true);
    request.messages[0].content.extend([blob("one"), blob("two"), blob("one")]);
    // Cohere's command models are asked first and may leave a picture out; the other takes it.
    request.model = "cohere/command-a-03-2025".into();
    let (call, _) = start_with(request, fallback(&[]));
    let mut blobs = call.snapshot().unwrap().blobs;
    blobs.sort_unstable();
    assert_eq!(blobs, ["one", "two"]);
}

#[test]
fn a_snapshot_that_cannot_be_taken_or_used_says_why() {
    let (mut call, _) = streaming();
    call.head(1, &head(200, &[]), 1).unwrap();
    call.body(1, delta("x").as_bytes(), 2).unwrap();
    assert!(call.snapshot().unwrap_err().message.contains("resumable"));
    call.cancel(3).unwrap();
    assert!(call.snapshot().unwrap_err().message.contains("has ended"));
    let (call, _) = plain();
    let good = call.snapshot().unwrap();
    let changed = |from: &str, to: &str| {
        assert!(good.state.contains(from), "{from} is not in {}", good.state);
        crate::types::CallSnapshot { state: good.state.replacen(from, to, 1), ..good.clone() }
    };
    let mut client = guarded(Guards::default());
    for (bad, word) in [
        (crate::types::CallSnapshot { state_version: 999, ..good.clone() }, "version 999"),
        (crate::types::CallSnapshot { state: "{}".into(), ..good.clone() }, "cannot be taken up"),
        (crate::types::CallSnapshot { state: "no".into(), ..good.clone() }, "not valid JSON"),
        (changed("\"max_attempts\":3", "\"max_attempts\":0"), "max_attempts must be"),
        (changed("\"number\":1", "\"number\":7"), "attempt 7"),
        (changed("\"started_ms\":0,\"now_ms\"", "\"started_ms\":9,\"now_ms\""), "before it began"),
    ] {
        let error = client.restore_call(&bad, 0).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidState);
        assert!(error.message.contains(word), "{error}");
    }
}
