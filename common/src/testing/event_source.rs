//! A page that is open: what a service tells it by server-sent events.

use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

use super::DEADLINE;

/// Longer than any test.
const NO_TIMEOUT: Duration = Duration::from_secs(3600);

/// An open connection, read as a browser's `EventSource` reads it.
pub struct EventSource {
    response: Response,
    unread: String,
    last_id: String,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its name.
    pub event: String,
    /// Its body.
    pub data: Value,
    /// From here a client resumes.
    pub id: String,
}

impl EventSource {
    /// Opens the connection, which must be answered with 200 and the headers of an event stream.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.timeout(NO_TIMEOUT).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().expect("ASCII").to_owned());
        assert_eq!(header(CONTENT_TYPE.as_str()).as_deref(), Some("text/event-stream"));
        assert_eq!(header(CACHE_CONTROL.as_str()).as_deref(), Some("no-cache"));
        assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
        Self { response, unread: String::new(), last_id: String::new() }
    }

    /// The `Last-Event-ID` with which a client comes back.
    pub fn last_id(&self) -> &str {
        &self.last_id
    }

    /// The next event.
    ///
    /// # Panics
    /// When the connection ends first, or after half a minute.
    pub async fn next(&mut self) -> Told {
        // Heartbeats are blocks too.
        let next = async {
            loop {
                let block = self.block().await.expect("the connection ended");
                if let Some(told) = self.read(&block) {
                    return told;
                }
            }
        };
        timeout(DEADLINE, next).await.expect("an event in half a minute")
    }

    /// The next block of lines, whether it is an event or not. None at the end of the connection.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                return Some(block);
            }
            let chunk = timeout(DEADLINE, self.response.chunk()).await.expect("nothing was told in half a minute");
            let chunk = chunk.expect("the connection broke")?;
            self.unread.push_str(std::str::from_utf8(&chunk).expect("whole characters"));
        }
    }

    /// Waits for the end of the connection.
    pub async fn ended(mut self) {
        while self.block().await.is_some() {}
    }

    /// An event without data is none, but its id counts.
    fn read(&mut self, block: &str) -> Option<Told> {
        let (mut event, mut data) = (String::new(), None);
        for line in block.lines() {
            match line.split_once(": ") {
                Some(("id", value)) => self.last_id = value.to_owned(),
                Some(("event", value)) => event = value.to_owned(),
                Some(("data", value)) => data = Some(serde_json::from_str(value).expect("JSON")),
                _ => {}
            }
        }
        data.map(|data| Told { event, data, id: self.last_id.clone() })
    }
}
