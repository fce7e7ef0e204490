//! How long a client may take over the head of a request: long before its first byte, for a connection may be kept open, and then
//! not long.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::rt::Timer;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep_until};

/// Whether something came since the connection began to wait for a head.
#[derive(Clone, Default)]
struct Begun(Arc<AtomicBool>);

/// A connection, and the timer that hyper waits for its heads with.
pub fn watch(stream: TcpStream, limit: Duration) -> (Watched, HeadTimer) {
    let begun = Begun::default();
    (Watched { stream, begun: begun.clone() }, HeadTimer { begun, limit })
}

/// A connection that notes when something comes.
pub struct Watched {
    stream: TcpStream,
    begun: Begun,
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
            self.begun.0.store(true, Ordering::Relaxed);
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
    begun: Begun,
    limit: Duration,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.begun.0.store(false, Ordering::Relaxed);
        let (begun, limit) = (self.begun.clone(), self.limit);
        Box::pin(HeadTimeout { sleep: Box::pin(sleep_until(deadline.into())), begun, limit, is_short: false })
    }
}

/// Ends when a head has taken too long. hyper polls it again after everything that it reads.
struct HeadTimeout {
    sleep: Pin<Box<Sleep>>,
    begun: Begun,
    limit: Duration,
    is_short: bool,
}

impl Future for HeadTimeout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_short && self.begun.0.load(Ordering::Relaxed) {
            self.is_short = true;
            let deadline = self.sleep.deadline().min(tokio::time::Instant::now() + self.limit);
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(context)
    }
}

impl hyper::rt::Sleep for HeadTimeout {}
