//! What must hold, whatever happens: a model that is simpler than the core.
//!
//! It looks at steps from outside and keeps its own count of attempts, of what the caller saw, of circuits and of the
//! budget. Where it and the core disagree, one of them is wrong.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use literllm_core::grammar::Grammar;
use literllm_core::types::{
    AttemptEnd, BodySegment, Deadline, ErrorKind, Event, FailureKind, Guards, HttpRequest, Notice, Outcome,
    OutcomeResult, Policy, Step, WaitReason,
};

use crate::happen::Happening;

/// What the model knows of the calls of one client.
#[derive(Clone)]
pub(crate) struct Health {
    guards: Guards,
    /// Of each deployment: failures one after another, and until when its circuit is open.
    circuits: BTreeMap<(String, String), Circuit>,
    budget_hundredths: u64,
}

#[derive(Clone, Default)]
struct Circuit {
    failures: u32,
    open_until_ms: Option<u64>,
    /// Probes under way: call and attempt.
    probes: Vec<(u64, u32)>,
}

impl Health {
    pub(crate) fn new(guards: Guards) -> Self {
        let budget_hundredths = u64::from(guards.retry_budget.unwrap_or_default()) * 100;
        Self { guards, circuits: BTreeMap::new(), budget_hundredths }
    }

    /// An attempt begins.
    fn begins(&mut self, call: u64, attempt: u32, deployment: (String, String), now_ms: u64) -> Result<()> {
        let most = self.guards.breaker_probes.unwrap_or(1) as usize;
        let circuit = self.circuits.entry(deployment.clone()).or_default();
        let Some(until_ms) = circuit.open_until_ms else { return Ok(()) };
        ensure!(
            now_ms >= until_ms,
            "{deployment:?} was asked at {now_ms}, its circuit is open until {until_ms}"
        );
        circuit.probes.push((call, attempt));
        ensure!(
            circuit.probes.len() <= most,
            "{deployment:?} has {} probes, {most} are allowed",
            circuit.probes.len()
        );
        Ok(())
    }

    /// An attempt has ended.
    fn ended(
        &mut self,
        call: u64,
        attempt: u32,
        deployment: (String, String),
        verdict: Verdict,
        now_ms: u64,
    ) {
        let (most, open_ms) =
            (self.guards.breaker_failures.unwrap_or(5), self.guards.breaker_open_ms.unwrap_or(1));
        let circuit = self.circuits.entry(deployment).or_default();
        let probe = circuit.probes.iter().position(|probe| *probe == (call, attempt));
        if let Some(at) = probe {
            circuit.probes.remove(at);
        }
        let closed = circuit.open_until_ms.is_none();
        match verdict {
            Verdict::Unknown => {}
            _ if !closed && probe.is_none() => {}
            Verdict::Well => {
                (circuit.failures, circuit.open_until_ms) = (0, None);
                circuit.probes.clear();
            }
            Verdict::Ill if most > 0 => {
                circuit.failures += 1;
                if probe.is_some() || circuit.failures >= most {
                    circuit.open_until_ms = Some(now_ms + open_ms);
                    // What tests it from now on tests another opening.
                    circuit.probes.clear();
                }
            }
            Verdict::Ill => {}
        }
    }

    /// A call is forgotten: its probe makes room.
    pub(crate) fn forgotten(&mut self, call: u64) {
        for circuit in self.circuits.values_mut() {
            circuit.probes.retain(|(own, _)| *own != call);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    Ill,
    Unknown,
}

/// What the model knows of one call.
#[derive(Clone)]
pub(crate) struct Life {
    id: u64,
    policy: Policy,
    keys: u32,
    started_ms: u64,
    deadline_ms: u64,
    grammar: Grammar,
    /// The caller saw something of the answer.
    seen: bool,
    /// Every attempt that was handed out, in order: its number, deployment and key.
    pub(crate) sent: Vec<Sent>,
    /// The attempt under way.
    pub(crate) running: Option<u32>,
    pub(crate) has_head: bool,
    pub(crate) wake_at_ms: Option<u64>,
    pub(crate) ended: bool,
    /// When the next attempt was promised, by a notice.
    promised_ms: Option<u64>,
    /// The running attempt has a head that refuses.
    refused: bool,
    /// And it named a pause.
    hinted: bool,
    /// The running attempt ended with its process.
    lost: bool,
}

#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) attempt: u32,
    deployment: (String, String),
}

impl Life {
    pub(crate) fn new(id: u64, policy: Policy, keys: u32, started_ms: u64, caller_ms: Option<u64>) -> Self {
        let total_ms = policy.total_timeout_ms.unwrap_or(600_000);
        let deadline_ms = started_ms + caller_ms.map_or(total_ms, |caller_ms| caller_ms.min(total_ms));
        Self {
            id,
            policy,
            keys,
            started_ms,
            deadline_ms,
            grammar: Grammar::default(),
            seen: false,
            sent: Vec::new(),
            running: None,
            has_head: false,
            wake_at_ms: None,
            ended: false,
            promised_ms: None,
            refused: false,
            hinted: false,
            lost: false,
        }
    }

    /// Its number among the calls of its client.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Whether the caller saw something of the answer.
    pub(crate) fn seen(&self) -> bool {
        self.seen
    }

    /// What is about to be told.
    pub(crate) fn about(&mut self, happening: Happening) {
        match happening {
            Happening::Head { attempt, status, hint_ms }
                if self.running == Some(attempt) && !self.has_head =>
            {
                self.has_head = true;
                self.refused = !(200..300).contains(&status);
                self.hinted = hint_ms.is_some() && self.refused;
            }
            Happening::Failed { attempt, kind, .. } if self.running == Some(attempt) => {
                self.lost = kind == FailureKind::Lost && !self.refused;
            }
            _ => {}
        }
    }

    /// Holds a step against the rules.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn step(&mut self, step: &Step, health: &mut Health, now_ms: u64) -> Result<()> {
        ensure!(!self.ended || *step == Step::default(), "a call that has ended does something: {step:?}");
        for attempt in &step.abort {
            ensure!(self.running == Some(*attempt), "attempt {attempt} is broken off, but does not run");
        }
        for event in &step.events {
            self.event(event, now_ms)?;
        }
        self.learn(step, health, now_ms)?;
        for send in &step.send {
            ensure!(!self.seen, "attempt {} is sent after the caller saw something", send.attempt);
            ensure!(send.key_slot < self.keys, "key {} of {}", send.key_slot, self.keys);
            ensure!(now_ms < self.deadline_ms, "attempt {} is sent after the deadline", send.attempt);
            ensure!(
                send.attempt as usize == self.sent.len() + 1,
                "attempt {} has a wrong number",
                send.attempt
            );
            if let Some(promised_ms) = self.promised_ms.take() {
                ensure!(now_ms >= promised_ms, "sent at {now_ms}, promised for {promised_ms}");
            }
            let model = model_of(&send.request);
            let deployment = (send.provider.clone(), model);
            health.begins(self.id, send.attempt, deployment.clone(), now_ms)?;
            self.sent.push(Sent { attempt: send.attempt, deployment });
            (self.running, self.has_head) = (Some(send.attempt), false);
            (self.refused, self.hinted, self.lost) = (false, false, false);
        }
        self.attempts_in_bounds()?;
        self.wake_at_ms = step.wake_at_ms;
        match (&step.outcome, step.wake_at_ms) {
            (Some(outcome), None) => self.end(outcome, now_ms),
            (Some(_), Some(_)) => bail!("a call that has ended wants to be woken"),
            (None, None) => {
                ensure!(self.ended, "a call that goes on does not say when to wake it");
                Ok(())
            }
            (None, Some(wake_at_ms)) => {
                ensure!(wake_at_ms <= self.deadline_ms.max(now_ms), "it wants to sleep past its deadline");
                Ok(())
            }
        }
    }

    fn event(&mut self, event: &Event, now_ms: u64) -> Result<()> {
        if let Err(violation) = self.grammar.read(event) {
            bail!("the stream breaks its grammar: {violation}");
        }
        match event {
            Event::Heartbeat | Event::Warning(_) => {}
            Event::Notice(notice) => match &notice.notice {
                Notice::Retry(retry) => {
                    ensure!(self.running == Some(retry.attempt), "a retry of an attempt that does not run");
                    ensure!(!self.seen, "a retry after the caller saw something");
                    let none = retry.reason == WaitReason::None;
                    ensure!(!none || retry.delay_ms == 0, "a pause for no reason");
                    self.promised_ms = Some(now_ms + retry.delay_ms);
                }
                Notice::Hold(hold) => self.promised_ms = Some(now_ms + hold.delay_ms),
                Notice::Fallback(_) => self.promised_ms = None,
            },
            _ => self.seen = true,
        }
        Ok(())
    }

    /// An attempt that ended in this step: what it says of its deployment, and what its retry cost.
    fn learn(&mut self, step: &Step, health: &mut Health, now_ms: u64) -> Result<()> {
        let retry = step.events.iter().find_map(|event| match event {
            Event::Notice(notice) => match &notice.notice {
                Notice::Retry(retry) => Some((retry.error, retry.reason)),
                _ => None,
            },
            _ => None,
        });
        let fallback = step.events.iter().find_map(|event| match event {
            Event::Notice(notice) => match &notice.notice {
                Notice::Fallback(turn) => Some(turn.error),
                _ => None,
            },
            _ => None,
        });
        let costs = retry.is_some_and(|(kind, reason)| match reason {
            WaitReason::Backoff => true,
            WaitReason::Hint => kind != ErrorKind::RateLimit,
            _ => false,
        });
        if costs {
            let left = health.budget_hundredths.checked_sub(100);
            health.budget_hundredths = left.ok_or_else(|| anyhow::anyhow!("a retry beyond the budget"))?;
        }
        let Some(attempt) = self.running else { return Ok(()) };
        let outcome = step.outcome.as_ref().map(|outcome| &outcome.result);
        let (kind, caller) = match (retry, fallback, outcome) {
            (Some((kind, _)), _, _) => (Some(kind), false),
            (None, Some(kind), _) => (Some(kind), false),
            (None, None, Some(OutcomeResult::Error(error))) => {
                (Some(error.kind), error.deadline == Some(Deadline::Caller))
            }
            (None, None, Some(OutcomeResult::Response(_))) => (None, false),
            (None, None, None) => return Ok(()),
        };
        let verdict = match kind {
            None => Verdict::Well,
            Some(_) if caller || self.lost => Verdict::Unknown,
            Some(ErrorKind::Cancelled | ErrorKind::Internal) => Verdict::Unknown,
            Some(ErrorKind::RateLimit) if self.hinted => Verdict::Unknown,
            Some(
                ErrorKind::RateLimit
                | ErrorKind::Server
                | ErrorKind::Overloaded
                | ErrorKind::Connection
                | ErrorKind::Cut
                | ErrorKind::Protocol
                | ErrorKind::Timeout,
            ) => Verdict::Ill,
            Some(_) => Verdict::Well,
        };
        let place = self.sent.iter().find(|sent| sent.attempt == attempt);
        if let Some(sent) = place {
            health.ended(self.id, attempt, sent.deployment.clone(), verdict, now_ms);
        }
        if verdict == Verdict::Well && kind.is_none() {
            let most = u64::from(health.guards.retry_budget.unwrap_or_default()) * 100;
            let refill = u64::from(health.guards.retry_refill_percent.unwrap_or_default());
            health.budget_hundredths = most.min(health.budget_hundredths + refill);
        }
        self.running = None;
        Ok(())
    }

    /// No attempt beyond the limits: those of each model, and one more for each key of it.
    fn attempts_in_bounds(&self) -> Result<()> {
        let most = self.policy.max_attempts.unwrap_or(3) as usize + self.keys as usize;
        let models = 1 + self.policy.fallback.len();
        ensure!(self.sent.len() <= most * models, "{} attempts at {models} models", self.sent.len());
        Ok(())
    }

    fn end(&mut self, outcome: &Outcome, now_ms: u64) -> Result<()> {
        self.ended = true;
        self.running = None;
        let report = &outcome.report;
        ensure!(
            report.attempts.len() == self.sent.len(),
            "the report tells of other attempts than were sent"
        );
        ensure!(
            report.started_ms == self.started_ms && report.ended_ms == now_ms,
            "the report has other times"
        );
        for (reported, sent) in report.attempts.iter().zip(&self.sent) {
            ensure!(
                reported.attempt == sent.attempt && reported.provider == sent.deployment.0,
                "another attempt"
            );
        }
        match &outcome.result {
            OutcomeResult::Response(_) => {
                let last = report.attempts.last();
                ensure!(last.is_some_and(|last| last.end == AttemptEnd::Answered), "nobody answered");
                ensure!(self.grammar.end().is_ok(), "a good answer whose stream did not end");
            }
            OutcomeResult::Error(error) => {
                ensure!(!error.next.is_empty(), "an error without advice");
                let billed = report.attempts.iter().any(|attempt| attempt.maybe_billed);
                ensure!(error.maybe_billed == billed, "the error and the report disagree on the bill");
                ensure!(error.partial.is_some() || !self.seen, "what the caller saw is not in the error");
            }
        }
        Ok(())
    }
}

/// The model a request asks for, as its body says it.
fn model_of(request: &HttpRequest) -> String {
    let text = request.body.iter().find_map(|segment| match segment {
        BodySegment::Text(segment) => segment.text.split_once("\"model\":\""),
        BodySegment::Blob(_) => None,
    });
    text.and_then(|(_, rest)| rest.split_once('"')).map(|(model, _)| model.to_owned()).unwrap_or_default()
}
