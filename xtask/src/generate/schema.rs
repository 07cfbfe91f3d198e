//! JSON Schema (2020-12) of a client's configuration, for editors and checks of files.
//!
//! The core judges a configuration by itself; the schema says the same beforehand, as far as the contract's types and
//! sentences say it: `Default N.` and `A to B` in the documentation of a field are its default and its range.

use std::collections::BTreeSet;

use heck::ToSnakeCase;

use super::model::{Case, Contract, Field, Kind, Named, Type};

/// What a configuration is.
const ROOT: &str = "client-config";

/// "Numbers stay below 2^53", says the contract.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// A piece of JSON whose fields keep their order.
enum Node {
    Text(String),
    /// Written already: numbers, `true`, `false`.
    Raw(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// The whole file.
pub(crate) fn emit(contract: &Contract) -> String {
    let emitter = Emitter { contract, names: names(contract) };
    let mut schema = vec![
        pair("$comment", text("Generated from wit/types.wit by `cargo xtask generate`. Do not edit.")),
        pair("$schema", text("https://json-schema.org/draft/2020-12/schema")),
        pair("title", text("Configuration of a Liter-LLM client")),
    ];
    let mut reached = BTreeSet::new();
    emitter.reach(ROOT, &mut reached);
    if let Some(root) = contract.get(ROOT) {
        schema.extend(emitter.named(root));
    }
    let defs = contract.types.iter().filter(|named| named.name != ROOT && reached.contains(&named.name));
    let defs = defs.map(|named| (named.name.to_snake_case(), Node::Object(emitter.named(named))));
    schema.push(pair("$defs", Node::Object(defs.collect())));
    let mut out = String::new();
    write(&Node::Object(schema), 0, &mut out);
    out.push('\n');
    out
}

/// Names that the contract writes in kebab-case and JSON in snake_case.
fn names(contract: &Contract) -> BTreeSet<&str> {
    let inside = contract.types.iter().flat_map(|named| match &named.kind {
        Kind::Record(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
        Kind::Variant(cases) | Kind::Enum(cases) => cases.iter().map(|case| case.name.as_str()).collect(),
        Kind::Alias(_) => Vec::new(),
    });
    inside.collect()
}

struct Emitter<'a> {
    contract: &'a Contract,
    names: BTreeSet<&'a str>,
}

impl Emitter<'_> {
    /// Everything a document of that type refers to. What a variant carries stands inside it.
    fn reach(&self, name: &str, seen: &mut BTreeSet<String>) {
        let Some(named) = self.contract.get(name).filter(|_| seen.insert(name.to_owned())) else { return };
        let fields = match &named.kind {
            Kind::Record(fields) => fields.iter().collect(),
            Kind::Variant(cases) => cases.iter().flat_map(|case| self.carried(case)).collect(),
            Kind::Enum(_) | Kind::Alias(_) => Vec::new(),
        };
        fields.iter().filter_map(|field| inner(&field.ty)).for_each(|name| self.reach(name, seen));
    }

    fn carried(&self, case: &Case) -> &[Field] {
        match case.payload.as_deref().and_then(|name| self.contract.get(name)).map(|named| &named.kind) {
            Some(Kind::Record(fields)) => fields,
            _ => &[],
        }
    }

    /// The schema of a type.
    fn named(&self, named: &Named) -> Vec<(String, Node)> {
        match &named.kind {
            Kind::Record(fields) => {
                let mut schema = vec![pair("description", text(&self.words(&named.docs)))];
                schema.extend(self.object(None, fields));
                schema
            }
            Kind::Variant(cases) => {
                let cases = cases.iter().map(|case| {
                    let mut schema = vec![pair("description", text(&self.words(&case.docs)))];
                    schema.extend(self.object(Some(case), self.carried(case)));
                    Node::Object(schema)
                });
                vec![
                    pair("description", text(&self.words(&named.docs))),
                    pair("oneOf", Node::List(cases.collect())),
                ]
            }
            Kind::Enum(cases) => {
                let mut docs = self.words(&named.docs);
                for case in cases {
                    docs.push_str(&format!(
                        "\n- `{}`: {}",
                        case.name.to_snake_case(),
                        self.words(&case.docs)
                    ));
                }
                let words = cases.iter().map(|case| text(&case.name.to_snake_case()));
                vec![pair("description", text(&docs)), pair("enum", Node::List(words.collect()))]
            }
            // `json`, which belongs to somebody else: any value.
            Kind::Alias(_) => vec![pair("description", text(&self.words(&named.docs)))],
        }
    }

    /// An object with these fields and no others; `tag` is the case that its `type` names.
    fn object(&self, tag: Option<&Case>, fields: &[Field]) -> Vec<(String, Node)> {
        let (mut properties, mut required) = (Vec::new(), Vec::new());
        if let Some(case) = tag {
            properties
                .push(pair("type", Node::Object(vec![pair("const", text(&case.name.to_snake_case()))])));
            required.push(text("type"));
        }
        for field in fields {
            let name = field.name.to_snake_case();
            if !field.optional && !matches!(field.ty, Type::List(_) | Type::Bytes) {
                required.push(text(&name));
            }
            properties.push((name, Node::Object(self.field(field))));
        }
        let mut schema = vec![pair("type", text("object")), pair("properties", Node::Object(properties))];
        if !required.is_empty() {
            schema.push(pair("required", Node::List(required)));
        }
        schema.push(pair("additionalProperties", Node::Raw("false".into())));
        schema
    }

    fn field(&self, field: &Field) -> Vec<(String, Node)> {
        let mut schema = vec![pair("description", text(&self.words(&field.docs)))];
        let said = default(&field.docs);
        match &field.ty {
            Type::Integer { signed, bits } => {
                let most = MAX_INTEGER.min(u64::MAX >> (64 - bits));
                let least = if *signed { format!("-{most}") } else { "0".into() };
                let (low, high) = range(&field.docs).unwrap_or((least, most.to_string()));
                schema.push(pair("type", text("integer")));
                schema.push(pair("minimum", Node::Raw(low)));
                schema.push(pair("maximum", Node::Raw(high)));
                schema.extend(said.map(|said| pair("default", Node::Raw(said.to_owned()))));
            }
            ty => {
                schema.extend(shape(ty));
                schema.extend(said.map(|said| pair("default", text(&said.to_snake_case()))));
            }
        }
        schema
    }

    /// A sentence of the contract with the names as JSON spells them, in one line.
    fn words(&self, docs: &str) -> String {
        let docs = docs.split_whitespace().collect::<Vec<_>>().join(" ");
        let pieces = docs.split('`').enumerate().map(|(at, piece)| match at % 2 {
            1 if self.names.contains(piece) => piece.to_snake_case(),
            _ => piece.to_owned(),
        });
        pieces.collect::<Vec<_>>().join("`")
    }
}

fn inner(ty: &Type) -> Option<&str> {
    match ty {
        Type::Named(name) => Some(name),
        Type::List(item) => inner(item),
        _ => None,
    }
}

fn shape(ty: &Type) -> Vec<(String, Node)> {
    match ty {
        Type::Bool => vec![pair("type", text("boolean"))],
        Type::Integer { .. } => vec![pair("type", text("integer"))],
        Type::Float => vec![pair("type", text("number"))],
        Type::Text => vec![pair("type", text("string"))],
        Type::Bytes => vec![pair("type", text("string")), pair("contentEncoding", text("base64"))],
        Type::List(item) => vec![pair("type", text("array")), pair("items", Node::Object(shape(item)))],
        Type::Named(name) => vec![pair("$ref", text(&format!("#/$defs/{}", name.to_snake_case())))],
    }
}

/// What `Default N.` says, without its backquotes.
pub(super) fn default(docs: &str) -> Option<&str> {
    let (_, said) = docs.split_once("Default ")?;
    Some(said.split_once('.').map_or(said, |(said, _)| said).trim_matches('`'))
}

/// What `A to B` says.
pub(super) fn range(docs: &str) -> Option<(String, String)> {
    let words: Vec<_> = docs.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ';'])).collect();
    let number = |word: &str| word.parse::<u64>().is_ok();
    words.windows(3).find_map(|three| match three {
        [low, "to", high] if number(low) && number(high) => Some(((*low).to_owned(), (*high).to_owned())),
        _ => None,
    })
}

fn pair(name: &str, node: Node) -> (String, Node) {
    (name.to_owned(), node)
}

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}

/// Lists of words stand in one line, everything else in lines of its own.
fn write(node: &Node, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    match node {
        Node::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
        Node::Raw(raw) => out.push_str(raw),
        Node::List(items) if items.iter().all(|item| matches!(item, Node::Text(_))) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write(item, depth, out);
            }
            out.push(']');
        }
        Node::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(depth + 1, out);
                write(item, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Node::Object(fields) => {
            out.push('{');
            for (at, (name, value)) in fields.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                line(depth + 1, out);
                out.push_str(&format!("\"{name}\": "));
                write(value, depth + 1, out);
            }
            if !fields.is_empty() {
                line(depth, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn schema() -> Value {
        let wit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        serde_json::from_str(&emit(&Contract::read(&wit).unwrap())).unwrap()
    }

    /// Every schema inside of one, itself included.
    fn all<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
        found.push(schema);
        for (keyword, inside) in schema.as_object().unwrap() {
            match keyword.as_str() {
                "properties" | "$defs" => {
                    inside.as_object().unwrap().values().for_each(|one| all(one, found))
                }
                "oneOf" => inside.as_array().unwrap().iter().for_each(|one| all(one, found)),
                "items" => all(inside, found),
                _ => {}
            }
        }
    }

    #[test]
    fn it_is_a_schema_and_refers_to_all_that_it_holds() {
        let schema = schema();
        let mut found = Vec::new();
        all(&schema, &mut found);
        let mut referred = BTreeSet::new();
        for one in found {
            for (keyword, value) in one.as_object().unwrap() {
                let sound = match keyword.as_str() {
                    "$comment" | "$schema" | "title" | "description" => value.is_string(),
                    "$ref" => {
                        let name = value.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                        referred.insert(name.to_owned());
                        schema["$defs"].get(name).is_some()
                    }
                    "type" => ["object", "array", "string", "integer", "boolean", "number"]
                        .contains(&value.as_str().unwrap()),
                    "properties" | "$defs" | "items" | "const" => true,
                    "oneOf" => value.as_array().is_some_and(|cases| cases.len() > 1),
                    "enum" => value.as_array().unwrap().iter().all(Value::is_string),
                    "required" => value
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|name| !one["properties"][name.as_str().unwrap()].is_null()),
                    "additionalProperties" => value == false,
                    "minimum" => value.as_u64() <= one["maximum"].as_u64(),
                    "maximum" => value.as_u64().is_some_and(|most| most <= MAX_INTEGER),
                    "default" if one["type"] == "integer" => {
                        let range = one["minimum"].as_u64()..=one["maximum"].as_u64();
                        range.contains(&value.as_u64())
                    }
                    "default" => {
                        let name = one["$ref"].as_str().unwrap().trim_start_matches("#/$defs/");
                        schema["$defs"][name]["enum"].as_array().unwrap().contains(value)
                    }
                    _ => false,
                };
                assert!(sound, "{keyword}: {value} in {one}");
            }
        }
        let held: BTreeSet<_> = schema["$defs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(referred, held);
    }

    #[test]
    fn sentences_of_the_contract_are_defaults_and_ranges() {
        assert_eq!(default("Attempts, 1 to 100. Default 3."), Some("3"));
        assert_eq!(default("When. Default `before-token`."), Some("before-token"));
        assert_eq!(default("Defaults of every call."), None);
        assert_eq!(range("Probes, 1 to 1000; the first closes it."), Some(("1".into(), "1000".into())));
        assert_eq!(range("From the start of the call to its end, in ms."), None);
        let schema = schema();
        let field = |record: &str, name: &str| schema["$defs"][record]["properties"][name].clone();
        let attempts = field("policy", "max_attempts");
        assert_eq!(
            (&attempts["minimum"], &attempts["maximum"], &attempts["default"]),
            (&1.into(), &100.into(), &3.into())
        );
        assert_eq!(field("policy", "resend_unknown")["default"], "before_token");
        let budget = field("guards", "retry_budget");
        assert!(budget["description"].as_str().unwrap().contains("`retry_refill_percent`"), "{budget}");
        assert!(field("provider_row", "protocol")["description"].as_str().unwrap().contains("`openai-chat`"));
    }
}
