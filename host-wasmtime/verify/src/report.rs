//! What a finding means, and how it reads.

use std::fmt;

use crate::{Inspection, Kind};

impl Inspection {
    /// What is wrong with the file, one sentence each, for the person who built it. Empty: all is well.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.kind == Kind::Module {
            problems.push(
                "this is a plain core module; expected a component, which describes its own types: \
                 pack it with `cargo xtask build`"
                    .to_owned(),
            );
        }
        if self.core_modules != 1 {
            problems.push(format!(
                "it holds {} core modules; expected exactly one, since the Go host cuts it out and runs it alone",
                self.core_modules
            ));
        }
        for import in &self.component_imports {
            problems.push(format!(
                "the component imports `{import}`; expected no import: take it out of the world"
            ));
        }
        for import in &self.core_imports {
            problems.push(format!(
                "a core module imports `{import}`; expected no import: find the dependency that calls it \
                 (`cargo tree -p literllm-component`)"
            ));
        }
        for path in &self.builder_paths {
            problems.push(format!(
                "it carries a path of the machine that built it: `{path}`; build with `cargo xtask build`, \
                 which renames such paths"
            ));
        }
        problems
    }
}

/// A short table: one line for each fact, one for each interface.
impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Component => "component",
            Kind::Module => "core module",
        };
        writeln!(f, "kind      {kind}")?;
        writeln!(f, "size      {} bytes", self.size_bytes)?;
        writeln!(f, "sha256    {}", self.sha256)?;
        writeln!(f, "modules   {}", self.core_modules)?;
        writeln!(f, "imports   {}", self.imports())?;
        for import in self.component_imports.iter().chain(&self.core_imports) {
            writeln!(f, "          {import}")?;
        }
        writeln!(f, "exports   {}", self.exports.len())?;
        for export in &self.exports {
            write!(f, "          {}", export.name)?;
            match export.functions.as_slice() {
                [] => writeln!(f)?,
                functions => writeln!(f, ": {}", functions.join(", "))?,
            }
        }
        write!(f, "paths     {}", self.builder_paths.len())?;
        for path in &self.builder_paths {
            write!(f, "\n          {path}")?;
        }
        Ok(())
    }
}
