//! What the core costs beside a plain parse of the same bytes. `cargo xtask bench core` runs it.
//!
//! For each wire format a few [`streams`] are written here, or read from the recordings. The [`contender`]s read them in one
//! process and take turns: the `floor`, which parses every payload and does nothing with it; the core as a Rust program
//! uses it; the core with documents for arguments; and, where a program brings it, the component in its sandbox. What is
//! measured is the CPU time of the process from the first byte of a body to its outcome: making a request is another matter.

pub mod contender;
pub mod documents;
mod floor;
mod measure;
mod native;
mod recorded;
pub mod streams;

use std::path::PathBuf;

use crate::contender::{Contender, Failure};
use crate::streams::Set;

/// What a program of this bench is told.
pub struct Arguments {
    rounds: usize,
    recorded: Option<PathBuf>,
    /// The file of the component, for programs that have a sandbox.
    pub component: Option<PathBuf>,
}

impl Arguments {
    /// Those of the process: `[--rounds N] [--recorded FOLDER] [--component FILE]`.
    ///
    /// # Errors
    /// A name that is not one of these, or one without its value.
    pub fn of_process() -> Result<Self, Failure> {
        let mut found = Self { rounds: 7, recorded: None, component: None };
        let mut given = std::env::args().skip(1);
        while let Some(name) = given.next() {
            let value = given.next().ok_or_else(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--rounds" => found.rounds = value.parse()?,
                "--recorded" => found.recorded = Some(value.into()),
                "--component" => found.component = Some(value.into()),
                _ => return Err(format!("{name} is not known: --rounds, --recorded, --component").into()),
            }
        }
        Ok(found)
    }
}

/// Measures every format with the contenders that are always there and with `others`.
///
/// # Errors
/// A contender that cannot read a stream, or that reads something else than the others.
pub fn run(arguments: &Arguments, others: Vec<Box<dyn Contender>>) -> Result<(), Failure> {
    let mut contenders = always()?;
    contenders.extend(others);
    for format in streams::FORMATS {
        measure::run("", &Set::generated(format), &mut contenders, arguments.rounds)?;
        if let Some(folder) = &arguments.recorded {
            let set = recorded::read(folder, format)?;
            measure::run("recorded ", &set, &mut contenders, arguments.rounds)?;
        }
    }
    Ok(())
}

fn always() -> Result<Vec<Box<dyn Contender>>, Failure> {
    Ok(vec![
        Box::new(floor::Floor::default()),
        Box::new(native::Native::new()?),
        Box::new(documents::Documents::new("documents", literllm_core::engine::Engine::new())?),
    ])
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_stream_is_read_to_its_end_and_alike() {
        for format in crate::streams::FORMATS {
            crate::measure::agree(&crate::Set::generated(format), &mut super::always().unwrap()).unwrap();
        }
    }
}
