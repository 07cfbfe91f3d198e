//! Cohere chat, version 2.
//!
//! `request` reads a request and refuses as Cohere does, `wire` writes an answer down, plain or as named events,
//! `errors` what went wrong. Nothing here knows of sockets or faults.

use crate::compose;
use crate::errors::Refusal;
use crate::format::Options;
use crate::hash::hash;
use crate::reply::Reply;

mod errors;
mod request;
mod wire;

pub(crate) use errors::{error, failure, unknown};

/// The reply to one request body.
pub(crate) fn reply(body: &[u8], options: Options) -> Result<Reply, Refusal> {
    let ask = request::read(body)?;
    let choice = compose::choice(&ask, options.seed, 0);
    let answer = wire::Answer::new(hash(options.seed, &[body]), &ask, &choice, options.usage);
    Ok(if ask.stream && options.stream {
        Reply::Stream(answer.events())
    } else {
        Reply::Plain(answer.plain())
    })
}

/// An id as Cohere writes them, made of a number.
fn uuid(number: u64) -> String {
    let (high, low) = (number >> 32, number & 0xffff_ffff);
    format!("{high:08x}-0000-4000-8000-0000{low:08x}")
}

#[cfg(test)]
mod tests;
