use async_nats::jetstream;
use checks::overlay::overlay;
use common::events::STREAM;
use common::parked;

use super::guarded::Guarded;
use super::publishers::{ON_THE_STREAM, published_by};

#[tokio::test]
async fn the_servers_of_prod_are_one_that_keeps_every_event_three_times() {
    let guarded = Guarded::start(overlay("prod")).await;
    let ops = jetstream::new(guarded.connect("ops").await.client);
    for name in [STREAM, parked::STREAM] {
        let stream = ops.get_stream(name).await.unwrap();
        let cluster = stream.cached_info().cluster.clone().unwrap();
        assert_eq!(cluster.name.as_deref(), Some("ticketing"));
        assert_eq!(cluster.replicas.len() + 1, 3, "{name}");
    }
    for service in ON_THE_STREAM {
        let caller = guarded.connect(service).await;
        let jetstream = jetstream::new(caller.client.clone());
        for subject in published_by(service) {
            jetstream.publish(subject, "{}".into()).await.unwrap().await.unwrap();
        }
        caller.may_not_publish(&format!("$JS.API.STREAM.DELETE.{STREAM}")).await;
    }
}
