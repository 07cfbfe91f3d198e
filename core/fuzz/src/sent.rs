//! What holds for every request that is handed to a host.

use literllm_core::types::{BodySegment, HttpRequest};
use serde_json::value::RawValue;

/// Panics unless the body is JSON and has the length it says. A blob stands inside a JSON string, so the text around
/// its hole is JSON as well.
pub(crate) fn check(request: &HttpRequest) {
    let is_text = |segment: &BodySegment| matches!(segment, BodySegment::Text(_));
    let texts = request.body.iter().filter_map(|segment| match segment {
        BodySegment::Text(segment) => Some(segment.text.as_str()),
        BodySegment::Blob(_) => None,
    });
    let body: String = texts.collect();
    if let Err(error) = serde_json::from_str::<&RawValue>(&body) {
        panic!("the body of a request is no JSON: {error}: {body}");
    }
    let is_right =
        if request.body.iter().all(is_text) { request.body_length == body.len() as u64 } else { true };
    assert!(is_right, "body_length is {}, the body has {} bytes", request.body_length, body.len());
}
