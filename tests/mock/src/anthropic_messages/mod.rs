//! Anthropic messages.
//!
//! `request` reads a request and `messages` its conversation, both as strictly as Anthropic does; `wire` writes
//! an answer down, plain or as named events, `errors` what went wrong. Nothing here knows of sockets or faults.

use crate::compose;
use crate::errors::Refusal;
use crate::format::Options;
use crate::hash::hash;
use crate::reply::Reply;

mod errors;
mod messages;
mod request;
mod wire;

pub(crate) use errors::{error, failure, unknown};

/// The reply to one request body.
pub(crate) fn reply(body: &[u8], options: Options) -> Result<Reply, Refusal> {
    let request = request::read(body)?;
    let choice = compose::choice(&request.ask, options.seed, 0);
    let answer = wire::Answer::new(hash(options.seed, &[body]), &request, &choice, options.usage);
    Ok(if request.ask.stream && options.stream {
        Reply::Stream(answer.events())
    } else {
        Reply::Plain(answer.plain())
    })
}

/// What proves that a thought is ours: it goes out with the thought and must come back with it.
///
/// Anthropic's is encrypted and long. What a client can do wrong is the same: lose it, or pair it with another text.
fn signature(thought: &str) -> String {
    let half = |turn: u64| format!("{:016x}", hash(turn, &[thought.as_bytes()]));
    format!("bW9jaw{}{}==", half(1), half(2))
}

#[cfg(test)]
mod tests;
