//! A transport that plays what a test wrote down, and the ways to run a test on every engine.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use literllm_host::types::{Event, FailureKind, Header, Reached, ResponseHead, TransportFailure};
use literllm_host::{
    ChatStream, Client, ClientBuilder, Engine, Error, ResponseFuture, StaticKeys, Transport,
    TransportRequest, TransportResponse,
};
use serde_json::{Value, json};

/// The key of every scripted client.
pub(crate) const KEY: &str = "sk-0123456789-secret";

/// The Unix time at which every scripted call starts.
pub(crate) const START_MS: u64 = 1_700_000_000_000;

/// What an exchange does next.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Head(u16, Vec<(&'static str, String)>),
    Bytes(Bytes),
    Wait(u64),
    Fail(FailureKind, Reached),
    /// Silence without end.
    Hang,
}

/// A request as it would have gone out.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) url: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) body: Bytes,
}

/// Exchanges in the order in which they will be asked for. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Script {
    exchanges: Arc<Mutex<VecDeque<Vec<Act>>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
    chunks_taken: Arc<AtomicUsize>,
    /// One clone lives in each exchange under way.
    alive: Arc<()>,
}

impl Script {
    pub(crate) fn new(exchanges: impl IntoIterator<Item = Vec<Act>>) -> Self {
        let exchanges = Arc::new(Mutex::new(exchanges.into_iter().collect()));
        Self { exchanges, ..Self::default() }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// How many chunks of bodies were read.
    pub(crate) fn chunks_taken(&self) -> usize {
        self.chunks_taken.load(Relaxed)
    }

    /// How many exchanges are under way. The client and the test hold a script each.
    pub(crate) fn under_way(&self, scripts: usize) -> usize {
        Arc::strong_count(&self.alive) - scripts
    }

    /// A client over this script, with a key and a clock and a seed that never change.
    pub(crate) fn client(&self, engine: Engine) -> Client {
        self.builder(engine).build().unwrap()
    }

    pub(crate) fn builder(&self, engine: Engine) -> ClientBuilder {
        let keys = StaticKeys::new().with("openai", KEY);
        Client::builder().engine(engine).transport(self.clone()).keys(keys).clock(|| START_MS).seed(|| 7)
    }
}

impl Transport for Script {
    fn send(&self, request: TransportRequest) -> ResponseFuture {
        let script = self.clone();
        let Self { alive, chunks_taken: taken, .. } = self.clone();
        Box::pin(async move {
            let sent = Sent { url: request.url, headers: request.headers, body: request.body.into_bytes() };
            script.sent.lock().unwrap().push(sent);
            let acts = script.exchanges.lock().unwrap().pop_front();
            let mut acts = VecDeque::from(acts.expect("one exchange too many"));
            drop(script);
            let (status, headers) = match next(&mut acts).await? {
                Some(Act::Head(status, headers)) => (status, headers),
                other => panic!("expected a head, not {other:?}"),
            };
            let headers =
                headers.into_iter().map(|(name, value)| Header { name: name.to_owned(), value }).collect();
            let body = stream::unfold((acts, alive, taken), |(mut acts, alive, taken)| async move {
                let item = match next(&mut acts).await {
                    Ok(Some(Act::Bytes(bytes))) => Ok(bytes),
                    Ok(None) => return None,
                    Ok(other) => panic!("expected bytes, not {other:?}"),
                    Err(failure) => Err(failure),
                };
                taken.fetch_add(1, Relaxed);
                Some((item, (acts, alive, taken)))
            });
            Ok(TransportResponse { head: ResponseHead { status, headers }, body: Box::pin(body) })
        })
    }
}

async fn next(acts: &mut VecDeque<Act>) -> Result<Option<Act>, TransportFailure> {
    loop {
        match acts.pop_front() {
            Some(Act::Wait(wait_ms)) => tokio::time::sleep(Duration::from_millis(wait_ms)).await,
            Some(Act::Hang) => std::future::pending().await,
            Some(Act::Fail(kind, reached)) => {
                return Err(TransportFailure { kind, reached, message: format!("as scripted, with {KEY}") });
            }
            other => return Ok(other),
        }
    }
}

/// The engines that are built in.
pub(crate) fn engines() -> Vec<Engine> {
    vec![
        #[cfg(feature = "component")]
        Engine::Component,
        #[cfg(feature = "native")]
        Engine::Native,
    ]
}

/// Runs a scenario on every engine; what it tells must be equal. Returns it.
pub(crate) async fn on_each<F: Future<Output = Value>>(scenario: impl Fn(Engine) -> F) -> Value {
    let mut told: Vec<(Engine, Value)> = Vec::new();
    for engine in engines() {
        told.push((engine, scenario(engine).await));
    }
    for (engine, value) in &told {
        assert_eq!(value, &told[0].1, "{engine:?} differs from {:?}", told[0].0);
    }
    told.remove(0).1
}

/// Reads to the end and tells everything as JSON: `events`, and `answer` or `error` with the `report`.
pub(crate) async fn tell(mut stream: ChatStream) -> Value {
    let mut events: Vec<Event> = Vec::new();
    while let Some(event) = stream.next().await {
        if let Ok(event) = event {
            events.push(event);
        }
    }
    let mut told = tell_outcome(stream.finish().await.map(|answer| (answer.response, answer.report)));
    told["events"] = json!(events);
    told
}

pub(crate) fn tell_outcome(
    outcome: Result<(literllm_host::types::Response, literllm_host::types::Report), Error>,
) -> Value {
    match outcome {
        Ok((response, report)) => json!({ "answer": response, "report": report }),
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains(KEY), "the key is in {shown}");
            json!({ "error": *error.detail, "report": error.report })
        }
    }
}

/// The head of an event stream.
pub(crate) fn head() -> Act {
    Act::Head(200, vec![("content-type", "text/event-stream".into()), ("x-request-id", "req_1".into())])
}

/// One event with a piece of text.
pub(crate) fn delta(text: &str) -> Act {
    let chunk = json!({ "id": "c1", "model": "gpt-4o-mini-2024-07-18", "choices": [{ "index": 0, "delta": { "content": text } }] });
    Act::Bytes(format!("data: {chunk}\n\n").into())
}

/// The events that end a stream in good order.
pub(crate) fn done() -> Act {
    let finish = json!({ "id": "c1", "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let usage = json!({ "id": "c1", "choices": [], "usage": { "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7 } });
    Act::Bytes(format!("data: {finish}\n\ndata: {usage}\n\ndata: [DONE]\n\n").into())
}

/// A whole stream that says these pieces.
pub(crate) fn saying(pieces: &[&str]) -> Vec<Act> {
    let mut acts = vec![head()];
    acts.extend(pieces.iter().map(|piece| delta(piece)));
    acts.push(done());
    acts
}

/// An error of a provider.
pub(crate) fn refusal(status: u16, headers: &[(&'static str, &str)], message: &str) -> Vec<Act> {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let body = json!({ "error": { "message": message, "type": "some_error", "code": null } }).to_string();
    vec![Act::Head(status, headers), Act::Bytes(body.into())]
}
