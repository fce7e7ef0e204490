//! How long a client may take over the body of a request: it has to make progress.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// How far the body of a request is. It is in the extensions of a request that has one.
#[derive(Clone, Default)]
pub struct Arrival(Arc<AtomicU8>);

/// Somebody reads, and the client has more to send.
const AWAITED: u8 = 1;

/// The client made no progress for too long.
const STALLED: u8 = 2;

impl Arrival {
    /// Whether the request waits for more of its body.
    pub fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Whether the body was given up.
    pub fn is_stalled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STALLED
    }

    fn becomes(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }
}

/// The request with a body that ends with an error when nothing comes for so long while somebody reads it.
pub fn watch(mut request: Request, limit: Duration) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let arrival = Arrival::default();
    request.extensions_mut().insert(arrival.clone());
    request.map(|body| Body::new(Watched { body, arrival, limit, waiting: None }))
}

struct Watched {
    body: Body,
    arrival: Arrival,
    limit: Duration,
    /// Since the last progress; none while there is some.
    waiting: Option<Pin<Box<Sleep>>>,
}

/// Why reading the body failed.
#[derive(Debug, thiserror::Error)]
#[error("the body made no progress")]
struct Stalled;

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.waiting = None;
            self.arrival.becomes(0);
            return Poll::Ready(frame);
        }
        self.arrival.becomes(AWAITED);
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(waiting.as_mut().poll(context));
        self.arrival.becomes(STALLED);
        Poll::Ready(Some(Err(Error::new(Stalled))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
