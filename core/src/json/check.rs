//! Whether a text is one JSON value (RFC 8259).
//!
//! It only says yes, quickly. What it does not know to be good (a mistake, or deeper nesting than it keeps track of) is
//! serde_json's to judge and to name. Numbers are not read, so `1e400` is one.

use super::bytes::not_plain;

/// Deepest nesting that is looked into: a bit for each bracket that is open.
const MAX_DEPTH: u32 = u64::BITS;

/// Whether it is certainly one value, without white space around it.
pub(crate) fn is_value(text: &str) -> bool {
    Check { bytes: text.as_bytes(), at: 0 }.value() == Some(text.len())
}

/// Each step answers with nothing when it is not sure.
struct Check<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Check<'_> {
    /// Answers with the end of the value.
    fn value(&mut self) -> Option<usize> {
        // The innermost bracket is the lowest bit, set for an object.
        let (mut depth, mut objects) = (0, 0_u64);
        loop {
            let opened = match self.peek()? {
                b'"' => self.string().map(|()| false)?,
                b'{' => self.opens(b'}', depth)?,
                b'[' => self.opens(b']', depth)?,
                b'-' | b'0'..=b'9' => self.number().map(|()| false)?,
                b't' => self.word(b"true").map(|()| false)?,
                b'f' => self.word(b"false").map(|()| false)?,
                b'n' => self.word(b"null").map(|()| false)?,
                _ => return None,
            };
            if opened {
                let object = self.bytes.get(self.at) == Some(&b'{');
                (depth, objects) = (depth + 1, objects << 1 | u64::from(object));
                self.at += 1;
                self.space();
                if object {
                    self.key()?;
                }
                continue;
            }
            loop {
                if depth == 0 {
                    return Some(self.at);
                }
                self.space();
                let object = objects & 1 == 1;
                match self.peek()? {
                    b',' => {
                        self.at += 1;
                        self.space();
                        if object {
                            self.key()?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return None,
                }
                (depth, objects) = (depth - 1, objects >> 1);
                self.at += 1;
            }
        }
    }

    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// At a bracket: whether something is in it. An empty pair is passed over.
    #[inline(always)]
    fn opens(&mut self, close: u8, depth: u32) -> Option<bool> {
        let open = self.at;
        self.at += 1;
        self.space();
        if self.peek()? == close {
            self.at += 1;
            return Some(false);
        }
        self.at = open;
        (depth < MAX_DEPTH).then_some(true)
    }

    /// A field's name and its colon.
    #[inline(always)]
    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.space();
        self.expect(b':')?;
        self.space();
        Some(())
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.at += 1;
        Some(())
    }

    #[inline(always)]
    fn string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            self.at += not_plain(self.bytes.get(self.at..)?);
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(());
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let letter = self.peek()?;
        self.at += 1;
        match letter {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn number(&mut self) -> Option<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// At least one.
    #[inline(always)]
    fn digits(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8]) -> Option<()> {
        if !self.bytes.get(self.at..)?.starts_with(word) {
            return None;
        }
        self.at += word.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    fn serde_says(text: &str) -> bool {
        serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text)
    }

    #[test]
    fn every_small_text_is_judged_as_serde_json_judges_it() {
        const LETTERS: &[u8] = b"{}[],:\"\\ 0-1.e+tu\x01x";
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            texts = texts
                .iter()
                .flat_map(|text| LETTERS.iter().map(move |letter| format!("{text}{}", char::from(*letter))))
                .collect();
            for text in &texts {
                assert_eq!(is_value(text), serde_says(text), "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_too_deep_is_left_to_others() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_value(&nested(64)));
        assert!(!is_value(&nested(65)));
    }

    proptest! {
        #[test]
        fn a_document_with_a_slip_is_judged_as_serde_json_judges_it(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\"", "\"\\x\"", "\"long enough for words\"",
                    "0", "-1", "1.5e-3", "01", "1.", "true", "false", "null", "nul", " ", "\n", "é", "\"\t\"",
                ]),
                0..14,
            ),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(is_value(&text), serde_says(&text));
        }
    }
}
