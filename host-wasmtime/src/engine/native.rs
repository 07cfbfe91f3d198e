//! The core linked in: no sandbox, no JSON in between, adapters of your own possible.

use std::sync::{Mutex, MutexGuard, PoisonError};

use literllm_core::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, EgressRow, Error, Request, Step,
};
use literllm_core::{Call, Client, ProviderRegistry};

use super::{Core, CoreCall, Happening, Started};

/// A client of the linked core. The lock is held while a call is being set up, not while it runs.
pub(crate) struct NativeEngine {
    client: Mutex<Client>,
    egress: Vec<EgressRow>,
}

impl NativeEngine {
    /// Fails when the configuration is not sound.
    pub(crate) fn new(
        config: ClientConfig,
        registry: Option<ProviderRegistry>,
        restore: Option<&ClientSnapshot>,
    ) -> Result<Self, Error> {
        let mut client = match registry {
            Some(registry) => Client::with_registry(config, registry)?,
            None => Client::new(config)?,
        };
        if let Some(snapshot) = restore {
            client.restore(snapshot)?;
        }
        let egress = client.egress();
        Ok(Self { client: Mutex::new(client), egress })
    }

    fn client(&self) -> MutexGuard<'_, Client> {
        // A panic in an adapter of the user's leaves the registry as it was: carry on.
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Core for NativeEngine {
    fn egress(&self) -> &[EgressRow] {
        &self.egress
    }

    fn start(
        &self,
        request: Request,
        options: CallOptions,
        now_ms: u64,
        seed: u64,
    ) -> Result<Started, Error> {
        let (call, step) = self.client().start(request, options, now_ms, seed)?;
        Ok((Box::new(call), step))
    }

    fn resume(&self, snapshot: &CallSnapshot, now_ms: u64) -> Result<Started, Error> {
        let (call, step) = self.client().restore_call(snapshot, now_ms)?;
        Ok((Box::new(call), step))
    }

    fn snapshot(&self) -> Result<ClientSnapshot, Error> {
        Ok(self.client().snapshot())
    }
}

impl CoreCall for Call {
    fn tell(&mut self, happening: Happening, now_ms: u64) -> Result<Step, Error> {
        match happening {
            Happening::Head(attempt, head) => self.head(attempt, &head, now_ms),
            Happening::Body(attempt, bytes) => self.body(attempt, &bytes, now_ms),
            Happening::End(attempt) => self.end(attempt, now_ms),
            Happening::Failed(attempt, failure) => self.failed(attempt, &failure, now_ms),
            Happening::Wake(idle) => self.wake(idle, now_ms),
            Happening::Cancel => self.cancel(now_ms),
        }
    }

    fn snapshot(&mut self) -> Result<CallSnapshot, Error> {
        Self::snapshot(self)
    }
}
