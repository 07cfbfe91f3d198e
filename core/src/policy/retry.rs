//! Whether a failed attempt is followed by another, and after what pause.

use super::backoff::{self, Dice};
use super::settings::Settings;
use crate::types::Error;

/// What follows a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Try again after `delay_ms`.
    Again { delay_ms: u64 },
    /// Give up; `why` is for the error's message where the error alone does not explain it.
    GiveUp { why: Option<String> },
}

/// Decides. `attempts` is how many there were, `visible` whether the caller has seen something of the answer,
/// `left_ms` what is left of the total time.
pub(crate) fn decide(
    settings: &Settings,
    attempts: u32,
    error: &Error,
    visible: bool,
    left_ms: u64,
    dice: &mut Dice,
) -> Decision {
    if !error.retryable || visible {
        return Decision::GiveUp { why: None };
    }
    if attempts >= settings.max_attempts {
        let why = (attempts > 1).then(|| format!("all {attempts} attempts failed"));
        return Decision::GiveUp { why };
    }
    // A pause the provider asks for is kept to the millisecond; jitter is for those that ask for none.
    let delay_ms = error.retry_after_ms.unwrap_or_else(|| {
        backoff::delay_ms(settings.backoff_base_ms, settings.backoff_cap_ms, attempts, dice)
    });
    if delay_ms >= left_ms {
        let why = format!(
            "the next attempt would start in {delay_ms} ms, but only {left_ms} ms of the total time are left"
        );
        return Decision::GiveUp { why: Some(why) };
    }
    Decision::Again { delay_ms }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ErrorKind;

    fn decide_on(
        attempts: u32,
        retryable: bool,
        hint_ms: Option<u64>,
        visible: bool,
        left_ms: u64,
    ) -> Decision {
        let settings = Settings::resolve(None, None).unwrap();
        let mut error = Error::new(ErrorKind::RateLimit, "429");
        error.retryable = retryable;
        error.retry_after_ms = hint_ms;
        decide(&settings, attempts, &error, visible, left_ms, &mut Dice::new(1))
    }

    #[test]
    fn a_hint_is_kept_to_the_millisecond() {
        assert_eq!(decide_on(1, true, Some(1_234), false, 9_999), Decision::Again { delay_ms: 1_234 });
    }

    #[test]
    fn what_was_seen_or_is_final_is_not_tried_again() {
        assert_eq!(decide_on(1, true, None, true, 9_999), Decision::GiveUp { why: None });
        assert_eq!(decide_on(1, false, None, false, 9_999), Decision::GiveUp { why: None });
    }

    #[test]
    fn attempts_and_time_run_out_in_words() {
        let Decision::GiveUp { why: Some(why) } = decide_on(3, true, None, false, 9_999) else {
            panic!("gave no reason")
        };
        assert_eq!(why, "all 3 attempts failed");
        let Decision::GiveUp { why: Some(why) } = decide_on(1, true, Some(60_000), false, 5_000) else {
            panic!("gave no reason")
        };
        assert!(why.contains("60000 ms") && why.contains("5000 ms"), "{why}");
    }
}
