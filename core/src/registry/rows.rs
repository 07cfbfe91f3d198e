//! The providers that come with the library, one row each.
//!
//! Base URLs and key variables are those of the providers' own documentation and SDKs; quirks are what the
//! recorded traffic shows.

use super::{BEARER, BuiltinRow, Quirks};

const COMPATIBLE: Quirks = Quirks::COMPATIBLE;

/// DeepSeek's dialect: reasoning is `reasoning_content`, in both directions.
const REASONING_CONTENT: Quirks = Quirks { reasoning_field: Some("reasoning_content"), ..COMPATIBLE };

/// Servers of open models take the samplers of open models.
const OPEN_MODELS: Quirks = Quirks { top_k: true, ..COMPATIBLE };

const fn row(
    id: &'static str,
    base_url: &'static str,
    key_env: &'static [&'static str],
    quirks: Quirks,
) -> BuiltinRow {
    BuiltinRow { id, protocol: "openai-chat", base_url, auth: BEARER, key_env, quirks }
}

pub(crate) const BUILTIN: &[BuiltinRow] = &[
    row(
        "openai",
        "https://api.openai.com/v1",
        &["OPENAI_API_KEY"],
        Quirks { max_tokens_field: "max_completion_tokens", developer_role: true, ..COMPATIBLE },
    ),
    BuiltinRow {
        id: "anthropic",
        protocol: "anthropic-messages",
        base_url: "https://api.anthropic.com/v1",
        auth: ("x-api-key", ""),
        key_env: &["ANTHROPIC_API_KEY"],
        quirks: COMPATIBLE,
    },
    row(
        "alibaba",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_KEY"],
        REASONING_CONTENT,
    ),
    row("cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"], COMPATIBLE),
    row("deepinfra", "https://api.deepinfra.com/v1/openai", &["DEEPINFRA_API_KEY"], OPEN_MODELS),
    row("deepseek", "https://api.deepseek.com", &["DEEPSEEK_API_KEY"], REASONING_CONTENT),
    row("fireworks", "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"], OPEN_MODELS),
    row("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"], COMPATIBLE),
    row("huggingface", "https://router.huggingface.co/v1", &["HF_TOKEN"], COMPATIBLE),
    row("moonshot", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"], REASONING_CONTENT),
    row("nvidia", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"], COMPATIBLE),
    row("openrouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"], OPEN_MODELS),
    row(
        "perplexity",
        "https://api.perplexity.ai",
        &["PERPLEXITY_API_KEY"],
        Quirks { stream_usage_option: false, ..COMPATIBLE },
    ),
    row("together", "https://api.together.xyz/v1", &["TOGETHER_API_KEY"], OPEN_MODELS),
    row("venice", "https://api.venice.ai/api/v1", &["VENICE_API_KEY"], OPEN_MODELS),
    row("xai", "https://api.x.ai/v1", &["XAI_API_KEY"], COMPATIBLE),
    row("zai", "https://api.z.ai/api/paas/v4", &["ZAI_API_KEY"], REASONING_CONTENT),
    // Servers on this machine; they want no key.
    row("llamacpp", "http://127.0.0.1:8080/v1", &[], OPEN_MODELS),
    row("lmstudio", "http://127.0.0.1:1234/v1", &[], OPEN_MODELS),
    row("ollama", "http://127.0.0.1:11434/v1", &[], COMPATIBLE),
    row("vllm", "http://127.0.0.1:8000/v1", &[], OPEN_MODELS),
];
