//! What to say: from the argument, from standard input, from files.

use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::exit::Failure;

/// Puts the prompt together; see `literllm chat --help` for which source counts.
pub(super) fn read(argument: Option<&str>) -> Result<String, Failure> {
    let argument = argument.filter(|argument| *argument != "-");
    let piped = !std::io::stdin().is_terminal();
    if argument.is_none() && !piped {
        // Someone at a terminal who gave no prompt may be typing it, or may wonder why nothing happens.
        crate::output::note("reading the prompt from the terminal; Ctrl-D ends it");
    }
    let mut input = String::new();
    if piped || argument.is_none() {
        std::io::stdin().read_to_string(&mut input).map_err(|cause| {
            Failure::usage(format!(
                "standard input cannot be read as text: {cause}; pictures go by --image FILE"
            ))
        })?;
    }
    join(argument.unwrap_or_default(), &input)
        .ok_or_else(|| Failure::usage("the prompt is empty: give it as an argument or on standard input"))
}

fn join(argument: &str, input: &str) -> Option<String> {
    match (argument.trim().is_empty(), input.trim().is_empty()) {
        (true, true) => None,
        (false, true) => Some(argument.to_owned()),
        (true, false) => Some(input.to_owned()),
        (false, false) => Some(format!("{argument}\n\n{input}")),
    }
}

/// Reads a picture and finds out what it is.
pub(super) fn image(file: &Path) -> Result<(Vec<u8>, &'static str), Failure> {
    let bytes = std::fs::read(file)
        .map_err(|cause| Failure::usage(format!("{} cannot be read: {cause}", file.display())))?;
    let media_type = media_type(&bytes).ok_or_else(|| {
        Failure::usage(format!(
            "{} is not a PNG, JPEG, GIF or WebP picture; convert it first",
            file.display()
        ))
    })?;
    Ok((bytes, media_type))
}

/// By its first bytes, since names of files lie.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_comes_before_standard_input() {
        assert_eq!(join("Summarise:", "text\n").as_deref(), Some("Summarise:\n\ntext\n"));
        assert_eq!(join("Hello", " \n").as_deref(), Some("Hello"));
        assert_eq!(join("", "Hello\n").as_deref(), Some("Hello\n"));
        assert_eq!(join(" ", "\n"), None);
    }

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n"), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(media_type(b"%PDF-1.7"), None);
        assert_eq!(media_type(b""), None);
    }
}
