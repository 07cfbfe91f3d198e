//! The Rust types, proven equal to the WIT.
//!
//! They are written by hand, since they are what everyone reads. Here their source is read, and compared with the
//! contract: names, order of fields, what each holds, what may be absent. (That serde spells them as the JSON form says
//! is shown by the vectors, where other languages read and write the same bytes.)

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use heck::{ToKebabCase, ToSnakeCase};

use super::model::{Contract, Kind, Type};

/// Every difference, in words. Empty: they are equal.
pub(crate) fn differences(contract: &Contract, folder: &Path) -> Result<Vec<String>> {
    let mut found = read(folder)?;
    let mut differences = Vec::new();
    for named in &contract.types {
        let expected = expected(&named.kind);
        match found.remove(&named.name) {
            None => differences.push(format!("{} is not in Rust", named.name)),
            Some(there) if there != expected => {
                differences.push(format!("{}: the WIT says {expected:?}, Rust says {there:?}", named.name));
            }
            Some(_) => {}
        }
    }
    differences.extend(found.into_keys().map(|name| format!("{name} is not in the WIT")));
    Ok(differences)
}

/// The names that only Rust has: a number is kept as text there.
const RUST_ONLY: &[&str] = &["number"];

/// Lines such as `name: option<string>`, one for each field or case.
fn expected(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Record(fields) => fields
            .iter()
            .map(|field| {
                let ty = spell(&field.ty);
                let ty = if field.optional { format!("option<{ty}>") } else { ty };
                format!("{}: {ty}", field.name)
            })
            .collect(),
        Kind::Variant(cases) | Kind::Enum(cases) => cases
            .iter()
            .map(|case| match &case.payload {
                Some(payload) => format!("{}({payload})", case.name),
                None => case.name.clone(),
            })
            .collect(),
        Kind::Alias(ty) => vec![format!("= {}", spell(ty))],
    }
}

fn spell(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Integer { signed, bits } => format!("{}{bits}", if *signed { 'i' } else { 'u' }),
        Type::Float => "number".into(),
        Type::Text => "string".into(),
        Type::Bytes => "list<u8>".into(),
        Type::List(item) => format!("list<{}>", spell(item)),
        Type::Named(name) => name.clone(),
    }
}

/// The same lines of every public type in `folder`.
fn read(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    let mut types = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path)?;
        let file = syn::parse_file(&source).with_context(|| path.display().to_string())?;
        for item in file.items {
            let (name, lines) = match item {
                syn::Item::Struct(item) if is_public(&item.vis) => (item.ident, of_fields(&item.fields)),
                syn::Item::Enum(item) if is_public(&item.vis) => {
                    (item.ident, item.variants.iter().map(of_variant).collect())
                }
                syn::Item::Type(item) if is_public(&item.vis) => {
                    (item.ident, vec![format!("= {}", of_type(&item.ty))])
                }
                _ => continue,
            };
            let name = name.to_string().to_kebab_case();
            if !RUST_ONLY.contains(&name.as_str()) {
                types.insert(name, lines);
            }
        }
    }
    Ok(types)
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

fn of_fields(fields: &syn::Fields) -> Vec<String> {
    let field = |field: &syn::Field| {
        let name = field.ident.as_ref().map(|name| name.to_string().trim_start_matches("r#").to_kebab_case());
        format!("{}: {}", name.unwrap_or_default(), of_type(&field.ty))
    };
    fields.iter().map(field).collect()
}

fn of_variant(variant: &syn::Variant) -> String {
    let name = variant.ident.to_string().to_kebab_case();
    match variant.fields.iter().next() {
        Some(payload) => format!("{name}({})", of_type(&payload.ty)),
        None => name,
    }
}

/// A type in the words of the WIT.
fn of_type(ty: &syn::Type) -> String {
    let syn::Type::Path(path) = ty else { return "?".into() };
    let Some(last) = path.path.segments.last() else { return "?".into() };
    let inner = match &last.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(syn::GenericArgument::Type(inner)) => of_type(inner),
            _ => "?".into(),
        },
        _ => String::new(),
    };
    match last.ident.to_string().as_str() {
        "Option" => format!("option<{inner}>"),
        "Vec" => format!("list<{inner}>"),
        // Only where a record would hold itself.
        "Box" => inner,
        "String" => "string".into(),
        name @ ("bool" | "u8" | "u16" | "u32" | "u64" | "i64") => name.into(),
        name => name.to_snake_case().to_kebab_case(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> (Contract, std::path::PathBuf) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        (Contract::read(&root.join("wit")).unwrap(), root.join("core/src/types"))
    }

    #[test]
    fn a_field_less_another_order_and_another_type_are_found() {
        let (mut contract, folder) = contract();
        assert_eq!(differences(&contract, &folder).unwrap(), [""; 0]);
        for named in &mut contract.types {
            match (&mut named.kind, named.name.as_str()) {
                (Kind::Record(fields), "header") => fields.swap(0, 1),
                (Kind::Record(fields), "step") => drop(fields.pop()),
                (Kind::Record(fields), "choice") => fields[0].optional = true,
                (Kind::Enum(cases), "role") => drop(cases.pop()),
                _ => {}
            }
        }
        contract.types.retain(|named| named.name != "send");
        let found = differences(&contract, &folder).unwrap();
        let about: Vec<_> = found.iter().map(|line| line.split([':', ' ']).next().unwrap()).collect();
        assert_eq!(about, ["header", "role", "choice", "step", "send"]);
    }
}
