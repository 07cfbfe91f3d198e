//! The loop against a core that plays a script: what no real core can be asked to do.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};

use futures_util::stream;
use literllm_core::types::{CallSnapshot, HttpRequest, Report, Response, ResponseHead, Send, Usage};

use super::*;
use crate::body::Blobs;
use crate::snapshot::CoreId;
use crate::transport::{ResponseFuture, Transport, TransportRequest, TransportResponse};
use literllm_lend::{Egress, EnvKeys};

type Told = Arc<Mutex<Vec<String>>>;

/// Answers with the steps it was given, and writes down what it was told and when.
struct FakeCall {
    steps: VecDeque<Result<Step, types::Error>>,
    told: Told,
}

impl CoreCall for FakeCall {
    fn tell(&mut self, happening: Happening, now_ms: u64) -> Result<Step, types::Error> {
        let told = match happening {
            Happening::Head(attempt, head) => format!("head {attempt} {}", head.status),
            Happening::Body(attempt, bytes) => format!("body {attempt} {}", String::from_utf8_lossy(&bytes)),
            other => format!("{other:?}"),
        };
        self.told.lock().unwrap().push(format!("{now_ms} {told}"));
        self.steps.pop_front().unwrap_or_else(|| Ok(Step::default()))
    }

    fn snapshot(&mut self) -> Result<CallSnapshot, types::Error> {
        Err(types::Error::new(ErrorKind::InvalidState, "a script has no state"))
    }
}

impl Drop for FakeCall {
    fn drop(&mut self) {
        self.told.lock().unwrap().push("dropped".to_owned());
    }
}

/// Plays by the URL's path: `/MS/MS/...` is a head after the first pause and one chunk after each other; then silence,
/// or the end when the path ends in `/end`.
struct Paced;

impl Transport for Paced {
    fn send(&self, request: TransportRequest) -> ResponseFuture {
        Box::pin(async move {
            let path = request.url.splitn(4, '/').nth(3).unwrap().to_owned();
            let mut pauses: VecDeque<String> = path.split('/').map(str::to_owned).collect();
            pause(&pauses.pop_front().unwrap()).await;
            let body = stream::unfold(pauses, |mut pauses| async move {
                match pauses.pop_front() {
                    Some(end) if end == "end" => None,
                    Some(wait) => {
                        pause(&wait).await;
                        Some((Ok(wait.into_bytes().into()), pauses))
                    }
                    None => std::future::pending().await,
                }
            });
            Ok(TransportResponse {
                head: ResponseHead { status: 200, headers: vec![] },
                body: Box::pin(body),
            })
        })
    }
}

async fn pause(ms: &str) {
    if ms != "0" {
        tokio::time::sleep(Duration::from_millis(ms.parse().unwrap())).await;
    }
}

fn send(attempt: u32, path: &str, idle_ms: Option<u64>) -> Send {
    let url = format!("https://api.example.com/{path}");
    let (method, headers, auth, body) = ("GET".to_owned(), vec![], None, vec![]);
    let request = HttpRequest { method, url, headers, auth, body, body_length: 0 };
    Send {
        attempt,
        provider: "example".into(),
        key_slot: 0,
        request,
        idle_ms,
        connect_timeout_ms: None,
        max_body_bytes: Default::default(),
    }
}

fn event() -> Event {
    Event::Usage(Usage::default())
}

fn ended() -> Result<Step, types::Error> {
    let outcome = Outcome { result: OutcomeResult::Response(Response::default()), report: Report::default() };
    Ok(Step { outcome: Some(outcome), ..Step::default() })
}

fn drive(first: Step, steps: Vec<Result<Step, types::Error>>) -> (Drive, Told) {
    let told = Told::default();
    let rows = [types::EgressRow {
        provider: "example".into(),
        protocol: "p".into(),
        origins: vec!["https://api.example.com".into()],
        auth: None,
        key_env: vec![],
        spare_key_env: vec![],
    }];
    let egress = Arc::new(Egress::new(&rows));
    let lender = Lender { transport: Arc::new(Paced), keys: Arc::new(EnvKeys), egress, blobs: Blobs::new() };
    let call = Box::new(FakeCall { steps: steps.into(), told: Arc::clone(&told) });
    let keeper = Keeper { core: CoreId::native(), keep: None };
    (Drive::new((call, first), lender, Time::starting_at(0), keeper), told)
}

fn lines(told: &Told) -> Vec<String> {
    told.lock().unwrap().clone()
}

async fn next(drive: &mut Drive) -> Option<Event> {
    poll_fn(|cx| drive.poll_event(cx)).await
}

#[tokio::test(start_paused = true)]
async fn chunks_that_lie_ready_are_told_as_one_and_the_end_after_them() {
    let first = Step { send: vec![send(1, "0/0/0/0/5/0/end", None)], ..Step::default() };
    let quiet = || Ok(Step::default());
    let (mut drive, told) = drive(first, vec![quiet(), quiet(), quiet(), ended()]);
    assert_eq!(next(&mut drive).await, None);
    assert!(drive.outcome.as_ref().unwrap().is_ok());
    drop(drive);
    assert_eq!(lines(&told), ["0 head 1 200", "0 body 1 000", "5 body 1 50", "5 End(1)", "dropped"]);
}

#[tokio::test(start_paused = true)]
async fn the_patience_with_one_attempt_does_not_hang_on_another() {
    // 1 speaks, and each time the reader gets an event; 2 never speaks. The clock runs on while the reader is away, so
    // of the 1060 ms between two chunks it waits for 60.
    let speaking = send(1, "0/60/1060/1060", Some(100));
    let first = Step { send: vec![speaking, send(2, "100000", Some(150))], ..Step::default() };
    let say = || Ok(Step { events: vec![event()], ..Step::default() });
    let (mut drive, told) = drive(first, vec![say(), say(), say(), ended()]);
    for _ in 0..3 {
        assert!(next(&mut drive).await.is_some());
        // The reader takes its time, which is nobody's silence.
        tokio::time::sleep(Duration::from_millis(1000)).await;
    }
    assert_eq!(next(&mut drive).await, None);
    let told = lines(&told);
    // The reader waited 60 + 60 + 30 ms in all; that is when the patience with 2 ends.
    assert_eq!(told.last().unwrap(), "3150 Wake(Some(2))", "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_attempt_that_may_stay_is_told_again_later_and_not_at_once() {
    let first = Step { send: vec![send(1, "100000", Some(100))], ..Step::default() };
    let (mut drive, told) = drive(first, vec![Ok(Step::default()), ended()]);
    assert_eq!(next(&mut drive).await, None);
    assert_eq!(lines(&told), ["100 Wake(Some(1))", "200 Wake(Some(1))"]);
}

#[tokio::test(start_paused = true)]
async fn the_moment_wakes_and_aborted_attempts_are_silent() {
    let first = Step { send: vec![send(1, "50/1", None)], wake_at_ms: Some(20), ..Step::default() };
    let aborting = Ok(Step {
        abort: vec![1],
        send: vec![send(2, "100", None)],
        wake_at_ms: Some(70),
        ..Step::default()
    });
    let (mut drive, told) = drive(first, vec![aborting, ended()]);
    assert_eq!(next(&mut drive).await, None);
    assert_eq!(lines(&told), ["20 Wake(None)", "70 Wake(None)"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_outside_the_table_is_told_as_a_failure() {
    let mut astray = send(1, "0", None);
    astray.request.url = "https://evil.example/".into();
    let (mut drive, told) = drive(Step { send: vec![astray], ..Step::default() }, vec![ended()]);
    assert_eq!(next(&mut drive).await, None);
    let told = lines(&told);
    assert!(
        told[0].contains("Failed") && told[0].contains("Egress") && told[0].contains("NotConnected"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_core_that_refuses_ends_the_call_and_its_exchanges() {
    let first = Step { send: vec![send(1, "0/5", None), send(2, "1000", None)], ..Step::default() };
    let refusal = Err(types::Error::new(ErrorKind::Internal, "it broke"));
    let (mut drive, told) =
        drive(first, vec![Ok(Step { events: vec![event()], ..Step::default() }), refusal]);
    assert!(next(&mut drive).await.is_some());
    assert_eq!(next(&mut drive).await, None);
    let error = drive.outcome.as_ref().unwrap().as_ref().unwrap_err();
    assert_eq!((error.kind(), error.report.is_none()), (ErrorKind::Internal, true));
    assert!(error.detail.maybe_billed, "two requests were under way");
    assert!(drive.attempts.is_empty());
    assert_eq!(lines(&told), ["0 head 1 200", "5 body 1 5"]);
}
