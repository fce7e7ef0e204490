//! The durable consumer of a service: where it stands in the stream, whatever becomes of its processes.

use std::collections::BTreeSet;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{Config, Consumer, IntoConsumerConfig, pull};
use async_nats::jetstream::stream::ConsumerErrorKind;

use crate::events::STREAM;
use crate::nats::Broker;

/// The consumer as it is, when it is as wanted: so a service needs no right to change it. Else it is created, or updated
/// after an upgrade. One that is different and may not be changed is used as it is, with a warning: during an upgrade, and
/// after one was taken back, hearing most of it is better than hearing nothing.
///
/// # Errors
/// When it is missing and was not created, or what the broker says.
pub async fn consumer(broker: &Broker, service: &str, wanted: pull::Config) -> Result<Consumer<pull::Config>, String> {
    let jetstream = broker.jetstream();
    let (found, fault) = match jetstream.get_consumer_from_stream::<pull::Config, _, _>(service, STREAM).await {
        Ok(found) => match differences(&found.cached_info().config, &(&wanted).into_consumer_config()) {
            None => return Ok(found),
            Some(differences) => (Some(found), format!("is different ({differences})")),
        },
        Err(error) if is_missing(&error.kind()) => (None, "is missing".to_owned()),
        Err(error) => return Err(format!("no word of the consumer {service} of the stream {STREAM}: {error}")),
    };
    let change = jetstream.create_consumer_on_stream(wanted, STREAM);
    let refusal = match broker.answer(&format!("CONSUMER.CREATE.{STREAM}.{service}"), change).await {
        Ok(changed) => return Ok(changed),
        Err(cause) => {
            format!("the consumer {service} of the stream {STREAM} {fault}, which this service did not change: {cause}")
        }
    };
    let found = found.ok_or_else(|| refusal.clone())?;
    tracing::warn!(cause = refusal, "listening to the consumer as it is");
    Ok(found)
}

fn is_missing(consumer: &ConsumerErrorKind) -> bool {
    matches!(consumer, ConsumerErrorKind::JetStream(error) if error.error_code() == ErrorCode::CONSUMER_NOT_FOUND)
}

/// In what the two differ, as far as a listener depends on it.
fn differences(found: &Config, wanted: &Config) -> Option<String> {
    let parts = |config: &Config| {
        [
            ("subjects", format!("{:?}", subjects(config))),
            ("ack policy", format!("{:?}", config.ack_policy)),
            ("ack wait", format!("{:?}", config.ack_wait)),
            ("max ack pending", config.max_ack_pending.to_string()),
        ]
    };
    let differences: Vec<String> = (parts(found).into_iter().zip(parts(wanted)))
        .filter(|((_, found), (_, wanted))| found != wanted)
        .map(|((part, found), (_, wanted))| format!("{part} {found} instead of {wanted}"))
        .collect();
    (!differences.is_empty()).then(|| differences.join(", "))
}

/// The order does not matter, nor does how a single subject is written.
fn subjects(config: &Config) -> BTreeSet<&str> {
    let single = Some(config.filter_subject.as_str()).filter(|subject| !subject.is_empty());
    config.filter_subjects.iter().map(String::as_str).chain(single).collect()
}
