use std::collections::{BTreeMap, BTreeSet};

use common::contract::messages;
use common::events::{SCHEMA_VERSION, SCHEMA_VERSION_HEADER, STREAM};
use serde_json::{Value, json};

use super::{assert_committed, assert_complete};
use crate::nats::PUBLISHERS;

/// What each service handles: its table of listeners.
fn handled() -> [(&'static str, Vec<&'static str>); 5] {
    [
        (auth::NAME, auth::listeners::listeners().subjects()),
        (tickets::NAME, tickets::listeners::listeners().subjects()),
        (orders::NAME, orders::listeners::listeners().subjects()),
        (payments::NAME, payments::listeners::listeners().subjects()),
        (expiration::NAME, expiration::listeners::listeners().subjects()),
    ]
}

/// The events: their payloads are the types of the code, and who sends them is what the broker lets each service publish.
pub fn document() -> Value {
    let (mut channels, mut described, mut schemas) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for message in messages().unwrap() {
        let name = message.name;
        let reference = |kind: &str| json!({"$ref": format!("#/components/{kind}/{name}")});
        channels.insert(
            message.subject,
            json!({"address": message.subject, "messages": {name.as_str(): reference("messages")}}),
        );
        let headers = json!({"$ref": "#/components/schemas/Headers"});
        described.insert(name.clone(), json!({"name": name, "headers": headers, "payload": reference("schemas")}));
        schemas.extend(message.schemas.as_object().unwrap().clone());
    }
    schemas.insert("Headers".to_owned(), headers());
    let operation = |action: &str, service: &str, subject: &str| {
        let channel = json!({"$ref": format!("#/channels/{subject}")});
        (
            format!("{service}.{action}.{subject}"),
            json!({"action": action, "channel": channel, "tags": [{"name": service}]}),
        )
    };
    let sent = PUBLISHERS
        .iter()
        .flat_map(|(service, subjects)| subjects.iter().map(move |subject| operation("send", service, subject)));
    let handled = handled();
    let received = handled
        .iter()
        .flat_map(|(service, subjects)| subjects.iter().map(move |subject| operation("receive", service, subject)));
    let operations: BTreeMap<String, Value> = sent.chain(received).collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ticketing",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("The events of the JetStream stream {STREAM}. Unknown fields are to be ignored."),
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": described, "schemas": schemas},
    })
}

fn headers() -> Value {
    json!({
        "type": "object",
        "required": ["Nats-Msg-Id", SCHEMA_VERSION_HEADER],
        "properties": {
            "Nats-Msg-Id": {"type": "string", "description": "The event's own id. The stream drops a second message with it."},
            "traceparent": {"type": "string", "description": "The span that caused the event, as in HTTP."},
            SCHEMA_VERSION_HEADER: {"type": "string", "const": SCHEMA_VERSION},
        },
    })
}

#[test]
fn the_asyncapi_file_says_what_is_sent_and_handled() {
    let document = document();
    assert_complete(&document);
    assert_committed("asyncapi.json", &document);
}

#[test]
fn every_event_is_described_sent_by_somebody_and_handled_by_somebody() {
    let described: BTreeSet<&str> = messages().unwrap().iter().map(|message| message.subject).collect();
    let sent: BTreeSet<&str> = PUBLISHERS.iter().flat_map(|(_, subjects)| subjects.iter().copied()).collect();
    let handled: BTreeSet<&str> = handled().into_iter().flat_map(|(_, subjects)| subjects).collect();
    assert_eq!((&sent, &handled), (&described, &described));
}
