//! The loop between the core and the network, as in every host, on `wasi:io/poll`.
//!
//! A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do
//! it, wait for whatever happens first, tell the core, and get the next step. Nothing here decides anything.

use std::rc::Rc;

use literllm_core::Call;
use literllm_core::types::{Event, Outcome, OutcomeResult, Report, Step};
use literllm_lend::Egress;
use wasip2::io::poll;

use crate::attempt::{Attempt, Happening};
use crate::time::Time;

/// A call under way.
pub(crate) struct Drive {
    call: Call,
    attempts: Vec<Attempt>,
    events: Vec<Event>,
    wake_at_ms: Option<u64>,
    /// How the call ended. Absent: it has not.
    pub(crate) outcome: Option<Outcome>,
    egress: Rc<Egress>,
    time: Time,
}

impl Drive {
    /// Takes up a call that was just started at `now_ms`.
    pub(crate) fn new((call, step): (Call, Step), egress: Rc<Egress>, now_ms: u64) -> Self {
        let time = Time::starting_at(now_ms);
        let mut drive = Self {
            call,
            attempts: Vec::new(),
            events: Vec::new(),
            wake_at_ms: None,
            outcome: None,
            egress,
            time,
        };
        drive.act(step);
        drive
    }

    /// The next events, at least one; `None` once all were given and the outcome is there.
    pub(crate) fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if !self.events.is_empty() {
                self.time.pause();
                return Some(std::mem::take(&mut self.events));
            }
            if self.outcome.is_some() {
                return None;
            }
            let happening = self.happening();
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
        let (call, now_ms) = (&mut self.call, self.time.now_ms());
        let step = match happening {
            Happening::Head(attempt, head) => call.head(attempt, &head, now_ms),
            Happening::Body(attempt, bytes) => call.body(attempt, &bytes, now_ms),
            Happening::End(attempt) => call.end(attempt, now_ms),
            Happening::Failed(attempt, failure) => call.failed(attempt, &failure, now_ms),
            Happening::Wake(idle) => call.wake(idle, now_ms),
            Happening::Cancel => call.cancel(now_ms),
        };
        match step {
            Ok(step) => self.act(step),
            Err(error) => {
                let report = Report { started_ms: now_ms, ended_ms: now_ms, ..Report::default() };
                self.end(Outcome { result: OutcomeResult::Error(error), report });
            }
        }
    }

    fn act(&mut self, step: Step) {
        for send in step.send {
            self.attempts.push(Attempt::begin(send, &self.egress, self.time.waited_ms()));
        }
        self.attempts.retain(|attempt| !step.abort.contains(&attempt.number));
        self.events.extend(step.events);
        self.wake_at_ms = step.wake_at_ms;
        if let Some(outcome) = step.outcome {
            self.end(outcome);
        }
    }

    fn end(&mut self, outcome: Outcome) {
        self.attempts.clear();
        self.outcome = Some(outcome);
    }

    /// Whatever happens first: something of an attempt, an attempt's patience at its end, the moment to wake.
    fn happening(&mut self) -> Happening {
        self.time.wait();
        loop {
            for attempt in &mut self.attempts {
                if let Some(happening) = attempt.happening() {
                    attempt.heard(self.time.waited_ms());
                    self.attempts.retain(|attempt| !attempt.is_over());
                    return happening;
                }
            }
            let (now_ms, waited_ms) = (self.time.now_ms(), self.time.waited_ms());
            let mut wait_ms =
                self.wake_at_ms.map_or(u64::MAX, |wake_at_ms| wake_at_ms.saturating_sub(now_ms));
            if wait_ms == 0 {
                return Happening::Wake(None);
            }
            for attempt in &mut self.attempts {
                let patience_ms = attempt.patience_ms(waited_ms);
                if patience_ms == 0 {
                    attempt.heard(waited_ms);
                    return Happening::Wake(Some(attempt.number));
                }
                wait_ms = wait_ms.min(patience_ms);
            }
            let alarm = Time::alarm(wait_ms);
            let mut watched: Vec<_> = self.attempts.iter().flat_map(Attempt::watched).collect();
            watched.push(&alarm);
            poll::poll(&watched);
        }
    }
}
