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
mod route;
pub(crate) mod saved;

use std::sync::Arc;

use crate::attempt::Attempt;
use crate::client::Shared;
use crate::grammar::Grammar;
use crate::held::Share;
use crate::policy::backoff::Dice;
use crate::policy::health::{Admission, Health, Probe, Slots, Verdict};
use crate::policy::retry::{self, Decision, Situation};
use crate::policy::settings::Settings;
use crate::policy::wait_hint;
use crate::types::{
    AttemptEnd, AttemptReport, CallOptions, Deadline, Error, ErrorKind, Event, FailureKind, FallbackNotice,
    HoldNotice, Notice, NoticeEvent, Outcome, OutcomeResult, Phase, Policy, Report, Request, ResponseHead,
    RetryNotice, Send, Step, TransportFailure, WaitReason,
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
        self.tick(now_ms);
        let (now_ms, target) = (self.now_ms, self.route.target.clone());
        let Some(running) = self.running(attempt)? else { return Ok(self.seal(Step::default())) };
        if running.head.is_some() {
            return Err(out_of_order(attempt, "has its head already"));
        }
        if head.status < 200 {
            return Err(out_of_order(attempt, &format!("cannot have status {} in its head", head.status)));
        }
        running.head(head, &target, now_ms);
        let mut step = Step::default();
        if head.status > 599 {
            // Some gateways invent statuses (999); HTTP has none above 599 (RFC 9110 section 15).
            let message =
                format!("{} answered with status {}, which HTTP does not have", target.provider, head.status);
            self.fail(Error::new(ErrorKind::Protocol, message), None, true, &mut step);
        }
        Ok(self.seal(step))
    }

    /// Bytes of an attempt's body have come, cut anywhere.
    ///
    /// # Errors
    /// `invalid-state` before the head, after the end, or for an unknown attempt.
    pub fn body(&mut self, attempt: u32, bytes: &[u8], now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let Some(running) = self.running(attempt)? else { return Ok(self.seal(Step::default())) };
        if running.head.is_none() {
            return Err(out_of_order(attempt, "has bytes before its head"));
        }
        let read = running.bytes(bytes);
        let (failure_is_read, whole) = (running.failure_is_read(), running.sink.is_marked_whole());
        let mut step = Step::default();
        let shown = self.show(&mut step);
        match read {
            _ if let Err(error) = shown => self.fail(error, None, true, &mut step),
            // Whatever follows the provider's own end mark takes nothing from a whole answer.
            Err(_) if whole => self.succeed(true, &mut step),
            Err(error) => self.fail(error, None, true, &mut step),
            Ok(()) if failure_is_read => self.end_of_body(true, &mut step),
            Ok(()) => self.linger(),
        }
        Ok(self.seal(step))
    }

    /// An attempt's body has ended as HTTP says it should.
    ///
    /// # Errors
    /// `invalid-state` before the head, or for an attempt that is not running.
    pub fn end(&mut self, attempt: u32, now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let Some(running) = self.running(attempt)? else { return Ok(self.seal(Step::default())) };
        if running.head.is_none() {
            return Err(out_of_order(attempt, "has an end before its head"));
        }
        let mut step = Step::default();
        self.end_of_body(false, &mut step);
        Ok(self.seal(step))
    }

    /// An attempt has failed.
    ///
    /// # Errors
    /// `invalid-state` for an attempt that is not running.
    pub fn failed(&mut self, attempt: u32, failure: &TransportFailure, now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let Some(running) = self.running(attempt)? else { return Ok(self.seal(Step::default())) };
        let (whole, is_failure) = (running.sink.is_marked_whole(), running.is_failure());
        let slot = running.key_slot;
        let mut step = Step::default();
        if whole {
            self.succeed(false, &mut step);
        } else if is_failure {
            // The status has said what matters; a broken body of an error must not hide it.
            self.end_of_body(false, &mut step);
        } else {
            let (target, url) = (&self.route.target, &self.route.request.url);
            let keys = self.key_names(slot);
            let error = failure::of_transport(failure, target, url, &keys, &self.settings);
            self.fail(error, Some(failure), false, &mut step);
        }
        Ok(self.seal(step))
    }

    /// The time has come: the moment of `wake_at_ms`, or `idle` names the attempt that was silent for too long.
    /// Too early, or too late to matter, it does nothing.
    ///
    /// # Errors
    /// `invalid-state` when `idle` names an attempt that never was.
    pub fn wake(&mut self, idle: Option<u32>, now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let mut step = Step::default();
        let idle = match idle {
            Some(attempt) if self.attempts.iter().any(|report| report.attempt == attempt) => {
                return Ok(self.seal(step));
            }
            Some(attempt) => self.running(attempt)?.is_some(),
            None => false,
        };
        let (now_ms, deadline_ms) = (self.now_ms, self.deadline_ms());
        match &self.state {
            State::Ended => {}
            State::Running { attempt, linger_until_ms } => {
                let late = now_ms >= deadline_ms;
                let slow = self.first_token_due_ms(attempt).is_some_and(|due_ms| now_ms >= due_ms);
                if attempt.sink.is_marked_whole() {
                    if idle || late || linger_until_ms.is_some_and(|until| now_ms >= until) {
                        self.succeed(true, &mut step);
                    }
                } else if attempt.is_failure() && (idle || late || slow) {
                    self.end_of_body(true, &mut step);
                } else if late {
                    self.fail(self.out_of_time(), None, true, &mut step);
                } else if slow {
                    let bound_ms = self.settings.first_token_timeout_ms.unwrap_or_default();
                    let error = failure::of_time(Deadline::FirstToken, &self.route.target, bound_ms);
                    self.fail(error, None, true, &mut step);
                } else if idle {
                    let bound_ms = self.settings.idle_timeout_ms;
                    let error = failure::of_time(Deadline::Idle, &self.route.target, bound_ms);
                    self.fail(error, None, true, &mut step);
                }
            }
            State::Waiting { until_ms, .. } if now_ms >= *until_ms => self.begin(&mut step),
            State::Waiting { .. } => {}
        }
        Ok(self.seal(step))
    }

    /// The caller gives up.
    ///
    /// # Errors
    /// None today; the signature is that of its siblings.
    pub fn cancel(&mut self, now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let mut step = Step::default();
        let error = Error::new(ErrorKind::Cancelled, "the caller cancelled the call");
        match &self.state {
            State::Ended => {}
            State::Running { .. } => self.fail(error, None, true, &mut step),
            State::Waiting { .. } => self.give_up(error, &mut step),
        }
        Ok(self.seal(step))
    }

    fn tick(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
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

    /// Names of the variables that may hold the key of a slot.
    fn key_names(&self, slot: u32) -> Vec<String> {
        let egress = self.shared.registry.egress_of(&self.route.target.provider);
        egress.map_or_else(Vec::new, |egress| match slot.checked_sub(1) {
            None => egress.key_env.clone(),
            Some(spare) => egress.spare_key_env.get(spare as usize).cloned().into_iter().collect(),
        })
    }

    /// Changes the client's memory, and notes whether it moved.
    fn learn<T>(&mut self, act: impl FnOnce(&mut Health, &str, &str) -> T) -> T {
        let mut health = self.shared.health();
        let before = health.version;
        let learnt = act(&mut health, &self.route.target.provider, &self.route.target.model);
        self.moved |= health.version != before;
        learnt
    }

    /// What was lost on the way to the model that is asked now.
    fn warn(&self, step: &mut Step) {
        if self.streamed {
            step.events.extend(self.route.warnings.iter().cloned().map(Event::Warning));
        }
    }

    /// The next attempt, as soon as it may begin: now, later, at another model, or never.
    fn begin(&mut self, step: &mut Step) {
        let now_ms = self.now_ms;
        if let State::Waiting { held_since_ms: Some(since_ms), .. } = self.state {
            self.held_ms = self.held_ms.saturating_add(now_ms.saturating_sub(since_ms));
        }
        self.state = State::Ended;
        // A caller who comes late, as after a restore, is told so instead of paying for what nobody waits for.
        if now_ms >= self.deadline_ms() {
            return self.give_up(self.out_of_time(), step);
        }
        loop {
            let (keys, tried) = (self.route.keys, self.tried);
            let (error, hold) = match self
                .learn(|health, provider, model| health.admit(provider, model, keys, tried, now_ms))
            {
                Admission::Go { key_slot, probe } => return self.send(key_slot, probe, step),
                Admission::Hold { until_ms, reason } => {
                    let delay_ms = until_ms.saturating_sub(now_ms);
                    // All who are held back would come at once: they spread over half as long again.
                    let spread_ms = self.settings.backoff_base_ms.max(delay_ms / 2);
                    let delay_ms = delay_ms.saturating_add(self.dice.up_to(spread_ms));
                    let error = failure::of_holding(&self.route.model(), reason, delay_ms);
                    (error, Some((delay_ms, reason)))
                }
                Admission::Open { until_ms } => {
                    let delay_ms = until_ms.saturating_sub(now_ms);
                    (failure::of_open_circuit(&self.route.model(), delay_ms), None)
                }
            };
            if self.turn(&error, step) {
                continue;
            }
            let left_ms = self.deadline_ms().saturating_sub(now_ms);
            match hold.filter(|(delay_ms, _)| *delay_ms < left_ms) {
                Some((delay_ms, reason)) => {
                    let until_ms = now_ms.saturating_add(delay_ms);
                    self.state = State::Waiting { until_ms, held_since_ms: Some(now_ms) };
                    let model = self.route.model();
                    notice(Notice::Hold(HoldNotice { model, reason, delay_ms }), step);
                }
                None => self.give_up(error, step),
            }
            return;
        }
    }

    /// Turns to the next model that helps against the error, if there is one.
    fn turn(&mut self, error: &Error, step: &mut Step) -> bool {
        let Some(at) = self.ahead.iter().position(|ahead| ahead.helps(error.kind)) else { return false };
        // Those before it are passed for good.
        let Some(ahead) = self.ahead.drain(..=at).next_back() else { return false };
        let (from_model, to_model, cause) = (self.route.model(), ahead.route.model(), error.message.clone());
        notice(Notice::Fallback(FallbackNotice { from_model, to_model, error: error.kind, cause }), step);
        self.route = ahead.route;
        (self.counted, self.tried) = (0, Slots::default());
        // It holds less than before.
        let _ = self.hold();
        self.warn(step);
        true
    }

    /// Counts what the requests hold, this one and those for the models ahead.
    fn hold(&mut self) -> Result<(), Error> {
        let ahead = self.ahead.iter().map(|ahead| ahead.route.length_bytes());
        self.share.set(ahead.fold(self.route.length_bytes(), u64::saturating_add))
    }

    /// Hands the next attempt to the host.
    fn send(&mut self, key_slot: u32, probe: Option<Probe>, step: &mut Step) {
        let number = self.attempts.len() as u32 + 1;
        let mut attempt =
            Attempt::new(number, self.now_ms, &self.route, self.answers, self.streamed, &self.shared);
        (attempt.key_slot, attempt.probe) = (key_slot, probe);
        if self.streamed && self.resumable {
            attempt.keep_bytes();
        }
        self.counted += 1;
        self.tried.add(key_slot);
        self.state = State::Running { attempt: Box::new(attempt), linger_until_ms: None };
        step.send.push(Send {
            attempt: number,
            provider: self.route.target.provider.clone(),
            key_slot,
            request: self.route.request.clone(),
            idle_ms: Some(self.settings.idle_timeout_ms),
            connect_timeout_ms: Some(self.settings.connect_timeout_ms),
            max_body_bytes: (!self.streamed).then_some(self.shared.bounds.max_body_bytes),
        });
    }

    /// Gives the caller what the running attempt has read.
    ///
    /// # Errors
    /// `internal` when it is no stream; what comes before the fault is given.
    fn show(&mut self, step: &mut Step) -> Result<(), Error> {
        let State::Running { attempt, .. } = &mut self.state else { return Ok(()) };
        let mut events = attempt.sink.take_events();
        if attempt.sink.has_spoken() && self.first_token_ms.is_none() {
            self.first_token_ms = Some(self.now_ms - self.started_ms);
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

    /// The running attempt failed: try again, turn elsewhere, or end with what came.
    fn fail(&mut self, mut error: Error, failure: Option<&TransportFailure>, abort: bool, step: &mut Step) {
        let Some(attempt) = self.take_attempt(abort, step) else { return };
        self.complete(&mut error, &attempt);
        let lost = failure.is_some_and(|failure| failure.kind == FailureKind::Lost);
        let other_key = self.remember(&error, &attempt, lost);
        let end = if error.kind == ErrorKind::Cancelled { AttemptEnd::Aborted } else { AttemptEnd::Failed };
        let mut report = self.attempt_report(&attempt, end, Some(&error));
        report.reached = failure.map(|failure| failure.reached);
        let now_ms = self.now_ms;
        let target = &self.route.target;
        let open_until_ms = self.shared.health().open_until_ms(&target.provider, &target.model, now_ms);
        let situation = Situation {
            attempts: self.counted,
            fate: failure::fate(&error, report.status),
            idempotent: self.route.idempotent,
            visible: attempt.sink.is_visible(),
            left_ms: self.deadline_ms().saturating_sub(now_ms),
            other_key,
            open_ms: open_until_ms.map(|until_ms| until_ms - now_ms),
        };
        if !retry::allows(&self.settings, situation.fate) {
            // The key that makes it harmless to ask this provider again is not honoured by another.
            self.ahead.clear();
        }
        let mut decision = retry::decide(&self.settings, situation, &error, &mut self.dice);
        if matches!(decision, Decision::Again { costs: true, .. })
            && !self.learn(|health, _, _| health.take_retry())
        {
            let why = "the retry budget of this client is spent: too much fails (guards.retry_budget)";
            decision = Decision::Elsewhere { why: Some(why.into()) };
        }
        let why = match decision {
            Decision::Again { delay_ms, reason, .. } => {
                if delay_ms > 0 {
                    self.tried = Slots::default();
                }
                if retry::is_of_the_key(error.kind) {
                    self.counted = self.counted.saturating_sub(1);
                }
                (report.wait_ms, report.wait_reason) = (Some(delay_ms), Some(reason));
                let attempt = report.attempt;
                self.attempts.push(report);
                let (kind, cause) = (error.kind, error.message);
                notice(Notice::Retry(RetryNotice { attempt, error: kind, cause, delay_ms, reason }), step);
                self.state =
                    State::Waiting { until_ms: now_ms.saturating_add(delay_ms), held_since_ms: None };
                if delay_ms == 0 {
                    self.begin(step);
                }
                return;
            }
            Decision::Elsewhere { why } => {
                if self.turn(&error, step) {
                    (report.wait_ms, report.wait_reason) = (Some(0), Some(WaitReason::None));
                    self.attempts.push(report);
                    return self.begin(step);
                }
                why
            }
            Decision::Stop { why } => why,
        };
        self.attempts.push(report);
        if let Some(why) = why {
            error.message = format!("{} ({why})", error.message);
        }
        if !attempt.sink.is_empty() {
            let mut partial = attempt.sink.into_response();
            partial.warnings = self.route.warnings.clone();
            error.partial = Some(Box::new(partial));
        }
        self.give_up(error, step);
    }

    /// What the head of its attempt adds to an error.
    fn complete(&self, error: &mut Error, attempt: &Attempt) {
        error.bytes_seen = attempt.bytes_seen;
        error.request_id = error.request_id.take().or_else(|| attempt.request_id());
        let Some((head, _)) = &attempt.head else {
            if error.phase == Phase::Request {
                error.phase = Phase::Head;
            }
            return;
        };
        error.status = error.status.or(Some(head.status));
        // Those headers stand on good answers as well; only a refused request is told by them to wait.
        let refused = !(200..300).contains(&head.status);
        if refused && error.kind != ErrorKind::Quota {
            error.retryable = wait_hint::should_retry(head).unwrap_or(error.retryable);
        }
        if refused && error.retryable {
            let limited = error.kind == ErrorKind::RateLimit;
            error.retry_after_ms = wait_hint::read(head, self.now_ms)
                .or(error.retry_after_ms)
                .or_else(|| limited.then(|| wait_hint::rates_reset(head, self.now_ms))?);
        }
        if error.phase == Phase::Request {
            error.phase = Phase::Body;
        }
    }

    /// What the client learns from a failed attempt; whether another key of the provider may do.
    fn remember(&mut self, error: &Error, attempt: &Attempt, lost: bool) -> bool {
        let (now_ms, keys, tried) = (self.now_ms, self.route.keys, self.tried);
        let (verdict, probe, key_slot) = (failure::verdict(error, lost), attempt.probe, attempt.key_slot);
        let (refused, limited) = (retry::is_of_the_key(error.kind), error.kind == ErrorKind::RateLimit);
        let named_pause_ms = error
            .retry_after_ms
            .filter(|_| matches!(error.kind, ErrorKind::RateLimit | ErrorKind::Overloaded));
        let pause_ms = error.retry_after_ms.unwrap_or(self.settings.backoff_cap_ms);
        self.learn(|health, provider, model| {
            health.ended(provider, model, verdict, probe, now_ms);
            if keys > 1 && (refused || limited) {
                health.rest_key(provider, key_slot, refused, now_ms.saturating_add(pause_ms), now_ms);
                return health.has_key(provider, keys, tried);
            }
            if let Some(pause_ms) = named_pause_ms {
                health.cool(provider, model, pause_ms, now_ms);
            }
            false
        })
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

    /// The end of a call that failed.
    fn give_up(&mut self, mut error: Error, step: &mut Step) {
        error.maybe_billed = self.attempts.iter().any(|report| report.maybe_billed);
        error.next = failure::next(&error);
        self.finish(OutcomeResult::Error(error), step);
    }

    fn finish(&mut self, result: OutcomeResult, step: &mut Step) {
        if let State::Waiting { held_since_ms: Some(since_ms), .. } = self.state {
            self.held_ms = self.held_ms.saturating_add(self.now_ms.saturating_sub(since_ms));
        }
        self.state = State::Ended;
        // There is no other try: the body is let go, and giving back cannot fail.
        self.route.request.body = Vec::new();
        self.ahead = Vec::new();
        let _ = self.share.set(0);
        let report = Report {
            started_ms: self.started_ms,
            ended_ms: self.now_ms,
            first_token_ms: self.first_token_ms,
            attempts: std::mem::take(&mut self.attempts),
            held_ms: self.held_ms,
        };
        // Late happenings are still told apart from those of attempts that never were.
        self.attempts = report.attempts.clone();
        step.outcome = Some(Outcome { result, report });
    }

    fn attempt_report(&self, attempt: &Attempt, end: AttemptEnd, error: Option<&Error>) -> AttemptReport {
        let answered_ok = attempt.head.as_ref().is_some_and(|(head, _)| (200..300).contains(&head.status));
        let sent = error.is_none_or(|error| !matches!(error.phase, Phase::Request | Phase::Connect));
        AttemptReport {
            attempt: attempt.number,
            provider: self.route.target.provider.clone(),
            model: self.route.target.model.clone(),
            started_ms: attempt.started_ms,
            head_ms: attempt.head.as_ref().map(|(_, at_ms)| *at_ms),
            ended_ms: self.now_ms,
            status: attempt.head.as_ref().map(|(head, _)| head.status),
            bytes_seen: attempt.bytes_seen,
            end,
            error: error.map(|error| error.kind),
            cause: error.map(|error| error.message.clone()),
            wait_ms: None,
            wait_reason: None,
            key_slot: attempt.key_slot,
            reached: None,
            // No head, but perhaps sent; or a good head and then no whole answer.
            maybe_billed: end != AttemptEnd::Answered && sent && (attempt.head.is_none() || answered_ok),
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

fn notice(notice: Notice, step: &mut Step) {
    step.events.push(Event::Notice(NoticeEvent { notice }));
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
