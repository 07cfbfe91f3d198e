//! Liter-LLM for Rust: one client for language models.
//!
//! The core (requests, parsing, retries, deadlines, errors) is a WebAssembly component without imports, run by
//! wasmtime, or the same core linked in; this library lends it HTTP, time and keys. Both engines give the same
//! answers, byte for byte.
//!
//! ```no_run
//! # async fn ask() -> Result<(), literllm_host::Error> {
//! use literllm_host::{Chat, Client, types::Event};
//!
//! let client = Client::new()?; // keys from OPENAI_API_KEY and its kin
//! println!("{}", client.infer("openai/gpt-4o-mini", "Say hello").await?.text);
//!
//! let mut stream = client.stream(Chat::new("groq/llama-3.3-70b-versatile").user("A haiku, please"))?;
//! while let Some(event) = stream.next().await {
//!     if let Event::TextDelta(delta) = event? {
//!         print!("{}", delta.text);
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! Read `drive` first: it is the loop between the core and the network, and everything else serves it.
//!
//! Features: `component` (wasmtime and the embedded component) and `native` (the linked core); both are on, one
//! is enough.

#![forbid(unsafe_code)]

#[cfg(not(any(feature = "component", feature = "native")))]
compile_error!("literllm-host needs the feature `component` or `native`, or both");

mod answer;
mod attempt;
mod body;
mod builder;
mod chat;
mod client;
mod clock;
mod config;
mod drive;
mod engine;
mod error;
mod failure;
mod http;
mod snapshot;
mod stream;
mod tls;
mod transport;

pub use self::http::HttpTransport;
pub use answer::{Answer, Inference};
pub use body::Body;
pub use builder::{ClientBuilder, Engine};
pub use chat::Chat;
pub use client::{Client, ComponentInfo};
pub use config::read_config;
pub use error::Error;
pub use literllm_core::types;
#[cfg(feature = "native")]
pub use literllm_core::{ProviderRegistry, protocol::ProviderAdapter};
pub use literllm_lend::{EnvKeys, KeySource, Secret, StaticKeys};
pub use snapshot::{Memory, Resume, Snapshot};
pub use stream::ChatStream;
pub use transport::{ResponseBody, ResponseFuture, Transport, TransportRequest, TransportResponse};
