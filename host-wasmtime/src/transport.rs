//! What a host lends the core: one HTTP exchange at a time.
//!
//! [`HttpTransport`](crate::HttpTransport) is the usual one. Implement [`Transport`] to send requests through
//! a client of your own, to record them, or to answer them in a test.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use literllm_core::types::{Header, ResponseHead, TransportFailure};

use crate::body::Body;

/// Sends requests. Shared by all calls of a client.
///
/// An implementation sends what it is given and nothing more: it follows no redirect, repeats nothing, and adds
/// no deadline of its own beyond `connect_timeout_ms`, since the core decides about all of these.
///
/// When the future or the stream is dropped, the exchange must end with it (the connection closed, or the HTTP/2
/// stream reset): that is how a caller cancels. Nothing should be read ahead beyond a small buffer.
pub trait Transport: Send + Sync + 'static {
    /// An exchange that begins when it is first polled; ready once the head has come (1xx heads are not told).
    fn send(&self, request: TransportRequest) -> ResponseFuture;
}

/// The head of an answer, some time.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Result<TransportResponse, TransportFailure>> + Send>>;

/// The body of an answer, decoded, cut anywhere. After an error it is over.
pub type ResponseBody = Pin<Box<dyn Stream<Item = Result<Bytes, TransportFailure>> + Send>>;

/// A request with the key filled in. Its `Debug` shows neither header values nor the query.
pub struct TransportRequest {
    /// Upper case.
    pub method: String,
    /// Absolute. Its query may hold a key.
    pub url: String,
    /// Without `host` and `content-length`. They may hold a key.
    pub headers: Vec<Header>,
    /// The joined body; it knows its length.
    pub body: Body,
    /// Longest time to connect, in ms. Absent: no bound.
    pub connect_timeout_ms: Option<u64>,
}

/// A head and, to come, its body.
pub struct TransportResponse {
    /// Status and headers, header values read as Latin-1.
    pub head: ResponseHead,
    /// Read only as fast as the caller wants it.
    pub body: ResponseBody,
}

impl fmt::Debug for TransportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|header| header.name.as_str()).collect();
        f.debug_struct("TransportRequest")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("header_names", &names)
            .field("body", &self.body)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .finish()
    }
}

impl fmt::Debug for TransportResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportResponse").field("head", &self.head).finish_non_exhaustive()
    }
}
