//! What a call cost, told on standard error after its answer.

use literllm_host::types::{AttemptEnd, AttemptReport, Report, Usage};
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
    note(&format!("attempts     {}", report.attempts.len()));
    // One that went well is told in the lines above.
    if report.attempts.iter().any(|attempt| attempt.end != AttemptEnd::Answered) {
        report.attempts.iter().for_each(|attempt| note(&format!("  {}", line(attempt))));
    }
}

fn line(attempt: &AttemptReport) -> String {
    let status = attempt.status.map(|status| format!(" {status}")).unwrap_or_default();
    let took = attempt.ended_ms.saturating_sub(attempt.started_ms);
    let mut text = match attempt.end {
        AttemptEnd::Answered => format!("{}: answered{status} in {took} ms", attempt.attempt),
        AttemptEnd::Failed => format!("{}: failed{status} after {took} ms", attempt.attempt),
        AttemptEnd::Aborted => format!("{}: broken off{status} after {took} ms", attempt.attempt),
    };
    if let Some(kind) = attempt.error {
        text.push_str(&format!(", {}", word(kind)));
    }
    if let Some(cause) = &attempt.cause {
        text.push_str(&format!(": {}", printable(cause)));
    }
    if let Some(wait_ms) = attempt.wait_ms {
        text.push_str(&format!("; then a pause of {wait_ms} ms"));
    }
    if attempt.maybe_billed && attempt.end != AttemptEnd::Answered {
        text.push_str("; may be billed");
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
