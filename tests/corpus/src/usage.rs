//! Tokens as the provider counts them, read by name from the SDK's own object: what the partition must hold.

use literllm_core::types::Usage;
use serde_json::Value;

/// Where each count stands, per API; the first place that has one counts.
struct Places {
    api: &'static str,
    input: &'static [&'static str],
    output: &'static [&'static str],
    cached: &'static [&'static str],
    written: &'static [&'static str],
    reasoning: &'static [&'static str],
    /// Counts that stand beside the input and belong to it.
    beside_input: &'static [&'static str],
}

const PLACES: &[Places] = &[
    Places {
        api: "chat",
        input: &["/prompt_tokens", "/input_tokens"],
        output: &["/completion_tokens", "/output_tokens"],
        cached: &["/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens", "/cached_tokens"],
        written: &["/prompt_tokens_details/cache_write_tokens"],
        reasoning: &["/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"],
        beside_input: &[],
    },
    Places {
        api: "messages",
        input: &["/input_tokens"],
        output: &["/output_tokens"],
        cached: &["/cache_read_input_tokens"],
        written: &["/cache_creation_input_tokens"],
        reasoning: &["/output_tokens_details/thinking_tokens"],
        beside_input: &["/cache_read_input_tokens", "/cache_creation_input_tokens"],
    },
    Places {
        api: "chat_v2",
        input: &["/tokens/input_tokens", "/billed_units/input_tokens"],
        output: &["/tokens/output_tokens", "/billed_units/output_tokens"],
        cached: &["/cached_tokens"],
        written: &[],
        reasoning: &["/tokens/reasoning_tokens"],
        beside_input: &[],
    },
];

/// `input, output, cached, written, reasoning` of an SDK's usage object, in words.
pub(crate) fn theirs(api: &str, raw: &Value) -> String {
    let Some(places) = PLACES.iter().find(|places| places.api == api) else { return String::new() };
    let count = |place: &&str| raw.pointer(place).and_then(number);
    let first = |list: &[&str]| list.iter().find_map(count);
    let beside: u64 = places.beside_input.iter().filter_map(count).sum();
    let (input, mut output) = (first(places.input).map(|input| input + beside), first(places.output));
    let reasoning = first(places.reasoning);
    // xAI counts reasoning beside the completion; its total shows it.
    if let (Some(all), Some(input), Some(said), Some(reasoning)) =
        (raw.pointer("/total_tokens").and_then(number), input, output, reasoning)
        && reasoning > 0
        && input + said + reasoning == all
    {
        output = Some(said + reasoning);
    }
    words([input, output, first(places.cached), first(places.written), reasoning])
}

/// The same of our partition, which must add up.
pub(crate) fn ours(usage: &Usage) -> String {
    let sum = |parts: &[Option<u64>]| parts.iter().flatten().sum::<u64>();
    let input = [usage.input_uncached_tokens, usage.input_cache_read_tokens, usage.input_cache_write_tokens];
    let output = [usage.output_text_tokens, usage.output_reasoning_tokens];
    for (total, parts) in [(usage.input_tokens, &input[..]), (usage.output_tokens, &output[..])] {
        if parts[0].is_some() && total.is_some_and(|total| total != sum(parts)) {
            return format!("parts that do not add up: {usage:?}");
        }
    }
    words([
        usage.input_tokens,
        usage.output_tokens,
        usage.input_cache_read_tokens,
        usage.input_cache_write_tokens,
        usage.output_reasoning_tokens,
    ])
}

fn words(counts: [Option<u64>; 5]) -> String {
    let [input, output, cached, written, reasoning] = counts;
    format!("input {input:?} output {output:?} cached {cached:?} written {written:?} reasoning {reasoning:?}")
}

/// SDKs read some counts as floats.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0).map(|float| float as u64)
    })
}

/// A usage object without what is null, its numbers as floats: SDKs leave out the first and change the second.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}
