//! What follows: the next attempt, another model, or the end.
//!
//! The verbs in `call.rs` say what happened; `policy` decides. Here its decisions are carried out, and what the client
//! learns from them is noted.

use super::{Call, State, failure};
use crate::attempt::Attempt;
use crate::policy::health::{Admission, Health, Probe, Slots};
use crate::policy::retry::{self, Decision, Situation};
use crate::policy::wait_hint;
use crate::types::{
    AttemptEnd, AttemptReport, Error, ErrorKind, Event, FailureKind, FallbackNotice, HoldNotice, Notice,
    NoticeEvent, Outcome, OutcomeResult, Phase, Report, RetryNotice, Send, Step, TransportFailure,
    WaitReason,
};

impl Call {
    /// Names of the variables that may hold the key of a slot.
    pub(super) fn key_names(&self, slot: u32) -> Vec<String> {
        let egress = self.shared.registry.egress_of(&self.route.target.provider);
        egress.map_or_else(Vec::new, |egress| match slot.checked_sub(1) {
            None => egress.key_env.clone(),
            Some(spare) => egress.spare_key_env.get(spare as usize).cloned().into_iter().collect(),
        })
    }

    /// Changes the client's memory, and notes whether it moved.
    pub(super) fn learn<T>(&mut self, act: impl FnOnce(&mut Health, &str, &str) -> T) -> T {
        let mut health = self.shared.health();
        let before = health.version;
        let learnt = act(&mut health, &self.route.target.provider, &self.route.target.model);
        self.moved |= health.version != before;
        learnt
    }

    /// What was lost on the way to the model that is asked now.
    pub(super) fn warn(&self, step: &mut Step) {
        if self.streamed {
            step.events.extend(self.route.warnings.iter().cloned().map(Event::Warning));
        }
    }

    /// The next attempt, as soon as it may begin: now, later, at another model, or never.
    pub(super) fn begin(&mut self, step: &mut Step) {
        let now_ms = self.now_ms;
        self.leave();
        // A caller who comes late, as after a restore, is told so instead of paying for what nobody waits for.
        if now_ms >= self.deadline_ms() {
            return self.give_up(self.out_of_time(), step);
        }
        loop {
            let (keys, tried) = (self.route.keys, self.tried);
            let admission =
                self.learn(|health, provider, model| health.admit(provider, model, keys, tried, now_ms));
            let last = self.attempts.last();
            let (error, hold) = match admission {
                Admission::Go { key_slot, probe } => return self.send(key_slot, probe, step),
                Admission::Hold { until_ms, reason } => {
                    let delay_ms = until_ms.saturating_sub(now_ms);
                    (
                        failure::of_holding(&self.route.model(), reason, delay_ms, last),
                        Some((delay_ms, reason)),
                    )
                }
                Admission::Open { until_ms } => {
                    let delay_ms = until_ms.saturating_sub(now_ms);
                    (failure::of_open_circuit(&self.route.model(), delay_ms, last), None)
                }
            };
            // An instant is sooner over than another model has begun.
            let instant = hold.is_some_and(|(delay_ms, _)| delay_ms <= self.settings.backoff_base_ms);
            if !instant && self.turn(&error, step) {
                continue;
            }
            let left_ms = self.deadline_ms().saturating_sub(now_ms);
            match hold.filter(|(delay_ms, _)| *delay_ms < left_ms) {
                Some((delay_ms, reason)) => {
                    // All who are held back would come at once: they spread over half as long again.
                    let spread_ms =
                        self.settings.backoff_base_ms.max(delay_ms / 2).min(left_ms - delay_ms - 1);
                    let delay_ms = delay_ms.saturating_add(self.dice.up_to(spread_ms));
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

    /// Leaves the state it is in; a hold counts until now.
    fn leave(&mut self) {
        if let State::Waiting { held_since_ms: Some(since_ms), .. } = self.state {
            self.held_ms = self.held_ms.saturating_add(self.now_ms.saturating_sub(since_ms));
        }
        self.state = State::Ended;
    }

    /// Turns to the next model that helps against the error, if there is one.
    fn turn(&mut self, error: &Error, step: &mut Step) -> bool {
        let Some(at) = self.ahead.iter().position(|ahead| ahead.helps(error.kind)) else { return false };
        // Those before it are passed for good.
        let Some(ahead) = self.ahead.drain(..=at).next_back() else { return false };
        let (from_model, to_model, cause) = (self.route.model(), ahead.route.model(), error.message.clone());
        notice(Notice::Fallback(FallbackNotice { from_model, to_model, error: error.kind, cause }), step);
        self.route = ahead.route;
        (self.counted, self.tried, self.refused) = (0, Slots::default(), Slots::default());
        // It holds less than before.
        let _ = self.hold();
        self.warn(step);
        true
    }

    /// Counts what the requests hold, this one and those for the models ahead.
    pub(super) fn hold(&mut self) -> Result<(), Error> {
        let ahead = self.ahead.iter().map(|ahead| ahead.route.length_bytes());
        self.share.set(ahead.fold(self.route.length_bytes(), u64::saturating_add))
    }

    /// An attempt of this call at the model that is asked now.
    pub(super) fn attempt(
        &self,
        number: u32,
        started_ms: u64,
        key_slot: u32,
        probe: Option<Probe>,
    ) -> Attempt {
        let mut attempt =
            Attempt::new(number, started_ms, &self.route, self.answers, self.streamed, &self.shared);
        (attempt.key_slot, attempt.probe) = (key_slot, probe);
        if self.resumable {
            attempt.keep_bytes();
        }
        attempt
    }

    /// Hands the next attempt to the host.
    fn send(&mut self, key_slot: u32, probe: Option<Probe>, step: &mut Step) {
        let number = self.attempts.len() as u32 + 1;
        let attempt = self.attempt(number, self.now_ms, key_slot, probe);
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

    /// The running attempt failed: try again, turn elsewhere, or end with what came.
    pub(super) fn fail(
        &mut self,
        mut error: Error,
        failure: Option<&TransportFailure>,
        abort: bool,
        step: &mut Step,
    ) {
        let Some(attempt) = self.take_attempt(abort, step) else { return };
        self.complete(&mut error, &attempt);
        let end = if error.kind == ErrorKind::Cancelled { AttemptEnd::Aborted } else { AttemptEnd::Failed };
        let mut report = self.attempt_report(&attempt, end, Some(&error));
        report.reached = failure.map(|failure| failure.reached);
        let failure = failure.map(|failure| failure.kind);
        let why = match self.decide(&error, &attempt, failure) {
            Decision::OtherKey => return self.pause(0, WaitReason::None, error, report, step),
            Decision::Again { delay_ms, reason, .. } => {
                self.tried = Slots::default();
                return self.pause(delay_ms, reason, error, report, step);
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

    /// What follows a failed attempt. What that costs is taken, and what the failure tells is remembered.
    fn decide(&mut self, error: &Error, attempt: &Attempt, failure: Option<FailureKind>) -> Decision {
        let (other_key, keys_rest_ms) = self.remember(error, attempt, failure);
        let now_ms = self.now_ms;
        let target = &self.route.target;
        let open_until_ms = self.shared.health().open_until_ms(&target.provider, &target.model, now_ms);
        let fate = failure::fate(error, attempt.head.as_ref().map(|(head, _)| head.status));
        if !retry::allows(&self.settings, fate) {
            // The key that makes it harmless to ask this provider again is not honoured by another.
            self.ahead.clear();
        }
        let free = retry::is_of_the_key(error.kind) && !self.refused.holds(attempt.key_slot);
        let situation = Situation {
            attempts: self.counted,
            fate,
            idempotent: self.route.idempotent,
            visible: attempt.sink.is_visible(),
            left_ms: self.deadline_ms().saturating_sub(now_ms),
            other_key,
            free,
            keys_rest_ms,
            other_model: self.ahead.iter().any(|ahead| ahead.helps(error.kind)),
            open_ms: open_until_ms.map(|until_ms| until_ms.saturating_sub(now_ms)),
        };
        match retry::decide(&self.settings, situation, error, &mut self.dice) {
            Decision::OtherKey if free => {
                self.refused.add(attempt.key_slot);
                self.counted = self.counted.saturating_sub(1);
                Decision::OtherKey
            }
            Decision::Again { costs: true, .. } if !self.learn(|health, _, _| health.take_retry(now_ms)) => {
                let why = "the retry budget of this client is spent: too much fails (guards.retry_budget)";
                Decision::Elsewhere { why: Some(why.into()) }
            }
            decision => decision,
        }
    }

    /// Waits for the next attempt at the same model.
    fn pause(
        &mut self,
        delay_ms: u64,
        reason: WaitReason,
        error: Error,
        mut report: AttemptReport,
        step: &mut Step,
    ) {
        (report.wait_ms, report.wait_reason) = (Some(delay_ms), Some(reason));
        let (attempt, kind, cause) = (report.attempt, error.kind, error.message);
        self.attempts.push(report);
        notice(Notice::Retry(RetryNotice { attempt, error: kind, cause, delay_ms, reason }), step);
        self.state = State::Waiting { until_ms: self.now_ms.saturating_add(delay_ms), held_since_ms: None };
        if delay_ms == 0 {
            self.begin(step);
        }
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

    /// What the client learns from a failed attempt: whether another key of the provider may do, and when all of them
    /// rest, for how long the first does.
    fn remember(
        &mut self,
        error: &Error,
        attempt: &Attempt,
        failure: Option<FailureKind>,
    ) -> (bool, Option<u64>) {
        let (now_ms, keys, tried) = (self.now_ms, self.route.keys, self.tried);
        let (probe, key_slot) = (attempt.probe, attempt.key_slot);
        let (refused, limited) = (retry::is_of_the_key(error.kind), error.kind == ErrorKind::RateLimit);
        let pause_ms = error.retry_after_ms.filter(|_| limited || error.kind == ErrorKind::Overloaded);
        self.learn(|health, provider, model| {
            let of_a_key = keys > 1 && (refused || limited);
            if of_a_key && (refused || pause_ms.is_some()) {
                let until_ms = now_ms.saturating_add(pause_ms.unwrap_or_default());
                health.rest_key(provider, key_slot, refused, until_ms, now_ms);
            } else if let Some(pause_ms) = pause_ms {
                health.cool(provider, model, pause_ms, now_ms);
            }
            let other_key = of_a_key && health.has_key(provider, keys, tried, now_ms);
            health.ended(provider, model, failure::verdict(error, failure, other_key), probe, now_ms);
            let wakes_ms = if of_a_key { health.first_key_wakes_ms(provider, keys, now_ms) } else { None };
            (other_key, wakes_ms.map(|at_ms| at_ms.saturating_sub(now_ms)))
        })
    }

    /// The end of a call that failed.
    pub(super) fn give_up(&mut self, mut error: Error, step: &mut Step) {
        error.maybe_billed = self.attempts.iter().any(|report| report.maybe_billed);
        error.next = failure::next(&error);
        self.finish(OutcomeResult::Error(error), step);
    }

    pub(super) fn finish(&mut self, result: OutcomeResult, step: &mut Step) {
        self.leave();
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

    pub(super) fn attempt_report(
        &self,
        attempt: &Attempt,
        end: AttemptEnd,
        error: Option<&Error>,
    ) -> AttemptReport {
        let status = attempt.head.as_ref().map(|(head, _)| head.status);
        let answered_ok = status.is_some_and(|status| (200..300).contains(&status));
        let lost = status.is_some_and(failure::lost_the_answer);
        let sent = error.is_none_or(|error| !matches!(error.phase, Phase::Request | Phase::Connect));
        AttemptReport {
            attempt: attempt.number,
            provider: self.route.target.provider.clone(),
            model: self.route.target.model.clone(),
            started_ms: attempt.started_ms,
            head_ms: attempt.head.as_ref().map(|(_, at_ms)| *at_ms),
            ended_ms: self.now_ms,
            status,
            bytes_seen: attempt.bytes_seen,
            end,
            error: error.map(|error| error.kind),
            cause: error.map(|error| error.message.clone()),
            wait_ms: None,
            wait_reason: None,
            key_slot: attempt.key_slot,
            reached: None,
            // No head, but perhaps sent; or a good head and then no whole answer; or somebody between us lost it.
            maybe_billed: end != AttemptEnd::Answered
                && sent
                && (attempt.head.is_none() || answered_ok || lost),
        }
    }
}

fn notice(notice: Notice, step: &mut Step) {
    step.events.push(Event::Notice(NoticeEvent { notice }));
}
