//! The typed sibling runs under wasmtime (from Python, whose package carries WASI HTTP) against the simulator.

use anyhow::{Context, Result};

use super::{Outcome, Shared};
use crate::demo::Simulator;
use crate::hosts::Host;
use crate::{build, run};

pub(super) fn run(shared: &Shared) -> Result<Outcome> {
    shared.need_component()?;
    build::lay_typed(shared.place)?;
    let ready = match Host::Python.ready(shared.place) {
        Ok(ready) => ready,
        Err(cause) => return Ok(Outcome::Skipped(format!("{cause:#}"))),
    };
    let simulator = Simulator::start(&shared.program()?, &["--chunk-delay-ms", "0"])?;
    let mut test = ready.tool();
    test.arg(shared.place.root.join("tests/typed/typed.py"));
    test.arg(shared.place.typed()).arg(format!("{}/v1", simulator.base_url));
    test.env("PYTHONPATH", Host::Python.folder(shared.place));
    println!("$ {}", run::line(&test));
    let count = run::capture(&mut test)?;
    let held = count.trim().parse().with_context(|| format!("tests/typed/typed.py printed `{count}`"))?;
    println!("{held} assertions held: events and outcomes equal the engine's");
    Ok(Outcome::Passed(held))
}
