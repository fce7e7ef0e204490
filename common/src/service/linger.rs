//! A lingering close: what is left of a request's body is read and discarded when the answer came before its end.
//!
//! Without it the server closes a connection with unread data in it, which resets the connection, and a client that is still
//! sending never sees its answer.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Who sends more than this after the answer, or for longer, is cut off.
const BYTE_LIMIT: usize = 64 * 1024 * 1024;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The request with a body that goes on being read after it was dropped.
pub fn keep_reading(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    // A client that asks first sends nothing until somebody reads.
    let is_sent = !request.headers().contains_key(EXPECT);
    request.map(|body| Body::new(Lingering { body, is_sent }))
}

struct Lingering {
    body: Body,
    /// Whether the client has begun to send it.
    is_sent: bool,
}

impl HttpBody for Lingering {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.is_sent = true;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = Body::empty();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if self.is_sent
            && !self.body.is_end_stream()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(timeout(TIME_LIMIT, discard(mem::take(&mut self.body))));
        }
    }
}

async fn discard(mut body: Body) {
    let mut count = 0;
    while let Some(Ok(frame)) = body.frame().await
        && count < BYTE_LIMIT
    {
        count += frame.data_ref().map_or(0, Bytes::len);
    }
}
