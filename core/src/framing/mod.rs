//! Bytes to frames. Knows nothing of models.

pub mod sse;

/// One frame of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// An event with its data.
    Event {
        /// The `event:` field, if there was one.
        name: Option<&'a [u8]>,
        /// The `data:` lines, joined by `\n`.
        data: &'a [u8],
    },
    /// A comment: the sender is alive and has nothing to say.
    Heartbeat,
}
