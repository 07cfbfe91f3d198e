//! The bench without a sandbox; `literllm-host` has the one with it.

use literllm_bench::Arguments;
use literllm_bench::contender::Failure;

fn main() -> Result<(), Failure> {
    literllm_bench::run(&Arguments::of_process()?, Vec::new())
}
