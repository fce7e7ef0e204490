//! What ten thousand open connections for live updates cost one replica of tickets:
//! `ulimit -n 20000; cargo bench -p e2e --bench live`
//!
//! How much memory each takes while nothing happens; then, while fifty tickets a second are offered at another replica, how long it takes
//! from the answer to the seller until a connection is told, and how much of a core the replica needs.
//! `CONNECTIONS` and `RATE` say otherwise, `FILTERED=1` lets each connection ask for an event of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that fails is none")]

#[path = "live/replica.rs"]
mod replica;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::id::Id;
use common::testing::{self, Answer, User, eventually};
use infra_local::cargo;
use replica::Replica;
use reqwest::Method;
use reqwest::header::COOKIE;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{interval, sleep};

const SECONDS: u64 = 20;

/// Connections that are read event by event.
const OBSERVED: usize = 50;

/// Connections that are made at the same time.
const AT_ONCE: usize = 50;

#[tokio::main]
async fn main() {
    let (connections, rate) = (given("CONNECTIONS", 10_000), given("RATE", 50));
    let (mongod, nats) = (testing::new_mongod().await, testing::new_nats().await);
    let programs = cargo::build(true).await.unwrap();
    let start = || Replica::start(&programs, &mongod, &nats);
    let (told, other) = (start().await, start().await);
    offer(&other, 20, 10, &Observed::default()).await;
    let before = told.resident_bytes();
    println!("resident without connections: {:.1} MB", before as f64 / 1e6);

    let observed = Observed::default();
    connect(&told, connections, &observed).await;
    let per_connection = |told: &Replica| (told.resident_bytes() - before) as f64 / connections as f64;
    println!("{connections} connections open: {:.0} bytes each", per_connection(&told));
    let idle = told.cpu().await;
    sleep(Duration::from_secs(SECONDS)).await;
    println!(
        "after {SECONDS} s of silence: {:.0} bytes each, {:.3} cores",
        per_connection(&told),
        told.cpu_since(idle).await
    );

    let busy = told.cpu().await;
    offer(&other, rate, SECONDS * rate, &observed).await;
    println!("{rate} tickets a second: {:.3} cores", told.cpu_since(busy).await);
    sleep(Duration::from_secs(2)).await;
    println!(
        "afterwards: {:.0} bytes each, {:.0} MB told",
        per_connection(&told),
        observed.bytes.load(Ordering::Relaxed) as f64 / 1e6
    );
    observed.report();
    let (began, mut process) = (Instant::now(), told.process);
    let ended = process.stop(Duration::from_secs(30)).await.unwrap();
    println!("SIGTERM: {ended} after {:.1} s", began.elapsed().as_secs_f32());
}

fn given(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |value| value.parse().expect("a number"))
}

impl Replica {
    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.process.pid().as_raw_nonzero())).unwrap()
    }

    fn resident_bytes(&self) -> u64 {
        let status = self.file("status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    async fn cpu(&self) -> (Instant, f64) {
        let stat = self.file("stat");
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        // User and system time, in hundredths of a second.
        (Instant::now(), (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0)
    }

    async fn cpu_since(&self, (began, then): (Instant, f64)) -> f64 {
        (self.cpu().await.1 - then) / began.elapsed().as_secs_f64()
    }

    async fn open_connections(&self) -> usize {
        let metrics = self.admin.get("/metrics").await.expect(200);
        let line = metrics.message().lines().find_map(|line| line.strip_prefix("live_connections "));
        line.map_or(0, |count| count.parse::<f64>().unwrap() as usize)
    }
}

/// What the connections were told, and when.
#[derive(Clone, Default)]
struct Observed {
    offered: Arc<Mutex<HashMap<Id, Instant>>>,
    late: Arc<Mutex<Vec<Duration>>>,
    bytes: Arc<AtomicU64>,
    reloads: Arc<AtomicUsize>,
}

impl Observed {
    fn see(&self, events: &str) {
        for line in events.lines() {
            if line == "event: reload" {
                self.reloads.fetch_add(1, Ordering::Relaxed);
            }
            let id = line.strip_prefix(r#"data: {"id":""#).and_then(|rest| rest.get(..24)?.parse().ok());
            if let Some(at) = id.and_then(|id: Id| self.offered.lock().unwrap().get(&id).copied()) {
                self.late.lock().unwrap().push(at.elapsed());
            }
        }
    }

    fn report(&self) {
        let mut late = self.late.lock().unwrap();
        late.sort();
        let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        println!(
            "asked for -> told: median {:.0} ms, p99 {:.0} ms, max {:.0} ms ({} times), {} reloads",
            at(0.5),
            at(0.99),
            at(1.0),
            late.len(),
            self.reloads.load(Ordering::Relaxed)
        );
    }
}

/// Opens the connections, with headers as a browser sends them, and reads them in the background.
async fn connect(replica: &Replica, count: u64, observed: &Observed) {
    let cookie = User::new().cookie;
    let is_filtered = given("FILTERED", 0) == 1;
    for index in 0..count {
        let query = if is_filtered { format!("?event={}", Id::generate()) } else { String::new() };
        let request = format!(
            "GET /api/tickets/live{query} HTTP/1.1\r\nHost: ticketing.dev\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 \
            (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nAccept: text/event-stream\r\nAccept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
            Accept-Encoding: gzip, deflate, br, zstd\r\nCache-Control: no-cache\r\nCookie: {cookie}\r\nReferer: https://ticketing.dev/\r\n\
            Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: 203.0.113.7\r\n\
            X-Forwarded-Proto: https\r\nX-Forwarded-Host: ticketing.dev\r\nX-Request-Id: 0123456789abcdef0123456789abcdef\r\n\r\n"
        );
        let mut stream = TcpStream::connect(&replica.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let observed = observed.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; if (index as usize) < OBSERVED { 1 << 16 } else { 4096 }];
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                observed.bytes.fetch_add(read as u64, Ordering::Relaxed);
                if (index as usize) < OBSERVED {
                    observed.see(&String::from_utf8_lossy(&buffer[..read]));
                }
            }
        });
        if (index as usize).is_multiple_of(AT_ONCE) {
            eventually("they are open", async || (replica.open_connections().await as u64 >= index).then_some(()))
                .await;
        }
    }
    eventually("all are open", async || (replica.open_connections().await as u64 == count).then_some(())).await;
}

/// Offers so many tickets a second at this replica.
async fn offer(replica: &Replica, rate: u64, count: u64, observed: &Observed) {
    let seller = User::new();
    let mut tick = interval(Duration::from_secs_f64(1.0 / rate as f64));
    for number in 0..count {
        tick.tick().await;
        let request = replica.site.request(Method::POST, "/api/tickets").header(COOKIE, &seller.cookie);
        let request = request.json(&json!({"title": format!("The ticket with the number {number}"), "price": 20}));
        let observed = observed.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            let ticket = Answer::to(request).await.expect(201).id();
            observed.offered.lock().unwrap().insert(ticket, began);
        });
    }
}
