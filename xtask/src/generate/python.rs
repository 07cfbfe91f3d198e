//! Python: dataclasses, and functions between them and parsed JSON.
//!
//! Decoding lies on the path of every streamed token, so it is straight code: one function for each record, positional
//! arguments, no reflection. Variants are unions of records that carry their `type`.

use std::fmt::Write as _;

use heck::{ToPascalCase, ToShoutySnakeCase, ToSnakeCase};

use super::model::{Case, Contract, Field, Kind, Named, Type};

const HEAD: &str = r#"# Generated from wit/types.wit by `cargo xtask generate`. Do not edit.
"""The types of the contract.

Records are dataclasses, enums are string literals, variants are unions of records that name their case in ``type``.
An absent value is ``None``. ``X.from_json`` and ``X.to_json`` go from and to parsed JSON; for variants and enums there
are functions of that name.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import KW_ONLY, dataclass
from dataclasses import field as _field
from typing import Any, Callable, Literal, Union

JsonObject = dict[str, Any]
"""A parsed JSON object."""
"#;

/// The whole file.
pub(crate) fn emit(contract: &Contract) -> String {
    let mut out = HEAD.to_owned();
    for named in &contract.types {
        match &named.kind {
            Kind::Alias(ty) => {
                let _ = write!(out, "\n{} = {}\n{}", class(&named.name), hint(ty), docs(&named.docs, ""));
            }
            Kind::Enum(cases) => out.push_str(&enumeration(named, cases)),
            Kind::Record(fields) => out.push_str(&record(contract, named, fields)),
            Kind::Variant(cases) => out.push_str(&empty_cases(named, cases)),
        }
    }
    // Unions name classes at run time, so they stand behind them.
    for named in &contract.types {
        if let Kind::Variant(cases) = &named.kind {
            out.push_str(&union(named, cases));
        }
    }
    out
}

fn class(name: &str) -> String {
    name.to_pascal_case()
}

/// A docstring, indented.
fn docs(text: &str, indent: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = text.replace('\\', "\\\\").replace('\n', &format!("\n{indent}"));
    format!("{indent}\"\"\"{text}\"\"\"\n")
}

fn enumeration(named: &Named, cases: &[Case]) -> String {
    let words: Vec<_> = cases.iter().map(|case| format!("    {:?},\n", case.name.to_snake_case())).collect();
    let mut text = named.docs.clone();
    text.push('\n');
    for case in cases {
        let _ = write!(text, "\n- ``{}``: {}", case.name.to_snake_case(), case.docs);
    }
    format!("\n{} = Literal[\n{}]\n{}", class(&named.name), words.concat(), docs(&text, ""))
}

/// The words of a record's `type`, and the one it has when nothing is said.
fn tags(contract: &Contract, record: &str) -> Vec<String> {
    let carried = contract.carried_by(record);
    let mut words: Vec<_> = carried.iter().map(|(_, case)| case.name.to_snake_case()).collect();
    words.dedup();
    words
}

fn literal(words: &[String]) -> String {
    format!("Literal[{}]", words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", "))
}

fn record(contract: &Contract, named: &Named, fields: &[Field]) -> String {
    let (name, tags) = (class(&named.name), tags(contract, &named.name));
    let mut out = format!("\n\n@dataclass(slots=True)\nclass {name}:\n{}", docs(&named.docs, "    "));
    let required = |field: &&Field| !field.optional && !matches!(field.ty, Type::List(_) | Type::Bytes);
    let ordered: Vec<&Field> =
        fields.iter().filter(required).chain(fields.iter().filter(|f| !required(f))).collect();
    for field in &ordered {
        let mut ty = hint(&field.ty);
        if field.text_for_list {
            ty.push_str(" | str");
        }
        let ty = match (field.optional, &field.ty) {
            (true, _) => format!("{ty} | None = None"),
            (false, Type::List(_)) => format!("{ty} = _field(default_factory=list)"),
            (false, Type::Bytes) => format!("{ty} = b\"\""),
            _ => ty,
        };
        let _ = write!(out, "\n    {}: {ty}\n{}", field.name.to_snake_case(), docs(&field.docs, "    "));
    }
    match tags.as_slice() {
        [] => {}
        [one] => {
            let _ = write!(out, "\n    _: KW_ONLY\n    type: {} = {one:?}\n", literal(&tags));
        }
        several => {
            let _ = write!(out, "\n    _: KW_ONLY\n    type: {}\n", literal(several));
        }
    }
    out.push_str(&from_json(contract, &name, &ordered, &tags));
    out.push_str(&to_json(contract, fields));
    out
}

fn from_json(contract: &Contract, name: &str, ordered: &[&Field], tags: &[String]) -> String {
    let mut arguments: Vec<String> = ordered
        .iter()
        .map(|field| {
            let key = format!("{:?}", field.name.to_snake_case());
            let plain = read(contract, &field.ty, "v") == "v";
            match (field.optional, &field.ty) {
                (true, _) if plain => format!("d.get({key})"),
                (true, ty) => format!("None if (v := d.get({key})) is None else {}", read(contract, ty, "v")),
                (false, Type::List(_)) if field.text_for_list => {
                    format!(
                        "v if isinstance(v := d.get({key}, ()), str) else {}",
                        read(contract, &field.ty, "v")
                    )
                }
                (false, Type::List(_)) if plain => format!("list(d.get({key}, ()))"),
                (false, Type::List(item)) => read_list(contract, item, &format!("d.get({key}, ())")),
                (false, Type::Bytes) => format!("b64decode(d.get({key}, \"\"))"),
                (false, ty) => read(contract, ty, &format!("d[{key}]")),
            }
        })
        .collect();
    if tags.len() > 1 {
        arguments.push("type=d[\"type\"]".to_owned());
    }
    let arguments: String = arguments.iter().map(|argument| format!("            {argument},\n")).collect();
    format!(
        "\n    @staticmethod\n    def from_json(d: JsonObject) -> {name}:\n        return {name}(\n{arguments}        )\n"
    )
}

fn to_json(contract: &Contract, fields: &[Field]) -> String {
    let mut out = "\n    def to_json(self) -> JsonObject:\n        d: JsonObject = {}\n".to_owned();
    for field in fields {
        let name = field.name.to_snake_case();
        let mut value = written(contract, &field.ty, &format!("self.{name}"));
        if field.text_for_list {
            value = format!("self.{name} if isinstance(self.{name}, str) else {value}");
        }
        let _ = if field.optional {
            writeln!(out, "        if self.{name} is not None:\n            d[{name:?}] = {value}")
        } else {
            writeln!(out, "        d[{name:?}] = {value}")
        };
    }
    out.push_str("        return d\n");
    out
}

/// Classes for the cases that carry nothing.
fn empty_cases(named: &Named, cases: &[Case]) -> String {
    let mut out = String::new();
    for case in cases.iter().filter(|case| case.payload.is_none()) {
        let (name, word) = (empty_case(named, case), case.name.to_snake_case());
        let _ = write!(
            out,
            "\n\n@dataclass(slots=True)\nclass {name}:\n{}\n    type: Literal[{word:?}] = {word:?}\n\n    @staticmethod\n    \
             def from_json(d: JsonObject) -> {name}:\n        return {name}()\n\n    def to_json(self) -> JsonObject:\n        return {{}}\n",
            docs(&case.docs, "    ")
        );
    }
    out
}

fn empty_case(named: &Named, case: &Case) -> String {
    format!("{}{}", class(&named.name), class(&case.name))
}

/// The name of a variant's table of cases.
fn table(contract: &Contract, ty: &Type) -> Option<String> {
    let Type::Named(name) = ty else { return None };
    let is_variant = matches!(contract.get(name).map(|named| &named.kind), Some(Kind::Variant(_)));
    is_variant.then(|| format!("_{}", name.to_shouty_snake_case()))
}

fn union(named: &Named, cases: &[Case]) -> String {
    let (name, snake) = (class(&named.name), named.name.to_snake_case());
    let classes: Vec<String> = cases
        .iter()
        .map(|case| case.payload.as_deref().map_or_else(|| empty_case(named, case), class))
        .collect();
    let mut members = classes.clone();
    members.dedup();
    let table: String = cases
        .iter()
        .zip(&classes)
        .map(|(case, class)| format!("    {:?}: {class}.from_json,\n", case.name.to_snake_case()))
        .collect();
    let union =
        if members.len() == 1 { members[0].clone() } else { format!("Union[{}]", members.join(", ")) };
    let constant = format!("_{}", snake.to_shouty_snake_case());
    format!(
        "\n\n{name} = {union}\n{docs}\n{constant}: dict[str, Callable[[JsonObject], {name}]] = {{\n{table}}}\n\n\n\
         def {snake}_from_json(d: JsonObject) -> {name}:\n    \"\"\"A :data:`{name}` from parsed JSON.\"\"\"\n    return {constant}[d[\"type\"]](d)\n\n\n\
         def {snake}_to_json(value: {name}) -> JsonObject:\n    \"\"\"A :data:`{name}` as JSON to be written.\"\"\"\n    \
         return {{\"type\": value.type, **value.to_json()}}\n",
        docs = docs(&named.docs, "")
    )
}

/// A type as a hint.
fn hint(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Integer { .. } => "int".into(),
        Type::Float => "float".into(),
        Type::Text => "str".into(),
        Type::Bytes => "bytes".into(),
        Type::List(item) => format!("list[{}]", hint(item)),
        Type::Named(name) => class(name),
    }
}

/// An expression that makes the value from parsed JSON; `value` itself where they are the same.
fn read(contract: &Contract, ty: &Type, value: &str) -> String {
    match ty {
        Type::Bool | Type::Integer { .. } | Type::Float | Type::Text => value.to_owned(),
        Type::Bytes => format!("b64decode({value})"),
        Type::List(item) => read_list(contract, item, value),
        Type::Named(name) => match contract.get(name).map(|named| &named.kind) {
            Some(Kind::Record(_)) => format!("{}.from_json({value})", class(name)),
            Some(Kind::Variant(_)) => format!("{}_from_json({value})", name.to_snake_case()),
            _ => value.to_owned(),
        },
    }
}

fn read_list(contract: &Contract, item: &Type, list: &str) -> String {
    if let Some(table) = table(contract, item) {
        // One call less for each item than by the variant's function; a stream is mostly a list of events.
        return format!("[{table}[x[\"type\"]](x) for x in {list}]");
    }
    match read(contract, item, "x") {
        same if same == "x" => list.to_owned(),
        item => format!("[{item} for x in {list}]"),
    }
}

/// An expression that makes JSON of the value.
fn written(contract: &Contract, ty: &Type, value: &str) -> String {
    match ty {
        Type::Bool | Type::Integer { .. } | Type::Float | Type::Text => value.to_owned(),
        Type::Bytes => format!("b64encode({value}).decode()"),
        Type::List(item) => match written(contract, item, "x") {
            same if same == "x" => value.to_owned(),
            item => format!("[{item} for x in {value}]"),
        },
        Type::Named(name) => match contract.get(name).map(|named| &named.kind) {
            Some(Kind::Record(_)) => format!("{value}.to_json()"),
            Some(Kind::Variant(_)) => format!("{}_to_json({value})", name.to_snake_case()),
            _ => value.to_owned(),
        },
    }
}
