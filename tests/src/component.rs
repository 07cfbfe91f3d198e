//! The engine in its sandbox: the file hosts embed, run by wasmtime with an empty linker.
//!
//! A trap is a panic here, since no input may cause one.

use std::path::PathBuf;
use std::sync::OnceLock;

use wasmtime::component::{Component, ComponentNamedList, Func, Instance, InstancePre, Lift, Linker, Lower};
use wasmtime::{Store, StoreLimits, StoreLimitsBuilder};

use crate::engine::{Answer, Engine};

const INTERFACE: &str = "literllm:engine/engine@0.1.0";

/// Where the component lies: `LITERLLM_COMPONENT`, or where `cargo xtask build` lays it.
pub fn path() -> PathBuf {
    let laid = concat!(env!("CARGO_MANIFEST_DIR"), "/../host-wasmtime/literllm.wasm");
    std::env::var_os("LITERLLM_COMPONENT").map_or_else(|| laid.into(), PathBuf::from)
}

/// The memory that hosts give an instance, in bytes (DESIGN section 3).
pub const MEMORY_LIMIT_BYTES: usize = 256 << 20;

/// One instance of the component, with the memory limit of the hosts.
pub struct Sandbox {
    store: Store<StoreLimits>,
    instance: Instance,
}

impl Sandbox {
    /// A new instance; the file is compiled once in this process.
    ///
    /// # Errors
    /// One sentence, when the file is absent or does not load.
    pub fn new() -> Result<Self, String> {
        static COMPILED: OnceLock<Result<InstancePre<StoreLimits>, String>> = OnceLock::new();
        let compiled = COMPILED.get_or_init(compile).as_ref().map_err(Clone::clone)?;
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY_LIMIT_BYTES).build();
        let mut store = Store::new(compiled.engine(), limits);
        store.limiter(|limits| limits);
        let instance = compiled
            .instantiate(&mut store)
            .map_err(|error| format!("the component does not start: {error:#}"))?;
        Ok(Self { store, instance })
    }

    fn call<P, R>(&mut self, name: &str, params: P) -> R
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift + 'static,
    {
        let func = self.find(name).typed::<P, R>(&self.store);
        let func = func.unwrap_or_else(|error| panic!("{name} is not what wit/engine.wit says: {error:#}"));
        func.call(&mut self.store, params)
            .unwrap_or_else(|error| panic!("the component trapped in {name}: {error:#}"))
    }

    fn find(&mut self, name: &str) -> Func {
        let interface = self.instance.get_export_index(&mut self.store, None, INTERFACE);
        let index = self.instance.get_export_index(&mut self.store, interface.as_ref(), name);
        let func = index.and_then(|index| self.instance.get_func(&mut self.store, index));
        func.unwrap_or_else(|| panic!("the component does not export {INTERFACE}#{name}"))
    }

    fn ask<P: ComponentNamedList + Lower>(&mut self, name: &str, params: P) -> Answer {
        let (answer,): (Answer,) = self.call(name, params);
        answer
    }
}

fn compile() -> Result<InstancePre<StoreLimits>, String> {
    let path = path();
    let bytes = std::fs::read(&path).map_err(|_| {
        format!(
            "the component is not at {}: run `cargo xtask build`, which lays it there, and try again",
            path.display()
        )
    })?;
    let engine = wasmtime::Engine::default();
    let load = || Linker::new(&engine).instantiate_pre(&Component::from_binary(&engine, &bytes)?);
    load().map_err(|error: wasmtime::Error| {
        format!("{} is no component without imports: {error:#}", path.display())
    })
}

impl Engine for Sandbox {
    fn client_create(&mut self, config: &str, instance: u32, restore: Option<&str>) -> Answer {
        self.ask("client-create", (config, instance, restore))
    }

    fn client_snapshot(&mut self, client: u64) -> Answer {
        self.ask("client-snapshot", (client,))
    }

    fn client_drop(&mut self, client: u64) {
        self.call("client-drop", (client,))
    }

    fn call_start(&mut self, client: u64, request: &str, options: &str, now_ms: u64, seed: u64) -> Answer {
        self.ask("call-start", (client, request, options, now_ms, seed))
    }

    fn call_head(&mut self, call: u64, attempt: u32, head: &str, now_ms: u64) -> Answer {
        self.ask("call-head", (call, attempt, head, now_ms))
    }

    fn call_body(&mut self, call: u64, attempt: u32, bytes: &[u8], now_ms: u64) -> Answer {
        self.ask("call-body", (call, attempt, bytes, now_ms))
    }

    fn call_body_latin1(&mut self, call: u64, attempt: u32, bytes: &str, now_ms: u64) -> Answer {
        self.ask("call-body-latin1", (call, attempt, bytes, now_ms))
    }

    fn call_end(&mut self, call: u64, attempt: u32, now_ms: u64) -> Answer {
        self.ask("call-end", (call, attempt, now_ms))
    }

    fn call_failed(&mut self, call: u64, attempt: u32, failure: &str, now_ms: u64) -> Answer {
        self.ask("call-failed", (call, attempt, failure, now_ms))
    }

    fn call_wake(&mut self, call: u64, idle: Option<u32>, now_ms: u64) -> Answer {
        self.ask("call-wake", (call, idle, now_ms))
    }

    fn call_cancel(&mut self, call: u64, now_ms: u64) -> Answer {
        self.ask("call-cancel", (call, now_ms))
    }

    fn call_drop(&mut self, call: u64) {
        self.call("call-drop", (call,))
    }
}
