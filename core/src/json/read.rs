//! One level of a foreign document at a time, every value as its own text.
//!
//! A text is looked at once whether it is JSON ([`super::check`], and serde_json where that is not sure), without recursion
//! and without reading numbers, so deep nesting and `1e400` are harmless until somebody asks for their meaning. From then
//! on the text is known to be good, and [`Scan`] only has to find where values end: each level of nesting is looked at
//! again, so this has to be quick.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::bytes::{has_backslash, quote_or_backslash};
use super::check::is_value;

/// Most fields of an object and elements of a list that are looked at; a longer one reads as none. A 16 MiB list of
/// zeros would otherwise take 200 MiB. An answer of 128,000 tokens with their log probabilities fits.
const MAX_ELEMENTS: usize = 1 << 18;

/// A value as it was written: valid JSON without white space around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a>(&'a str);

impl<'a> Value<'a> {
    /// Parses `text` far enough to know that it is one JSON value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        if is_value(text) {
            return Ok(Self(text));
        }
        serde_json::from_str::<&RawValue>(text).map(|raw| Self(raw.get()))
    }

    /// Its text.
    pub(crate) fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Its fields; none if it is not an object.
    pub(crate) fn object(self) -> Object<'a> {
        self.as_object().unwrap_or_default()
    }

    /// Its fields, or nothing if it is not an object.
    pub(crate) fn as_object(self) -> Option<Object<'a>> {
        let mut scan = Scan::inside(self.0, b'{')?;
        let mut fields = Vec::with_capacity(8);
        while let Some(key) = scan.item() {
            scan.skip(b':');
            scan.space();
            let Some(value) = scan.value() else { break };
            if fields.len() >= MAX_ELEMENTS {
                return Some(Object::default());
            }
            fields.push((key.string().unwrap_or_default(), value));
        }
        Some(Object(fields))
    }

    /// Its elements; none if it is not a list.
    pub(crate) fn list(self) -> Vec<Value<'a>> {
        self.as_list().unwrap_or_default()
    }

    /// Its elements, or nothing if it is not a list.
    pub(crate) fn as_list(self) -> Option<Vec<Value<'a>>> {
        let mut scan = Scan::inside(self.0, b'[')?;
        let mut elements = Vec::new();
        while let Some(element) = scan.item() {
            if elements.len() >= MAX_ELEMENTS {
                return Some(Vec::new());
            }
            elements.push(element);
        }
        Some(elements)
    }

    /// Its text, if it is a string. A lone surrogate becomes U+FFFD.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !has_backslash(inside.as_bytes()) {
            return Some(Cow::Borrowed(inside));
        }
        match serde_json::from_str::<String>(self.0) {
            Ok(text) => Some(Cow::Owned(text)),
            Err(_) => serde_json::from_str::<Wtf8>(self.0).ok().map(|bytes| Cow::Owned(lossy(&bytes.0))),
        }
    }

    /// Its text as a piece of a longer one, if it is a string.
    pub(crate) fn piece(self) -> Option<Piece<'a>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !has_backslash(inside.as_bytes()) {
            return Some(Piece::from(inside));
        }
        match serde_json::from_str::<String>(self.0) {
            Ok(text) => Some(Piece { text: Cow::Owned(text), ..Piece::default() }),
            Err(_) => serde_json::from_str::<Wtf8>(self.0).ok().map(|bytes| Piece::of_wtf8(&bytes.0)),
        }
    }

    /// A count: a whole number, also when it is written as `12.0` or `"12"`.
    pub(crate) fn count(self) -> Option<u64> {
        let thousandths = self.thousandths()?;
        thousandths.is_multiple_of(1_000).then_some(thousandths / 1_000)
    }

    /// A number that is not negative, times a thousand, also when it is written as a string.
    pub(crate) fn thousandths(self) -> Option<u64> {
        match self.string() {
            Some(text) => super::decimal::thousandths(text.trim()),
            None => super::decimal::thousandths(self.0),
        }
    }

    /// A number's own text, if it is a number.
    pub(crate) fn number_text(self) -> Option<&'a str> {
        let first = self.0.as_bytes().first()?;
        (first.is_ascii_digit() || *first == b'-').then_some(self.0)
    }
}

/// The fields of an object in their order. A repeated key keeps its place in the list; lookups see the last.
#[derive(Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// The field's value, unless it is absent or `null`.
    pub(crate) fn get(&self, name: &str) -> Option<Value<'a>> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| *value)
            .filter(|value| !value.is_null())
    }

    /// The field as text.
    pub(crate) fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.string()
    }

    /// The field as a piece of a longer text; nothing if it is absent.
    pub(crate) fn piece(&self, name: &str) -> Piece<'a> {
        self.get(name).and_then(Value::piece).unwrap_or_default()
    }

    /// The field as text, unless it is empty.
    pub(crate) fn words(&self, name: &str) -> Option<Cow<'a, str>> {
        self.string(name).filter(|text| !text.is_empty())
    }

    /// The field as a count.
    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        self.get(name)?.count()
    }

    /// The elements of the field; none if it is absent or no list.
    pub(crate) fn list(&self, name: &str) -> Vec<Value<'a>> {
        self.get(name).map(Value::list).unwrap_or_default()
    }

    /// The fields of the field; none if it is absent or no object.
    pub(crate) fn object(&self, name: &str) -> Object<'a> {
        self.get(name).map(Value::object).unwrap_or_default()
    }

    /// All fields in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), *value))
    }
}

/// A piece of a text that is sent in several. A character beyond U+FFFF is two escapes in JSON, and some servers cut between
/// them: the halves at both ends are kept apart, to be joined with the pieces around.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Piece<'a> {
    /// The second half of a character that another piece began: U+DC00 to U+DFFF.
    pub(crate) low: Option<u16>,
    pub(crate) text: Cow<'a, str>,
    /// The first half of a character that another piece ends: U+D800 to U+DBFF.
    pub(crate) high: Option<u16>,
}

impl<'a> From<&'a str> for Piece<'a> {
    fn from(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), ..Self::default() }
    }
}

impl Piece<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.low.is_none() && self.text.is_empty() && self.high.is_none()
    }

    /// Surrogates are three bytes here (WTF-8): ED A0..AF for the first half, ED B0..BF for the second.
    fn of_wtf8(mut bytes: &[u8]) -> Self {
        let half = |bytes: &[u8]| match bytes {
            [0xED, middle @ 0xA0..=0xBF, last] => {
                Some(0xD000 | u16::from(middle & 0x3F) << 6 | u16::from(last & 0x3F))
            }
            _ => None,
        };
        let low = bytes.get(..3).and_then(half).filter(|half| *half >= 0xDC00);
        if low.is_some() {
            bytes = bytes.get(3..).unwrap_or_default();
        }
        let end = bytes.len().saturating_sub(3);
        let high = bytes.get(end..).and_then(half).filter(|half| *half < 0xDC00);
        if high.is_some() {
            bytes = bytes.get(..end).unwrap_or_default();
        }
        Self { low, text: Cow::Owned(lossy(bytes)), high }
    }
}

/// Text of which a lone surrogate was kept as three bytes that are no UTF-8: each becomes one U+FFFD.
fn lossy(wtf8: &[u8]) -> String {
    let mut text = String::with_capacity(wtf8.len());
    let mut rest = wtf8;
    loop {
        match std::str::from_utf8(rest) {
            Ok(good) => {
                text.push_str(good);
                return text;
            }
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                text.push_str(&String::from_utf8_lossy(good));
                text.push('\u{FFFD}');
                rest = bad.get(3..).unwrap_or_default();
            }
        }
    }
}

/// serde_json lets lone surrogates through when bytes are asked for.
struct Wtf8(Vec<u8>);

impl<'de> Deserialize<'de> for Wtf8 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl Visitor<'_> for BytesVisitor {
            type Value = Wtf8;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Wtf8(bytes.to_vec()))
            }
        }
        from.deserialize_bytes(BytesVisitor)
    }
}

/// A walk over one level of a text that is known to be valid.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    /// Begins behind the bracket that opens; `None` if the text begins otherwise.
    fn inside(text: &'a str, open: u8) -> Option<Self> {
        (text.as_bytes().first() == Some(&open)).then_some(Self { text, at: 1 })
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes over this byte and the white space before it.
    fn skip(&mut self, byte: u8) {
        self.space();
        if self.peek() == Some(byte) {
            self.at += 1;
        }
    }

    /// The next element or key; `None` at the bracket that closes.
    fn item(&mut self) -> Option<Value<'a>> {
        self.skip(b',');
        self.space();
        (!matches!(self.peek(), None | Some(b']' | b'}'))).then(|| self.value())?
    }

    /// The value that stands here.
    #[inline(always)]
    fn value(&mut self) -> Option<Value<'a>> {
        let start = self.at;
        match self.peek()? {
            b'"' => self.string(),
            b'{' | b'[' => self.brackets(),
            _ => {
                while !matches!(self.peek(), None | Some(b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r')) {
                    self.at += 1;
                }
            }
        }
        self.text.get(start..self.at).map(Value)
    }

    /// Passes over a string.
    #[inline(always)]
    fn string(&mut self) {
        self.at += 1;
        while let Some(rest) = self.text.as_bytes().get(self.at..) {
            let place = quote_or_backslash(rest);
            self.at += place + 1;
            match rest.get(place) {
                // What is escaped may be a quote.
                Some(b'\\') => self.at += 1,
                _ => return,
            }
        }
    }

    /// Passes over an object or a list and all that is nested in it.
    fn brackets(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(text: &str) -> Value<'_> {
        Value::parse(text).unwrap()
    }

    #[test]
    fn numbers_too_large_for_any_float_pass_as_text() {
        let object = value(r#"{"a": 1e400, "b": 123456789012345678901234567890}"#).object();
        assert_eq!(object.get("a").unwrap().raw(), "1e400");
        assert_eq!(object.get("b").unwrap().raw(), "123456789012345678901234567890");
        assert_eq!(object.count("a"), None);
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(value(r#"{"a":1,"a":2}"#).object().count("a"), Some(2));
    }

    #[test]
    fn counts_may_be_floats_or_strings_but_not_fractions() {
        for (text, count) in [
            ("12", Some(12)),
            ("12.0", Some(12)),
            ("\"12\"", Some(12)),
            ("1.5", None),
            ("-1", None),
            ("{}", None),
        ] {
            assert_eq!(value(text).count(), count, "{text}");
        }
    }

    #[test]
    fn a_lone_surrogate_becomes_one_replacement_character() {
        assert_eq!(value(r#""a\ud83dz""#).string().unwrap(), "a\u{FFFD}z");
        assert_eq!(value(r#""\ude00\ud83d""#).string().unwrap(), "\u{FFFD}\u{FFFD}");
        assert_eq!(value(r#""\ud83d\ude00""#).string().unwrap(), "\u{1F600}");
    }

    #[test]
    fn a_hundred_thousand_brackets_are_one_value() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(value(&deep).object().list("a").len(), 1);
    }

    /// What serde_json makes of the same text.
    fn reference(value: Value<'_>) -> serde_json::Value {
        let again = |value: Value<'_>| reference(value);
        match value.raw().as_bytes().first() {
            Some(b'{') => value.object().iter().map(|(key, value)| (key.to_owned(), again(value))).collect(),
            Some(b'[') => value.list().into_iter().map(again).collect(),
            Some(b'"') => value.string().unwrap().into_owned().into(),
            _ => serde_json::from_str(value.raw()).unwrap(),
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[\\PC\"\\\\{}\\[\\],: \n\t\u{1}]{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            let key = "[a-z\"\\\\{}é]{0,4}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(key, inner, 0..6)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_document_reads_as_serde_json_reads_it(document in any_json(), pretty in any::<bool>()) {
            let text = if pretty { format!("{document:#}") } else { document.to_string() };
            prop_assert_eq!(reference(value(&text)), document);
        }
    }

    #[test]
    fn white_space_stands_anywhere() {
        let text = " { \"a\" :\t[ 1 ,\r\n \"}\\\"]\" , { } , [ ] ] , \"b\" : true } ";
        let object = value(text.trim()).object();
        assert_eq!(
            object.list("a").iter().map(|value| value.raw()).collect::<Vec<_>>(),
            ["1", "\"}\\\"]\"", "{ }", "[ ]"]
        );
        assert_eq!(object.get("b").unwrap().raw(), "true");
    }

    #[test]
    fn what_is_no_object_has_no_fields() {
        for text in ["null", "[]", "3", "\"x\""] {
            assert!(value(text).object().get("a").is_none());
        }
    }
}
