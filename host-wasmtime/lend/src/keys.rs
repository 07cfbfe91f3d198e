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
    /// The key of a slot, or `None` when there is none: the policy then turns to another slot, or the call ends with an
    /// `authentication` error. Slot 0 is the provider's key, 1 the first of its spare keys, and so on.
    fn key(&self, row: &EgressRow, slot: u32) -> Option<Secret>;
}

/// Keys from environment variables: the row's `key_env`, the first that is set wins; for further slots its
/// `spare_key_env`. The default.
///
/// A variable that is set to nothing counts as unset.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnvKeys;

impl KeySource for EnvKeys {
    fn key(&self, row: &EgressRow, slot: u32) -> Option<Secret> {
        let spare = slot
            .checked_sub(1)
            .map(|at| row.spare_key_env.get(at as usize).map_or(&[][..], std::slice::from_ref));
        let names = spare.unwrap_or(&row.key_env);
        // Not UTF-8 becomes not ASCII, which is refused with a message when the key is used.
        let values = names.iter().filter_map(std::env::var_os);
        values
            .map(|value| value.to_string_lossy().into_owned())
            .find(|value| !value.is_empty())
            .map(Secret::new)
    }
}

/// Keys given by hand, by provider. Others have none.
///
/// A second key of a provider is a spare one: give its row as many names in `spare_key_env` as there are spare keys.
///
/// ```
/// use literllm_lend::StaticKeys;
/// let keys = StaticKeys::new().with("openai", "sk-...").with("groq", "gsk_...");
/// ```
#[derive(Clone, Debug, Default)]
pub struct StaticKeys(BTreeMap<String, Vec<Secret>>);

impl StaticKeys {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a provider's key, or replaces it.
    #[must_use]
    pub fn with(mut self, provider: impl Into<String>, key: impl Into<String>) -> Self {
        self.0.insert(provider.into(), vec![Secret::new(key)]);
        self
    }

    /// Adds a spare key of a provider, which the policy turns to when the ones before it are refused or limited.
    #[must_use]
    pub fn with_spare(mut self, provider: impl Into<String>, key: impl Into<String>) -> Self {
        self.0.entry(provider.into()).or_default().push(Secret::new(key));
        self
    }
}

impl KeySource for StaticKeys {
    fn key(&self, row: &EgressRow, slot: u32) -> Option<Secret> {
        self.0.get(&row.provider)?.get(slot as usize).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key_env: &[&str], spare_key_env: &[&str]) -> EgressRow {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        EgressRow {
            provider: "openai".into(),
            protocol: "openai-chat".into(),
            origins: vec![],
            auth: None,
            key_env: owned(key_env),
            spare_key_env: owned(spare_key_env),
        }
    }

    /// cargo sets these for every test; what is in them goes for a key here.
    const SET: [&str; 2] = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION"];
    const UNSET: &str = "LITERLLM_TEST_NO_SUCH_KEY";

    #[test]
    fn the_first_key_has_several_variables_and_a_spare_one_has_one() {
        let row = row(&[UNSET, SET[0]], &[SET[1], UNSET, SET[0]]);
        let found: Vec<Option<String>> =
            (0..5).map(|slot| EnvKeys.key(&row, slot).map(|key| key.expose().to_owned())).collect();
        let [one, two] = SET.map(|name| std::env::var(name).ok());
        assert_eq!(found, [one.clone(), two, None, one, None]);
    }

    #[test]
    fn keys_by_hand_stand_in_the_order_in_which_they_were_given() {
        let keys = StaticKeys::new().with("openai", "a").with_spare("openai", "b").with_spare("openai", "c");
        let row = row(&[], &[]);
        let found: Vec<Option<Secret>> = (0..4).map(|slot| keys.key(&row, slot)).collect();
        assert_eq!(found, [Some(Secret::new("a")), Some(Secret::new("b")), Some(Secret::new("c")), None]);
        assert_eq!(keys.with("openai", "d").key(&row, 1), None, "another first key takes the place of all");
        assert_eq!(format!("{:?}", found[0]), "Some([key])");
    }
}
