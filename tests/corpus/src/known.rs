//! Exchanges that are known not to agree, each with its reason. They never count as agreement.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::tally::Tally;

/// The list in `known.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    #[serde(default)]
    known: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    reason: String,
}

impl Known {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let what = || path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(what)?;
        let known: Self = toml::from_str(&text).with_context(what)?;
        for entry in &known.known {
            ensure!(entry.reason.len() > 20, "{}: `{}` has no reason that convinces", what(), entry.id);
        }
        Ok(known)
    }

    pub(crate) fn reason(&self, id: &str) -> Option<&str> {
        self.known.iter().find(|entry| entry.id == id).map(|entry| entry.reason.as_str())
    }

    /// Entries that are not needed, since their exchange agrees.
    pub(crate) fn stale(&self, tally: &Tally) -> Vec<&str> {
        let agrees = |entry: &&Entry| tally.agrees(&entry.id) == Some(true);
        self.known.iter().filter(agrees).map(|entry| entry.id.as_str()).collect()
    }
}
