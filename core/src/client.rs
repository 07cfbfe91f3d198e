//! A client: the registry, the policy and the memory that its calls share.

use crate::Call;
use crate::call::{Call as Single, text_bytes};
use crate::held::{Held, Memory};
use crate::policy::settings::Settings;
use crate::registry::ProviderRegistry;
use crate::types::{
    CallOptions, ClientConfig, ClientSnapshot, EgressRow, Error, ErrorKind, Limits, Policy, Request, Step,
};

/// Version of the snapshot's form.
const STATE_VERSION: u32 = 1;

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
    /// the sandbox (a 16 MiB line needs about 64 MiB while it is parsed and written out again).
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
    registry: ProviderRegistry,
    policy: Option<Policy>,
    bounds: Bounds,
    held: Held,
    now_ms: u64,
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
        let bounds = Bounds::of(config.limits.as_ref())?;
        let held = Held::new(bounds.max_held_bytes);
        Ok(Self { registry, bounds, held, policy: config.policy, now_ms: 0 })
    }

    /// Takes over the memory of an earlier instance.
    ///
    /// # Errors
    /// `invalid-state` for a snapshot of another version.
    pub fn restore(&mut self, snapshot: &ClientSnapshot) -> Result<(), Error> {
        if snapshot.state_version != STATE_VERSION {
            let message = format!(
                "the snapshot has state version {}, this core reads {STATE_VERSION}: start without it",
                snapshot.state_version
            );
            return Err(Error::new(ErrorKind::InvalidState, message));
        }
        self.now_ms = self.now_ms.max(snapshot.now_ms);
        Ok(())
    }

    /// The client's memory.
    pub fn snapshot(&self) -> ClientSnapshot {
        ClientSnapshot { state_version: STATE_VERSION, now_ms: self.now_ms }
    }

    /// Where requests may go, and with which key. A host freezes it before the first call.
    pub fn egress(&self) -> Vec<EgressRow> {
        self.registry.egress()
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
        let settings = Settings::resolve(self.policy.as_ref(), options.policy.as_ref())?;
        let (adapter, target, egress) = self.registry.resolve(&request.model)?;
        crate::validate::request(&request)?;
        let encoded = adapter.encode(&request, &target)?;
        if let (true, Some(warning)) = (options.strict == Some(true), encoded.warnings.first()) {
            let message = format!("strict: {}: {}", warning.field, warning.message);
            return Err(Error::new(ErrorKind::InvalidRequest, message));
        }
        let length_bytes: u64 = encoded.body.iter().map(text_bytes).sum();
        if length_bytes > self.bounds.max_request_bytes {
            let message = format!(
                "the request body has {length_bytes} bytes without blobs, max_request_bytes is {}: hand large media over as blobs, or raise the limit",
                self.bounds.max_request_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let mut share = self.held.share();
        share.set(length_bytes)?;
        let memory = Memory { bounds: self.bounds, held: self.held.clone(), share };
        Ok(Single::start(adapter, target, egress, encoded, request, settings, memory, now_ms, seed))
    }
}
