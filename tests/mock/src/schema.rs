//! A value out of a JSON schema.
//!
//! Tools and structured outputs need arguments that conform. This is no validator: it walks the schema
//! once and takes the plainest value at each place. It knows `$ref` into the same document, `enum`, `const`,
//! `default`, `examples`, `anyOf`, `oneOf`, `allOf`, required properties, and the usual bounds; it does not
//! know `pattern`, `not` or `if`. Schemas come from clients, so depth and size are bounded.

use serde_json::{Map, Value, json};

/// Deepest nesting that is followed; past it a recursive schema gets the shortest way out.
const MAX_DEPTH: usize = 24;

/// Most values written for one schema. `$ref`s that fan out would grow without end otherwise.
const MAX_NODES: usize = 4_000;

/// Longest string written to satisfy `minLength`, in characters.
const MAX_STRING_CHARS: usize = 4_096;

/// A value that conforms to `schema`; strings are taken from `words`, one after the other.
pub(crate) fn value(schema: &Value, words: &[String]) -> Value {
    Writer { root: schema, words, next_word: 0, nodes: 0 }.write(schema, "value", 0)
}

struct Writer<'a> {
    root: &'a Value,
    words: &'a [String],
    next_word: usize,
    nodes: usize,
}

impl<'a> Writer<'a> {
    fn write(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        self.nodes += 1;
        if depth > MAX_DEPTH || self.nodes > MAX_NODES {
            return Value::Null;
        }
        let Some(object) = schema.as_object() else {
            return json!(self.word(name)); // `true`, or not a schema at all: anything conforms
        };
        if let Some(given) = given(object) {
            return given.clone();
        }
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Value::Null, |target| self.write(target, name, depth + 1));
        }
        // Beside `properties`, alternatives usually only vary what is required.
        let choices = ["anyOf", "oneOf"].iter().find_map(|key| object.get(*key)?.as_array());
        if let Some(choices) = choices.filter(|_| !object.contains_key("properties")) {
            return self.choose(choices, name, depth);
        }
        if let Some(parts) = object.get("allOf").and_then(Value::as_array) {
            return self.merge(object, parts, name, depth);
        }
        match type_of(object) {
            "object" => Value::Object(self.object(object, depth)),
            "array" => self.array(object, name, depth),
            "integer" => json!(number(object).ceil() as i64),
            "number" => json!(number(object)),
            "boolean" => json!(true),
            "null" => Value::Null,
            _ => json!(self.string(object, name)),
        }
    }

    /// The first alternative, or near the bottom the plainest one (which is how recursion ends).
    fn choose(&mut self, choices: &'a [Value], name: &str, depth: usize) -> Value {
        let plain = |choice: &&Value| {
            choice
                .as_object()
                .is_some_and(|c| !matches!(type_of(c), "object" | "array") && !c.contains_key("$ref"))
        };
        let choice = if depth > 4 { choices.iter().find(plain).or(choices.first()) } else { choices.first() };
        choice.map_or(Value::Null, |choice| self.write(choice, name, depth + 1))
    }

    fn merge(
        &mut self,
        object: &'a Map<String, Value>,
        parts: &'a [Value],
        name: &str,
        depth: usize,
    ) -> Value {
        let mut merged = self.object(object, depth);
        let mut other = None;
        for part in parts {
            match self.write(part, name, depth + 1) {
                Value::Object(map) => merged.extend(map),
                value => other = Some(value),
            }
        }
        match other {
            Some(value) if merged.is_empty() => value,
            _ => Value::Object(merged),
        }
    }

    /// The required properties; all of them when the schema does not say which are required.
    fn object(&mut self, object: &'a Map<String, Value>, depth: usize) -> Map<String, Value> {
        let properties = object.get("properties").and_then(Value::as_object);
        let names: Vec<&str> = match object.get("required").and_then(Value::as_array) {
            Some(required) => required.iter().filter_map(Value::as_str).collect(),
            None if depth < 3 => properties.into_iter().flat_map(Map::keys).map(String::as_str).collect(),
            None => Vec::new(),
        };
        let mut written = Map::new();
        for name in names {
            let schema = properties.and_then(|properties| properties.get(name)).unwrap_or(&Value::Bool(true));
            written.insert(name.to_owned(), self.write(schema, name, depth + 1));
        }
        written
    }

    fn array(&mut self, object: &'a Map<String, Value>, name: &str, depth: usize) -> Value {
        let at_least = object.get("minItems").and_then(Value::as_u64).unwrap_or(u64::from(depth < 6));
        let at_most = object.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let items = object.get("items").unwrap_or(&Value::Bool(true));
        let tuple = object.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut written = Vec::new();
        for place in 0..at_least.max(tuple.len() as u64).min(at_most) {
            if self.nodes > MAX_NODES {
                break;
            }
            let schema = usize::try_from(place).ok().and_then(|place| tuple.get(place)).unwrap_or(items);
            written.push(self.write(schema, name, depth + 1));
        }
        Value::Array(written)
    }

    fn string(&mut self, object: &Map<String, Value>, name: &str) -> String {
        if let Some(text) = object.get("format").and_then(Value::as_str).and_then(example_of_format) {
            return text.to_owned();
        }
        let bound = |key| object.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let (at_least, at_most) = (bound("minLength").unwrap_or(0), bound("maxLength").unwrap_or(usize::MAX));
        let at_least = at_least.min(MAX_STRING_CHARS);
        let mut text = self.word(name);
        let missing = at_least.saturating_sub(text.chars().count());
        text.extend("simulator ".chars().cycle().take(missing));
        text.chars().take(at_most).collect()
    }

    fn word(&mut self, name: &str) -> String {
        let word = self.words.get(self.next_word % self.words.len().max(1));
        self.next_word += 1;
        word.map_or(name, String::as_str).to_owned()
    }
}

/// A value that the schema itself offers.
fn given(object: &Map<String, Value>) -> Option<&Value> {
    let first = |key| object.get(key).and_then(Value::as_array).and_then(|values| values.first());
    object
        .get("const")
        .or_else(|| first("enum"))
        .or_else(|| object.get("default"))
        .or_else(|| first("examples"))
}

/// The declared type (the first one of a list), or the one that the other keywords imply.
fn type_of(object: &Map<String, Value>) -> &str {
    match object.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names.first().and_then(Value::as_str).unwrap_or("string"),
        _ if object.contains_key("properties") || object.contains_key("required") => "object",
        _ if object.contains_key("items") || object.contains_key("prefixItems") => "array",
        _ => "string",
    }
}

fn number(object: &Map<String, Value>) -> f64 {
    let bound = |key| object.get(key).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0).unwrap_or(1.0);
    let low = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|low| low + step));
    let high = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|high| high - step));
    let near = match (low, high) {
        (Some(low), _) => (low / step).ceil() * step,
        (None, Some(high)) if high < step => (high / step).floor() * step,
        _ => step,
    };
    // Between 0 and 1, say, a whole step may lie outside; then the bound itself conforms.
    let near = if high.is_some_and(|high| near > high) { high.unwrap_or(near) } else { near };
    if near.is_finite() { near } else { 1.0 }
}

fn example_of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2025-06-21",
        "time" => "09:30:00Z",
        "date-time" => "2025-06-21T09:30:00Z",
        "duration" => "PT5M",
        "email" => "simulator@example.com",
        "hostname" => "example.com",
        "ipv4" => "127.0.0.1",
        "ipv6" => "::1",
        "uri" | "url" => "https://example.com/",
        "uuid" => "00000000-0000-4000-8000-000000000001",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schema: Value) -> Value {
        value(&schema, &["Paris".to_owned(), "Rome".to_owned()])
    }

    #[test]
    fn required_properties_in_their_types() {
        let schema = json!({"type": "object", "required": ["city", "unit", "days", "at", "tags"], "properties": {
            "city": {"type": "string"}, "unit": {"enum": ["c", "f"]}, "days": {"type": "integer", "minimum": 2.5},
            "at": {"type": "object", "properties": {"lat": {"type": "number"}, "exact": {"type": "boolean"}}},
            "tags": {"type": "array", "items": {"type": ["string", "null"]}}, "ignored": {"type": "string"}}});
        assert_eq!(
            of(schema),
            json!({"city": "Paris", "unit": "c", "days": 3, "at": {"exact": true, "lat": 1.0}, "tags": ["Rome"]})
        );
    }

    #[test]
    fn bounds_are_kept() {
        assert_eq!(of(json!({"type": "number", "maximum": 0.5})), json!(0.0));
        assert_eq!(of(json!({"type": "number", "minimum": 0.2, "maximum": 0.5})), json!(0.5));
        assert_eq!(of(json!({"type": "integer", "exclusiveMinimum": 4, "multipleOf": 5})), json!(10));
        assert_eq!(of(json!({"type": "string", "maxLength": 2})), json!("Pa"));
        assert_eq!(of(json!({"type": "string", "minLength": 8})), json!("Parissim"));
    }

    #[test]
    fn recursion_and_fan_out_end() {
        let tree = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["next", "v"],
            "properties": {"v": {"const": 1}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}}});
        assert_eq!(of(tree)["next"]["v"], 1);
        let properties: Map<String, Value> = (0..10).map(|n| (n.to_string(), json!({"$ref": "#"}))).collect();
        let names: Vec<&String> = properties.keys().collect();
        of(json!({"type": "object", "required": names, "properties": properties}));
        of(json!({"$ref": "#"}));
        of(json!({"type": "array", "minItems": u64::MAX}));
        of(json!({"type": "string", "minLength": u64::MAX}));
        of(json!({"type": "integer", "minimum": 1e300, "multipleOf": 1e-300}));
        of(json!([1, 2]));
    }
}
