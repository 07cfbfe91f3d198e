//! Where strings of JSON end, eight bytes at a time.
//!
//! Strings of answers are short: calling a vectorised search for each costs more than the search. These few lines are
//! inlined, and are the same on every target.

const ONES: u64 = u64::MAX / 255;
const HIGH: u64 = ONES << 7;

/// The place of the first quote or backslash; the length if there is none.
#[inline(always)]
pub(crate) fn quote_or_backslash(bytes: &[u8]) -> usize {
    let marks = |word| equal(word, b'"') | equal(word, b'\\');
    first(bytes, marks, |byte| matches!(byte, b'"' | b'\\'))
}

/// The place of the first byte that cannot stand in a string as it is; the length if there is none.
#[inline(always)]
pub(crate) fn not_plain(bytes: &[u8]) -> usize {
    let marks = |word| equal(word, b'"') | equal(word, b'\\') | below(word, 0x20);
    first(bytes, marks, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

/// Whether there is a backslash.
#[inline(always)]
pub(crate) fn has_backslash(bytes: &[u8]) -> bool {
    first(bytes, |word| equal(word, b'\\'), |byte| byte == b'\\') < bytes.len()
}

/// `marks` sets the highest bit of each byte of a word that `is` what is looked for. Above the first it may err.
#[inline(always)]
fn first(bytes: &[u8], marks: impl Fn(u64) -> u64, is: impl Fn(u8) -> bool) -> usize {
    let mut at = 0;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = marks(u64::from_le_bytes(*eight)) & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !is(*byte)) {
        at += 1;
    }
    at
}

// Mycroft's test: taking one from a zero byte borrows from its highest bit.

#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

#[inline(always)]
fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(bound)) & !word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_is_found_wherever_it_stands(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let place = |is: fn(&u8) -> bool| bytes.iter().position(is).unwrap_or(bytes.len());
            prop_assert_eq!(quote_or_backslash(&bytes), place(|byte| matches!(byte, b'"' | b'\\')));
            prop_assert_eq!(not_plain(&bytes), place(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)));
            prop_assert_eq!(has_backslash(&bytes), bytes.contains(&b'\\'));
        }
    }
}
