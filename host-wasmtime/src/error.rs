//! The one error of this crate: the core's error, and the report of the call where there was one.

use std::fmt;

use literllm_core::types::{self, ErrorKind, Report};

/// A call that failed, or that could not be started.
///
/// Match on [`kind`](Self::kind). What had been said before it failed is in [`text_so_far`](Self::text_so_far) and
/// `detail.partial`. No key is in it, nor in its `Debug`.
///
/// ```
/// # async fn ask(client: literllm_host::Client) {
/// use literllm_host::types::ErrorKind;
/// match client.infer("openai/gpt-4o-mini", "Hello").await {
///     Ok(answer) => println!("{}", answer.text),
///     Err(error) if error.kind() == ErrorKind::RateLimit => println!("pause {:?} ms", error.detail.retry_after_ms),
///     Err(error) => println!("{error}; it had said: {}", error.text_so_far()),
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Error {
    /// What went wrong, as the core tells it. Boxed, since an error may carry a partial answer.
    pub detail: Box<types::Error>,
    /// Times and attempts. Absent: the call did not come so far.
    pub report: Option<Report>,
}

impl Error {
    pub(crate) fn new(detail: types::Error, report: Option<Report>) -> Self {
        Self { detail: Box::new(detail), report }
    }

    /// What to match on.
    pub fn kind(&self) -> ErrorKind {
        self.detail.kind
    }

    /// The visible text of the first choice that had come; empty when none had.
    pub fn text_so_far(&self) -> String {
        self.detail.partial.as_deref().map(types::Response::text).unwrap_or_default()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail.fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<types::Error> for Error {
    fn from(detail: types::Error) -> Self {
        Self::new(detail, None)
    }
}
