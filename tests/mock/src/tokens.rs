//! What an answer costs, before a format writes it into its own fields.

use crate::ask::{Ask, Message, Tool};
use crate::compose::Choice;
use crate::story::estimate_tokens;

/// Tokens of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) prompt: u64,
    /// Those of the prompt that a provider would have remembered.
    pub(crate) cached: u64,
    pub(crate) answer: u64,
    /// Those of the answer that were thought only.
    pub(crate) thought: u64,
}

/// Counts the request, and all choices of its answer.
pub(crate) fn count(ask: &Ask, choices: &[Choice]) -> Tokens {
    // Four tokens of framing per message and 85 per small image is what OpenAI's own estimates use.
    let message = |m: &Message| 4 + estimate_tokens(&m.text) + 85 * (m.images + m.attachments) as u64;
    let tool = |t: &Tool| estimate_tokens(&t.name) + estimate_tokens(&t.parameters.to_string());
    let prompt = ask.messages.iter().map(message).sum::<u64>()
        + ask.tools.iter().map(tool).sum::<u64>()
        + ask.documents.iter().map(|d| estimate_tokens(&d.text)).sum::<u64>();
    // OpenAI caches prefixes from 1024 tokens on, in steps of 128.
    let cached = if prompt >= 1024 { prompt / 2 / 128 * 128 } else { 0 };
    let (mut answer, mut thought) = (0, 0);
    for choice in choices {
        let (all, thoughts) = choice.tokens();
        answer += all;
        thought += thoughts;
    }
    Tokens { prompt, cached, answer, thought }
}
