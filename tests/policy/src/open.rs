//! Calls that are open at the same time, and the memory they take.

use anyhow::{Context as _, Result, ensure};
use literllm_core::Client;
use literllm_core::types::{BodySegment, CallOptions, ClientConfig, Guards, Limits, Step};

use crate::happen::{Happening, request, tell};

/// The mark: what a suspended call holds beside the body of its request, in bytes.
const MARK_BYTES: usize = 4_096;

/// Opens so many calls, half of them waiting for an answer and half in the pause after a failure, and lets all of them end.
///
/// # Errors
/// When one of them holds more than the mark.
pub(crate) fn run(calls: usize) -> Result<()> {
    let limits = Limits { max_held_bytes: Some(1 << 40), ..Limits::default() };
    let guards = Guards { breaker_failures: Some(0), cooldown_cap_ms: Some(0), ..Guards::default() };
    let config = ClientConfig { limits: Some(limits), guards: Some(guards), ..ClientConfig::default() };
    let mut client = Client::new(config)?;
    let before_bytes = resident_bytes()?;
    let mut open = Vec::with_capacity(calls);
    let mut body_bytes = 0;
    for number in 0..calls {
        let (mut call, mut step) =
            client.start(request("openai/gpt-4o-mini"), CallOptions::default(), 0, number as u64)?;
        body_bytes +=
            step.send.first().map_or(0, |send| send.request.body.iter().map(text_bytes).sum::<usize>());
        if number % 2 == 1 {
            tell(&mut call, Happening::Head { attempt: 1, status: 429, hint_ms: Some(60_000) }, 1)?;
            step = tell(&mut call, Happening::End { attempt: 1 }, 2)?;
        }
        ensure!(step.outcome.is_none(), "a call ended that should be open");
        open.push(call);
    }
    let held_bytes = resident_bytes()?.saturating_sub(before_bytes);
    let each = held_bytes.saturating_sub(body_bytes) / calls.max(1);
    println!(
        "{calls} open calls hold {} MiB, {each} bytes each beside the {} bytes of its request body ({MARK_BYTES} are allowed)",
        held_bytes >> 20,
        body_bytes / calls.max(1)
    );
    for mut call in open {
        let ended: Step = tell(&mut call, Happening::Cancel, 3)?;
        ensure!(ended.outcome.is_some(), "a call did not end");
    }
    ensure!(each <= MARK_BYTES, "an open call holds {each} bytes");
    Ok(())
}

fn text_bytes(segment: &BodySegment) -> usize {
    match segment {
        BodySegment::Text(segment) => segment.text.len(),
        BodySegment::Blob(_) => 0,
    }
}

/// Memory of this process that is in use, as Linux tells it.
fn resident_bytes() -> Result<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").context("memory is told by Linux only")?;
    let pages: usize =
        pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).context("statm has another form")?;
    Ok(pages * rustix::param::page_size())
}
