//! Anthropic's `messages`, plain and streamed.
#![no_main]

use literllm_fuzz::adapter::{self, ANTHROPIC_MESSAGES};

libfuzzer_sys::fuzz_target!(|data: &[u8]| adapter::check(&ANTHROPIC_MESSAGES, data));
