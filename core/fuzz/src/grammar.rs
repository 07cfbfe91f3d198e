//! The grammar of a stream: one checker for this crate and the tests.

use literllm_core::types::{Event, OutcomeResult};

#[path = "../../../tests/src/grammar.rs"]
#[allow(unreachable_pub, reason = "public where the tests have it")]
mod tests_own;

/// Panics unless the events of one call are in order and add up to its end.
pub(crate) fn check(events: &[Event], result: &OutcomeResult) {
    if let Err(why) = tests_own::check(events, result) {
        panic!("the grammar of the stream is broken: {why}");
    }
}
