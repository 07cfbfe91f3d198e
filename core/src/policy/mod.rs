//! What happens when things go wrong: pure functions of data, time and a seed. Knows nothing of providers.

pub(crate) mod backoff;
pub(crate) mod guards;
pub(crate) mod health;
pub(crate) mod retry;
pub(crate) mod settings;
pub(crate) mod wait_hint;
