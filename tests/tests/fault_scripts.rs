//! Fault scripts on a virtual clock: what their scripts expect comes of them, and the sandbox says the same bytes.

use literllm_core::engine::Engine as Native;
use literllm_faults::{judge, script};
use literllm_tests::component::Sandbox;
use literllm_tests::faults::play;

#[test]
fn every_script_comes_out_as_it_says_natively_and_in_the_sandbox() {
    let mut broken = Vec::new();
    for script in script::all(&script::folder(), "").unwrap() {
        match (play(&mut Native::new(), &script), play(&mut Sandbox::new().unwrap(), &script)) {
            (Ok(native), Ok(sandboxed)) => {
                let mut faults = judge::faults(&script, &native);
                if native != sandboxed {
                    faults.push(format!("the sandbox says {sandboxed:?}\nand not {native:?}"));
                }
                broken.extend(faults.into_iter().map(|fault| format!("{}: {fault}", script.name)));
            }
            (native, sandboxed) => {
                let whys = [native.err(), sandboxed.err()].into_iter().flatten();
                broken.extend(whys.map(|why| format!("{}: {why}", script.name)));
            }
        }
    }
    let next = "next: `cargo run --bin faults show NAME` shows what came of one";
    assert!(broken.is_empty(), "{}\n{next}", broken.join("\n"));
}
