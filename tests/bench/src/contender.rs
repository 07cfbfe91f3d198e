//! Who is measured: begins calls, reads pieces of their bodies, ends them.

use literllm_core::types::Step;

use crate::streams::Format;

/// Anything that goes wrong ends the bench.
pub type Failure = Box<dyn std::error::Error>;

/// Reads the streams. `call` is the contender's own name for one that it has begun.
pub trait Contender {
    /// As it stands in the table.
    fn name(&self) -> &'static str;

    /// A call whose head has come. Not measured.
    ///
    /// # Errors
    /// The core refused.
    fn begin(&mut self, format: &Format) -> Result<u64, Failure>;

    /// A piece of the body.
    ///
    /// # Errors
    /// The core refused, or the bytes are not what they should be.
    fn body(&mut self, call: u64, piece: &[u8]) -> Result<Answer, Failure>;

    /// The body has ended.
    ///
    /// # Errors
    /// As for `body`.
    fn end(&mut self, call: u64) -> Result<Answer, Failure>;
}

/// What a piece came to. It is made and dropped while the clock runs, and only looked at when it does not.
pub enum Answer {
    /// So many payloads were parsed.
    Parsed(usize),
    /// A step of the core.
    Step(Box<Step>),
    /// The same as a document.
    Document(String),
}

impl Answer {
    /// The document it stands for, where it stands for one.
    pub(crate) fn document(&self) -> Result<Option<String>, Failure> {
        Ok(match self {
            Self::Parsed(_) => None,
            Self::Step(step) => Some(serde_json::to_string(step)?),
            Self::Document(document) => Some(document.clone()),
        })
    }
}
