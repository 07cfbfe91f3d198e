//! The contract as data: one walk over `wit/types.wit`, from which every emitter writes.
//!
//! What is said here about the JSON form (tags, absent fields, texts for lists) is docs/adr/0001; an emitter only
//! spells it in its language.

use std::path::Path;

use anyhow::{Context, Result, bail};
use wit_parser::{Docs, Resolve, TypeDefKind, TypeId};

/// Every type of the contract, in the order of the WIT.
pub(crate) struct Contract {
    pub(crate) types: Vec<Named>,
}

/// One type.
pub(crate) struct Named {
    /// In kebab-case, as in the WIT.
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    /// An object.
    Record(Vec<Field>),
    /// An object with an inner `type`, which names the case and stands first.
    Variant(Vec<Case>),
    /// A snake_case string.
    Enum(Vec<Case>),
    /// Another name for the same.
    Alias(Type),
}

/// A field of a record.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) docs: String,
    /// Without the `option`.
    pub(crate) ty: Type,
    /// It may be left out. (A list may be left out by a caller too, and then is empty.)
    pub(crate) optional: bool,
    /// In JSON a plain string may stand for this list: one text part.
    pub(crate) text_for_list: bool,
}

/// A case of a variant or of an enum.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) docs: String,
    /// The record it carries, by name. Enums carry none.
    pub(crate) payload: Option<String>,
}

/// What a field holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Bool,
    /// A whole number below 2^53, whatever its width in the WIT.
    Integer {
        signed: bool,
        bits: u8,
    },
    Float,
    Text,
    /// `list<u8>`: base64 text.
    Bytes,
    List(Box<Type>),
    /// Another type of the contract.
    Named(String),
}

impl Contract {
    /// Reads the package in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(folder).context("wit/ does not parse")?;
        let interfaces = &resolve.packages[package].interfaces;
        let types = interfaces.get("types").context("wit/ has no interface `types`")?;
        let walk = Walk { resolve: &resolve };
        let types = resolve.interfaces[*types].types.values().map(|id| walk.named(*id));
        Ok(Self { types: types.collect::<Result<_>>()? })
    }

    /// The type of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Named> {
        self.types.iter().find(|named| named.name == name)
    }

    /// The variants and cases that carry this record. Empty: it never stands in a variant.
    pub(crate) fn carried_by(&self, record: &str) -> Vec<(&Named, &Case)> {
        let cases = self.types.iter().filter_map(|named| match &named.kind {
            Kind::Variant(cases) => Some(cases.iter().map(move |case| (named, case))),
            _ => None,
        });
        cases.flatten().filter(|(_, case)| case.payload.as_deref() == Some(record)).collect()
    }
}

struct Walk<'a> {
    resolve: &'a Resolve,
}

impl Walk<'_> {
    fn named(&self, id: TypeId) -> Result<Named> {
        let def = &self.resolve.types[id];
        let name = def.name.clone().context("a type of an interface has a name")?;
        let kind = match &def.kind {
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| {
                    let (ty, optional) = self.maybe(&field.ty)?;
                    let docs = docs(&field.docs);
                    let text_for_list = docs.contains("In JSON a plain string stands for one text");
                    Ok(Field { name: field.name.clone(), docs, ty, optional, text_for_list })
                });
                Kind::Record(fields.collect::<Result<_>>().context(name.clone())?)
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| {
                    let payload = match case.ty.as_ref().map(|ty| self.ty(ty)).transpose()? {
                        None => None,
                        Some(Type::Named(record)) => Some(record),
                        Some(_) => bail!("{name}: a case carries a record or nothing (docs/adr/0001)"),
                    };
                    Ok(Case { name: case.name.clone(), docs: docs(&case.docs), payload })
                });
                Kind::Variant(cases.collect::<Result<_>>()?)
            }
            TypeDefKind::Enum(cases) => Kind::Enum(
                cases
                    .cases
                    .iter()
                    .map(|case| Case { name: case.name.clone(), docs: docs(&case.docs), payload: None })
                    .collect(),
            ),
            TypeDefKind::Type(ty) => Kind::Alias(self.ty(ty)?),
            other => bail!("{name} is a {}, which the JSON form does not have", other.as_str()),
        };
        Ok(Named { name, docs: docs(&def.docs), kind })
    }

    /// A type, and whether an `option` stood around it.
    fn maybe(&self, ty: &wit_parser::Type) -> Result<(Type, bool)> {
        if let wit_parser::Type::Id(id) = ty
            && let TypeDefKind::Option(inner) = &self.resolve.types[*id].kind
        {
            return Ok((self.ty(inner)?, true));
        }
        Ok((self.ty(ty)?, false))
    }

    fn ty(&self, ty: &wit_parser::Type) -> Result<Type> {
        use wit_parser::Type as Wit;
        let integer = |signed, bits| Ok(Type::Integer { signed, bits });
        match ty {
            Wit::Bool => Ok(Type::Bool),
            Wit::U8 => integer(false, 8),
            Wit::U16 => integer(false, 16),
            Wit::U32 => integer(false, 32),
            Wit::U64 => integer(false, 64),
            Wit::S64 => integer(true, 64),
            Wit::F64 => Ok(Type::Float),
            Wit::String => Ok(Type::Text),
            Wit::Id(id) => {
                let def = &self.resolve.types[*id];
                match (&def.name, &def.kind) {
                    (Some(name), _) => Ok(Type::Named(name.clone())),
                    (None, TypeDefKind::List(wit_parser::Type::U8)) => Ok(Type::Bytes),
                    (None, TypeDefKind::List(item)) => Ok(Type::List(Box::new(self.ty(item)?))),
                    (None, other) => bail!("the JSON form has no {}", other.as_str()),
                }
            }
            other => bail!("the JSON form has no {other:?}"),
        }
    }
}

/// Without the headings that divide the WIT for its readers.
fn docs(docs: &Docs) -> String {
    let lines = docs.contents.as_deref().unwrap_or_default().lines();
    let kept: Vec<_> = lines.filter(|line| !line.trim_start().starts_with("----")).collect();
    kept.join("\n").trim().to_owned()
}
