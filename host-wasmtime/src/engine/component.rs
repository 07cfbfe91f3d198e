//! The core in its sandbox: one instance per client, behind a short lock.
//!
//! A trap poisons the whole store, and a dead store cannot be asked for anything. So we keep a snapshot of the
//! client's memory, at most a second older than its last change (which a step tells by `state_changed`), and make the
//! next instance from it. Calls of the dead instance end with an error; calls that start afterwards know nothing of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use literllm_core::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, EgressRow, Error, ErrorKind, Request,
    Started as StartedDocument, Step,
};

use super::instance::{self, Compiled, Failure, Instance, parse, write};
use super::{Core, CoreCall, Happening, Started, internal};

/// Most linear memory of one instance, in bytes.
///
/// It grows only when it is used; one 16 MiB line needs about 64 MiB.
pub(crate) const MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// Least time between two snapshots, in ms. A snapshot is a crossing: not one for every call.
const SNAPSHOT_EVERY_MS: u64 = 1000;

/// Instances are numbered below this: the number is part of every handle and has 16 bits there.
const INSTANCE_NUMBERS: u32 = 1 << 16;

/// A client in the sandbox.
pub(crate) struct ComponentEngine {
    sandbox: Arc<Sandbox>,
    egress: Vec<EgressRow>,
}

struct Sandbox {
    component: Compiled,
    /// A `client-config` document.
    config: String,
    memory_bytes: usize,
    slot: Mutex<Slot>,
}

struct Slot {
    /// `None` after a trap, until somebody asks for the next.
    instance: Option<Instance>,
    next_number: u32,
    /// Newest `client-snapshot` document and when it was taken.
    snapshot: Option<String>,
    snapshot_at_ms: u64,
    /// The memory moved since the snapshot.
    dirty: bool,
}

impl ComponentEngine {
    /// Fails when the configuration is not sound, or the component does not load. `memory_bytes`: see [`MEMORY_BYTES`];
    /// `component`: another file than the embedded one.
    pub(crate) fn new(
        config: &ClientConfig,
        memory_bytes: usize,
        component: Option<&[u8]>,
        restore: Option<&ClientSnapshot>,
    ) -> Result<Self, Error> {
        let config = write(config).map_err(said)?;
        let component = match component {
            None => instance::embedded().map_err(internal)?,
            Some(own) => instance::compile(own).map_err(|cause| {
                Error::new(ErrorKind::InvalidRequest, format!("the component of your own: {cause}"))
            })?,
        };
        let restore = restore.map(write).transpose().map_err(said)?;
        let (instance, egress) =
            Instance::new(&component, &config, 0, restore.as_deref(), memory_bytes).map_err(said)?;
        let slot = Slot {
            instance: Some(instance),
            next_number: 1,
            snapshot: restore,
            snapshot_at_ms: 0,
            dirty: false,
        };
        Ok(Self {
            sandbox: Arc::new(Sandbox { component, config, memory_bytes, slot: Mutex::new(slot) }),
            egress,
        })
    }
}

impl Core for ComponentEngine {
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
        let request = write(&request).map_err(said)?;
        let options = write(&options).map_err(said)?;
        self.begin(now_ms, |instance| instance.start(&request, &options, now_ms, seed))
    }

    fn resume(&self, snapshot: &CallSnapshot, now_ms: u64) -> Result<Started, Error> {
        let snapshot = write(snapshot).map_err(said)?;
        self.begin(now_ms, |instance| instance.restore(&snapshot, now_ms))
    }

    fn snapshot(&self) -> Result<ClientSnapshot, Error> {
        let mut slot = self.sandbox.lock();
        self.sandbox.revive(&mut slot)?;
        let now_ms = slot.snapshot_at_ms;
        let snapshot = slot.cross(now_ms, Instance::snapshot)?;
        parse(&snapshot).map_err(said)
    }
}

impl ComponentEngine {
    /// A new call of the living instance; `act` answers with a `started` document.
    fn begin(
        &self,
        now_ms: u64,
        act: impl FnOnce(&mut Instance) -> Result<String, Failure>,
    ) -> Result<Started, Error> {
        let (number, started) = {
            let mut slot = self.sandbox.lock();
            self.sandbox.revive(&mut slot)?;
            slot.cross(now_ms, |instance| Ok((instance.number, act(instance)?)))?
        };
        let StartedDocument { call, step } = parse(&started).map_err(said)?;
        let mut call = ComponentCall { sandbox: Arc::clone(&self.sandbox), number, call: Some(call) };
        call.note(&step, now_ms);
        Ok((Box::new(call), step))
    }
}

/// A call in the sandbox. It belongs to one instance and ends with it.
struct ComponentCall {
    sandbox: Arc<Sandbox>,
    number: u32,
    /// The core's handle. Absent: the call has its outcome, and the core has forgotten it.
    call: Option<u64>,
}

impl ComponentCall {
    /// The slot, as long as it holds the instance this call lives in.
    fn slot(&self) -> Option<MutexGuard<'_, Slot>> {
        let slot = self.sandbox.lock();
        let ours = slot.instance.as_ref().is_some_and(|instance| instance.number == self.number);
        ours.then_some(slot)
    }

    fn note(&mut self, step: &Step, now_ms: u64) {
        if step.outcome.is_some() {
            self.call = None;
        }
        if step.state_changed
            && let Some(mut slot) = self.slot()
        {
            slot.dirty = true;
            slot.keep_snapshot(now_ms);
        }
    }
}

impl CoreCall for ComponentCall {
    fn tell(&mut self, happening: Happening, now_ms: u64) -> Result<Step, Error> {
        let answer = {
            let (mut slot, call) = self.slot().zip(self.call).ok_or_else(gone)?;
            slot.cross(now_ms, |instance| instance.tell(call, &happening, now_ms))?
        };
        let step = parse(&answer).map_err(said)?;
        self.note(&step, now_ms);
        Ok(step)
    }

    fn snapshot(&mut self) -> Result<CallSnapshot, Error> {
        let (mut slot, call) = self.slot().zip(self.call).ok_or_else(gone)?;
        let now_ms = slot.snapshot_at_ms;
        let snapshot = slot.cross(now_ms, |instance| instance.snapshot_call(call))?;
        parse(&snapshot).map_err(said)
    }
}

impl Drop for ComponentCall {
    fn drop(&mut self) {
        let Some(call) = self.call else { return };
        let Some(mut slot) = self.slot() else { return };
        let dropped = slot.instance.as_mut().map(|instance| instance.drop_call(call));
        if matches!(dropped, Some(Err(_))) {
            slot.instance = None;
        }
    }
}

impl Sandbox {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // After a panic inside wasmtime the instance is in doubt, but at worst it traps, which we know how to bear.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next instance when the last one is dead.
    fn revive(&self, slot: &mut Slot) -> Result<(), Error> {
        if slot.instance.is_some() {
            return Ok(());
        }
        let number = slot.next_number;
        slot.next_number = (number + 1) % INSTANCE_NUMBERS;
        // Taken, and put back only once it has served: a snapshot that cannot be restored is tried once.
        let snapshot = slot.snapshot.take();
        // The new egress table is not looked at: the first one stays frozen.
        let made =
            Instance::new(&self.component, &self.config, number, snapshot.as_deref(), self.memory_bytes);
        let (instance, _) = made.map_err(said)?;
        slot.instance = Some(instance);
        slot.snapshot = snapshot;
        Ok(())
    }
}

impl Slot {
    /// One crossing into the living instance. A trap ends it.
    fn cross<T>(
        &mut self,
        now_ms: u64,
        act: impl FnOnce(&mut Instance) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let instance = self.instance.as_mut().ok_or_else(gone)?;
        match act(instance) {
            Ok(answer) => {
                self.keep_snapshot(now_ms);
                Ok(answer)
            }
            Err(failure) => {
                if matches!(failure, Failure::Dead(_)) {
                    self.instance = None;
                }
                Err(said(failure))
            }
        }
    }

    /// Takes a snapshot when the memory moved and the last one is old enough.
    fn keep_snapshot(&mut self, now_ms: u64) {
        let due = self.snapshot.is_none() || now_ms >= self.snapshot_at_ms + SNAPSHOT_EVERY_MS;
        if !self.dirty || !due {
            return;
        }
        match self.instance.as_mut().map(Instance::snapshot) {
            Some(Ok(snapshot)) => {
                self.snapshot = Some(snapshot);
                self.snapshot_at_ms = now_ms;
                self.dirty = false;
            }
            Some(Err(Failure::Dead(_))) => self.instance = None,
            Some(Err(Failure::Refused(_))) | None => {}
        }
    }
}

/// A failure in words.
fn said(failure: Failure) -> Error {
    match failure {
        Failure::Refused(error) => error,
        Failure::Dead(cause) => internal(format!(
            "the sandbox of this client broke: {cause}. Its calls under way are lost; the next call gets a new \
             sandbox. This is a bug of Liter-LLM, or a bound of its memory: please report it"
        )),
    }
}

/// For a call whose instance died while it served another call.
fn gone() -> Error {
    let message = "the sandbox of this call broke while it served another call of the same client; start this call again";
    Error { retryable: true, ..internal(message) }
}

#[cfg(test)]
#[path = "component_tests.rs"]
mod tests;
