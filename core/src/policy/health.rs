//! What a client remembers across its calls: the retry budget, how its deployments fare, which keys rest.
//!
//! A deployment is a model of a provider. One that is well leaves no trace: the memory of a client whose calls succeed is
//! empty. Nothing here reads a clock; everything is plain data.
//!
//! | circuit   | an attempt may begin | a good end        | a bad end                                   |
//! |-----------|----------------------|-------------------|---------------------------------------------|
//! | closed    | yes                  | forgets failures  | counts; at `breaker_failures` it opens      |
//! | open      | no, until its time   | of an older attempt: nothing | the same                         |
//! | half-open | `breaker_probes` at a time | closes it   | opens it anew                               |

use super::guards::Protection;
use crate::types::{ClientSnapshot, DeploymentState, KeyState, WaitReason};

/// Most deployments that are remembered. Who asks more models than that while they fail loses the memory of the oldest.
const MAX_DEPLOYMENTS: usize = 1_024;

/// The memory.
#[derive(Debug)]
pub(crate) struct Health {
    guards: Protection,
    retry_hundredths: u64,
    /// Since when time has given nothing back.
    refilled_at_ms: u64,
    deployments: Vec<Deployment>,
    keys: Vec<KeyState>,
    /// Circuits that opened so far.
    openings: u64,
    /// Moves with every change that is worth a snapshot.
    pub(crate) version: u64,
}

/// Which opening of a circuit an attempt tests. One of an earlier opening says nothing of the circuit as it is now.
pub(crate) type Probe = u64;

#[derive(Debug)]
struct Deployment {
    state: DeploymentState,
    /// Attempts under way that test it. They end with the process, so no snapshot holds them.
    probes: u32,
}

/// Some of a provider's keys, of which there are at most 64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slots(pub(crate) u64);

impl Slots {
    pub(crate) fn add(&mut self, slot: u32) {
        self.0 |= 1_u64.checked_shl(slot).unwrap_or_default();
    }

    pub(crate) fn holds(self, slot: u32) -> bool {
        self.0 & 1_u64.checked_shl(slot).unwrap_or_default() != 0
    }
}

/// Whether an attempt may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Now, with this key. `probe`: it tests a half-open circuit.
    Go { key_slot: u32, probe: Option<Probe> },
    /// Not before `until_ms`.
    Hold { until_ms: u64, reason: WaitReason },
    /// The circuit is open until then, or others are testing it.
    Open { until_ms: u64 },
}

/// What the end of an attempt says of its deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It answered, or refused what it was asked: it is well.
    Well,
    /// It failed.
    Ill,
    /// Nothing: it was broken off or never sent, or the reason was not the deployment's.
    Unknown,
}

impl Health {
    pub(crate) fn new(guards: Protection) -> Self {
        let retry_hundredths = u64::from(guards.retry_budget) * 100;
        Self {
            guards,
            retry_hundredths,
            refilled_at_ms: 0,
            deployments: Vec::new(),
            keys: Vec::new(),
            openings: 0,
            version: 0,
        }
    }

    /// Whether an attempt at a model may begin, and with which of so many keys: one that was not `tried` before, if there is
    /// one.
    pub(crate) fn admit(
        &mut self,
        provider: &str,
        model: &str,
        keys: u32,
        tried: Slots,
        now_ms: u64,
    ) -> Admission {
        let guards = self.guards;
        let (until_ms, open_until_ms) = match self.find(provider, model) {
            None => (None, None),
            Some(Deployment { state, .. }) => {
                // A memory of another machine, whose clock went before this one's, must not hold longer than any of ours.
                let within = |until_ms: u64, most_ms| until_ms.min(now_ms.saturating_add(most_ms));
                state.open_until_ms = state.open_until_ms.map(|at_ms| within(at_ms, guards.breaker_open_ms));
                state.cooldown_until_ms =
                    state.cooldown_until_ms.map(|at_ms| within(at_ms, guards.cooldown_cap_ms));
                (state.cooldown_until_ms, state.open_until_ms)
            }
        };
        if let Some(until_ms) = open_until_ms.filter(|until_ms| now_ms < *until_ms) {
            return Admission::Open { until_ms };
        }
        if let Some(until_ms) = until_ms.filter(|until_ms| now_ms < *until_ms) {
            return Admission::Hold { until_ms, reason: WaitReason::Cooldown };
        }
        let key_slot = match self.key(provider, keys, tried, now_ms) {
            Ok(key_slot) => key_slot,
            Err(until_ms) => return Admission::Hold { until_ms, reason: WaitReason::Keys },
        };
        if open_until_ms.is_none() {
            return Admission::Go { key_slot, probe: None };
        }
        let (probes, open_ms) = (self.guards.breaker_probes, self.guards.breaker_open_ms);
        match self.find(provider, model) {
            Some(known) if known.probes < probes => {
                known.probes += 1;
                Admission::Go { key_slot, probe: Some(known.state.opening) }
            }
            // A probe that never ends is told to by its own deadlines; till then it is as if the circuit were open.
            _ => Admission::Open { until_ms: now_ms.saturating_add(open_ms) },
        }
    }

    /// A probe of an attempt that was taken over from a snapshot.
    pub(crate) fn probe_again(&mut self, provider: &str, model: &str, probe: Probe) {
        if let Some(known) = self.find(provider, model).filter(|known| known.state.opening == probe) {
            known.probes += 1;
        }
    }

    /// The lowest key that does not rest, or until when all of them do. When all were refused, the one that rests
    /// longest already is tried again: its error says more than a pause that helps nobody.
    fn key(&mut self, provider: &str, keys: u32, tried: Slots, now_ms: u64) -> Result<u32, u64> {
        if self.keys.is_empty() && tried == Slots::default() {
            return Ok(0);
        }
        let before = self.keys.len();
        self.keys.retain(|key| now_ms < key.until_ms);
        if self.keys.len() != before {
            self.version += 1;
        }
        let resting =
            |slot: u32| self.keys.iter().find(|key| key.provider == provider && key.key_slot == slot);
        let awake = || (0..keys).filter(|slot| resting(*slot).is_none());
        if let Some(slot) = awake().find(|slot| !tried.holds(*slot)).or_else(|| awake().next()) {
            return Ok(slot);
        }
        let limited = (0..keys).filter_map(resting).filter(|key| !key.refused);
        match limited.map(|key| key.until_ms).min() {
            Some(until_ms) => Err(until_ms),
            None => {
                Ok((0..keys).filter_map(resting).min_by_key(|key| key.until_ms).map_or(0, |key| key.key_slot))
            }
        }
    }

    /// Whether there is a key that neither rests nor was tried.
    pub(crate) fn has_key(&self, provider: &str, keys: u32, tried: Slots, now_ms: u64) -> bool {
        (0..keys).any(|slot| !tried.holds(slot) && self.rests_until_ms(provider, slot, now_ms).is_none())
    }

    /// When all keys of a provider rest: when the first of them wakes.
    pub(crate) fn first_key_wakes_ms(&self, provider: &str, keys: u32, now_ms: u64) -> Option<u64> {
        let until_ms = |slot: u32| self.rests_until_ms(provider, slot, now_ms);
        (0..keys).map(until_ms).try_fold(u64::MAX, |first, until_ms| until_ms.map(|at_ms| at_ms.min(first)))
    }

    fn rests_until_ms(&self, provider: &str, slot: u32, now_ms: u64) -> Option<u64> {
        let rest = self.keys.iter().find(|key| key.provider == provider && key.key_slot == slot)?;
        Some(rest.until_ms).filter(|until_ms| now_ms < *until_ms)
    }

    /// A key was refused, or limited until `until_ms`.
    pub(crate) fn rest_key(
        &mut self,
        provider: &str,
        key_slot: u32,
        refused: bool,
        until_ms: u64,
        now_ms: u64,
    ) {
        let most_ms = if refused { self.guards.key_rest_ms } else { self.guards.cooldown_cap_ms };
        let until_ms = if refused { u64::MAX } else { until_ms }.min(now_ms.saturating_add(most_ms));
        if until_ms <= now_ms {
            return;
        }
        self.version += 1;
        match self.keys.iter_mut().find(|key| key.provider == provider && key.key_slot == key_slot) {
            Some(key) => (key.until_ms, key.refused) = (until_ms, refused),
            None => {
                self.keys.push(KeyState { provider: provider.to_owned(), key_slot, until_ms, refused });
            }
        }
    }

    /// The provider named a pause: other calls keep it too.
    pub(crate) fn cool(&mut self, provider: &str, model: &str, delay_ms: u64, now_ms: u64) {
        let delay_ms = delay_ms.min(self.guards.cooldown_cap_ms);
        if delay_ms == 0 {
            return;
        }
        let until_ms = now_ms.saturating_add(delay_ms);
        let known = self.find_or_add(provider, model);
        known.state.cooldown_until_ms = known.state.cooldown_until_ms.max(Some(until_ms));
        self.version += 1;
    }

    /// An attempt has ended. `probe`: it tested a half-open circuit, at that opening.
    pub(crate) fn ended(
        &mut self,
        provider: &str,
        model: &str,
        verdict: Verdict,
        probe: Option<Probe>,
        now_ms: u64,
    ) {
        let (most, open_ms) = (self.guards.breaker_failures, self.guards.breaker_open_ms);
        let next_opening = self.openings + 1;
        let known = match verdict {
            Verdict::Ill if most > 0 => Some(self.find_or_add(provider, model)),
            _ => self.find(provider, model),
        };
        let Some(known) = known else { return };
        let probe = probe == Some(known.state.opening) && known.state.open_until_ms.is_some();
        if probe {
            known.probes = known.probes.saturating_sub(1);
        }
        let state = &mut known.state;
        let closed = state.open_until_ms.is_none();
        match verdict {
            Verdict::Unknown => return,
            // What began before the circuit opened says nothing of now.
            _ if !closed && !probe => return,
            Verdict::Well => {
                state.failures = 0;
                state.open_until_ms = None;
                state.cooldown_until_ms = state.cooldown_until_ms.filter(|until_ms| now_ms < *until_ms);
                if state.cooldown_until_ms.is_none() {
                    self.deployments
                        .retain(|known| known.state.failures > 0 || known.state.cooldown_until_ms.is_some());
                }
            }
            Verdict::Ill if most > 0 => {
                state.failures = state.failures.saturating_add(1);
                if probe || state.failures >= most {
                    state.open_until_ms = Some(now_ms.saturating_add(open_ms));
                    state.opening = next_opening;
                    known.probes = 0;
                    self.openings = next_opening;
                }
            }
            Verdict::Ill => return,
        }
        self.version += 1;
    }

    /// Until when the circuit of a deployment is open.
    pub(crate) fn open_until_ms(&self, provider: &str, model: &str, now_ms: u64) -> Option<u64> {
        let known = self.deployments.iter().find(|known| known.is(provider, model))?;
        known.state.open_until_ms.filter(|until_ms| now_ms < *until_ms)
    }

    /// Takes one retry out of the budget, if one is left. Time gives some back.
    pub(crate) fn take_retry(&mut self, now_ms: u64) -> bool {
        let every_ms = self.guards.retry_refill_ms;
        let most = u64::from(self.guards.retry_budget) * 100;
        if most == 0 {
            return false;
        }
        if let Some(passed) = now_ms.saturating_sub(self.refilled_at_ms).checked_div(every_ms) {
            self.retry_hundredths =
                self.retry_hundredths.saturating_add(passed.saturating_mul(100)).min(most);
            let full = self.retry_hundredths == most;
            // A bucket that is full gains nothing by waiting.
            self.refilled_at_ms = if full { now_ms } else { self.refilled_at_ms + passed * every_ms };
        }
        match self.retry_hundredths.checked_sub(100) {
            Some(left) => {
                self.retry_hundredths = left;
                self.version += 1;
                true
            }
            None => false,
        }
    }

    /// A good answer gives a part of a retry back.
    pub(crate) fn refill(&mut self) {
        let most = u64::from(self.guards.retry_budget) * 100;
        if self.retry_hundredths < most {
            self.retry_hundredths =
                most.min(self.retry_hundredths + u64::from(self.guards.retry_refill_percent));
            self.version += 1;
        }
    }

    /// As plain data.
    pub(crate) fn save(&self, snapshot: &mut ClientSnapshot) {
        snapshot.retry_hundredths = self.retry_hundredths;
        snapshot.refilled_at_ms = self.refilled_at_ms;
        snapshot.deployments = self.deployments.iter().map(|known| known.state.clone()).collect();
        snapshot.keys = self.keys.clone();
    }

    /// Takes over what another instance remembered. A budget that has become smaller since stays so.
    pub(crate) fn restore(&mut self, snapshot: &ClientSnapshot) {
        self.retry_hundredths = snapshot.retry_hundredths.min(u64::from(self.guards.retry_budget) * 100);
        self.refilled_at_ms = snapshot.refilled_at_ms;
        self.openings = snapshot.deployments.iter().map(|state| state.opening).max().unwrap_or_default();
        self.deployments =
            snapshot.deployments.iter().take(MAX_DEPLOYMENTS).cloned().map(Deployment::new).collect();
        self.keys = snapshot.keys.iter().take(MAX_DEPLOYMENTS).cloned().collect();
    }

    fn find(&mut self, provider: &str, model: &str) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|known| known.is(provider, model))
    }

    fn find_or_add(&mut self, provider: &str, model: &str) -> &mut Deployment {
        let at = match self.deployments.iter().position(|known| known.is(provider, model)) {
            Some(at) => at,
            None => {
                if self.deployments.len() >= MAX_DEPLOYMENTS {
                    self.deployments.remove(0);
                }
                self.deployments.push(Deployment::new(DeploymentState {
                    provider: provider.to_owned(),
                    model: model.to_owned(),
                    failures: 0,
                    open_until_ms: None,
                    cooldown_until_ms: None,
                    opening: 0,
                }));
                self.deployments.len() - 1
            }
        };
        #[expect(clippy::indexing_slicing, reason = "found, or pushed, on the lines above")]
        &mut self.deployments[at]
    }
}

impl Deployment {
    fn new(state: DeploymentState) -> Self {
        Self { state, probes: 0 }
    }

    fn is(&self, provider: &str, model: &str) -> bool {
        self.state.provider == provider && self.state.model == model
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Guards;

    fn health(guards: Guards) -> Health {
        Health::new(Protection::resolve(Some(&guards)).unwrap())
    }

    const GO: Admission = Admission::Go { key_slot: 0, probe: None };

    #[test]
    fn a_circuit_opens_tests_and_closes() {
        let mut health = health(Guards { breaker_failures: Some(2), ..Guards::default() });
        let ill = |health: &mut Health, probe, now_ms| health.ended("a", "m", Verdict::Ill, probe, now_ms);
        ill(&mut health, None, 0);
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 0), GO);
        ill(&mut health, None, 10);
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 11), Admission::Open { until_ms: 10_010 });
        assert_eq!(health.admit("a", "other", 1, Slots::default(), 11), GO);
        // Old attempts say nothing of a circuit that opened since.
        health.ended("a", "m", Verdict::Well, None, 20);
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 10_009), Admission::Open { until_ms: 10_010 });
        // One probe at a time.
        assert_eq!(
            health.admit("a", "m", 1, Slots::default(), 10_010),
            Admission::Go { key_slot: 0, probe: Some(1) }
        );
        assert!(matches!(health.admit("a", "m", 1, Slots::default(), 10_010), Admission::Open { .. }));
        ill(&mut health, Some(1), 10_020);
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 10_021), Admission::Open { until_ms: 20_020 });
        assert_eq!(
            health.admit("a", "m", 1, Slots::default(), 20_020),
            Admission::Go { key_slot: 0, probe: Some(2) }
        );
        // A probe of the opening before says nothing of this one, and makes no room.
        health.ended("a", "m", Verdict::Well, Some(1), 20_020);
        assert!(matches!(health.admit("a", "m", 1, Slots::default(), 20_020), Admission::Open { .. }));
        health.ended("a", "m", Verdict::Unknown, Some(2), 20_021);
        assert_eq!(
            health.admit("a", "m", 1, Slots::default(), 20_022),
            Admission::Go { key_slot: 0, probe: Some(2) }
        );
        health.ended("a", "m", Verdict::Well, Some(2), 20_030);
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 20_030), GO);
        assert!(health.deployments.is_empty());
    }

    #[test]
    fn success_between_failures_keeps_the_circuit_closed() {
        let mut health = health(Guards { breaker_failures: Some(2), ..Guards::default() });
        for now_ms in 0..10 {
            health.ended("a", "m", Verdict::Ill, None, now_ms);
            health.ended("a", "m", Verdict::Well, None, now_ms);
            assert_eq!(health.admit("a", "m", 1, Slots::default(), now_ms), GO);
        }
    }

    #[test]
    fn a_cooldown_holds_every_call_until_it_is_over() {
        let mut health = health(Guards { cooldown_cap_ms: Some(1_000), ..Guards::default() });
        health.cool("a", "m", 400, 0);
        assert_eq!(
            health.admit("a", "m", 1, Slots::default(), 399),
            Admission::Hold { until_ms: 400, reason: WaitReason::Cooldown }
        );
        assert_eq!(health.admit("a", "m", 1, Slots::default(), 400), GO);
        health.cool("a", "m", u64::MAX, 500);
        assert_eq!(
            health.admit("a", "m", 1, Slots::default(), 1_499),
            Admission::Hold { until_ms: 1_500, reason: WaitReason::Cooldown }
        );
        health.ended("a", "m", Verdict::Well, None, 1_500);
        assert!(health.deployments.is_empty());
    }

    #[test]
    fn keys_take_turns() {
        let mut health = health(Guards::default());
        health.rest_key("a", 0, false, 50, 0);
        assert_eq!(
            health.admit("a", "m", 2, Slots::default(), 1),
            Admission::Go { key_slot: 1, probe: None }
        );
        assert!(health.has_key("a", 2, Slots::default(), 1) && !health.has_key("a", 1, Slots::default(), 1));
        health.rest_key("a", 1, false, 40, 0);
        assert_eq!(
            health.admit("a", "m", 2, Slots::default(), 1),
            Admission::Hold { until_ms: 40, reason: WaitReason::Keys }
        );
        assert_eq!(health.admit("b", "m", 2, Slots::default(), 1), GO);
        health.rest_key("a", 1, true, 0, 2);
        assert_eq!(
            health.admit("a", "m", 2, Slots::default(), 3),
            Admission::Hold { until_ms: 50, reason: WaitReason::Keys }
        );
        let tried = Slots(1);
        assert!(!health.has_key("a", 2, tried, 3) && health.has_key("a", 3, tried, 3));
        // All were refused: the one refused first is asked again at once.
        health.rest_key("a", 0, true, 0, 9);
        assert_eq!(
            health.admit("a", "m", 2, Slots::default(), 10),
            Admission::Go { key_slot: 1, probe: None }
        );
        assert_eq!(health.admit("a", "m", 2, Slots::default(), 400_000), GO);
    }

    #[test]
    fn a_budget_is_spent_and_refilled() {
        let mut health =
            health(Guards { retry_budget: Some(1), retry_refill_percent: Some(50), ..Guards::default() });
        assert!(health.take_retry(0) && !health.take_retry(0));
        assert!(!health.take_retry(9_999) && health.take_retry(10_000) && !health.take_retry(19_999));
        assert!(health.take_retry(1_000_000) && !health.take_retry(1_000_001));
        health.refill();
        assert!(!health.take_retry(0));
        (0..5).for_each(|_| health.refill());
        assert!(health.take_retry(0) && !health.take_retry(0));
    }

    #[test]
    fn the_memory_goes_over_to_another_instance() {
        let mut one = health(Guards::default());
        (0..10).for_each(|now_ms| one.ended("a", "m", Verdict::Ill, None, now_ms));
        one.rest_key("a", 1, false, 99, 0);
        one.take_retry(0);
        let mut snapshot = ClientSnapshot {
            state_version: 0,
            now_ms: 5,
            retry_hundredths: 0,
            refilled_at_ms: 0,
            deployments: Vec::new(),
            keys: Vec::new(),
        };
        one.save(&mut snapshot);
        let mut two = health(Guards::default());
        two.restore(&snapshot);
        assert_eq!(two.admit("a", "m", 2, Slots::default(), 11), Admission::Open { until_ms: 10_009 });
        let mut again = snapshot.clone();
        two.save(&mut again);
        assert_eq!(again, snapshot);
    }
}
