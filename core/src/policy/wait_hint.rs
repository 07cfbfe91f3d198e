//! How long a provider asks us to wait, and whether it wants to be asked again: read from the head of a failed answer.
//!
//! | header | form | who sends it |
//! |---|---|---|
//! | `retry-after-ms` | milliseconds | OpenAI, Azure |
//! | `retry-after` | seconds or an HTTP date (RFC 9110 section 10.2.3); some send a fraction | nearly all |
//! | `x-ratelimit-reset`, `x-ratelimit-reset-*` | `1m30s`, `6ms`, seconds, or Unix time | OpenAI and Groq, Azure, OpenRouter |
//! | `anthropic-ratelimit-*-reset` | RFC 3339 | Anthropic |
//! | `x-should-retry` | `true`, `false` | OpenAI, Anthropic |
//!
//! The first that can be read counts. Resets of rates count only after a 429, and only for what is used up: those headers
//! stand on every answer, and tell of rates that were never touched. Nonsense is no hint.

use std::time::UNIX_EPOCH;

use crate::json::decimal::thousandths;
use crate::types::ResponseHead;

/// What provider a reset of a rate belongs to, and where the name of the rate stands.
const RESETS: &[(&str, &str)] = &[("x-ratelimit-reset", ""), ("anthropic-ratelimit-", "-reset")];

/// Unix seconds begin here (2001): whatever is less is a length of time.
const FIRST_UNIX_SECOND: u64 = 1_000_000_000;

/// The pause asked for by the head of a failed answer, in ms from `now_ms`.
pub(crate) fn read(head: &ResponseHead, now_ms: u64) -> Option<u64> {
    let header = |name: &str| head.header(name).map(str::trim);
    let retry_after = |text: &str| {
        thousandths(text).or_else(|| {
            let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(u64::try_from(at.as_millis()).ok()?.saturating_sub(now_ms))
        })
    };
    header("retry-after-ms")
        .and_then(thousandths)
        .map(|ms| ms.div_ceil(1_000))
        .or_else(|| header("retry-after").and_then(retry_after))
}

/// When the rates that are used up begin anew, in ms from `now_ms`: the latest of them.
pub(crate) fn rates_reset(head: &ResponseHead, now_ms: u64) -> Option<u64> {
    let resets = head.headers.iter().filter(|header| {
        RESETS.iter().any(|(start, end)| {
            let name = header.name.as_str();
            name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
                && name
                    .len()
                    .checked_sub(end.len())
                    .and_then(|at| name.get(at..))
                    .is_some_and(|own| own.eq_ignore_ascii_case(end))
        })
    });
    resets
        .filter(|header| {
            let left = head.header(&header.name.to_ascii_lowercase().replacen("reset", "remaining", 1));
            left.is_none_or(|left| left.trim() == "0")
        })
        .filter_map(|header| reset(header.value.trim(), now_ms))
        .max()
}

/// Whether the provider wants to be asked again. The official SDKs of OpenAI and Anthropic obey it before any status.
pub(crate) fn should_retry(head: &ResponseHead) -> Option<bool> {
    match head.header("x-should-retry")?.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A length of time such as `34.07s`, `1m30s`, `6ms` or `2h`, in ms. As Go and protobuf write them.
pub(crate) fn duration(text: &str) -> Option<u64> {
    let mut left = text;
    let mut total_ms: u64 = 0;
    while !left.is_empty() {
        let digits = left.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, rest) = left.split_at_checked(digits)?;
        let units = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (unit, rest) = rest.split_at_checked(units)?;
        // Thousandths of the unit; a rest of a millisecond is waited for.
        let value = thousandths(number)?;
        let ms = match unit {
            "h" => value.checked_mul(3_600)?,
            "m" => value.checked_mul(60)?,
            "s" => value,
            "ms" => value.div_ceil(1_000),
            "us" | "µs" | "ns" => value.min(1),
            _ => return None,
        };
        total_ms = total_ms.checked_add(ms)?;
        left = rest;
    }
    (!text.is_empty()).then_some(total_ms)
}

fn reset(text: &str, now_ms: u64) -> Option<u64> {
    match thousandths(text) {
        Some(seconds_ms) if seconds_ms / 1_000 < FIRST_UNIX_SECOND => Some(seconds_ms),
        // Unix time, in seconds or, where it would be the year 30000, in milliseconds.
        Some(at_ms) if at_ms / 1_000 < FIRST_UNIX_SECOND * 1_000 => Some(at_ms.saturating_sub(now_ms)),
        Some(at_us) => Some((at_us / 1_000).saturating_sub(now_ms)),
        None => duration(text).or_else(|| Some(rfc3339_ms(text)?.saturating_sub(now_ms))),
    }
}

/// `2026-05-28T22:15:59Z` in Unix milliseconds, rounded up (RFC 3339 section 5.6).
fn rfc3339_ms(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i64>().ok())?
    };
    let signs = [(4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")];
    if !signs.iter().all(|(at, sign)| text.get(*at..at + 1).is_some_and(|own| sign.contains(own))) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at_checked(zone)?;
    let fraction_ms = if fraction.is_empty() { 0 } else { thousandths(fraction)? };
    let offset_minutes = match zone.as_bytes().first()? {
        b'Z' | b'z' if zone.len() == 1 => 0,
        sign @ (b'+' | b'-') if zone.len() == 6 => {
            let at = text.len();
            let minutes = number(at - 5, at - 3)? * 60 + number(at - 2, at)?;
            if *sign == b'-' { -minutes } else { minutes }
        }
        _ => return None,
    };
    // Days since 1970 in a calendar whose years begin in March, so that leap days come last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
    Some(u64::try_from(seconds).ok()? * 1_000 + fraction_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Header;

    const NOW_MS: u64 = 1_700_000_000_000;

    fn head(headers: &[(&str, &str)]) -> ResponseHead {
        let header = |(name, value): &(&str, &str)| Header { name: (*name).into(), value: (*value).into() };
        ResponseHead { status: 429, headers: headers.iter().map(header).collect() }
    }

    fn hint(name: &str, value: &str) -> Option<u64> {
        read(&head(&[(name, value)]), NOW_MS)
    }

    #[test]
    fn seconds_milliseconds_and_dates() {
        assert_eq!(hint("retry-after", "2"), Some(2_000));
        assert_eq!(hint("retry-after", " 0.25 "), Some(250));
        assert_eq!(hint("retry-after-ms", "1200"), Some(1_200));
        // 1 700 000 000 is Tue, 14 Nov 2023 22:13:20 GMT.
        assert_eq!(hint("retry-after", "Tue, 14 Nov 2023 22:13:25 GMT"), Some(5_000));
        assert_eq!(hint("retry-after", "Tue, 14 Nov 2023 22:13:00 GMT"), Some(0));
    }

    #[test]
    fn nonsense_is_no_hint() {
        for value in ["", "soon", "-3", "NaN", "inf", "1e300", "Tue, 99 Nov 2023 22:13:25 GMT"] {
            assert_eq!(hint("retry-after", value), None, "{value}");
            assert_eq!(rates_reset(&head(&[("x-ratelimit-reset", value)]), NOW_MS), None, "{value}");
        }
        for value in
            ["2026-13-01T00:00:00Z", "2026-05-28T22:15Z", "2026-05-28T22:15:59", "1m30", "5d", "m", "1µ"]
        {
            assert_eq!(rates_reset(&head(&[("x-ratelimit-reset", value)]), NOW_MS), None, "{value}");
        }
    }

    #[test]
    fn a_rate_that_is_used_up_says_when_it_begins_anew() {
        let reset = |value| rates_reset(&head(&[("x-ratelimit-reset", value)]), NOW_MS);
        for (value, ms) in [
            ("1m30s", 90_000),
            ("6ms", 6),
            ("2m59.56s", 179_560),
            ("1h0m2s", 3_602_000),
            ("17", 17_000),
            ("11.5", 11_500),
            ("1700000003", 3_000),
            ("1700000004000", 4_000),
            ("1699999999", 0),
            ("2023-11-14T22:13:27Z", 7_000),
            ("2023-11-14T23:13:27.5+01:00", 7_500),
            ("1970-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(reset(value), Some(ms), "{value}");
        }
        // 29 February, and the last second of a year.
        assert_eq!(rfc3339_ms("2024-02-29T00:00:00Z"), Some(1_709_164_800_000));
        assert_eq!(rfc3339_ms("1999-12-31T23:59:59Z"), Some(946_684_799_000));
    }

    #[test]
    fn rates_that_are_not_used_up_say_nothing() {
        let openai = |requests: &str, tokens: &str| {
            rates_reset(
                &head(&[
                    ("x-ratelimit-remaining-requests", requests),
                    ("x-ratelimit-reset-requests", "8.64s"),
                    ("x-ratelimit-remaining-tokens", tokens),
                    ("x-ratelimit-reset-tokens", "1m0s"),
                ]),
                NOW_MS,
            )
        };
        assert_eq!(openai("0", "500"), Some(8_640));
        assert_eq!(openai("0", "0"), Some(60_000));
        assert_eq!(openai("3", "500"), None);
        let anthropic = head(&[
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("Anthropic-Ratelimit-Requests-Reset", "2023-11-14T22:13:22Z"),
            ("anthropic-ratelimit-tokens-remaining", "540000"),
            ("anthropic-ratelimit-tokens-reset", "2023-11-14T22:14:20Z"),
        ]);
        assert_eq!(rates_reset(&anthropic, NOW_MS), Some(2_000));
    }

    #[test]
    fn a_provider_may_say_whether_to_ask_again() {
        assert_eq!(should_retry(&head(&[("x-should-retry", "true")])), Some(true));
        assert_eq!(should_retry(&head(&[("X-Should-Retry", "false")])), Some(false));
        assert_eq!(should_retry(&head(&[("x-should-retry", "maybe")])), None);
    }
}
