//! From bytes to the lists of what a file asks for and offers.
//!
//! The file is validated first: what an engine would refuse to load, we refuse to judge. Then every
//! section is walked once, at every depth, since a component may hold modules and components.

use wasmparser::{ComponentExternalKind, Encoding, Imports, Parser, Payload, Validator};

use crate::{Export, Kind};

/// What the sections say.
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) core_modules: u32,
    pub(crate) core_imports: Vec<String>,
    pub(crate) component_imports: Vec<String>,
    pub(crate) exports: Vec<Export>,
}

pub(crate) fn read(bytes: &[u8]) -> wasmparser::Result<Found> {
    Validator::new().validate_all(bytes)?;
    let mut found = Found {
        kind: Kind::Module,
        core_modules: 0,
        core_imports: Vec::new(),
        component_imports: Vec::new(),
        exports: Vec::new(),
    };
    let mut functions = Vec::new(); // names of core exports, later given to their interfaces
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding: Encoding::Component, .. } if depth == 0 => {
                found.kind = Kind::Component;
            }
            Payload::Version { encoding: Encoding::Module, .. } => found.core_modules += 1,
            // `End` also closes the outermost one, where there is nothing left to leave.
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ImportSection(section) => {
                for group in section {
                    add_core_imports(group?, &mut found.core_imports)?;
                }
            }
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    found.component_imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let name = export?.name;
                    match depth {
                        0 => found.exports.push(Export { name: name.to_owned(), functions: Vec::new() }),
                        _ => functions.push(name),
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let export = export?;
                    // A function exported by itself has no interface to stand in.
                    let own =
                        (export.kind == ComponentExternalKind::Func).then(|| export.name.name.to_owned());
                    let functions = own.into_iter().collect();
                    found.exports.push(Export { name: export.name.name.to_owned(), functions });
                }
            }
            _ => {}
        }
    }
    for export in &mut found.exports {
        // The canonical ABI names a core function `interface#function`, and its helpers `cabi_post_...`.
        let of_this =
            |name: &&str| Some(name.strip_prefix(export.name.as_str())?.strip_prefix('#')?.to_owned());
        export.functions.extend(functions.iter().filter_map(of_this));
    }
    Ok(found)
}

/// A group holds one import or, in the compact form, several of one module.
fn add_core_imports(group: Imports<'_>, into: &mut Vec<String>) -> wasmparser::Result<()> {
    match group {
        Imports::Single(_, import) => into.push(format!("{}.{}", import.module, import.name)),
        Imports::Compact1 { module, items } => {
            for item in items {
                into.push(format!("{module}.{}", item?.name));
            }
        }
        Imports::Compact2 { module, names, .. } => {
            for name in names {
                into.push(format!("{module}.{}", name?));
            }
        }
    }
    Ok(())
}
