//! The accept loop, and one connection.

use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::route::{self, Shared};
use crate::socket::{Link, Socket};

/// The pause after a failed accept, in milliseconds: out of file descriptors is not cured by hurry.
const ACCEPT_PAUSE_MS: u64 = 20;

/// Accepts until told to stop, then waits for the connections to end. Dropping it drops them all.
pub(crate) async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&shared), stop.clone()));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    shared.counters.connection();
    // Each piece is a packet of its own, now. A socket that is gone already will say so when read.
    let _ = stream.set_nodelay(true);
    let link = Arc::new(Link::default());
    let socket = Socket::new(stream, Arc::clone(&link), Arc::clone(&shared.counters));
    let stop_grace = Duration::from_millis(shared.config.stop_grace_ms);
    let service = service_fn(move |request| route::answer(Arc::clone(&shared), Arc::clone(&link), request));
    let server = auto::Builder::new(TokioExecutor::new());
    let mut serving = std::pin::pin!(server.serve_connection(TokioIo::new(socket), service));
    // How a connection ends is the client's business, or the fault's; there is nobody to report it to.
    tokio::select! {
        _ = serving.as_mut() => return,
        _ = stop.changed() => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = timeout(stop_grace, serving).await;
}
