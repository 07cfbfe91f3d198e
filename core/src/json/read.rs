//! One level of a foreign document at a time, every value as its own text.
//!
//! serde_json does the scanning. It skips values without recursion and without reading numbers, so deep
//! nesting and `1e400` are harmless until somebody asks for their meaning.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Most fields of an object and elements of a list that are looked at; a longer one reads as none. A 16 MiB list of
/// zeros would otherwise take 200 MiB. An answer of 128,000 tokens with their log probabilities fits.
const MAX_ELEMENTS: usize = 1 << 18;

/// A value as it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Value<'a>(&'a str);

impl<'a> Value<'a> {
    /// Parses `text` far enough to know that it is one JSON value.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
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

    fn starts_with(self, byte: u8) -> bool {
        self.0.as_bytes().first() == Some(&byte)
    }

    /// Its fields; none if it is not an object.
    pub(crate) fn object(self) -> Object<'a> {
        if !self.starts_with(b'{') {
            return Object::default();
        }
        serde_json::from_str(self.0).unwrap_or_default()
    }

    /// Its fields, or nothing if it is not an object.
    pub(crate) fn as_object(self) -> Option<Object<'a>> {
        self.starts_with(b'{').then(|| self.object())
    }

    /// Its elements; none if it is not a list.
    pub(crate) fn list(self) -> Vec<Value<'a>> {
        self.as_list().unwrap_or_default()
    }

    /// Its elements, or nothing if it is not a list.
    pub(crate) fn as_list(self) -> Option<Vec<Value<'a>>> {
        if !self.starts_with(b'[') {
            return None;
        }
        Some(serde_json::from_str::<List<'a>>(self.0).map(|list| list.0).unwrap_or_default())
    }

    /// Its text, if it is a string. A lone surrogate becomes U+FFFD.
    pub(crate) fn string(self) -> Option<Cow<'a, str>> {
        if !self.starts_with(b'"') {
            return None;
        }
        match serde_json::from_str::<Text<'a>>(self.0) {
            Ok(text) => Some(text.0),
            Err(_) => serde_json::from_str::<Wtf8>(self.0).ok().map(|bytes| Cow::Owned(lossy(&bytes.0))),
        }
    }

    /// A count: a whole number, also when it is written as `12.0` or `"12"`.
    pub(crate) fn count(self) -> Option<u64> {
        let thousandths = self.thousandths()?;
        thousandths.is_multiple_of(1_000).then_some(thousandths / 1_000)
    }

    /// A number that is not negative, times a thousand, also when it is written as a string.
    pub(crate) fn thousandths(self) -> Option<u64> {
        let text = self.string().unwrap_or(Cow::Borrowed(self.0));
        super::decimal::thousandths(text.trim())
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

struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(TextVisitor)
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

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(Cow<'de, str>, Value<'de>)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(8);
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if fields.len() >= MAX_ELEMENTS {
                        return Err(serde::de::Error::custom("too many fields"));
                    }
                    fields.push((key.0, Value(map.next_value::<&'de RawValue>()?.get())));
                }
                Ok(fields)
            }
        }
        from.deserialize_map(Fields).map(Object)
    }
}

struct List<'a>(Vec<Value<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for List<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Vec<Value<'de>>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = seq.next_element::<&'de RawValue>()? {
                    if elements.len() >= MAX_ELEMENTS {
                        return Err(serde::de::Error::custom("too many elements"));
                    }
                    elements.push(Value(element.get()));
                }
                Ok(elements)
            }
        }
        from.deserialize_seq(Elements).map(List)
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_is_no_object_has_no_fields() {
        for text in ["null", "[]", "3", "\"x\""] {
            assert!(value(text).object().get("a").is_none());
        }
    }
}
