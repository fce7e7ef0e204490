use async_nats::jetstream::{self, consumer};
use checks::overlay::overlay;
use common::events::STREAM;
use common::parked;
use common::testing::{broker, new_nats};
use futures::TryStreamExt;
use serde_json::{Value, json};

use super::guarded::Guarded;
use super::services::services;

/// Every stream with its consumers, as the broker itself tells.
async fn topology(jetstream: &jetstream::Context) -> Value {
    let mut names: Vec<String> = jetstream.stream_names().try_collect().await.unwrap();
    names.sort();
    let mut streams = Vec::new();
    for name in names {
        let stream = jetstream.get_stream(&name).await.unwrap();
        let mut consumers: Vec<consumer::Info> = stream.consumers().try_collect().await.unwrap();
        consumers.sort_by(|one, other| one.name.cmp(&other.name));
        let consumers: Vec<Value> = consumers.into_iter().map(|info| sorted(json!(info.config))).collect();
        streams.push(json!({"stream": stream.cached_info().config, "consumers": consumers}));
    }
    Value::Array(streams)
}

/// The order of the subjects means nothing.
fn sorted(mut config: Value) -> Value {
    if let Some(subjects) = config["filter_subjects"].as_array_mut() {
        subjects.sort_by_key(Value::to_string);
    }
    config
}

#[tokio::test]
async fn the_streams_are_those_that_the_services_would_make_themselves() {
    let own = new_nats().await;
    let jetstream = broker(&own).await.jetstream().clone();
    for service in services(|_| own.url()).await {
        service.broker.ready().await.unwrap();
        jetstream.create_consumer_on_stream(service.consumer, STREAM).await.unwrap();
    }
    let guarded = Guarded::start(overlay("dev")).await;
    let ops = guarded.connect("ops").await;
    let (by_services, by_ops) = (topology(&jetstream).await, topology(&jetstream::new(ops.client)).await);
    assert_eq!(by_ops, by_services, "\nby streams.json: {by_ops:#}\nby the services: {by_services:#}");
    let names: Vec<&Value> = by_ops.as_array().unwrap().iter().map(|stream| &stream["stream"]["name"]).collect();
    assert_eq!(names, [parked::STREAM, STREAM]);
}
