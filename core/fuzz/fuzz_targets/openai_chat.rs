//! `chat/completions`, plain and streamed.
#![no_main]

use literllm_fuzz::adapter::{self, OPENAI_CHAT};

libfuzzer_sys::fuzz_target!(|data: &[u8]| adapter::check(&OPENAI_CHAT, data));
