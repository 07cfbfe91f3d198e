//! Which providers there are and how each is reached. A provider is a row; a wire format is an adapter.

mod origin;
mod rows;

use std::sync::Arc;

use crate::protocol::anthropic_messages::AnthropicMessages;
use crate::protocol::cohere_chat::CohereChat;
use crate::protocol::openai_chat::OpenAiChat;
use crate::protocol::{ProviderAdapter, Target};
use crate::types::{AuthSlot, ClientConfig, EgressRow, Error, ErrorKind, HeaderAuth, ProviderRow};

pub(crate) use rows::BUILTIN;

/// What a provider does differently inside its wire format. The default is what OpenAI-compatible servers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// Field that bounds the answer.
    pub max_tokens_field: &'static str,
    /// Knows the `developer` role apart from `system`.
    pub developer_role: bool,
    /// Takes `stream_options.include_usage`. Some refuse the field; without it streams may end without usage.
    pub stream_usage_option: bool,
    /// Field in which reasoning goes back with an assistant turn. `None`: it is left out, as OpenAI wants.
    pub reasoning_field: Option<&'static str>,
    /// Takes `top_k` and `min_p`.
    pub top_k: bool,
    /// Where chats are asked for, behind the base URL.
    pub chat_path: &'static str,
}

impl Quirks {
    /// What OpenAI-compatible servers share.
    pub const COMPATIBLE: Self = Self {
        max_tokens_field: "max_tokens",
        developer_role: false,
        stream_usage_option: true,
        reasoning_field: None,
        top_k: false,
        chat_path: "/chat/completions",
    };
}

/// A provider that comes with the library.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BuiltinRow {
    pub(crate) id: &'static str,
    pub(crate) protocol: &'static str,
    /// Empty: the caller's configuration names it.
    pub(crate) base_url: &'static str,
    /// Header of the key and what stands before it.
    pub(crate) auth: (&'static str, &'static str),
    /// Environment variables of the key. Empty: a local server that wants none.
    pub(crate) key_env: &'static [&'static str],
    pub(crate) quirks: Quirks,
}

/// Most keys beside the first. Who has more wants a gateway that hands them out.
const MAX_SPARE_KEYS: usize = 63;

/// A provider as this client knows it.
#[derive(Debug, Clone)]
struct Row {
    protocol: String,
    base_url: String,
    quirks: Quirks,
    egress: EgressRow,
    idempotency_header: Option<String>,
}

/// How a model is reached.
pub(crate) struct Way<'a> {
    pub(crate) adapter: &'a Arc<dyn ProviderAdapter>,
    pub(crate) target: Target,
    pub(crate) egress: &'a EgressRow,
    /// Header in which the provider honours an idempotency key.
    pub(crate) idempotency_header: Option<&'a str>,
}

impl Way<'_> {
    /// How many keys the provider has, at least 1.
    pub(crate) fn keys(&self) -> u32 {
        1 + self.egress.spare_key_env.len() as u32
    }
}

/// The providers and wire formats a client knows.
///
/// ```
/// let registry = literllm_core::ProviderRegistry::builtin();
/// assert!(registry.providers().any(|id| id == "openai"));
/// ```
#[derive(Clone)]
pub struct ProviderRegistry {
    adapters: Vec<Arc<dyn ProviderAdapter>>,
    rows: Vec<Row>,
}

impl std::fmt::Debug for ProviderRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderRegistry").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Default for ProviderRegistry {
    fn default() -> Self {
        Self::builtin()
    }
}

impl ProviderRegistry {
    /// The wire formats and rows that come with the library.
    pub fn builtin() -> Self {
        let rows = BUILTIN.iter().map(Row::builtin).collect();
        Self { adapters: vec![Arc::new(OpenAiChat), Arc::new(AnthropicMessages), Arc::new(CohereChat)], rows }
    }

    /// Adds a wire format, or replaces the one of that name. Rows name it by [`ProviderAdapter::protocol`].
    pub fn register(&mut self, adapter: Box<dyn ProviderAdapter>) {
        self.adapters.retain(|known| known.protocol() != adapter.protocol());
        self.adapters.push(adapter.into());
    }

    /// Ids of the providers, in the order of the table.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|row| row.egress.provider.as_str())
    }

    /// Where requests may go, and with which key.
    pub fn egress(&self) -> Vec<EgressRow> {
        self.rows.iter().map(|row| row.egress.clone()).collect()
    }

    /// Applies the rows of a configuration.
    pub(crate) fn configure(&mut self, config: &ClientConfig) -> Result<(), Error> {
        for change in &config.providers {
            let row = self.changed(change)?;
            match self.rows.iter_mut().find(|known| known.egress.provider == change.id) {
                Some(known) => *known = row,
                None => self.rows.push(row),
            }
        }
        Ok(())
    }

    /// The egress row of a provider.
    pub(crate) fn egress_of(&self, provider: &str) -> Option<&EgressRow> {
        self.rows.iter().map(|row| &row.egress).find(|egress| egress.provider == provider)
    }

    /// How `provider/model` is reached.
    pub(crate) fn resolve(&self, model: &str) -> Result<Way<'_>, Error> {
        let Some((provider, name)) =
            model.split_once('/').filter(|(provider, name)| !provider.is_empty() && !name.is_empty())
        else {
            let message = format!(
                "model `{model}` has no provider: write `provider/model`, such as `openai/gpt-4o-mini`; known providers: {}",
                self.known()
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        };
        let Some(row) = self.rows.iter().find(|row| row.egress.provider == provider) else {
            let message = format!(
                "provider `{provider}` of model `{model}` is not known; known providers: {}. Others can be added in the client's configuration",
                self.known()
            );
            return Err(Error::new(ErrorKind::UnknownProvider, message));
        };
        let Some(adapter) = self.adapters.iter().find(|adapter| adapter.protocol() == row.protocol) else {
            let message = format!(
                "provider `{provider}` speaks `{}`, which is not built in or registered",
                row.protocol
            );
            return Err(Error::new(ErrorKind::UnknownProvider, message));
        };
        if row.base_url.is_empty() {
            let message = format!(
                "provider `{provider}` has an address of its own for each account: name yours as `base_url` of the row `{provider}` in the client's configuration"
            );
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let target = Target {
            provider: provider.to_owned(),
            model: name.to_owned(),
            base_url: row.base_url.clone(),
            quirks: row.quirks,
        };
        Ok(Way {
            adapter,
            target,
            egress: &row.egress,
            idempotency_header: row.idempotency_header.as_deref(),
        })
    }

    fn known(&self) -> String {
        self.providers().collect::<Vec<_>>().join(", ")
    }

    fn changed(&self, change: &ProviderRow) -> Result<Row, Error> {
        let bad = |what: &str| {
            Error::new(ErrorKind::InvalidRequest, format!("provider row `{}`: {what}", change.id))
        };
        let good_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        if change.id.is_empty() || !change.id.chars().all(good_id) {
            return Err(bad("an id is made of a-z, 0-9, `_` and `-`"));
        }
        let known = self.rows.iter().find(|row| row.egress.provider == change.id);
        let known_url = known.map(|row| row.base_url.as_str()).filter(|url| !url.is_empty());
        let Some(base_url) = change.base_url.as_deref().or(known_url) else {
            return Err(bad("it has no address of its own and needs a base_url"));
        };
        let base_url = base_url.trim_end_matches('/').to_owned();
        let origin = origin::of(&base_url).map_err(|why| bad(&format!("base_url {why}")))?;
        // A key follows a row to another origin only when the configuration names it.
        let moved = known.is_none_or(|row| !row.base_url.is_empty() && !row.egress.origins.contains(&origin));
        let key_env = match known {
            Some(row) if change.key_env.is_empty() && !moved => row.egress.key_env.clone(),
            _ => change.key_env.clone(),
        };
        let auth = change
            .auth
            .clone()
            .or_else(|| known.and_then(|row| row.egress.auth.clone()))
            .unwrap_or_else(bearer);
        let protocol = change
            .protocol
            .clone()
            .or(known.map(|row| row.protocol.clone()))
            .unwrap_or_else(|| "openai-chat".into());
        if !self.adapters.iter().any(|adapter| adapter.protocol() == protocol) {
            let formats: Vec<_> = self.adapters.iter().map(|adapter| adapter.protocol()).collect();
            return Err(bad(&format!("protocol `{protocol}` is not known; known: {}", formats.join(", "))));
        }
        let spare_key_env = match known {
            Some(row) if change.spare_key_env.is_empty() && !moved => row.egress.spare_key_env.clone(),
            _ => change.spare_key_env.clone(),
        };
        if spare_key_env.len() > MAX_SPARE_KEYS {
            return Err(bad(&format!("spare_key_env names more than {MAX_SPARE_KEYS} keys")));
        }
        if key_env.is_empty() && !spare_key_env.is_empty() {
            return Err(bad("spare_key_env names further keys, but key_env names no first one"));
        }
        let idempotency_header = change
            .idempotency_header
            .clone()
            .or_else(|| known.and_then(|row| row.idempotency_header.clone()));
        if let Some(name) = &idempotency_header {
            crate::validate::header(&format!("idempotency_header `{name}`"), name, "")?;
        }
        let egress = EgressRow {
            provider: change.id.clone(),
            protocol: protocol.clone(),
            origins: vec![origin],
            auth: (!key_env.is_empty()).then_some(auth),
            key_env,
            spare_key_env,
        };
        let quirks = known.map_or(Quirks::COMPATIBLE, |row| row.quirks);
        Ok(Row { protocol, base_url, quirks, egress, idempotency_header })
    }
}

impl Row {
    fn builtin(row: &BuiltinRow) -> Self {
        Self {
            protocol: row.protocol.to_owned(),
            base_url: row.base_url.to_owned(),
            quirks: row.quirks,
            egress: EgressRow {
                provider: row.id.to_owned(),
                protocol: row.protocol.to_owned(),
                origins: origin::of(row.base_url).into_iter().collect(),
                auth: (!row.key_env.is_empty()).then(|| header_auth(row.auth)),
                key_env: row.key_env.iter().map(|name| (*name).to_owned()).collect(),
                spare_key_env: Vec::new(),
            },
            idempotency_header: None,
        }
    }
}

/// A bearer token (RFC 6750), what nearly all of them take.
pub(crate) const BEARER: (&str, &str) = ("authorization", "Bearer ");

fn bearer() -> AuthSlot {
    header_auth(BEARER)
}

fn header_auth((name, prefix): (&str, &str)) -> AuthSlot {
    AuthSlot::Header(HeaderAuth { name: name.into(), prefix: prefix.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(row: ProviderRow) -> Result<ProviderRegistry, Error> {
        let mut registry = ProviderRegistry::builtin();
        registry.configure(&ClientConfig { providers: vec![row], ..ClientConfig::default() })?;
        Ok(registry)
    }

    fn row(id: &str, base_url: Option<&str>, key_env: &[&str]) -> ProviderRow {
        ProviderRow {
            id: id.into(),
            base_url: base_url.map(Into::into),
            key_env: key_env.iter().map(|name| (*name).into()).collect(),
            ..ProviderRow::default()
        }
    }

    fn egress(registry: &ProviderRegistry, id: &str) -> EgressRow {
        registry.egress().into_iter().find(|row| row.provider == id).unwrap()
    }

    #[test]
    fn every_builtin_row_is_well_formed() {
        for row in BUILTIN.iter().filter(|row| !row.base_url.is_empty()) {
            let origin = origin::of(row.base_url).unwrap();
            assert!(
                origin.starts_with("https://") || row.key_env.is_empty(),
                "{}: a key over plain http",
                row.id
            );
            assert!(!row.base_url.ends_with('/'), "{}", row.id);
            assert_eq!(BUILTIN.iter().filter(|other| other.id == row.id).count(), 1, "{}", row.id);
        }
    }

    #[test]
    fn a_key_does_not_follow_a_row_to_another_origin_unless_named() {
        let moved = egress(&with(row("openai", Some("http://127.0.0.1:8080/v1"), &[])).unwrap(), "openai");
        assert_eq!((moved.auth, moved.key_env.len()), (None, 0));
        let named =
            egress(&with(row("openai", Some("http://127.0.0.1:8080/v1"), &["MY_KEY"])).unwrap(), "openai");
        assert_eq!((named.auth, named.key_env), (Some(bearer()), vec!["MY_KEY".to_owned()]));
        let stayed =
            egress(&with(row("openai", Some("https://API.openai.com:443/v2/"), &[])).unwrap(), "openai");
        assert_eq!(stayed.key_env, ["OPENAI_API_KEY"]);
    }

    #[test]
    fn a_row_without_an_address_takes_its_key_to_the_one_it_is_given() {
        let error = ProviderRegistry::builtin().resolve("snowflake/x").err().unwrap();
        assert!(error.message.contains("base_url"), "{error}");
        let given =
            with(row("snowflake", Some("https://me.snowflakecomputing.com/api/v2/cortex/v1"), &[])).unwrap();
        assert!(given.resolve("snowflake/x").is_ok());
        assert_eq!(egress(&given, "snowflake").key_env, ["SNOWFLAKE_PAT"]);
        assert!(with(row("snowflake", None, &[])).is_err());
    }

    #[test]
    fn a_bad_row_says_what_is_wrong() {
        for (row, word) in [
            (row("Open AI", None, &[]), "a-z"),
            (row("mine", None, &[]), "base_url"),
            (row("mine", Some("ftp://x"), &[]), "http"),
            (ProviderRow { protocol: Some("morse".into()), ..row("openai", None, &[]) }, "morse"),
        ] {
            let error = with(row).unwrap_err();
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn a_model_names_its_provider() {
        let registry = ProviderRegistry::builtin();
        let kind = |model: &str| registry.resolve(model).err().map(|error| error.kind);
        assert_eq!(kind("openrouter/meta/llama-3"), None);
        assert_eq!(kind("gpt-4o"), Some(ErrorKind::InvalidRequest));
        assert_eq!(kind("openai/"), Some(ErrorKind::InvalidRequest));
        assert_eq!(kind("nobody/x"), Some(ErrorKind::UnknownProvider));
    }
}
