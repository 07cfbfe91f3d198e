//! The answer as one JSON object, for programs.

use literllm_host::Error;
use literllm_host::types::{self, Finish, Report, Usage, Warning};
use serde::Serialize;

use super::{EngineName, Told};
use crate::output;

/// What `--json` prints. Absent is left out, lists always stand.
#[derive(Serialize)]
struct AnswerObject<'a> {
    provider: &'a str,
    /// As the provider names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    engine: &'static str,
    text: String,
    /// The same text in the pieces in which it came.
    tokens: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    finish: Option<&'a Finish>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a Usage>,
    warnings: &'a [Warning],
    report: &'a Report,
}

#[derive(Serialize)]
struct ErrorObject<'a> {
    error: &'a types::Error,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a Report>,
}

pub(super) fn answer(told: &Told, engine: EngineName) -> std::io::Result<()> {
    let response = &told.answer.response;
    output::json(&AnswerObject {
        provider: &response.provider,
        model: response.model.as_deref(),
        engine: match engine {
            EngineName::Component => "component",
            EngineName::Native => "native",
        },
        text: told.answer.text(),
        tokens: &told.tokens,
        finish: told.answer.finish(),
        usage: told.answer.usage(),
        warnings: &response.warnings,
        report: &told.answer.report,
    })
}

pub(super) fn error(error: &Error) -> std::io::Result<()> {
    output::json(&ErrorObject { error: &error.detail, report: error.report.as_ref() })
}
