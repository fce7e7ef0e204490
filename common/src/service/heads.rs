//! How long a client may take over the head of a request: long before its first byte, for a connection may be kept open, and then
//! not long.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::Timer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

/// What a connection and its timer share.
#[derive(Default)]
struct Head {
    /// Whether something came since the connection began to wait for a head.
    has_begun: AtomicBool,
    /// The sleep of the last head. To move its end costs less than to make one anew for each request.
    used: Mutex<Option<Pin<Box<Sleep>>>>,
}

impl Head {
    fn used(&self) -> MutexGuard<'_, Option<Pin<Box<Sleep>>>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection, and the timer that hyper waits for its heads with.
pub fn watch(stream: TcpStream, limit: Duration) -> (Watched, HeadTimer) {
    let head = Arc::<Head>::default();
    (Watched { stream, head: head.clone() }, HeadTimer { head, limit })
}

/// A connection that notes when something comes.
pub struct Watched {
    stream: TcpStream,
    head: Arc<Head>,
}

impl Watched {
    /// The connection itself.
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.head.has_begun.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Makes the timeout of each head: hyper's own, until the first byte has come. hyper uses a server's timer for nothing else.
pub struct HeadTimer {
    head: Arc<Head>,
    limit: Duration,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.head.has_begun.store(false, Ordering::Relaxed);
        let sleep = match self.head.used().take() {
            Some(mut sleep) => {
                sleep.as_mut().reset(deadline.into());
                sleep
            }
            None => Box::pin(sleep_until(deadline.into())),
        };
        Box::pin(HeadTimeout { sleep: Some(sleep), head: self.head.clone(), limit: self.limit, is_short: false })
    }
}

/// Ends when a head has taken too long. hyper polls it again after everything that it reads.
struct HeadTimeout {
    /// Always there, until this is dropped.
    sleep: Option<Pin<Box<Sleep>>>,
    head: Arc<Head>,
    limit: Duration,
    is_short: bool,
}

impl Future for HeadTimeout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { sleep: Some(sleep), head, limit, is_short } = &mut *self else { return Poll::Ready(()) };
        if !*is_short && head.has_begun.load(Ordering::Relaxed) {
            *is_short = true;
            let deadline = sleep.deadline().min(tokio::time::Instant::now() + *limit);
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(context)
    }
}

impl Drop for HeadTimeout {
    fn drop(&mut self) {
        *self.head.used() = self.sleep.take();
    }
}

impl hyper::rt::Sleep for HeadTimeout {}
