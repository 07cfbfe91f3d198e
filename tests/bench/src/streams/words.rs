//! Words, cut as tokenizers cut them: they carry the space before them, and some are parts of words.

/// Original, with characters of two, three and four bytes and what JSON has to escape.
const TEXT: &str = "The harbour master kept two ledgers. In the first she wrote what every ship carried; in the second, \
what its captain had hoped to carry. \"Nobody reads the second,\" said the clerk.\n\nShe smiled: \"Everybody does — \
they only begin at the end.\" On a quiet Tuesday a naïve young captain asked for a café, a chart and the truth, in this \
order. He was given the chart. 🌊\n\n- **Depth:** 12 fathoms at low water\n- **Wind:** from the south-west, moderate\n- \
**Advice:** `wait`, and then `sail`\n\nBy noon the fog had lifted, and with it the price of lanterns.";

/// What a tool is called with; models write it piece by piece.
const ARGUMENTS: &str = r#"{"harbour": "Port Ellen", "unit": "fathoms", "from": "2026-11-25", "days": 7, "include": ["tides", "wind"]}"#;

/// So many pieces of text, from the beginning again when it ends.
pub(super) fn tokens(count: usize) -> impl Iterator<Item = &'static str> {
    cut(TEXT, 7).into_iter().cycle().take(count)
}

/// The text of that many tokens and more, as a few larger pieces.
pub(super) fn phrases(count: usize) -> impl Iterator<Item = &'static str> {
    cut(TEXT, 19).into_iter().cycle().take(count)
}

/// The arguments of a call, piece by piece.
pub(super) fn arguments() -> impl Iterator<Item = &'static str> {
    cut(ARGUMENTS, 4).into_iter()
}

/// Before spaces, and where a piece grows longer than that.
fn cut(text: &'static str, most: usize) -> Vec<&'static str> {
    let (mut pieces, mut from, mut length) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        let full = length >= most || (letter == ' ' && length > most / 3);
        if full {
            pieces.push(&text[from..at]);
            (from, length) = (at, 0);
        }
        length += 1;
    }
    pieces.push(&text[from..]);
    pieces
}

/// Letters that mean nothing, as signatures and padding are made of.
pub(super) fn noise(seed: usize, length: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = seed as u32 | 1;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(LETTERS[(state >> 26) as usize])
    };
    (0..length).map(letter).collect()
}
