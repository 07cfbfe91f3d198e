//! The loop between the core and the network, the same under both engines.
//!
//! A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do
//! it, wait for whatever happens first, tell the core, and get the next step. Nothing here decides anything.
//!
//! It runs only while its reader polls: no task is spawned, so a reader that stops, stops the reading from
//! the network too, and dropping it ends every exchange and forgets the call.
//!
//! Between any two steps a call is plain data. Whoever keeps it does so before an attempt or a pause begins; one that is
//! taken up from such data tells the core first which attempts were lost, and then goes on like any other.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use literllm_core::types::{
    self, ErrorKind, Event, FailureKind, Outcome, OutcomeResult, Reached, Step, TransportFailure,
};

use crate::answer::Answer;
use crate::attempt::{Attempt, Lender};
use crate::clock::Time;
use crate::engine::{CoreCall, Happening, Started};
use crate::error::Error;
use crate::snapshot::{Keeper, Keeping, Snapshot};

/// A call under way.
pub(crate) struct Drive {
    /// Stands first to be dropped first: the core forgets the call, then its exchanges end.
    call: Box<dyn CoreCall>,
    attempts: Vec<Attempt>,
    events: VecDeque<Event>,
    wake_at_ms: Option<u64>,
    /// Attempts that ended with the process that made them; the core does not know yet.
    lost: Vec<u32>,
    keeper: Keeper,
    /// What is done once it is kept. Absent: nothing waits for that.
    unkept: Option<(Step, Keeping)>,
    /// How the call ended. Absent: it has not.
    pub(crate) outcome: Option<Result<Answer, Error>>,
    lender: Lender,
    /// A reader that leaves pauses it: idle bounds count only while somebody waits.
    pub(crate) time: Time,
}

impl Drive {
    /// Takes up a call that was just started when `time` started.
    pub(crate) fn new((call, step): Started, lender: Lender, time: Time, keeper: Keeper) -> Self {
        let mut drive = Self {
            call,
            attempts: Vec::new(),
            events: VecDeque::new(),
            wake_at_ms: None,
            lost: Vec::new(),
            keeper,
            unkept: None,
            outcome: None,
            lender,
            time,
        };
        drive.take(step);
        drive
    }

    /// Goes on where another process was: with the events that nobody took there, and without the connections of the
    /// attempts that were under way.
    pub(crate) fn go_on(&mut self, events: Vec<Event>, lost: Vec<u32>) {
        let later = std::mem::replace(&mut self.events, events.into());
        self.events.extend(later);
        self.lost = lost;
    }

    /// The call as plain data, with the events that nobody took.
    pub(crate) fn snapshot(&mut self) -> Result<Snapshot, Error> {
        if self.outcome.is_some() {
            let message = "the call has ended: there is nothing to take up";
            return Err(types::Error::new(ErrorKind::InvalidState, message).into());
        }
        let call = self.call.snapshot().map_err(|error| Error::new(error, None))?;
        Ok(self.keeper.seal(call, self.events.iter().cloned().collect()))
    }

    /// The next event; `None` once all were given and the outcome is there.
    pub(crate) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            ready!(self.poll_kept(cx));
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
            Ok(step) => self.take(step),
            Err(mut error) => {
                // The core has no more to say about what is under way.
                error.maybe_billed |= !self.attempts.is_empty();
                self.end(Err(Error::new(error, None)));
            }
        }
    }

    /// Takes a step. When it begins an attempt or a pause, and somebody keeps the call, that comes first.
    fn take(&mut self, mut step: Step) {
        self.unkept = None;
        let noticed = step.events.iter().any(|event| matches!(event, Event::Notice(_)));
        let begins = step.outcome.is_none() && (noticed || !step.send.is_empty());
        self.events.extend(step.events.drain(..));
        let Some(keep) = self.keeper.keep.clone().filter(|_| begins) else { return self.act(step) };
        match self.snapshot() {
            Ok(snapshot) => {
                self.time.pause();
                self.unkept = Some((step, keep(snapshot)));
            }
            Err(error) => self.end(Err(error)),
        }
    }

    /// Ready when nothing waits to be kept.
    fn poll_kept(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some((_, keeping)) = &mut self.unkept {
            let kept = ready!(keeping.as_mut().poll(cx));
            if let Some((step, _)) = self.unkept.take() {
                match kept {
                    Ok(()) => self.act(step),
                    Err(why) => self.give_up(&step, &*why),
                }
            }
        }
        Poll::Ready(())
    }

    /// A call that cannot be kept is not made. The core handed the step's requests out; only we know that they stayed here.
    fn give_up(&mut self, step: &Step, why: &(dyn StdError + 'static)) {
        self.cancel();
        let Some(Err(error)) = &mut self.outcome else { return };
        error.detail.message = format!("the call was given up, since its snapshot could not be kept: {why}");
        let Some(report) = &mut error.report else { return };
        for attempt in &mut report.attempts {
            attempt.maybe_billed &= step.send.iter().all(|send| send.attempt != attempt.attempt);
        }
        error.detail.maybe_billed = report.attempts.iter().any(|attempt| attempt.maybe_billed);
    }

    fn act(&mut self, step: Step) {
        for send in step.send {
            self.attempts.push(Attempt::begin(send, &self.lender, self.time.waited()));
        }
        self.attempts.retain(|attempt| !step.abort.contains(&attempt.number));
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
        self.unkept = None;
        self.outcome = Some(outcome);
    }

    /// Whatever happens first: something of an attempt, an attempt's patience at its end, the moment to wake.
    fn poll_happening(&mut self, cx: &mut Context<'_>) -> Poll<Happening> {
        if let Some(attempt) = self.lost.pop() {
            let message = "the call was taken up from a snapshot".to_owned();
            let failure = TransportFailure { kind: FailureKind::Lost, reached: Reached::Unknown, message };
            return Poll::Ready(Happening::Failed(attempt, failure));
        }
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
