//! What a client protects its providers with, every default filled in.

use crate::types::{Error, ErrorKind, Guards};

/// [`Guards`] without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Protection {
    pub(crate) retry_budget: u32,
    pub(crate) retry_refill_percent: u32,
    pub(crate) retry_refill_ms: u64,
    pub(crate) breaker_failures: u32,
    pub(crate) breaker_open_ms: u64,
    pub(crate) breaker_probes: u32,
    pub(crate) cooldown_cap_ms: u64,
    pub(crate) key_rest_ms: u64,
}

/// Ten retries in hand, as gRPC's retry throttling has it (gRFC A6: maxTokens 10); a fifth of one for each good answer, as
/// Finagle's retry budget has it (percentCanRetry 0.2); and one every ten seconds, so that a client alone with a flaky
/// provider is not starved. Ten failures in a row are three calls with all their attempts, and one: a proxy's five (Envoy's
/// `consecutive_5xx`) would shut a model to a program after two calls. Hystrix and Polly let a circuit rest for 5 s, Envoy
/// for 30 s; providers that are overloaded come back in between. A minute of cooldown is the window in which providers count requests and
/// tokens. Five minutes let a key that was just made or paid for come back without a new client.
const DEFAULTS: Protection = Protection {
    retry_budget: 10,
    retry_refill_percent: 20,
    retry_refill_ms: 10_000,
    breaker_failures: 10,
    breaker_open_ms: 10_000,
    breaker_probes: 1,
    cooldown_cap_ms: 60_000,
    key_rest_ms: 300_000,
};

impl Protection {
    /// The defaults, changed by the client's configuration.
    ///
    /// # Errors
    /// `invalid-request` for a value out of its range.
    pub(crate) fn resolve(guards: Option<&Guards>) -> Result<Self, Error> {
        let mut own = DEFAULTS;
        if let Some(guards) = guards {
            let count = |field: &mut u32, value: Option<u32>| *field = value.unwrap_or(*field);
            count(&mut own.retry_budget, guards.retry_budget);
            count(&mut own.retry_refill_percent, guards.retry_refill_percent);
            count(&mut own.breaker_failures, guards.breaker_failures);
            count(&mut own.breaker_probes, guards.breaker_probes);
            let time = |field: &mut u64, value: Option<u64>| *field = value.unwrap_or(*field);
            time(&mut own.retry_refill_ms, guards.retry_refill_ms);
            time(&mut own.breaker_open_ms, guards.breaker_open_ms);
            time(&mut own.cooldown_cap_ms, guards.cooldown_cap_ms);
            time(&mut own.key_rest_ms, guards.key_rest_ms);
        }
        own.check()?;
        Ok(own)
    }

    fn check(&self) -> Result<(), Error> {
        let year_ms = super::settings::MAX_WAIT_MS;
        let ranges: [(&str, u64, u64, u64); 7] = [
            ("retry_budget", self.retry_budget.into(), 0, 1_000_000),
            ("retry_refill_percent", self.retry_refill_percent.into(), 0, 10_000),
            ("retry_refill_ms", self.retry_refill_ms, 0, year_ms),
            ("breaker_probes", self.breaker_probes.into(), 1, 1_000),
            ("breaker_open_ms", self.breaker_open_ms, 1, year_ms),
            ("cooldown_cap_ms", self.cooldown_cap_ms, 0, year_ms),
            ("key_rest_ms", self.key_rest_ms, 0, year_ms),
        ];
        match ranges.iter().find(|(_, value, low, high)| !(low..=high).contains(&value)) {
            Some((name, value, low, high)) => {
                let message = format!("guards.{name} is {value}: it must be from {low} to {high}");
                Err(Error::new(ErrorKind::InvalidRequest, message))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_changes_the_defaults_and_must_be_in_range() {
        let guards = Guards { breaker_failures: Some(0), ..Guards::default() };
        assert_eq!(
            Protection::resolve(Some(&guards)).unwrap(),
            Protection { breaker_failures: 0, ..DEFAULTS }
        );
        for (guards, name) in [
            (Guards { breaker_probes: Some(0), ..Guards::default() }, "breaker_probes is 0"),
            (Guards { breaker_open_ms: Some(u64::MAX), ..Guards::default() }, "breaker_open_ms"),
            (Guards { retry_budget: Some(u32::MAX), ..Guards::default() }, "from 0 to 1000000"),
        ] {
            let message = Protection::resolve(Some(&guards)).unwrap_err().message;
            assert!(message.contains(name), "{message}");
        }
    }
}
