//! The library as its users see it. One binary, so that wasmtime is linked once.
//!
//! `script` is a transport without sockets: with tokio's paused time its tests need no pause and no luck. Each runs
//! on every engine that is built in and must give the same there. `mock` holds the tests over real sockets.

mod calls;
#[cfg(feature = "component")]
mod hooks;
mod keys;
mod mock;
#[cfg(feature = "component")]
mod sandbox;
mod script;
mod time;
