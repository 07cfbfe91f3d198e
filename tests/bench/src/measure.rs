//! Turns and clocks.

#![allow(clippy::print_stdout, reason = "a bench prints what it measures")]

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

use crate::contender::{Contender, Failure};
use crate::streams::{Set, Stream};

/// A name in the table, and how a body is cut.
type Cut = (&'static str, fn(&Stream) -> Vec<&[u8]>);

const CUTS: &[Cut] = &[("single", Stream::events), ("bursts", Stream::bursts)];

/// So many bytes, at least, a contender reads in one round.
const ROUND_BYTES: usize = 8_000_000;

/// One JSON line for each cut, contender and round.
pub(crate) fn run(
    prefix: &str,
    set: &Set,
    contenders: &mut [Box<dyn Contender>],
    rounds: usize,
) -> Result<(), Failure> {
    agree(set, contenders)?;
    for (cut, pieces) in CUTS {
        let streams: Vec<Vec<&[u8]>> = set.streams.iter().map(pieces).collect();
        let events = set.streams.iter().map(|stream| stream.events().len()).sum::<usize>();
        let bytes = streams.iter().flatten().map(|piece| piece.len()).sum::<usize>();
        let passes = ROUND_BYTES.div_ceil(bytes.max(1));
        // The first round warms up.
        for round in 0..=rounds {
            let mut used = vec![Duration::ZERO; contenders.len()];
            // Turns are short, so that a busy moment of the machine is everybody's.
            for _ in 0..passes {
                for (contender, used) in contenders.iter_mut().zip(&mut used) {
                    *used += pass(set, &streams, &mut **contender)?;
                }
            }
            for (contender, used) in contenders.iter().zip(used).filter(|_| round > 0) {
                let seconds = used.as_secs_f64() / passes as f64;
                println!(
                    "{}",
                    json!({
                        "case": format!("{prefix}{} {cut}", set.format.protocol),
                        "contender": contender.name(),
                        "round": round,
                        "cpu_ns_per_event": seconds * 1e9 / events as f64,
                        "mb_per_s": bytes as f64 / 1e6 / seconds,
                    })
                );
            }
        }
    }
    Ok(())
}

/// Reads every stream once. The clock runs from the first byte of a body to its outcome.
fn pass(set: &Set, streams: &[Vec<&[u8]>], contender: &mut dyn Contender) -> Result<Duration, Failure> {
    let mut used = Duration::ZERO;
    for pieces in streams {
        let call = contender.begin(set.format)?;
        let before = cpu();
        for piece in pieces {
            black_box(contender.body(call, piece)?);
        }
        black_box(contender.end(call)?);
        used += cpu().saturating_sub(before);
    }
    Ok(used)
}

/// What is fast and wrong is not measured: those that tell documents must tell the same ones, however a body is cut.
pub(crate) fn agree(set: &Set, contenders: &mut [Box<dyn Contender>]) -> Result<(), Failure> {
    let protocol = set.format.protocol;
    for pieces in CUTS.iter().flat_map(|(_, pieces)| set.streams.iter().map(pieces)) {
        let mut first: Option<Vec<String>> = None;
        for contender in &mut *contenders {
            let told = told(set, &pieces, &mut **contender)?;
            if !told.is_empty() && first.get_or_insert_with(|| told.clone()) != &told {
                return Err(format!("{protocol}: {} tells something else", contender.name()).into());
            }
        }
        let last = first.and_then(|mut told| told.pop()).unwrap_or_default();
        if !last.contains("\"type\":\"response\"") {
            return Err(format!("{protocol}: a stream does not end in an answer: {last}").into());
        }
    }
    Ok(())
}

/// The documents of a call, if it has any.
fn told(set: &Set, pieces: &[&[u8]], contender: &mut dyn Contender) -> Result<Vec<String>, Failure> {
    let call = contender.begin(set.format)?;
    let mut told = Vec::new();
    for piece in pieces {
        told.extend(contender.body(call, piece)?.document()?);
    }
    told.extend(contender.end(call)?.document()?);
    Ok(told)
}

fn cpu() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(used.tv_sec as u64, used.tv_nsec as u32)
}
