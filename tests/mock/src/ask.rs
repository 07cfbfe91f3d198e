//! A chat request, as far as the simulator looks at it, whatever the format it came in.
//!
//! `compose` reads nothing else; what only one format knows stays with that format.

use serde_json::Value;

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    pub(crate) model: String,
    /// Instructions of the system are messages too, and so is each result of a tool.
    pub(crate) messages: Vec<Message>,
    pub(crate) stream: bool,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) parallel_tool_calls: bool,
    /// Whether something is said before tools are called.
    pub(crate) plans: bool,
    pub(crate) output: Output,
    pub(crate) stop: Vec<String>,
    /// Sentences of thought before the answer; when the client does not say, the model's name does.
    pub(crate) thoughts: Option<usize>,
    /// What may be quoted, with a citation.
    pub(crate) documents: Vec<Document>,
    pub(crate) seed: u64,
}

/// One message: its text parts joined, and what else it held.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) text: String,
    pub(crate) images: usize,
    pub(crate) attachments: usize,
    /// The calls it makes.
    pub(crate) calls: Vec<MadeCall>,
    /// The call that it answers.
    pub(crate) answers: Option<String>,
}

/// A call that an earlier turn made.
#[derive(Debug)]
pub(crate) struct MadeCall {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// A function on offer.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) parameters: Value,
}

/// Which tools are to be called.
#[derive(Debug, Default, PartialEq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    None,
    Required,
    Named(String),
}

/// The form of the answer.
#[derive(Debug, Default)]
pub(crate) enum Output {
    #[default]
    Text,
    Object,
    Schema(Value),
}

/// A text that came along to be quoted.
#[derive(Debug)]
pub(crate) struct Document {
    /// How the client calls it, or its place as text.
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) text: String,
    /// The document as it was sent.
    pub(crate) raw: Value,
}

impl Ask {
    /// What the user said last.
    pub(crate) fn last_user(&self) -> Option<&Message> {
        self.messages.iter().rev().find(|message| message.role == "user")
    }

    /// The name of the tool whose call this message answers.
    pub(crate) fn name_of_call(&self, result: &Message) -> Option<&str> {
        let id = result.answers.as_ref()?;
        let mut calls = self.messages.iter().rev().flat_map(|message| &message.calls);
        calls.find(|call| call.id == *id).map(|call| call.name.as_str())
    }
}

/// Sentences of thought for a word of effort, as OpenAI and Anthropic know it.
pub(crate) fn thoughts_for(effort: &str) -> usize {
    match effort {
        "minimal" | "low" => 1,
        "high" | "xhigh" | "max" => 5,
        _ => 3,
    }
}

/// Sentences of thought for a budget of tokens. The steps are ours; providers promise none.
pub(crate) fn thoughts_within(budget_tokens: u64) -> usize {
    match budget_tokens {
        0..=1024 => 1,
        1025..=8192 => 3,
        _ => 5,
    }
}
