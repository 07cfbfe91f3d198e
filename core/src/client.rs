//! A client: the registry, the policy and the memory that its calls share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Call;
use crate::call::Call as Single;
use crate::held::Held;
use crate::policy::guards::Protection;
use crate::policy::health::Health;
use crate::policy::settings::Settings;
use crate::registry::ProviderRegistry;
use crate::types::{
    CallOptions, CallSnapshot, ClientConfig, ClientSnapshot, EgressRow, Error, ErrorKind, Limits, Policy,
    Request, Step,
};

/// Version of the form of both snapshots.
pub(crate) const STATE_VERSION: u32 = 2;

/// Bounds with every default filled in; see [`Limits`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_line_bytes: usize,
    pub(crate) max_body_bytes: u64,
    pub(crate) max_request_bytes: u64,
    max_held_bytes: u64,
}

impl Bounds {
    /// A base64 image arrives as one line, so a small limit would bite; a large one lets a broken server fill
    /// the sandbox (a 16 MiB line needs about 64 MiB while it is parsed and written out again). 32 MiB of request are what
    /// Anthropic documents as its largest. What all calls hold together: docs/adr/0004-what-calls-hold-together.md.
    fn of(limits: Option<&Limits>) -> Result<Self, Error> {
        let limits = limits.cloned().unwrap_or_default();
        let bounds = Self {
            max_line_bytes: usize::try_from(limits.max_line_bytes.unwrap_or(8 << 20)).unwrap_or(usize::MAX),
            max_body_bytes: limits.max_body_bytes.unwrap_or(16 << 20),
            max_request_bytes: limits.max_request_bytes.unwrap_or(32 << 20),
            max_held_bytes: limits.max_held_bytes.unwrap_or(64 << 20),
        };
        let bytes = [bounds.max_body_bytes, bounds.max_request_bytes, bounds.max_held_bytes];
        if bounds.max_line_bytes == 0 || bytes.contains(&0) {
            return Err(Error::new(ErrorKind::InvalidRequest, "limits must be at least 1 byte"));
        }
        Ok(bounds)
    }
}

/// A client without I/O. Calls live on their own once started.
///
/// ```
/// use literllm_core::{Client, types::{CallOptions, ClientConfig, Message, Request, Role}};
///
/// let mut client = Client::new(ClientConfig::default())?;
/// let request = Request {
///     model: "openai/gpt-4o-mini".into(),
///     messages: vec![Message::text(Role::User, "Hello")],
///     ..Request::default()
/// };
/// let (_call, step) = client.start(request, CallOptions::default(), 0, 7)?;
/// assert_eq!(step.send[0].request.url, "https://api.openai.com/v1/chat/completions");
/// # Ok::<(), literllm_core::types::Error>(())
/// ```
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    policy: Option<Policy>,
    now_ms: u64,
}

/// What the calls of a client share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: ProviderRegistry,
    pub(crate) bounds: Bounds,
    pub(crate) held: Held,
    health: Mutex<Health>,
}

impl Shared {
    /// The memory. Calls may be moved to threads by native hosts; each holds it for an instant.
    pub(crate) fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// A client that knows the built-in providers and those of `config`.
    ///
    /// # Errors
    /// `invalid-request` when the configuration cannot hold.
    pub fn new(config: ClientConfig) -> Result<Self, Error> {
        Self::with_registry(config, ProviderRegistry::builtin())
    }

    /// The same over a registry of one's own, with adapters registered from outside.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn with_registry(config: ClientConfig, mut registry: ProviderRegistry) -> Result<Self, Error> {
        registry.configure(&config)?;
        Settings::resolve(config.policy.as_ref(), None)?;
        for step in Settings::fallback(config.policy.as_ref(), None)? {
            registry.resolve(&step.model)?;
        }
        let bounds = Bounds::of(config.limits.as_ref())?;
        let held = Held::new(bounds.max_held_bytes);
        let health = Mutex::new(Health::new(Protection::resolve(config.guards.as_ref())?));
        let shared = Arc::new(Shared { registry, bounds, held, health });
        Ok(Self { shared, policy: config.policy, now_ms: 0 })
    }

    /// Takes over the memory of an earlier instance.
    ///
    /// # Errors
    /// `invalid-state` for a snapshot of another version.
    pub fn restore(&mut self, snapshot: &ClientSnapshot) -> Result<(), Error> {
        check_version(snapshot.state_version.into())?;
        self.now_ms = self.now_ms.max(snapshot.now_ms);
        self.shared.health().restore(snapshot);
        Ok(())
    }

    /// The client's memory.
    pub fn snapshot(&self) -> ClientSnapshot {
        let mut snapshot = ClientSnapshot {
            state_version: STATE_VERSION,
            now_ms: self.now_ms,
            retry_hundredths: 0,
            refilled_at_ms: 0,
            deployments: Vec::new(),
            keys: Vec::new(),
        };
        self.shared.health().save(&mut snapshot);
        snapshot
    }

    /// Takes up a call of a snapshot. Its step sends nothing: attempts that were under way are told on, and of those whose
    /// connection is gone the caller tells a failure of the kind `lost`.
    ///
    /// # Errors
    /// `invalid-state` for a snapshot of another version or one that was changed; `unknown-provider` when this client knows
    /// the call's provider no more.
    pub fn restore_call(&mut self, snapshot: &CallSnapshot, now_ms: u64) -> Result<(Call, Step), Error> {
        check_version(snapshot.state_version.into())?;
        self.now_ms = self.now_ms.max(now_ms);
        let call = Single::restore(self.shared.clone(), snapshot, now_ms)?;
        #[cfg(feature = "hooks")]
        return Ok(Call::single(call));
        #[cfg(not(feature = "hooks"))]
        Ok(call)
    }

    /// Where requests may go, and with which key. A host freezes it before the first call.
    pub fn egress(&self) -> Vec<EgressRow> {
        self.shared.registry.egress()
    }

    /// Starts a call. `now_ms` is Unix time, `seed` the only source of chance.
    ///
    /// # Errors
    /// Whatever can be known before anything is sent: `invalid-request`, `unknown-provider`, `too-large`.
    pub fn start(
        &mut self,
        request: Request,
        options: CallOptions,
        now_ms: u64,
        seed: u64,
    ) -> Result<(Call, Step), Error> {
        self.now_ms = self.now_ms.max(now_ms);
        #[cfg(feature = "hooks")]
        return self.start_hooked(request, options, now_ms, seed);
        #[cfg(not(feature = "hooks"))]
        self.start_single(request, options, now_ms, seed)
    }

    #[cfg(feature = "hooks")]
    fn start_hooked(
        &self,
        mut request: Request,
        options: CallOptions,
        now_ms: u64,
        seed: u64,
    ) -> Result<(Call, Step), Error> {
        let hedge_after_ms = crate::hooks::take_hedge(&mut request);
        let start = || self.start_single(request.clone(), options.clone(), now_ms, seed);
        let first = start()?;
        match hedge_after_ms {
            Some(after_ms) => Ok(Call::hedged(first, start()?, now_ms.saturating_add(after_ms))),
            None => Ok(Call::single(first)),
        }
    }

    fn start_single(
        &self,
        request: Request,
        options: CallOptions,
        now_ms: u64,
        seed: u64,
    ) -> Result<(Single, Step), Error> {
        Single::start(self.shared.clone(), self.policy.as_ref(), request, options, now_ms, seed)
    }
}

/// Whether a snapshot of that version can be read.
pub(crate) fn check_version(version: u64) -> Result<(), Error> {
    if version == u64::from(STATE_VERSION) {
        return Ok(());
    }
    let message = format!(
        "the snapshot has state version {version}, this core reads {STATE_VERSION}: start without it"
    );
    Err(Error::new(ErrorKind::InvalidState, message))
}
