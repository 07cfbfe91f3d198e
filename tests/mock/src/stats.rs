//! What the simulator counts, for tests and for people who watch it.
//!
//! Control routes (`/stats`, `/healthz`) are not counted as requests, so looking does not change the picture.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;

/// Counts since the start, or since the last reset. `GET /stats` is this as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Requests whose head arrived.
    pub requests: u64,
    /// Requests by path; past 64 different paths, the rest share `(other)`.
    pub by_path: BTreeMap<String, u64>,
    /// Answers by HTTP status. A request that got no head is in none.
    pub by_status: BTreeMap<u16, u64>,
    /// Faults that struck, by name.
    pub by_fault: BTreeMap<String, u64>,
    /// Bytes written to sockets, heads and chunk framing included.
    pub bytes_sent: u64,
    /// Answers that were streams.
    pub streams: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Requests being answered now. Not reset.
    pub in_flight: u64,
    /// Answers that the client did not wait for.
    pub aborted_by_client: u64,
}

/// Most paths counted apart, so that a client with made-up paths cannot fill the memory.
const MAX_PATHS: usize = 64;

/// The living counts.
pub(crate) struct Counters {
    stats: Mutex<Stats>,
    bytes_sent: AtomicU64,
    in_flight: watch::Sender<u64>,
    stopping: AtomicBool,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self {
            stats: Mutex::default(),
            bytes_sent: AtomicU64::new(0),
            in_flight: watch::Sender::new(0),
            stopping: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stats> {
        // Counts stay usable even if a thread panicked between two of them.
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> Stats {
        let stats = self.lock().clone();
        Stats { bytes_sent: self.bytes_sent.load(Relaxed), in_flight: *self.in_flight.borrow(), ..stats }
    }

    pub(crate) fn reset(&self) {
        *self.lock() = Stats::default();
        self.bytes_sent.store(0, Relaxed);
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.bytes_sent.fetch_add(bytes, Relaxed);
    }

    pub(crate) fn connection(&self) {
        self.lock().connections += 1;
    }

    pub(crate) fn answered(&self, status: u16, is_stream: bool) {
        let mut stats = self.lock();
        *stats.by_status.entry(status).or_default() += 1;
        stats.streams += u64::from(is_stream);
    }

    pub(crate) fn fault(&self, name: &str) {
        *self.lock().by_fault.entry(name.to_owned()).or_default() += 1;
    }

    /// From now on an unfinished answer is our doing.
    pub(crate) fn stopping(&self) {
        self.stopping.store(true, Relaxed);
    }

    /// Returns once no request is being answered.
    pub(crate) async fn idle(&self) {
        // It can only fail when the sender is gone, and we hold it.
        let _ = self.in_flight.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Counts a request until its ticket is finished or dropped.
    pub(crate) fn begin(self: &Arc<Self>, path: &str) -> Ticket {
        let mut stats = self.lock();
        stats.requests += 1;
        let known = stats.by_path.len() < MAX_PATHS || stats.by_path.contains_key(path);
        *stats.by_path.entry(if known { path } else { "(other)" }.to_owned()).or_default() += 1;
        self.in_flight.send_modify(|count| *count += 1);
        Ticket { counters: Arc::clone(self), finished: false }
    }
}

/// One request being answered. Dropped before `finish`, it counts as left by the client.
pub(crate) struct Ticket {
    counters: Arc<Counters>,
    finished: bool,
}

impl Ticket {
    /// The last byte was handed over, or we broke the connection ourselves.
    pub(crate) fn finish(&mut self) {
        if !self.finished {
            self.finished = true;
            self.counters.in_flight.send_modify(|count| *count = count.saturating_sub(1));
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.finished {
            if !self.counters.stopping.load(Relaxed) {
                self.counters.lock().aborted_by_client += 1;
            }
            self.finish();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_counts_once_and_says_who_ended_it() {
        let counters = Arc::new(Counters::new());
        let (mut done, left) = (counters.begin("/a"), counters.begin("/a"));
        assert_eq!(counters.snapshot().in_flight, 2);
        done.finish();
        drop((done, left));
        let stats = counters.snapshot();
        assert_eq!((stats.in_flight, stats.aborted_by_client, stats.by_path["/a"]), (0, 1, 2));
        counters.reset();
        assert_eq!(counters.snapshot(), Stats::default());
    }

    #[test]
    fn made_up_paths_share_a_place() {
        let counters = Arc::new(Counters::new());
        for number in 0..1000 {
            counters.begin(&format!("/{number}")).finish();
        }
        let stats = counters.snapshot();
        assert_eq!((stats.by_path.len(), stats.by_path["(other)"]), (MAX_PATHS + 1, 1000 - MAX_PATHS as u64));
    }
}
