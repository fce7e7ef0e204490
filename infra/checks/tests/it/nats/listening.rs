use async_nats::jetstream;
use checks::overlay::overlay;
use common::events::STREAM;
use common::testing::eventually;
use tokio_util::sync::CancellationToken;

use super::guarded::Guarded;
use super::publishers::ON_THE_STREAM;
use super::services::services;

/// An event of each kind, which nobody can decode: it is parked, so that the listening is seen from its delivery to its end.
#[tokio::test]
async fn the_services_own_listeners_are_content_with_what_they_may() {
    let guarded = Guarded::start(overlay("dev")).await;
    let ops = jetstream::new(guarded.connect("ops").await.client);
    let stop = CancellationToken::new();
    let mut listening = Vec::new();
    for service in services(|service| guarded.url(service)).await {
        service.broker.ready().await.unwrap();
        for subject in &service.consumer.filter_subjects {
            ops.publish(subject.clone(), "{}".into()).await.unwrap().await.unwrap();
        }
        listening.push(tokio::spawn((service.run)(stop.clone())));
    }
    for service in ON_THE_STREAM {
        let consumer: jetstream::consumer::PullConsumer = ops.get_consumer_from_stream(service, STREAM).await.unwrap();
        eventually(&format!("{service} has heard everything"), async || {
            let info = consumer.get_info().await.unwrap();
            (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
        })
        .await;
    }
    stop.cancel();
    for task in listening {
        task.await.unwrap();
    }
}
