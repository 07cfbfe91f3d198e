//! Time, as the core is told it and as the host waits for it.
//!
//! A call reads the wall clock once, at its start, and goes on from there by tokio's monotonic clock: a
//! machine whose clock is set in mid-call meets its deadlines all the same, and tests with tokio's paused
//! time need nothing else.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, Sleep, sleep_until};

/// An alarm answered so long after it rang, was not answered because nobody polled: the reader was elsewhere.
///
/// Far more than a loaded machine needs to poll a woken task, far less than any sensible idle bound.
const UNHEARD: Duration = Duration::from_secs(1);

/// Unix milliseconds by the wall clock.
pub(crate) fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time of one call: what it is, how long we have been waiting, and an alarm.
pub(crate) struct Time {
    start_ms: u64,
    started: Instant,
    /// Waited in all, before the wait that lasts.
    waited: Duration,
    waiting_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Time {
    /// A call's time that begins now, at `start_ms` in Unix milliseconds.
    pub(crate) fn starting_at(start_ms: u64) -> Self {
        let started = Instant::now();
        Self { start_ms, started, waited: Duration::ZERO, waiting_since: None, alarm: None }
    }

    /// Unix milliseconds; never backwards.
    pub(crate) fn now_ms(&self) -> u64 {
        self.start_ms + u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX >> 1)
    }

    /// How long we have waited for the network. It stands still while the reader is busy with what it got.
    pub(crate) fn waited(&self) -> Duration {
        self.waited + self.waiting_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// A wait begins, or goes on.
    pub(crate) fn wait(&mut self) {
        let unheard = |alarm: &Pin<Box<Sleep>>| alarm.deadline() + UNHEARD < Instant::now();
        if self.alarm.as_ref().is_some_and(unheard) {
            self.waiting_since = None;
        }
        self.waiting_since.get_or_insert_with(Instant::now);
    }

    /// The reader has something, or looks away: the wait ends.
    pub(crate) fn pause(&mut self) {
        self.waited = self.waited();
        self.waiting_since = None;
    }

    /// Ready when `wait` has passed from now. Needs a tokio runtime with time enabled.
    pub(crate) fn poll_alarm(&mut self, cx: &mut Context<'_>, wait: Duration) -> Poll<()> {
        // A wait beyond the calendar is a wait without end, and `Instant` would overflow.
        let until = Instant::now() + wait.min(Duration::from_secs(365 * 86_400));
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if alarm.deadline() != until {
            alarm.as_mut().reset(until);
        }
        alarm.as_mut().poll(cx)
    }
}
