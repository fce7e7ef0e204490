//! The permissions as `nats.conf` lists them: a real broker can be asked for what is refused, but not for all that is allowed.

use std::collections::BTreeSet;

use checks::repository::read;
use common::events::STREAM;
use common::parked;

use super::publishers::{ON_THE_STREAM, published_by};

/// The subjects in a user's `publish: [...]` or `subscribe: [...]`.
fn listed(user: &str, what: &str) -> BTreeSet<String> {
    let text = read("infra/k8s/base/nats/nats.conf");
    let (_, of_user) = text.split_once(&format!("user: {user},")).unwrap();
    let of_user = of_user.split("user: ").next().unwrap();
    let (_, list) = of_user.split_once(&format!("{what}: [")).unwrap();
    let list = list.split(']').next().unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What every service asks of JetStream: whether the streams are there, its own durable consumer, and acks in both forms.
fn of_jetstream(service: &str) -> [String; 6] {
    [
        format!("$JS.API.STREAM.INFO.{STREAM}"),
        format!("$JS.API.STREAM.INFO.{}", parked::STREAM),
        format!("$JS.API.CONSUMER.INFO.{STREAM}.{service}"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{service}"),
        format!("$JS.ACK.{STREAM}.{service}.>"),
        format!("$JS.ACK.*.*.{STREAM}.{service}.>"),
    ]
}

#[test]
fn a_service_may_say_its_events_park_messages_and_use_its_durable() {
    for service in ON_THE_STREAM {
        let parked = format!("parked.{service}.>");
        let wanted = published_by(service).into_iter().chain(of_jetstream(service)).chain([parked]);
        assert_eq!(listed(service, "publish"), wanted.collect(), "{service}");
    }
}

#[test]
fn a_service_may_hear_answers_to_itself() {
    for service in ON_THE_STREAM {
        assert_eq!(listed(service, "subscribe"), [format!("_INBOX_{service}.>")].into(), "{service}");
    }
}
