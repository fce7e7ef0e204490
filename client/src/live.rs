//! What the tickets service tells everybody: here only that a list may have changed.

use std::time::Duration;

use axum::http::Method;
use reqwest::Response;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::failure::{Failure, Service};
use crate::state::Client;

/// The service sends at least a comment so often; after that the connection is dead.
const LONGEST_SILENCE: Duration = Duration::from_secs(60);

/// After so long every replica of the service knows of a change. What was asked of another one before may be what was true before.
const KNOWN_EVERYWHERE: Duration = Duration::from_millis(50);

/// The pause before another connection.
const PAUSE: Duration = Duration::from_secs(1);

/// No connection lasts longer than a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Notes every change of a ticket until `stop`. While there is no connection, pages are a second old at most.
pub async fn follow(client: Client, stop: CancellationToken) {
    let follow = async {
        loop {
            match connect(&client).await {
                Ok(stream) => listen(&client, stream).await,
                Err(failure) => tracing::debug!(?failure, "no live connection to tickets, trying again"),
            }
            // What has changed meanwhile is not known.
            client.changes().note();
            sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(follow).await;
}

async fn connect(client: &Client) -> Result<Response, Failure> {
    let call = client.public(Method::GET, Service::Tickets, "/api/tickets/live");
    call.timeout(LONGEST).open().await
}

/// Reads until the connection ends.
async fn listen(client: &Client, mut stream: Response) {
    let mut wait = LONGEST_SILENCE;
    loop {
        match timeout(wait, stream.chunk()).await {
            Ok(Ok(Some(comment))) if comment.starts_with(b":") => {}
            Ok(Ok(Some(_))) => {
                client.changes().note();
                wait = KNOWN_EVERYWHERE;
            }
            Err(_) if wait == KNOWN_EVERYWHERE => {
                client.changes().note();
                wait = LONGEST_SILENCE;
            }
            _ => return,
        }
    }
}
