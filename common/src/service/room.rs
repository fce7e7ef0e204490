//! The memory that large bodies share: files, forms with one, long JSON. It is bounded for all of them together, because whoever has many
//! connections, or a single account, can send as many at once. Bodies of the usual size need none of it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many bytes all large bodies have together: sixteen of the largest files. A program holds what it reads up to three times.
pub const ROOM: usize = 32 * 1024 * 1024;

/// Up to here a body is not large. All connections together can have as much.
const SMALL: usize = 4 * 1024;

/// The room. Cheap to clone.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

/// What one body holds, until this is dropped; nothing, when there is no body.
#[derive(Clone, Default)]
pub struct Place(Option<Arc<Mutex<Held>>>);

#[derive(Default)]
struct Held {
    bytes: Option<OwnedSemaphorePermit>,
    is_refused: bool,
}

impl Room {
    /// For so many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }

    /// The request with a body that takes room as it comes, once it is large, and ends with an error when there is none left. To wait for
    /// some would be in vain when all is held by bodies that are not whole.
    pub fn admit(&self, request: Request) -> (Request, Place) {
        if request.body().is_end_stream() {
            return (request, Place::default());
        }
        let place = Place(Some(Arc::default()));
        let (room, taken) = (self.0.clone(), place.clone());
        (request.map(|body| Body::new(Placed { body, room, place: taken, read: 0 })), place)
    }
}

impl Place {
    /// Whether there was no room left.
    pub fn is_refused(&self) -> bool {
        self.held().is_some_and(|held| held.is_refused)
    }

    fn take(&self, room: &Arc<Semaphore>, bytes: usize) -> bool {
        let Some(mut held) = self.held() else { return true };
        let taken = u32::try_from(bytes).ok().and_then(|bytes| room.clone().try_acquire_many_owned(bytes).ok());
        held.is_refused = taken.is_none();
        match (&mut held.bytes, taken) {
            (Some(bytes), Some(more)) => bytes.merge(more),
            (bytes @ None, taken) => *bytes = taken,
            (Some(_), None) => {}
        }
        !held.is_refused
    }

    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Placed {
    body: Body,
    room: Arc<Semaphore>,
    place: Place,
    read: usize,
}

/// Why reading the body failed.
#[derive(Debug, thiserror::Error)]
#[error("there is no room for the body")]
struct NoRoom;

impl HttpBody for Placed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            self.read += bytes;
            if self.read > SMALL && !self.place.take(&self.room, bytes) {
                return Poll::Ready(Some(Err(Error::new(NoRoom))));
            }
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
