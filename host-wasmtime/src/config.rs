//! A client's configuration from a file: providers, policy, limits, guards.

use std::path::Path;

use literllm_core::types::{self, ClientConfig, ErrorKind};

use crate::error::Error;

/// Reads a `client-config`, as TOML or, when its name ends in `.json`, as JSON. Names of fields are those of
/// `wit/types.wit` in snake_case; the schema is `docs/client-config.schema.json`.
///
/// ```
/// # let folder = std::env::temp_dir().join("literllm-doc"); std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("literllm.toml");
/// std::fs::write(&file, "[policy]\nmax_attempts = 5\n[[policy.fallback]]\nmodel = \"groq/llama-3.3-70b-versatile\"\n")?;
/// let config = literllm_host::read_config(&file)?;
/// assert_eq!(config.policy.unwrap().max_attempts, Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// `invalid-request`: the file cannot be read, is no TOML or JSON, or holds a field that nobody knows; the message has the
/// place, and the name that was likely meant.
pub fn read_config(file: impl AsRef<Path>) -> Result<ClientConfig, Error> {
    let file = file.as_ref();
    let bad = |why: &str| {
        let message = format!("the configuration {} cannot be used: {why}", file.display());
        Error::from(types::Error::new(ErrorKind::InvalidRequest, message))
    };
    let text = std::fs::read_to_string(file).map_err(|error| bad(&error.to_string()))?;
    let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = if is_json {
        text
    } else {
        let value: serde_json::Value = toml::from_str(&text).map_err(|error| bad(&error.to_string()))?;
        value.to_string()
    };
    ClientConfig::from_json(&text).map_err(|error| bad(&error.message))
}
