//! One call's life, the only state machine.
//!
//! | state   | what may happen                       | what follows                                   |
//! |---------|---------------------------------------|------------------------------------------------|
//! | running | head, bytes, end, failure of the attempt | events; the outcome; or waiting for another try |
//! | waiting | the moment comes                      | running, with the next attempt                  |
//! | any     | the total time passes, cancel         | ended                                           |
//! | ended   | late happenings of aborted attempts   | nothing                                         |
//!
//! A happening out of order (a head twice, an end before a head, bytes after the end) is the host's mistake: an
//! `invalid-state` error that changes nothing.

use std::sync::Arc;

use crate::attempt::Attempt;
use crate::grammar::Grammar;
use crate::held::Memory;
use crate::policy::backoff::Dice;
use crate::policy::retry::{self, Decision};
use crate::policy::settings::Settings;
use crate::policy::wait_hint;
use crate::protocol::{Encoded, ProviderAdapter, Target};
use crate::types::{
    AttemptEnd, AttemptReport, BodySegment, EgressRow, Error, ErrorKind, Event, FailureKind, HttpRequest,
    Notice, NoticeEvent, Outcome, OutcomeResult, Phase, Reached, Report, Request, ResponseHead, RetryNotice,
    Send, Step, TransportFailure, Warning,
};

/// How long the end of a body may lag behind the provider's own end mark, in ms. Waiting for it keeps the
/// connection usable; a server that never ends must not hold back a whole answer.
const LINGER_MS: u64 = 1_000;

/// One call. Tell it what happens and act on each [`Step`] until one has an outcome.
pub struct Call {
    adapter: Arc<dyn ProviderAdapter>,
    target: Target,
    key_env: Vec<String>,
    request: HttpRequest,
    warnings: Vec<Warning>,
    streamed: bool,
    /// How many answers were asked for.
    answers: u32,
    settings: Settings,
    memory: Memory,
    dice: Dice,
    started_ms: u64,
    now_ms: u64,
    state: State,
    first_token_ms: Option<u64>,
    /// What the caller was told.
    grammar: Grammar,
    attempts: Vec<AttemptReport>,
    /// Attempts we broke off: what still arrives of them is ignored.
    aborted: Vec<u32>,
}

enum State {
    Running { attempt: Box<Attempt>, linger_until_ms: Option<u64> },
    Waiting { until_ms: u64 },
    Ended,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("target", &self.target)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Bytes of a segment that are text.
pub(crate) fn text_bytes(segment: &BodySegment) -> u64 {
    match segment {
        BodySegment::Text(segment) => segment.text.len() as u64,
        BodySegment::Blob(_) => 0,
    }
}

impl Call {
    #[expect(
        clippy::too_many_arguments,
        reason = "the client's one way in; each argument is a different matter"
    )]
    pub(crate) fn start(
        adapter: Arc<dyn ProviderAdapter>,
        target: Target,
        egress: EgressRow,
        encoded: Encoded,
        request: Request,
        settings: Settings,
        memory: Memory,
        now_ms: u64,
        seed: u64,
    ) -> (Self, Step) {
        let mut headers = encoded.headers;
        headers.extend(request.headers);
        let mut call = Self {
            request: HttpRequest {
                method: encoded.method.to_owned(),
                url: encoded.url,
                headers,
                auth: egress.auth,
                body: encoded.body,
                body_length: encoded.body_length,
            },
            adapter,
            target,
            key_env: egress.key_env,
            warnings: encoded.warnings,
            streamed: request.stream == Some(true),
            answers: request.n.unwrap_or(1),
            settings,
            memory,
            dice: Dice::new(seed),
            started_ms: now_ms,
            now_ms,
            state: State::Ended,
            first_token_ms: None,
            grammar: Grammar::default(),
            attempts: Vec::new(),
            aborted: Vec::new(),
        };
        let mut step = Step::default();
        if call.streamed {
            step.events.extend(call.warnings.iter().cloned().map(Event::Warning));
        }
        call.send(&mut step);
        let step = call.seal(step);
        (call, step)
    }

    /// The head of an attempt has come.
    ///
    /// # Errors
    /// `invalid-state` for an attempt that is not running or has a head already.
    pub fn head(&mut self, attempt: u32, head: &ResponseHead, now_ms: u64) -> Result<Step, Error> {
        self.tick(now_ms);
        let (now_ms, target) = (self.now_ms, self.target.clone());
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
            self.fail(Error::new(ErrorKind::Protocol, message), true, &mut step);
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
            _ if let Err(error) = shown => self.fail(error, true, &mut step),
            // Whatever follows the provider's own end mark takes nothing from a whole answer.
            Err(_) if whole => self.succeed(true, &mut step),
            Err(error) => self.fail(error, true, &mut step),
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
        let mut step = Step::default();
        if whole {
            self.succeed(false, &mut step);
        } else if is_failure {
            // The status has said what matters; a broken body of an error must not hide it.
            self.end_of_body(false, &mut step);
        } else {
            let error = self.transport_error(failure);
            self.fail(error, false, &mut step);
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
        match &self.state {
            State::Ended => {}
            State::Running { attempt, linger_until_ms } => {
                let whole = attempt.sink.is_marked_whole();
                let late = self.now_ms >= self.deadline_ms();
                if whole && (idle || late || linger_until_ms.is_some_and(|until| self.now_ms >= until)) {
                    self.succeed(true, &mut step);
                } else if attempt.is_failure() && (idle || late) {
                    self.end_of_body(true, &mut step);
                } else if late {
                    let error = self.total_timeout();
                    self.fail(error, true, &mut step);
                } else if idle {
                    let error = self.idle_timeout();
                    self.fail(error, true, &mut step);
                }
            }
            State::Waiting { until_ms } if self.now_ms >= *until_ms => self.send(&mut step),
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
            State::Running { .. } => self.fail(error, true, &mut step),
            State::Waiting { .. } => self.finish(OutcomeResult::Error(error), &mut step),
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

    fn deadline_ms(&self) -> u64 {
        self.started_ms.saturating_add(self.settings.total_timeout_ms)
    }

    /// Hands the next attempt to the host.
    fn send(&mut self, step: &mut Step) {
        let number = self.attempts.len() as u32 + 1;
        let attempt = Attempt::new(
            number,
            self.now_ms,
            &*self.adapter,
            &self.target,
            self.streamed,
            self.answers,
            &self.memory,
        );
        self.state = State::Running { attempt: Box::new(attempt), linger_until_ms: None };
        step.send.push(Send {
            attempt: number,
            provider: self.target.provider.clone(),
            request: self.request.clone(),
            idle_ms: Some(self.settings.idle_timeout_ms),
            connect_timeout_ms: Some(self.settings.connect_timeout_ms),
            max_body_bytes: (!self.streamed).then_some(self.memory.bounds.max_body_bytes),
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
        match attempt.end(&self.adapter, &self.target) {
            Ok(()) => self.succeed(abort, step),
            Err(error) => {
                let error = self.show(step).err().unwrap_or(error);
                self.fail(error, abort, step);
            }
        }
    }

    fn succeed(&mut self, abort: bool, step: &mut Step) {
        if let State::Running { attempt, .. } = &mut self.state {
            attempt.sink.close();
        }
        let shown = self.show(step);
        if let Err(error) = shown.and_then(|()| self.told_whole()) {
            return self.fail(error, abort, step);
        }
        let Some(attempt) = self.take_attempt(abort, step) else { return };
        let report = self.attempt_report(&attempt, AttemptEnd::Answered, None);
        self.attempts.push(report);
        let mut response = attempt.sink.into_response();
        response.warnings = self.warnings.clone();
        self.finish(OutcomeResult::Response(response), step);
    }

    /// The running attempt failed: try again, or end with what came.
    fn fail(&mut self, mut error: Error, abort: bool, step: &mut Step) {
        let Some(attempt) = self.take_attempt(abort, step) else { return };
        error.bytes_seen = attempt.bytes_seen;
        error.request_id = error.request_id.or_else(|| attempt.request_id());
        if let Some((head, _)) = &attempt.head {
            error.status = error.status.or(Some(head.status));
            if error.retryable {
                error.retry_after_ms = error.retry_after_ms.or_else(|| wait_hint::read(head, self.now_ms));
            }
            if error.phase == Phase::Request {
                error.phase = Phase::Body;
            }
        } else if error.phase == Phase::Request {
            error.phase = Phase::Head;
        }
        let end = if error.kind == ErrorKind::Cancelled { AttemptEnd::Aborted } else { AttemptEnd::Failed };
        let mut report = self.attempt_report(&attempt, end, Some(&error));
        let left_ms = self.deadline_ms().saturating_sub(self.now_ms);
        let tried = report.attempt;
        match retry::decide(&self.settings, tried, &error, attempt.sink.is_visible(), left_ms, &mut self.dice)
        {
            Decision::Again { delay_ms } => {
                report.wait_ms = Some(delay_ms);
                self.attempts.push(report);
                step.events.push(Event::Notice(NoticeEvent {
                    notice: Notice::Retry(RetryNotice {
                        attempt: tried,
                        error: error.kind,
                        cause: error.message,
                        delay_ms,
                    }),
                }));
                self.state = State::Waiting { until_ms: self.now_ms.saturating_add(delay_ms) };
                if delay_ms == 0 {
                    self.send(step);
                }
            }
            Decision::GiveUp { why } => {
                self.attempts.push(report);
                if let Some(why) = why {
                    error.message = format!("{} ({why})", error.message);
                }
                if !attempt.sink.is_empty() {
                    let mut partial = attempt.sink.into_response();
                    partial.warnings = self.warnings.clone();
                    error.partial = Some(Box::new(partial));
                }
                self.finish(OutcomeResult::Error(error), step);
            }
        }
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

    fn finish(&mut self, result: OutcomeResult, step: &mut Step) {
        self.state = State::Ended;
        // There is no other try: the body is let go, and giving back cannot fail.
        self.request.body = Vec::new();
        let _ = self.memory.share.set(0);
        let report = Report {
            started_ms: self.started_ms,
            ended_ms: self.now_ms,
            first_token_ms: self.first_token_ms,
            attempts: std::mem::take(&mut self.attempts),
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
            provider: self.target.provider.clone(),
            model: self.target.model.clone(),
            started_ms: attempt.started_ms,
            head_ms: attempt.head.as_ref().map(|(_, at_ms)| *at_ms),
            ended_ms: self.now_ms,
            status: attempt.head.as_ref().map(|(head, _)| head.status),
            bytes_seen: attempt.bytes_seen,
            end,
            error: error.map(|error| error.kind),
            cause: error.map(|error| error.message.clone()),
            wait_ms: None,
            // No head, but perhaps sent; or a good head and then no whole answer.
            maybe_billed: end != AttemptEnd::Answered && sent && (attempt.head.is_none() || answered_ok),
        }
    }

    /// What a transport failure means.
    fn transport_error(&self, failure: &TransportFailure) -> Error {
        let provider = &self.target.provider;
        let phase = match failure.reached {
            Reached::NotConnected | Reached::Connected => Phase::Connect,
            Reached::PartlySent | Reached::Sent | Reached::Unknown => Phase::Head,
            Reached::HeadSeen | Reached::BodySeen => Phase::Body,
        };
        let said = &failure.message;
        // Not for want of a network: the host could not make an HTTP request of it.
        let refused = failure.kind == FailureKind::Other && failure.reached == Reached::NotConnected;
        let (kind, message) = match failure.kind {
            FailureKind::MissingKey => (ErrorKind::Authentication, self.missing_key(said)),
            FailureKind::Egress => (
                ErrorKind::InvalidRequest,
                format!(
                    "a request to {provider} was held back, since its address is outside the egress table: {said}"
                ),
            ),
            FailureKind::MissingBlob => {
                (ErrorKind::InvalidRequest, format!("a blob of the request is missing or changed: {said}"))
            }
            FailureKind::TooLarge => {
                (ErrorKind::TooLarge, format!("the body of {provider} passed max_body_bytes: {said}"))
            }
            FailureKind::ConnectTimeout => (
                ErrorKind::Timeout,
                format!(
                    "no connection to {provider} stood after {} ms (connect_timeout_ms): {said}",
                    self.settings.connect_timeout_ms
                ),
            ),
            FailureKind::Http => (ErrorKind::Protocol, format!("what {provider} sent is not HTTP: {said}")),
            FailureKind::Dns | FailureKind::Connect | FailureKind::Tls => (
                ErrorKind::Connection,
                format!("no connection to {provider} at {}: {said}", self.request.url),
            ),
            FailureKind::Other if refused => {
                (ErrorKind::InvalidRequest, format!("the request to {provider} could not be sent: {said}"))
            }
            FailureKind::Reset | FailureKind::Other if phase == Phase::Body => {
                (ErrorKind::Cut, format!("the connection to {provider} broke inside its answer: {said}"))
            }
            FailureKind::Reset | FailureKind::Other => (
                ErrorKind::Connection,
                format!("the connection to {provider} broke before it answered: {said}"),
            ),
        };
        let mut error = Error::new(kind, message);
        // A wrong certificate does not mend itself; everything else about connections may.
        error.retryable = crate::error::may_retry(kind, None) && failure.kind != FailureKind::Tls && !refused;
        error.in_phase(
            if matches!(
                failure.kind,
                FailureKind::MissingKey | FailureKind::Egress | FailureKind::MissingBlob
            ) {
                Phase::Connect
            } else {
                phase
            },
        )
    }

    fn missing_key(&self, said: &str) -> String {
        let provider = &self.target.provider;
        let names = self.key_env.join(" or ");
        let why = if said.is_empty() { String::new() } else { format!(" ({said})") };
        format!(
            "no key for {provider}: set {names} in the environment of this program{why}; nothing was sent"
        )
    }

    fn total_timeout(&self) -> Error {
        let message = format!(
            "{} did not finish within {} ms (total_timeout_ms)",
            self.target.provider, self.settings.total_timeout_ms
        );
        Error::new(ErrorKind::Timeout, message)
    }

    fn idle_timeout(&self) -> Error {
        let message = format!(
            "{} was silent for {} ms (idle_timeout_ms)",
            self.target.provider, self.settings.idle_timeout_ms
        );
        let mut error = Error::new(ErrorKind::Timeout, message);
        error.retryable = true;
        error
    }

    /// Completes a step: when to wake.
    fn seal(&self, mut step: Step) -> Step {
        step.wake_at_ms = match &self.state {
            State::Ended => None,
            State::Running { linger_until_ms, .. } => {
                Some(linger_until_ms.map_or(self.deadline_ms(), |until| until.min(self.deadline_ms())))
            }
            State::Waiting { until_ms } => Some(*until_ms),
        };
        step
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
