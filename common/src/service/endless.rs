//! Answers that go on for as long as the client wants, such as live updates. They are sent past hyper, whose two buffers of 8 KiB
//! would be most of what an open connection takes.

use std::future::pending;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{CONNECTION, DATE};
use axum::http::{HeaderValue, response};
use axum::response::Response;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// In the extensions of an answer: its body does not end by itself.
#[derive(Clone, Copy)]
pub struct Endless;

/// Takes an endless answer out of hyper's hands, which then waits for one in vain until it is dropped. Returns any other.
pub async fn divert(answer: Response, way: &Mutex<Option<oneshot::Sender<Response>>>) -> Response {
    if answer.extensions().get::<Endless>().is_none() {
        return answer;
    }
    let way = way.lock().unwrap_or_else(PoisonError::into_inner).take();
    match way {
        Some(way) => {
            let _ = way.send(answer);
            pending().await
        }
        None => answer,
    }
}

/// Sends the answer until its body or the connection ends. It is the connection's last.
pub async fn send(mut stream: TcpStream, answer: Response) -> io::Result<()> {
    let (head, mut body) = answer.into_parts();
    stream.write_all(&as_sent(head)).await?;
    // Nothing is expected any more. Only by reading is it known that the client has gone.
    let mut ignored = [0; 16];
    loop {
        tokio::select! {
            data = next(&mut body) => match data {
                Some(data) => stream.write_all(&data).await?,
                None => return stream.shutdown().await,
            },
            read = stream.read(&mut ignored) => if read? == 0 {
                return Ok(());
            },
        }
    }
}

async fn next(body: &mut Body) -> Option<bytes::Bytes> {
    loop {
        if let Ok(data) = body.frame().await?.ok()?.into_data() {
            return Some(data);
        }
    }
}

/// The head as HTTP/1.1 writes it. The body has no length and is not chunked: it ends with the connection.
fn as_sent(mut head: response::Parts) -> Vec<u8> {
    head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if let Ok(date) = httpdate::fmt_http_date(SystemTime::now()).try_into() {
        head.headers.insert(DATE, date);
    }
    let mut sent = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        sent.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    sent.extend(b"\r\n");
    sent
}
