//! From the core module that rustc wrote to the component that hosts embed.
//!
//! `wit-component` does the wrapping. What it and the linker leave beside the code (names, lists of
//! tools) is taken out afterwards: nobody reads it at run time, and it tells about the builder.

use anyhow::{Context, Result, bail};

/// Custom sections that only people read.
const NEEDLESS: &[&str] = &["name", "producers", "target_features"];

/// `\0asm`, version, layer.
const HEADER_BYTES: usize = 8;

/// Wraps a core module that carries its world in a `component-type` section.
pub(crate) fn component(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = wit_component::ComponentEncoder::default();
    let packed = encoder.validate(true).module(module).and_then(|encoder| encoder.encode());
    let help = "the core module does not fit the world in wit/; next: `cargo build -p literllm-component`, then compare \
                its exports with wit/worlds.wit";
    without_needless_sections(&packed.context(help)?)
}

/// The same file without the needless custom sections, at every depth.
fn without_needless_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let Some((header, mut rest)) = wasm.split_at_checked(HEADER_BYTES) else {
        bail!("a wasm file has a header")
    };
    // The last two bytes are the layer: 0 for a module, 1 for a component.
    let is_component = header[6..] == [1, 0];
    let mut kept = header.to_vec();
    while let Some((&id, after_id)) = rest.split_first() {
        let (length, after_length) = read_leb(after_id)?;
        let content = after_length.get(..length).context("a wasm section is longer than its file")?;
        rest = &after_length[length..];
        match id {
            0 if is_needless(content)? => {}
            // Core modules and components inside a component.
            1 | 4 if is_component => push_section(&mut kept, id, &without_needless_sections(content)?),
            _ => push_section(&mut kept, id, content),
        }
    }
    Ok(kept)
}

/// A custom section begins with its name.
fn is_needless(content: &[u8]) -> Result<bool> {
    let (length, rest) = read_leb(content)?;
    let name = rest.get(..length).context("the name of a custom section is longer than the section")?;
    Ok(NEEDLESS.iter().any(|needless| needless.as_bytes() == name))
}

fn push_section(into: &mut Vec<u8>, id: u8, content: &[u8]) {
    into.push(id);
    let mut left = content.len();
    while left >= 0x80 {
        into.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    into.push(left as u8);
    into.extend_from_slice(content);
}

/// An unsigned number as wasm writes it: seven bits a byte, the lowest first, at most five bytes.
fn read_leb(bytes: &[u8]) -> Result<(usize, &[u8])> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok((value, &bytes[index + 1..]));
        }
    }
    bail!("a length in a wasm file does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tools_go_and_the_code_stays() {
        let long = "x".repeat(300);
        let text = format!(
            r#"(component
                (core module $m (@custom "producers" "who built it") (@custom "kept" "{long}")
                    (func $named (export "f") (result i32) i32.const 7))
                (component $inner (core module $n (@custom "target_features" "simd"))))"#
        );
        let before = wat::parse_str(text).unwrap();
        let after = without_needless_sections(&before).unwrap();
        let has =
            |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(has(&before, "who built it") && has(&before, "named") && has(&before, "simd"));
        assert!(!has(&after, "who built it") && !has(&after, "named") && !has(&after, "simd"));
        assert!(has(&after, &long));
        let found = literllm_verify::inspect(&after).unwrap();
        assert_eq!(found.core_modules, 2);
        assert_eq!(without_needless_sections(&after).unwrap(), after);
    }

    #[test]
    fn a_cut_file_is_an_error() {
        let whole = wat::parse_str("(module (func (export \"f\")))").unwrap();
        assert!(without_needless_sections(&whole[..whole.len() - 1]).is_err());
        assert!(without_needless_sections(b"\0asm").is_err());
    }
}
