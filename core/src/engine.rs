//! The core with documents for arguments: what the component exports, function by function.
//!
//! Shells (WIT, wasm-bindgen) only translate strings; handles, JSON and errors are all here, so that a native
//! program can be compared with the sandbox byte for byte.

use serde::Serialize;

use crate::client::check_version;
use crate::json::read::Value;
use crate::types::read::{Read, document};
use crate::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, Created, Error, ErrorKind, Phase, Request,
    ResponseHead, Started, Step, TransportFailure,
};
use crate::{Call, Client};

/// What every function answers: a document, or an `error` document.
pub type Answer = Result<String, String>;

/// All clients and calls of one instance.
#[derive(Debug, Default)]
pub struct Engine {
    clients: Slots<Client>,
    calls: Slots<Call>,
    /// Absent until the first client is made.
    instance: Option<u16>,
}

impl Engine {
    /// An engine without clients.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a client; see `client-create` in `wit/engine.wit`.
    pub fn client_create(&mut self, config: &str, instance: u32, restore: Option<&str>) -> Answer {
        answer((|| {
            let config: ClientConfig = document("client config", config)?;
            let instance = u16::try_from(instance)
                .map_err(|_| Error::new(ErrorKind::InvalidRequest, "an instance number is at most 65535"))?;
            if self.instance.is_some_and(|known| known != instance) {
                let message = "an instance has one number: this one was given another before";
                return Err(Error::new(ErrorKind::InvalidState, message));
            }
            let mut client = Client::new(config)?;
            if let Some(snapshot) = restore {
                client.restore(&versioned::<ClientSnapshot>("client snapshot", snapshot)?)?;
            }
            let egress = client.egress();
            let client = self.clients.insert(client, instance)?;
            self.instance = Some(instance);
            Ok(Created { client, egress })
        })())
    }

    /// The client's memory.
    pub fn client_snapshot(&mut self, client: u64) -> Answer {
        answer(self.clients.get(client, self.number(), "client").map(|client| client.snapshot()))
    }

    /// Forgets a client.
    pub fn client_drop(&mut self, client: u64) {
        self.clients.remove(client, self.number());
    }

    /// Starts a call.
    pub fn call_start(
        &mut self,
        client: u64,
        request: &str,
        options: &str,
        now_ms: u64,
        seed: u64,
    ) -> Answer {
        answer((|| {
            let client = self.clients.get(client, self.number(), "client")?;
            let request: Request = document("request", request)?;
            let options: CallOptions = document("call options", options)?;
            let (call, step) = client.start(request, options, now_ms, seed)?;
            let call = self.calls.insert(call, self.number())?;
            self.forget_ended(call, &step);
            Ok(Started { call, step })
        })())
    }

    /// The head of an attempt has come.
    pub fn call_head(&mut self, call: u64, attempt: u32, head: &str, now_ms: u64) -> Answer {
        self.step(call, |call| call.head(attempt, &document::<ResponseHead>("response head", head)?, now_ms))
    }

    /// Bytes of an attempt's body have come.
    pub fn call_body(&mut self, call: u64, attempt: u32, bytes: &[u8], now_ms: u64) -> Answer {
        self.step(call, |call| call.body(attempt, bytes, now_ms))
    }

    /// The same bytes as characters U+0000 to U+00FF.
    pub fn call_body_latin1(&mut self, call: u64, attempt: u32, bytes: &str, now_ms: u64) -> Answer {
        if bytes.is_ascii() {
            return self.call_body(call, attempt, bytes.as_bytes(), now_ms);
        }
        self.step(call, |call| {
            let bytes: Result<Vec<u8>, _> = bytes.chars().map(|c| u8::try_from(u32::from(c))).collect();
            let bytes = bytes.map_err(|_| {
                Error::new(ErrorKind::InvalidState, "a character beyond U+00FF stands for no byte")
            })?;
            call.body(attempt, &bytes, now_ms)
        })
    }

    /// An attempt's body has ended.
    pub fn call_end(&mut self, call: u64, attempt: u32, now_ms: u64) -> Answer {
        self.step(call, |call| call.end(attempt, now_ms))
    }

    /// An attempt has failed.
    pub fn call_failed(&mut self, call: u64, attempt: u32, failure: &str, now_ms: u64) -> Answer {
        self.step(call, |call| {
            call.failed(attempt, &document::<TransportFailure>("transport failure", failure)?, now_ms)
        })
    }

    /// The time has come.
    pub fn call_wake(&mut self, call: u64, idle: Option<u32>, now_ms: u64) -> Answer {
        self.step(call, |call| call.wake(idle, now_ms))
    }

    /// The caller gives up.
    pub fn call_cancel(&mut self, call: u64, now_ms: u64) -> Answer {
        self.step(call, |call| call.cancel(now_ms))
    }

    /// The call as plain data.
    pub fn call_snapshot(&mut self, call: u64) -> Answer {
        answer(self.calls.get(call, self.number(), "call").and_then(|call| call.snapshot()))
    }

    /// Takes up a call of a snapshot.
    pub fn call_restore(&mut self, client: u64, snapshot: &str, now_ms: u64) -> Answer {
        answer((|| {
            let client = self.clients.get(client, self.number(), "client")?;
            let (call, step) =
                client.restore_call(&versioned::<CallSnapshot>("call snapshot", snapshot)?, now_ms)?;
            let call = self.calls.insert(call, self.number())?;
            Ok(Started { call, step })
        })())
    }

    /// Forgets a call that has no outcome yet.
    pub fn call_drop(&mut self, call: u64) {
        self.calls.remove(call, self.number());
    }

    /// Without a client there is no handle that could carry it.
    fn number(&self) -> u16 {
        self.instance.unwrap_or_default()
    }

    fn step(&mut self, call: u64, tell: impl FnOnce(&mut Call) -> Result<Step, Error>) -> Answer {
        let step = self.calls.get(call, self.number(), "call").and_then(tell);
        if let Ok(step) = &step {
            self.forget_ended(call, step);
        }
        answer(step)
    }

    /// The end is the end: one crossing less for every call, and no host that can forget to drop it.
    fn forget_ended(&mut self, call: u64, step: &Step) {
        if step.outcome.is_some() {
            self.calls.remove(call, self.number());
        }
    }
}

/// A snapshot. One of another version may have another form: that it is of another version is what helps.
fn versioned<T: Read>(what: &str, text: &str) -> Result<T, Error> {
    let version = Value::parse(text).ok().and_then(|value| value.object().count("state_version"));
    if let Some(version) = version {
        check_version(version)?;
    }
    document(what, text)
}

fn answer<T: Serialize>(result: Result<T, Error>) -> Answer {
    match result {
        Ok(document) => serde_json::to_string(&document).map_err(|error| {
            let error = Error::new(ErrorKind::Internal, format!("a document could not be written: {error}"));
            serde_json::to_string(&error.in_phase(Phase::Parse)).unwrap_or_default()
        }),
        Err(error) => Err(serde_json::to_string(&error).unwrap_or_default()),
    }
}

/// Things behind handles. A handle is `instance (16 bits) | generation (16 bits) | slot (20 bits)`, below 2^52.
#[derive(Debug)]
struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u16,
    value: Option<T>,
}

/// As many things of a kind as a handle can name.
const MAX_SLOTS: usize = 1 << 20;

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    fn insert(&mut self, value: T, instance: u16) -> Result<u64, Error> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() < MAX_SLOTS => {
                // Generations begin at 1, so that 0 is never a handle.
                self.slots.push(Slot { generation: 1, value: None });
                self.slots.len() as u32 - 1
            }
            None => {
                return Err(Error::new(
                    ErrorKind::InvalidState,
                    format!("{MAX_SLOTS} handles are in use: drop those that have ended"),
                ));
            }
        };
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return Err(Error::new(ErrorKind::Internal, "a free slot was out of range"));
        };
        slot.value = Some(value);
        Ok(u64::from(instance) << 36 | u64::from(slot.generation) << 20 | u64::from(index))
    }

    fn slot(&mut self, handle: u64, instance: u16) -> Option<&mut Slot<T>> {
        let slot = self.slots.get_mut((handle & 0xF_FFFF) as usize)?;
        (handle >> 36 == u64::from(instance) && (handle >> 20) & 0xFFFF == u64::from(slot.generation))
            .then_some(slot)
    }

    fn get(&mut self, handle: u64, instance: u16, what: &str) -> Result<&mut T, Error> {
        self.slot(handle, instance).and_then(|slot| slot.value.as_mut()).ok_or_else(|| {
            let message = format!("handle {handle} names no {what} of this instance: it was dropped, or belongs to another instance");
            Error::new(ErrorKind::InvalidState, message)
        })
    }

    fn remove(&mut self, handle: u64, instance: u16) {
        let Some(slot) = self.slot(handle, instance) else { return };
        if slot.value.take().is_some() {
            slot.generation = slot.generation.wrapping_add(1).max(1);
            self.free.push((handle & 0xF_FFFF) as u32);
        }
    }
}

#[cfg(test)]
mod tests;
