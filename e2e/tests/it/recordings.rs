//! Events as every version has published them so far, in `contracts/events`: a neighbour that is not upgraded yet still sends them, and
//! the stream still holds them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::contract::messages;
use common::dead_letters;
use common::id::Id;
use common::testing::{HttpClient, Stream, eventually};
use e2e::person::Person;
use mongodb::bson::{DateTime, Document, doc};
use serde_json::Value;

use crate::platform::Platform;

/// The services that handle events.
const LISTENERS: [&str; 5] = ["auth", "tickets", "orders", "payments", "expiration"];

/// The ids in every recording: of the ticket, the order, the buyer, the seller and the payment.
const RECORDED: [&str; 5] = [
    "65a1b2c3d4e5f60718293a4d",
    "65a1b2c3d4e5f60718293a4b",
    "65a1b2c3d4e5f60718293a4c",
    "65a1b2c3d4e5f60718293a4e",
    "65a1b2c3d4e5f60718293a4f",
];

struct Recording {
    subject: String,
    /// `ticket.created/1-original.json`
    name: String,
    payload: String,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

fn recordings() -> Vec<Recording> {
    let folders = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/events"));
    let recording = |file: PathBuf| {
        let subject = name(file.parent().unwrap());
        Recording { name: format!("{subject}/{}", name(&file)), subject, payload: fs::read_to_string(file).unwrap() }
    };
    folders.iter().flat_map(|folder| files(folder)).map(recording).collect()
}

fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_event_is_recorded_with_all_that_it_says_today() {
    let recordings = recordings();
    for message in messages().unwrap() {
        let own = recordings.iter().filter(|recording| recording.subject == message.subject);
        let recorded = own.flat_map(|recording| fields(&serde_json::from_str(&recording.payload).unwrap()));
        let recorded: BTreeSet<String> = recorded.collect();
        assert_eq!(
            recorded,
            fields(&message.schemas[&message.name]["properties"]),
            "a recording is missing in contracts/events/{}",
            message.subject
        );
    }
}

async fn account(person: &Person) -> Id {
    let body = person.http.get("/api/users/currentuser").await.expect(200).body;
    body["currentUser"]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_event_of_every_version_so_far_is_handled() {
    let platform = Platform::start(&[]).await;
    let site = platform.site();
    let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
    let ticket = seller.offer("Concert", 20.5).await.expect(201).id();
    let order = buyer.order(ticket).await.expect(201).id();
    let payment = buyer.pay(order, "tok_visa").await.expect(201).id();
    eventually("the order is complete", async || buyer.sees_order(order, "complete").await).await;

    // An order's deadline is not handled before it is over.
    let over = doc! {"$set": {"expiresAt": DateTime::now()}};
    let orders = platform.stores().await.payments.collection::<Document>("orders");
    assert_eq!(orders.update_many(doc! {}, over).await.unwrap().modified_count, 1);

    let stream = Stream::open(platform.fleet.environment().nats.as_ref().unwrap()).await;
    for service in LISTENERS {
        stream.wait_until_handled(service).await;
    }
    // About what this platform knows: what is about nothing would be handled by being ignored.
    let known = [ticket, order, account(&buyer).await, account(&seller).await, payment];
    for recording in recordings() {
        let payload = (RECORDED.iter().zip(known))
            .fold(recording.payload, |payload, (recorded, known)| payload.replace(recorded, &known.to_string()));
        stream.publish_raw(&recording.subject, payload.as_bytes()).await;
        for service in LISTENERS {
            stream.wait_until_handled(service).await;
        }
        let letters = dead_letters::list(stream.broker().jetstream()).await.unwrap();
        let letters: Vec<_> = letters.into_iter().map(|letter| (letter.service, letter.reason)).collect();
        assert_eq!(letters, [], "{}", recording.name);
    }
    for service in LISTENERS {
        let metrics = HttpClient::new(&platform.fleet.admin_url(service)).get("/metrics").await.message().to_owned();
        let unhandled = |line: &&str| {
            line.starts_with("messaging_process_duration_seconds_count")
                && (line.contains(r#"error_type="unknown""#) || line.contains(r#"error_type="dead letter""#))
        };
        assert_eq!(metrics.lines().filter(unhandled).collect::<Vec<_>>(), Vec::<&str>::new(), "{service}");
    }
    platform.stop().await;
}
