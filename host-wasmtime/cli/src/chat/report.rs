//! What a call cost, told on standard error after its answer.

use literllm_host::types::{AttemptEnd, AttemptReport, Report, Usage, WaitReason};
use literllm_host::{Answer, Client, Error};

use super::word;
use crate::output::{note, printable};

/// Of a call that went well.
pub(super) fn answered(answer: &Answer, client: &Client) {
    let response = &answer.response;
    let model = response.model.as_deref().unwrap_or("which model it does not say");
    note(&format!("\nprovider     {}, {}", response.provider, printable(model)));
    note(&format!(
        "usage        {}",
        answer.usage().map_or_else(|| "the provider did not tell".to_owned(), usage)
    ));
    if let Some(raw) = answer.finish().and_then(|finish| finish.raw.as_deref()) {
        note(&format!("finish       {}", printable(raw)));
    }
    times(&answer.report);
    component(client);
}

/// Of a call that failed, as far as it had come.
pub(super) fn failed(error: &Error, client: &Client) {
    note("");
    if let Some(usage_so_far) = error.detail.partial.as_deref().and_then(|partial| partial.usage.as_ref()) {
        note(&format!("usage        {} so far", usage(usage_so_far)));
    }
    if let Some(report) = &error.report {
        times(report);
    }
    component(client);
}

fn usage(usage: &Usage) -> String {
    let count = |count: Option<u64>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let mut text = format!("{} tokens in, {} out", count(usage.input_tokens), count(usage.output_tokens));
    for (count, what) in
        [(usage.input_cache_read_tokens, "from the cache"), (usage.output_reasoning_tokens, "for thinking")]
    {
        if let Some(count) = count.filter(|count| *count > 0) {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}

fn times(report: &Report) {
    let first = report.first_token_ms.map_or_else(|| "none came".to_owned(), |ms| format!("after {ms} ms"));
    note(&format!("first token  {first}"));
    note(&format!("whole call   {} ms", report.ended_ms.saturating_sub(report.started_ms)));
    if report.held_ms > 0 {
        note(&format!("held back    {} ms", report.held_ms));
    }
    note(&format!("attempts     {}", report.attempts.len()));
    // One that went well is told in the lines above.
    if report.attempts.iter().any(|attempt| attempt.end != AttemptEnd::Answered) {
        report.attempts.iter().for_each(|attempt| note(&format!("  {}", line(attempt))));
    }
}

/// The same, and why.
fn line(report: &AttemptReport) -> String {
    let cause = report.cause.as_deref().map_or_else(String::new, |cause| format!(": {}", printable(cause)));
    format!("{}{cause}", attempt(report))
}

/// An attempt in a line: whom it asked, what came of it, what was waited for.
pub(crate) fn attempt(report: &AttemptReport) -> String {
    let AttemptReport { attempt, provider, model, key_slot, .. } = report;
    let end = match report.end {
        AttemptEnd::Answered => "answered",
        AttemptEnd::Failed => "failed",
        AttemptEnd::Aborted => "broken off",
    };
    let key = if *key_slot > 0 { format!(" with spare key {key_slot}") } else { String::new() };
    let mut text = format!("{attempt} at {provider}/{model}{key}: {end}");
    if let Some(status) = report.status {
        text.push_str(&format!(" {status}"));
    }
    if let Some(kind) = report.error {
        text.push_str(&format!(" {}", word(kind)));
    }
    text.push_str(&format!(" after {} ms", report.ended_ms.saturating_sub(report.started_ms)));
    if report.maybe_billed && report.end != AttemptEnd::Answered {
        text.push_str(", may be billed");
    }
    match (report.wait_ms, report.wait_reason) {
        (Some(ms), Some(WaitReason::Hint)) => {
            text.push_str(&format!(", then the pause of {ms} ms it asked for"))
        }
        (Some(ms), _) if ms > 0 => text.push_str(&format!(", then a pause of {ms} ms")),
        _ => {}
    }
    text
}

fn component(client: &Client) {
    let Some(info) = client.component_info() else {
        return note("engine       native: the core is linked in, without a sandbox");
    };
    // Counted from the bytes that ran, not from what we believe of them.
    let imports = literllm_verify::inspect(info.bytes)
        .map_or_else(|error| error.to_string(), |found| found.imports().to_string());
    note(&format!("component    {} bytes, {imports} imports, sha256 {}", info.size_bytes, info.sha256));
}
