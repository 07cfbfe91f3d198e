//! What a call ends with when it ends well.

use literllm_core::types::{Choice, Finish, Part, Report, Response, ToolCallPart, Usage, Warning};

/// The whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the provider said.
    pub response: Response,
    /// Times and attempts.
    pub report: Report,
}

impl Answer {
    /// The text of the first choice, all its text parts joined. Empty when it only calls tools or declines.
    pub fn text(&self) -> String {
        self.response.text()
    }

    /// The tools the first choice asks for, in order.
    pub fn tool_calls(&self) -> Vec<&ToolCallPart> {
        let parts = first(&self.response).map_or(&[][..], |choice| &choice.content);
        parts
            .iter()
            .filter_map(|part| if let Part::ToolCall(call) = part { Some(call) } else { None })
            .collect()
    }

    /// Why the first choice stopped. Absent: the provider did not say.
    pub fn finish(&self) -> Option<&Finish> {
        first(&self.response).and_then(|choice| choice.finish.as_ref())
    }

    /// Tokens. Absent: the provider did not tell.
    pub fn usage(&self) -> Option<&Usage> {
        self.response.usage.as_ref()
    }
}

/// What [`Client::infer`](crate::Client::infer) answers: an [`Answer`] with its commonest parts at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// The text of the first choice.
    pub text: String,
    /// The same text in the pieces in which it came. Mostly a token each, but a provider may send more at once.
    pub tokens: Vec<String>,
    /// Tokens as the provider counts them. Absent: it did not tell.
    pub usage: Option<Usage>,
    /// Why it stopped. Absent: the provider did not say.
    pub finish: Option<Finish>,
    /// What was dropped, renamed or clamped on the way.
    pub warnings: Vec<Warning>,
    /// Times and attempts.
    pub report: Report,
    /// All the provider said.
    pub response: Response,
}

impl Inference {
    pub(crate) fn new(answer: Answer, tokens: Vec<String>) -> Self {
        Self {
            text: answer.text(),
            tokens,
            usage: answer.response.usage.clone(),
            finish: answer.finish().cloned(),
            warnings: answer.response.warnings.clone(),
            report: answer.report,
            response: answer.response,
        }
    }
}

fn first(response: &Response) -> Option<&Choice> {
    response.choices.first()
}
