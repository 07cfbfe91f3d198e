//! One living instance of the component: its store, its functions, strings in and out.
//!
//! Functions are found by name once and their types checked at each call, which costs far less than the
//! crossing and needs no unsafe code. (`bindgen!` would make code for every type of the contract, and
//! the engine's functions pass none of them: only strings, bytes and numbers.)

use std::sync::OnceLock;

use literllm_core::types::{Created, EgressRow, Error};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::component::{Component, ComponentNamedList, Func, InstancePre, Linker, Lower};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder};

use super::{Happening, internal};

/// The embedded component, world `literllm` of `wit/worlds.wit`.
pub(crate) const COMPONENT: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/literllm.wasm"));

const INTERFACE: &str = "literllm:engine/engine@0.1.0";

/// Why a crossing gave no answer.
pub(super) enum Failure {
    /// The core said no, and lives.
    Refused(Error),
    /// The instance trapped, or is not what it should be. Nothing may be asked of it again.
    Dead(String),
}

impl Failure {
    fn dead(error: wasmtime::Error) -> Self {
        // The chain above the root is a backtrace without names; the root says which trap it was.
        Self::Dead(error.root_cause().to_string())
    }
}

/// One instance with one client in it.
pub(super) struct Instance {
    store: Store<StoreLimits>,
    verbs: Verbs,
    client: u64,
    /// The host's number of this instance; handles carry it too.
    pub(super) number: u32,
}

struct Verbs {
    client_create: Func,
    client_snapshot: Func,
    call_start: Func,
    call_head: Func,
    call_body: Func,
    call_end: Func,
    call_failed: Func,
    call_wake: Func,
    call_cancel: Func,
    call_snapshot: Func,
    call_restore: Func,
    call_drop: Func,
}

impl Instance {
    /// Makes an instance and in it a client, from a snapshot where there is one. `memory_bytes` bounds its memory.
    pub(super) fn new(
        component: &Compiled,
        config: &str,
        number: u32,
        restore: Option<&str>,
        memory_bytes: usize,
    ) -> Result<(Self, Vec<EgressRow>), Failure> {
        let limits = StoreLimitsBuilder::new().memory_size(memory_bytes).build();
        let mut store = Store::new(component.engine(), limits);
        store.limiter(|limits| limits);
        let verbs = Verbs::find(component, &mut store)?;
        let mut instance = Self { store, verbs, client: 0, number };
        let created = instance.ask(instance.verbs.client_create, (config, number, restore))?;
        let created: Created = parse(&created)?;
        instance.client = created.client;
        Ok((instance, created.egress))
    }

    pub(super) fn snapshot(&mut self) -> Result<String, Failure> {
        self.ask(self.verbs.client_snapshot, (self.client,))
    }

    /// Answers with a `started` document.
    pub(super) fn start(
        &mut self,
        request: &str,
        options: &str,
        now_ms: u64,
        seed: u64,
    ) -> Result<String, Failure> {
        self.ask(self.verbs.call_start, (self.client, request, options, now_ms, seed))
    }

    /// Answers with a `started` document.
    pub(super) fn restore(&mut self, snapshot: &str, now_ms: u64) -> Result<String, Failure> {
        self.ask(self.verbs.call_restore, (self.client, snapshot, now_ms))
    }

    /// Answers with a `call-snapshot` document.
    pub(super) fn snapshot_call(&mut self, call: u64) -> Result<String, Failure> {
        self.ask(self.verbs.call_snapshot, (call,))
    }

    /// Answers with a `step` document.
    pub(super) fn tell(&mut self, call: u64, happening: &Happening, now_ms: u64) -> Result<String, Failure> {
        match happening {
            Happening::Head(attempt, head) => {
                self.ask(self.verbs.call_head, (call, *attempt, write(head)?.as_str(), now_ms))
            }
            Happening::Body(attempt, bytes) => {
                self.ask(self.verbs.call_body, (call, *attempt, bytes.as_ref(), now_ms))
            }
            Happening::End(attempt) => self.ask(self.verbs.call_end, (call, *attempt, now_ms)),
            Happening::Failed(attempt, failure) => {
                self.ask(self.verbs.call_failed, (call, *attempt, write(failure)?.as_str(), now_ms))
            }
            Happening::Wake(idle) => self.ask(self.verbs.call_wake, (call, *idle, now_ms)),
            Happening::Cancel => self.ask(self.verbs.call_cancel, (call, now_ms)),
        }
    }

    pub(super) fn drop_call(&mut self, call: u64) -> Result<(), Failure> {
        let func = self.verbs.call_drop.typed::<(u64,), ()>(&self.store).map_err(Failure::dead)?;
        func.call(&mut self.store, (call,)).map_err(Failure::dead)
    }

    fn ask<P: ComponentNamedList + Lower>(&mut self, verb: Func, params: P) -> Result<String, Failure> {
        let func = verb.typed::<P, (Result<String, String>,)>(&self.store).map_err(Failure::dead)?;
        let (answer,) = func.call(&mut self.store, params).map_err(Failure::dead)?;
        answer.or_else(|error| Err(Failure::Refused(parse(&error)?)))
    }
}

impl Verbs {
    fn find(component: &Compiled, store: &mut Store<StoreLimits>) -> Result<Self, Failure> {
        let instance = component.instantiate(&mut *store).map_err(Failure::dead)?;
        let interface = instance.get_export_index(&mut *store, None, INTERFACE);
        let interface = interface.ok_or_else(|| Failure::Dead(format!("it does not export {INTERFACE}")))?;
        let mut verb = |name: &str| {
            let index = instance.get_export_index(&mut *store, Some(&interface), name);
            let func = index.and_then(|index| instance.get_func(&mut *store, index));
            func.ok_or_else(|| Failure::Dead(format!("it does not export {INTERFACE}#{name}")))
        };
        Ok(Self {
            client_create: verb("client-create")?,
            client_snapshot: verb("client-snapshot")?,
            call_start: verb("call-start")?,
            call_head: verb("call-head")?,
            call_body: verb("call-body")?,
            call_end: verb("call-end")?,
            call_failed: verb("call-failed")?,
            call_wake: verb("call-wake")?,
            call_cancel: verb("call-cancel")?,
            call_snapshot: verb("call-snapshot")?,
            call_restore: verb("call-restore")?,
            call_drop: verb("call-drop")?,
        })
    }
}

/// A component ready to be instantiated. Cheap to clone.
pub(super) type Compiled = InstancePre<StoreLimits>;

/// The embedded component, compiled once in this process.
pub(super) fn embedded() -> Result<Compiled, String> {
    static COMPILED: OnceLock<Result<Compiled, String>> = OnceLock::new();
    COMPILED.get_or_init(|| compile(COMPONENT)).clone()
}

/// Compiles a component. The linker is empty: what imports anything does not load.
pub(super) fn compile(component: &[u8]) -> Result<Compiled, String> {
    let compile = || {
        let engine = wasmtime::Engine::default();
        let component = Component::from_binary(&engine, component)?;
        Linker::new(&engine).instantiate_pre(&component)
    };
    compile().map_err(|error: wasmtime::Error| format!("it does not load: {}", error.root_cause()))
}

/// A document of the core. That one cannot be read means that core and host are not of one version.
pub(super) fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        Failure::Refused(internal(format!(
            "the core answered what this host cannot read ({error}); rebuild both"
        )))
    })
}

pub(super) fn write(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(document).map_err(|error| {
        Failure::Refused(internal(format!("a document for the core cannot be written as JSON: {error}")))
    })
}
