//! `examples/durable.rs` as it is meant to be used: killed, and started again. It is built with the tests of the workspace.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use crate::script::{Act, saying};

/// The pause that the provider asks for. The worker is killed as soon as it says that it begins.
const PAUSE_MS: u64 = 1500;

/// What a provider answers: a status, headers, a body. `None`: nothing at all.
type Reply = Option<(u16, String, Vec<u8>)>;

fn limited() -> Reply {
    Some((
        429,
        format!("retry-after-ms: {PAUSE_MS}\r\n"),
        br#"{"error":{"message":"slowly, please"}}"#.into(),
    ))
}

fn well() -> Reply {
    let body = saying(&["hel", "lo"]).into_iter().fold(Vec::new(), |mut body, act| {
        if let Act::Bytes(bytes) = act {
            body.extend_from_slice(&bytes);
        }
        body
    });
    Some((200, "content-type: text/event-stream\r\n".into(), body))
}

/// Answers one request after the other with what it was given.
struct Provider {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Told when a request came that gets no answer.
    unanswered: Receiver<()>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Provider {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, closing) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (tell, unanswered) = channel();
        let replies: Vec<Reply> = replies.into_iter().collect();
        let thread = {
            let (requests, closing) = (Arc::clone(&requests), Arc::clone(&closing));
            std::thread::spawn(move || serve(&listener, replies, &requests, &closing, &tell))
        };
        Self { address, requests, unanswered, closing, thread: Some(thread) }
    }

    /// Bodies of all requests so far.
    fn requests(&self) -> Vec<Vec<u8>> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.closing.store(true, SeqCst);
        // It waits for a connection, and looks then.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let served = thread.join();
            assert!(std::thread::panicking() || served.is_ok(), "the provider panicked");
        }
    }
}

fn serve(
    listener: &TcpListener,
    replies: Vec<Reply>,
    requests: &Mutex<Vec<Vec<u8>>>,
    closing: &AtomicBool,
    unanswered: &Sender<()>,
) {
    let mut replies = replies.into_iter();
    let mut silent = Vec::new();
    for connection in listener.incoming() {
        let mut connection = connection.unwrap();
        if closing.load(SeqCst) {
            return;
        }
        // A worker that was killed may leave half a request.
        let Some(body) = request(&connection) else { continue };
        requests.lock().unwrap().push(body);
        match replies.next().flatten() {
            Some((status, headers, body)) => {
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
                );
                connection.write_all(&[head.into_bytes(), body].concat()).unwrap();
            }
            None => {
                silent.push(connection);
                unanswered.send(()).unwrap();
            }
        }
    }
}

/// The body of a request.
fn request(connection: &TcpStream) -> Option<Vec<u8>> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// A process that works on a job.
struct Worker {
    process: Child,
    /// What it says of how it goes.
    said: BufReader<std::process::ChildStderr>,
}

impl Worker {
    fn new(file: &Path, provider: &Provider, policy: &Value) -> Self {
        let mut command = Command::new(example());
        command.env_clear().arg(file).args(["--base-url", &format!("http://{}/v1", provider.address)]);
        command.args(["--policy", &policy.to_string()]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(process.stderr.take().unwrap());
        Self { process, said }
    }

    /// Waits until it has kept the call with these attempts under way.
    fn until_kept(&mut self, running: &[u32]) {
        let wanted = format!("kept, under way: {running:?}");
        let mut all = Vec::new();
        for line in self.said.by_ref().lines() {
            all.push(line.unwrap());
            if all.last() == Some(&wanted) {
                return;
            }
        }
        panic!("the worker ended without {wanted:?}: {all:?}");
    }

    /// `kill -9`: nothing of it runs any more.
    fn kill(mut self) {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert!(!status.success());
        #[cfg(unix)]
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    }

    /// What came of the job.
    fn outcome(mut self) -> Value {
        let mut said = String::new();
        self.said.read_to_string(&mut said).unwrap();
        let output = self.process.wait_with_output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
    }
}

/// Where cargo lays examples: beside the folder of this test.
fn example() -> PathBuf {
    let target = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let example = target.join("examples").join(format!("durable{}", std::env::consts::EXE_SUFFIX));
    let next = "is missing; next: `cargo build --workspace --example durable`";
    assert!(example.is_file(), "{} {next}", example.display());
    example
}

/// What does not hang on how quick the machine is.
fn decisions(outcome: &Value) -> Value {
    let names = ["attempt", "status", "end", "error", "wait_ms", "wait_reason", "maybe_billed", "key_slot"];
    let attempts = outcome["attempts"].as_array().unwrap().iter();
    attempts
        .map(|attempt| names.iter().map(|name| (*name, attempt[name].clone())).collect::<Value>())
        .collect()
}

#[test]
fn killed_in_a_pause_and_taken_up_by_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let (file, policy) = (folder.path().join("job"), json!({}));
    let killed = Provider::new([limited(), well()]);
    let mut first = Worker::new(&file, &killed, &policy);
    first.until_kept(&[]);
    first.kill();
    assert_eq!(killed.requests().len(), 1);
    let outcome = Worker::new(&file, &killed, &policy).outcome();

    let unharmed = Provider::new([limited(), well()]);
    let reference = Worker::new(&folder.path().join("another job"), &unharmed, &policy).outcome();
    assert_eq!(
        decisions(&outcome),
        json!([
            { "attempt": 1, "status": 429, "end": "failed", "error": "rate_limit", "wait_ms": PAUSE_MS,
              "wait_reason": "hint", "maybe_billed": false, "key_slot": 0 },
            { "attempt": 2, "status": 200, "end": "answered", "error": null, "wait_ms": null,
              "wait_reason": null, "maybe_billed": false, "key_slot": 0 },
        ])
    );
    assert_eq!(decisions(&outcome), decisions(&reference));
    assert_eq!((&outcome["text"], &reference["text"]), (&json!("hello"), &json!("hello")));
    // The second attempt is sent when the pause is over, not when the new process begins.
    let at = |attempt: usize, moment: &str| outcome["attempts"][attempt][moment].as_u64().unwrap();
    assert!(at(1, "started_ms") - at(0, "ended_ms") >= PAUSE_MS, "{outcome}");
    assert_eq!(killed.requests(), unharmed.requests());
    assert_eq!(killed.requests().len(), 2);
    assert!(!file.exists(), "a job that is done is not kept");
}

#[test]
fn killed_in_an_attempt_which_is_told_as_lost() {
    for (policy, rest) in
        [(json!({ "backoff_base_ms": 1 }), vec![well()]), (json!({ "resend_unknown": "never" }), vec![])]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("job");
        let requests = 1 + rest.len();
        let provider = Provider::new([None].into_iter().chain(rest));
        let mut first = Worker::new(&file, &provider, &policy);
        first.until_kept(&[1]);
        provider.unanswered.recv_timeout(Duration::from_secs(60)).expect("the request did not come");
        first.kill();
        let outcome = Worker::new(&file, &provider, &policy).outcome();
        let lost = &outcome["attempts"][0];
        assert_eq!(
            json!([lost["end"], lost["error"], lost["reached"], lost["maybe_billed"]]),
            json!(["failed", "connection", "unknown", true])
        );
        assert_eq!(outcome["attempts"].as_array().unwrap().len(), requests);
        assert_eq!(provider.requests().len(), requests, "{policy}");
        if requests == 2 {
            assert_eq!(outcome["text"], "hello");
        } else {
            assert_eq!((&outcome["error"], &outcome["maybe_billed"]), (&json!("connection"), &json!(true)));
        }
    }
}
