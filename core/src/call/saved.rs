//! A call as plain data, between any two steps.
//!
//! Everything is written out but what the bytes of the running attempt make of a decoder: those bytes are kept, and read
//! again when the call is taken up. So a wire format need not know of snapshots. (docs/adr/0006-policy-and-frozen-calls.md)

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::route::{Ahead, Route};
use super::{Call, State};
use crate::client::{STATE_VERSION, Shared};
use crate::grammar::Grammar;
use crate::policy::backoff::Dice;
use crate::policy::health::Slots;
use crate::policy::settings::Settings;
use crate::types::read::document;
use crate::types::{
    AttemptReport, BodySegment, CallSnapshot, Error, ErrorKind, HttpRequest, ResponseHead, Step, Warning,
};

/// `state` of a [`CallSnapshot`]. What it says is nobody's business but the core's.
#[derive(Debug, Serialize)]
pub(crate) struct SavedCall {
    /// Models still to ask, the one that is asked now first.
    pub(crate) routes: Vec<SavedRoute>,
    pub(crate) dice: u64,
    pub(crate) streamed: bool,
    pub(crate) resumable: bool,
    pub(crate) answers: u32,
    pub(crate) settings: Settings,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caller_timeout_ms: Option<u64>,
    pub(crate) started_ms: u64,
    pub(crate) now_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_ms: Option<u64>,
    pub(crate) held_ms: u64,
    pub(crate) attempts: Vec<AttemptReport>,
    pub(crate) counted: u32,
    pub(crate) tried: u64,
    pub(crate) refused: u64,
    pub(crate) aborted: Vec<u32>,
    /// The pause it is in. Absent with `running`: it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<SavedPause>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) running: Option<SavedAttempt>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SavedRoute {
    /// `provider/model`.
    pub(crate) model: String,
    pub(crate) on: Vec<ErrorKind>,
    pub(crate) request: HttpRequest,
    pub(crate) warnings: Vec<Warning>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SavedPause {
    pub(crate) until_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) held_since_ms: Option<u64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SavedAttempt {
    pub(crate) number: u32,
    pub(crate) started_ms: u64,
    pub(crate) key_slot: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) probe: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head: Option<ResponseHead>,
    pub(crate) head_ms: u64,
    /// Base64.
    pub(crate) body: String,
    pub(crate) bytes_seen: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) linger_until_ms: Option<u64>,
}

impl SavedRoute {
    fn of(on: &[ErrorKind], route: &Route) -> Self {
        let (model, on) = (route.model(), on.to_vec());
        Self { model, on, request: route.request.clone(), warnings: route.warnings.clone() }
    }

    /// With the registry of the client that takes it up.
    fn taken_up(self, shared: &Shared) -> Result<Ahead, Error> {
        let way = shared.registry.resolve(&self.model)?;
        let route = Route::new(way, self.request, self.warnings);
        Ok(Ahead { on: self.on, route })
    }
}

impl Call {
    /// The call as plain data; it goes on undisturbed.
    ///
    /// # Errors
    /// `invalid-state` when it has ended, or is in the middle of a streamed answer without being `resumable`.
    pub fn snapshot(&self) -> Result<CallSnapshot, Error> {
        let invalid = |message: &str| Error::new(ErrorKind::InvalidState, message);
        let (waiting, running) = match &self.state {
            State::Ended => return Err(invalid("the call has ended: there is nothing to take up")),
            State::Waiting { until_ms, held_since_ms } => {
                (Some(SavedPause { until_ms: *until_ms, held_since_ms: *held_since_ms }), None)
            }
            State::Running { attempt, linger_until_ms } => {
                let body = attempt.so_far().ok_or_else(|| {
                    invalid("the call is in the middle of a streamed answer: start it with the option `resumable`")
                })?;
                let saved = SavedAttempt {
                    number: attempt.number,
                    started_ms: attempt.started_ms,
                    key_slot: attempt.key_slot,
                    probe: attempt.probe,
                    head: attempt.head.as_ref().map(|(head, _)| head.clone()),
                    head_ms: attempt.head.as_ref().map_or(0, |(_, at_ms)| *at_ms),
                    body: STANDARD.encode(body),
                    bytes_seen: attempt.bytes_seen,
                    linger_until_ms: *linger_until_ms,
                };
                (None, Some(saved))
            }
        };
        let ahead = self.ahead.iter().map(|ahead| (ahead.on.as_slice(), &ahead.route));
        let routes = std::iter::once((&[][..], &self.route)).chain(ahead);
        let saved = SavedCall {
            routes: routes.map(|(on, route)| SavedRoute::of(on, route)).collect(),
            dice: self.dice.state(),
            streamed: self.streamed,
            resumable: self.resumable,
            answers: self.answers,
            settings: self.settings,
            caller_timeout_ms: self.caller_timeout_ms,
            started_ms: self.started_ms,
            now_ms: self.now_ms,
            first_token_ms: self.first_token_ms,
            held_ms: self.held_ms,
            attempts: self.attempts.clone(),
            counted: self.counted,
            tried: self.tried.0,
            refused: self.refused.0,
            aborted: self.aborted.clone(),
            waiting,
            running,
        };
        let routes = std::iter::once(&self.route).chain(self.ahead.iter().map(|ahead| &ahead.route));
        let mut blobs: Vec<String> = Vec::new();
        for segment in routes.flat_map(|route| &route.request.body) {
            if let BodySegment::Blob(blob) = segment
                && !blobs.contains(&blob.id)
            {
                blobs.push(blob.id.clone());
            }
        }
        let state = serde_json::to_string(&saved).map_err(|error| {
            Error::new(ErrorKind::Internal, format!("a call could not be written: {error}"))
        })?;
        Ok(CallSnapshot {
            state_version: STATE_VERSION,
            running: saved.running.iter().map(|attempt| attempt.number).collect(),
            blobs,
            state,
        })
    }

    /// Takes up a call.
    pub(crate) fn restore(
        shared: Arc<Shared>,
        snapshot: &CallSnapshot,
        now_ms: u64,
    ) -> Result<(Self, Step), Error> {
        let bad =
            |why: &str| Error::new(ErrorKind::InvalidState, format!("the call cannot be taken up: {why}"));
        let saved: SavedCall =
            document("state of a call", &snapshot.state).map_err(|error| bad(&error.message))?;
        let mut routes = Vec::with_capacity(saved.routes.len());
        for route in saved.routes {
            routes.push(route.taken_up(&shared)?);
        }
        if routes.is_empty() {
            return Err(bad("it asks no model"));
        }
        let Ahead { route, .. } = routes.remove(0);
        let share = shared.held.share();
        // A clock that is behind that of the process before would make every wait longer by the difference.
        let behind_ms = saved.now_ms.saturating_sub(now_ms);
        let moved = |at_ms: u64| at_ms.saturating_sub(behind_ms);
        if saved.started_ms > saved.now_ms {
            return Err(bad("it was told of a time before it began"));
        }
        let mut call = Self {
            route,
            ahead: routes,
            streamed: saved.streamed,
            resumable: saved.resumable,
            answers: saved.answers,
            settings: saved.settings,
            caller_timeout_ms: saved.caller_timeout_ms,
            share,
            dice: Dice::new(saved.dice),
            started_ms: moved(saved.started_ms),
            now_ms,
            state: State::Ended,
            first_token_ms: saved.first_token_ms,
            held_ms: saved.held_ms,
            grammar: Grammar::default(),
            attempts: saved.attempts,
            counted: saved.counted,
            tried: Slots(saved.tried),
            refused: Slots(saved.refused),
            aborted: saved.aborted,
            moved: false,
            shared,
        };
        for report in &mut call.attempts {
            report.started_ms = moved(report.started_ms);
            report.head_ms = report.head_ms.map(moved);
            report.ended_ms = moved(report.ended_ms);
        }
        call.settings.check().map_err(|error| bad(&error.message))?;
        call.hold()?;
        match (saved.waiting, saved.running) {
            (Some(pause), None) => {
                let held_since_ms = pause.held_since_ms.map(moved);
                call.state = State::Waiting { until_ms: moved(pause.until_ms), held_since_ms };
            }
            (None, Some(mut attempt)) => {
                attempt.started_ms = moved(attempt.started_ms);
                attempt.head_ms = moved(attempt.head_ms);
                attempt.linger_until_ms = attempt.linger_until_ms.map(moved);
                call.take_up(&attempt).map_err(|why| bad(&why))?;
            }
            _ => return Err(bad("it neither runs nor waits")),
        }
        let step = call.seal(Step::default());
        Ok((call, step))
    }

    /// Reads what came of a running attempt once more. The caller was told of it already.
    fn take_up(&mut self, saved: &SavedAttempt) -> Result<(), String> {
        if saved.number as usize != self.attempts.len() + 1 {
            return Err(format!("attempt {} runs, but {} came before it", saved.number, self.attempts.len()));
        }
        let mut attempt = self.attempt(saved.number, saved.started_ms, saved.key_slot, saved.probe);
        if let Some(head) = &saved.head {
            attempt.head(head, &self.route.target, saved.head_ms);
            let body =
                STANDARD.decode(&saved.body).map_err(|error| format!("its bytes are no base64: {error}"))?;
            attempt.bytes(&body).map_err(|error| error.message)?;
            attempt.bytes_seen = saved.bytes_seen;
        }
        if let Some(probe) = saved.probe {
            let (provider, model) = (&self.route.target.provider, &self.route.target.model);
            self.shared.health().probe_again(provider, model, probe);
        }
        let (first_token_ms, linger_until_ms) = (self.first_token_ms, saved.linger_until_ms);
        self.state = State::Running { attempt: Box::new(attempt), linger_until_ms };
        self.show(&mut Step::default()).map_err(|error| error.message)?;
        self.first_token_ms = first_token_ms;
        Ok(())
    }
}
