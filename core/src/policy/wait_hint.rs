//! How long a provider asks us to wait, read from the head of a failed answer.

use std::time::UNIX_EPOCH;

use crate::json::decimal::thousandths;
use crate::types::ResponseHead;

/// The pause asked for, in ms from `now_ms`. `retry-after-ms` (OpenAI, Azure) is finer and wins over `Retry-After`
/// (RFC 9110 section 10.2.3: seconds, which some send with a fraction, or an HTTP date). Nonsense is no hint.
pub(crate) fn read(head: &ResponseHead, now_ms: u64) -> Option<u64> {
    let header = |name: &str| head.header(name).map(str::trim);
    if let Some(ms) = header("retry-after-ms").and_then(thousandths).map(|ms| ms.div_ceil(1_000)) {
        return Some(ms);
    }
    let text = header("retry-after")?;
    thousandths(text).or_else(|| {
        let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(u64::try_from(at.as_millis()).ok()?.saturating_sub(now_ms))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Header;

    fn hint(name: &str, value: &str) -> Option<u64> {
        let head =
            ResponseHead { status: 429, headers: vec![Header { name: name.into(), value: value.into() }] };
        read(&head, 1_700_000_000_000)
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
        }
    }
}
