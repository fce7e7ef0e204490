//! A wire between a service and a server, which can be cut.

use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// What happens to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// They lead to the server on this port.
    To(u16),
    /// They are closed.
    Cut,
    /// They stay open, and nothing comes through.
    Silent,
}

/// A listener that passes on what it receives. Dropping it ends it.
pub struct Proxy {
    pub port: u16,
    wire: watch::Sender<Wire>,
    task: AbortHandle,
}

impl Proxy {
    /// It closes every connection until it is told where they lead.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (wire, changes) = watch::channel(Wire::Cut);
        let accept = async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(near, changes.clone()));
            }
        };
        Self { port, wire, task: tokio::spawn(accept).abort_handle() }
    }

    /// What happens to all connections from now on.
    pub fn set(&self, wire: Wire) {
        self.wire.send_replace(wire);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut near: TcpStream, mut changes: watch::Receiver<Wire>) {
    let Wire::To(port) = *changes.borrow_and_update() else {
        if *changes.borrow() == Wire::Silent {
            // Whoever waits finds the connection closed when the wire is mended.
            let _ = changes.changed().await;
        }
        return;
    };
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = changes.changed() => {
            while *changes.borrow_and_update() == Wire::Silent {
                if changes.changed().await.is_err() { return; }
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}
