//! Request bodies: text of the core and blobs of the caller, joined.
//!
//! A picture of 20 MB is neither copied into the sandbox nor held twice: its base64 is made piece by piece while
//! the body is being sent, and a retry begins again from the same bytes.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use literllm_core::types::{BlobEncoding, BodySegment, FailureKind, TransportFailure};

use literllm_lend::not_sent;

/// Blobs of a call by their id. `Bytes` is shared, not copied.
pub(crate) type Blobs = BTreeMap<String, Bytes>;

/// How many bytes of a blob become base64 at once.
///
/// A multiple of 3, so that no piece but the last is padded; its base64 has 64 KiB, which is about what
/// a socket takes at once.
const BASE64_PIECE_BYTES: usize = 48 * 1024;

/// A request body of known length. It is an [`http_body::Body`] and an [`Iterator`] over its pieces.
pub struct Body {
    segments: VecDeque<Segment>,
    left_bytes: u64,
}

enum Segment {
    Raw(Bytes),
    Base64(Bytes),
}

impl Segment {
    fn length_bytes(&self) -> u64 {
        match self {
            Self::Raw(bytes) => bytes.len() as u64,
            Self::Base64(bytes) => (bytes.len() as u64).div_ceil(3) * 4,
        }
    }
}

impl Body {
    /// Joins the segments. `length_bytes` is the core's count, which becomes the content length.
    ///
    /// Fails with `missing-blob` when a blob is not there, or the sum is another (a blob has another length than
    /// its part of the message says).
    pub(crate) fn join(
        segments: Vec<BodySegment>,
        blobs: &Blobs,
        length_bytes: u64,
    ) -> Result<Self, TransportFailure> {
        let segments = segments.into_iter().map(|segment| match segment {
            BodySegment::Text(text) => Ok(Segment::Raw(text.text.into())),
            BodySegment::Blob(blob) => match (blobs.get(&blob.id), blob.encoding) {
                (Some(bytes), BlobEncoding::Raw) => Ok(Segment::Raw(bytes.clone())),
                (Some(bytes), BlobEncoding::Base64) => Ok(Segment::Base64(bytes.clone())),
                (None, _) => Err(not_sent(
                    FailureKind::MissingBlob,
                    format!("no blob has the id {:?} that a message names; add it to the chat", blob.id),
                )),
            },
        });
        let segments = segments.collect::<Result<VecDeque<_>, _>>()?;
        let joined_bytes: u64 = segments.iter().map(Segment::length_bytes).sum();
        if joined_bytes != length_bytes {
            return Err(not_sent(
                FailureKind::MissingBlob,
                format!(
                    "the joined body has {joined_bytes} bytes and should have {length_bytes}: a blob has another \
                     length than its part of the message says"
                ),
            ));
        }
        Ok(Self { segments, left_bytes: length_bytes })
    }

    /// How many bytes are still to come; before the first piece, the content length.
    pub fn length_bytes(&self) -> u64 {
        self.left_bytes
    }

    /// The whole body in one piece. Copies when it has several segments; meant for tests and small bodies.
    pub fn into_bytes(self) -> Bytes {
        let mut pieces: Vec<Bytes> = self.collect();
        if pieces.len() == 1 { pieces.remove(0) } else { pieces.concat().into() }
    }
}

impl Iterator for Body {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let piece = match self.segments.pop_front()? {
            Segment::Raw(bytes) => bytes,
            Segment::Base64(mut bytes) => {
                let piece = bytes.split_to(bytes.len().min(BASE64_PIECE_BYTES));
                if !bytes.is_empty() {
                    self.segments.push_front(Segment::Base64(bytes));
                }
                STANDARD.encode(piece).into()
            }
        };
        self.left_bytes -= piece.len() as u64;
        Some(piece)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left_bytes == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.left_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use literllm_core::types::{BlobSegment, TextSegment};

    fn text(text: &str) -> BodySegment {
        BodySegment::Text(TextSegment { text: text.to_owned() })
    }

    fn blob(id: &str, encoding: BlobEncoding) -> BodySegment {
        BodySegment::Blob(BlobSegment { id: id.to_owned(), encoding })
    }

    #[test]
    fn text_raw_and_base64_are_joined_in_order() {
        let blobs = Blobs::from([("a".to_owned(), Bytes::from_static(b"\xff\x00"))]);
        let segments = vec![
            text("<"),
            blob("a", BlobEncoding::Raw),
            text("|"),
            blob("a", BlobEncoding::Base64),
            text(">"),
        ];
        let body = Body::join(segments, &blobs, 9).unwrap();
        assert_eq!(body.length_bytes(), 9);
        assert_eq!(body.into_bytes(), b"<\xff\x00|/wA=>".as_slice());
    }

    #[test]
    fn a_large_blob_is_encoded_in_pieces_that_join_without_padding() {
        let bytes: Bytes = (0..200_000u32).map(|n| n as u8).collect::<Vec<_>>().into();
        let whole = STANDARD.encode(&bytes);
        let blobs = Blobs::from([("a".to_owned(), bytes)]);
        let body = Body::join(vec![blob("a", BlobEncoding::Base64)], &blobs, whole.len() as u64).unwrap();
        let pieces: Vec<Bytes> = body.collect();
        assert_eq!(pieces.len(), 5);
        assert_eq!(pieces.concat(), whole.as_bytes());
    }

    #[test]
    fn a_blob_that_is_missing_or_of_another_length_is_said() {
        let segments = || vec![blob("cat", BlobEncoding::Base64)];
        let missing = Body::join(segments(), &Blobs::new(), 4).unwrap_err();
        assert_eq!(missing.kind, FailureKind::MissingBlob);
        assert!(missing.message.contains("cat"), "{}", missing.message);
        let blobs = Blobs::from([("cat".to_owned(), Bytes::from_static(b"1234"))]);
        let other = Body::join(segments(), &blobs, 4).unwrap_err();
        assert_eq!(other.kind, FailureKind::MissingBlob);
    }
}
