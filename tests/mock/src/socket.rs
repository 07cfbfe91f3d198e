//! A TCP stream that can be broken on purpose, at a known place in what it sends.
//!
//! hyper owns the socket while it serves, so a body or a handler that wants the connection gone leaves an
//! order in the `Link` instead. The order is carried out once two flushes in a row have seen it with nothing
//! written between them: then everything queued before the order is with the kernel, and the client sees it
//! first. One flush would do for HTTP/1.1; with HTTP/2 a body runs in a task of its own, so a flush may end a
//! round of writing that began before the last piece was queued.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::script::Break;
use crate::stats::Counters;

/// The order to break a connection, shared by the socket and whoever answers on it.
#[derive(Default)]
pub(crate) struct Link {
    /// 0 for no order, else a `Break` plus one.
    order: AtomicU8,
    connection: AtomicWaker,
}

impl Link {
    /// Asks for the connection to be broken once what was written is on its way. The first order counts.
    pub(crate) fn sever(&self, how: Break) {
        let order = match how {
            Break::Close => 1,
            Break::Reset => 2,
        };
        let _ = self.order.compare_exchange(0, order, Relaxed, Relaxed);
        self.connection.wake();
    }

    fn order(&self) -> Option<Break> {
        match self.order.load(Relaxed) {
            0 => None,
            1 => Some(Break::Close),
            _ => Some(Break::Reset),
        }
    }
}

/// The stream handed to hyper. Counts what it sends.
pub(crate) struct Socket {
    stream: TcpStream,
    link: Arc<Link>,
    counters: Arc<Counters>,
    /// Whether the last flush has seen the order, and nothing was written since.
    order_seen: bool,
    closed: bool,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, link: Arc<Link>, counters: Arc<Counters>) -> Self {
        Self { stream, link, counters, order_seen: false, closed: false }
    }

    fn count(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = &written {
            self.counters.sent(*bytes as u64);
            self.order_seen = false;
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.link.connection.register(cx.waker());
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.count(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.link.connection.register(cx.waker());
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        let Some(order) = this.link.order() else { return Poll::Ready(Ok(())) };
        if !this.order_seen {
            this.order_seen = true;
            cx.waker().wake_by_ref();
            return Poll::Ready(Ok(()));
        }
        match order {
            // With no time to linger, dropping the socket sends RST instead of FIN.
            Break::Reset => this.stream.set_zero_linger()?,
            Break::Close => ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?,
        }
        this.closed = true;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, "broken by a fault")))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.closed { Poll::Ready(Ok(())) } else { Pin::new(&mut this.stream).poll_shutdown(cx) }
    }
}
