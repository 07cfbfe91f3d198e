//! Cohere's `chat`, plain and streamed.
#![no_main]

use literllm_fuzz::adapter::{self, COHERE_CHAT};

libfuzzer_sys::fuzz_target!(|data: &[u8]| adapter::check(&COHERE_CHAT, data));
