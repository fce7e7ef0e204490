//! The connections of the public API: taken, limited, and closed in the end so that no request is lost on the way.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

/// A connection on which no request arrived for so long is closed, before twice the time is over: nobody uses it, or its client
/// is slow with the head of the request or with taking an answer. Longer than clients keep a connection that they do not use
/// (ingress-nginx 60 s, those of our own 90 s), so that as a rule it is they who close it and no request is just on its way.
pub const IDLE_LIMIT: Duration = Duration::from_secs(100);

/// How long a stopping process goes on to take connections and requests. Each answer tells its client to close the
/// connection, so that afterwards only those are left on which a whole second went by without a request. Where a replica is
/// taken off the list of endpoints, that has to come first: it takes longer.
pub const LINGER: Duration = Duration::from_secs(1);

/// It takes none any more when for so long there was no connection at all.
const QUIET: Duration = Duration::from_millis(100);

/// How long a client may then take to send the rest of a request or to take its answer.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Connections that are open at the same time. Further ones wait in the kernel until one is closed.
const MOST_CONNECTIONS: usize = 10_000;

/// The pause after a connection could not be taken, as a rule because there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// What clients are allowed.
#[derive(Clone, Copy)]
pub struct Limits {
    /// See [`IDLE_LIMIT`].
    pub idle: Duration,
    /// See [`LINGER`].
    pub linger: Duration,
}

/// Serves HTTP/1.1 until `stop`, lingers, and finishes the requests that have begun.
pub async fn serve<S>(socket: TcpListener, app: S, limits: Limits, stop: CancellationToken)
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let close = CancellationToken::new();
    let new = |peer| Connection { peer, app: app.clone(), stop: stop.clone(), close: close.clone() };
    let mut open = JoinSet::new();
    let mut not_before = Instant::now();
    let mut lingered = pin!(after(&stop, limits.linger));
    loop {
        // Begins anew with every connection that comes or goes.
        let quiet = after(&stop, QUIET);
        tokio::select! {
            biased;
            Some(ended) = open.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection was lost");
                }
            }
            (stream, peer) = accept(&socket, &mut not_before), if open.len() < MOST_CONNECTIONS => {
                open.spawn(new(peer).serve(stream, limits.idle));
            }
            () = lingered.as_mut() => break,
            () = quiet, if open.is_empty() => break,
        }
    }
    for (stream, peer) in left_in(socket).into_iter().flatten() {
        open.spawn(new(peer).serve(stream, limits.idle));
    }
    close.cancel();
    while open.join_next().await.is_some() {}
}

async fn after(stop: &CancellationToken, pause: Duration) {
    stop.cancelled().await;
    sleep(pause).await;
}

/// The next connection, not before the time is come: after a failure it is put off.
async fn accept(socket: &TcpListener, not_before: &mut Instant) -> (TcpStream, SocketAddr) {
    loop {
        if Instant::now() < *not_before {
            sleep_until(*not_before).await;
        }
        match socket.accept().await {
            Ok((stream, peer)) => return (without_delay(stream), peer),
            // Gone before it was taken.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection taken, trying again in a second");
                *not_before = Instant::now() + ACCEPT_PAUSE;
            }
        }
    }
}

/// Closes the socket, and gives the connections that the kernel had taken for it: closed with it, they would lose a request.
fn left_in(socket: TcpListener) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    let socket = socket.into_std()?;
    let mut left = Vec::new();
    while left.len() < MOST_CONNECTIONS
        && let Ok((stream, peer)) = socket.accept()
    {
        stream.set_nonblocking(true)?;
        left.push((without_delay(TcpStream::from_std(stream)?), peer));
    }
    Ok(left)
}

/// Small answers leave at once instead of waiting for more to send.
fn without_delay(stream: TcpStream) -> TcpStream {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY not set");
    }
    stream
}

struct Connection<S> {
    peer: SocketAddr,
    app: S,
    /// From here on each answer is the last of its connection.
    stop: CancellationToken,
    /// From here on no further request is waited for.
    close: CancellationToken,
}

impl<S> Connection<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    async fn serve(self, stream: TcpStream, idle_limit: Duration) {
        // Odd while a request is being answered, which has a limit of its own.
        let turns = AtomicUsize::new(0);
        let service = service_fn(|request| self.answer(request, &turns));
        let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        let mut is_closing = false;
        loop {
            let turn = turns.load(Ordering::Relaxed);
            let patience = if is_closing { LAST_WORD } else { idle_limit };
            tokio::select! {
                ended = connection.as_mut() => return self.note(ended),
                () = self.close.cancelled(), if !is_closing => {
                    is_closing = true;
                    // On a connection that was just made, the first request is on its way.
                    if turns.load(Ordering::Relaxed) > 0 {
                        connection.as_mut().graceful_shutdown();
                    }
                }
                () = sleep(patience) => if turn.is_multiple_of(2) && turn == turns.load(Ordering::Relaxed) {
                    return tracing::debug!(peer = %self.peer, "a connection without a request was closed");
                }
            }
        }
    }

    async fn answer(&self, request: hyper::Request<Incoming>, turns: &AtomicUsize) -> Result<Response, Infallible> {
        turns.fetch_add(1, Ordering::Relaxed);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let mut answer = self.app.clone().oneshot(request).await?;
        if self.stop.is_cancelled() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        turns.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }

    /// Clients break off all the time, which is no concern of ours.
    fn note(&self, ended: hyper::Result<()>) {
        if let Err(error) = ended {
            tracing::debug!(peer = %self.peer, %error, "a connection broke off");
        }
    }
}
