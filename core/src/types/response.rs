//! The whole answer: choices, usage, warnings.

use serde::{Deserialize, Serialize};

use super::{Json, NamedJson, Part};

/// Why the model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// It was done, or met a stop text.
    Stop,
    /// It met a bound of length.
    Length,
    /// It wants results of tools.
    ToolCalls,
    /// Something was withheld.
    ContentFilter,
    /// It paused and can be asked to go on.
    Pause,
    /// The provider failed while it wrote.
    Error,
    /// The provider used a word we do not know, or none.
    Other,
}

/// Why the model stopped, in our word and in the provider's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finish {
    /// Ours; it follows from what happened as well as from the word.
    pub unified: FinishReason,
    /// The provider's. Absent: it sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// Tokens, as a partition: parts that are known sum to their total. Absent is unknown, never 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// All of the prompt: uncached + cache read + cache write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Of the prompt, neither read from nor written to a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_uncached_tokens: Option<u64>,
    /// Of the prompt, read from a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_cache_read_tokens: Option<u64>,
    /// Of the prompt, written to a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_cache_write_tokens: Option<u64>,
    /// All of the answer: text + reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Of the answer, what is not reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_text_tokens: Option<u64>,
    /// Of the answer, reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_reasoning_tokens: Option<u64>,
    /// The provider's own object. Absent: it sent none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Json>,
}

/// One token of the answer, or an alternative to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenCandidate {
    /// Its text; may be part of a character.
    pub token: String,
    /// Natural logarithm of its probability, as the provider wrote the number; `null`: it did not say.
    pub logprob: Json,
    /// Its bytes, where the provider tells. Empty: not told.
    #[serde(default, with = "super::base64_text")]
    pub bytes: Vec<u8>,
}

/// One token of the answer with its alternatives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token.
    pub chosen: TokenCandidate,
    /// Alternatives, the likeliest first.
    #[serde(default)]
    pub top: Vec<TokenCandidate>,
}

/// What was dropped, renamed or clamped on the way to the provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// What became of it.
    pub kind: WarningKind,
    /// Path of the field in our request, such as `messages[2].content[0]`.
    pub field: String,
    /// For a person: what, why, what helps.
    pub message: String,
}

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// Left out.
    Dropped,
    /// Sent as something else.
    Renamed,
    /// Brought into range.
    Clamped,
}

/// One answer of possibly several.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// From 0.
    pub index: u32,
    /// What was said, in order.
    #[serde(default)]
    pub content: Vec<Part>,
    /// Why it stopped. In a partial answer absent: it had not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// Log probabilities, when asked for.
    #[serde(default)]
    pub logprobs: Vec<TokenLogprob>,
    /// Fields of the choice or its message that this contract does not know.
    #[serde(default)]
    pub extra: Vec<NamedJson>,
}

/// The whole answer, or in an error what had come of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The provider's id. Absent: none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Provider that answered: the row's id.
    pub provider: String,
    /// Model as the provider names it. Absent: it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When the provider made it, Unix milliseconds. Absent: it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_ms: Option<u64>,
    /// The provider's request id, from the head. Absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The answers, by index.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Tokens. Absent: the provider did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Fields of the answer that this contract does not know (service tier, search results, ...).
    #[serde(default)]
    pub extra: Vec<NamedJson>,
    /// What was dropped, renamed or clamped.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

impl Response {
    /// The visible text of the first choice, parts joined.
    pub fn text(&self) -> String {
        let parts = self.choices.first().map_or(&[][..], |choice| &choice.content);
        parts
            .iter()
            .filter_map(|part| if let Part::Text(text) = part { Some(text.text.as_str()) } else { None })
            .collect()
    }
}
