//! One call's life, the only state machine.
//!
//! | state   | what may happen                       | what follows                                   |
//! |---------|---------------------------------------|------------------------------------------------|
//! | running | head, bytes, end, failure of the attempt | events; the outcome; or waiting for another try |
//! | waiting | the moment comes                      | running, with the next attempt; or held back    |
//! | any     | the total time passes, cancel         | ended                                           |
//! | ended   | late happenings of aborted attempts   | nothing                                         |
//!
//! A happening out of order (a head twice, an end before a head, bytes after the end) is the host's mistake: an
//! `invalid-state` error that changes nothing. What follows a failure is decided in `policy`; this file acts on it.

mod failure;
mod next;
mod route;
pub(crate) mod saved;

use std::sync::Arc;

use crate::attempt::Attempt;
use crate::client::Shared;
use crate::grammar::Grammar;
use crate::held::Share;
use crate::policy::backoff::Dice;
use crate::policy::health::{Slots, Verdict};
use crate::policy::settings::Settings;
use crate::types::{
    AttemptEnd, AttemptReport, CallOptions, Deadline, Error, ErrorKind, OutcomeResult, Policy, Request,
    ResponseHead, Step, TransportFailure,
};
use route::{Ahead, Wishes};

pub(crate) use route::Route;

/// How long the end of a body may lag behind the provider's own end mark, in ms. Waiting for it keeps the
/// connection usable; a server that never ends must not hold back a whole answer.
const LINGER_MS: u64 = 1_000;

/// Longest idempotency key. Stripe and its followers, who made the header common, take 255 characters.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// One call. Tell it what happens and act on each [`Step`] until one has an outcome.
pub struct Call {
    shared: Arc<Shared>,
    route: Route,
    /// The models that are left to turn to, in order.
    ahead: Vec<Ahead>,
    streamed: bool,
    resumable: bool,
    /// How many answers were asked for.
    answers: u32,
    settings: Settings,
    caller_timeout_ms: Option<u64>,
    /// Of the request's body, which is kept for another try.
    share: Share,
    dice: Dice,
    started_ms: u64,
    now_ms: u64,
    state: State,
    first_token_ms: Option<u64>,
    held_ms: u64,
    /// What the caller was told.
    grammar: Grammar,
    attempts: Vec<AttemptReport>,
    /// Attempts at this model that count.
    counted: u32,
    /// Keys that were tried since the last pause: each once, however long they rest.
    tried: Slots,
    /// Keys whose refusal was not counted as an attempt. A second one is.
    refused: Slots,
    /// Attempts we broke off: what still arrives of them is ignored.
    aborted: Vec<u32>,
    /// The client's memory moved since the last step.
    moved: bool,
}

enum State {
    Running {
        attempt: Box<Attempt>,
        linger_until_ms: Option<u64>,
    },
    Waiting {
        until_ms: u64,
        /// Since when an attempt is held back. Absent: it is the pause after a failure.
        held_since_ms: Option<u64>,
    },
    Ended,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("target", &self.route.target)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl Drop for Call {
    /// A call that is forgotten in the middle says nothing of its deployment, but others may test it now.
    fn drop(&mut self) {
        if let State::Running { attempt, .. } = &self.state
            && attempt.probe.is_some()
        {
            let (provider, model) = (&self.route.target.provider, &self.route.target.model);
            self.shared.health().ended(provider, model, Verdict::Unknown, attempt.probe, self.now_ms);
        }
    }
}

impl Call {
    /// # Errors
    /// Whatever can be known before anything is sent.
    pub(crate) fn start(
        shared: Arc<Shared>,
        policy: Option<&Policy>,
        request: Request,
        options: CallOptions,
        now_ms: u64,
        seed: u64,
    ) -> Result<(Self, Step), Error> {
        let settings = Settings::resolve(policy, options.policy.as_ref())?;
        check_options(&options)?;
        // A model that nobody knows is a mistake of another kind than what is asked of it.
        let way = shared.registry.resolve(&request.model)?;
        crate::validate::request(&request)?;
        let wishes =
            Wishes { strict: options.strict == Some(true), idempotency_key: options.idempotency_key, seed };
        let route = Route::by(way, &request, &wishes, shared.bounds)?;
        let steps = Settings::fallback(policy, options.policy.as_ref())?;
        let ahead = Ahead::all(&shared, &request, steps, &wishes)?;
        let share = shared.held.share();
        let mut call = Self {
            shared,
            route,
            ahead,
            streamed: request.stream == Some(true),
            resumable: options.resumable == Some(true),
            answers: request.n.unwrap_or(1),
            settings,
            caller_timeout_ms: options.caller_timeout_ms,
            share,
            dice: Dice::new(seed),
            started_ms: now_ms,
            now_ms,
            state: State::Ended,
            first_token_ms: None,
            held_ms: 0,
            grammar: Grammar::default(),
            attempts: Vec::new(),
            counted: 0,
            tried: Slots::default(),
            refused: Slots::default(),
            aborted: Vec::new(),
            moved: false,
        };
        call.hold()?;
        let mut step = Step::default();
        call.warn(&mut step);
        call.begin(&mut step);
        let step = call.seal(step);
        Ok((call, step))
    }

    /// The head of an attempt has come.
    ///
    /// # Errors
    /// `invalid-state` for an attempt that is not running or has a head already.
    pub fn head(&mut self, attempt: u32, head: &ResponseHead, now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let (now_ms, target) = (call.now_ms, call.route.target.clone());
            let Some(running) = call.running(attempt)? else { return Ok(()) };
            if running.head.is_some() {
                return Err(out_of_order(attempt, "has its head already"));
            }
            if head.status < 200 {
                return Err(out_of_order(
                    attempt,
                    &format!("cannot have status {} in its head", head.status),
                ));
            }
            running.head(head, &target, now_ms);
            if head.status > 599 {
                // Some gateways invent statuses (999); HTTP has none above 599 (RFC 9110 section 15).
                let message = format!(
                    "{} answered with status {}, which HTTP does not have",
                    target.provider, head.status
                );
                call.fail(Error::new(ErrorKind::Protocol, message), None, true, step);
            }
            Ok(())
        })
    }

    /// Bytes of an attempt's body have come, cut anywhere.
    ///
    /// # Errors
    /// `invalid-state` before the head, after the end, or for an unknown attempt.
    pub fn body(&mut self, attempt: u32, bytes: &[u8], now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let Some(running) = call.running(attempt)? else { return Ok(()) };
            if running.head.is_none() {
                return Err(out_of_order(attempt, "has bytes before its head"));
            }
            let read = running.bytes(bytes);
            let (failure_is_read, whole) = (running.failure_is_read(), running.sink.is_marked_whole());
            let shown = call.show(step);
            match read {
                _ if let Err(error) = shown => call.fail(error, None, true, step),
                // Whatever follows the provider's own end mark takes nothing from a whole answer.
                Err(_) if whole => call.succeed(true, step),
                Err(error) => call.fail(error, None, true, step),
                Ok(()) if failure_is_read => call.end_of_body(true, step),
                Ok(()) => call.linger(),
            }
            Ok(())
        })
    }

    /// An attempt's body has ended as HTTP says it should.
    ///
    /// # Errors
    /// `invalid-state` before the head, or for an attempt that is not running.
    pub fn end(&mut self, attempt: u32, now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let Some(running) = call.running(attempt)? else { return Ok(()) };
            if running.head.is_none() {
                return Err(out_of_order(attempt, "has an end before its head"));
            }
            call.end_of_body(false, step);
            Ok(())
        })
    }

    /// An attempt has failed.
    ///
    /// # Errors
    /// `invalid-state` for an attempt that is not running.
    pub fn failed(&mut self, attempt: u32, failure: &TransportFailure, now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let Some(running) = call.running(attempt)? else { return Ok(()) };
            let (whole, is_failure) = (running.sink.is_marked_whole(), running.is_failure());
            let slot = running.key_slot;
            if whole {
                call.succeed(false, step);
            } else if is_failure {
                // The status has said what matters; a broken body of an error must not hide it.
                call.end_of_body(false, step);
            } else {
                let (target, url) = (&call.route.target, &call.route.request.url);
                let keys = call.key_names(slot);
                let error = failure::of_transport(failure, target, url, &keys, &call.settings);
                call.fail(error, Some(failure), false, step);
            }
            Ok(())
        })
    }

    /// The time has come: the moment of `wake_at_ms`, or `idle` names the attempt that was silent for too long.
    /// Too early, or too late to matter, it does nothing.
    ///
    /// # Errors
    /// `invalid-state` when `idle` names an attempt that never was.
    pub fn wake(&mut self, idle: Option<u32>, now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let idle = match idle {
                Some(attempt) if call.attempts.iter().any(|report| report.attempt == attempt) => {
                    return Ok(());
                }
                Some(attempt) => call.running(attempt)?.is_some(),
                None => false,
            };
            let (now_ms, deadline_ms) = (call.now_ms, call.deadline_ms());
            match &call.state {
                State::Ended => {}
                State::Running { attempt, linger_until_ms } => {
                    let late = now_ms >= deadline_ms;
                    let slow = call.first_token_due_ms(attempt).is_some_and(|due_ms| now_ms >= due_ms);
                    if attempt.sink.is_marked_whole() {
                        if idle || late || linger_until_ms.is_some_and(|until| now_ms >= until) {
                            call.succeed(true, step);
                        }
                    } else if attempt.is_failure() && (idle || late || slow) {
                        call.end_of_body(true, step);
                    } else if late {
                        call.fail(call.out_of_time(), None, true, step);
                    } else if slow {
                        let bound_ms = call.settings.first_token_timeout_ms.unwrap_or_default();
                        let error = failure::of_time(Deadline::FirstToken, &call.route.target, bound_ms);
                        call.fail(error, None, true, step);
                    } else if idle {
                        let bound_ms = call.settings.idle_timeout_ms;
                        let error = failure::of_time(Deadline::Idle, &call.route.target, bound_ms);
                        call.fail(error, None, true, step);
                    }
                }
                State::Waiting { until_ms, .. } if now_ms >= *until_ms => call.begin(step),
                State::Waiting { .. } => {}
            }
            Ok(())
        })
    }

    /// The caller gives up.
    ///
    /// # Errors
    /// None today; the signature is that of its siblings.
    pub fn cancel(&mut self, now_ms: u64) -> Result<Step, Error> {
        self.tell(now_ms, |call, step| {
            let error = Error::new(ErrorKind::Cancelled, "the caller cancelled the call");
            match &call.state {
                State::Ended => {}
                State::Running { .. } => call.fail(error, None, true, step),
                State::Waiting { .. } => call.give_up(error, step),
            }
            Ok(())
        })
    }

    /// Something happened at `now_ms`. What is refused did not happen, and takes no time.
    fn tell(
        &mut self,
        now_ms: u64,
        happen: impl FnOnce(&mut Self, &mut Step) -> Result<(), Error>,
    ) -> Result<Step, Error> {
        let before_ms = self.now_ms;
        self.now_ms = before_ms.max(now_ms);
        let mut step = Step::default();
        match happen(self, &mut step) {
            Ok(()) => Ok(self.seal(step)),
            Err(error) => {
                self.now_ms = before_ms;
                Err(error)
            }
        }
    }

    /// The attempt of that number if it is running; `None` if it was aborted and lags behind.
    fn running(&mut self, number: u32) -> Result<Option<&mut Attempt>, Error> {
        if self.aborted.contains(&number) {
            return Ok(None);
        }
        match &mut self.state {
            State::Running { attempt, .. } if attempt.number == number => Ok(Some(attempt)),
            _ if self.attempts.iter().any(|report| report.attempt == number) => {
                Err(out_of_order(number, "has ended already"))
            }
            _ => Err(out_of_order(number, "was never begun")),
        }
    }

    /// When the call ends at the latest, and whose bound that is.
    fn deadline_ms(&self) -> u64 {
        self.started_ms.saturating_add(self.bound().1)
    }

    fn bound(&self) -> (Deadline, u64) {
        match self.caller_timeout_ms {
            Some(caller_ms) if caller_ms < self.settings.total_timeout_ms => (Deadline::Caller, caller_ms),
            _ => (Deadline::Total, self.settings.total_timeout_ms),
        }
    }

    fn out_of_time(&self) -> Error {
        let (deadline, bound_ms) = self.bound();
        failure::of_time(deadline, &self.route.target, bound_ms)
    }

    /// When the first visible piece of an attempt is due. Absent: it has come, or need not.
    fn first_token_due_ms(&self, attempt: &Attempt) -> Option<u64> {
        let bound_ms = self.settings.first_token_timeout_ms?;
        let waited_for = self.streamed && !attempt.sink.has_spoken() && !attempt.sink.is_marked_whole();
        waited_for.then(|| attempt.started_ms.saturating_add(bound_ms))
    }

    /// Gives the caller what the running attempt has read.
    ///
    /// # Errors
    /// `internal` when it is no stream; what comes before the fault is given.
    fn show(&mut self, step: &mut Step) -> Result<(), Error> {
        let State::Running { attempt, .. } = &mut self.state else { return Ok(()) };
        let mut events = attempt.sink.take_events();
        if attempt.sink.has_spoken() && self.first_token_ms.is_none() {
            self.first_token_ms = Some(self.now_ms.saturating_sub(self.started_ms));
        }
        if !self.streamed {
            return Ok(());
        }
        let fault = events
            .iter()
            .enumerate()
            .find_map(|(at, event)| self.grammar.read(event).err().map(|why| (at, why)));
        if let Some((at, _)) = fault {
            events.truncate(at);
        }
        if step.events.is_empty() {
            step.events = events;
        } else {
            step.events.append(&mut events);
        }
        fault.map_or(Ok(()), |(_, why)| {
            let message = format!("a wire format broke the order of a stream: {why}; this is a bug of ours");
            Err(Error::new(ErrorKind::Internal, message))
        })
    }

    /// After the provider's own end mark the end of the body is worth a short wait only.
    fn linger(&mut self) {
        let until = self.now_ms.saturating_add(LINGER_MS);
        if let State::Running { attempt, linger_until_ms } = &mut self.state
            && attempt.sink.is_marked_whole()
        {
            linger_until_ms.get_or_insert(until);
        }
    }

    fn end_of_body(&mut self, abort: bool, step: &mut Step) {
        let State::Running { attempt, .. } = &mut self.state else { return };
        match attempt.end(&self.route.adapter, &self.route.target) {
            Ok(()) => self.succeed(abort, step),
            Err(error) => {
                let error = self.show(step).err().unwrap_or(error);
                self.fail(error, None, abort, step);
            }
        }
    }

    fn succeed(&mut self, abort: bool, step: &mut Step) {
        if let State::Running { attempt, .. } = &mut self.state {
            attempt.sink.close();
        }
        let shown = self.show(step);
        if let Err(error) = shown.and_then(|()| self.told_whole()) {
            return self.fail(error, None, abort, step);
        }
        let Some(attempt) = self.take_attempt(abort, step) else { return };
        let (probe, now_ms) = (attempt.probe, self.now_ms);
        self.learn(|health, provider, model| {
            health.ended(provider, model, Verdict::Well, probe, now_ms);
            health.refill();
        });
        let report = self.attempt_report(&attempt, AttemptEnd::Answered, None);
        self.attempts.push(report);
        let mut response = attempt.sink.into_response();
        response.warnings = self.route.warnings.clone();
        self.finish(OutcomeResult::Response(response), step);
    }

    /// Whether what the caller was told is a whole answer.
    fn told_whole(&self) -> Result<(), Error> {
        if !self.streamed {
            return Ok(());
        }
        self.grammar.end().map_err(|why| {
            Error::new(
                ErrorKind::Internal,
                format!("a wire format left a stream open: {why}; this is a bug of ours"),
            )
        })
    }

    fn take_attempt(&mut self, abort: bool, step: &mut Step) -> Option<Box<Attempt>> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Running { attempt, .. } => {
                if abort {
                    step.abort.push(attempt.number);
                    self.aborted.push(attempt.number);
                }
                Some(attempt)
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Completes a step: when to wake.
    fn seal(&mut self, mut step: Step) -> Step {
        step.state_changed = std::mem::take(&mut self.moved);
        step.wake_at_ms = match &self.state {
            State::Ended => None,
            State::Running { attempt, linger_until_ms } => {
                let due_ms = [*linger_until_ms, self.first_token_due_ms(attempt)];
                Some(due_ms.into_iter().flatten().fold(self.deadline_ms(), u64::min))
            }
            State::Waiting { until_ms, .. } => Some(*until_ms),
        };
        step
    }
}

fn check_options(options: &CallOptions) -> Result<(), Error> {
    let bad = |what: &str| Err(Error::new(ErrorKind::InvalidRequest, format!("the options' {what}")));
    let printable = |key: &String| key.bytes().all(|byte| (0x21..=0x7E).contains(&byte));
    match (&options.idempotency_key, options.caller_timeout_ms) {
        (Some(key), _) if !(1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()) || !printable(key) => {
            bad(&format!("idempotency_key must have 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters"))
        }
        // A caller whose time is over already still gets a call, which ends at once.
        _ => Ok(()),
    }
}

fn out_of_order(attempt: u32, what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidState,
        format!("attempt {attempt} {what}: the host told its happenings out of order"),
    )
}

#[cfg(test)]
mod tests;
