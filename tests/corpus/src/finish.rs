//! Why an answer stopped: the provider's word, and what our word for it must be by a table of the comparer's own.

use literllm_core::types::Choice;
use serde_json::Value;

/// The providers' words, per API, and ours.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("chat", &["stop", "eos", "end_turn", "stop_sequence", "COMPLETE", "STOP"], "stop"),
    ("chat", &["length", "max_tokens", "model_length", "MAX_TOKENS"], "length"),
    ("chat", &["tool_calls", "tool_use", "function_call"], "tool_calls"),
    ("chat", &["content_filter", "refusal", "SAFETY"], "content_filter"),
    ("chat", &["pause_turn"], "pause"),
    ("chat", &["error"], "error"),
    ("messages", &["end_turn", "stop_sequence"], "stop"),
    ("messages", &["max_tokens", "model_context_window_exceeded"], "length"),
    ("messages", &["tool_use"], "tool_calls"),
    ("messages", &["refusal"], "content_filter"),
    ("messages", &["pause_turn"], "pause"),
    ("chat_v2", &["COMPLETE", "STOP_SEQUENCE"], "stop"),
    ("chat_v2", &["MAX_TOKENS"], "length"),
    ("chat_v2", &["TOOL_CALL"], "tool_calls"),
    ("chat_v2", &["ERROR_TOXIC"], "content_filter"),
    ("chat_v2", &["ERROR", "TIMEOUT"], "error"),
];

/// Both our words; an answer that broke off has none.
pub(crate) fn ours(choice: Option<&Choice>) -> String {
    let Some(finish) = choice.and_then(|choice| choice.finish.as_ref()) else { return words("", "none") };
    let unified = serde_json::to_value(finish.unified).unwrap_or_default();
    words(finish.raw.as_deref().unwrap_or_default(), unified.as_str().unwrap_or_default())
}

/// The same of a choice as the SDK read it. `broke_off`: an error ended the answer.
pub(crate) fn theirs(api: &str, choice: &Value, broke_off: bool) -> String {
    let raw = choice["finish_reason_raw"].as_str().unwrap_or_default();
    if broke_off && raw.is_empty() {
        return words("", "none");
    }
    let called = choice["tool_calls"].as_array().is_some_and(|calls| !calls.is_empty())
        || choice["function_call"]["name"].as_str().is_some_and(|name| !name.is_empty());
    let known = WORDS.iter().find(|(of, spelt, _)| *of == api && spelt.contains(&raw));
    let unified = match known.map_or("other", |(_, _, unified)| unified) {
        // Some providers say `stop` after tool calls.
        "stop" if called => "tool_calls",
        other => other,
    };
    words(raw, unified)
}

fn words(raw: &str, unified: &str) -> String {
    format!("{raw:?} {unified}")
}
