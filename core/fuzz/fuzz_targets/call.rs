//! The life of a call, with documents for arguments.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| literllm_fuzz::life::check(data));
