//! The client: what users hold.

use std::fmt;
use std::sync::Arc;

use literllm_core::types::{self, ClientConfig, EgressRow, ErrorKind, Event, Part};

use crate::answer::{Answer, Inference};
use crate::attempt::Lender;
use crate::body::Blobs;
use crate::builder::ClientBuilder;
use crate::chat::Chat;
use crate::clock::Time;
use crate::drive::Drive;
use crate::engine::{Core, Started};
use crate::error::Error;
use crate::snapshot::{CoreId, Keep, Keeper, Memory, Resume};
use crate::stream::ChatStream;

/// A source of numbers, for clocks and seeds.
pub(crate) type Numbers = Box<dyn Fn() -> u64 + Send + Sync>;

/// A client for language models. Cheap to clone; clones share connections and the policy's memory.
///
/// Calls run inside a tokio runtime with time and I/O enabled, and end when their future is dropped.
///
/// ```no_run
/// # async fn ask() -> Result<(), literllm_host::Error> {
/// let client = literllm_host::Client::new()?; // keys from the environment
/// let answer = client.infer("openai/gpt-4o-mini", "What is the capital of Peru?").await?;
/// println!("{} ({:?})", answer.text, answer.usage);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) core: Box<dyn Core>,
    pub(crate) lender: Lender,
    /// Unix milliseconds at the start of a call.
    pub(crate) now_ms: Numbers,
    pub(crate) seed: Numbers,
    /// The embedded component runs it.
    pub(crate) sandboxed: bool,
    /// Whose snapshots this client takes.
    pub(crate) core_id: CoreId,
}

impl Client {
    /// A client with all defaults: the core in its sandbox, keys from the environment, HTTP by reqwest.
    ///
    /// The first one in a process compiles the component, which takes a moment.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client to be put together.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new(ClientConfig::default())
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Asks one question of `provider/model`. The answer is streamed under the hood, so `tokens` has its pieces.
    pub async fn infer(
        &self,
        model: impl Into<String>,
        prompt: impl Into<String>,
    ) -> Result<Inference, Error> {
        let mut stream = self.stream(Chat::new(model).user(prompt))?;
        let mut tokens = Vec::new();
        while let Some(event) = stream.next().await {
            match event? {
                Event::TextDelta(delta) if delta.choice == 0 => tokens.push(delta.text),
                Event::Part(part) if part.choice == 0 => {
                    if let Part::Text(text) = part.content {
                        tokens.push(text.text);
                    }
                }
                _ => {}
            }
        }
        Ok(Inference::new(stream.finish().await?, tokens))
    }

    /// Sends a chat and waits for the whole answer.
    pub async fn chat(&self, chat: impl Into<Chat>) -> Result<Answer, Error> {
        self.start(chat.into())?.finish().await
    }

    /// Sends a chat and gives its events as they come (it sets `request.stream`).
    ///
    /// Fails at once when the request is not sound; nothing is sent before the stream is polled.
    pub fn stream(&self, chat: impl Into<Chat>) -> Result<ChatStream, Error> {
        let mut chat = chat.into();
        chat.request.stream = Some(true);
        self.start(chat)
    }

    /// Where this client may send requests, and with which keys. Frozen when it was built.
    pub fn egress(&self) -> &[EgressRow] {
        self.0.lender.egress.rows()
    }

    /// The embedded component. Absent: this client runs the linked core.
    pub fn component_info(&self) -> Option<ComponentInfo> {
        #[cfg(feature = "component")]
        if self.0.sandboxed {
            return Some(ComponentInfo::embedded());
        }
        None
    }

    /// Takes up a call of a [`ChatStream::snapshot`], also of another process. This client must be made of the same
    /// configuration, and of the same core. What it remembers of its providers is another matter; see
    /// [`memory`](Self::memory).
    ///
    /// An attempt that was under way is lost, its fate unknown; whether the request is sent again is the policy's word
    /// (`resend_unknown`). Deadlines go on from the first start of the call. Nothing is sent before the stream is polled.
    ///
    /// ```no_run
    /// # async fn take_up(client: literllm_host::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let snapshot = literllm_host::Snapshot::from_json(&std::fs::read_to_string("job.json")?)?;
    /// println!("{}", client.resume(snapshot)?.finish().await?.text());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `invalid-state` for a snapshot of another core, or one that was changed; `invalid-request` when a blob of the call
    /// is not given.
    pub fn resume(&self, resume: impl Into<Resume>) -> Result<ChatStream, Error> {
        let Resume { snapshot, blobs, keep } = resume.into();
        snapshot.check(&self.0.core_id)?;
        if let Some(id) = snapshot.blobs().iter().find(|id| !blobs.contains_key(*id)) {
            let message =
                format!("the snapshot names the blob {id:?}, whose bytes are not in it: give them again");
            return Err(types::Error::new(ErrorKind::InvalidRequest, message).into());
        }
        let now_ms = (self.0.now_ms)();
        let time = Time::starting_at(now_ms);
        let started = self.0.core.resume(&snapshot.call, now_ms)?;
        let mut drive = self.drive(started, blobs, time, keep);
        drive.go_on(snapshot.events, snapshot.call.running);
        Ok(ChatStream::new(drive))
    }

    /// What this client remembers of its providers: circuits, cooldowns, resting keys, the retry budget. The next client
    /// takes it over by [`ClientBuilder::restore`].
    ///
    /// # Errors
    /// `internal` when the sandbox is broken and no new one can be made.
    pub fn memory(&self) -> Result<Memory, Error> {
        Ok(Memory::new(self.0.core_id.clone(), self.0.core.snapshot()?))
    }

    fn start(&self, chat: Chat) -> Result<ChatStream, Error> {
        let (request, options, blobs, keep) = chat.into_parts();
        let now_ms = (self.0.now_ms)();
        let time = Time::starting_at(now_ms);
        let started = self.0.core.start(request, options, now_ms, (self.0.seed)())?;
        Ok(ChatStream::new(self.drive(started, blobs, time, keep)))
    }

    fn drive(&self, started: Started, blobs: Blobs, time: Time, keep: Option<Keep>) -> Drive {
        let lender = Lender { blobs, ..self.0.lender.clone() };
        Drive::new(started, lender, time, Keeper { core: self.0.core_id.clone(), keep })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers: Vec<&str> = self.egress().iter().map(|row| row.provider.as_str()).collect();
        f.debug_struct("Client")
            .field("sandboxed", &self.0.sandboxed)
            .field("providers", &providers)
            .finish_non_exhaustive()
    }
}

/// The component that is built into this library.
#[derive(Clone, PartialEq, Eq)]
pub struct ComponentInfo {
    /// SHA-256 of the file in lower-case hexadecimal; equal in every package of one release.
    pub sha256: String,
    /// Its size, in bytes.
    pub size_bytes: usize,
    /// The file itself, for who wants to look into it.
    pub bytes: &'static [u8],
}

#[cfg(feature = "component")]
impl ComponentInfo {
    fn embedded() -> Self {
        let bytes = crate::engine::instance::COMPONENT;
        let sha256 = crate::snapshot::sha256_hex(bytes);
        Self { sha256, size_bytes: bytes.len(), bytes }
    }
}

impl fmt::Debug for ComponentInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComponentInfo")
            .field("sha256", &self.sha256)
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}
