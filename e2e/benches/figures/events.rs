//! What follows an order: the CPU time that it costs everywhere, and how long until others see it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::testing::{HttpClient, User};
use common::timestamp::Timestamp;
use e2e::cluster::load::{Load, Users};
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use infra_local::fleet::SERVICES;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::limits::{AT_ONCE, COMMANDS, Limits};
use crate::market::{Market, cpu_of_this_process};
use crate::replica::Replica;
use crate::table::Line;

const JOURNEYS: usize = 800;

const CHANGES: usize = 300;
/// How long a replica may take to stop.
const STOP: Duration = Duration::from_secs(30);
const ORDERS: usize = 300;
const EXPIRIES: u32 = 100;
/// Between two orders whose expiry is awaited, so that few are looked at at the same time.
const APART: Duration = Duration::from_millis(50);

/// The window of orders whose end is awaited.
pub const WINDOW_SECONDS: u32 = 4;

/// Orders per second of the load beside which the same is measured.
const LOAD: u32 = 50;

/// The pause between two looks at a ticket, alone and beside the load: there, each look takes time from what is looked at.
const LOOK: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(5)];

/// A ticket is offered, looked at, ordered and paid.
pub async fn journey(market: &Market, seller: &User) {
    let (ticket, buyer) = (market.offer(seller).await, User::new());
    market.ask(Method::GET, "tickets", &format!("/api/tickets/{ticket}"), &buyer, None).await.expect(200);
    let order = market.ask(Method::POST, "orders", "/api/orders", &buyer, Some(json!({"ticketId": ticket}))).await;
    let payment = Some(json!({"orderId": order.expect(201).id(), "token": "tok_visa"}));
    market.ask(Method::POST, "payments", "/api/payments", &buyer, payment).await.expect(201);
}

/// From the offer to the payment, and everything done that follows; beside it, what the database and its driver take for the same writes
/// and reads, each alone.
pub async fn journeys(market: &Market, limits: &Limits) -> Line {
    let seller = User::new();
    let (each, _) = cpu_of_each(market, || journey(market, &seller)).await;
    let (stores, driver) = cpu_of_each(market, || limits.journey()).await;
    let all: f64 = each.iter().map(|(_, millis)| millis).sum();
    let mongod: f64 = stores.iter().filter(|(name, _)| *name == "mongod").map(|(_, millis)| millis).sum();
    let parts = each.iter().map(|(name, millis)| format!("{name} {millis:.1}")).collect::<Vec<_>>().join(", ");
    let alone = format!(
        "the same {COMMANDS} writes and reads one by one by the driver alone: mongod {mongod:.1}, driver {driver:.1}"
    );
    Line {
        what: format!("order journey, {AT_ONCE} at a time: offered, looked at, ordered, paid; stores included"),
        measured: format!("{all:.1} CPU-ms ({parts}); {alone}"),
        goal: "≤ 15 CPU-ms",
        ..Line::default()
    }
}

/// CPU-milliseconds of every service and store for each of these, so many at a time, everything that follows included; and those of this process.
async fn cpu_of_each<F: Future<Output = ()>>(market: &Market, work: impl Fn() -> F) -> (Vec<(&'static str, f64)>, f64) {
    let run = async |times| stream::iter(0..times).for_each_concurrent(AT_ONCE, |_| work()).await;
    run(AT_ONCE * 4).await;
    market.settle().await;
    let (before, own_before) = (market.cpu().await, cpu_of_this_process());
    run(JOURNEYS).await;
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / JOURNEYS as f64;
    let own = each(cpu_of_this_process() - own_before);
    market.settle().await;
    let after = market.cpu().await.into_iter().zip(before);
    (after.map(|((name, after), (_, before))| (name, each(after - before))).collect(), own)
}

/// How soon others see an order and its end, without load and with it; and what the services need when idle.
pub async fn spreading(market: &Market, programs: &Path) -> Vec<Line> {
    sleep(Duration::from_secs(2)).await;
    let memory = SERVICES.map(|service| format!("{service} {:.0}", resident_megabytes(market, service))).join(", ");
    let ready = format!("ready after {:.1} s; {memory}", market.started_in.as_secs_f64());
    let mut lines = vec![Line { what: "start, resident MB when idle".to_owned(), measured: ready, ..Line::default() }];
    lines.extend(latencies(market, "", LOOK[0], ["≤ 5 ms", "≤ 30 ms"]).await);
    lines.push(elsewhere(market, programs).await);
    let users = Users::sign_up(&HttpClient::new(&market.fleet.url())).await;
    let load = Load::start(Arc::new(users), LOAD);
    lines.extend(latencies(market, &format!(", under {LOAD} orders/s"), LOOK[1], ["p99 ≤ 100 ms"; 2]).await);
    let seen = load.stop().await.unwrap().all();
    lines.push(Line {
        what: format!("the load of {LOAD} orders/s itself"),
        measured: seen.to_string(),
        ..Line::default()
    });
    lines
}

async fn latencies(market: &Market, beside: &str, look: Duration, goals: [&'static str; 2]) -> [Line; 2] {
    let seller = User::new();
    let mut reserved = Vec::new();
    for _ in 0..ORDERS {
        let (ticket, _) = order(market, &seller).await;
        let ordered = Instant::now();
        wait_for_holder(market, &ticket, true, look).await;
        reserved.push(ordered.elapsed());
    }
    let seller = &seller;
    let free = join_all((0..EXPIRIES).map(|number| async move {
        sleep(APART * number).await;
        let (ticket, order) = order(market, seller).await;
        let deadline: Timestamp = serde_json::from_value(order["expiresAt"].clone()).unwrap();
        wait_for_holder(market, &ticket, true, look).await;
        sleep(deadline.remaining(Timestamp::now())).await;
        wait_for_holder(market, &ticket, false, look).await;
        Timestamp::now().remaining(deadline)
    }))
    .await;
    let line = |what: &str, times, goal| Line {
        what: format!("{what}{beside}"),
        measured: quantiles(times),
        goal,
        ..Line::default()
    };
    [
        line("201 of an order to the ticket shown as reserved", reserved, goals[0]),
        line("deadline of an order to the ticket shown as free", free, goals[1]),
    ]
}

/// A new ticket and an order of it.
async fn order(market: &Market, seller: &User) -> (String, Value) {
    let ticket = market.offer(seller).await;
    let body = Some(json!({"ticketId": ticket}));
    let order = market.ask(Method::POST, "orders", "/api/orders", &User::new(), body).await.expect(201);
    (ticket.to_string(), order.body)
}

async fn wait_for_holder(market: &Market, ticket: &str, wanted: bool, look: Duration) {
    let (path, nobody) = (format!("/api/tickets/{ticket}"), User::new());
    let is_held =
        async || market.ask(Method::GET, "tickets", &path, &nobody, None).await.expect(200).body["orderId"].is_string();
    let began = Instant::now();
    while is_held().await != wanted {
        assert!(began.elapsed() < Duration::from_secs(60), "the ticket's order is not seen");
        sleep(look).await;
    }
}

/// How soon the list of another replica shows what was offered.
async fn elsewhere(market: &Market, programs: &Path) -> Line {
    let environment = market.fleet.environment();
    let (mongod, nats) = (environment.mongod.as_ref().unwrap(), environment.nats.as_ref().unwrap());
    let (mut other, seller) = (Replica::start(programs, mongod, nats).await, User::new());
    let newest = async || other.site.get("/api/tickets?sort=newest&limit=1").await.expect(200).body[0]["id"].clone();
    let mut times = Vec::new();
    for _ in 0..CHANGES {
        // It has an answer in memory.
        newest().await;
        let ticket = json!(market.offer(&seller).await);
        let offered = Instant::now();
        while newest().await != ticket {
            assert!(offered.elapsed() < Duration::from_secs(60), "the list of the other replica does not change");
        }
        times.push(offered.elapsed());
    }
    other.process.stop(STOP).await.unwrap();
    let what = "201 of a ticket to the list of another replica that has the old one in memory".to_owned();
    Line { what, measured: quantiles(times), goal: "p99 ≤ 50 ms", ..Line::default() }
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("median {:.1} ms, p99 {:.1} ms, max {:.1} ms ({} times)", at(0.5), at(0.99), at(1.0), times.len())
}

fn resident_megabytes(market: &Market, service: &str) -> f64 {
    let pid = market.fleet.pid(service).expect("it runs");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
