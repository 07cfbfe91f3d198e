//! A provider that echoes the key must not get it into our errors.
//!
//! Some providers repeat a wrong key in the error they answer with, and from there it would travel
//! into error texts and logs. So before any byte reaches the core, the key is overwritten with as many `*`. A
//! chunk can end inside the key: what may be its beginning is held back until the next chunk shows.

use bytes::{Bytes, BytesMut};
use literllm_core::types::Header;

use crate::keys::Secret;

/// Keys shorter than this are not searched for, in bytes.
///
/// No provider issues such keys; people write `test` or `x` for a server that asks for none, and every `x` of an
/// answer would be lost.
const SHORTEST_KEY_BYTES: usize = 8;

/// Overwrites one call's key, in the form it has as a secret and in the form it has in a URL.
#[derive(Default)]
pub struct Scrubber {
    /// Usually none or one; filters in a row, so each may hold something back.
    filters: Vec<Filter>,
}

impl Scrubber {
    /// Without a secret, or with a short one, everything passes as it is.
    pub fn new(secret: Option<&Secret>) -> Self {
        let Some(secret) = secret.filter(|secret| secret.expose().len() >= SHORTEST_KEY_BYTES) else {
            return Self::default();
        };
        let mut filters = vec![Filter::new(secret.expose().into())];
        let encoded: String = url::form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect();
        if encoded != secret.expose() {
            filters.push(Filter::new(encoded));
        }
        Self { filters }
    }

    /// The next chunk, less what is held back. May be empty.
    pub fn push(&mut self, chunk: Bytes) -> Bytes {
        self.filters.iter_mut().fold(chunk, |chunk, filter| filter.push(chunk))
    }

    /// What was held back: the body has ended and it is not the key.
    pub fn finish(&mut self) -> Bytes {
        self.filters.iter_mut().fold(Bytes::new(), |before, filter| {
            let mut rest = BytesMut::from(filter.push(before).as_ref());
            rest.extend_from_slice(&std::mem::take(&mut filter.held));
            rest.freeze()
        })
    }

    /// A text without the key.
    pub fn text(&self, text: &str) -> String {
        self.filters.iter().fold(text.to_owned(), |text, filter| text.replace(&filter.key, &filter.stars()))
    }

    /// Header values without the key.
    pub fn headers(&self, headers: &mut [Header]) {
        for header in headers.iter_mut().filter(|_| !self.filters.is_empty()) {
            header.value = self.text(&header.value);
        }
    }
}

struct Filter {
    /// Visible ASCII, not empty.
    key: String,
    /// A proper prefix of the key with which the last chunk ended.
    held: Vec<u8>,
}

impl Filter {
    fn new(key: String) -> Self {
        Self { key, held: Vec::new() }
    }

    fn stars(&self) -> String {
        "*".repeat(self.key.len())
    }

    fn push(&mut self, chunk: Bytes) -> Bytes {
        if chunk.is_empty() {
            return chunk;
        }
        let mut chunk = match std::mem::take(&mut self.held) {
            held if held.is_empty() => chunk,
            held => [held.as_slice(), &chunk].concat().into(),
        };
        let (found, tail) = self.search(&chunk);
        self.held = chunk.split_off(tail).into();
        if found.is_empty() {
            return chunk;
        }
        let mut chunk = BytesMut::from(chunk.as_ref());
        for start in found {
            chunk[start..start + self.key.len()].fill(b'*');
        }
        chunk.freeze()
    }

    /// Where the key stands, and from where the rest may be its beginning. The first place wins, whatever the cuts.
    fn search(&self, bytes: &[u8]) -> (Vec<usize>, usize) {
        let key = self.key.as_bytes();
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(next) = bytes[at..].iter().position(|byte| *byte == key[0]) {
            at += next;
            let rest = &bytes[at..];
            if rest.starts_with(key) {
                found.push(at);
                at += key.len();
            } else if key.starts_with(rest) {
                return (found, at);
            } else {
                at += 1;
            }
        }
        (found, bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scrub(secret: &str, chunks: &[&[u8]]) -> Vec<u8> {
        let mut scrubber = Scrubber::new(Some(&Secret::new(secret)));
        let mut out = Vec::new();
        for chunk in chunks {
            out.extend_from_slice(&scrubber.push(Bytes::copy_from_slice(chunk)));
        }
        out.extend_from_slice(&scrubber.finish());
        out
    }

    #[test]
    fn a_key_cut_in_two_is_overwritten_and_a_beginning_alone_comes_back() {
        assert_eq!(scrub("sk-12345678", &[b"key sk-1234", b"5678 is wrong"]), b"key *********** is wrong");
        assert_eq!(scrub("sk-12345678", &[b"key sk-1234", b"9"]), b"key sk-12349");
        assert_eq!(scrub("sk-12345678", &[b"key sk-1234"]), b"key sk-1234");
    }

    #[test]
    fn the_form_in_a_url_is_overwritten_too() {
        let echo = scrub("ab+/cdef==", &[b"?key=ab%2B%2Fcd", b"ef%3D%3D&"]);
        assert_eq!(echo, b"?key=******************&");
    }

    #[test]
    fn short_keys_and_no_key_leave_all_as_it_is() {
        assert_eq!(scrub("test", &[b"a test"]), b"a test");
        let mut none = Scrubber::new(None);
        assert_eq!(none.push(Bytes::from_static(b"a")), "a");
        assert!(none.finish().is_empty());
    }

    #[test]
    fn header_values_and_messages_lose_the_key() {
        let scrubber = Scrubber::new(Some(&Secret::new("sk-12345678")));
        let mut headers = vec![Header { name: "x-echo".into(), value: "é sk-12345678".into() }];
        scrubber.headers(&mut headers);
        assert_eq!(headers[0].value, "é ***********");
    }

    proptest! {
        /// Few letters, so that keys and their beginnings are met often.
        #[test]
        fn any_cutting_gives_the_bytes_of_the_whole(
            secret in "[ab+]{8,10}",
            body in "[ab+%2B]{0,80}",
            around in any::<(bool, bool)>(),
            cuts in prop::collection::vec(0usize..100, 0..12),
        ) {
            let mut body = body.into_bytes();
            if around.0 { body.extend_from_slice(secret.as_bytes()); }
            if around.1 { body = [&body[..], b"ab", &body[..]].concat(); }
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (body.len() + 1)).collect();
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect();
            let whole = scrub(&secret, &[&body]);
            prop_assert_eq!(&scrub(&secret, &chunks), &whole);
            prop_assert_eq!(whole.len(), body.len());
            prop_assert!(!String::from_utf8(whole).unwrap().contains(&secret));
        }
    }
}
