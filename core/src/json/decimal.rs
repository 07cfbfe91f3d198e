//! Decimals of providers as whole thousandths.
//!
//! Counts come as `12.0`, times as `1700000000.25`, pauses as `0.5`: all of them are asked for in whole units or in
//! thousandths. Floating point would do it too, for 20 kB of tables in the component.

/// The value times a thousand, a rest rounded up. Not for negative numbers, exponents, or what passes 2^53.
pub(crate) fn thousandths(text: &str) -> Option<u64> {
    small(text).map(|value| value * 1_000).or_else(|| any(text))
}

/// A whole number of a few digits, which nearly all of them are.
fn small(text: &str) -> Option<u64> {
    let digit = |value: u64, byte: u8| byte.is_ascii_digit().then(|| value * 10 + u64::from(byte - b'0'));
    if text.is_empty() || text.len() > 12 {
        return None;
    }
    text.bytes().try_fold(0, digit)
}

fn any(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let mut value: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut fraction = fraction.bytes();
    for _ in 0..3 {
        let digit = fraction.next().map_or(0, |byte| byte.wrapping_sub(b'0'));
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if fraction.any(|byte| byte != b'0') {
        value = value.checked_add(1)?;
    }
    // Numbers of the contract stay below 2^53.
    (value < 1 << 53).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn decimals_are_read_exactly_and_the_rest_is_no_number() {
        for (text, value) in [
            ("2", Some(2_000)),
            ("0.25", Some(250)),
            (".5", Some(500)),
            ("1700000000.1234", Some(1_700_000_000_124)),
            ("12.000", Some(12_000)),
            ("", None),
            (".", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("1.2.3", None),
            ("99999999999999999999", None),
            ("9007199254740992", None),
        ] {
            assert_eq!(thousandths(text), value, "{text}");
        }
    }
}
