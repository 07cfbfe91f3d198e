//! What must hold, whatever happens: a model that is simpler than the core.
//!
//! It looks at steps from outside and keeps its own count of attempts, of what the caller saw, of circuits, cooldowns, keys
//! and the budget. Where it and the core disagree, one of them is wrong.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use literllm_core::grammar::Grammar;
use literllm_core::types::{
    AttemptEnd, BodySegment, Deadline, ErrorKind, Event, FailureKind, Guards, HttpRequest, Notice, Outcome,
    OutcomeResult, Policy, Reached, ResendUnknown, RetryNotice, Send, Step, WaitReason,
};

use crate::happen::Happening;

/// Header by which a provider of these tests honours an idempotency key.
pub(crate) const IDEMPOTENCY_HEADER: &str = "idempotency-key";

/// Statuses by which a gateway says that it lost the answer.
const LOST_ANSWERS: [u16; 3] = [502, 504, 524];

/// What the model knows of the calls of one client.
#[derive(Clone)]
pub(crate) struct Health {
    /// Every one of them is said.
    guards: Guards,
    /// Of each deployment, by provider and model.
    standings: BTreeMap<(String, String), Standing>,
    rests: Vec<Rest>,
    budget_hundredths: u64,
    refilled_at_ms: u64,
}

/// How a deployment fares.
#[derive(Clone, Default)]
struct Standing {
    /// Failures one after another.
    failures: u32,
    open_until_ms: Option<u64>,
    /// Probes under way: call and attempt.
    probes: Vec<(u64, u32)>,
    /// Until when it cools down.
    cool_until_ms: u64,
}

/// A key that rests.
#[derive(Clone)]
struct Rest {
    provider: String,
    key_slot: u32,
    until_ms: u64,
    refused: bool,
}

impl Health {
    pub(crate) fn new(guards: Guards) -> Self {
        let budget_hundredths = u64::from(guards.retry_budget.unwrap_or_default()) * 100;
        Self { guards, standings: BTreeMap::new(), rests: Vec::new(), budget_hundredths, refilled_at_ms: 0 }
    }

    /// An attempt begins.
    fn begins(&mut self, call: u64, sent: &Sent, keys: u32, now_ms: u64) -> Result<()> {
        let deployment = &sent.deployment;
        self.rests.retain(|rest| now_ms < rest.until_ms);
        if self.rest_of(&deployment.0, sent.key_slot).is_some() {
            for slot in 0..keys {
                let rest = self.rest_of(&deployment.0, slot);
                let rest = rest.with_context(|| {
                    format!("key {} is used at {now_ms}, it rests and key {slot} does not", sent.key_slot)
                })?;
                ensure!(
                    rest.refused,
                    "key {} is used at {now_ms}, key {slot} wakes at {}",
                    sent.key_slot,
                    rest.until_ms
                );
            }
        }
        let most = self.guards.breaker_probes.unwrap_or_default() as usize;
        let standing = self.standings.entry(deployment.clone()).or_default();
        let cool_until_ms = standing.cool_until_ms;
        ensure!(
            now_ms >= cool_until_ms,
            "{deployment:?} was asked at {now_ms}, it cools down until {cool_until_ms}"
        );
        let Some(until_ms) = standing.open_until_ms else { return Ok(()) };
        ensure!(
            now_ms >= until_ms,
            "{deployment:?} was asked at {now_ms}, its circuit is open until {until_ms}"
        );
        standing.probes.push((call, sent.attempt));
        let probes = standing.probes.len();
        ensure!(probes <= most, "{deployment:?} has {probes} probes, {most} are allowed");
        Ok(())
    }

    /// An attempt has ended.
    fn ended(&mut self, call: u64, sent: &Sent, verdict: Verdict, now_ms: u64) {
        let most = self.guards.breaker_failures.unwrap_or_default();
        let open_ms = self.guards.breaker_open_ms.unwrap_or_default();
        let standing = self.standings.entry(sent.deployment.clone()).or_default();
        let probe = standing.probes.iter().position(|probe| *probe == (call, sent.attempt));
        if let Some(at) = probe {
            standing.probes.remove(at);
        }
        let closed = standing.open_until_ms.is_none();
        match verdict {
            Verdict::Unknown => {}
            _ if !closed && probe.is_none() => {}
            Verdict::Well => {
                (standing.failures, standing.open_until_ms) = (0, None);
                standing.probes.clear();
            }
            Verdict::Ill if most > 0 => {
                standing.failures += 1;
                if probe.is_some() || standing.failures >= most {
                    standing.open_until_ms = Some(now_ms + open_ms);
                    // What tests it from now on tests another opening.
                    standing.probes.clear();
                }
            }
            Verdict::Ill => {}
        }
    }

    /// The provider named a pause.
    fn cool(&mut self, deployment: &(String, String), pause_ms: u64, now_ms: u64) {
        let until_ms = now_ms + pause_ms.min(self.guards.cooldown_cap_ms.unwrap_or_default());
        let standing = self.standings.entry(deployment.clone()).or_default();
        standing.cool_until_ms = standing.cool_until_ms.max(until_ms);
    }

    /// A key was refused, or limited for a time.
    fn rest(&mut self, sent: &Sent, limited_ms: Option<u64>, now_ms: u64) {
        let rest_ms = match limited_ms {
            None => self.guards.key_rest_ms.unwrap_or_default(),
            Some(ms) => ms.min(self.guards.cooldown_cap_ms.unwrap_or_default()),
        };
        if rest_ms > 0 {
            let (provider, key_slot) = (sent.deployment.0.clone(), sent.key_slot);
            self.rests.retain(|rest| rest.key_slot != key_slot || rest.provider != provider);
            let (until_ms, refused) = (now_ms + rest_ms, limited_ms.is_none());
            self.rests.push(Rest { provider, key_slot, until_ms, refused });
        }
    }

    fn rest_of(&self, provider: &str, key_slot: u32) -> Option<&Rest> {
        self.rests.iter().find(|rest| rest.key_slot == key_slot && rest.provider == provider)
    }

    /// Whether a key is left that neither rests nor was tried.
    fn other_key(&self, provider: &str, keys: u32, tried: u64, now_ms: u64) -> bool {
        let mut left = (0..keys).filter(|slot| tried & (1 << slot) == 0);
        left.any(|slot| self.rest_of(provider, slot).is_none_or(|rest| rest.until_ms <= now_ms))
    }

    /// Time gives retries back; one is taken.
    fn take_retry(&mut self, now_ms: u64) -> Result<()> {
        let most = u64::from(self.guards.retry_budget.unwrap_or_default()) * 100;
        if let Some(passed) =
            (now_ms - self.refilled_at_ms).checked_div(self.guards.retry_refill_ms.unwrap_or_default())
        {
            self.budget_hundredths = most.min(self.budget_hundredths + passed * 100);
            self.refilled_at_ms += passed * self.guards.retry_refill_ms.unwrap_or_default();
            if self.budget_hundredths == most {
                self.refilled_at_ms = now_ms;
            }
        }
        let left = self.budget_hundredths.checked_sub(100);
        self.budget_hundredths = left.context("a retry beyond the budget")?;
        Ok(())
    }

    /// A good answer gives a part of a retry back.
    fn refill(&mut self) {
        let most = u64::from(self.guards.retry_budget.unwrap_or_default()) * 100;
        let part = u64::from(self.guards.retry_refill_percent.unwrap_or_default());
        self.budget_hundredths = most.min(self.budget_hundredths + part);
    }

    /// A call is forgotten: its probe makes room.
    pub(crate) fn forgotten(&mut self, call: u64) {
        for standing in self.standings.values_mut() {
            standing.probes.retain(|(own, _)| *own != call);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Well,
    Ill,
    Unknown,
}

/// What became of the request of an attempt that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// It was refused, or never left.
    Refused,
    /// An answer began, and the provider itself said in it that it failed.
    Reported,
    /// It was sent, or perhaps sent, and nobody knows more.
    LostBeforeHead,
    LostInside,
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
    /// Every attempt that was handed out, in order.
    pub(crate) sent: Vec<Sent>,
    /// The attempt under way.
    pub(crate) running: Option<u32>,
    /// What came of it so far.
    now: Happened,
    pub(crate) wake_at_ms: Option<u64>,
    pub(crate) ended: bool,
    /// When the next attempt was promised, by a notice.
    promised_ms: Option<u64>,
    /// Where it stands at the model that is asked now.
    at: AtModel,
    onward: Onward,
    /// The same in every attempt.
    idempotency_key: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) attempt: u32,
    /// Provider and model.
    deployment: (String, String),
    key_slot: u32,
    idempotent: bool,
    end: Option<End>,
}

/// How an attempt ended.
#[derive(Clone, Copy)]
struct End {
    kind: Option<ErrorKind>,
    fate: Fate,
    status: Option<u16>,
    reached: Option<Reached>,
}

#[derive(Clone, Copy, Default)]
struct Happened {
    head: Option<Head>,
    failed: Option<(FailureKind, Reached)>,
}

#[derive(Clone, Copy)]
struct Head {
    status: u16,
    hint_ms: Option<u32>,
    again: Option<bool>,
}

impl Head {
    fn refuses(self) -> bool {
        !(200..300).contains(&self.status)
    }
}

#[derive(Clone, Copy, Default)]
struct AtModel {
    sends: u32,
    /// Keys, as bits, whose refusal is not counted.
    refused: u64,
    /// Keys, as bits, that were tried since the last pause, be it one of no length.
    tried: u64,
}

/// Where the call may still send its request.
#[derive(Clone, PartialEq, Eq)]
enum Onward {
    Anywhere,
    /// To the provider that knows it by its idempotency key.
    To(String),
    Nowhere,
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
            now: Happened::default(),
            wake_at_ms: None,
            ended: false,
            promised_ms: None,
            at: AtModel::default(),
            onward: Onward::Anywhere,
            idempotency_key: None,
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

    /// Whether the attempt under way has its head.
    pub(crate) fn has_head(&self) -> bool {
        self.now.head.is_some()
    }

    /// Whether that head refuses the request.
    pub(crate) fn is_refused(&self) -> bool {
        self.now.head.is_some_and(Head::refuses)
    }

    /// What is about to be told.
    pub(crate) fn about(&mut self, happening: Happening) {
        let (attempt, head) = match happening {
            Happening::Head { attempt, status, hint_ms } => (attempt, Head { status, hint_ms, again: None }),
            Happening::Advice { attempt, status, hint_ms, again } => {
                (attempt, Head { status, hint_ms, again: Some(again) })
            }
            Happening::Failed { attempt, kind, reached } if self.running == Some(attempt) => {
                // The status has said what matters.
                self.now.failed = (!self.is_refused()).then_some((kind, reached));
                return;
            }
            _ => return,
        };
        if self.running == Some(attempt) {
            self.now.head.get_or_insert(head);
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
        self.learn(step, health, now_ms)?;
        for event in &step.events {
            self.event(event, now_ms)?;
        }
        for send in &step.send {
            self.send(send, health, now_ms)?;
        }
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

    /// An attempt is handed out.
    fn send(&mut self, send: &Send, health: &mut Health, now_ms: u64) -> Result<()> {
        let number = send.attempt;
        ensure!(!self.seen, "attempt {number} is sent after the caller saw something");
        ensure!(send.key_slot < self.keys, "key {} of {}", send.key_slot, self.keys);
        ensure!(now_ms < self.deadline_ms, "attempt {number} is sent after the deadline");
        ensure!(number as usize == self.sent.len() + 1, "attempt {number} has a wrong number");
        ensure!(self.running.is_none(), "attempt {number} is sent beside another");
        if let Some(promised_ms) = self.promised_ms.take() {
            ensure!(now_ms >= promised_ms, "sent at {now_ms}, promised for {promised_ms}");
        }
        match &self.onward {
            Onward::Anywhere => {}
            Onward::To(provider) => ensure!(
                *provider == send.provider,
                "sent to {}, but only {provider} knows what became of it before",
                send.provider
            ),
            Onward::Nowhere => bail!("attempt {number} is sent after one of unknown fate"),
        }
        self.at.sends += 1;
        self.at.tried |= 1 << send.key_slot;
        let (counted, most) =
            (self.at.sends - self.at.refused.count_ones(), self.policy.max_attempts.unwrap_or(3));
        ensure!(counted <= most, "attempt {number} is the {counted}th that counts at its model, of {most}");
        let key = send.request.headers.iter().find(|header| header.name == IDEMPOTENCY_HEADER);
        if let Some(header) = key {
            let own = self.idempotency_key.get_or_insert_with(|| header.value.clone());
            ensure!(*own == header.value, "attempt {number} has another idempotency key");
        }
        let sent = Sent {
            attempt: number,
            deployment: (send.provider.clone(), model_of(&send.request)),
            key_slot: send.key_slot,
            idempotent: key.is_some(),
            end: None,
        };
        health.begins(self.id, &sent, self.keys, now_ms)?;
        self.sent.push(sent);
        (self.running, self.now) = (Some(number), Happened::default());
        Ok(())
    }

    fn event(&mut self, event: &Event, now_ms: u64) -> Result<()> {
        if let Err(violation) = self.grammar.read(event) {
            bail!("the stream breaks its grammar: {violation}");
        }
        match event {
            Event::Heartbeat | Event::Warning(_) => {}
            Event::Notice(notice) => match &notice.notice {
                Notice::Retry(retry) => self.retry(retry, now_ms)?,
                Notice::Hold(hold) => self.promised_ms = Some(now_ms + hold.delay_ms),
                Notice::Fallback(_) => (self.promised_ms, self.at) = (None, AtModel::default()),
            },
            _ => self.seen = true,
        }
        Ok(())
    }

    /// The attempt that has just ended is followed by another at its model.
    fn retry(&mut self, retry: &RetryNotice, now_ms: u64) -> Result<()> {
        let last = self.sent.last().context("a retry of nothing")?;
        ensure!(last.attempt == retry.attempt, "a retry of an attempt that did not run");
        ensure!(!self.seen, "a retry after the caller saw something");
        ensure!(retry.reason != WaitReason::None || retry.delay_ms == 0, "a pause for no reason");
        let refusal = self.now.head.filter(|head| head.refuses());
        ensure!(
            retry.reason == WaitReason::None || refusal.and_then(|head| head.again) != Some(false),
            "a retry that the provider forbids"
        );
        let hint_ms = refusal.and_then(|head| head.hint_ms).map(u64::from);
        ensure!(
            retry.reason != WaitReason::Hint || hint_ms == Some(retry.delay_ms),
            "a pause of {} ms, asked for were {hint_ms:?}",
            retry.delay_ms
        );
        if retry.reason != WaitReason::None {
            self.at.tried = 0;
        } else if is_of_the_key(retry.error) {
            self.at.refused |= 1 << last.key_slot;
        }
        self.promised_ms = Some(now_ms + retry.delay_ms);
        Ok(())
    }

    /// An attempt that ended in this step: what it says of its deployment and key, and what its retry cost.
    fn learn(&mut self, step: &Step, health: &mut Health, now_ms: u64) -> Result<()> {
        let mut notices = step.events.iter().filter_map(|event| match event {
            Event::Notice(notice) => Some(&notice.notice),
            _ => None,
        });
        let retry = notices.clone().find_map(|notice| match notice {
            Notice::Retry(retry) => Some(retry),
            _ => None,
        });
        let fallback = notices.find_map(|notice| match notice {
            Notice::Fallback(turn) => Some(turn.error),
            _ => None,
        });
        let costs = retry.is_some_and(|retry| match retry.reason {
            WaitReason::Backoff => true,
            WaitReason::Hint => retry.error != ErrorKind::RateLimit,
            _ => false,
        });
        if costs {
            health.take_retry(now_ms)?;
        }
        ensure!(retry.is_none() || self.running.is_some(), "a retry of an attempt that does not run");
        if self.running.is_none() {
            return Ok(());
        }
        let outcome = step.outcome.as_ref().map(|outcome| &outcome.result);
        let (kind, caller) = match (retry, fallback, outcome) {
            (Some(retry), _, _) => (Some(retry.error), false),
            (None, Some(kind), _) => (Some(kind), false),
            (None, None, Some(OutcomeResult::Error(error))) => {
                (Some(error.kind), error.deadline == Some(Deadline::Caller))
            }
            (None, None, Some(OutcomeResult::Response(_))) => (None, false),
            (None, None, None) => return Ok(()),
        };
        self.running = None;
        let fate = self.fate(kind);
        let end = End {
            kind,
            fate,
            status: self.now.head.map(|head| head.status),
            reached: self.now.failed.filter(|_| kind.is_some()).map(|(_, reached)| reached),
        };
        let sent = self.sent.last_mut().context("an attempt ends that never was")?;
        sent.end = Some(end);
        let forbidden = match self.policy.resend_unknown {
            Some(ResendUnknown::Never) => matches!(fate, Fate::LostBeforeHead | Fate::LostInside),
            Some(ResendUnknown::BeforeHead) => fate == Fate::LostInside,
            _ => false,
        };
        if forbidden {
            self.onward =
                if sent.idempotent { Onward::To(sent.deployment.0.clone()) } else { Onward::Nowhere };
        }
        let sent = sent.clone();
        let other_key = self.remember(kind, &sent, health, now_ms);
        let verdict = if caller { Verdict::Unknown } else { self.verdict(kind, other_key) };
        health.ended(self.id, &sent, verdict, now_ms);
        if kind.is_none() {
            health.refill();
        }
        Ok(())
    }

    /// Cooldowns and rests that follow from the end of an attempt; whether another key is left for it.
    fn remember(&self, kind: Option<ErrorKind>, sent: &Sent, health: &mut Health, now_ms: u64) -> bool {
        let limited = kind == Some(ErrorKind::RateLimit);
        let of_the_key = kind.is_some_and(is_of_the_key);
        let pause_ms = self.hint_ms().filter(|_| limited || kind == Some(ErrorKind::Overloaded));
        if of_the_key && self.keys > 1 {
            health.rest(sent, None, now_ms);
        } else if let Some(pause_ms) = pause_ms {
            if limited && self.keys > 1 {
                health.rest(sent, Some(pause_ms), now_ms);
            } else {
                health.cool(&sent.deployment, pause_ms, now_ms);
            }
        }
        let of_a_key = self.keys > 1 && (of_the_key || limited);
        of_a_key && health.other_key(&sent.deployment.0, self.keys, self.at.tried, now_ms)
    }

    /// The pause named by a head that refuses and does not forbid to come back.
    fn hint_ms(&self) -> Option<u64> {
        let head = self.now.head.filter(|head| head.refuses() && head.again != Some(false))?;
        head.hint_ms.map(u64::from)
    }

    fn fate(&self, kind: Option<ErrorKind>) -> Fate {
        let Some(kind) = kind else { return Fate::Answered };
        match (self.now.head, self.now.failed) {
            (Some(head), _) if LOST_ANSWERS.contains(&head.status) => Fate::LostBeforeHead,
            (Some(head), _) if head.refuses() => Fate::Refused,
            (Some(_), _) if kind == ErrorKind::Overloaded => Fate::Reported,
            (Some(_), _) => Fate::LostInside,
            (None, Some((_, Reached::NotConnected | Reached::Connected))) => Fate::Refused,
            (None, _) => Fate::LostBeforeHead,
        }
    }

    /// What the end of an attempt says of its deployment.
    fn verdict(&self, kind: Option<ErrorKind>, other_key: bool) -> Verdict {
        let Some(kind) = kind else { return Verdict::Well };
        if let Some((failed, _)) = self.now.failed
            && (kind == ErrorKind::InvalidRequest || says_nothing(failed))
        {
            return Verdict::Unknown;
        }
        match kind {
            ErrorKind::Cancelled | ErrorKind::Internal => Verdict::Unknown,
            ErrorKind::RateLimit if self.hint_ms().is_some() || other_key => Verdict::Unknown,
            ErrorKind::RateLimit
            | ErrorKind::Server
            | ErrorKind::Overloaded
            | ErrorKind::Connection
            | ErrorKind::Cut
            | ErrorKind::Protocol
            | ErrorKind::Timeout => Verdict::Ill,
            _ => Verdict::Well,
        }
    }

    fn end(&mut self, outcome: &Outcome, now_ms: u64) -> Result<()> {
        self.ended = true;
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
            let end = sent.end.context("the report tells of an attempt that did not end")?;
            ensure!(
                reported.attempt == sent.attempt
                    && (&reported.provider, &reported.model) == (&sent.deployment.0, &sent.deployment.1)
                    && reported.key_slot == sent.key_slot,
                "another attempt: {reported:?}"
            );
            ensure!(
                (reported.status, reported.error, reported.reached) == (end.status, end.kind, end.reached),
                "an attempt that ended otherwise: {reported:?}"
            );
            let billed = !matches!(end.fate, Fate::Answered | Fate::Refused);
            ensure!(reported.maybe_billed == billed, "the bill of {:?} is wrong: {reported:?}", end.fate);
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

/// A refusal of the key: another may do.
fn is_of_the_key(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Authentication | ErrorKind::Permission | ErrorKind::Quota)
}

/// Nothing was sent, nobody is left to tell, or it is our own bound.
fn says_nothing(failed: FailureKind) -> bool {
    use FailureKind::{Egress, Lost, MissingBlob, MissingKey, TooLarge};
    matches!(failed, MissingKey | Egress | MissingBlob | TooLarge | Lost)
}

/// The model a request asks for, as its body says it.
fn model_of(request: &HttpRequest) -> String {
    let text = request.body.iter().find_map(|segment| match segment {
        BodySegment::Text(segment) => segment.text.split_once("\"model\":\""),
        BodySegment::Blob(_) => None,
    });
    text.and_then(|(_, rest)| rest.split_once('"')).map(|(model, _)| model.to_owned()).unwrap_or_default()
}
