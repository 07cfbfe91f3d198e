//! Says plainly what to do when the component has not been built yet.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=literllm.wasm");
    let wanted = std::env::var_os("CARGO_FEATURE_COMPONENT").is_some();
    if wanted && !Path::new("literllm.wasm").is_file() {
        println!(
            "cargo::error=literllm-host embeds the component literllm.wasm, which is not built yet: run `cargo xtask build`, which lays it here (or build with `--no-default-features --features native`)"
        );
    }
}
