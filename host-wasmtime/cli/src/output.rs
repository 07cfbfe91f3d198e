//! Writing for people and for programs.
//!
//! `println!` panics when the reader has closed the pipe, and a model may write anything, also the
//! sequences that move a terminal's cursor or change its title. Both are handled here, once.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};

/// One line to standard error. If nobody can read it, there is nobody to be told that either.
pub(crate) fn note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Text without control characters other than line ends and tabs: fit for a terminal.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| c.is_control() && c != '\n' && c != '\t';
    match text.contains(harmful) {
        true => text.chars().map(|c| if harmful(c) { '\u{fffd}' } else { c }).collect(),
        false => text.into(),
    }
}

/// The answer on standard output: exact for programs, harmless for terminals, flushed as it comes.
pub(crate) struct AnswerOut {
    out: std::io::Stdout,
    to_terminal: bool,
    ends_with_newline: bool,
}

impl AnswerOut {
    pub(crate) fn new() -> Self {
        let out = std::io::stdout();
        let to_terminal = out.is_terminal();
        Self { out, to_terminal, ends_with_newline: true }
    }

    /// A piece of the answer, seen at once.
    pub(crate) fn piece(&mut self, text: &str) -> std::io::Result<()> {
        let text = if self.to_terminal { printable(text) } else { text.into() };
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        if !text.is_empty() {
            self.ends_with_newline = text.ends_with('\n');
        }
        Ok(())
    }

    /// Ends the last line, if it is not ended, so that what follows begins on its own.
    pub(crate) fn end_line(&mut self) -> std::io::Result<()> {
        if self.ends_with_newline { Ok(()) } else { self.piece("\n") }
    }
}

/// One JSON document and a line end on standard output.
pub(crate) fn json(document: &impl serde::Serialize) -> std::io::Result<()> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    std::io::stdout().write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_terminal_is_not_steered_by_a_model() {
        assert_eq!(
            printable("\u{1b}]0;title\u{7}\u{9b}2Jtext\r"),
            "\u{fffd}]0;title\u{fffd}\u{fffd}2Jtext\u{fffd}"
        );
        assert_eq!(printable("line\n\ttab, ümlaut, 👋🏽"), "line\n\ttab, ümlaut, 👋🏽");
    }
}
