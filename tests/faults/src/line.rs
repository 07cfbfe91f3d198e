//! What a runner says of a script it has played: one line of JSON, the same in every language.

use literllm_core::types::{Error, Notice, Outcome, OutcomeResult, Report, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One script, played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name.
    pub script: String,
    /// What came of each call.
    pub calls: Vec<CallLine>,
}

/// What came of one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallLine {
    /// `response`, or the kind of the error.
    pub outcome: String,
    /// The text of the first choice, as far as it came.
    pub text: String,
    /// What may be done next. Of an answer: nothing.
    pub next: Vec<String>,
    /// Whether an attempt of a failed call may have been billed.
    pub maybe_billed: bool,
    /// Which bound of time passed.
    pub deadline: Option<String>,
    /// The error's message. Not compared between hosts, since their transports have words of their own.
    pub message: Option<String>,
    /// Fields that the answer, or what came of it, warns of.
    pub warnings: Vec<String>,
    /// The attempts of the report.
    pub attempts: Vec<AttemptLine>,
    /// The notices among the events. None where the call was not streamed.
    pub notices: Vec<NoticeLine>,
}

/// One attempt of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttemptLine {
    /// `provider/model`.
    pub model: String,
    /// As in the report.
    pub status: Option<u16>,
    /// As in the report.
    pub error: Option<String>,
    /// As in the report.
    pub wait_ms: Option<u64>,
    /// As in the report.
    pub wait_reason: Option<String>,
    /// As in the report.
    pub key_slot: u64,
    /// As in the report.
    pub maybe_billed: bool,
}

/// One notice; each kind has its own of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoticeLine {
    /// `retry`, `fallback` or `hold`.
    pub r#type: String,
    /// Of a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_model: Option<String>,
    /// Of a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_model: Option<String>,
    /// Of a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Of a retry or a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Of a retry or a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of a retry or a hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

impl CallLine {
    /// A call that ended.
    pub fn of(outcome: &Outcome, notices: &[Notice]) -> Self {
        match &outcome.result {
            OutcomeResult::Response(response) => Self::answered(response, &outcome.report, notices),
            OutcomeResult::Error(error) => Self::failed(error, Some(&outcome.report), notices),
        }
    }

    /// A call that was answered.
    pub fn answered(response: &Response, report: &Report, notices: &[Notice]) -> Self {
        Self {
            outcome: "response".into(),
            text: response.text(),
            next: Vec::new(),
            maybe_billed: false,
            deadline: None,
            message: None,
            warnings: warnings(response),
            attempts: attempts(report),
            notices: notices.iter().map(NoticeLine::of).collect(),
        }
    }

    /// A call that failed. Without a report it never began.
    pub fn failed(error: &Error, report: Option<&Report>, notices: &[Notice]) -> Self {
        Self {
            outcome: word(&error.kind),
            text: error.partial.as_deref().map(Response::text).unwrap_or_default(),
            next: error.next.iter().map(word).collect(),
            maybe_billed: error.maybe_billed,
            deadline: error.deadline.as_ref().map(word),
            message: Some(error.message.clone()),
            warnings: error.partial.as_deref().map(warnings).unwrap_or_default(),
            attempts: report.map(attempts).unwrap_or_default(),
            notices: notices.iter().map(NoticeLine::of).collect(),
        }
    }
}

impl NoticeLine {
    fn of(notice: &Notice) -> Self {
        let mut line = Self {
            r#type: String::new(),
            from_model: None,
            to_model: None,
            model: None,
            error: None,
            reason: None,
            delay_ms: None,
        };
        match notice {
            Notice::Retry(retry) => {
                line.r#type = "retry".into();
                line.error = Some(word(&retry.error));
                line.reason = Some(word(&retry.reason));
                line.delay_ms = Some(retry.delay_ms);
            }
            Notice::Fallback(fallback) => {
                line.r#type = "fallback".into();
                line.from_model = Some(fallback.from_model.clone());
                line.to_model = Some(fallback.to_model.clone());
                line.error = Some(word(&fallback.error));
            }
            Notice::Hold(hold) => {
                line.r#type = "hold".into();
                line.model = Some(hold.model.clone());
                line.reason = Some(word(&hold.reason));
                line.delay_ms = Some(hold.delay_ms);
            }
        }
        line
    }
}

fn warnings(response: &Response) -> Vec<String> {
    response.warnings.iter().map(|warning| warning.field.clone()).collect()
}

fn attempts(report: &Report) -> Vec<AttemptLine> {
    let attempt = |attempt: &literllm_core::types::AttemptReport| AttemptLine {
        model: format!("{}/{}", attempt.provider, attempt.model),
        status: attempt.status,
        error: attempt.error.as_ref().map(word),
        wait_ms: attempt.wait_ms,
        wait_reason: attempt.wait_reason.as_ref().map(word),
        key_slot: attempt.key_slot.into(),
        maybe_billed: attempt.maybe_billed,
    };
    report.attempts.iter().map(attempt).collect()
}

/// How the contract spells a value of one of its enums.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}
