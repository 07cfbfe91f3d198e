//! Where a body is cut and in which form its pieces cross.
//!
//! A network cuts anywhere, so what a body means must not depend on it.

use std::fmt;

/// How many cuts a seeded cutting makes.
const SEEDED_CUTS: usize = 20;

/// Where to cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cuts {
    /// Nowhere.
    Whole,
    /// After every byte.
    Bytes,
    /// At twenty places that follow from the seed; some pieces may be empty.
    Seeded(u64),
}

/// Where to cut, and which of the two functions takes the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutting {
    /// Where.
    pub cuts: Cuts,
    /// By `call-body-latin1` instead of `call-body`.
    pub latin1: bool,
}

impl Cutting {
    /// The whole body by `call-body`: what the expected files are written from.
    pub const WHOLE: Self = Self { cuts: Cuts::Whole, latin1: false };

    /// Every cutting a vector is fed with. The seeded one follows from the vector's name.
    pub fn all(name: &str) -> Vec<Self> {
        // FNV-1a, so that a name always means the same cuts.
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let cuts = [Cuts::Whole, Cuts::Bytes, Cuts::Seeded(seed)];
        [false, true].into_iter().flat_map(|latin1| cuts.map(|cuts| Self { cuts, latin1 })).collect()
    }

    /// The pieces, which joined are the body. At least one.
    pub fn pieces<'a>(&self, body: &'a [u8]) -> Vec<&'a [u8]> {
        match self.cuts {
            Cuts::Bytes if !body.is_empty() => body.chunks(1).collect(),
            Cuts::Whole | Cuts::Bytes => vec![body],
            Cuts::Seeded(seed) => {
                let mut state = seed;
                let mut places: Vec<usize> =
                    (0..SEEDED_CUTS).map(|_| below(&mut state, body.len() + 1)).collect();
                places.extend([0, body.len()]);
                places.sort_unstable();
                places.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect()
            }
        }
    }
}

impl fmt::Display for Cutting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.latin1 { "call-body-latin1" } else { "call-body" };
        match self.cuts {
            Cuts::Whole => write!(f, "whole, by {by}"),
            Cuts::Bytes => write!(f, "byte by byte, by {by}"),
            Cuts::Seeded(seed) => write!(f, "cut at {SEEDED_CUTS} places (seed {seed:#x}), by {by}"),
        }
    }
}

/// A number below `bound` (SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
fn below(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut x = *state;
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) % bound as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_every_cutting_are_the_body() {
        for body in [&b""[..], b"a", b"data: {}\n\n"] {
            for cutting in Cutting::all("x") {
                let pieces = cutting.pieces(body);
                assert!(!pieces.is_empty());
                assert_eq!(pieces.concat(), body, "{cutting}");
            }
        }
    }
}
