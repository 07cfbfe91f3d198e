//! An HTTP body that performs a script.
//!
//! After each piece it is pending once, waking itself: hyper flushes when a body has nothing ready, so each
//! piece leaves as a chunk of its own and before the next one is touched.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::Sleep;

use crate::script::Act;
use crate::socket::Link;
use crate::stats::Ticket;

/// What `Act::Fill` sends, a slice at a time.
static FILLING: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// The body of every answer.
pub(crate) struct ScriptBody {
    acts: VecDeque<Act>,
    one_byte: bool,
    link: Arc<Link>,
    /// `None` for control routes, which are not counted.
    ticket: Option<Ticket>,
    pausing: Option<Pin<Box<Sleep>>>,
    flush_first: bool,
}

impl ScriptBody {
    pub(crate) fn new(acts: Vec<Act>, one_byte: bool, link: Arc<Link>, ticket: Option<Ticket>) -> Self {
        let mut body = Self { acts: acts.into(), one_byte, link, ticket, pausing: None, flush_first: false };
        body.finish_if_done();
        body
    }

    fn finish_if_done(&mut self) {
        if self.acts.is_empty() {
            self.finish();
        }
    }

    fn finish(&mut self) {
        if let Some(ticket) = &mut self.ticket {
            ticket.finish();
        }
    }

    fn piece(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.flush_first = !self.acts.is_empty();
        self.finish_if_done();
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Body for ScriptBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if std::mem::take(&mut this.flush_first) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            if let Some(pausing) = &mut this.pausing {
                ready!(pausing.as_mut().poll(cx));
                this.pausing = None;
            }
            match this.acts.pop_front() {
                None => return Poll::Ready(None),
                Some(Act::Send(bytes)) if bytes.is_empty() => this.finish_if_done(),
                Some(Act::Send(mut bytes)) if this.one_byte && bytes.len() > 1 => {
                    let first = bytes.split_to(1);
                    this.acts.push_front(Act::Send(bytes));
                    return this.piece(first);
                }
                Some(Act::Send(bytes)) => return this.piece(bytes),
                Some(Act::Fill(0)) => this.finish_if_done(),
                Some(Act::Fill(missing)) => {
                    let most = if this.one_byte { 1 } else { FILLING.len() };
                    let now = usize::try_from(missing).map_or(most, |missing| missing.min(most));
                    if missing > now as u64 {
                        this.acts.push_front(Act::Fill(missing - now as u64));
                    }
                    return this.piece(Bytes::from_static(&FILLING[..now]));
                }
                Some(Act::PauseMs(0)) => {}
                Some(Act::PauseMs(delay_ms)) => {
                    this.pausing = Some(Box::pin(tokio::time::sleep(Duration::from_millis(delay_ms))));
                }
                Some(Act::Hang) => {
                    // Whoever drops us ends it: the client by leaving, or the order to break.
                    this.acts.push_front(Act::Hang);
                    return Poll::Pending;
                }
                Some(Act::Break(how)) => {
                    this.finish();
                    this.acts = VecDeque::from([Act::Hang]);
                    this.link.sever(how);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.acts.is_empty() && self.pausing.is_none()
    }
}
