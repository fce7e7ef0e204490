//! How fast the lists and searches of 100,000 tickets for 8,000 events are, with a release build:
//! `cargo bench -p e2e --bench search`
//!
//! The tickets are stored as an earlier version would have, so that the service first makes them searchable. Then each list is read
//! a hundred times a second, however slow the answers are; a time begins when its request was due. `TICKETS` and `RATE` say
//! otherwise, `SECONDS` says for how long each is read, and `HOLD=1` keeps everything running until Ctrl-C, for another tool.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that fails is none")]

#[path = "live/replica.rs"]
mod replica;

use std::time::{Duration, Instant};

use common::id::Id;
use common::testing::{self, HttpClient, eventually_within};
use common::timestamp::Timestamp;
use futures::future::join_all;
use infra_local::cargo;
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use mongodb::{Client, Collection};
use replica::{Replica, TICKETS};
use tokio::time::{interval, sleep};

/// About every third ticket has this word in its title, every hundredth that, and twenty have the last one.
const WORDS: [&str; 3] = ["Night", "Orchard", "Zanzibar"];

/// What is read, and which tickets match.
const LISTS: [(&str, &str); 22] = [
    ("as the original's", "/api/tickets"),
    ("newest first", "/api/tickets?sort=newest"),
    ("cheapest first", "/api/tickets?sort=price"),
    ("dearest first", "/api/tickets?sort=-price"),
    ("what begins first", "/api/tickets?sort=startsAt"),
    ("a rare word", "/api/tickets?q=zanzibar&sort=startsAt"),
    ("a word of 1,000", "/api/tickets?q=orchard&sort=price"),
    ("a common word", "/api/tickets?q=night&sort=startsAt"),
    ("a common word, cheapest", "/api/tickets?q=night&sort=price"),
    ("two words", "/api/tickets?q=night+orch&sort=startsAt"),
    ("one letter", "/api/tickets?q=n&sort=newest"),
    ("a city", "/api/tickets?city=City+7&sort=startsAt"),
    ("a city, cheapest", "/api/tickets?city=City+7&sort=price"),
    ("prices and days", "/api/tickets?min=40&max=60&from=MONTH&sort=startsAt"),
    ("city and a common word", "/api/tickets?city=City+7&q=night&sort=newest"),
    ("common filters, no match", "/api/tickets?city=City+7&q=hall+orch&min=70&max=90&sort=newest"),
    ("events", "/api/tickets/events"),
    ("events of a common word", "/api/tickets/events?q=night"),
    ("events of a rare word", "/api/tickets/events?q=zanzibar"),
    ("events of a city", "/api/tickets/events?city=City+7"),
    ("cities", "/api/tickets/events/facets"),
    ("cities of a common word", "/api/tickets/events/facets?q=night"),
];

#[tokio::main]
async fn main() {
    let (tickets, rate, seconds) = (given("TICKETS", 100_000), given("RATE", 100), given("SECONDS", 10));
    let (mongod, nats) = (testing::new_mongod().await, testing::new_nats().await);
    let programs = cargo::build(true).await.unwrap();
    let replica = Replica::start(&programs, &mongod, &nats).await;
    let client = Client::with_uri_str(mongod.url_for(TICKETS)).await.unwrap();
    let stored: Collection<Document> = client.default_database().unwrap().collection("tickets");
    let began = Instant::now();
    for first in (0..tickets).step_by(1000) {
        let batch = (first..tickets.min(first + 1000)).map(|number| ticket(number, tickets));
        stored.insert_many(batch).ordered(false).await.unwrap();
    }
    println!("{tickets} tickets stored in {:.1} s", began.elapsed().as_secs_f32());
    let unlisted = doc! {"listed.of": Bson::Null};
    eventually_within(Duration::from_secs(600), "all are searchable", async || {
        stored.find_one(unlisted.clone()).await.unwrap().is_none().then_some(())
    })
    .await;
    println!("searchable {:.1} s after the first", began.elapsed().as_secs_f32());

    let Replica { mut process, site, address, admin } = replica;
    let [from, to] = [60, 90].map(|days| Timestamp::now().after(Duration::from_secs(days * 86_400)).to_string());
    for (name, path) in LISTS {
        let path = path.replace("MONTH", &format!("{}&to={}", &from[..10], &to[..10]));
        report(name, &site, &path, rate, rate * seconds).await;
    }
    let first = site.get("/api/tickets/events?limit=1").await.expect(200).body[0]["key"].as_str().unwrap().to_owned();
    report("tickets of an event", &site, &format!("/api/tickets?event={first}"), rate, rate * seconds).await;
    if given("HOLD", 0) == 1 {
        println!("http://{address} runs until Ctrl-C");
        tokio::signal::ctrl_c().await.unwrap();
    }
    admin.get("/readyz").await.expect(200);
    process.stop(Duration::from_secs(30)).await.unwrap();
}

fn given(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |value| value.parse().expect("a number"))
}

/// A ticket as the version before searches stored it. Every twelfth event has no date, and some of those no place either.
fn ticket(number: u64, all: u64) -> Document {
    // Spread, and the same in every run.
    let event = number.wrapping_mul(7919) % (all * 2 / 25).max(1);
    let spread = |of: u64, by: u64| of.wrapping_mul(2_654_435_761) / 64 % by;
    let mut title =
        format!("Artist {} and the {}", spread(event, 1500), ["Kites", "Lanterns", "Pines"][event as usize % 3]);
    for (word, every) in WORDS.iter().zip([3, 100, (all / 20).max(1)]) {
        let of = if every > 100 { number } else { event };
        if of.is_multiple_of(every) {
            title = format!("{title} {word}");
        }
    }
    let price = 10 + spread(number, 18_000) as i64;
    let mut ticket = doc! {"_id": ObjectId::from(Id::generate()), "title": title, "price": price as f64 / 100.0 + 10.0,
    "userId": Id::generate().to_string(), "version": 0, "section": format!("Block {}", number % 26), "row": (number % 40).to_string(),
    "quantity": (1 + number % 4) as i32};
    if !event.is_multiple_of(24) {
        ticket.insert("venue", format!("Hall {}", spread(event, 400)));
        ticket.insert("city", format!("City {}", spread(event, 60)));
    }
    if !event.is_multiple_of(12) {
        let begins = Timestamp::now().after(Duration::from_secs(86_400 + spread(event, 365 * 24) * 3600));
        // Full hours, so that tickets of an event begin at the same instant.
        let begins = Timestamp::from_millis(begins.millis() / 3_600_000 * 3_600_000);
        ticket.insert("startsAt", begins.to_string());
    }
    ticket
}

/// Reads it so many times at this rate, and prints how long that took.
async fn report(name: &str, site: &HttpClient, path: &str, rate: u64, times: u64) {
    let answer = site.get(path).await.expect(200);
    let (mut tick, mut requests) = (interval(Duration::from_secs_f64(1.0 / rate as f64)), Vec::new());
    for _ in 0..times {
        let (due, site, path) = (tick.tick().await, site.clone(), path.to_owned());
        requests.push(tokio::spawn(async move {
            site.get(&path).await.expect(200);
            due.elapsed()
        }));
    }
    let mut took: Vec<Duration> = join_all(requests).await.into_iter().map(Result::unwrap).collect();
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let found = answer.body.as_array().map_or(0, Vec::len);
    println!(
        "{name:<26} {found:>4} found  median {:>6.1} ms  p99 {:>6.1} ms  max {:>6.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    sleep(Duration::from_millis(200)).await;
}
