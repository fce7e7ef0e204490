use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One kept connection to a service, and what goes over it byte by byte.
pub struct Wire(BufReader<TcpStream>);

/// The part of an answer that the connection depends on.
#[derive(Debug, PartialEq)]
pub struct Said {
    pub status: u16,
    /// The answer says that it is the last one.
    pub is_last: bool,
}

impl Wire {
    /// To the service under this `http://` URL.
    pub async fn open(url: &str) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
        Self(BufReader::new(stream))
    }

    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends unless the service has closed the connection.
    pub async fn try_send(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes()).await
    }

    /// Asks for this path and reads the answer.
    pub async fn get(&mut self, path: &str) -> Said {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n")).await;
        self.answer().await
    }

    /// Reads one answer.
    pub async fn answer(&mut self) -> Said {
        let (mut status, mut is_last, mut length) = (0, false, 0);
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).await.unwrap() > 0, "closed before the answer was complete");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            } else if line == "connection: close" {
                is_last = true;
            } else if line.is_empty() {
                break;
            }
        }
        self.0.read_exact(&mut vec![0; length]).await.unwrap();
        Said { status, is_last }
    }

    /// Waits until the service has closed the connection without another word.
    pub async fn closed(&mut self) {
        let mut rest = Vec::new();
        // What it had not read when it closed comes back as a reset.
        let _ = self.0.read_to_end(&mut rest).await;
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
}
