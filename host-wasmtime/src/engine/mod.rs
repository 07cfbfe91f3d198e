//! The core's verbs, whichever way the core is present.
//!
//! `drive` must not know whether it talks to a component in a sandbox or to the same core linked in, so
//! both stand behind these two traits. A call is told what happens and answers what to do next.

use literllm_core::types::{
    CallOptions, CallSnapshot, ClientSnapshot, EgressRow, Error, ErrorKind, Request, ResponseHead, Step,
    TransportFailure,
};

#[cfg(feature = "component")]
pub(crate) mod component;
#[cfg(feature = "component")]
pub(crate) mod instance;
#[cfg(feature = "native")]
pub(crate) mod native;

/// What can happen to a call. One variant for each verb of the engine.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The head of an attempt has come.
    Head(u32, ResponseHead),
    /// Bytes of an attempt's body have come.
    Body(u32, bytes::Bytes),
    /// An attempt's body has ended in good order.
    End(u32),
    /// An attempt has failed.
    Failed(u32, TransportFailure),
    /// This attempt was silent for its `idle_ms`; or, with `None`, the moment of `wake_at_ms` has come.
    Wake(Option<u32>),
    /// The caller gives up.
    Cancel,
}

/// A client in the core.
pub(crate) trait Core: Send + Sync {
    /// Where requests may go and with which key; it never changes.
    fn egress(&self) -> &[EgressRow];

    /// Starts a call. `now_ms` is in Unix milliseconds, `seed` the only source of chance.
    fn start(&self, request: Request, options: CallOptions, now_ms: u64, seed: u64)
    -> Result<Started, Error>;

    /// Takes up a call.
    fn resume(&self, snapshot: &CallSnapshot, now_ms: u64) -> Result<Started, Error>;

    /// What the client remembers.
    fn snapshot(&self) -> Result<ClientSnapshot, Error>;
}

/// A new call and its first step.
pub(crate) type Started = (Box<dyn CoreCall>, Step);

/// A call in the core. Dropped, the core forgets it.
pub(crate) trait CoreCall: Send {
    /// Tells what happened at `now_ms` (Unix milliseconds). An error leaves the call without hope: end it.
    fn tell(&mut self, happening: Happening, now_ms: u64) -> Result<Step, Error>;

    /// The call as plain data; it goes on undisturbed.
    fn snapshot(&mut self) -> Result<CallSnapshot, Error>;
}

/// An error of our own making, for what should not happen.
pub(crate) fn internal(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Internal, message)
}
