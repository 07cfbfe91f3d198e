//! The core behind `wit/`: strings in, strings out, nothing imported.
//!
//! Everything that could go wrong is decided in `literllm_core::engine`; this file only hands over.

use std::cell::RefCell;

use literllm_core::engine::Engine;

mod bindings {
    #![allow(
        missing_docs,
        unsafe_code,
        unreachable_pub,
        reason = "generated from wit/, which holds the documentation"
    )]
    wit_bindgen::generate!({ path: "../../wit", world: "literllm" });

    use super::Shell;
    export!(Shell with_types_in self);
}

use bindings::exports::literllm::engine::engine as wit;

struct Shell;

thread_local! {
    /// One engine per instance; a component has one thread.
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::new());
}

fn engine<T>(act: impl FnOnce(&mut Engine) -> T) -> T {
    ENGINE.with_borrow_mut(act)
}

impl wit::Guest for Shell {
    fn client_create(config: String, instance: u32, restore: Option<String>) -> Result<String, String> {
        engine(|engine| engine.client_create(&config, instance, restore.as_deref()))
    }

    fn client_snapshot(client: u64) -> Result<String, String> {
        engine(|engine| engine.client_snapshot(client))
    }

    fn client_drop(client: u64) {
        engine(|engine| engine.client_drop(client));
    }

    fn call_start(
        client: u64,
        request: String,
        options: String,
        now_ms: u64,
        seed: u64,
    ) -> Result<String, String> {
        engine(|engine| engine.call_start(client, &request, &options, now_ms, seed))
    }

    fn call_head(call: u64, attempt: u32, head: String, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_head(call, attempt, &head, now_ms))
    }

    fn call_body(call: u64, attempt: u32, bytes: Vec<u8>, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_body(call, attempt, &bytes, now_ms))
    }

    fn call_body_latin1(call: u64, attempt: u32, bytes: String, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_body_latin1(call, attempt, &bytes, now_ms))
    }

    fn call_end(call: u64, attempt: u32, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_end(call, attempt, now_ms))
    }

    fn call_failed(call: u64, attempt: u32, failure: String, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_failed(call, attempt, &failure, now_ms))
    }

    fn call_wake(call: u64, idle: Option<u32>, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_wake(call, idle, now_ms))
    }

    fn call_cancel(call: u64, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_cancel(call, now_ms))
    }

    fn call_snapshot(call: u64) -> Result<String, String> {
        engine(|engine| engine.call_snapshot(call))
    }

    fn call_restore(client: u64, snapshot: String, now_ms: u64) -> Result<String, String> {
        engine(|engine| engine.call_restore(client, &snapshot, now_ms))
    }

    fn call_drop(call: u64) {
        engine(|engine| engine.call_drop(call));
    }
}
