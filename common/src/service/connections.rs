//! The connections of the public API: taken, limited, and closed in the end so that no request is lost on the way.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::{self, pin};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};

use super::heads::{self, Watched};
use super::{endless, socket};

/// A connection on which no whole request head arrived for so long is closed. Longer than clients keep an idle connection
/// (ingress-nginx 60 s, our own 90 s), so that as a rule they close it first and no request is just on its way.
pub const IDLE_LIMIT: Duration = Duration::from_secs(100);

/// How long a client may take over the head of a request after its first byte, and how long its body may make no progress.
pub const SLOW_LIMIT: Duration = Duration::from_secs(10);

/// How long a stopping process goes on to take connections and requests. Each answer tells its client to close the
/// connection, so that afterwards only idle connections are left. Taking a replica off the list of endpoints takes longer and
/// has to come first.
pub const LINGER: Duration = Duration::from_secs(1);

/// The process takes none any more when for so long there was no connection at all.
const QUIET: Duration = Duration::from_millis(100);

/// After the socket is closed: how long clients may take to send the first request of a new connection, and then to take an
/// answer.
const LAST_REQUESTS: Duration = Duration::from_secs(1);

/// How often it is looked for requests meanwhile.
const LAST_REQUESTS_LOOKS: u32 = 20;

/// Connections that are open at the same time, beside those that stay open for live updates. Further ones wait in the kernel until
/// one is closed.
pub const MAX_CONNECTIONS: usize = 10_000;

/// The longest head of a request, in bytes, and the most that is kept of a body that nobody reads. Entrances take at most 60 KiB of a head.
const BUFFER: usize = 64 * 1024;

/// The pause after a connection could not be taken, as a rule because there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// What clients are allowed.
#[derive(Clone, Copy)]
pub struct Limits {
    /// See [`IDLE_LIMIT`].
    pub idle: Duration,
    /// See [`SLOW_LIMIT`].
    pub slow: Duration,
    /// See [`LINGER`].
    pub linger: Duration,
    /// See [`MAX_CONNECTIONS`].
    pub connections: usize,
}

/// Serves HTTP/1.1 until `stop`, lingers, and finishes the requests that have begun.
pub async fn serve<S>(socket: TcpListener, app: S, limits: Limits, stop: CancellationToken)
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + Unpin + 'static,
    S::Future: Send,
{
    let mut server = Server {
        app,
        limits,
        stop,
        answering: TaskTracker::new(),
        closing: CancellationToken::new(),
        open: JoinSet::new(),
    };
    accept_until_stop(&socket, &mut server).await;
    for (stream, peer) in left_in(socket).into_iter().flatten() {
        server.open(stream, peer);
    }
    server.close().await;
}

async fn accept_until_stop<S>(socket: &TcpListener, server: &mut Server<S>)
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + Unpin + 'static,
    S::Future: Send,
{
    let mut lingered = pin!(after(server.stop.clone(), server.limits.linger));
    // Kept while connections end, or each of them would cut short the pause after a failure.
    let mut accepted = pin!(accept(socket));
    loop {
        tokio::select! {
            biased;
            Some(ended) = server.open.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "serving a connection failed");
                }
            }
            (stream, peer) = accepted.as_mut(), if server.open.len() < server.limits.connections => {
                server.open(stream, peer);
                accepted.set(accept(socket));
            }
            () = lingered.as_mut() => return,
            // Begins anew with every connection that comes or goes.
            () = after(server.stop.clone(), QUIET), if server.open.is_empty() => return,
        }
    }
}

async fn after(stop: CancellationToken, pause: Duration) {
    stop.cancelled().await;
    sleep(pause).await;
}

/// The next connection. After a failure it is tried again a second later.
async fn accept(socket: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => return (stream, peer),
            // Gone before it was taken.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection taken, trying again in a second");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Closes the socket, and returns the connections that the kernel had taken for it: closed with it, they would lose a request.
fn left_in(socket: TcpListener) -> io::Result<Vec<(TcpStream, SocketAddr)>> {
    let socket = socket.into_std()?;
    let mut left = Vec::new();
    while left.len() < MAX_CONNECTIONS
        && let Ok((stream, peer)) = socket.accept()
    {
        stream.set_nonblocking(true)?;
        left.push((TcpStream::from_std(stream)?, peer));
    }
    Ok(left)
}

struct Server<S> {
    app: S,
    limits: Limits,
    /// From here on each answer is the last of its connection.
    stop: CancellationToken,
    /// Counts the requests that are being answered.
    answering: TaskTracker,
    /// From here on each connection ends with its answer.
    closing: CancellationToken,
    /// The connections; they are closed when this is dropped.
    open: JoinSet<()>,
}

impl<S> Server<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + Sync + Unpin + 'static,
    S::Future: Send,
{
    fn open(&mut self, stream: TcpStream, peer: SocketAddr) {
        socket::prepare(&stream);
        let (divert, diverted) = oneshot::channel();
        // Tokens of its own: each look at a token takes its lock, and all connections would take turns.
        let shared = Arc::new(Shared {
            app: self.app.clone(),
            peer,
            stop: self.stop.child_token(),
            answering: self.answering.clone(),
            divert: Mutex::new(Some(divert)),
        });
        // hyper keeps room for the future as long as the connection is open. A box is freed with the answer.
        let answer = move |request| Box::pin(shared.clone().answer(request));
        let (stream, timer) = heads::watch(stream, self.limits.slow);
        let connection = http1::Builder::new()
            .timer(timer)
            .header_read_timeout(self.limits.idle)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), service_fn(answer));
        let closing = self.closing.child_token();
        self.open.spawn(async move {
            // Clients break connections all the time.
            if let Err(error) = drive(Box::new(connection), diverted, closing).await {
                tracing::debug!(%peer, %error, "a connection broke");
            }
        });
    }

    /// Finishes the requests that have begun and closes the connections.
    async fn close(mut self) {
        // hyper closes a connection from which it has read nothing: let a new one send its first request before. Its answer
        // closes it.
        let all_closed = async { while self.open.join_next().await.is_some() {} };
        if timeout(LAST_REQUESTS, all_closed).await.is_ok() {
            return;
        }
        let unused = async {
            let mut looks = 0;
            while looks < LAST_REQUESTS_LOOKS {
                sleep(LAST_REQUESTS / LAST_REQUESTS_LOOKS).await;
                looks = if self.answering.is_empty() { looks + 1 } else { 0 };
            }
        };
        self.closing.cancel();
        let all_closed = async { while self.open.join_next().await.is_some() {} };
        tokio::select! {
            () = all_closed => {}
            () = unused => tracing::debug!("connections that were slow to take their answer were closed"),
        }
    }
}

/// What the requests of a connection share.
struct Shared<S> {
    app: S,
    peer: SocketAddr,
    stop: CancellationToken,
    answering: TaskTracker,
    /// Takes an answer without an end.
    divert: Mutex<Option<oneshot::Sender<Response>>>,
}

impl<S> Shared<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
{
    async fn answer(self: Arc<Self>, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        let answering = self.answering.token();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let mut answer = self.app.clone().oneshot(request).await?;
        if self.stop.is_cancelled() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        drop(answering);
        Ok(endless::divert(answer, &self.divert).await)
    }
}

/// Serves a connection until it ends, or until an answer goes on without an end.
async fn drive<S>(
    mut connection: Box<http1::Connection<TokioIo<Watched>, S>>,
    mut diverted: oneshot::Receiver<Response>,
    closing: CancellationToken,
) -> Result<(), Box<dyn Error + Send + Sync>>
where
    S: HttpService<Incoming, ResBody = Body> + Unpin,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Unpin,
{
    let mut is_closing = false;
    loop {
        tokio::select! {
            biased;
            served = &mut *connection => return Ok(served?),
            Ok(answer) = &mut diverted => {
                let stream = connection.into_parts().io.into_inner().into_stream();
                return Ok(endless::send(stream, answer).await?);
            }
            () = closing.cancelled(), if !is_closing => {
                is_closing = true;
                pin::Pin::new(&mut *connection).graceful_shutdown();
            }
        }
    }
}
