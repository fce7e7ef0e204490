//! What traces cost, with a release build: `cargo bench -p tickets --bench traces`.
//!
//! Two processes side by side, one without a collector and one that records one request of a hundred. Both answer the same requests by
//! turns, five times each, and what counts is the time that each has had on a core, as `getrusage` says it: the medians are compared, and what
//! else this machine does hardly changes them. `PROGRAM` names another program to measure, of an earlier version for example.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that fails is none")]

use std::fs;

use common::testing::{self, Answer, HttpClient, TraceCollector, User, eventually};
use futures::{StreamExt, stream};
use infra_local::process::{Process, Program};
use infra_local::{Nats, ports};
use reqwest::header::COOKIE;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

const ROUNDS: usize = 5;
const AT_ONCE: usize = 32;

/// What is asked, and how often in one round.
const ASKED: [(&str, usize); 4] = [
    ("GET without an answer", 20_000),
    ("GET a ticket", 20_000),
    ("GET 100 tickets", 3_000),
    ("POST a ticket", 10_000),
];

struct Service {
    process: Process,
    _nats: Nats,
    site: HttpClient,
    seller: User,
    ticket: String,
}

impl Service {
    async fn start(variables: &[(&str, &str)]) -> Self {
        let nats = testing::new_nats().await;
        let api = format!("127.0.0.1:{}", ports::free().unwrap());
        let program = std::env::var("PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_tickets").to_owned());
        let program = Program::new("tickets", program)
            .environment("MONGO_URI", testing::new_database().await)
            .environment("NATS_URL", nats.url())
            .environment("JWT_KEY", testing::JWT_KEY)
            .environment("LISTEN_ADDR", &api)
            .environment("ADMIN_ADDR", "127.0.0.1:0")
            .environment("WRITES_PER_MINUTE", "100000000")
            .environment("ADDRESS_WRITES_PER_MINUTE", "100000000")
            .environment("LIVE_TICKETS_PER_SELLER", "0")
            .environment("LOG_LEVEL", "info");
        let program = variables.iter().fold(program, |program, (name, value)| program.environment(*name, *value));
        let process = program.spawn().unwrap();
        let site = HttpClient::new(&format!("http://{api}"));
        eventually("it serves", async || (site.get("/api/tickets").await.status == 200).then_some(())).await;
        let mut service = Self { process, _nats: nats, site, seller: User::new(), ticket: String::new() };
        for _ in 0..100 {
            let offer = service.request("POST a ticket").header(COOKIE, &service.seller.cookie);
            service.ticket = Answer::to(offer).await.expect(201).id().to_string();
        }
        service
    }

    fn request(&self, what: &str) -> RequestBuilder {
        let get = |path: &str| self.site.request(Method::GET, path);
        match what {
            // Nobody is signed in: no store is asked.
            "GET without an answer" => get("/api/tickets/mine"),
            "GET a ticket" => get(&format!("/api/tickets/{}", self.ticket)),
            "GET 100 tickets" => get("/api/tickets"),
            _ => self.site.request(Method::POST, "/api/tickets").json(&json!({"title": "Concert", "price": 20})),
        }
    }

    /// Microseconds of a core that the process takes for one such request.
    async fn cost(&self, what: &str, requests: usize) -> f64 {
        let before = self.cpu_nanoseconds();
        let answers = stream::iter(0..requests).map(|_| async {
            let request = self.request(what);
            let request = if what.starts_with("POST") { request.header(COOKIE, &self.seller.cookie) } else { request };
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status() == 401, what == "GET without an answer", "{what}: {}", answer.status());
            answer.bytes().await.unwrap();
        });
        answers.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
        (self.cpu_nanoseconds() - before) as f64 / 1000.0 / requests as f64
    }

    /// Of all threads of the process, the exporter's included.
    fn cpu_nanoseconds(&self) -> u64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.pid().as_raw_nonzero())).unwrap();
        let of_thread = |thread: fs::DirEntry| {
            let schedule = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            schedule.split_whitespace().next().map_or(0, |nanoseconds| nanoseconds.parse().unwrap())
        };
        threads.map(|thread| of_thread(thread.unwrap())).sum()
    }
}

#[tokio::main]
async fn main() {
    let collector = TraceCollector::start();
    let sampled = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
    ];
    let services = [Service::start(&[]).await, Service::start(&sampled).await];
    for (what, requests) in ASKED {
        let mut costs = [Vec::new(), Vec::new()];
        // The first is for caches and pools.
        for round in 0..=ROUNDS {
            for (service, costs) in services.iter().zip(&mut costs) {
                let cost = service.cost(what, requests).await;
                if round > 0 {
                    costs.push(cost);
                }
            }
        }
        let [off, on] = costs.map(|mut costs| {
            costs.sort_by(f64::total_cmp);
            println!("    {costs:.1?}");
            costs[costs.len() / 2]
        });
        println!("{what:<22} {off:>7.1} us without, {on:>7.1} us with 1 % sampled: {:+.1} %", (on / off - 1.0) * 100.0);
    }
    println!("{} spans were exported", collector.spans().len());
}
