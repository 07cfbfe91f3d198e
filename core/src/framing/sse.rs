//! Server-sent events, from bytes to frames.
//!
//! A chunk can end anywhere: inside a field name, between the `\r` and the `\n` of one line ending, in the
//! middle of a character. So bytes are buffered, cut at line ends, and a line is read only once it is whole.
//! Rules: WHATWG HTML, section 9.2.6. Beyond them, the last event needs no blank line behind it.

use super::Frame;

/// Turns bytes into frames.
#[derive(Debug)]
pub struct SseDecoder {
    /// The line that is not whole yet.
    line: Vec<u8>,
    /// `data:` lines of the event that is not whole yet, joined.
    data: Vec<u8>,
    has_data: bool,
    /// The `event:` field of that event.
    name: Vec<u8>,
    has_name: bool,
    /// The last line ended in `\r`: a `\n` that follows belongs to it.
    after_cr: bool,
    /// Nothing but a byte order mark may have come yet.
    at_start: bool,
    max_line_bytes: usize,
}

/// A line, or the data of one event, passed the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTooLong;

/// What a receiver of frames answers: go on, or stop.
pub trait FrameSink {
    /// Why it stopped.
    type Error: From<LineTooLong>;
    /// Takes one frame.
    fn frame(&mut self, frame: Frame<'_>) -> Result<(), Self::Error>;
}

/// U+FEFF in UTF-8, which some servers put in front of everything.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What a buffer may keep between two lines, in bytes.
const KEPT_BUFFER_BYTES: usize = 16 << 10;

impl SseDecoder {
    /// A decoder that refuses lines, and events, of more than `max_line_bytes`.
    pub fn new(max_line_bytes: usize) -> Self {
        Self {
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            name: Vec::new(),
            has_name: false,
            after_cr: false,
            at_start: true,
            max_line_bytes,
        }
    }

    /// Whether nothing of an event, and no part of a line, is held.
    pub(crate) fn is_between_events(&self) -> bool {
        let empty = self.line.is_empty() && self.data.is_empty() && self.name.is_empty();
        empty && !self.has_data && !self.has_name && !self.after_cr && !self.at_start
    }

    /// Reads `bytes`; whole events go to `sink`. After an error the decoder is not to be used again.
    pub fn push<S: FrameSink>(&mut self, mut bytes: &[u8], sink: &mut S) -> Result<(), S::Error> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr)
                && let Some(rest) = bytes.strip_prefix(b"\n")
            {
                bytes = rest;
                continue;
            }
            let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) else {
                self.keep(bytes)?;
                return Ok(());
            };
            let (head, tail) = bytes.split_at(end);
            self.after_cr = tail.first() == Some(&b'\r');
            bytes = tail.get(1..).unwrap_or_default();
            if self.line.is_empty() && head.len() <= self.max_line_bytes {
                self.read_line(head, sink)?;
            } else {
                self.keep(head)?;
                let line = std::mem::take(&mut self.line);
                self.read_line(&line, sink)?;
                self.line = emptied(line);
            }
        }
        Ok(())
    }

    /// Bytes of the line and the event that are not whole yet.
    pub(crate) fn held_bytes(&self) -> usize {
        self.line.len() + self.data.len() + self.name.len()
    }

    /// The body has ended: what is left is the last line and the last event.
    pub fn end<S: FrameSink>(&mut self, sink: &mut S) -> Result<(), S::Error> {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() {
            self.read_line(&line, sink)?;
        }
        self.read_line(b"", sink)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), LineTooLong> {
        if self.line.len() + bytes.len() > self.max_line_bytes {
            return Err(LineTooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn read_line<S: FrameSink>(&mut self, mut line: &[u8], sink: &mut S) -> Result<(), S::Error> {
        if std::mem::take(&mut self.at_start) {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch(sink);
        }
        if line.first() == Some(&b':') {
            return sink.frame(Frame::Heartbeat);
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (field, rest) = line.split_at(colon);
                let value = rest.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"data" => {
                if self.data.len() + value.len() > self.max_line_bytes {
                    return Err(LineTooLong.into());
                }
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            b"event" => {
                self.name = emptied(std::mem::take(&mut self.name));
                self.name.extend_from_slice(value);
                self.has_name = true;
            }
            // `id` and `retry` are for reconnecting, which a POST cannot; other fields are to be ignored.
            _ => {}
        }
        Ok(())
    }

    fn dispatch<S: FrameSink>(&mut self, sink: &mut S) -> Result<(), S::Error> {
        let has_name = std::mem::take(&mut self.has_name);
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        let name = has_name.then_some(self.name.as_slice());
        let told = sink.frame(Frame::Event { name, data: &self.data });
        self.data = emptied(std::mem::take(&mut self.data));
        told
    }
}

/// The buffer for the next one; what a single long line needed is given back.
fn emptied(mut buffer: Vec<u8>) -> Vec<u8> {
    buffer.clear();
    buffer.shrink_to(KEPT_BUFFER_BYTES);
    buffer
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default, Debug, PartialEq)]
    struct Seen(Vec<(Option<String>, Option<String>)>);

    impl FrameSink for Seen {
        type Error = LineTooLong;
        fn frame(&mut self, frame: Frame<'_>) -> Result<(), LineTooLong> {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.0.push(match frame {
                Frame::Event { name, data } => (name.map(text), Some(text(data))),
                Frame::Heartbeat => (None, None),
            });
            Ok(())
        }
    }

    fn read(chunks: &[&[u8]]) -> Seen {
        let (mut decoder, mut seen) = (SseDecoder::new(64), Seen::default());
        for chunk in chunks {
            decoder.push(chunk, &mut seen).unwrap();
        }
        decoder.end(&mut seen).unwrap();
        seen
    }

    fn data(text: &str) -> (Option<String>, Option<String>) {
        (None, Some(text.into()))
    }

    #[test]
    fn three_line_endings_and_a_byte_order_mark() {
        assert_eq!(
            read(&[b"\xEF\xBB\xBFdata: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d"]).0,
            ["a", "b", "c", "d"].map(data)
        );
    }

    #[test]
    fn fields_without_a_space_without_a_colon_and_unknown_ones() {
        assert_eq!(read(&[b"data:a\nid: 7\ndata\ndata:  b\nwhat: c\n\n"]).0, [data("a\n\n b")]);
    }

    #[test]
    fn comments_are_heartbeats_and_names_belong_to_one_event() {
        let seen = read(&[b"\n\n: PROCESSING\n\nevent: ping\ndata: {}\n\nevent: lost\n\ndata: x\n\n"]).0;
        assert_eq!(seen, [(None, None), (Some("ping".into()), Some("{}".into())), data("x")]);
    }

    #[test]
    fn a_line_beyond_the_bound_is_refused_however_it_is_cut() {
        let body = [b"data: ".as_slice(), &[b'x'; 70], b"\n\n"].concat();
        for size in [1, 7, 64, 100] {
            let (mut decoder, mut seen) = (SseDecoder::new(64), Seen::default());
            let result = body.chunks(size).try_for_each(|chunk| decoder.push(chunk, &mut seen));
            assert_eq!(result, Err(LineTooLong), "{size}");
        }
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_same_frames(
            lines in prop::collection::vec("(data|event|:|x)?(: ?|:)?[a-zé\u{1F600}]{0,6}(\n|\r|\r\n)", 0..20),
            cuts in prop::collection::vec(0usize..200, 0..8),
        ) {
            let body = lines.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(body.len())).chain([0, body.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
            let bytes: Vec<&[u8]> = body.chunks(1).collect();
            let whole = read(&[&body]);
            prop_assert_eq!(&read(&pieces), &whole);
            prop_assert_eq!(&read(&bytes), &whole);
        }
    }
}
