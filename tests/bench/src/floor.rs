//! The floor: every payload parsed into a `serde_json::Value`, and nothing done with it.

use std::hint::black_box;

use serde_json::Value;

use crate::contender::{Answer, Contender, Failure};
use crate::streams::Format;

/// Lines are cut in the simplest way that finds them. It knows no events, keeps no state but half a line.
#[derive(Default)]
pub(crate) struct Floor {
    half: Vec<u8>,
}

impl Contender for Floor {
    fn name(&self) -> &'static str {
        "floor"
    }

    fn begin(&mut self, _: &Format) -> Result<u64, Failure> {
        self.half.clear();
        Ok(0)
    }

    fn body(&mut self, _: u64, piece: &[u8]) -> Result<Answer, Failure> {
        let (mut parsed, mut from) = (0, 0);
        for end in memchr::memchr_iter(b'\n', piece) {
            let line = &piece[from..end];
            from = end + 1;
            if self.half.is_empty() {
                parsed += parse(line)?;
            } else {
                self.half.extend_from_slice(line);
                parsed += parse(&self.half)?;
                self.half.clear();
            }
        }
        self.half.extend_from_slice(&piece[from..]);
        Ok(Answer::Parsed(parsed))
    }

    fn end(&mut self, _: u64) -> Result<Answer, Failure> {
        Ok(Answer::Parsed(0))
    }
}

fn parse(line: &[u8]) -> Result<usize, Failure> {
    match line.strip_prefix(b"data:").map(<[u8]>::trim_ascii_start) {
        Some(payload) if payload.starts_with(b"{") => {
            black_box(serde_json::from_str::<Value>(std::str::from_utf8(payload)?)?);
            Ok(1)
        }
        _ => Ok(0),
    }
}
