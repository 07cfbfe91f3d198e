//! Where requests may go, and how a key gets into one.
//!
//! The table was frozen when the client was made, before any prompt or network byte was seen. A request
//! of the core, which has read both, is held against it: another origin, or another place for the key
//! than the table says, and nothing is sent.

use literllm_core::types::{AuthSlot, EgressRow, FailureKind, Header, HttpRequest, TransportFailure};
use url::Url;

use crate::keys::{KeySource, Secret};
use crate::not_sent;

/// The frozen table.
#[derive(Debug)]
pub struct Egress {
    rows: Vec<EgressRow>,
    /// Of each row its origins, in the spelling of [`origin`].
    origins: Vec<Vec<String>>,
}

impl Egress {
    /// Takes the table of `client-create`.
    pub fn new(rows: &[EgressRow]) -> Self {
        let spelled = |allowed: &String| origin(&Url::parse(allowed).ok()?);
        let origins = rows.iter().map(|row| row.origins.iter().filter_map(spelled).collect()).collect();
        Self { rows: rows.to_vec(), origins }
    }

    /// The table.
    pub fn rows(&self) -> &[EgressRow] {
        &self.rows
    }

    /// Checks the address and fills the key of a slot in. Answers with the key, so that echoes of it can be found.
    ///
    /// # Errors
    /// What forbids the sending, as a transport failure to be told to the core.
    pub fn fill(
        &self,
        provider: &str,
        key_slot: u32,
        request: &mut HttpRequest,
        keys: &dyn KeySource,
    ) -> Result<Option<Secret>, TransportFailure> {
        let refuse = |what: String| not_sent(FailureKind::Egress, what);
        let known = self.rows.iter().zip(&self.origins).find(|(row, _)| row.provider == provider);
        let (row, origins) =
            known.ok_or_else(|| refuse(format!("{provider:?} is not in this client's egress table")))?;
        let mut url =
            Url::parse(&request.url).map_err(|error| refuse(format!("the URL cannot be read: {error}")))?;
        let origin = origin(&url).ok_or_else(|| refuse("the URL is neither http: nor https:".to_owned()))?;
        if !origins.contains(&origin) {
            return Err(refuse(format!(
                "{origin} is not one of {provider}'s origins ({})",
                row.origins.join(", ")
            )));
        }
        // reqwest would make credentials of it.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("the URL holds a user name or password; give the key as a key".to_owned()));
        }
        let Some(slot) = request.auth.take() else { return Ok(None) };
        if row.auth.as_ref() != Some(&slot) {
            return Err(refuse(format!(
                "the key of {provider} was asked for in a place the egress table does not name"
            )));
        }
        // The core says which variable to set, and adds our words where there are any.
        let key = keys.key(row, key_slot).ok_or_else(|| not_sent(FailureKind::MissingKey, ""))?;
        if let Some(fault) = key.fault() {
            return Err(not_sent(FailureKind::MissingKey, format!("the one that is set {fault}")));
        }
        match slot {
            AuthSlot::Header(slot) => {
                request.headers.retain(|header| header.name != slot.name);
                let value = format!("{}{}", slot.prefix, key.expose());
                request.headers.push(Header { name: slot.name, value });
            }
            AuthSlot::Query(slot) => {
                url.query_pairs_mut().append_pair(&slot.name, key.expose());
                request.url = url.into();
            }
        }
        Ok(Some(key))
    }
}

/// Scheme, host and port in one spelling: lower case, punycode, the default port left out.
fn origin(url: &Url) -> Option<String> {
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{EnvKeys, StaticKeys};
    use literllm_core::types::{HeaderAuth, QueryAuth};

    const KEY: &str = "sk-0123456789";

    fn bearer() -> AuthSlot {
        AuthSlot::Header(HeaderAuth { name: "authorization".into(), prefix: "Bearer ".into() })
    }

    fn table(auth: Option<AuthSlot>) -> Egress {
        Egress::new(&[EgressRow {
            provider: "openai".into(),
            protocol: "openai-chat".into(),
            origins: vec!["https://api.openai.com".into()],
            auth,
            key_env: vec!["LITERLLM_TEST_NO_SUCH_KEY".into()],
            spare_key_env: vec![],
        }])
    }

    fn request(url: &str, auth: Option<AuthSlot>) -> HttpRequest {
        HttpRequest {
            method: "POST".into(),
            url: url.into(),
            headers: vec![],
            auth,
            body: vec![],
            body_length: 0,
        }
    }

    fn fill(url: &str, key: &str) -> Result<HttpRequest, TransportFailure> {
        let mut request = request(url, Some(bearer()));
        table(Some(bearer()))
            .fill("openai", 0, &mut request, &StaticKeys::new().with("openai", key))
            .map(|_| request)
    }

    #[test]
    fn the_key_goes_to_the_origin_however_it_is_spelled() {
        for url in ["https://api.openai.com/v1", "HTTPS://API.OpenAI.com:443/v1"] {
            let request = fill(url, KEY).unwrap();
            assert_eq!(request.headers[0].value, format!("Bearer {KEY}"), "{url}");
        }
    }

    #[test]
    fn the_key_goes_nowhere_else() {
        for url in [
            "https://api.openai.com.evil.example/v1",
            "https://api.openai.com@evil.example/v1",
            "https://api.openai.com:8443/v1",
            "http://api.openai.com/v1",
            "https://me:pw@api.openai.com/v1",
            "file:///etc/passwd",
            "not a url",
        ] {
            let failure = fill(url, KEY).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Egress, "{url}");
            assert!(
                !failure.message.contains(KEY) && !failure.message.contains("pw@"),
                "{}",
                failure.message
            );
        }
        let other = AuthSlot::Header(HeaderAuth { name: "x-leak".into(), prefix: String::new() });
        let mut asked = request("https://api.openai.com/", Some(other));
        let failure = table(Some(bearer())).fill("openai", 0, &mut asked, &EnvKeys).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Egress);
    }

    #[test]
    fn a_missing_or_unfit_key_is_said_without_showing_it() {
        let mut asked = request("https://api.openai.com/", Some(bearer()));
        let missing = table(Some(bearer())).fill("openai", 0, &mut asked, &EnvKeys).unwrap_err();
        assert_eq!(missing.kind, FailureKind::MissingKey);
        for (key, word) in [("sk-0123\n", "line break"), ("sk-é", "ASCII"), ("sk 1", "space"), ("", "empty")]
        {
            let unfit = fill("https://api.openai.com/", key).unwrap_err();
            assert_eq!(unfit.kind, FailureKind::MissingKey);
            assert!(unfit.message.contains(word) && !unfit.message.contains("sk"), "{}", unfit.message);
        }
    }

    #[test]
    fn a_key_in_the_query_is_encoded() {
        let slot = || Some(AuthSlot::Query(QueryAuth { name: "key".into() }));
        let mut asked = request("https://api.openai.com/v1?alt=sse", slot());
        let keys = StaticKeys::new().with("openai", "a+b/c&d=12");
        table(slot()).fill("openai", 0, &mut asked, &keys).unwrap();
        assert_eq!(asked.url, "https://api.openai.com/v1?alt=sse&key=a%2Bb%2Fc%26d%3D12");
    }

    #[test]
    fn without_a_slot_no_key_is_asked_for() {
        let mut asked = request("https://api.openai.com/", None);
        let keys = StaticKeys::new().with("openai", KEY);
        assert_eq!(table(Some(bearer())).fill("openai", 0, &mut asked, &keys), Ok(None));
        assert!(asked.headers.is_empty());
    }
}
