//! Where keys come from. They stay in the host: the core names a slot, and the host fills it.
//!
//! A [`KeySource`] is asked at the moment a request is sent, so a key that was rotated in the meantime is
//! the one that is used.

use std::collections::BTreeMap;
use std::fmt;

use literllm_core::types::EgressRow;

/// A key. It prints as `[key]`.
///
/// ```
/// use literllm_lend::Secret;
/// let key = Secret::new("sk-not-a-real-one");
/// assert_eq!(format!("{key} {key:?}"), "[key] [key]");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the key as it is; whether it can stand in a header is seen when it is used.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key itself. Keep it out of messages.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What keeps the key from being sent, without showing it.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let key = self.0.as_str();
        if key.is_empty() {
            Some("is empty")
        } else if key.contains(['\r', '\n']) {
            Some("holds a line break (a file read with its last line end?)")
        } else if !key.is_ascii() {
            Some("holds a character that is not ASCII")
        } else if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some("holds a space or a control character")
        } else {
            None
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

/// Finds the key of a provider.
///
/// Called for every request to a provider that takes a key, on the task that makes the call: answer from memory.
/// The answer is only ever sent to the origins of that row.
pub trait KeySource: Send + Sync + 'static {
    /// The key, or `None` when there is none; the call then ends with an `authentication` error.
    fn key(&self, row: &EgressRow) -> Option<Secret>;
}

/// Keys from environment variables: the row's `key_env`, the first that is set wins. The default.
///
/// A variable that is set to nothing counts as unset.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvKeys;

impl KeySource for EnvKeys {
    fn key(&self, row: &EgressRow) -> Option<Secret> {
        // Not UTF-8 becomes not ASCII, which is refused with a message when the key is used.
        let values = row.key_env.iter().filter_map(std::env::var_os);
        values
            .map(|value| value.to_string_lossy().into_owned())
            .find(|value| !value.is_empty())
            .map(Secret::new)
    }
}

/// Keys given by hand, by provider. Others have none.
///
/// ```
/// use literllm_lend::StaticKeys;
/// let keys = StaticKeys::new().with("openai", "sk-...").with("groq", "gsk_...");
/// ```
#[derive(Clone, Debug, Default)]
pub struct StaticKeys(BTreeMap<String, Secret>);

impl StaticKeys {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider's key, or replaces it.
    #[must_use]
    pub fn with(mut self, provider: impl Into<String>, key: impl Into<String>) -> Self {
        self.0.insert(provider.into(), Secret::new(key));
        self
    }
}

impl KeySource for StaticKeys {
    fn key(&self, row: &EgressRow) -> Option<Secret> {
        self.0.get(&row.provider).cloned()
    }
}
