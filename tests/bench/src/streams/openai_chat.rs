//! Chat completions in chunks: one answer as OpenAI spells it, one as DeepSeek does, one as OpenRouter does.

use super::{quoted, words};

/// Three answers.
pub(super) fn generate() -> Vec<String> {
    vec![openai(), deepseek(), openrouter()]
}

/// Text, then two calls of tools. Every chunk says who answers, and is padded against those who measure lengths.
fn openai() -> String {
    let mut body = String::new();
    let mut padding = 0;
    let mut chunk = |choices: &str, usage: &str| {
        padding += 1;
        body.push_str(&format!(
            "data: {{\"id\":\"chatcmpl-D4vmQbrXv3CaE3CbmkrAicoCtC1hL\",\"object\":\"chat.completion.chunk\",\"created\":1795624834,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_7c1a94f0e2\",\"choices\":[{choices}],\"usage\":{usage},\"obfuscation\":\"{}\"}}\n\n",
            words::noise(padding, 3 + padding * 5 % 13).replace(['+', '/'], "0"),
        ));
    };
    let choice = |delta: &str, finish: &str| {
        format!(r#"{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish}}}"#)
    };
    chunk(&choice(r#""role":"assistant","content":"","refusal":null"#, "null"), "null");
    for token in words::tokens(300) {
        chunk(&choice(&format!("\"content\":{}", quoted(token)), "null"), "null");
    }
    for (index, id) in ["call_9Tq2VbXnLr4sKe81", "call_Zw6PfYd03MhJu5Ca"].iter().enumerate() {
        let call = format!(
            r#""tool_calls":[{{"index":{index},"id":"{id}","type":"function","function":{{"name":"look_up_tides","arguments":""}}}}]"#
        );
        chunk(&choice(&call, "null"), "null");
        for piece in words::arguments() {
            let call =
                format!(r#""tool_calls":[{{"index":{index},"function":{{"arguments":{}}}}}]"#, quoted(piece));
            chunk(&choice(&call, "null"), "null");
        }
    }
    chunk(&choice("", "\"tool_calls\""), "null");
    chunk(
        "",
        r#"{"prompt_tokens":192,"completion_tokens":361,"total_tokens":553,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#,
    );
    body + "data: [DONE]\n\n"
}

/// Thinking, then text.
fn deepseek() -> String {
    let mut body = String::new();
    let mut chunk = |delta: &str, finish: &str, usage: &str| {
        body.push_str(&format!(
            "data: {{\"id\":\"6c2f0b1e-7d94-4f3a-9a55-0f1d8e27b3c4\",\"object\":\"chat.completion.chunk\",\"created\":1795624834,\"model\":\"deepseek-reasoner\",\"system_fingerprint\":\"fp_31b06de7a4_prod1120_fp8_kvcache\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"logprobs\":null,\"finish_reason\":{finish}}}],\"usage\":{usage}}}\n\n",
        ));
    };
    chunk(r#""role":"assistant","content":null,"reasoning_content":"""#, "null", "null");
    for token in words::tokens(150) {
        chunk(&format!(r#""content":null,"reasoning_content":{}"#, quoted(token)), "null", "null");
    }
    for token in words::tokens(150) {
        chunk(&format!(r#""content":{},"reasoning_content":null"#, quoted(token)), "null", "null");
    }
    chunk(
        r#""content":"","reasoning_content":null"#,
        "\"stop\"",
        r#"{"prompt_tokens":290,"completion_tokens":301,"total_tokens":591,"prompt_tokens_details":{"cached_tokens":256},"completion_tokens_details":{"reasoning_tokens":150},"prompt_cache_hit_tokens":256,"prompt_cache_miss_tokens":34}"#,
    );
    body + "data: [DONE]\n\n"
}

/// Comments while nothing comes; then thinking, said twice: as words, and in pieces of what goes back; then text.
fn openrouter() -> String {
    let mut body = ": OPENROUTER PROCESSING\n\n".repeat(4);
    let mut chunk = |delta: &str, finish: &str, usage: &str| {
        body.push_str(&format!(
            "data: {{\"id\":\"gen-1795624834-hZ3udULMRFB7De1Xb7K\",\"provider\":\"OpenAI\",\"model\":\"openai/o4-mini\",\"object\":\"chat.completion.chunk\",\"created\":1795624834,\"choices\":[{{\"index\":0,\"delta\":{{\"role\":\"assistant\",{delta}}},\"finish_reason\":{finish},\"native_finish_reason\":{finish},\"logprobs\":null}}]{usage}}}\n\n",
        ));
    };
    for token in words::tokens(150).map(quoted) {
        let detail = format!(
            r#"{{"type":"reasoning.summary","summary":{token},"format":"openai-responses-v1","index":0}}"#
        );
        chunk(&format!(r#""content":"","reasoning":{token},"reasoning_details":[{detail}]"#), "null", "");
    }
    let data = words::noise(2, 800);
    let detail = format!(
        r#"{{"type":"reasoning.encrypted","data":"{data}","format":"openai-responses-v1","index":0,"id":"rs_01be596b625bf0b1"}}"#
    );
    chunk(&format!(r#""content":"","reasoning":null,"reasoning_details":[{detail}]"#), "null", "");
    for token in words::tokens(150) {
        chunk(&format!("\"content\":{}", quoted(token)), "null", "");
    }
    chunk(
        "\"content\":\"\"",
        "\"stop\"",
        r#","usage":{"prompt_tokens":57,"completion_tokens":330,"total_tokens":387,"cost":0.0014817,"is_byok":false,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"cost_details":{"upstream_inference_cost":0.0014817},"completion_tokens_details":{"reasoning_tokens":180}}"#,
    );
    body + "data: [DONE]\n\n"
}
