//! The core for JavaScript: the functions of `wit/engine.wit`, strings in, strings out.
//!
//! Everything that could go wrong is decided in `literllm_core::engine`; this file only hands over. An `err` is
//! thrown as the string it is, so whoever catches tells it from a trap, which is an `Error` of the runtime.
//!
//! Handles and times are JavaScript numbers: they stay below 2^53, and a `BigInt` for each would be made and thrown
//! away at every crossing. The seed alone needs all its 64 bits and is a `BigInt`.

use std::cell::RefCell;

use literllm_core::engine::Engine;
use literllm_core::types::{Error, ErrorKind};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// One engine per instance; an instance has one thread.
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::new());
}

type Answer = Result<String, String>;

fn engine<T>(act: impl FnOnce(&mut Engine) -> T) -> T {
    ENGINE.with_borrow_mut(act)
}

/// First number that a JavaScript number may stand for together with its neighbour (2^53).
const TOO_LARGE: f64 = 9_007_199_254_740_992.0;

/// The whole number that JavaScript meant.
fn whole(value: f64) -> Result<u64, String> {
    // Not a number is in no range.
    if (0.0..TOO_LARGE).contains(&value) && value.fract() == 0.0 {
        return Ok(value as u64);
    }
    let message = format!("handles and times are whole numbers from 0 to 2^53 - 1; this one is {value}");
    Err(serde_json::to_string(&Error::new(ErrorKind::InvalidState, message)).unwrap_or_default())
}

/// Makes a client; answers with a `created` document.
#[wasm_bindgen]
pub fn client_create(config: &str, instance: u32, restore: Option<String>) -> Answer {
    engine(|engine| engine.client_create(config, instance, restore.as_deref()))
}

/// The client's memory as a `client-snapshot` document.
#[wasm_bindgen]
pub fn client_snapshot(client: f64) -> Answer {
    let client = whole(client)?;
    engine(|engine| engine.client_snapshot(client))
}

/// Forgets the client.
#[wasm_bindgen]
pub fn client_drop(client: f64) {
    // What is no handle names no client, and forgetting none is no error.
    if let Ok(client) = whole(client) {
        engine(|engine| engine.client_drop(client));
    }
}

/// Starts a call; answers with a `started` document.
#[wasm_bindgen]
pub fn call_start(client: f64, request: &str, options: &str, now_ms: f64, seed: u64) -> Answer {
    let (client, now_ms) = (whole(client)?, whole(now_ms)?);
    engine(|engine| engine.call_start(client, request, options, now_ms, seed))
}

/// The head of an attempt has come; answers with a `step` document, as all below.
#[wasm_bindgen]
pub fn call_head(call: f64, attempt: u32, head: &str, now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_head(call, attempt, head, now_ms))
}

/// Bytes of an attempt's body have come.
#[wasm_bindgen]
pub fn call_body(call: f64, attempt: u32, bytes: &[u8], now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_body(call, attempt, bytes, now_ms))
}

/// An attempt's body has ended as HTTP says it should.
#[wasm_bindgen]
pub fn call_end(call: f64, attempt: u32, now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_end(call, attempt, now_ms))
}

/// An attempt has failed.
#[wasm_bindgen]
pub fn call_failed(call: f64, attempt: u32, failure: &str, now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_failed(call, attempt, failure, now_ms))
}

/// The time has come; `idle` names the attempt that was silent.
#[wasm_bindgen]
pub fn call_wake(call: f64, idle: Option<u32>, now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_wake(call, idle, now_ms))
}

/// The caller gives up.
#[wasm_bindgen]
pub fn call_cancel(call: f64, now_ms: f64) -> Answer {
    let (call, now_ms) = (whole(call)?, whole(now_ms)?);
    engine(|engine| engine.call_cancel(call, now_ms))
}

/// The call as a `call-snapshot` document; it goes on undisturbed.
#[wasm_bindgen]
pub fn call_snapshot(call: f64) -> Answer {
    let call = whole(call)?;
    engine(|engine| engine.call_snapshot(call))
}

/// Takes up a call of a `call-snapshot` document; answers with a `started` document.
#[wasm_bindgen]
pub fn call_restore(client: f64, snapshot: &str, now_ms: f64) -> Answer {
    let (client, now_ms) = (whole(client)?, whole(now_ms)?);
    engine(|engine| engine.call_restore(client, snapshot, now_ms))
}

/// Forgets the call.
#[wasm_bindgen]
pub fn call_drop(call: f64) {
    // As with `client_drop`.
    if let Ok(call) = whole(call) {
        engine(|engine| engine.call_drop(call));
    }
}
