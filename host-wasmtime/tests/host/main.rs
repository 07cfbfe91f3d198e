//! The library as its users see it. One binary, so that wasmtime is linked once.
//!
//! `script` is a transport without sockets: with tokio's paused time its tests need no pause and no luck. Each runs
//! on every engine that is built in and must give the same there. `mock` and `durable` hold the
//! tests over real sockets.

mod calls;
mod durable;
#[cfg(feature = "component")]
mod hooks;
mod keys;
mod mock;
mod resume;
#[cfg(feature = "component")]
mod sandbox;
mod script;
mod time;
