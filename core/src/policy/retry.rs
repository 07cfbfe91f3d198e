//! What follows a failed attempt: another at the same model, another model, or the end.

use super::backoff::{self, Dice};
use super::settings::Settings;
use crate::types::{Error, ErrorKind, ResendUnknown, WaitReason};

/// What is known of what became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It never left, or the provider said that it failed.
    Known,
    /// It was sent, or perhaps sent, and no head came.
    LostBeforeHead,
    /// An answer began and no whole one came.
    LostInside,
}

/// A failed attempt and where the call stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    /// Attempts at this model that count, this one among them.
    pub(crate) attempts: u32,
    pub(crate) fate: Fate,
    /// Whether the provider honours an idempotency key, so that sending again costs nothing twice.
    pub(crate) idempotent: bool,
    /// Whether the caller has seen something of the answer.
    pub(crate) visible: bool,
    /// What is left of the total time.
    pub(crate) left_ms: u64,
    /// Whether another key of the provider neither rests nor was tried.
    pub(crate) other_key: bool,
    /// Whether this attempt does not count: its key was refused, for the first time in this call.
    pub(crate) free: bool,
    /// When all keys rest: how long until the first of them wakes.
    pub(crate) keys_rest_ms: Option<u64>,
    /// Whether another model would be asked.
    pub(crate) other_model: bool,
    /// How long the circuit of the deployment is open now.
    pub(crate) open_ms: Option<u64>,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The same model at once, with another key.
    OtherKey,
    /// The same model after `delay_ms`. `costs`: it takes a retry out of the budget.
    Again { delay_ms: u64, reason: WaitReason, costs: bool },
    /// Another model, if there is one; else the end. `why` is for the message where the error alone does not explain it.
    Elsewhere { why: Option<String> },
    /// The end, whatever other models there are.
    Stop { why: Option<String> },
}

/// Whether the refusal is one of the key, so that another may do.
pub(crate) fn is_of_the_key(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Authentication | ErrorKind::Permission | ErrorKind::Quota)
}

/// Whether a request of that fate may be sent again, to whomever.
pub(crate) fn allows(settings: &Settings, fate: Fate) -> bool {
    match (fate, settings.resend_unknown) {
        (Fate::Known, _) | (_, ResendUnknown::BeforeToken) => true,
        (Fate::LostBeforeHead, policy) => policy == ResendUnknown::BeforeHead,
        (Fate::LostInside, _) => false,
    }
}

/// Decides.
pub(crate) fn decide(settings: &Settings, at: Situation, error: &Error, dice: &mut Dice) -> Decision {
    if at.visible || error.kind == ErrorKind::Cancelled {
        return Decision::Stop { why: None };
    }
    if at.left_ms == 0 {
        return Decision::Stop { why: None };
    }
    if !allows(settings, at.fate) && !at.idempotent {
        let why =
            "what became of the request is not known, and resend_unknown does not allow to send it again";
        return Decision::Stop { why: Some(why.into()) };
    }
    let counts = at.attempts < settings.max_attempts;
    if at.other_key && is_of_the_key(error.kind) && (at.free || counts) {
        return Decision::OtherKey;
    }
    let elsewhere = |why: String| Decision::Elsewhere { why: Some(why) };
    if !error.retryable {
        return Decision::Elsewhere { why: None };
    }
    if !counts {
        let why = (at.attempts > 1).then(|| format!("all {} attempts failed", at.attempts));
        return Decision::Elsewhere { why };
    }
    if at.other_key && error.kind == ErrorKind::RateLimit {
        return Decision::OtherKey;
    }
    if let Some(open_ms) = at.open_ms {
        return elsewhere(format!(
            "the circuit of this model is open for {open_ms} ms now, after too many failures"
        ));
    }
    // A pause the provider asks for is kept to the millisecond; jitter is for those that ask for none.
    let (delay_ms, reason) = match (at.keys_rest_ms, error.retry_after_ms) {
        (Some(delay_ms), _) if error.kind == ErrorKind::RateLimit => (delay_ms, WaitReason::Keys),
        (_, Some(delay_ms)) => (delay_ms, WaitReason::Hint),
        (_, None) => {
            let (base_ms, cap_ms) = (settings.backoff_base_ms, settings.backoff_cap_ms);
            (backoff::delay_ms(base_ms, cap_ms, at.attempts, dice), WaitReason::Backoff)
        }
    };
    if delay_ms >= at.left_ms {
        return elsewhere(format!(
            "the next attempt would start in {delay_ms} ms, but only {} ms are left of the time for this call",
            at.left_ms
        ));
    }
    if at.other_model && reason != WaitReason::Backoff && delay_ms > settings.backoff_cap_ms {
        return elsewhere(format!(
            "it asks for a pause of {delay_ms} ms, and another model is at hand (backoff_cap_ms is the longest that is waited then)"
        ));
    }
    // Whoever is over a limit and is told when to come back does no harm by coming: those calls would be lost to the budget
    // for nothing. A provider that is in trouble may name a pause too, and is spared.
    let asked_back = error.kind == ErrorKind::RateLimit && reason != WaitReason::Backoff;
    Decision::Again { delay_ms, reason, costs: !asked_back }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Policy;

    const AT: Situation = Situation {
        attempts: 1,
        fate: Fate::Known,
        idempotent: false,
        visible: false,
        left_ms: 9_999,
        other_key: false,
        free: false,
        keys_rest_ms: None,
        other_model: false,
        open_ms: None,
    };

    fn error(kind: ErrorKind, retryable: bool, hint_ms: Option<u64>) -> Error {
        let mut error = Error::new(kind, "no");
        (error.retryable, error.retry_after_ms) = (retryable, hint_ms);
        error
    }

    fn decide_on(at: Situation, error: &Error) -> Decision {
        decide(&Settings::resolve(None, None).unwrap(), at, error, &mut Dice::new(1))
    }

    fn words(decision: &Decision) -> &str {
        match decision {
            Decision::Elsewhere { why: Some(why) } | Decision::Stop { why: Some(why) } => why,
            _ => "",
        }
    }

    #[test]
    fn a_hint_is_kept_to_the_millisecond_and_that_of_a_limit_costs_nothing() {
        for (kind, costs) in [(ErrorKind::RateLimit, false), (ErrorKind::Overloaded, true)] {
            let again = Decision::Again { delay_ms: 1_234, reason: WaitReason::Hint, costs };
            assert_eq!(decide_on(AT, &error(kind, true, Some(1_234))), again);
        }
        assert!(matches!(
            decide_on(AT, &error(ErrorKind::Server, true, None)),
            Decision::Again { delay_ms: 0..=500, reason: WaitReason::Backoff, costs: true }
        ));
    }

    #[test]
    fn what_was_seen_is_final_and_what_cannot_be_helped_goes_elsewhere() {
        let server = error(ErrorKind::Server, true, None);
        assert_eq!(decide_on(Situation { visible: true, ..AT }, &server), Decision::Stop { why: None });
        assert_eq!(decide_on(Situation { left_ms: 0, ..AT }, &server), Decision::Stop { why: None });
        let invalid = error(ErrorKind::InvalidRequest, false, None);
        assert_eq!(decide_on(AT, &invalid), Decision::Elsewhere { why: None });
        let cancelled = error(ErrorKind::Cancelled, false, None);
        assert_eq!(decide_on(AT, &cancelled), Decision::Stop { why: None });
    }

    #[test]
    fn attempts_time_and_circuits_run_out_in_words() {
        let server = error(ErrorKind::Server, true, None);
        let decision = decide_on(Situation { attempts: 3, ..AT }, &server);
        assert_eq!(words(&decision), "all 3 attempts failed");
        let late = error(ErrorKind::RateLimit, true, Some(60_000));
        let decision = decide_on(Situation { left_ms: 5_000, ..AT }, &late);
        assert!(
            words(&decision).contains("60000 ms") && words(&decision).contains("5000 ms"),
            "{decision:?}"
        );
        let decision = decide_on(Situation { open_ms: Some(700), ..AT }, &server);
        assert!(words(&decision).contains("open for 700 ms"), "{decision:?}");
    }

    #[test]
    fn an_unknown_fate_is_sent_again_only_as_far_as_allowed() {
        use ResendUnknown::{BeforeHead, BeforeToken, Never};
        let lost = error(ErrorKind::Connection, true, None);
        for (policy, fate, again) in [
            (Never, Fate::Known, true),
            (Never, Fate::LostBeforeHead, false),
            (Never, Fate::LostInside, false),
            (BeforeHead, Fate::LostBeforeHead, true),
            (BeforeHead, Fate::LostInside, false),
            (BeforeToken, Fate::LostBeforeHead, true),
            (BeforeToken, Fate::LostInside, true),
        ] {
            let policy = Policy { resend_unknown: Some(policy), ..Policy::default() };
            let settings = Settings::resolve(None, Some(&policy)).unwrap();
            for (idempotent, again) in [(false, again), (true, true)] {
                let decision =
                    decide(&settings, Situation { fate, idempotent, ..AT }, &lost, &mut Dice::new(1));
                assert_eq!(matches!(decision, Decision::Again { .. }), again, "{policy:?} {fate:?}");
                assert!(again || words(&decision).contains("resend_unknown"));
            }
        }
    }

    #[test]
    fn another_key_is_tried_at_once() {
        let at = Situation { other_key: true, ..AT };
        let refused = error(ErrorKind::Authentication, false, None);
        assert_eq!(decide_on(at, &refused), Decision::OtherKey);
        assert_eq!(decide_on(at, &error(ErrorKind::RateLimit, true, Some(9))), Decision::OtherKey);
        assert!(matches!(
            decide_on(at, &error(ErrorKind::Server, true, Some(9))),
            Decision::Again { delay_ms: 9, .. }
        ));
        assert_eq!(decide_on(AT, &refused), Decision::Elsewhere { why: None });
        // A first refusal is free, a second one counts.
        let spent = Situation { attempts: 3, ..at };
        assert_eq!(decide_on(Situation { free: true, ..spent }, &refused), Decision::OtherKey);
        assert_eq!(decide_on(spent, &refused), Decision::Elsewhere { why: None });
    }

    #[test]
    fn when_all_keys_rest_the_first_that_wakes_is_waited_for() {
        let limited = error(ErrorKind::RateLimit, true, Some(60_000));
        let decision = decide_on(Situation { keys_rest_ms: Some(2_000), ..AT }, &limited);
        assert_eq!(decision, Decision::Again { delay_ms: 2_000, reason: WaitReason::Keys, costs: false });
    }

    #[test]
    fn nobody_waits_long_while_another_model_is_at_hand() {
        let limited = |ms| error(ErrorKind::RateLimit, true, Some(ms));
        let at = Situation { other_model: true, left_ms: 600_000, ..AT };
        assert!(matches!(decide_on(at, &limited(8_000)), Decision::Again { .. }));
        assert!(words(&decide_on(at, &limited(8_001))).contains("another model is at hand"));
        assert!(matches!(
            decide_on(Situation { other_model: false, ..at }, &limited(8_001)),
            Decision::Again { .. }
        ));
    }
}
