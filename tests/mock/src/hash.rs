//! The simulator's only dice: a hash.
//!
//! Whatever looks random here (which story is told, where a word is split, a log probability) is a
//! function of the request and the seed, so the same request gets the same bytes on every machine.
//! `std`'s hasher does not promise that across releases; FNV-1a is four lines and never changes.

/// FNV-1a over the parts, with a separator between them, and a final mix so that low bits are usable.
pub(crate) fn hash(seed: u64, parts: &[&[u8]]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325 ^ mix(seed);
    for part in parts {
        for byte in part.iter().chain(&[0xff]) {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    mix(state)
}

/// The finalizer of splitmix64: each input bit reaches each output bit.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// An index below `len` (0 when `len` is 0).
pub(crate) fn index(hash: u64, len: usize) -> usize {
    // The remainder is below `len`, so it fits.
    usize::try_from(hash % (len.max(1) as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_seed_matter() {
        assert_eq!(hash(1, &[b"a", b"b"]), hash(1, &[b"a", b"b"]));
        assert_ne!(hash(1, &[b"ab"]), hash(1, &[b"a", b"b"]));
        assert_ne!(hash(1, &[b"a"]), hash(2, &[b"a"]));
    }
}
