//! Reading a JSON object by name and type, and refusing it in a format's words.
//!
//! All formats ask the same of a field: is it there, is it of this type, is it in this range. They differ in
//! how they spell a place and what they say, which is a `Words` of theirs.

use serde_json::{Map, Value};

use crate::errors::Refusal;

/// What a format says about a field.
pub(crate) struct Words {
    /// `list` and the number of an item, as one place: `messages[3]`, `messages.3`.
    pub(crate) item: fn(&str, usize) -> String,
    pub(crate) missing: fn(&str) -> Refusal,
    pub(crate) wrong_type: fn(&str, Type, &Value) -> Refusal,
    pub(crate) out_of_range: fn(&str, Bound) -> Refusal,
}

/// The types a field can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Bool,
    Integer,
    Number,
    List,
    Object,
}

/// The bound that a number has passed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    Below { low: f64 },
    Above { high: f64, got: f64 },
}

/// An object of the request, and where it is. `null` is as good as absent.
#[derive(Clone)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    place: String,
    words: &'static Words,
}

impl<'a> Fields<'a> {
    /// The body of a request; `None` when it is no JSON object.
    pub(crate) fn body(value: &'a Value, words: &'static Words) -> Option<Self> {
        Some(Self { object: value.as_object()?, place: String::new(), words })
    }

    /// An object at this place.
    pub(crate) fn of(value: &'a Value, place: String, words: &'static Words) -> Result<Self, Refusal> {
        match value.as_object() {
            Some(object) => Ok(Self { object, place, words }),
            None => Err((words.wrong_type)(&place, Type::Object, value)),
        }
    }

    /// The place of a field.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// The place of the object itself.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'a String> {
        self.object.keys()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn missing(&self, name: &str) -> Refusal {
        (self.words.missing)(&self.at(name))
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: Type,
        take: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let read =
            |value| take(value).ok_or_else(|| (self.words.wrong_type)(&self.at(name), expected, value));
        self.get(name).map(read).transpose()
    }

    pub(crate) fn string(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        self.typed(name, Type::String, Value::as_str)
    }

    pub(crate) fn required_string(&self, name: &str) -> Result<&'a str, Refusal> {
        self.string(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn bool(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.typed(name, Type::Bool, Value::as_bool)
    }

    pub(crate) fn list(&self, name: &str) -> Result<Option<&'a Vec<Value>>, Refusal> {
        self.typed(name, Type::List, Value::as_array)
    }

    /// The objects of a list; none when the list is absent.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let list = self.list(name)?.map_or(&[][..], Vec::as_slice);
        let item = |(number, value)| Self::of(value, (self.words.item)(&self.at(name), number), self.words);
        list.iter().enumerate().map(item).collect()
    }

    /// The strings of a list; none when the list is absent.
    pub(crate) fn strings(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let list = self.list(name)?.map_or(&[][..], Vec::as_slice);
        let item = |(number, value): (usize, &Value)| {
            let place = || (self.words.item)(&self.at(name), number);
            let text = value.as_str().map(str::to_owned);
            text.ok_or_else(|| (self.words.wrong_type)(&place(), Type::String, value))
        };
        list.iter().enumerate().map(item).collect()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        self.get(name).map(|value| Self::of(value, self.at(name), self.words)).transpose()
    }

    pub(crate) fn required_object(&self, name: &str) -> Result<Self, Refusal> {
        self.object(name)?.ok_or_else(|| self.missing(name))
    }

    /// A whole number in these bounds.
    pub(crate) fn integer(&self, name: &str, low: u64, high: u64) -> Result<Option<u64>, Refusal> {
        // A negative integer is of the right type but below the range.
        let number = self.typed(name, Type::Integer, |value| {
            value.as_u64().map(Some).or_else(|| value.as_i64().map(|_| None))
        })?;
        match number {
            Some(None) => Err(self.out_of_range(name, Bound::Below { low: low as f64 })),
            Some(Some(n)) if n < low => Err(self.out_of_range(name, Bound::Below { low: low as f64 })),
            Some(Some(n)) if n > high => {
                Err(self.out_of_range(name, Bound::Above { high: high as f64, got: n as f64 }))
            }
            number => Ok(number.flatten()),
        }
    }

    /// A number in these bounds.
    pub(crate) fn number(&self, name: &str, low: f64, high: f64) -> Result<Option<f64>, Refusal> {
        match self.typed(name, Type::Number, Value::as_f64)? {
            Some(n) if n < low => Err(self.out_of_range(name, Bound::Below { low })),
            Some(n) if n > high => Err(self.out_of_range(name, Bound::Above { high, got: n })),
            number => Ok(number),
        }
    }

    fn out_of_range(&self, name: &str, bound: Bound) -> Refusal {
        (self.words.out_of_range)(&self.at(name), bound)
    }
}

/// How people call the type of a JSON value.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// How people call a type.
pub(crate) fn name_of(expected: Type) -> &'static str {
    match expected {
        Type::String => "a string",
        Type::Bool => "a boolean",
        Type::Integer => "an integer",
        Type::Number => "a number",
        Type::List => "an array",
        Type::Object => "an object",
    }
}
