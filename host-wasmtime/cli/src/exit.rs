//! With which code the program ends.
//!
//! A script should be able to tell "wait and try again" from "fix the request" without reading text, so
//! every kind of error has a code, and the table is part of `literllm chat --help`.

use std::process::ExitCode;

use literllm_host::types::{self, ErrorKind, NextStep};

use crate::chat::attempt;
use crate::output::{self, note};

/// The table, as `--help` shows it. A test holds it against [`code`].
pub(crate) const TABLE: &str = "\
Exit codes:
    0  the answer came whole (or the reader of it closed the pipe)
    1  internal, invalid_state: a mistake of ours; please report it
    2  invalid_request, context_length, and wrong usage: change the request
    3  authentication, permission: look at the key
    4  not_found, unknown_provider: look at the name of the model
    5  rate_limit, quota: wait, or pay
    6  server, overloaded, circuit_open: the provider's turn; try later
    7  connection: look at the network and the address
    8  timeout: allow more time with --timeout-ms, or try later
    9  cut, protocol, too_large, redirect: what came is not a whole answer
   10  content_filter: refused for what it contains
  130  cancelled by Ctrl-C";

/// Why a command did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A call failed, or could not be made.
    Call(Box<literllm_host::Error>),
    /// The same, and its attempts were told already.
    Reported(Box<literllm_host::Error>),
    /// The same, and all of it was told already.
    Told(ErrorKind),
    /// Something else went wrong, in words; what was asked was well formed.
    Other(String),
    /// Ctrl-C.
    Interrupted,
    /// Whoever read our output is gone; nobody is left to be told.
    ReaderGone,
}

impl Failure {
    /// A request that was not put well.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::from(literllm_host::Error::from(types::Error::new(ErrorKind::InvalidRequest, message)))
    }
}

impl From<literllm_host::Error> for Failure {
    fn from(error: literllm_host::Error) -> Self {
        Self::Call(Box::new(error))
    }
}

/// Errors of writing to standard output; the only I/O whose errors are passed on like this.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Other(format!("standard output cannot be written: {error}")),
        }
    }
}

/// Says what went wrong, unless it was said, and gives the code.
pub(crate) fn code_of(done: Result<(), Failure>) -> ExitCode {
    let code = match done {
        Ok(()) | Err(Failure::ReaderGone) => 0,
        Err(Failure::Told(kind)) => code(kind),
        Err(Failure::Call(error)) => tell(&error, attempts(&error)),
        Err(Failure::Reported(error)) => tell(&error, Vec::new()),
        Err(Failure::Other(message)) => {
            note(&format!("error: {}", output::printable(&message)));
            1
        }
        Err(Failure::Interrupted) => code(ErrorKind::Cancelled),
    };
    ExitCode::from(code)
}

/// The error, its attempts, and what follows from it. Gives the code.
fn tell(error: &literllm_host::Error, attempts: Vec<String>) -> u8 {
    note(&format!("error: {}", output::printable(&error.to_string())));
    for line in attempts.into_iter().chain(after(error)) {
        note(&output::printable(&line));
    }
    code(error.kind())
}

/// A line for each attempt. The error alone tells of a single one.
fn attempts(error: &literllm_host::Error) -> Vec<String> {
    let attempts = error.report.as_ref().map_or(&[][..], |report| &report.attempts);
    let lines = attempts.iter().filter(|_| attempts.len() > 1);
    lines.map(|report| format!("  attempt {}", attempt(report))).collect()
}

/// What stands below an error: whether it may be on the bill, what may be done.
fn after(error: &literllm_host::Error) -> Vec<String> {
    let mut lines = Vec::new();
    if error.detail.maybe_billed {
        lines.push("  it may be billed, although no whole answer came".into());
    }
    let pause = error.detail.retry_after_ms.map_or_else(String::new, |ms| format!(" after {ms} ms"));
    let next = error.detail.next.iter().filter_map(|next| match next {
        NextStep::Resend => Some(format!("send it again{pause}")),
        NextStep::Continue => Some("ask the model to go on from what came".to_owned()),
        NextStep::GiveUp => None,
    });
    let next: Vec<String> = next.collect();
    if !next.is_empty() {
        lines.push(format!("  what may be done: {}", next.join(", or ")));
    }
    lines
}

/// The code of a kind of error.
pub(crate) fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Internal | ErrorKind::InvalidState => 1,
        ErrorKind::InvalidRequest | ErrorKind::ContextLength => 2,
        ErrorKind::Authentication | ErrorKind::Permission => 3,
        ErrorKind::NotFound | ErrorKind::UnknownProvider => 4,
        ErrorKind::RateLimit | ErrorKind::Quota => 5,
        ErrorKind::Server | ErrorKind::Overloaded | ErrorKind::CircuitOpen => 6,
        ErrorKind::Connection => 7,
        ErrorKind::Timeout => 8,
        ErrorKind::Cut | ErrorKind::Protocol | ErrorKind::TooLarge | ErrorKind::Redirect => 9,
        ErrorKind::ContentFilter => 10,
        ErrorKind::Cancelled => 130,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_help_names_every_kind_with_its_code() {
        let mut named = 0;
        for line in TABLE.lines().skip(2) {
            let (number, text) = line.trim().split_once("  ").unwrap();
            for word in text.split([',', ':', ' ']) {
                let Ok(kind) = serde_json::from_value::<ErrorKind>(word.into()) else { continue };
                assert_eq!(number, code(kind).to_string(), "{word}");
                named += 1;
            }
        }
        assert_eq!(named, 21, "every kind stands in the table once");
    }

    #[test]
    fn a_closed_pipe_is_no_error_and_a_full_disk_is() {
        let closed = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert!(matches!(Failure::from(closed), Failure::ReaderGone));
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert!(matches!(Failure::from(full), Failure::Other(_)));
    }
}
