//! Figures of the whole platform on this machine, with a release build: `cargo bench -p e2e`.
//!
//! How long until it is ready, how much memory each service takes when idle, how long from the 201 of an order to the
//! ticket shown as reserved, and from an order's deadline to the ticket shown as free.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that fails is none")]

use std::time::{Duration, Instant};

use common::testing::{Answer, HttpClient, User};
use common::timestamp::Timestamp;
use infra_local::fleet::{Options, Output, Programs, SERVICES};
use infra_local::{Fleet, cargo};
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::{Value, json};
use tokio::time::sleep;

const ORDERS: usize = 500;
const EXPIRIES: usize = 20;
const WINDOW_SECONDS: u64 = 4;

#[tokio::main]
async fn main() {
    let folder = cargo::build(true).await.unwrap();
    let log = std::env::temp_dir().join("ticketing-figures.log");
    let options = Options { programs: Programs::Folder(folder), ..Options::temporary(Output::file(&log).unwrap()) };
    let options = options
        .with_all("EXPIRATION_WINDOW_SECONDS", &WINDOW_SECONDS.to_string())
        .with_all("WRITES_PER_MINUTE", "1000000")
        .with_all("ADDRESS_WRITES_PER_MINUTE", "1000000")
        .with_all("JWT_KEY", common::testing::JWT_KEY);
    let started = Instant::now();
    let fleet = Fleet::start(options).await.unwrap();
    fleet.wait_ready(Duration::from_secs(60)).await.unwrap();
    println!("ready after {:.1} s", started.elapsed().as_secs_f32());

    sleep(Duration::from_secs(2)).await;
    for service in SERVICES {
        println!("{service:<12} {:>6.1} MB resident when idle", resident_megabytes(&fleet, service));
    }

    let site = |service| HttpClient::new(&fleet.service_url(service));
    let market = Market { tickets: site("tickets"), orders: site("orders"), seller: User::new() };
    let mut reserved = Vec::new();
    for _ in 0..ORDERS {
        reserved.push(market.order_until_reserved().await);
    }
    report("201 of an order -> ticket shown as reserved", reserved);

    let mut late = Vec::new();
    for _ in 0..EXPIRIES {
        late.push(market.deadline_until_free().await);
    }
    report("deadline of an order -> ticket shown as free", late);
    fleet.stop().await.unwrap();
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!("{what}: median {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} times)", at(0.5), at(0.99), at(1.0), times.len());
}

fn resident_megabytes(fleet: &Fleet, service: &str) -> f64 {
    let pid = fleet.pid(service).expect("it runs");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

struct Market {
    tickets: HttpClient,
    orders: HttpClient,
    seller: User,
}

impl Market {
    /// A new ticket and an order of it by somebody new: nobody may have so many orders.
    async fn order(&self) -> (String, Value) {
        let offer = self.tickets.request(Method::POST, "/api/tickets").header(COOKIE, &self.seller.cookie);
        let offer = offer.json(&json!({"title": "Concert", "price": 20}));
        let ticket = Answer::to(offer).await.expect(201).id().to_string();
        let order = self.orders.request(Method::POST, "/api/orders").header(COOKIE, User::new().cookie);
        let order = order.json(&json!({"ticketId": ticket}));
        (ticket, Answer::to(order).await.expect(201).body)
    }

    async fn wait_for_holder(&self, ticket: &str, wanted: bool) {
        let path = format!("/api/tickets/{ticket}");
        while self.tickets.get(&path).await.expect(200).body["orderId"].is_string() != wanted {
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn order_until_reserved(&self) -> Duration {
        let (ticket, _) = self.order().await;
        let ordered = Instant::now();
        self.wait_for_holder(&ticket, true).await;
        ordered.elapsed()
    }

    async fn deadline_until_free(&self) -> Duration {
        let (ticket, order) = self.order().await;
        let deadline: Timestamp = serde_json::from_value(order["expiresAt"].clone()).unwrap();
        self.wait_for_holder(&ticket, true).await;
        sleep(deadline.remaining(Timestamp::now())).await;
        self.wait_for_holder(&ticket, false).await;
        Timestamp::now().remaining(deadline)
    }
}
