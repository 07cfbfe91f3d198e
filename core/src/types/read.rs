//! Documents of callers and hosts, read strictly and in little code.
//!
//! The types also derive serde's `Deserialize`, which is what Rust programs use. The engine does not: derived readers
//! of nested variants were 190 kB of a 366 kB component, this one is a fifth of that, and it names the
//! place of a mistake. A test holds the two equal.

use super::message::FromText;
use super::*;
use crate::json::read::{Object, Value};

/// A mistake in a document and where it stands.
#[derive(Debug)]
pub(crate) struct Mistake {
    path: String,
    what: String,
}

impl Mistake {
    fn new(what: impl Into<String>) -> Box<Self> {
        Box::new(Self { path: String::new(), what: what.into() })
    }

    fn under(mut self: Box<Self>, step: &str) -> Box<Self> {
        let joint = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{joint}{}", self.path);
        self
    }
}

type Reading<T> = Result<T, Box<Mistake>>;

/// Reads a whole document; `what` names it in the error.
pub(crate) fn document<T: Read>(what: &str, text: &str) -> Result<T, Error> {
    let bad = |why: &str| Error::new(ErrorKind::InvalidRequest, format!("the {what} cannot be read: {why}"));
    let value = Value::parse(text).map_err(|error| bad(&format!("it is not valid JSON: {error}")))?;
    T::read(value).map_err(|mistake| match mistake.path.as_str() {
        "" => bad(&mistake.what),
        path => bad(&format!("{path}: {}", mistake.what)),
    })
}

/// Something a document may hold.
pub(crate) trait Read: Sized {
    fn read(value: Value<'_>) -> Reading<Self>;

    /// What an absent field means; `None` if it must be there.
    fn absent() -> Option<Self> {
        None
    }
}

fn expected<T>(what: &str, value: Value<'_>) -> Reading<T> {
    Err(Mistake::new(format!("expected {what}, got {}", crate::error::clip(value.raw(), 60))))
}

/// The fields of a record, none of them unknown.
fn record<'a>(value: Value<'a>, known: &[&str]) -> Reading<Object<'a>> {
    let Some(object) = value.as_object() else { return expected("an object", value) };
    if let Some((name, _)) = object.iter().find(|(name, _)| !known.contains(name)) {
        let near = known.iter().find(|known| is_near(known, name));
        let hint = near.map_or_else(
            || format!("; known are {}", known.join(", ")),
            |near| format!("; did you mean {near}?"),
        );
        return Err(Mistake::new(format!("unknown field {name}{hint}")));
    }
    Ok(object)
}

/// Whether one is likely the other with a slip: they share all but two characters in a row.
fn is_near(known: &str, given: &str) -> bool {
    let (a, b) = (known.as_bytes(), given.as_bytes());
    let shorter = a.len().min(b.len());
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take(shorter.saturating_sub(head))
        .take_while(|(a, b)| a == b)
        .count();
    head + tail + 2 >= a.len().max(b.len()) && head + tail >= 2
}

fn field<T: Read>(object: &Object<'_>, name: &str) -> Reading<T> {
    let read = match object.get(name) {
        Some(value) => T::read(value),
        None => T::absent().ok_or_else(|| Mistake::new("is missing")),
    };
    read.map_err(|mistake| mistake.under(name))
}

fn fill<T: Read>(object: &Object<'_>, name: &str, slot: &mut T) -> Reading<()> {
    *slot = field(object, name)?;
    Ok(())
}

fn word<T: Copy>(value: Value<'_>, words: &[(&str, T)]) -> Reading<T> {
    let found = value.string().and_then(|text| words.iter().find(|(word, _)| *word == text));
    match found {
        Some((_, meaning)) => Ok(*meaning),
        None => {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            expected(&format!("one of {}", words.join(", ")), value)
        }
    }
}

/// The case of a variant and the value without its `type`.
fn case<'a>(value: Value<'a>, cases: &[&str]) -> Reading<usize> {
    let Some(object) = value.as_object() else { return expected("an object with a type", value) };
    let found = object.string("type").and_then(|case| cases.iter().position(|known| *known == case));
    found.ok_or_else(|| {
        let given = object.get("type").map_or("nothing", Value::raw);
        Mistake::new(format!(
            "expected one of {} as its type, got {}",
            cases.join(", "),
            crate::error::clip(given, 60)
        ))
        .under("type")
    })
}

impl Read for String {
    fn read(value: Value<'_>) -> Reading<Self> {
        match value.string() {
            Some(text) => Ok(text.into_owned()),
            None => expected("a string", value),
        }
    }
}

impl Read for bool {
    fn read(value: Value<'_>) -> Reading<Self> {
        match value.raw() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => expected("true or false", value),
        }
    }
}

impl Read for Number {
    fn read(value: Value<'_>) -> Reading<Self> {
        match value.number_text() {
            Some(text) => Ok(Self::as_written(text)),
            None => expected("a number", value),
        }
    }
}

fn whole<T: std::str::FromStr>(value: Value<'_>) -> Reading<T> {
    match value.number_text().and_then(|text| text.parse().ok()) {
        Some(number) => Ok(number),
        None => expected("a whole number in range", value),
    }
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl Read for $type {
            fn read(value: Value<'_>) -> Reading<Self> {
                whole(value)
            }
        }
    )*};
}
whole_numbers!(u16, u32, u64, i64);

impl<T: Read> Read for Option<T> {
    fn read(value: Value<'_>) -> Reading<Self> {
        T::read(value).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(value: Value<'_>) -> Reading<Self> {
        let Some(elements) = value.as_list() else { return expected("a list", value) };
        let mut list = Self::with_capacity(elements.len());
        for (at, element) in elements.into_iter().enumerate() {
            list.push(T::read(element).map_err(|mistake| mistake.under(&format!("[{at}]")))?);
        }
        Ok(list)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// `record!(Type { fields })`: the struct literal inside makes the compiler check that none is forgotten.
macro_rules! record {
    ($type:ident $(tagged $tag:literal)? { $($field:ident),* $(,)? }) => {
        impl Read for $type {
            fn read(value: Value<'_>) -> Reading<Self> {
                let object = record(value, &[$($tag,)? $(stringify!($field)),*])?;
                Ok(Self { $($field: field(&object, stringify!($field))?),* })
            }
        }
    };
}

/// The same for a record with a default: one value to drop when a field is wrong, not one for each field before it.
macro_rules! options {
    ($type:ident $(tagged $tag:literal)? { $($field:ident),* $(,)? }) => {
        impl Read for $type {
            fn read(value: Value<'_>) -> Reading<Self> {
                let object = record(value, &[$($tag,)? $(stringify!($field)),*])?;
                let mut read = Self::default();
                let Self { $($field),* } = &mut read;
                $(fill(&object, stringify!($field), $field)?;)*
                Ok(read)
            }
        }
    };
}

/// `words!(Enum { Case = "word" })`.
macro_rules! words {
    ($type:ident { $($case:ident = $word:literal),* $(,)? }) => {
        impl Read for $type {
            fn read(value: Value<'_>) -> Reading<Self> {
                word(value, &[$(($word, Self::$case)),*])
            }
        }
    };
}

/// `variant!(Enum { Case(Record) = "type" })`; a case without a record is just its type.
macro_rules! variant {
    ($type:ident { $($case:ident $(($record:ident))? = $word:literal),* $(,)? }) => {
        impl Read for $type {
            fn read(value: Value<'_>) -> Reading<Self> {
                #[derive(Clone, Copy)]
                enum Case { $($case),* }
                const CASES: &[Case] = &[$(Case::$case),*];
                match CASES.get(case(value, &[$($word),*])?) {
                    $(Some(Case::$case) => variant!(@read value $type $case $($record)?),)*
                    None => expected("a known type", value),
                }
            }
        }
    };
    (@read $value:ident $type:ident $case:ident $record:ident) => { $record::read($value).map($type::$case) };
    (@read $value:ident $type:ident $case:ident) => { record($value, &["type"]).map(|_| $type::$case) };
}

// After the macros, which it uses.
mod table;

/// A list, or a plain string as a list of one text.
fn content<T: Read + FromText>(object: &Object<'_>) -> Reading<Vec<T>> {
    match object.get("content").and_then(Value::string) {
        Some(text) => Ok(vec![T::from_text(text.into_owned())]),
        None => field(object, "content"),
    }
}

impl Read for Message {
    fn read(value: Value<'_>) -> Reading<Self> {
        let object = record(value, &["role", "content", "name"])?;
        Ok(Self { role: field(&object, "role")?, content: content(&object)?, name: field(&object, "name")? })
    }
}

impl Read for ToolResultPart {
    fn read(value: Value<'_>) -> Reading<Self> {
        let object = record(value, &["type", "tool_call_id", "name", "content", "is_error", "cache"])?;
        Ok(Self {
            tool_call_id: field(&object, "tool_call_id")?,
            name: field(&object, "name")?,
            content: content(&object)?,
            is_error: field(&object, "is_error")?,
            cache: field(&object, "cache")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T: Read + std::fmt::Debug>(text: &str) -> String {
        document::<T>("request", text).unwrap_err().message
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        let text = r#"{"model":"a/b","messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image","source":{"type":"url"}}]}]}"#;
        assert_eq!(
            why::<Request>(text),
            "the request cannot be read: messages[0].content[1].source.url: is missing"
        );
        assert!(
            why::<Request>(r#"{"model":"a/b","temprature":1}"#)
                .ends_with("unknown field temprature; did you mean temperature?")
        );
        assert!(why::<Request>(r#"{"model":1}"#).contains("model: expected a string, got 1"));
        assert!(
            why::<Request>(r#"{"model":"a","messages":[{"role":"boss"}]}"#)
                .contains("messages[0].role: expected one of system")
        );
        assert!(why::<Request>("[]").contains("expected an object"));
        assert!(why::<Request>("{").contains("not valid JSON"));
        assert!(
            why::<Request>(r#"{"model":"a","tool_choice":{"type":"perhaps"}}"#)
                .contains("tool_choice.type: expected one of auto")
        );
        assert!(
            why::<Request>(r#"{"model":"a","tool_choice":{"type":"auto","name":"x"}}"#)
                .contains("unknown field name")
        );
    }

    #[test]
    fn both_readers_agree() {
        let text = include_str!("read/sample.json");
        let ours: Request = document("request", text).unwrap();
        let derived: Request = serde_json::from_str(text).unwrap();
        assert_eq!(ours, derived);
        let options = r#"{"policy":{"max_attempts":2,"total_timeout_ms":1000},"strict":true}"#;
        assert_eq!(
            document::<CallOptions>("options", options).unwrap(),
            serde_json::from_str(options).unwrap()
        );
        let config = r#"{"providers":[{"id":"x","base_url":"http://h","auth":{"type":"query","name":"key"},"key_env":["K"]}],"limits":{"max_line_bytes":9}}"#;
        assert_eq!(
            document::<ClientConfig>("config", config).unwrap(),
            serde_json::from_str(config).unwrap()
        );
        let failure = r#"{"kind":"reset","reached":"head_seen","message":"m"}"#;
        assert_eq!(
            document::<TransportFailure>("failure", failure).unwrap(),
            serde_json::from_str(failure).unwrap()
        );
    }
}
