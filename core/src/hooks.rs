//! For tests of hosts only (feature `hooks`, never in a published component): a core that traps, and one that hedges.
//!
//! | hook | how it is asked for |
//! |---|---|
//! | a panic, as a bug of ours would be | an answer with the header `x-literllm-hook: trap` |
//! | two attempts side by side | a request with an `extra` of the protocol `test-hook`, `{"hedge_after_ms":50}` |
//!
//! The second shows that a host serves the whole step (several sends, aborts, the wake time) before a policy needs it: the
//! call is made twice, the first good head wins, and the other one is broken off.

use crate::call::Call as Single;
use crate::types::{Error, Event, Notice, Request, ResponseHead, Step, TransportFailure};

const HEADER: &str = "x-literllm-hook";
const PROTOCOL: &str = "test-hook";

/// Attempts of the second call are numbered from here.
const SECOND: u32 = 100;

/// Takes the hedge out of a request: after how many ms.
pub(crate) fn take_hedge(request: &mut Request) -> Option<u64> {
    let place = request.extra.iter().position(|extra| extra.protocol == PROTOCOL)?;
    let body: serde_json::Value = serde_json::from_str(&request.extra.remove(place).body).ok()?;
    body.get("hedge_after_ms")?.as_u64()
}

/// A call, and beside it perhaps a second one that asks the same.
#[derive(Debug)]
pub struct Call {
    one: Side,
    two: Option<Side>,
    /// The second has not been sent: its first step, and when it is due.
    held: Option<(Step, u64)>,
    won: bool,
}

#[derive(Debug)]
struct Side {
    call: Single,
    wake_at_ms: Option<u64>,
    alive: bool,
}

impl Side {
    fn new(call: Single, step: &Step) -> Self {
        Self { call, wake_at_ms: step.wake_at_ms, alive: step.outcome.is_none() }
    }
}

impl Call {
    /// A call without a second one.
    pub(crate) fn single((call, step): (Single, Step)) -> (Self, Step) {
        (Self { one: Side::new(call, &step), two: None, held: None, won: false }, step)
    }

    /// The second is sent at `hedge_at_ms`, unless there is an answer by then.
    pub(crate) fn hedged(first: (Single, Step), second: (Single, Step), hedge_at_ms: u64) -> (Self, Step) {
        let (mut call, mut step) = Self::single(first);
        let side = Side { wake_at_ms: Some(hedge_at_ms), ..Side::new(second.0, &second.1) };
        call.two = Some(side);
        call.held = Some((second.1, hedge_at_ms));
        step.wake_at_ms = call.wake_at_ms();
        (call, step)
    }

    /// As of a single call; so are all below.
    ///
    /// # Errors
    /// As of a single call.
    ///
    /// # Panics
    /// When the head asks for it.
    pub fn head(&mut self, attempt: u32, head: &ResponseHead, now_ms: u64) -> Result<Step, Error> {
        #[expect(clippy::panic, reason = "what this hook is for")]
        if head.headers.iter().any(|header| header.name == HEADER && header.value == "trap") {
            panic!("the answer asked for a trap");
        }
        let mut step = self.tell(attempt, |call, number| call.head(number, head, now_ms))?;
        if (200..300).contains(&head.status) && !self.won {
            self.won = true;
            self.held = None;
            if let Some(loser) = self.side(attempt < SECOND).filter(|loser| loser.alive) {
                loser.alive = false;
                let mut last = loser.call.cancel(now_ms)?;
                renumber(&mut last, attempt < SECOND);
                step.abort.extend(last.abort);
            }
            step.wake_at_ms = self.wake_at_ms();
        }
        Ok(step)
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn body(&mut self, attempt: u32, bytes: &[u8], now_ms: u64) -> Result<Step, Error> {
        self.tell(attempt, |call, number| call.body(number, bytes, now_ms))
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn end(&mut self, attempt: u32, now_ms: u64) -> Result<Step, Error> {
        self.tell(attempt, |call, number| call.end(number, now_ms))
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn failed(&mut self, attempt: u32, failure: &TransportFailure, now_ms: u64) -> Result<Step, Error> {
        self.tell(attempt, |call, number| call.failed(number, failure, now_ms))
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn wake(&mut self, idle: Option<u32>, now_ms: u64) -> Result<Step, Error> {
        if let Some(attempt) = idle {
            return self.tell(attempt, |call, number| call.wake(Some(number), now_ms));
        }
        let mut step = self.tell(1, |call, _| call.wake(None, now_ms))?;
        if step.outcome.is_some() {
            return Ok(step);
        }
        let more = match self.held.take_if(|(_, due_ms)| *due_ms <= now_ms) {
            Some((mut first, _)) => {
                renumber(&mut first, true);
                if let Some(side) = self.side(true) {
                    side.wake_at_ms = first.wake_at_ms;
                }
                first
            }
            None if self.held.is_none() => self.tell(SECOND + 1, |call, _| call.wake(None, now_ms))?,
            None => Step::default(),
        };
        step.send.extend(more.send);
        step.abort.extend(more.abort);
        step.events.extend(more.events);
        step.outcome = more.outcome;
        step.wake_at_ms = self.wake_at_ms();
        Ok(step)
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn cancel(&mut self, now_ms: u64) -> Result<Step, Error> {
        let sent = self.held.is_none();
        let mut aborts = Vec::new();
        if let Some(side) = self.side(true).filter(|side| side.alive) {
            side.alive = false;
            let mut last = side.call.cancel(now_ms)?;
            renumber(&mut last, true);
            if !self.one.alive {
                return Ok(last);
            }
            aborts = if sent { last.abort } else { Vec::new() };
        }
        let mut step = self.tell(1, |call, _| call.cancel(now_ms))?;
        step.abort.extend(aborts);
        Ok(step)
    }

    #[expect(missing_docs, clippy::missing_errors_doc, reason = "as of a single call")]
    pub fn snapshot(&self) -> Result<crate::types::CallSnapshot, Error> {
        self.one.call.snapshot()
    }

    fn side(&mut self, second: bool) -> Option<&mut Side> {
        if second { self.two.as_mut() } else { Some(&mut self.one) }
    }

    fn wake_at_ms(&self) -> Option<u64> {
        let sides = [Some(&self.one), self.two.as_ref()];
        sides.into_iter().flatten().filter(|side| side.alive).filter_map(|side| side.wake_at_ms).min()
    }

    /// Tells one side, and answers for both.
    fn tell(
        &mut self,
        attempt: u32,
        act: impl FnOnce(&mut Single, u32) -> Result<Step, Error>,
    ) -> Result<Step, Error> {
        let second = attempt > SECOND;
        let other_alive = self.side(!second).is_some_and(|other| other.alive);
        let number = if second { attempt - SECOND } else { attempt };
        let side = self.side(second).filter(|side| side.alive);
        let Some(side) = side else { return Ok(Step { wake_at_ms: self.wake_at_ms(), ..Step::default() }) };
        let mut step = act(&mut side.call, number)?;
        side.wake_at_ms = step.wake_at_ms;
        side.alive = step.outcome.is_none();
        renumber(&mut step, second);
        // One failed while the other may still answer.
        if other_alive {
            step.outcome = None;
        }
        step.wake_at_ms = self.wake_at_ms();
        Ok(step)
    }
}

fn renumber(step: &mut Step, second: bool) {
    let by = if second { SECOND } else { 0 };
    step.send.iter_mut().for_each(|send| send.attempt += by);
    step.abort.iter_mut().for_each(|attempt| *attempt += by);
    for event in &mut step.events {
        if let Event::Notice(event) = event {
            if let Notice::Retry(notice) = &mut event.notice {
                notice.attempt += by;
            }
        }
    }
    if let Some(outcome) = &mut step.outcome {
        outcome.report.attempts.iter_mut().for_each(|report| report.attempt += by);
    }
}
