//! The providers that come with the library, one row each.
//!
//! Base URLs and key variables are those of the providers' own documentation and SDKs; quirks are what the
//! recorded traffic shows.

use super::{BEARER, BuiltinRow, Quirks};

const COMPATIBLE: Quirks = Quirks::COMPATIBLE;

/// DeepSeek's dialect: reasoning is `reasoning_content`, in both directions.
const REASONING_CONTENT: Quirks = Quirks { reasoning_field: Some("reasoning_content"), ..COMPATIBLE };

/// Others say `reasoning`, in both directions.
const REASONING: Quirks = Quirks { reasoning_field: Some("reasoning"), ..COMPATIBLE };

/// Servers of open models take the samplers of open models.
const OPEN_MODELS: Quirks = Quirks { top_k: true, ..COMPATIBLE };

/// Both.
const OPEN_MODELS_REASONING: Quirks = Quirks { top_k: true, ..REASONING_CONTENT };

/// No base URL: a key must not go to a place that we made up.
const OF_THE_ACCOUNT: &str = "";

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
    BuiltinRow {
        id: "cohere",
        protocol: "cohere-chat",
        base_url: "https://api.cohere.com/v2",
        auth: BEARER,
        key_env: &["CO_API_KEY", "COHERE_API_KEY"],
        quirks: COMPATIBLE,
    },
    row("ai21", "https://api.ai21.com/studio/v1", &["AI21_API_KEY"], COMPATIBLE),
    row(
        "alibaba",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_KEY"],
        REASONING_CONTENT,
    ),
    row("avian", "https://api.avian.io/v1", &["AVIAN_API_KEY"], REASONING_CONTENT),
    row(
        "bedrock_mantle",
        "https://bedrock-mantle.us-east-1.api.aws/v1",
        &["AWS_BEARER_TOKEN_BEDROCK"],
        COMPATIBLE,
    ),
    row("cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"], REASONING),
    row(
        "copilot",
        "https://api.githubcopilot.com",
        &["GITHUB_COPILOT_TOKEN"],
        Quirks { reasoning_field: Some("reasoning_text"), ..COMPATIBLE },
    ),
    row("crusoe", "https://api.inference.crusoecloud.com/v1", &["CRUSOE_API_KEY"], REASONING),
    row("deepinfra", "https://api.deepinfra.com/v1/openai", &["DEEPINFRA_API_KEY"], OPEN_MODELS),
    row("deepseek", "https://api.deepseek.com", &["DEEPSEEK_API_KEY"], REASONING_CONTENT),
    row("doubleword", "https://api.doubleword.ai/v1", &["DOUBLEWORD_API_KEY"], OPEN_MODELS_REASONING),
    row("fireworks", "https://api.fireworks.ai/inference/v1", &["FIREWORKS_API_KEY"], OPEN_MODELS_REASONING),
    row(
        "gemini_openai",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        COMPATIBLE,
    ),
    row("github_models", "https://models.github.ai/inference", &["GITHUB_TOKEN"], COMPATIBLE),
    row("groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"], COMPATIBLE),
    row("heroku", "https://us.inference.heroku.com/v1", &["HEROKU_INFERENCE_KEY"], COMPATIBLE),
    row("huggingface", "https://router.huggingface.co/v1", &["HF_TOKEN"], COMPATIBLE),
    row("moonshot", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"], REASONING_CONTENT),
    row("nvidia", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"], COMPATIBLE),
    row(
        "openrouter",
        "https://openrouter.ai/api/v1",
        &["OPENROUTER_API_KEY"],
        Quirks { top_k: true, ..REASONING },
    ),
    row(
        "perplexity",
        "https://api.perplexity.ai",
        &["PERPLEXITY_API_KEY"],
        Quirks { stream_usage_option: false, ..COMPATIBLE },
    ),
    BuiltinRow {
        auth: ("x-portkey-api-key", ""),
        ..row("portkey", "https://api.portkey.ai/v1", &["PORTKEY_API_KEY"], COMPATIBLE)
    },
    row("together", "https://api.together.xyz/v1", &["TOGETHER_API_KEY"], OPEN_MODELS),
    row("venice", "https://api.venice.ai/api/v1", &["VENICE_API_KEY"], OPEN_MODELS),
    row("vercel_gateway", "https://ai-gateway.vercel.sh/v1", &["AI_GATEWAY_API_KEY"], REASONING),
    row(
        "writer",
        "https://api.writer.com/v1",
        &["WRITER_API_KEY"],
        Quirks { chat_path: "/chat", ..COMPATIBLE },
    ),
    row("xai", "https://api.x.ai/v1", &["XAI_API_KEY"], REASONING_CONTENT),
    row("zai", "https://api.z.ai/api/paas/v4", &["ZAI_API_KEY"], REASONING_CONTENT),
    // Each account has an address of its own, which the caller's configuration names.
    row("cloudflare", OF_THE_ACCOUNT, &["CLOUDFLARE_API_TOKEN"], OPEN_MODELS),
    row("databricks", OF_THE_ACCOUNT, &["DATABRICKS_TOKEN"], COMPATIBLE),
    row("snowflake", OF_THE_ACCOUNT, &["SNOWFLAKE_PAT"], COMPATIBLE),
    // Servers on this machine; they want no key.
    row("gpustack", "http://127.0.0.1/v1", &[], OPEN_MODELS_REASONING),
    row("llamacpp", "http://127.0.0.1:8080/v1", &[], OPEN_MODELS_REASONING),
    row("lmstudio", "http://127.0.0.1:1234/v1", &[], OPEN_MODELS),
    row("mistralrs", "http://127.0.0.1:1234/v1", &[], OPEN_MODELS),
    row("ollama", "http://127.0.0.1:11434/v1", &[], REASONING),
    row("vllm", "http://127.0.0.1:8000/v1", &[], OPEN_MODELS_REASONING),
];
