//! Bytes to frames: any cutting gives the same frames and the same end.

use literllm_core::framing::Frame;
use literllm_core::framing::sse::{FrameSink, LineTooLong, SseDecoder};

use crate::input::Input;

/// Bit of the switches: a bound so small that lines and events pass it.
const SMALL_BOUND: u8 = 0;

/// Holds the frames of the whole body against those of its pieces.
pub fn check(data: &[u8]) {
    let input = Input::read(data);
    let max_line_bytes = if input.switch(SMALL_BOUND) { 16 } else { 8 << 20 };
    let whole = read(max_line_bytes, &[input.body]);
    for cutting in input.cuttings() {
        let cut = read(max_line_bytes, &cutting.pieces);
        assert_eq!(cut, whole, "{} it has other frames", cutting.name);
    }
}

/// A frame that owns its bytes.
#[derive(Debug, PartialEq)]
enum Seen {
    Event(Option<Vec<u8>>, Vec<u8>),
    Heartbeat,
}

#[derive(Default)]
struct Frames(Vec<Seen>);

impl FrameSink for Frames {
    type Error = LineTooLong;

    fn frame(&mut self, frame: Frame<'_>) -> Result<(), LineTooLong> {
        self.0.push(match frame {
            Frame::Event { name, data } => Seen::Event(name.map(<[u8]>::to_vec), data.to_vec()),
            Frame::Heartbeat => Seen::Heartbeat,
        });
        Ok(())
    }
}

fn read(max_line_bytes: usize, pieces: &[&[u8]]) -> (Vec<Seen>, Result<(), LineTooLong>) {
    let (mut decoder, mut frames) = (SseDecoder::new(max_line_bytes), Frames::default());
    let end = pieces
        .iter()
        .try_for_each(|piece| decoder.push(piece, &mut frames))
        .and_then(|()| decoder.end(&mut frames));
    (frames.0, end)
}
