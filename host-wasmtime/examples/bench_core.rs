//! What the core costs, also in its sandbox, beside a plain parse of the same bytes. `cargo xtask bench core` runs it.
//!
//! `bench_core --component FILE [--rounds N] [--recorded FOLDER]`. All but the sandbox is in `literllm-bench`; here the
//! engine's functions are found once and called as the host calls them, without its clients, locks and snapshots.

use std::path::Path;

use literllm_bench::Arguments;
use literllm_bench::contender::Failure;
use literllm_bench::documents::{Documents, Verbs};
use wasmtime::component::{Component, ComponentNamedList, Func, Instance, Linker, Lower};
use wasmtime::{Engine, Store};

const INTERFACE: &str = "literllm:engine/engine@0.1.0";

fn main() -> Result<(), Failure> {
    let arguments = Arguments::of_process()?;
    let file =
        arguments.component.as_deref().ok_or("--component is needed; `cargo xtask bench core` gives it")?;
    let component = Documents::new("component", Sandbox::new(file)?)?;
    literllm_bench::run(&arguments, vec![Box::new(component)])
}

type Said = Result<String, String>;

struct Sandbox {
    store: Store<()>,
    client_create: Func,
    call_start: Func,
    call_head: Func,
    call_body: Func,
    call_end: Func,
}

impl Sandbox {
    fn new(file: &Path) -> Result<Self, Failure> {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let component = Component::from_file(&engine, file)?;
        let instance = Linker::new(&engine).instantiate(&mut store, &component)?;
        Ok(Self {
            client_create: find(&instance, &mut store, "client-create")?,
            call_start: find(&instance, &mut store, "call-start")?,
            call_head: find(&instance, &mut store, "call-head")?,
            call_body: find(&instance, &mut store, "call-body")?,
            call_end: find(&instance, &mut store, "call-end")?,
            store,
        })
    }

    fn ask<P: ComponentNamedList + Lower>(&mut self, verb: Func, params: P) -> Said {
        let verb = verb.typed::<P, (Said,)>(&self.store).map_err(|error| error.to_string())?;
        let (said,) = verb.call(&mut self.store, params).map_err(|error| error.to_string())?;
        said
    }
}

fn find(instance: &Instance, store: &mut Store<()>, name: &str) -> Result<Func, Failure> {
    let interface = instance.get_export_index(&mut *store, None, INTERFACE);
    let index = instance.get_export_index(&mut *store, interface.as_ref(), name);
    let func = index.and_then(|index| instance.get_func(&mut *store, index));
    func.ok_or_else(|| format!("the component does not export {INTERFACE}#{name}").into())
}

impl Verbs for Sandbox {
    fn client_create(&mut self, config: &str) -> Said {
        self.ask(self.client_create, (config, 0_u32, None::<&str>))
    }

    fn call_start(&mut self, client: u64, request: &str) -> Said {
        self.ask(self.call_start, (client, request, "{}", 0_u64, 7_u64))
    }

    fn call_head(&mut self, call: u64, head: &str) -> Said {
        self.ask(self.call_head, (call, 1_u32, head, 0_u64))
    }

    fn call_body(&mut self, call: u64, bytes: &[u8]) -> Said {
        self.ask(self.call_body, (call, 1_u32, bytes, 0_u64))
    }

    fn call_end(&mut self, call: u64) -> Said {
        self.ask(self.call_end, (call, 1_u32, 0_u64))
    }
}
