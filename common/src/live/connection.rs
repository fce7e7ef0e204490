use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::unfold;
use metrics::counter;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout};

use super::frame::Frame;
use super::hub::Live;
use crate::auth::{Claims, Ended};
use crate::error::ApiError;
use crate::id::Id;
use crate::service::endless::Endless;
use crate::timestamp::Timestamp;

/// How long a client waits before it comes back. They are spread, because all of a replica's come back at once when it stops.
const RETRY_MS: std::ops::Range<u64> = 500..3000;

/// A connection is ended after this time. Its client comes back at once, perhaps to a newer replica, and its session is checked again.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A client's open connection: a response that goes on for as long as the client wants.
pub struct Connection {
    live: Live,
    topic: Option<Id>,
    /// None once the connection is to end.
    queue: Option<Receiver<Bytes>>,
    opening: Vec<u8>,
    ends: Instant,
    /// Whose connection it is, unless it is everybody's.
    session: Option<Box<(Ended, Claims)>>,
}

impl Connection {
    /// Opens a connection of this topic, or of all. One that comes back is told what it has missed since then.
    ///
    /// # Errors
    /// 503 when too many are open.
    pub fn open(live: &Live, topic: Option<Id>, since: Option<Timestamp>) -> Result<Self, ApiError> {
        let (queue, missed) = live.join(topic, since)?;
        let retry = rand::random_range(RETRY_MS);
        // An event without data is none. It only sets the id from which the client resumes.
        let mut opening = format!("retry: {retry}\nid: {}\n\n", live.told_until()).into_bytes();
        opening.extend(missed);
        Ok(Self { live: live.clone(), topic, queue, opening, ends: Instant::now() + LONGEST, session: None })
    }

    /// Sends this at once, before anything else.
    pub fn first(mut self, frame: &Frame) -> Self {
        frame.append_to(&mut self.opening, self.live.told_until());
        self
    }

    /// Tells nothing more once this session has ended.
    pub fn within(mut self, ended: &Ended, claims: Claims) -> Self {
        self.session = Some(Box::new((ended.clone(), claims)));
        self
    }

    /// What is sent next; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.opening.is_empty() {
            return Some(std::mem::take(&mut self.opening).into());
        }
        let queue = self.queue.as_mut().filter(|_| Instant::now() < self.ends)?;
        let told = timeout(self.live.heartbeat(), queue.recv()).await;
        if self.session.as_ref().is_some_and(|session| session.0.contains(&session.1)) {
            return None;
        }
        match told {
            Ok(Ok(events)) => Some(events),
            Ok(Err(RecvError::Closed)) => None,
            Ok(Err(RecvError::Lagged(_))) => {
                counter!("live_connections_lagged_total").increment(1);
                let mut sent = Vec::new();
                Frame::RELOAD.append_to(&mut sent, self.live.told_until());
                Some(sent.into())
            }
            // The id as well, so that a client that comes back after a quiet hour has missed little.
            Err(_) => Some(format!(": still here\nid: {}\n\n", self.live.told_until()).into()),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.queue = None;
        self.live.leave(self.topic);
    }
}

impl IntoResponse for Connection {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE.as_str(), "text/event-stream"),
            (CACHE_CONTROL.as_str(), "no-cache"),
            ("x-accel-buffering", "no"),
        ];
        let events = unfold(self, async |mut connection| {
            let events = connection.next().await?;
            Some((Ok::<_, Infallible>(events), connection))
        });
        (Extension(Endless), headers, Body::from_stream(events)).into_response()
    }
}
