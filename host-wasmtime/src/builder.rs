//! Putting a client together.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "native")]
use literllm_core::ProviderRegistry;
use literllm_core::types::{ClientConfig, ProviderRow};
use literllm_lend::{Egress, EnvKeys, KeySource};

use crate::attempt::Lender;
use crate::body::Blobs;
use crate::client::{Client, Inner, Numbers};
use crate::clock::wall_ms;
use crate::engine::Core;
use crate::error::Error;
use crate::http::HttpTransport;
use crate::snapshot::{CoreId, Memory};
use crate::transport::Transport;

/// Where the core runs. Both give the same answers, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// As a component without imports in wasmtime: nothing a provider sends can reach beyond it.
    #[cfg(feature = "component")]
    Component,
    /// Linked in: quicker to start, and open to adapters of your own.
    #[cfg(feature = "native")]
    Native,
}

impl Default for Engine {
    /// `Component` where it is built in.
    fn default() -> Self {
        #[cfg(feature = "component")]
        return Self::Component;
        #[cfg(not(feature = "component"))]
        return Self::Native;
    }
}

/// Puts a [`Client`] together. Everything has a default.
///
/// ```no_run
/// use literllm_host::{Client, Engine, StaticKeys};
/// let client = Client::builder()
///     .engine(Engine::Native)
///     .base_url("openai", "https://llm.example.com/v1")
///     .key_env("openai", "EXAMPLE_KEY")
///     .keys(StaticKeys::new().with("openai", "sk-..."))
///     .build()?;
/// # Ok::<(), literllm_host::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    engine: Engine,
    config: ClientConfig,
    keys: Arc<dyn KeySource>,
    transport: Option<Arc<dyn Transport>>,
    now_ms: Numbers,
    seed: Numbers,
    restore: Option<Memory>,
    #[cfg(feature = "native")]
    registry: Option<ProviderRegistry>,
    #[cfg(feature = "component")]
    memory_bytes: usize,
    #[cfg(feature = "component")]
    component: Option<Vec<u8>>,
}

impl ClientBuilder {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self {
            engine: Engine::default(),
            config,
            keys: Arc::new(EnvKeys),
            transport: None,
            now_ms: Box::new(wall_ms),
            // The only randomness std offers: the hash keys of a process, new for every state.
            seed: Box::new(|| RandomState::new().build_hasher().finish()),
            restore: None,
            #[cfg(feature = "native")]
            registry: None,
            #[cfg(feature = "component")]
            memory_bytes: crate::engine::component::MEMORY_BYTES,
            #[cfg(feature = "component")]
            component: None,
        }
    }

    /// Chooses where the core runs.
    pub fn engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Sets the whole configuration: providers, policy, limits. It takes the place of what was set before.
    pub fn config(mut self, config: ClientConfig) -> Self {
        self.config = config;
        self
    }

    /// The same from a file, TOML or JSON; see [`read_config`](crate::read_config).
    ///
    /// # Errors
    /// When the file cannot be read, or holds what no client knows.
    pub fn config_file(self, file: impl AsRef<Path>) -> Result<Self, Error> {
        Ok(self.config(crate::read_config(file)?))
    }

    /// Takes over what another client remembered ([`Client::memory`]): circuits, cooldowns, resting keys, the retry budget.
    /// It must have run the same core.
    pub fn restore(mut self, memory: Memory) -> Self {
        self.restore = Some(memory);
        self
    }

    /// Sends a provider's requests to another address, such as a proxy of yours or a simulator.
    ///
    /// At another origin than the provider's own no key is sent, until [`key_env`](Self::key_env) says that one is.
    pub fn base_url(mut self, provider: impl Into<String>, url: impl Into<String>) -> Self {
        self.row(provider.into()).base_url = Some(url.into());
        self
    }

    /// Names the environment variable that holds a provider's key, for another address too.
    ///
    /// It also says that this provider takes a key at all: [`StaticKeys`](crate::StaticKeys) need it for an address of
    /// yours, where they are asked by the provider's id and the name only stands in messages.
    pub fn key_env(mut self, provider: impl Into<String>, name: impl Into<String>) -> Self {
        self.row(provider.into()).key_env = vec![name.into()];
        self
    }

    /// Names the environment variable of a further key of a provider: turned to when the ones before it are refused or
    /// limited.
    pub fn spare_key_env(mut self, provider: impl Into<String>, name: impl Into<String>) -> Self {
        self.row(provider.into()).spare_key_env.push(name.into());
        self
    }

    /// Takes keys from here instead of the environment.
    pub fn keys(mut self, keys: impl KeySource) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    /// Sends requests this way instead of by a new [`HttpTransport`].
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Takes providers and adapters from this registry. [`Engine::Native`] only: the sandbox has its own.
    #[cfg(feature = "native")]
    pub fn registry(mut self, registry: ProviderRegistry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Asks this, instead of the wall clock, for the Unix milliseconds at the start of each call. For tests.
    pub fn clock(mut self, now_ms: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.now_ms = Box::new(now_ms);
        self
    }

    /// Asks this for the seed of each call; the same seed gives the same waits. For tests.
    pub fn seed(mut self, seed: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.seed = Box::new(seed);
        self
    }

    /// Bounds the sandbox's memory, in bytes. Default 256 MiB. For tests and for small machines.
    #[cfg(feature = "component")]
    pub fn sandbox_memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Runs this component instead of the embedded one, such as a build of your own; world `literllm` of `wit/worlds.wit`.
    ///
    /// It must come from the same contract, and may import nothing. [`Engine::Component`] only.
    #[cfg(feature = "component")]
    pub fn component(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.component = Some(bytes.into());
        self
    }

    fn row(&mut self, id: String) -> &mut ProviderRow {
        let rows = &mut self.config.providers;
        let place = rows.iter().position(|row| row.id == id).unwrap_or(rows.len());
        if place == rows.len() {
            rows.push(ProviderRow { id, ..ProviderRow::default() });
        }
        &mut rows[place]
    }

    /// The client. Fails when the configuration is not sound, or the memory it shall take over is another core's.
    pub fn build(self) -> Result<Client, Error> {
        #[cfg(feature = "component")]
        let sandboxed = self.engine == Engine::Component;
        #[cfg(not(feature = "component"))]
        let sandboxed = false;
        #[cfg(feature = "component")]
        let core_id =
            if sandboxed { CoreId::of_component(self.component.as_deref()) } else { CoreId::native() };
        #[cfg(not(feature = "component"))]
        let core_id = CoreId::native();
        let memory = self.restore.map(|memory| memory.check(&core_id).map(|()| memory.client)).transpose()?;
        let core: Box<dyn Core> = match self.engine {
            #[cfg(feature = "component")]
            Engine::Component => {
                #[cfg(feature = "native")]
                if self.registry.is_some() {
                    return Err(registry_in_sandbox());
                }
                Box::new(crate::engine::component::ComponentEngine::new(
                    &self.config,
                    self.memory_bytes,
                    self.component.as_deref(),
                    memory.as_ref(),
                )?)
            }
            #[cfg(feature = "native")]
            Engine::Native => Box::new(crate::engine::native::NativeEngine::new(
                self.config,
                self.registry,
                memory.as_ref(),
            )?),
        };
        let transport = self.transport.unwrap_or_else(|| Arc::new(HttpTransport::new()));
        let egress = Arc::new(Egress::new(core.egress()));
        let lender = Lender { transport, keys: self.keys, egress, blobs: Blobs::new() };
        Ok(Client::from_inner(Inner {
            core,
            lender,
            now_ms: self.now_ms,
            seed: self.seed,
            sandboxed,
            core_id,
        }))
    }
}

#[cfg(all(feature = "component", feature = "native"))]
fn registry_in_sandbox() -> Error {
    use literllm_core::types;
    let message = "a registry of your own needs `Engine::Native`: the sandboxed core has its own inside, and takes \
                   rows by `config`";
    types::Error::new(types::ErrorKind::InvalidRequest, message).into()
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("engine", &self.engine)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
