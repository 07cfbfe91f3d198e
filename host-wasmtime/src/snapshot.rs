//! What leaves the process as plain data, to be taken up by another one: a call, and what a client remembers.
//!
//! The core's state has a version of its own; for a component the hash of its file stands beside it, since two builds
//! may read the same bytes in different ways.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use literllm_core::types::{self, CallSnapshot, ClientSnapshot, ErrorKind, Event};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::body::Blobs;
use crate::error::Error;

/// A call between two steps. Write it down with [`to_json`](Self::to_json), and take it up with
/// [`Client::resume`](crate::Client::resume).
///
/// It holds the request (without keys, which never enter the core, and without blobs) and what came of it so far.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// SHA-256 of the component that wrote it.
    component: CoreId,
    #[serde(rename = "snapshot")]
    pub(crate) call: CallSnapshot,
    /// What the core had told, and the reader not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<Event>,
}

impl Snapshot {
    /// Ids of the blobs that the request speaks of: their bytes are to be given again.
    pub fn blobs(&self) -> &[String] {
        &self.call.blobs
    }

    /// Attempts under way, by number. When the process is gone they are lost: what became of them is not known. Empty: the
    /// call waits for its next attempt.
    pub fn running(&self) -> &[u32] {
        &self.call.running
    }

    /// As JSON.
    ///
    /// # Errors
    /// `internal`, which does not happen.
    pub fn to_json(&self) -> Result<String, Error> {
        to_json(self)
    }

    /// From JSON. Whether the core is the same shows when the call is taken up.
    ///
    /// # Errors
    /// `invalid-state` for what is no snapshot of a call.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        from_json(text, "a call")
    }

    pub(crate) fn check(&self, core: &CoreId) -> Result<(), Error> {
        self.component.check(core)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("component", &self.component.0)
            .field("running", &self.call.running)
            .finish_non_exhaustive()
    }
}

/// What a client remembers of its providers: circuits, cooldowns, resting keys, the retry budget. Given by
/// [`Client::memory`](crate::Client::memory), taken by [`ClientBuilder::restore`](crate::ClientBuilder::restore).
///
/// It names providers, models and key slots, and no key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// SHA-256 of the component that wrote it.
    component: CoreId,
    #[serde(rename = "snapshot")]
    pub(crate) client: ClientSnapshot,
}

impl Memory {
    pub(crate) fn new(component: CoreId, client: ClientSnapshot) -> Self {
        Self { component, client }
    }

    /// The core's own record of it, to look into.
    pub fn state(&self) -> &ClientSnapshot {
        &self.client
    }

    /// As JSON.
    ///
    /// # Errors
    /// `internal`, which does not happen.
    pub fn to_json(&self) -> Result<String, Error> {
        to_json(self)
    }

    /// From JSON. Whether the core is the same shows when a client is made of it.
    ///
    /// # Errors
    /// `invalid-state` for what is no memory of a client.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        from_json(text, "a client")
    }

    pub(crate) fn check(&self, core: &CoreId) -> Result<(), Error> {
        self.component.check(core)
    }
}

/// A call to be taken up: its snapshot, and what is not in it. A [`Snapshot`] alone is one, when the call has no blobs and
/// nobody keeps it further.
///
/// ```
/// # fn take_up(client: &literllm_host::Client, text: &str, picture: Vec<u8>) -> Result<(), literllm_host::Error> {
/// use literllm_host::{Resume, Snapshot};
/// let snapshot = Snapshot::from_json(text)?;
/// let stream = client.resume(Resume::new(snapshot).blob("blob-1", picture))?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct Resume {
    pub(crate) snapshot: Snapshot,
    pub(crate) blobs: Blobs,
    pub(crate) keep: Option<Keep>,
}

impl Resume {
    /// Takes up this call.
    pub fn new(snapshot: Snapshot) -> Self {
        Self { snapshot, blobs: Blobs::new(), keep: None }
    }

    /// Gives the bytes of a blob again; [`Snapshot::blobs`] names them.
    pub fn blob(mut self, id: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        self.blobs.insert(id.into(), bytes.into());
        self
    }

    /// Keeps the call from here on; see [`Chat::on_snapshot`](crate::Chat::on_snapshot).
    pub fn on_snapshot<F, K, E>(mut self, keep: F) -> Self
    where
        F: Fn(Snapshot) -> K + Send + Sync + 'static,
        K: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        self.keep = Some(boxed(keep));
        self
    }
}

impl From<Snapshot> for Resume {
    fn from(snapshot: Snapshot) -> Self {
        Self::new(snapshot)
    }
}

impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resume").field("snapshot", &self.snapshot).finish_non_exhaustive()
    }
}

/// Which core a snapshot belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CoreId(String);

impl CoreId {
    /// The component of the caller's, or the embedded one.
    #[cfg(feature = "component")]
    pub(crate) fn of_component(own: Option<&[u8]>) -> Self {
        static EMBEDDED: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        match own {
            Some(own) => Self(sha256_hex(own)),
            None => Self(EMBEDDED.get_or_init(|| sha256_hex(crate::engine::instance::COMPONENT)).clone()),
        }
    }

    /// The core that is linked in.
    pub(crate) fn native() -> Self {
        Self(format!("native {}", env!("CARGO_PKG_VERSION")))
    }

    fn check(&self, ours: &Self) -> Result<(), Error> {
        if self == ours {
            return Ok(());
        }
        Err(refused(&format!(
            "it was written by the core {}, and this client runs {}: take it up with the core that wrote it",
            self.0, ours.0
        )))
    }
}

/// Keeps a snapshot, somewhere where it outlives the process.
pub(crate) type Keep = Arc<dyn Fn(Snapshot) -> Keeping + Send + Sync>;

/// A snapshot on its way there.
pub(crate) type Keeping = Pin<Box<dyn Future<Output = Result<(), Box<dyn StdError + Send + Sync>>> + Send>>;

pub(crate) fn boxed<F, K, E>(keep: F) -> Keep
where
    F: Fn(Snapshot) -> K + Send + Sync + 'static,
    K: Future<Output = Result<(), E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    Arc::new(move |snapshot| {
        let keeping = keep(snapshot);
        Box::pin(async move { keeping.await.map_err(Into::into) })
    })
}

/// Whose snapshots a call's are, and who keeps them.
#[derive(Clone)]
pub(crate) struct Keeper {
    pub(crate) core: CoreId,
    /// Absent: nobody.
    pub(crate) keep: Option<Keep>,
}

impl Keeper {
    pub(crate) fn seal(&self, call: CallSnapshot, events: Vec<Event>) -> Snapshot {
        Snapshot { component: self.core.clone(), call, events }
    }
}

fn to_json(document: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(document).map_err(|error| {
        types::Error::new(ErrorKind::Internal, format!("a snapshot cannot be written as JSON: {error}"))
            .into()
    })
}

fn from_json<T: DeserializeOwned>(text: &str, whose: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| refused(&format!("it is none of {whose}: {error}")))
}

fn refused(why: &str) -> Error {
    types::Error::new(ErrorKind::InvalidState, format!("the snapshot cannot be used: {why}")).into()
}

/// In lower-case hexadecimal.
#[cfg(feature = "component")]
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
