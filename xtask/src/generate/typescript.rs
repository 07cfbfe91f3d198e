//! TypeScript: the JSON form itself, so that decoding is `JSON.parse` and nothing more.
//!
//! Records are interfaces, enums are unions of strings, variants are unions that `type` tells apart. A list may be
//! left out by a caller but is always there in what the core writes; so it is optional in the records that only callers write.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use heck::{ToPascalCase, ToSnakeCase};

use super::model::{Case, Contract, Field, Kind, Named, Type};

const HEAD: &str = "\
// Generated from wit/types.wit by `cargo xtask generate`. Do not edit.

/**
 * The types of the contract, in the form in which they cross as JSON: an absent value is left out (never `null`), and
 * a union is told apart by its `type`.
 *
 * @module
 */
";

/// The documents that the core writes.
const WRITTEN: [&str; 5] = ["created", "started", "step", "error", "client-snapshot"];

/// The whole file.
pub(crate) fn emit(contract: &Contract) -> String {
    let mut written = BTreeSet::new();
    WRITTEN.iter().for_each(|name| reach(contract, name, &mut written));
    let mut out = HEAD.to_owned();
    for named in &contract.types {
        let _ = write!(out, "\n{}", docs(&named.docs, ""));
        let name = named.name.to_pascal_case();
        let _ = match &named.kind {
            Kind::Alias(ty) => writeln!(out, "export type {name} = {};", hint(ty)),
            Kind::Enum(cases) => writeln!(out, "export type {name} ={};", union(cases, word)),
            Kind::Variant(cases) => writeln!(out, "export type {name} ={};", union(cases, case)),
            Kind::Record(fields) => record(&mut out, named, fields, written.contains(&named.name)),
        };
    }
    out
}

/// Everything a document of that type may hold.
fn reach(contract: &Contract, name: &str, seen: &mut BTreeSet<String>) {
    let Some(named) = contract.get(name).filter(|_| seen.insert(name.to_owned())) else { return };
    let inside: Vec<&str> = match &named.kind {
        Kind::Record(fields) => fields.iter().filter_map(|field| inner(&field.ty)).collect(),
        Kind::Variant(cases) => cases.iter().filter_map(|case| case.payload.as_deref()).collect(),
        Kind::Alias(ty) => inner(ty).into_iter().collect(),
        Kind::Enum(_) => Vec::new(),
    };
    inside.into_iter().for_each(|name| reach(contract, name, seen));
}

fn inner(ty: &Type) -> Option<&str> {
    match ty {
        Type::Named(name) => Some(name),
        Type::List(item) => inner(item),
        _ => None,
    }
}

/// A documentation comment.
fn docs(text: &str, indent: &str) -> String {
    // Nothing in the contract ends a comment, and it should not begin to.
    let text = text.replace("*/", "* /");
    match text.lines().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: String = lines.iter().map(|line| format!("{indent} * {line}\n")).collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn union(cases: &[Case], write: fn(&Case) -> String) -> String {
    cases.iter().map(|case| format!("\n{}  | {}", docs(&case.docs, "  "), write(case))).collect()
}

fn word(case: &Case) -> String {
    format!("\"{}\"", case.name.to_snake_case())
}

fn case(case: &Case) -> String {
    let tag = format!("{{ type: {} }}", word(case));
    match &case.payload {
        Some(record) => format!("({tag} & {})", record.to_pascal_case()),
        None => tag,
    }
}

fn record(out: &mut String, named: &Named, fields: &[Field], written: bool) -> std::fmt::Result {
    writeln!(out, "export interface {} {{", named.name.to_pascal_case())?;
    for field in fields {
        let left_out = matches!(field.ty, Type::List(_) | Type::Bytes) && !written;
        let mark = if field.optional || left_out { "?" } else { "" };
        let text = if field.text_for_list { "string | " } else { "" };
        let (docs, name) = (docs(&field.docs, "  "), field.name.to_snake_case());
        writeln!(out, "{docs}  {name}{mark}: {text}{};", hint(&field.ty))?;
    }
    writeln!(out, "}}")
}

fn hint(ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".to_owned(),
        Type::Integer { .. } | Type::Float => "number".to_owned(),
        // Bytes are base64.
        Type::Text | Type::Bytes => "string".to_owned(),
        Type::List(item) => format!("{}[]", hint(item)),
        Type::Named(name) => name.to_pascal_case(),
    }
}
