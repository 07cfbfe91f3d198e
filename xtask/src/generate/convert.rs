//! Rust once more: between the core's types and those that wit-bindgen makes for the typed component.
//!
//! Every record is taken apart and put together field by field without a `..`, so a field that one side lacks does not
//! compile: the second proof that the Rust types are the WIT's.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use heck::{ToPascalCase, ToSnakeCase};

use super::model::{Contract, Kind, Named, Type};

const HEAD: &str = "// Generated from wit/types.wit by `cargo xtask generate`. Do not edit.\n\
//! The contract's types, from wit-bindgen's to the core's and back.\n\n\
#![expect(clippy::useless_conversion, reason = \"a value of the type `json` is a text on both sides\")]\n\n\
use literllm_core::types as core;\n\n\
use crate::bindings::exports::literllm::engine::types as wit;\n";

/// What callers hand over, and what they get.
const IN: &[&str] = &["client-config", "request", "call-options"];
const OUT: &[&str] = &["event", "outcome", "error"];

/// Where a record would hold itself, Rust puts a box between. (The WIT has an option of a record there.)
const BOXED: &[(&str, &str)] = &[("error", "partial")];

/// The whole file.
pub(crate) fn emit(contract: &Contract) -> String {
    let mut out = HEAD.to_owned();
    for (roots, from, to) in [(IN, "wit", "core"), (OUT, "core", "wit")] {
        let reached = reached(contract, roots);
        for named in contract.types.iter().filter(|named| reached.contains(named.name.as_str())) {
            out.push_str(&conversion(named, from, to));
        }
    }
    out
}

/// All types that stand in these.
fn reached<'a>(contract: &'a Contract, roots: &[&'a str]) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), roots.to_vec());
    while let Some(name) = next.pop() {
        if !reached.insert(name) {
            continue;
        }
        match contract.get(name).map(|named| &named.kind) {
            Some(Kind::Record(fields)) => next.extend(fields.iter().filter_map(|field| inner(&field.ty))),
            Some(Kind::Variant(cases)) => {
                next.extend(cases.iter().filter_map(|case| case.payload.as_deref()))
            }
            _ => {}
        }
    }
    reached
}

fn inner(ty: &Type) -> Option<&str> {
    match ty {
        Type::Named(name) => Some(name),
        Type::List(item) => inner(item),
        _ => None,
    }
}

fn conversion(named: &Named, from: &str, to: &str) -> String {
    let class = named.name.to_pascal_case();
    let body = match &named.kind {
        Kind::Alias(_) => return String::new(),
        Kind::Record(fields) => {
            let names: Vec<_> = fields.iter().map(|field| field.name.to_snake_case()).collect();
            let mut body =
                format!("        let {from}::{class} {{ {} }} = value;\n        Self {{\n", names.join(", "));
            for (field, name) in fields.iter().zip(&names) {
                let boxed = BOXED.contains(&(named.name.as_str(), field.name.as_str()));
                let convert = |value: &str| match &field.ty {
                    Type::Named(_) if boxed && to == "wit" => format!("(*{value}).into()"),
                    Type::Named(_) if boxed => format!("Box::new({value}.into())"),
                    Type::Named(_) | Type::Float => format!("{value}.into()"),
                    Type::List(_) => format!("{value}.into_iter().map(Into::into).collect()"),
                    _ => value.to_owned(),
                };
                let _ = match (field.optional, convert("value")) {
                    (_, same) if same == "value" => writeln!(body, "            {name},"),
                    (true, convert) => writeln!(body, "            {name}: {name}.map(|value| {convert}),"),
                    (false, _) => writeln!(body, "            {name}: {},", convert(name)),
                };
            }
            body.push_str("        }\n");
            body
        }
        Kind::Variant(cases) | Kind::Enum(cases) => {
            let arms: String = cases
                .iter()
                .map(|case| {
                    let name = case.name.to_pascal_case();
                    match case.payload {
                        Some(_) => format!(
                            "            {from}::{class}::{name}(value) => Self::{name}(value.into()),\n"
                        ),
                        None => format!("            {from}::{class}::{name} => Self::{name},\n"),
                    }
                })
                .collect();
            format!("        match value {{\n{arms}        }}\n")
        }
    };
    format!(
        "\nimpl From<{from}::{class}> for {to}::{class} {{\n    fn from(value: {from}::{class}) -> Self {{\n{body}    }}\n}}\n"
    )
}
