//! The defaults of a configuration stand in three places: in the sentences of the contract, in the core, and in the tables
//! of docs/configuration.md. Here they are held against each other, so that none can drift.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use heck::ToSnakeCase;

use super::model::{Contract, Kind, Type};
use super::schema;

/// The records that have defaults.
const RECORDS: [&str; 3] = ["policy", "guards", "limits"];

/// From `policy.max_attempts` to `3`. A bound that is absent, and a list that is empty, is `none`.
type Defaults = BTreeMap<String, String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn source(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn of_the_contract() -> Defaults {
    let contract = Contract::read(&root().join("wit")).unwrap();
    let mut defaults = Defaults::new();
    for record in RECORDS {
        let Kind::Record(fields) = &contract.get(record).unwrap().kind else { panic!("{record}") };
        for field in fields {
            let absent = matches!(field.ty, Type::List(_)) || field.docs.contains("Absent: no bound");
            let default = schema::default(&field.docs).or(absent.then_some("none"));
            let name = format!("{record}.{}", field.name.to_snake_case());
            let default = default.unwrap_or_else(|| panic!("{name}: its documentation names no default"));
            defaults.insert(name, default.to_snake_case());
        }
    }
    defaults
}

/// Read from its source: the values are nobody's business but the core's, so it gives them to nobody.
fn of_the_core() -> Defaults {
    let mut defaults = Defaults::new();
    for (record, path) in [("policy", "core/src/policy/settings.rs"), ("guards", "core/src/policy/guards.rs")]
    {
        let text = source(path);
        let (_, block) = text.split_once("const DEFAULTS: ").expect(path);
        let (_, block) = block.split_once('{').expect(path);
        let (block, _) = block.split_once("};").expect(path);
        for line in block.lines().filter(|line| !line.trim().is_empty()) {
            let (name, value) = line.trim().trim_end_matches(',').split_once(": ").expect(line);
            defaults.insert(format!("{record}.{name}"), plain(value));
        }
    }
    let text = source("core/src/client.rs");
    for place in text.split("limits.").skip(1) {
        let Some((name, rest)) = place.split_once(".unwrap_or(") else { continue };
        if name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            let (value, _) = rest.split_once(')').expect(name);
            defaults.insert(format!("limits.{name}"), plain(value));
        }
    }
    defaults
}

/// A value of Rust as a document writes it.
fn plain(value: &str) -> String {
    let value = value.replace('_', "");
    match value.split_once(" << ") {
        Some((number, by)) => (number.parse::<u64>().unwrap() << by.parse::<u32>().unwrap()).to_string(),
        None => value.rsplit("::").next().unwrap_or_default().to_snake_case(),
    }
}

/// The first two columns of the tables below the headings of that name.
fn of_the_documentation() -> Defaults {
    let mut defaults = Defaults::new();
    let mut record = "";
    let text = source("docs/configuration.md");
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            record = heading.trim_matches(['#', ' ', '`']);
        }
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (Some(name), Some(default)) = (cells.next(), cells.next()) else { continue };
        if RECORDS.contains(&record) && name.starts_with('`') {
            let default = default.split_whitespace().next().unwrap_or_default();
            let name = format!("{record}.{}", name.trim_matches('`'));
            let twice = defaults.insert(name, default.trim_matches('`').to_owned());
            assert_eq!(twice, None, "{line}");
        }
    }
    defaults
}

#[test]
fn the_core_does_what_the_contract_says() {
    let mut said = of_the_contract();
    // A list has no default to be filled in.
    said.remove("policy.fallback").unwrap();
    assert_eq!(of_the_core(), said, "left: core/src/policy, core/src/client.rs; right: wit/types.wit");
}

#[test]
fn the_documentation_has_every_field_with_its_default() {
    let (written, said) = (of_the_documentation(), of_the_contract());
    assert_eq!(written, said, "left: docs/configuration.md; right: wit/types.wit");
}

/// What a rename would leave behind: words of the guides that look like names of the contract and are none.
#[test]
fn the_guides_speak_of_fields_that_exist() {
    let contract = Contract::read(&root().join("wit")).unwrap();
    let mut known = BTreeSet::new();
    for named in &contract.types {
        let inside: Vec<&str> = match &named.kind {
            Kind::Record(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
            Kind::Variant(cases) | Kind::Enum(cases) => cases.iter().map(|case| case.name.as_str()).collect(),
            Kind::Alias(_) => Vec::new(),
        };
        known.extend(inside.into_iter().map(ToSnakeCase::to_snake_case));
    }
    // Envoy's, and a function of hosts.
    known.extend(["base_ejection_time".to_owned(), "read_config".to_owned()]);
    for path in ["docs/policy.md", "docs/configuration.md"] {
        let text = source(path);
        let prose: String = text.split("```").step_by(2).collect();
        let words: Vec<_> = prose.split('`').skip(1).step_by(2).collect();
        let is_name = |word: &str| {
            let letters = word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            letters && word.trim_matches('_').contains('_')
        };
        let names: Vec<_> = words.into_iter().filter(|word| is_name(word)).collect();
        assert!(names.len() > 20, "{path}: {names:?}");
        let unknown: Vec<_> = names.into_iter().filter(|name| !known.contains(*name)).collect();
        assert_eq!(unknown, [""; 0], "{path}");
    }
}
