//! An object whose fields come in pieces. Each piece is added where it stands, so that many of them cost no more than their
//! bytes.

use crate::json::read::Value;
use crate::json::write::JsonWriter;

/// Most fields. What comes in pieces has a handful.
const MAX_FIELDS: usize = 256;

/// The object so far.
#[derive(Debug, Default)]
pub(crate) struct Growing(Vec<(String, Field)>);

#[derive(Debug)]
enum Field {
    /// Words that more may be added to, without quotes and escapes.
    Words(String),
    /// A list without its closing bracket.
    List(String),
    /// Anything else, as it was written.
    Whole(String),
}

/// What becomes of a string of a name that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strings {
    /// The last counts.
    Replace,
    /// They are one after the other.
    Join,
}

impl Growing {
    /// Adds a field, or more of one: lists are joined, strings as `strings` says, anything else takes the place of what was
    /// there. Answers with the bytes that are held more and less, or with nothing when there are too many fields.
    pub(crate) fn add(&mut self, name: &str, value: Value<'_>, strings: Strings) -> Option<(usize, usize)> {
        let new = || match (value.raw().strip_suffix(']'), value.string()) {
            (Some(list), _) => Field::List(list.trim_end().to_owned()),
            (None, Some(words)) if strings == Strings::Join => Field::Words(words.into_owned()),
            (None, _) => Field::Whole(value.raw().to_owned()),
        };
        let Some((_, held)) = self.0.iter_mut().find(|(held, _)| held == name) else {
            if self.0.len() >= MAX_FIELDS {
                return None;
            }
            let field = new();
            let more = name.len() + field.bytes();
            self.0.push((name.to_owned(), field));
            return Some((more, 0));
        };
        let before = held.bytes();
        match (&mut *held, new()) {
            (Field::Words(held), Field::Words(more)) => held.push_str(&more),
            (Field::List(held), Field::List(more)) => {
                let inside = more.strip_prefix('[').unwrap_or_default().trim_start();
                if !inside.is_empty() {
                    if held.len() > 1 {
                        held.push(',');
                    }
                    held.push_str(inside);
                }
            }
            (_, new) => *held = new,
        }
        let after = held.bytes();
        Some((after.saturating_sub(before), before.saturating_sub(after)))
    }

    /// Whether nothing has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the field has come.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(held, _)| held == name)
    }

    /// Writes the fields.
    pub(crate) fn write(&self, json: &mut JsonWriter) {
        for (name, field) in &self.0 {
            json.key(name);
            match field {
                Field::Words(words) => json.string(words),
                Field::List(list) => json.raw(&format!("{list}]")),
                Field::Whole(value) => json.raw(value),
            }
        }
    }

    /// The object.
    pub(crate) fn json(&self) -> String {
        let mut json = JsonWriter::default();
        json.object(|json| self.write(json));
        json.into_text()
    }
}

impl Field {
    fn bytes(&self) -> usize {
        match self {
            Self::Words(text) | Self::List(text) | Self::Whole(text) => text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(strings: Strings, pieces: &[(&str, &str)]) -> String {
        let mut growing = Growing::default();
        for (name, value) in pieces {
            growing.add(name, Value::parse(value).unwrap(), strings).unwrap();
        }
        growing.json()
    }

    #[test]
    fn lists_are_joined_and_strings_as_asked() {
        let pieces =
            [("a", "[1, 2 ]"), ("b", "\"x\\n\""), ("a", "[]"), ("a", "[ {} ]"), ("b", "\"y\""), ("c", "1")];
        assert_eq!(grown(Strings::Replace, &pieces), r#"{"a":[1, 2,{}],"b":"y","c":1}"#);
        assert_eq!(grown(Strings::Join, &pieces), r#"{"a":[1, 2,{}],"b":"x\ny","c":1}"#);
        assert_eq!(grown(Strings::Join, &[("a", "[]"), ("a", "[]")]), r#"{"a":[]}"#);
        assert_eq!(
            grown(Strings::Join, &[("a", "null"), ("a", "\"x\""), ("a", "[1]"), ("a", "2")]),
            r#"{"a":2}"#
        );
    }

    #[test]
    fn the_bytes_held_are_told() {
        let mut growing = Growing::default();
        let mut add = |value: &str, strings| growing.add("n", Value::parse(value).unwrap(), strings);
        assert_eq!(add("\"abc\"", Strings::Join), Some((4, 0)));
        assert_eq!(add("\"de\"", Strings::Join), Some((2, 0)));
        assert_eq!(add("7", Strings::Join), Some((0, 4)));
    }
}
