//! OpenAI chat completions, as most providers speak them.
//!
//! `request` reads and refuses as OpenAI does, `wire` writes an answer down, plain or as chunks, `errors` what
//! went wrong. Nothing here knows of sockets or faults.

use serde_json::json;

use crate::compose;
use crate::errors::Refusal;
use crate::format::Options;
use crate::hash::hash;
use crate::reply::Reply;

mod errors;
mod request;
mod wire;

pub(crate) use errors::{error, failure, unknown};

/// The `created` of everything, in seconds since 1970. Fixed, so that equal requests get equal bytes.
const CREATED_S: u64 = 1_760_000_000;

/// The models listed. Any other name is answered as well.
const MODELS: &[&str] = &["mock-small", "mock-large", "mock-reason", "mock-refuse"];

/// The reply to one request body.
pub(crate) fn reply(body: &[u8], options: Options) -> Result<Reply, Refusal> {
    let request = request::read(body)?;
    let choices =
        (0..request.choices).map(|number| compose::choice(&request.ask, options.seed, number)).collect();
    // A counter would make two equal requests differ; part of a hash does not, and reads as well.
    let number = hash(options.seed, &[body]) % 1_000_000_000;
    let answer = wire::Answer::new(number, &request, choices, options.usage);
    Ok(if request.ask.stream && options.stream {
        Reply::Stream(answer.events())
    } else {
        Reply::Plain(answer.plain())
    })
}

/// The body of `GET /v1/models`.
pub(crate) fn models() -> Vec<u8> {
    let row = |id: &&str| json!({"id": id, "object": "model", "created": CREATED_S, "owned_by": "simulator"});
    json!({"object": "list", "data": MODELS.iter().map(row).collect::<Vec<_>>()}).to_string().into_bytes()
}

#[cfg(test)]
mod tests;
