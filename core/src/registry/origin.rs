//! The origin of a base URL: the unit in which egress is allowed.

/// `scheme://host[:port]` in lower case, a default port left out.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the field's name.
pub(crate) fn of(base_url: &str) -> Result<String, String> {
    let after = |prefix: &str| {
        let (head, rest) = base_url.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    let (scheme, rest) = match (after("https://"), after("http://")) {
        (Some(rest), _) => ("https", rest),
        (None, Some(rest)) => ("http", rest),
        (None, None) => return Err("must begin with https:// or http://".into()),
    };
    if rest.contains(['?', '#']) {
        return Err("must have no query and no fragment".into());
    }
    if base_url.chars().any(|c| c.is_whitespace() || c.is_control() || !c.is_ascii() || c == '\\') {
        return Err("must be plain ASCII without spaces".into());
    }
    let authority = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
    if authority.contains('@') {
        return Err("must not carry a user or password: keys come from the environment".into());
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority.as_str(), None),
    };
    if host.is_empty() || (host.contains(':') && !(host.starts_with('[') && host.ends_with(']'))) {
        return Err("must name a host".into());
    }
    match port {
        None => Ok(format!("{scheme}://{host}")),
        Some(text) => {
            let port: u16 =
                text.parse().map_err(|_| format!("has port `{text}`, which is no number from 0 to 65535"))?;
            let default = if scheme == "https" { 443 } else { 80 };
            Ok(if port == default {
                format!("{scheme}://{host}")
            } else {
                format!("{scheme}://{host}:{port}")
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_normalised() {
        for (url, origin) in [
            ("https://API.example.com/v1", "https://api.example.com"),
            ("HTTPS://api.example.com:443", "https://api.example.com"),
            ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080"),
            ("http://[::1]:80/v1", "http://[::1]"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(of(url).as_deref(), Ok(origin), "{url}");
        }
    }

    #[test]
    fn what_could_mislead_is_refused() {
        for url in [
            "api.example.com",
            "https://",
            "https://user:pw@x",
            "https://x?y",
            "https://x#y",
            "https://x y",
            "https://x:99999",
            "https://a:b:1",
            "https://x\\@y",
        ] {
            assert!(of(url).is_err(), "{url}");
        }
    }
}
