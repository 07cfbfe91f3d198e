//! Go: structs, sealed interfaces and their straight code between JSON and memory; an option for every field of a request.
//!
//! A variant is an interface. A record that stands in one case and nowhere else implements it itself; one that
//! stands in several cases, or in a field as well, is embedded in a struct for each case; a case that carries nothing
//! is an empty struct. So the type of a value says which case it is, and a type switch is all a reader needs.

use std::fmt::Write as _;

use heck::ToSnakeCase;

use super::model::{Case, Contract, Field, Kind, Named, Type};

const MARK: &str =
    "// Code generated from wit/types.wit by `cargo xtask generate`. DO NOT EDIT.\n\npackage literllm\n";

const IMPORT: &str = "\nimport \"github.com/literllm/literllm/go-host/internal/document\"\n";

/// Fields of a request that are arguments of their own, or decided by the function that is called.
const NOT_OPTIONS: &[&str] = &["model", "messages", "stream"];

/// `types.go`: what people read.
pub(crate) fn types(contract: &Contract) -> String {
    let mut out = format!("{MARK}{IMPORT}");
    for named in &contract.types {
        match &named.kind {
            Kind::Alias(ty) => {
                let _ = write!(out, "\n{}type {} = {}\n", docs(&named.docs, ""), go(&named.name), hint(ty));
            }
            Kind::Enum(cases) => out.push_str(&enumeration(named, cases)),
            Kind::Record(fields) => out.push_str(&record(contract, named, fields)),
            Kind::Variant(cases) => out.push_str(&interface(contract, named, cases)),
        }
    }
    out
}

/// `types_json.go`: the way from JSON and back.
pub(crate) fn json(contract: &Contract) -> String {
    let mut out = format!("{MARK}{IMPORT}");
    for named in &contract.types {
        match &named.kind {
            Kind::Alias(_) | Kind::Enum(_) => {}
            Kind::Record(fields) => {
                let tag = own_case(contract, &named.name).map(|(_, case)| case);
                out.push_str(&record_json(contract, named, fields, tag));
            }
            Kind::Variant(cases) => out.push_str(&variant_json(contract, named, cases)),
        }
    }
    out
}

/// `request_options.go`: every field of a request as an option.
pub(crate) fn options(contract: &Contract) -> String {
    let mut out = format!("{MARK}\nimport \"slices\"\n");
    let Some(Named { kind: Kind::Record(fields), .. }) = contract.get("request") else { return out };
    for field in fields.iter().filter(|field| !NOT_OPTIONS.contains(&field.name.as_str())) {
        let (name, ty) = (pascal(&field.name), hint(&field.ty));
        let _ = match &field.ty {
            Type::List(item) => write!(
                out,
                "\n// With{name} sets request.{name}; used again, it adds.\n//\n{}func With{name}(values ...{item}) Option {{\n\
                 \treturn func(c *chat) {{ c.request.{name} = append(slices.Clip(c.request.{name}), values...) }}\n}}\n",
                docs(&field.docs, ""),
                item = hint(item),
            ),
            _ => write!(
                out,
                "\n// With{name} sets request.{name}.\n//\n{}func With{name}(value {ty}) Option {{\n\
                 \treturn func(c *chat) {{ c.request.{name} = {}value }}\n}}\n",
                docs(&field.docs, ""),
                if is_variant(contract, &field.ty) { "" } else { "&" },
            ),
        };
    }
    out
}

/// Documents that cross alone too, and then have no `type`.
const ALONE: &[&str] = &["error"];

/// A name as Go writes it.
fn go(name: &str) -> String {
    if name == "error" {
        // `Error` is the host's, which implements `error` and embeds this one.
        return "ErrorDetail".into();
    }
    pascal(name)
}

/// The name of a field, or of a case beside the name of its type.
fn pascal(name: &str) -> String {
    name.split('-').map(word).collect()
}

fn word(word: &str) -> String {
    match word {
        "id" | "url" | "json" | "http" | "dns" | "tls" | "ttl" => word.to_uppercase(),
        _ => {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
        }
    }
}

/// The struct of a case.
fn case_name(contract: &Contract, variant: &Named, case: &Case) -> String {
    match &case.payload {
        Some(payload) if own_case(contract, payload).is_some() => go(payload),
        _ => {
            let last = variant.name.rsplit('-').next().unwrap_or_default();
            pascal(&case.name) + &word(last)
        }
    }
}

/// The one case that a record stands for, if it stands nowhere else.
fn own_case<'a>(contract: &'a Contract, record: &str) -> Option<(&'a Named, &'a Case)> {
    match contract.carried_by(record).as_slice() {
        [only] if !is_held(contract, record) && !ALONE.contains(&record) => Some(*only),
        _ => None,
    }
}

/// Whether some field holds such a record.
fn is_held(contract: &Contract, record: &str) -> bool {
    fn names(ty: &Type, record: &str) -> bool {
        match ty {
            Type::List(item) => names(item, record),
            Type::Named(name) => name == record,
            _ => false,
        }
    }
    contract.types.iter().any(|named| match &named.kind {
        Kind::Record(fields) => fields.iter().any(|field| names(&field.ty, record)),
        _ => false,
    })
}

fn kind<'a>(contract: &'a Contract, ty: &Type) -> Option<&'a Kind> {
    let Type::Named(name) = ty else { return None };
    contract.get(name).map(|named| &named.kind)
}

fn is_variant(contract: &Contract, ty: &Type) -> bool {
    matches!(kind(contract, ty), Some(Kind::Variant(_)))
}

fn docs(text: &str, indent: &str) -> String {
    text.lines().map(|line| format!("{indent}// {line}").trim_end().to_owned() + "\n").collect()
}

fn hint(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".into(),
        Type::Integer { signed, bits } => format!("{}int{bits}", if *signed { "" } else { "u" }),
        Type::Float => "float64".into(),
        Type::Text => "string".into(),
        Type::Bytes => "[]byte".into(),
        Type::List(item) => format!("[]{}", hint(item)),
        Type::Named(name) => go(name),
    }
}

fn enumeration(named: &Named, cases: &[Case]) -> String {
    let name = go(&named.name);
    let constants: Vec<String> = cases
        .iter()
        .map(|case| {
            let word = case.name.to_snake_case();
            format!("{}\t{name}{} {name} = {word:?}\n", docs(&case.docs, "\t"), pascal(&case.name))
        })
        .collect();
    format!(
        "\n{}type {name} string\n\n// The words of {name}. A newer core may know more.\nconst (\n{})\n",
        docs(&named.docs, ""),
        constants.join("\n")
    )
}

fn record(contract: &Contract, named: &Named, fields: &[Field]) -> String {
    let mut out = format!("\n{}", docs(&named.docs, ""));
    if let Some((variant, _)) = own_case(contract, &named.name) {
        let _ = write!(out, "//\n// It is a [{}].\n", go(&variant.name));
    }
    let fields: Vec<String> = fields
        .iter()
        .map(|field| {
            let ty = hint(&field.ty);
            let (star, absent) = match field.optional {
                true if is_variant(contract, &field.ty) => ("", ",omitempty"),
                true => ("*", ",omitempty"),
                false => ("", ""),
            };
            let (docs, name) = (docs(&field.docs, "\t"), pascal(&field.name));
            format!("{docs}\t{name} {star}{ty} `json:\"{}{absent}\"`\n", field.name.to_snake_case())
        })
        .collect();
    let _ = write!(out, "type {} struct {{\n{}}}\n", go(&named.name), fields.join("\n"));
    out
}

fn interface(contract: &Contract, named: &Named, cases: &[Case]) -> String {
    let name = go(&named.name);
    let mut out = format!("\n{}//\n// It is one of:\n", docs(&named.docs, ""));
    for case in cases {
        let _ = writeln!(
            out,
            "//   - *[{}]: {}",
            case_name(contract, named, case),
            case.docs.replace('\n', "\n//     ")
        );
    }
    let _ = write!(out, "type {name} interface {{\n\tis{name}()\n\twrite(w *document.Writer)\n}}\n");
    for case in cases {
        let (case_name, docs) = (case_name(contract, named, case), docs(&case.docs, ""));
        let _ = match &case.payload {
            Some(payload) if own_case(contract, payload).is_some() => continue,
            Some(payload) => {
                write!(
                    out,
                    "\n{docs}//\n// It is a [{name}].\ntype {case_name} struct {{\n\t{}\n}}\n",
                    go(payload)
                )
            }
            None => write!(out, "\n{docs}//\n// It is a [{name}].\ntype {case_name} struct{{}}\n"),
        };
    }
    out
}

fn record_json(contract: &Contract, named: &Named, fields: &[Field], tag: Option<&Case>) -> String {
    let name = go(&named.name);
    let mut out = format!("\nfunc (v *{name}) fields(w *document.Writer) {{\n");
    for field in fields {
        out.push_str(&write_field(contract, field));
    }
    out.push_str("}\n");
    if tag.is_none() {
        let _ = write!(
            out,
            "\nfunc (v *{name}) write(w *document.Writer) {{\n\tw.Open('{{')\n\tv.fields(w)\n\tw.Close('}}')\n}}\n"
        );
    }
    let _ = write!(
        out,
        "\nfunc (v *{name}) read(r *document.Reader) {{\n\tfor more := r.Object(); more; more = r.More() {{\n\
         \t\tv.member(r, r.Key())\n\t}}\n}}\n\nfunc (v *{name}) member(r *document.Reader, key string) {{\n\tswitch key {{\n"
    );
    if tag.is_some() {
        out.push_str("\tcase \"type\":\n\t\tr.Skip()\n");
    }
    for field in fields {
        let _ = write!(out, "\tcase {:?}:\n{}", field.name.to_snake_case(), read_field(contract, field));
    }
    let known: Vec<String> = tag
        .map(|_| "type".to_owned())
        .into_iter()
        .chain(fields.iter().map(|field| field.name.to_snake_case()))
        .collect();
    let _ = write!(out, "\tdefault:\n\t\t{}\n\t}}\n}}\n", unknown(&known));
    out + &marshal(&name)
}

/// What becomes of a name that is none of the known ones.
fn unknown(known: &[String]) -> String {
    let known: Vec<String> = known.iter().map(|name| format!("{name:?}")).collect();
    format!("r.Unknown(key, {})", known.join(", "))
}

/// The methods that `encoding/json` asks for.
fn marshal(name: &str) -> String {
    format!(
        "\n// MarshalJSON writes the document.\nfunc (v {name}) MarshalJSON() ([]byte, error) {{\n\treturn document.MarshalJSON(v.write)\n}}\n\n\
         // UnmarshalJSON reads the document. A name it does not know is an error.\n\
         func (v *{name}) UnmarshalJSON(text []byte) error {{\n\treturn document.Unmarshal(text, v.read)\n}}\n"
    )
}

fn write_field(contract: &Contract, field: &Field) -> String {
    let (key, name) = (field.name.to_snake_case(), pascal(&field.name));
    let key = format!("w.Key(`\"{key}\":`)\n");
    if !field.optional {
        return format!("\t{key}{}", write_value(contract, &field.ty, &format!("v.{name}"), "\t"));
    }
    let value = match kind(contract, &field.ty) {
        Some(Kind::Record(_) | Kind::Variant(_)) => format!("v.{name}"),
        _ => format!("*v.{name}"),
    };
    let value = match kind(contract, &field.ty) {
        Some(Kind::Variant(_)) => format!("\t\t{value}.write(w)\n"),
        _ => write_value(contract, &field.ty, &value, "\t\t"),
    };
    format!("\tif v.{name} != nil {{\n\t\t{key}{value}\t}}\n")
}

fn write_value(contract: &Contract, ty: &Type, value: &str, indent: &str) -> String {
    match ty {
        Type::Bool => format!("{indent}w.Bool({value})\n"),
        Type::Integer { signed: true, bits: 64 } => format!("{indent}w.Signed({value})\n"),
        Type::Integer { signed: true, .. } => format!("{indent}w.Signed(int64({value}))\n"),
        Type::Integer { signed: false, bits: 64 } => format!("{indent}w.Unsigned({value})\n"),
        Type::Integer { signed: false, .. } => format!("{indent}w.Unsigned(uint64({value}))\n"),
        Type::Float => format!("{indent}w.Float({value})\n"),
        Type::Text => format!("{indent}w.Text({value})\n"),
        Type::Bytes => format!("{indent}w.Bytes({value})\n"),
        Type::List(item) => {
            let inner = format!("{indent}\t");
            format!(
                "{indent}w.Open('[')\n{indent}for i := range {value} {{\n{inner}w.Item()\n{}{indent}}}\n{indent}w.Close(']')\n",
                write_value(contract, item, &format!("{value}[i]"), &inner)
            )
        }
        Type::Named(_) => match kind(contract, ty) {
            Some(Kind::Record(_)) => format!("{indent}{value}.write(w)\n"),
            Some(Kind::Variant(_)) => format!(
                "{indent}if {value} == nil {{\n{indent}\tw.Missing()\n{indent}}} else {{\n{indent}\t{value}.write(w)\n{indent}}}\n"
            ),
            Some(Kind::Enum(_)) => format!("{indent}w.Text(string({value}))\n"),
            _ => format!("{indent}w.Text({value})\n"),
        },
    }
}

fn read_field(contract: &Contract, field: &Field) -> String {
    let name = format!("v.{}", pascal(&field.name));
    if let Type::List(item) = &field.ty {
        let list = read_list(contract, item, &name, "\t\t");
        return match text_item(contract, item).filter(|_| field.text_for_list) {
            Some(text) => format!(
                "\t\tif r.AtText() {{\n\t\t\t{name} = {}{{&{text}{{Text: r.Text()}}}}\n\t\t\treturn\n\t\t}}\n{list}",
                hint(&field.ty)
            ),
            None => list,
        };
    }
    let record = matches!(kind(contract, &field.ty), Some(Kind::Record(_)));
    match (field.optional, record) {
        (false, true) => format!("\t\t{name}.read(r)\n"),
        (false, false) => format!("\t\t{name} = {}\n", read_value(contract, &field.ty)),
        (true, true) => {
            format!(
                "\t\tif !r.Null() {{\n\t\t\t{name} = new({})\n\t\t\t{name}.read(r)\n\t\t}}\n",
                hint(&field.ty)
            )
        }
        (true, false) if is_variant(contract, &field.ty) => {
            format!("\t\tif !r.Null() {{\n\t\t\t{name} = {}\n\t\t}}\n", read_value(contract, &field.ty))
        }
        (true, false) => format!(
            "\t\tif !r.Null() {{\n\t\t\tvalue := {}\n\t\t\t{name} = &value\n\t\t}}\n",
            read_value(contract, &field.ty)
        ),
    }
}

fn read_list(contract: &Contract, item: &Type, list: &str, indent: &str) -> String {
    let inner = format!("{indent}\t");
    let each = match kind(contract, item) {
        Some(Kind::Record(_)) => {
            let ty = hint(item);
            format!("{inner}{list} = append({list}, {ty}{{}})\n{inner}{list}[len({list})-1].read(r)\n")
        }
        _ => format!("{inner}{list} = append({list}, {})\n", read_value(contract, item)),
    };
    format!("{indent}for more := r.Array(); more; more = r.More() {{\n{each}{indent}}}\n")
}

/// An expression for everything but records and lists.
fn read_value(contract: &Contract, ty: &Type) -> String {
    match ty {
        Type::Bool => "r.Bool()".into(),
        Type::Integer { signed, bits } => {
            let read = format!("r.{}({bits})", if *signed { "Signed" } else { "Unsigned" });
            if *bits == 64 { read } else { format!("{}({read})", hint(ty)) }
        }
        Type::Float => "r.Float()".into(),
        Type::Bytes => "r.Bytes()".into(),
        Type::Named(name) => match kind(contract, ty) {
            Some(Kind::Enum(_)) => format!("{}(r.Text())", go(name)),
            Some(Kind::Variant(_)) => format!("read{}(r)", go(name)),
            _ => "r.Text()".into(),
        },
        Type::Text | Type::List(_) => "r.Text()".into(),
    }
}

/// The struct that a plain string stands for in a list of such items.
fn text_item(contract: &Contract, item: &Type) -> Option<String> {
    let Type::Named(name) = item else { return None };
    let variant = contract.get(name)?;
    let Kind::Variant(cases) = &variant.kind else { return None };
    let case = cases.iter().find(|case| case.name == "text")?;
    Some(case_name(contract, variant, case))
}

fn variant_json(contract: &Contract, named: &Named, cases: &[Case]) -> String {
    let name = go(&named.name);
    let mut out =
        format!("\nfunc read{name}(r *document.Reader) {name} {{\n\tswitch tag := r.Tag(); tag {{\n");
    for case in cases {
        let _ = write!(
            out,
            "\tcase {:?}:\n\t\tv := new({})\n\t\tv.read(r)\n\t\treturn v\n",
            case.name.to_snake_case(),
            case_name(contract, named, case)
        );
    }
    out.push_str("\tdefault:\n\t\tr.NoCase(tag)\n\t\treturn nil\n\t}\n}\n");
    for case in cases {
        let (case_name, word) = (case_name(contract, named, case), case.name.to_snake_case());
        let own = case.payload.as_ref().is_some_and(|payload| own_case(contract, payload).is_some());
        let fields = if case.payload.is_some() { "\tv.fields(w)\n" } else { "" };
        let _ = write!(
            out,
            "\nfunc (*{case_name}) is{name}() {{}}\n\nfunc (v *{case_name}) write(w *document.Writer) {{\n\
             \tif v == nil {{\n\t\tw.Missing()\n\t\treturn\n\t}}\n\tw.Open('{{')\n\tw.Key(`\"type\":\"{word}\"`)\n{fields}\tw.Close('}}')\n}}\n"
        );
        if own {
            continue;
        }
        let other = match case.payload {
            Some(_) => "v.member(r, key)".to_owned(),
            None => unknown(&["type".to_owned()]),
        };
        let _ = write!(
            out,
            "\nfunc (v *{case_name}) read(r *document.Reader) {{\n\tfor more := r.Object(); more; more = r.More() {{\n\
             \t\tif key := r.Key(); key == \"type\" {{\n\t\t\tr.Skip()\n\t\t}} else {{\n\t\t\t{other}\n\t\t}}\n\t}}\n}}\n{}",
            marshal(&case_name)
        );
    }
    out
}
