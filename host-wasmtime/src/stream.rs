//! A call seen while it runs: its events one by one, and how it ended.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use literllm_core::types::Event;

use crate::answer::Answer;
use crate::drive::Drive;
use crate::engine::internal;
use crate::error::Error;
use crate::snapshot::Snapshot;

/// The events of a call. It must be polled inside a tokio runtime with time (and, over HTTP, I/O) enabled.
///
/// Events come through [`next`](Self::next), or as a [`Stream`] with any combinator. An error comes once and
/// is the last item. Bytes are read from the network only while somebody waits for an event; the time a reader takes
/// between two events never counts as the provider's silence. Dropped, the call is cancelled: its connection
/// is closed, or its HTTP/2 stream reset.
///
/// ```
/// # async fn ask(client: literllm_host::Client) -> Result<(), literllm_host::Error> {
/// use literllm_host::{Chat, types::Event};
/// let mut stream = client.stream(Chat::new("openai/gpt-4o-mini").user("Tell me a story"))?;
/// while let Some(event) = stream.next().await {
///     if let Event::TextDelta(delta) = event? {
///         print!("{}", delta.text);
///     }
/// }
/// let answer = stream.finish().await?;
/// println!("\n{:?}", answer.usage());
/// # Ok(()) }
/// ```
pub struct ChatStream {
    drive: Drive,
    /// The error was given as an item.
    error_given: bool,
}

impl ChatStream {
    pub(crate) fn new(drive: Drive) -> Self {
        Self { drive, error_given: false }
    }

    /// The call as plain data, to be taken up by [`Client::resume`](crate::Client::resume), also in another process. The
    /// call goes on undisturbed. Between two events nothing happens, so it may be taken whenever no event is awaited; to
    /// have one at each turn of the call, see [`Chat::on_snapshot`](crate::Chat::on_snapshot).
    ///
    /// Events that were not taken yet go with it. An attempt that is under way is told as lost when the call is taken
    /// up, and is sent again as the policy's `resend_unknown` says.
    ///
    /// # Errors
    /// `invalid-state` once the call has ended, and in the middle of an answer whose chat was not
    /// [`resumable`](crate::Chat::resumable).
    pub fn snapshot(&mut self) -> Result<Snapshot, Error> {
        self.drive.snapshot()
    }

    /// The next event; `None` after the last, or after an error. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<Event, Error>> {
        let reader = Reader(self);
        poll_fn(|cx| reader.0.poll(cx)).await
    }

    /// How the call ended: the folded answer, or the error. Absent: it has not.
    pub fn outcome(&self) -> Option<&Result<Answer, Error>> {
        self.drive.outcome.as_ref()
    }

    /// Reads to the end and gives the folded answer. Events not yet taken are lost (the answer says the same).
    pub async fn finish(mut self) -> Result<Answer, Error> {
        while poll_fn(|cx| self.drive.poll_event(cx)).await.is_some() {}
        // The last `None` comes with an outcome; the error stands here for the type alone.
        self.drive.outcome.unwrap_or_else(|| Err(internal("the call ended without an outcome").into()))
    }

    /// Gives up: requests are broken off, and the outcome is an error of kind `cancelled` with what had come and the
    /// report. Does nothing once the call has ended. (Dropping does the same without an outcome.)
    pub fn cancel(&mut self) {
        self.drive.cancel();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        if let Some(event) = ready!(self.drive.poll_event(cx)) {
            return Poll::Ready(Some(Ok(event)));
        }
        let error = self.drive.outcome.as_ref().and_then(|outcome| outcome.as_ref().err());
        let error = error.filter(|_| !std::mem::replace(&mut self.error_given, true));
        Poll::Ready(error.cloned().map(Err))
    }
}

impl Stream for ChatStream {
    type Item = Result<Event, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(cx)
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream").field("outcome", &self.outcome()).finish_non_exhaustive()
    }
}

/// A reader that waits. Gone, it no longer waits, also when it was gone before an event came (as in `select!`).
struct Reader<'a>(&'a mut ChatStream);

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        self.0.drive.time.pause();
    }
}
