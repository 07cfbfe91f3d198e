//! What a failed exchange of reqwest was, in the contract's words.
//!
//! reqwest tells apart little by itself; the causes below an error tell more, and they are what an operator
//! needs to read.

use std::error::Error as StdError;
use std::io;

use literllm_core::types::FailureKind;

/// What went wrong, and whether a connection stood (so that something may have been sent).
pub(crate) fn classify(error: &reqwest::Error) -> (FailureKind, bool) {
    if error.is_builder() {
        return (FailureKind::Other, false);
    }
    let connected = !error.is_connect();
    let tls = causes(error).any(is_tls);
    let kind = match () {
        () if error.is_dns() => FailureKind::Dns,
        () if !connected && error.is_timeout() => FailureKind::ConnectTimeout,
        () if tls => FailureKind::Tls,
        () if !connected => FailureKind::Connect,
        () if causes(error).any(is_not_http) => FailureKind::Http,
        () if causes(error).any(is_broken) => FailureKind::Reset,
        () if error.is_decode() => FailureKind::Http,
        () => FailureKind::Other,
    };
    (kind, connected)
}

/// The error and its causes in one line. The caller strips the URL first, whose query may hold a key.
pub(crate) fn describe(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    for cause in causes(error) {
        let cause = cause.to_string();
        // Wrappers repeat what they wrap.
        if !words.ends_with(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(cause), held).any(<dyn StdError>::is::<rustls::Error>)
}

/// What an I/O error holds, which may be another one.
fn held<'a>(cause: &&'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    Some(inner)
}

fn is_not_http(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

/// The connection ended before the exchange did: hyper saw it, or the system told.
fn is_broken(cause: &(dyn StdError + 'static)) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, UnexpectedEof,
    };
    let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(
        io,
        Some(BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut | UnexpectedEof)
    ) || cause.is::<hyper::Error>()
}
