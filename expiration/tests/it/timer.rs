use common::events::ExpirationComplete;
use common::id::Id;

use crate::app::{Environment, created, in_millis, tomorrow};

/// Far more than the timer needs on a busy machine, and less than what a missed wake-up would cost.
const LATE_MILLIS: i64 = 900;

#[tokio::test]
async fn an_order_expires_when_its_time_is_over_and_never_before() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let orders: Vec<(Id, i64)> = [900, 300, 600].map(|millis| (Id::generate(), millis)).to_vec();
    let mut dues = Vec::new();
    for (order, millis) in orders {
        let due = in_millis(millis);
        environment.stream.publish(&created(order, due)).await;
        dues.push((order, due));
    }
    for (order, due) in dues {
        let at = environment.expired_at(order).await;
        let late = at.millis() - due.millis();
        assert!((0..LATE_MILLIS).contains(&late), "{late} ms late");
    }
    environment.db_empty().await;
}

#[tokio::test]
async fn an_order_whose_time_is_long_past_expires_at_once() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    environment.stream.publish(&created(Id::generate(), tomorrow())).await;
    let order = Id::generate();
    environment.stream.publish(&created(order, in_millis(-86_400_000))).await;
    assert_eq!(environment.expired(1).await, [order]);
}

#[tokio::test]
async fn an_expiry_carries_the_headers_of_every_event() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let order = Id::generate();
    let due = in_millis(0);
    environment.stream.publish(&created(order, due)).await;
    environment.expired(1).await;
    let messages = environment.stream.messages::<ExpirationComplete>().await;
    let header = |name: &str| messages[0].headers.get(name).map(|value| value.to_string()).unwrap_or_default();
    assert_eq!(header("Nats-Msg-Id"), format!("expiration-{order}-{}", due.millis()));
    assert_eq!(header("Schema-Version"), "1");
    assert_eq!(header("traceparent").len(), 55);
}

#[tokio::test]
async fn an_expiry_tells_the_deadline() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let (order, due) = (Id::generate(), in_millis(200));
    environment.stream.publish(&created(order, due)).await;
    environment.expired(1).await;
    let published = environment.stream.published::<ExpirationComplete>().await;
    assert_eq!(published, [ExpirationComplete { order_id: order, expires_at: Some(due) }]);
}

#[tokio::test]
async fn an_order_that_an_earlier_version_put_on_the_schedule_expires_without_telling_its_deadline() {
    let environment = Environment::new().await;
    let _replica = environment.replica().await;
    let order = Id::generate();
    environment.db_schedule(order, in_millis(0)).await;
    environment.expired(1).await;
    let published = environment.stream.published::<ExpirationComplete>().await;
    assert_eq!(published, [ExpirationComplete { order_id: order, expires_at: None }]);
    environment.db_empty().await;
}

#[tokio::test]
async fn metrics_say_how_late_an_order_expired() {
    let environment = Environment::new().await;
    let replica = environment.replica().await;
    environment.stream.publish(&created(Id::generate(), in_millis(0))).await;
    environment.expired(1).await;
    environment.db_empty().await;
    let metrics = replica.metrics().await;
    assert!(metrics.contains(r#"expiration_late_seconds_bucket{le="0.1"}"#), "{metrics}");
    // How often belongs to the process, in which other tests publish too.
    assert!(metrics.contains(r#"messaging_destination_name="expiration.complete",error_type=""} "#), "{metrics}");
}
