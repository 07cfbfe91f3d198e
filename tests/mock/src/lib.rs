//! A provider simulator: the wire formats, streams and faults of LLM services, on loopback.
//!
//! Tests and demonstrations need a provider that costs nothing, answers the same each time, and goes wrong on
//! request, down to the TCP reset. This crate is that provider. It says that it is a simulator on every answer
//! (`x-simulator`, `system_fingerprint`, and the text itself), and it binds to loopback only.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use literllm_mock::{Config, Mock, Step};
//!
//! let plan = vec!["status=429;retry_after=2".parse().unwrap(), Step::Ok];
//! let mock = Mock::start(Config { plan, ..Config::default() }).await.unwrap();
//! println!("send requests to {}/v1/chat/completions", mock.base_url());
//! mock.stop().await;
//! # });
//! ```
//!
//! A request is answered by `route`, which asks a wire format for a reply in good order, has `script` spoil it as
//! the fault says, and leaves the bytes to `body` and `socket`. A wire format is a folder that reads an `Ask`
//! and writes the `Choice` that `compose` makes of it, and a row of `FORMATS`; the faults come with it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;

mod anthropic_messages;
mod ask;
mod body;
mod cohere_chat;
mod compose;
mod errors;
mod faults;
mod fields;
mod format;
mod hash;
mod openai_chat;
mod play;
mod reply;
mod route;
mod schema;
mod script;
mod seen;
mod server;
mod socket;
mod stats;
mod story;
mod tokens;

pub use faults::{FAULTS, Fault, FaultKind, FaultRow, Param, ParseFaultError, Step, Values, list_faults};
pub use format::{FORMATS, Format};
pub use play::{Deed, Scripted, Turn, perform};
pub use seen::{SEEN_REQUESTS, Seen};
pub use stats::Stats;

/// Largest request body that is read, in bytes; more is answered with 413.
///
/// A few images as base64 must fit; a client that never stops must not fill the memory.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How a simulator behaves.
#[derive(Clone)]
pub struct Config {
    /// Where to listen. Loopback only; port 0 lets the system choose.
    pub addr: SocketAddr,
    /// The pause before the head of each answer of a provider route.
    pub latency_ms: u64,
    /// The pause between the events of a stream.
    pub chunk_delay_ms: u64,
    /// How many events of a stream are written at once; the pause comes between the writes. At least 1.
    pub events_per_write: usize,
    /// The fault that strikes requests for which neither the header nor the plan says otherwise.
    pub fault: Option<Fault>,
    /// What chat requests meet, one step each, in order of arrival. A request with an `x-mock-fault` header,
    /// or without the required key, takes none.
    pub plan: Vec<Step>,
    /// Chooses other stories, with other ids. The same request under the same seed gets the same body.
    pub seed: u64,
    /// When set, provider routes answer 401 unless this is the key (where the format has it: a bearer token, or
    /// `x-api-key`).
    pub require_key: Option<String>,
    /// Scripted providers, below `/faults/`; `GET /faults` tells them.
    pub scripts: Vec<Scripted>,
    /// How long `Mock::stop` waits for answers that are under way.
    pub stop_grace_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            latency_ms: 0,
            chunk_delay_ms: 0,
            events_per_write: 1,
            fault: None,
            plan: Vec::new(),
            seed: 0,
            require_key: None,
            scripts: Vec::new(),
            // Long enough for an answer that is really ending, short enough for nobody to notice.
            stop_grace_ms: 250,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("addr", &self.addr)
            .field("latency_ms", &self.latency_ms)
            .field("chunk_delay_ms", &self.chunk_delay_ms)
            .field("events_per_write", &self.events_per_write)
            .field("fault", &self.fault)
            .field("plan", &self.plan)
            .field("seed", &self.seed)
            .field("require_key", &self.require_key.as_ref().map(|_| "(hidden)"))
            .field("scripts", &self.scripts.len())
            .field("stop_grace_ms", &self.stop_grace_ms)
            .finish()
    }
}

/// A running simulator. Dropped, it ends at once, and breaks what is under way.
pub struct Mock {
    addr: SocketAddr,
    shared: Arc<route::Shared>,
    stop: watch::Sender<bool>,
    accepting: Option<JoinHandle<()>>,
    /// A port that is ours and at which nobody listens, for scripts: a connection to it is refused.
    _refused: Option<TcpSocket>,
}

impl Mock {
    /// Binds and begins to answer, on the current tokio runtime (which needs I/O and time enabled).
    ///
    /// Fails when the address is not loopback, or is taken.
    pub async fn start(mut config: Config) -> io::Result<Self> {
        if !config.addr.ip().is_loopback() {
            let message = format!("the simulator binds to loopback only, and {} is not", config.addr.ip());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let listener = TcpListener::bind(config.addr).await?;
        let addr = listener.local_addr()?;
        let scripts = std::mem::take(&mut config.scripts);
        let refused = if scripts.is_empty() { None } else { Some(deaf_port()?) };
        let refused_addr = refused.as_ref().map(TcpSocket::local_addr).transpose()?;
        let scripts = play::Scripts::new(scripts, addr, refused_addr);
        let shared = Arc::new(route::Shared::new(config, scripts));
        let (stop, stopped) = watch::channel(false);
        let accepting = Some(tokio::spawn(server::accept(listener, Arc::clone(&shared), stopped)));
        Ok(Self { addr, shared, stop, accepting, _refused: refused })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT`, without a slash; the base URL for a client is this and [`Format::base`].
    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The counts, now.
    pub fn stats(&self) -> Stats {
        self.shared.counters.snapshot()
    }

    /// Forgets the counts (but not which requests are in flight).
    pub fn reset_stats(&self) {
        self.shared.counters.reset();
    }

    /// The last [`SEEN_REQUESTS`] requests to provider routes and unknown paths, oldest first.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.seen.all()
    }

    /// Returns once no request is being answered, so that counts can be compared without sleeping.
    pub async fn idle(&self) {
        self.shared.counters.idle().await;
    }

    /// Stops accepting, lets answers end for as long as `stop_grace_ms`, then breaks the rest.
    pub async fn stop(mut self) {
        self.shared.counters.stopping();
        self.stop.send_replace(true);
        if let Some(accepting) = self.accepting.take() {
            // It can only fail by a panic of ours, which tokio has reported by then.
            let _ = accepting.await;
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.shared.counters.stopping();
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock")
            .field("addr", &self.addr)
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

fn deaf_port() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(socket)
}

/// Serves until Ctrl-C, for a command line. `ready` is called once, when the address is known.
///
/// Returns the final counts.
pub async fn serve_until_ctrl_c(config: Config, ready: impl FnOnce(&Mock)) -> io::Result<Stats> {
    let mock = Mock::start(config).await?;
    ready(&mock);
    tokio::signal::ctrl_c().await?;
    let shared = Arc::clone(&mock.shared);
    mock.stop().await;
    Ok(shared.counters.snapshot())
}
