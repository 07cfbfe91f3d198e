//! The core with documents for arguments, as every host but the linked one has it: here linked in, or behind [`Verbs`].

use literllm_core::engine::{Answer as Said, Engine};
use literllm_core::types::{Created, Started};

use crate::contender::{Answer, Contender, Failure};
use crate::streams::{Format, HEAD};

/// Those of the engine's functions that a stream needs; see `wit/engine.wit`.
#[expect(missing_docs, reason = "the contract documents them, once")]
pub trait Verbs {
    fn client_create(&mut self, config: &str) -> Said;
    fn call_start(&mut self, client: u64, request: &str) -> Said;
    fn call_head(&mut self, call: u64, head: &str) -> Said;
    fn call_body(&mut self, call: u64, bytes: &[u8]) -> Said;
    fn call_end(&mut self, call: u64) -> Said;
}

impl Verbs for Engine {
    fn client_create(&mut self, config: &str) -> Said {
        self.client_create(config, 0, None)
    }

    fn call_start(&mut self, client: u64, request: &str) -> Said {
        self.call_start(client, request, "{}", 0, 7)
    }

    fn call_head(&mut self, call: u64, head: &str) -> Said {
        self.call_head(call, 1, head, 0)
    }

    fn call_body(&mut self, call: u64, bytes: &[u8]) -> Said {
        self.call_body(call, 1, bytes, 0)
    }

    fn call_end(&mut self, call: u64) -> Said {
        self.call_end(call, 1, 0)
    }
}

/// An engine with one client.
pub struct Documents<V> {
    name: &'static str,
    verbs: V,
    client: u64,
}

impl<V: Verbs> Documents<V> {
    /// Makes the client.
    ///
    /// # Errors
    /// The core refused.
    pub fn new(name: &'static str, mut verbs: V) -> Result<Self, Failure> {
        let created: Created = serde_json::from_str(&verbs.client_create("{}")?)?;
        Ok(Self { name, verbs, client: created.client })
    }
}

impl<V: Verbs> Contender for Documents<V> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn begin(&mut self, format: &Format) -> Result<u64, Failure> {
        let started = self.verbs.call_start(self.client, &format.request())?;
        let started: Started = serde_json::from_str(&started)?;
        self.verbs.call_head(started.call, HEAD)?;
        Ok(started.call)
    }

    fn body(&mut self, call: u64, piece: &[u8]) -> Result<Answer, Failure> {
        Ok(Answer::Document(self.verbs.call_body(call, piece)?))
    }

    fn end(&mut self, call: u64) -> Result<Answer, Failure> {
        Ok(Answer::Document(self.verbs.call_end(call)?))
    }
}
