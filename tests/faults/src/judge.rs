//! Holds what a runner says against what its script expects, and against what another runner says.

use crate::line::{AttemptLine, CallLine, Line, NoticeLine};
use crate::script::{Attempt, Expect, Notice, Script, Wait};

/// Everything of `line` that is not as the script expects, one sentence each.
pub fn faults(script: &Script, line: &Line) -> Vec<String> {
    let mut found = Found(Vec::new());
    if line.calls.len() != script.expect.len() {
        found.0.push(format!("{} calls instead of {}", line.calls.len(), script.expect.len()));
    }
    for (at, (expect, call)) in script.expect.iter().zip(&line.calls).enumerate() {
        let streamed = script.is_streamed(&script.call[at]);
        found.call(&format!("call {}", at + 1), script, expect, call, streamed);
    }
    found.0
}

/// What two runners decided differently. Waits are left to the script, words to the transports.
pub fn difference(one: &Line, other: &Line) -> Option<String> {
    let decided = |line: &Line| {
        let mut line = line.clone();
        for call in &mut line.calls {
            call.message = None;
            call.attempts.iter_mut().for_each(|attempt| attempt.wait_ms = attempt.wait_ms.map(|_| 0));
            call.notices.iter_mut().for_each(|notice| notice.delay_ms = notice.delay_ms.map(|_| 0));
        }
        line
    };
    let (one, other) = (decided(one), decided(other));
    let calls = one.calls.iter().zip(&other.calls).find(|(one, other)| one != other);
    match calls {
        Some((one, other)) => Some(format!("expected {}\n    found    {}", text(one), text(other))),
        None => (one != other).then(|| format!("expected {}\n    found    {}", text(&one), text(&other))),
    }
}

fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| error.to_string())
}

struct Found(Vec<String>);

impl Found {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, place: &str, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.0.push(format!("{place}: {what} is {found:?} instead of {expected:?}"));
        }
    }

    fn call(&mut self, place: &str, script: &Script, expect: &Expect, call: &CallLine, streamed: bool) {
        self.equal(place, "outcome", &expect.outcome, &call.outcome);
        if let Some(text) = &expect.text {
            self.equal(place, "text", text, &call.text);
        }
        if let Some(next) = &expect.next {
            self.equal(place, "next", next, &call.next);
        }
        self.equal(place, "maybe_billed", &expect.maybe_billed, &call.maybe_billed);
        self.equal(place, "deadline", &expect.deadline, &call.deadline);
        self.equal(place, "warnings", &expect.warnings, &call.warnings);
        let message = call.message.as_deref().unwrap_or_default();
        for piece in expect.says.iter().filter(|piece| !message.contains(piece.as_str())) {
            self.0.push(format!("{place}: the message does not say {piece:?}: {message}"));
        }
        self.equal(place, "the number of attempts", &expect.attempts.len(), &call.attempts.len());
        for (at, (expected, found)) in expect.attempts.iter().zip(&call.attempts).enumerate() {
            self.attempt(&format!("{place}, attempt {}", at + 1), script, expected, found);
        }
        if let Some(notices) = expect.notices.as_ref().filter(|_| streamed) {
            self.equal(place, "the number of notices", &notices.len(), &call.notices.len());
            for (at, (expected, found)) in notices.iter().zip(&call.notices).enumerate() {
                self.notice(&format!("{place}, notice {}", at + 1), expected, found);
            }
        }
    }

    fn attempt(&mut self, place: &str, script: &Script, expected: &Attempt, found: &AttemptLine) {
        self.equal(place, "model", expected.model.as_ref().unwrap_or(&script.model), &found.model);
        self.equal(place, "status", &expected.status, &found.status);
        self.equal(place, "error", &expected.error, &found.error);
        self.wait(place, "wait_ms", expected.wait_ms, found.wait_ms);
        self.equal(place, "wait_reason", &expected.wait_reason, &found.wait_reason);
        self.equal(place, "key_slot", &expected.key_slot, &found.key_slot);
        self.equal(place, "maybe_billed", &expected.maybe_billed, &found.maybe_billed);
    }

    fn notice(&mut self, place: &str, expected: &Notice, found: &NoticeLine) {
        self.equal(place, "type", &expected.r#type, &found.r#type);
        for (what, expected, found) in [
            ("from_model", &expected.from_model, &found.from_model),
            ("to_model", &expected.to_model, &found.to_model),
            ("model", &expected.model, &found.model),
            ("error", &expected.error, &found.error),
            ("reason", &expected.reason, &found.reason),
        ] {
            self.equal(place, what, expected, found);
        }
        self.wait(place, "delay_ms", expected.delay_ms, found.delay_ms);
    }

    fn wait(&mut self, place: &str, what: &str, expected: Option<Wait>, found: Option<u64>) {
        let fits = match (expected, found) {
            (Some(expected), Some(found)) => expected.fits(found),
            (None, None) => true,
            _ => false,
        };
        if !fits {
            self.0.push(format!("{place}: {what} is {found:?} instead of {expected:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = r#"
        about = "One pause."
        answers = ["status=503", "ok"]
        [[expect]]
        outcome = "response"
        attempts = [
            { status = 503, error = "overloaded", wait_ms = { min = 1, max = 9 }, wait_reason = "backoff" },
            { status = 200 },
        ]
        notices = [{ type = "retry", error = "overloaded", reason = "backoff", delay_ms = 5 }]
    "#;

    fn line() -> Line {
        let text = r#"{"script": "a/b", "calls": [{"outcome": "response", "text": "Hi", "next": [],
            "maybe_billed": false, "deadline": null, "message": null, "warnings": [], "attempts": [
            {"model": "openai/mock-small", "status": 503, "error": "overloaded", "wait_ms": 5,
             "wait_reason": "backoff", "key_slot": 0, "maybe_billed": false},
            {"model": "openai/mock-small", "status": 200, "error": null, "wait_ms": null,
             "wait_reason": null, "key_slot": 0, "maybe_billed": false}],
            "notices": [{"type": "retry", "error": "overloaded", "reason": "backoff", "delay_ms": 5}]}]}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_is_as_expected_is_no_fault_and_everything_else_is() {
        let script = Script::read("a/b", SCRIPT).unwrap();
        assert_eq!(faults(&script, &line()), Vec::<String>::new());
        let changes: [fn(&mut CallLine); 7] = [
            |call| call.outcome = "server".into(),
            |call| call.maybe_billed = true,
            |call| call.attempts[0].wait_ms = Some(10),
            |call| call.attempts[1].wait_ms = Some(0),
            |call| call.attempts[1].key_slot = 1,
            |call| call.notices[0].delay_ms = Some(6),
            |call| call.warnings.push("messages".into()),
        ];
        for change in changes {
            let mut line = line();
            change(&mut line.calls[0]);
            assert_eq!(faults(&script, &line).len(), 1, "{line:?}");
        }
    }

    #[test]
    fn hosts_may_differ_in_their_words_alone() {
        let (one, mut other) = (line(), line());
        other.calls[0].message = Some("in words of its own".into());
        other.calls[0].attempts[0].wait_ms = Some(7);
        assert_eq!(difference(&one, &other), None);
        other.calls[0].text = "Ho".into();
        assert!(difference(&one, &other).unwrap().contains("Ho"));
    }
}
