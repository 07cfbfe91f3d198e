//! Server-sent events, from bytes to frames.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| literllm_fuzz::framing::check(data));
