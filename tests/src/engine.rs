//! The engine's functions as `wit/engine.wit` has them, whichever way the core is present.

use literllm_core::engine::Engine as Native;

/// What a function answers: a document, or an `error` document.
pub type Answer = Result<String, String>;

/// Strings in, strings out; see `wit/engine.wit` for each.
#[expect(missing_docs, reason = "the contract documents them, once")]
pub trait Engine {
    fn client_create(&mut self, config: &str, instance: u32, restore: Option<&str>) -> Answer;
    fn client_snapshot(&mut self, client: u64) -> Answer;
    fn client_drop(&mut self, client: u64);
    fn call_start(&mut self, client: u64, request: &str, options: &str, now_ms: u64, seed: u64) -> Answer;
    fn call_head(&mut self, call: u64, attempt: u32, head: &str, now_ms: u64) -> Answer;
    fn call_body(&mut self, call: u64, attempt: u32, bytes: &[u8], now_ms: u64) -> Answer;
    fn call_body_latin1(&mut self, call: u64, attempt: u32, bytes: &str, now_ms: u64) -> Answer;
    fn call_end(&mut self, call: u64, attempt: u32, now_ms: u64) -> Answer;
    fn call_failed(&mut self, call: u64, attempt: u32, failure: &str, now_ms: u64) -> Answer;
    fn call_wake(&mut self, call: u64, idle: Option<u32>, now_ms: u64) -> Answer;
    fn call_cancel(&mut self, call: u64, now_ms: u64) -> Answer;
    fn call_drop(&mut self, call: u64);
}

impl Engine for Native {
    fn client_create(&mut self, config: &str, instance: u32, restore: Option<&str>) -> Answer {
        Self::client_create(self, config, instance, restore)
    }

    fn client_snapshot(&mut self, client: u64) -> Answer {
        Self::client_snapshot(self, client)
    }

    fn client_drop(&mut self, client: u64) {
        Self::client_drop(self, client);
    }

    fn call_start(&mut self, client: u64, request: &str, options: &str, now_ms: u64, seed: u64) -> Answer {
        Self::call_start(self, client, request, options, now_ms, seed)
    }

    fn call_head(&mut self, call: u64, attempt: u32, head: &str, now_ms: u64) -> Answer {
        Self::call_head(self, call, attempt, head, now_ms)
    }

    fn call_body(&mut self, call: u64, attempt: u32, bytes: &[u8], now_ms: u64) -> Answer {
        Self::call_body(self, call, attempt, bytes, now_ms)
    }

    fn call_body_latin1(&mut self, call: u64, attempt: u32, bytes: &str, now_ms: u64) -> Answer {
        Self::call_body_latin1(self, call, attempt, bytes, now_ms)
    }

    fn call_end(&mut self, call: u64, attempt: u32, now_ms: u64) -> Answer {
        Self::call_end(self, call, attempt, now_ms)
    }

    fn call_failed(&mut self, call: u64, attempt: u32, failure: &str, now_ms: u64) -> Answer {
        Self::call_failed(self, call, attempt, failure, now_ms)
    }

    fn call_wake(&mut self, call: u64, idle: Option<u32>, now_ms: u64) -> Answer {
        Self::call_wake(self, call, idle, now_ms)
    }

    fn call_cancel(&mut self, call: u64, now_ms: u64) -> Answer {
        Self::call_cancel(self, call, now_ms)
    }

    fn call_drop(&mut self, call: u64) {
        Self::call_drop(self, call);
    }
}
