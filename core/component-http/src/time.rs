//! Time, as the core is told it and as the loop waits for it.

use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::poll::Pollable;

const MS_IN_NS: u64 = 1_000_000;

/// Unix milliseconds by the wall clock.
pub(crate) fn wall_ms() -> u64 {
    let now = wall_clock::now();
    now.seconds.saturating_mul(1000).saturating_add(u64::from(now.nanoseconds) / MS_IN_NS)
}

/// The time of one call: the wall clock at its start, and from there a clock that nobody sets.
pub(crate) struct Time {
    start_ms: u64,
    started_ns: u64,
    /// Waited for the network in all, in ms. It stands still while the caller is busy with what it got.
    waited_ms: u64,
    waiting_since_ms: Option<u64>,
}

impl Time {
    pub(crate) fn starting_at(start_ms: u64) -> Self {
        Self { start_ms, started_ns: monotonic_clock::now(), waited_ms: 0, waiting_since_ms: None }
    }

    /// Unix milliseconds; never backwards.
    pub(crate) fn now_ms(&self) -> u64 {
        self.start_ms + monotonic_clock::now().saturating_sub(self.started_ns) / MS_IN_NS
    }

    pub(crate) fn waited_ms(&self) -> u64 {
        self.waited_ms + self.waiting_since_ms.map_or(0, |since| self.now_ms().saturating_sub(since))
    }

    /// A wait begins, or goes on.
    pub(crate) fn wait(&mut self) {
        let now_ms = self.now_ms();
        self.waiting_since_ms.get_or_insert(now_ms);
    }

    /// The caller gets something: the wait ends.
    pub(crate) fn pause(&mut self) {
        self.waited_ms = self.waited_ms();
        self.waiting_since_ms = None;
    }

    /// Ready when so much time has passed.
    pub(crate) fn alarm(wait_ms: u64) -> Pollable {
        monotonic_clock::subscribe_duration(wait_ms.saturating_mul(MS_IN_NS))
    }
}
