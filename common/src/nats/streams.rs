//! The streams as they are wanted, with their limits.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use crate::config::NatsConfig;
use crate::dead_letters;
use crate::events::{STREAM, STREAM_SUBJECTS};

/// How long the stream recognises a second publish of the same event. Longer than any process takes to come back.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(10 * 60);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a dead letter waits for an operator.
const DEAD_LETTER_AGE: Duration = Duration::from_secs(90 * DAY.as_secs());

/// How many bytes of dead letters there may be. A message that cannot be copied any more stays where it is.
const DEAD_LETTER_BYTES: i64 = 256 << 20;

/// The streams that the fleet relies on. That of the events drops its oldest messages at its limits, and whoever missed one asks
/// for state; dead letters are kept apart and never dropped for newer ones.
pub fn wanted(config: &NatsConfig) -> [Config; 2] {
    let stream = |name: &str, subjects: Vec<String>| Config {
        name: name.to_owned(),
        subjects,
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: usize::from(config.stream_replicas),
        ..Config::default()
    };
    let max_age = DAY * config.stream_max_age_days;
    let events = Config {
        max_age,
        max_bytes: config.stream_max_bytes,
        discard: DiscardPolicy::Old,
        duplicate_window: DUPLICATE_WINDOW.min(max_age),
        ..stream(STREAM, STREAM_SUBJECTS.map(str::to_owned).to_vec())
    };
    let dead_letters = Config {
        max_age: DEAD_LETTER_AGE,
        max_bytes: DEAD_LETTER_BYTES,
        discard: DiscardPolicy::New,
        duplicate_window: DUPLICATE_WINDOW,
        ..stream(dead_letters::STREAM, vec![dead_letters::SUBJECTS.to_owned()])
    };
    [events, dead_letters]
}
