//! Replicas of other services' aggregates: waiting for one that may be on its way, and requests for the state of those that did
//! not arrive.

use std::time::Duration;

use metrics::counter;
use tokio::time::timeout;

use crate::error::ApiError;
use crate::events::StateRequested;
use crate::id::Id;
use crate::mongo::StoreError;
use crate::nats::Broker;
use crate::retry::{EVENT_WAIT, wait_until_woken};
use crate::timestamp::Timestamp;

/// How long a request waits before it asks for the state of what it does not find. An event takes some milliseconds.
const ASK_AFTER: Duration = Duration::from_millis(500);

/// A request for one aggregate is published once in this time, over all replicas of a service: the stream drops further ones.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// How many requests for single aggregates a process publishes in a second at most. Anybody may ask for ids that do not exist.
const ASKS_A_SECOND: u32 = 50;

/// How long a request for state may take. It is only a request: whoever needs the state asks again.
const ASK_LIMIT: Duration = Duration::from_secs(1);

/// The replica of an aggregate of this kind, which may be on its way: it is waited for, up to [`EVENT_WAIT`], and its state is
/// requested meanwhile. It is looked for when this process has handled one of its events, and now and then, because another may do so.
///
/// # Errors
/// 404 when there is none; 503 when the service knows that it may have missed it.
pub async fn wait_for<T, F>(broker: &Broker, of: &str, id: Id, look: impl Fn() -> F) -> Result<T, ApiError>
where
    F: Future<Output = Result<Option<T>, StoreError>>,
{
    let mut awaited = broker.arrivals().wait_for(id);
    if let Some(found) = wait_until_woken(ASK_AFTER, &mut awaited.arrived, &look).await? {
        return Ok(found);
    }
    request_state(broker, of, id).await;
    match wait_until_woken(EVENT_WAIT - ASK_AFTER, &mut awaited.arrived, &look).await? {
        Some(found) => Ok(found),
        None if broker.is_behind() => Err(ApiError::Unavailable(format!("{of} {id} may be on its way"))),
        None => Err(ApiError::NotFound),
    }
}

/// Requests the present state of one aggregate from its owner. At most one request in ten seconds is published, and fifty in a second
/// for all aggregates: whoever needs the state asks again.
pub async fn request_state(broker: &Broker, of: &str, id: Id) {
    if !broker.may_ask(ASKS_A_SECOND) {
        counter!("state_requests_dropped_total", "of" => of.to_owned()).increment(1);
        return;
    }
    request(
        broker,
        StateRequested { service: broker.service().to_owned(), of: of.to_owned(), id: Some(id), since: None },
    )
    .await;
}

/// Requests the state of everything of this kind that has changed since then, or of everything. True when the stream has the
/// request.
pub async fn request_states(broker: &Broker, of: &str, since: Option<Timestamp>) -> bool {
    request(broker, StateRequested { service: broker.service().to_owned(), of: of.to_owned(), id: None, since }).await
}

async fn request(broker: &Broker, request: StateRequested) -> bool {
    if !broker.is_connected() {
        return false;
    }
    let id = match request.id {
        Some(id) => {
            let turn = Timestamp::now().millis() / ASK_AGAIN_AFTER.as_millis() as i64;
            format!("state-{}-{}-{id}-{turn}", request.service, request.of)
        }
        // Never dropped: the answer to an earlier one may have come before the store was wiped.
        None => format!("state-{}-{}-{}", request.service, request.of, Id::generate()),
    };
    let published = timeout(ASK_LIMIT, broker.publish(&id, &request)).await;
    let published = published.unwrap_or_else(|_| Err("no answer".to_owned()));
    counter!("state_requests_total", "of" => request.of).increment(1);
    published.inspect_err(|error| tracing::debug!(error, "state not requested")).is_ok()
}
