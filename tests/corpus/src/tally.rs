//! Counts, as a table for people and as one JSON object.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compare::Field;
use crate::exchange::Exchange;

/// Differences that are printed in the table.
const SHOWN: usize = 40;

/// Longest piece of a text that is shown, in characters.
const CLIPPED: usize = 300;

/// How many exchanges, and how they came out: `exchanges` is the sum of the next three.
#[derive(Default, Serialize)]
struct Counts {
    exchanges: usize,
    agree: usize,
    known: usize,
    differ: usize,
    /// Out of scope, or for a field: not stated.
    skipped: usize,
}

/// One disagreement.
#[derive(Serialize)]
struct Difference {
    id: String,
    field: &'static str,
    known: bool,
    ours: String,
    theirs: String,
}

/// The result of a run.
#[derive(Default, Serialize)]
pub(crate) struct Tally {
    #[serde(flatten)]
    all: Counts,
    providers: BTreeMap<String, Counts>,
    apis: BTreeMap<String, Counts>,
    fields: BTreeMap<&'static str, Counts>,
    differences: Vec<Difference>,
    /// Every exchange in scope, and whether it agrees.
    #[serde(skip)]
    verdicts: BTreeMap<String, bool>,
}

impl Tally {
    pub(crate) fn skip(&mut self, exchange: &Exchange) {
        for counts in [
            &mut self.all,
            self.providers.entry(exchange.provider.clone()).or_default(),
            self.apis.entry(exchange.api.clone()).or_default(),
        ] {
            counts.skipped += 1;
        }
    }

    pub(crate) fn count(&mut self, exchange: &Exchange, fields: &[Field], known: bool) {
        let mut differing: BTreeMap<&'static str, bool> = BTreeMap::new();
        for field in fields {
            let differs = field.ours != field.theirs;
            *differing.entry(field.name).or_default() |= differs;
            if differs {
                let (ours, theirs) = apart(&field.ours, &field.theirs);
                self.differences.push(Difference {
                    id: exchange.id.clone(),
                    field: field.name,
                    known,
                    ours,
                    theirs,
                });
            }
        }
        let agrees = differing.values().all(|differs| !differs);
        for counts in [
            &mut self.all,
            self.providers.entry(exchange.provider.clone()).or_default(),
            self.apis.entry(exchange.api.clone()).or_default(),
        ] {
            counts.add(agrees, known);
        }
        for (name, differs) in differing {
            self.fields.entry(name).or_default().add(!differs, known);
        }
        self.verdicts.insert(exchange.id.clone(), agrees);
    }

    pub(crate) fn differ(&self) -> usize {
        self.all.differ
    }

    /// Whether an exchange that was compared agrees.
    pub(crate) fn agrees(&self, id: &str) -> Option<bool> {
        self.verdicts.get(id).copied()
    }

    /// One JSON object.
    pub(crate) fn json(&mut self) -> String {
        self.finish();
        serde_json::to_string(self).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    }

    fn finish(&mut self) {
        let in_scope = self.all.exchanges;
        for counts in self.fields.values_mut() {
            counts.skipped = in_scope - counts.exchanges;
        }
        self.differences.sort_by(|a, b| (&a.id, a.field).cmp(&(&b.id, b.field)));
    }

    /// A table.
    pub(crate) fn print(&mut self) {
        self.finish();
        println!(
            "{:<16} {:>9} {:>7} {:>6} {:>7} {:>8}",
            "", "exchanges", "agree", "known", "differ", "skipped"
        );
        let line = |name: &str, counts: &Counts| {
            println!(
                "{name:<16} {:>9} {:>7} {:>6} {:>7} {:>8}",
                counts.exchanges, counts.agree, counts.known, counts.differ, counts.skipped
            );
        };
        for (title, rows) in [("by provider", &self.providers), ("by api", &self.apis)] {
            println!("{title}");
            for (name, counts) in rows.iter().filter(|(_, counts)| counts.exchanges > 0) {
                line(&format!("  {name}"), counts);
            }
        }
        println!("by field");
        self.fields.iter().for_each(|(name, counts)| line(&format!("  {name}"), counts));
        line("all", &self.all);
        for difference in self.differences.iter().take(SHOWN) {
            let known = if difference.known { " (known)" } else { "" };
            println!(
                "\n{} {}{known}\n  ours   {}\n  theirs {}",
                difference.id, difference.field, difference.ours, difference.theirs
            );
        }
        if self.differences.len() > SHOWN {
            println!("\n... and {} more: see --json", self.differences.len() - SHOWN);
        }
        let word = if self.all.differ == 0 && self.all.exchanges > 0 { "ok" } else { "FAILED" };
        println!(
            "\ntest result: {word}. {} passed; {} failed; 0 ignored",
            self.all.agree + self.all.known,
            self.all.differ
        );
    }
}

impl Counts {
    fn add(&mut self, agrees: bool, known: bool) {
        self.exchanges += 1;
        match (agrees, known) {
            (true, _) => self.agree += 1,
            (false, true) => self.known += 1,
            (false, false) => self.differ += 1,
        }
    }
}

/// Both texts from a little before where they part.
fn apart(ours: &str, theirs: &str) -> (String, String) {
    let same = ours.chars().zip(theirs.chars()).take_while(|(a, b)| a == b).count().saturating_sub(60);
    let clip = |text: &str| {
        let dots = if same > 0 { "..." } else { "" };
        format!("{dots}{}", text.chars().skip(same).take(CLIPPED).collect::<String>())
    };
    (clip(ours), clip(theirs))
}
