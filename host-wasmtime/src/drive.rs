//! The loop between the core and the network, the same under both engines.
//!
//! A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do
//! it, wait for whatever happens first, tell the core, and get the next step. Nothing here decides anything.
//!
//! It runs only while its reader polls: no task is spawned, so a reader that stops, stops the reading from
//! the network too, and dropping it ends every exchange and forgets the call.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use literllm_core::types::{Event, Outcome, OutcomeResult, Step};

use crate::answer::Answer;
use crate::attempt::{Attempt, Lender};
use crate::clock::Time;
use crate::engine::{CoreCall, Happening, Started};
use crate::error::Error;

/// A call under way.
pub(crate) struct Drive {
    /// Stands first to be dropped first: the core forgets the call, then its exchanges end.
    call: Box<dyn CoreCall>,
    attempts: Vec<Attempt>,
    events: VecDeque<Event>,
    wake_at_ms: Option<u64>,
    /// How the call ended. Absent: it has not.
    pub(crate) outcome: Option<Result<Answer, Error>>,
    lender: Lender,
    /// A reader that leaves pauses it: idle bounds count only while somebody waits.
    pub(crate) time: Time,
}

impl Drive {
    /// Takes up a call that was just started when `time` started.
    pub(crate) fn new((call, step): Started, lender: Lender, time: Time) -> Self {
        let mut drive = Self {
            call,
            attempts: Vec::new(),
            events: VecDeque::new(),
            wake_at_ms: None,
            outcome: None,
            lender,
            time,
        };
        drive.act(step);
        drive
    }

    /// The next event; `None` once all were given and the outcome is there.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if let Some(event) = self.events.pop_front() {
                self.time.pause();
                return Poll::Ready(Some(event));
            }
            if self.outcome.is_some() {
                return Poll::Ready(None);
            }
            let happening = ready!(self.poll_happening(cx));
            self.tell(happening);
        }
    }

    /// The caller gives up; the outcome is there afterwards.
    pub(crate) fn cancel(&mut self) {
        if self.outcome.is_none() {
            self.tell(Happening::Cancel);
        }
    }

    fn tell(&mut self, happening: Happening) {
        match self.call.tell(happening, self.time.now_ms()) {
            Ok(step) => self.act(step),
            Err(error) => self.end(Err(Error::new(error, None))),
        }
    }

    fn act(&mut self, step: Step) {
        for send in step.send {
            self.attempts.push(Attempt::begin(send, &self.lender, self.time.waited()));
        }
        self.attempts.retain(|attempt| !step.abort.contains(&attempt.number));
        self.events.extend(step.events);
        self.wake_at_ms = step.wake_at_ms;
        if let Some(Outcome { result, report }) = step.outcome {
            self.end(match result {
                OutcomeResult::Response(response) => Ok(Answer { response, report }),
                OutcomeResult::Error(error) => Err(Error::new(error, Some(report))),
            });
        }
    }

    fn end(&mut self, outcome: Result<Answer, Error>) {
        self.attempts.clear();
        self.outcome = Some(outcome);
    }

    /// Whatever happens first: something of an attempt, an attempt's patience at its end, the moment to wake.
    fn poll_happening(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        self.time.wait();
        for place in 0..self.attempts.len() {
            let attempt = &mut self.attempts[place];
            if let Poll::Ready(happening) = attempt.poll(cx) {
                attempt.heard(self.time.waited());
                self.attempts.retain(|attempt| !attempt.is_over());
                return Poll::Ready(happening);
            }
        }
        loop {
            let (now_ms, waited) = (self.time.now_ms(), self.time.waited());
            let wake_ms = self.wake_at_ms.map_or(u64::MAX, |wake_at_ms| wake_at_ms.saturating_sub(now_ms));
            if wake_ms == 0 {
                return Poll::Ready(Happening::Wake(None));
            }
            let mut wait = Duration::from_millis(wake_ms);
            for attempt in &mut self.attempts {
                let patience = attempt.patience(waited);
                if patience.is_zero() {
                    attempt.heard(waited);
                    return Poll::Ready(Happening::Wake(Some(attempt.number)));
                }
                wait = wait.min(patience);
            }
            ready!(self.time.poll_alarm(cx, wait));
        }
    }
}

#[cfg(test)]
#[path = "drive_tests.rs"]
mod tests;
