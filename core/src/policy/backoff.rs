//! Exponential backoff with full jitter, from a seed.
//!
//! Full jitter (anywhere between nothing and the whole step) spreads a fleet that failed together; see
//! M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

/// A stream of numbers from one seed (SplitMix64: Steele, Lea, Flood, OOPSLA 2014). Not for secrets.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// What goes on to the same numbers, given to [`Dice::new`].
    pub(crate) fn state(&self) -> u64 {
        self.0
    }

    /// A number from 0 to `max`, both included.
    pub(crate) fn up_to(&mut self, max: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^= x >> 31;
        // Multiply and shift: the bias is below 2^-40 for any wait we allow.
        ((u128::from(x) * (u128::from(max) + 1)) >> 64) as u64
    }
}

/// The pause after the `failures`-th failure (from 1), in ms.
pub(crate) fn delay_ms(base_ms: u64, cap_ms: u64, failures: u32, dice: &mut Dice) -> u64 {
    let doublings = failures.saturating_sub(1).min(63);
    let step = base_ms.saturating_mul(1 << doublings).min(cap_ms);
    dice.up_to(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_doubles_up_to_the_cap_and_jitter_fills_it() {
        for (failures, step) in [(1, 500), (2, 1_000), (4, 4_000), (5, 8_000), (60, 8_000), (u32::MAX, 8_000)]
        {
            let mut dice = Dice::new(7);
            let delays: Vec<u64> = (0..2_000).map(|_| delay_ms(500, 8_000, failures, &mut dice)).collect();
            let (low, high) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
            assert!(*high <= step && *high > step * 9 / 10 && *low < step / 10, "{failures}: {low}..{high}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_pauses() {
        let roll = |seed| (0..5).map(|n| delay_ms(500, 8_000, n, &mut Dice::new(seed))).collect::<Vec<_>>();
        assert_eq!(roll(1), roll(1));
        assert_ne!(roll(1), roll(2));
    }
}
