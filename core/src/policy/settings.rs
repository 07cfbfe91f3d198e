//! The policy of a call with every default filled in.

use serde::Serialize;

use crate::types::{Error, ErrorKind, FallbackStep, Policy, ResendUnknown};

/// A policy without gaps. The fields are those of [`Policy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Settings {
    pub(crate) max_attempts: u32,
    pub(crate) backoff_base_ms: u64,
    pub(crate) backoff_cap_ms: u64,
    pub(crate) total_timeout_ms: u64,
    pub(crate) idle_timeout_ms: u64,
    pub(crate) connect_timeout_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token_timeout_ms: Option<u64>,
    pub(crate) resend_unknown: ResendUnknown,
}

/// Attempts, backoff and total time are those of the official OpenAI SDK (two retries, 0.5 s to 8 s, 600 s).
/// Its idle time is 600 s too; half of that still lets a thinking model be silent for minutes. Ten seconds to
/// connect cover a lost SYN and its resends after 1, 3 and 7 s (RFC 6298). No bound on the first token: a model may think
/// for minutes. The SDKs send again what was lost before its head and, when the answer is not streamed, inside its body;
/// a stream of which nothing was seen is the same to the caller.
const DEFAULTS: Settings = Settings {
    max_attempts: 3,
    backoff_base_ms: 500,
    backoff_cap_ms: 8_000,
    total_timeout_ms: 600_000,
    idle_timeout_ms: 300_000,
    connect_timeout_ms: 10_000,
    first_token_timeout_ms: None,
    resend_unknown: ResendUnknown::BeforeToken,
};

/// Most models to turn to. Each is tried in turn while a caller waits.
const MAX_FALLBACKS: usize = 16;

/// A year: longer waits are a mistake in the unit.
pub(super) const MAX_WAIT_MS: u64 = 366 * 24 * 3_600 * 1_000;

impl Settings {
    /// The defaults, changed by the client's policy, changed by the call's.
    ///
    /// # Errors
    /// `invalid-request` for a value out of its range.
    pub(crate) fn resolve(client: Option<&Policy>, call: Option<&Policy>) -> Result<Self, Error> {
        let mut settings = DEFAULTS;
        for policy in [client, call].into_iter().flatten() {
            let set = |field: &mut u64, value: Option<u64>| *field = value.unwrap_or(*field);
            settings.max_attempts = policy.max_attempts.unwrap_or(settings.max_attempts);
            set(&mut settings.backoff_base_ms, policy.backoff_base_ms);
            set(&mut settings.backoff_cap_ms, policy.backoff_cap_ms);
            set(&mut settings.total_timeout_ms, policy.total_timeout_ms);
            set(&mut settings.idle_timeout_ms, policy.idle_timeout_ms);
            set(&mut settings.connect_timeout_ms, policy.connect_timeout_ms);
            settings.first_token_timeout_ms =
                policy.first_token_timeout_ms.or(settings.first_token_timeout_ms);
            settings.resend_unknown = policy.resend_unknown.unwrap_or(settings.resend_unknown);
        }
        settings.check()?;
        Ok(settings)
    }

    /// The models to turn to: those of the call, else those of the client.
    ///
    /// # Errors
    /// `invalid-request` when there are too many.
    pub(crate) fn fallback<'a>(
        client: Option<&'a Policy>,
        call: Option<&'a Policy>,
    ) -> Result<&'a [FallbackStep], Error> {
        let lists = [call, client].into_iter().flatten().map(|policy| policy.fallback.as_slice());
        let steps = lists.into_iter().find(|steps| !steps.is_empty()).unwrap_or_default();
        if steps.len() > MAX_FALLBACKS {
            let message = format!("policy.fallback has {} models: at most {MAX_FALLBACKS}", steps.len());
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        Ok(steps)
    }

    /// # Errors
    /// `invalid-request` for a value out of its range.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let bad = |name: &str, range: &str| {
            Err(Error::new(ErrorKind::InvalidRequest, format!("policy.{name} must be {range}")))
        };
        if !(1..=100).contains(&self.max_attempts) {
            return bad("max_attempts", "from 1 to 100");
        }
        for (name, value) in
            [("backoff_base_ms", self.backoff_base_ms), ("backoff_cap_ms", self.backoff_cap_ms)]
        {
            if value > MAX_WAIT_MS {
                return bad(name, "at most a year");
            }
        }
        for (name, value) in [
            ("total_timeout_ms", self.total_timeout_ms),
            ("idle_timeout_ms", self.idle_timeout_ms),
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("first_token_timeout_ms", self.first_token_timeout_ms.unwrap_or(1)),
        ] {
            if !(1..=MAX_WAIT_MS).contains(&value) {
                return bad(name, "from 1 ms to a year");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_overrides_the_client_field_by_field() {
        let client = Policy { max_attempts: Some(5), idle_timeout_ms: Some(7), ..Policy::default() };
        let call = Policy { max_attempts: Some(1), ..Policy::default() };
        let settings = Settings::resolve(Some(&client), Some(&call)).unwrap();
        assert_eq!(settings, Settings { max_attempts: 1, idle_timeout_ms: 7, ..DEFAULTS });
    }

    #[test]
    fn values_out_of_range_are_named() {
        for (policy, name) in [
            (Policy { max_attempts: Some(0), ..Policy::default() }, "max_attempts"),
            (Policy { total_timeout_ms: Some(0), ..Policy::default() }, "total_timeout_ms"),
            (Policy { backoff_cap_ms: Some(u64::MAX), ..Policy::default() }, "backoff_cap_ms"),
        ] {
            assert!(Settings::resolve(None, Some(&policy)).unwrap_err().message.contains(name));
        }
    }
}
